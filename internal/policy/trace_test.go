package policy_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// draw makes a world, a person and a question, each wrong in some of many ways.
func draw(rt *rapid.T, t testing.TB) (*world, time.Time, policy.Ask) {
	w := newWorld(t)
	state := func(name string) registry.State {
		return rapid.SampledFrom([]registry.State{
			registry.Approved, registry.Approved, registry.Approved, registry.Approved, registry.Approved, registry.Approved, registry.Suspended, registry.Submitted, registry.Archived, registry.Draft,
		}).Draw(rt, name)
	}
	uai := func(name string) person.UAI {
		return rapid.SampledFrom([]person.UAI{ecole, ecole, ecole, ecole, college, "0130049H"}).Draw(rt, name)
	}
	profile := func(name string) person.Profile {
		return rapid.SampledFrom([]person.Profile{person.Pupil, person.Pupil, person.Teacher, person.Guardian, person.Guardian, person.Head}).Draw(rt, name)
	}
	house := *w.house()
	w.Declarations = nil
	for i := range rapid.IntRange(1, 4).Draw(rt, "declarations") {
		d := forAcademy("lire", rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "id"), i+1)
		d.State = state("state")
		if rapid.Bool().Draw(rt, "once approved") {
			d.Decisions = []registry.Decision{{State: registry.Approved}}
		}
		d.From = date("2026-11-20").Add(rapid.SampledFrom([]int{-40, -20, -10, -3, 0, 3}).Draw(rt, "from"))
		d.Until = d.From.Add(rapid.SampledFrom([]int{90, 90, 90, 90, 10, 0, -2}).Draw(rt, "days"))
		d.Scope = rapid.SampledFrom([]registry.Scope{
			d.Scope, d.Scope,
			{Level: registry.ByAcademy, Academies: []string{"Exemple"}},
			{Level: registry.ByAcademy, Academies: []string{"Exemple"}},
			{Level: registry.ByDepartment, Departments: []string{"028"}},
			{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}},
			{},
		}).Draw(rt, "scope")
		d.Change = rapid.SampledFrom([]registry.ChangeKind{registry.Renewal, registry.Narrower, registry.Wider, ""}).Draw(rt, "change")
		if rapid.IntRange(0, 5).Draw(rt, "contract") == 3 {
			d.Supplier.Until = d.From.Add(rapid.IntRange(-1, 60).Draw(rt, "contract days"))
		}
		d.Audience = registry.Audience{Profiles: []person.Profile{profile("audience"), person.Pupil}, MinAge: rapid.SampledFrom([]int{0, 0, 0, 0, 6, 15}).Draw(rt, "minimum")}
		d.Mode = rapid.SampledFrom([]registry.Mode{registry.Pseudonymous, "", registry.Pseudonymous, registry.Nominative, "unheard-of"}).Draw(rt, "mode")
		w.Declarations = append(w.Declarations, d)
	}
	w.Establishments[0].Test = rapid.IntRange(0, 3).Draw(rt, "test tenant") == 2
	drawWords(rt, w, uai, house)
	w.Services[0].Suspended = rapid.IntRange(0, 19).Draw(rt, "suspended") == 13
	w.Establishments[0].Closed = rapid.IntRange(0, 19).Draw(rt, "closed") == 13
	w.Sources[0].Declaration.State = rapid.SampledFrom([]registry.State{registry.Approved, registry.Approved, registry.Approved, registry.Submitted}).Draw(rt, "source")
	p := someone()
	for range rapid.IntRange(1, 3).Draw(rt, "affiliations") {
		p.Affiliations = append(p.Affiliations, person.Affiliation{UAI: uai("at"), Profile: profile("as")})
	}
	for range rapid.IntRange(0, 2).Draw(rt, "wards") {
		p.Wards = append(p.Wards, person.Ward{
			Child: person.Key{Authority: "ac", ID: rapid.SampledFrom([]string{"1", "2"}).Draw(rt, "child")}, UAI: uai("school"),
			Authority: rapid.SampledFrom([]person.Tri{person.Yes, person.No, person.Unknown}).Draw(rt, "authority"),
		})
	}
	if rapid.Bool().Draw(rt, "age known") {
		p.Age.Born = time.Date(2026-rapid.IntRange(3, 30).Draw(rt, "age"), 1, 1, 0, 0, 0, 0, time.UTC)
	}
	at := as(uai("place"), profile("place as"))
	if len(p.Affiliations) > 0 && rapid.IntRange(0, 5).Draw(rt, "a place of theirs") < 5 {
		at = as(p.Affiliations[0].UAI, p.Affiliations[0].Profile)
	}
	if len(p.Wards) > 0 && (at.Profile == person.Guardian || rapid.IntRange(0, 9).Draw(rt, "for a child") == 7) {
		at.Child = p.Wards[0].Child
	}
	now := w.noon().Add(time.Duration(rapid.IntRange(-200, 200).Draw(rt, "hours")) * time.Hour)
	return w, now, policy.Ask{Person: p, Place: at, Service: rapid.SampledFrom([]string{"lire", "lire", "lire", "lire", "lire", "lire", "autre"}).Draw(rt, "service")}
}

// drawWords adds what controllers said of the service and of the gateway, and a crisis opening.
func drawWords(rt *rapid.T, w *world, uai func(string) person.UAI, house registry.Declaration) {
	words := []registry.EnablingState{
		registry.Enabled, registry.Enabled, registry.Enabled, registry.Enabled, registry.RefusedHere, registry.SuspendedHere,
		registry.ClaimedOnPaper, registry.Withdrawn, "unheard-of",
	}
	for range rapid.IntRange(0, 3).Draw(rt, "words") {
		registrytest.Say(&w.Contents, registry.Enabling{
			Service: "lire", UAI: uai("says"), State: rapid.SampledFrom(words).Draw(rt, "word"),
			Declaration: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "accepts"), Version: rapid.IntRange(1, 4).Draw(rt, "accepted"),
			Before: rapid.IntRange(0, 3).Draw(rt, "accepted before"),
		})
	}
	switch rapid.IntRange(0, 11).Draw(rt, "house") {
	case 3:
		house.State = registry.Submitted
	case 4:
		house.Until = date("2026-11-20")
	case 5: // adherence: only who said yes
		house.Scope.All = false
		registrytest.Say(&w.Contents, registry.Enabling{Service: registry.House, UAI: uai("adheres"), State: registry.Enabled, Declaration: house.ID, Version: 1})
	case 6:
		registrytest.Say(&w.Contents, registry.Enabling{Service: registry.House, UAI: uai("leaves"), State: registry.RefusedHere})
	}
	w.Declarations = append(w.Declarations, house)
	if rapid.IntRange(0, 3).Draw(rt, "crisis") == 2 {
		from := date("2026-11-20").Add(rapid.IntRange(-35, 5).Draw(rt, "crisis from"))
		w.Openings = []registry.Opening{{
			ID: "crise", Service: "lire", Declaration: rapid.SampledFrom([]string{"a", "b"}).Draw(rt, "opens"), Version: rapid.IntRange(1, 4).Draw(rt, "opened"),
			Academy: rapid.SampledFrom([]string{"Exemple", "Exemple", "Autre"}).Draw(rt, "academy"), From: from,
			Until: from.Add(rapid.SampledFrom([]int{29, 29, 10, 30}).Draw(rt, "crisis days")), Ended: rapid.IntRange(0, 5).Draw(rt, "ended") == 3,
		}}
	}
}

func TestTraceAndGateAgree(t *testing.T) {
	t.Parallel()
	granted := 0
	for range 120 { // rapid draws 100 cases in each round
		rapid.Check(t, func(rt *rapid.T) {
			w, now, ask := draw(rt, t)
			s := w.snapshot()
			g, err := policy.Gate(s, now, ask)
			steps, traced, traceErr := policy.Trace(s, now, ask)
			if !reflect.DeepEqual(g, traced) || !reflect.DeepEqual(err, traceErr) {
				rt.Fatalf("the gate says %v, the trace %v", err, traceErr)
			}
			for i, step := range steps {
				if step.Check == "" || step.Passed != (err == nil || i < len(steps)-1) {
					rt.Fatalf("step %d (%q) passed: %v, although the gate says %v", i, step.Check, step.Passed, err)
				}
			}
			if err == nil {
				granted++
			}
			sound(rt, s, now, ask, g, err)
		})
	}
	t.Logf("%d of 12000 cases were let in", granted)
	if granted < 200 {
		t.Errorf("only %d of the cases were let in: the property says little", granted)
	}
}

// sound states, in other words than the gate's, what must hold of everybody who was let in.
func sound(rt *rapid.T, s *registry.Snapshot, now time.Time, ask policy.Ask, g policy.Grant, err error) {
	place := slices.Contains(policy.Places(s, now, ask.Person, ask.Service), ask.Place)
	if place != (err == nil) {
		rt.Fatalf("offered as a place: %v, at the gate: %v", place, err)
	}
	if err != nil {
		if open := policy.Open(s, now, ask.Service); open != nil && !reflect.DeepEqual(open.(*policy.Refusal).Reason, err.(*policy.Refusal).Reason) { //nolint:errorlint,forcetypeassert // documented
			rt.Fatalf("closed for %v, refused for %v", open, err)
		}
		return
	}
	d := g.Declaration()
	ends, _ := policy.Ends(d, s.Rules(now), s.Zone())
	if d.State != registry.Approved || d.ServiceID != ask.Service || !d.InForce(now, s.Zone()) || !now.Before(ends) || g.Until().After(ends) ||
		!now.Before(g.Until()) || !slices.Contains(d.Audience.Profiles, ask.Place.Profile) {
		rt.Fatalf("let in under %s version %d, which does not allow it", d.ID, d.Version)
	}
	if g.Establishment().Test && (g.Nominative() || d.Mode != registry.Pseudonymous && d.Mode != "") {
		rt.Fatal("a test account was let in where people are named")
	}
	soundHouse(rt, s, now, g)
	soundWord(rt, s, now, g)
	if ask.Place.Profile == person.Guardian && !slices.ContainsFunc(ask.Person.Wards, func(w person.Ward) bool {
		return w.Authority == person.Yes && w.Child == ask.Place.Child && w.UAI == ask.Place.UAI
	}) {
		rt.Fatal("a guardian without authority was let in")
	}
}

// over lists the versions of a declaration that were ever approved and have begun, from the oldest.
func over(s *registry.Snapshot, id string, now time.Time) (out []registry.Declaration) {
	for _, d := range slices.Backward(s.Versions(id)) {
		if d.WasApproved() && !now.Before(d.From.Starts(s.Zone())) {
			out = append(out, d)
		}
	}
	return out
}

// soundWord: nobody enters against the word of the establishment's controller, nor without somebody's word who may speak
// for it, nor under more than that somebody accepted.
func soundWord(rt *rapid.T, s *registry.Snapshot, now time.Time, g policy.Grant) {
	d, uai := g.Declaration(), g.Place().UAI
	begun := over(s, d.ID, now)
	newest := begun[len(begun)-1]
	if newest.State == registry.Suspended {
		rt.Fatalf("let in under version %d although the newest, %d, is suspended", d.Version, newest.Version)
	}
	e, said := s.Enabling(d.ServiceID, uai)
	switch e.State {
	case registry.RefusedHere, registry.SuspendedHere, "unheard-of":
		rt.Fatalf("let in although the controller said %q", e.State)
	}
	accepts := func(declaration string, versions ...int) bool {
		return declaration == d.ID && slices.ContainsFunc(versions, func(v int) bool { return v > 0 && v <= d.Version && !widened(s, d, v) }) &&
			!slices.ContainsFunc(begun, func(later registry.Declaration) bool {
				return later.Version > d.Version && !widened(s, later, d.Version)
			})
	}
	returned := slices.ContainsFunc(begun, func(o registry.Declaration) bool { return o.Version == e.Version && o.Version > d.Version })
	byWord := said && !returned && e.State == registry.Enabled && accepts(e.Declaration, e.Version, e.Before) && d.Scope.Covers(g.Establishment())
	byLevel := newest.Version == d.Version && d.Scope.Covers(g.Establishment()) &&
		(d.Scope.Level == registry.ByDepartment || d.Scope.Level == registry.ByAcademy && d.Scope.All)
	byCrisis := slices.ContainsFunc(s.Openings(), func(o registry.Opening) bool {
		first, last := o.From.Starts(s.Zone()), o.Until.Ends(s.Zone())
		return !o.Ended && o.Academy == g.Establishment().Academy && accepts(o.Declaration, o.Version) && !now.Before(first) && now.Before(last) &&
			last.Sub(first) <= 30*24*time.Hour+time.Hour
	})
	if !byWord && !byLevel && !byCrisis {
		rt.Fatalf("let in under %s version %d and nobody's word: %+v", d.ID, d.Version, e)
	}
	if byCrisis && !byWord && !byLevel && g.Until().After(s.Openings()[0].Until.Ends(s.Zone())) {
		rt.Fatal("the grant outlives the crisis")
	}
}

// widened tells whether a step after version from and up to d says more, or nobody knows what it says.
func widened(s *registry.Snapshot, d registry.Declaration, from int) bool {
	return slices.ContainsFunc(s.Versions(d.ID), func(o registry.Declaration) bool {
		return o.Version > from && o.Version <= d.Version && o.WasApproved() && o.Change != registry.Renewal && o.Change != registry.Narrower
	})
}

// soundHouse: the gateway's own entry holds in the establishment, and nobody there left it.
func soundHouse(rt *rapid.T, s *registry.Snapshot, now time.Time, g policy.Grant) {
	house := s.Declarations(registry.House)[0]
	e, said := s.Enabling(registry.House, g.Place().UAI)
	adheres := said && e.State == registry.Enabled
	if !house.InForce(now, s.Zone()) || g.Until().After(house.Until.Ends(s.Zone())) || said && e.State == registry.RefusedHere || !house.Scope.All && !adheres {
		rt.Fatal("let in where the gateway itself is not declared")
	}
}

func TestWhyTellsTheRefusalThatCameFurthest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Audience.MinAge = 15
	why := func(p person.Person) *policy.Refusal { return policy.Why(w.snapshot(), w.noon(), p, "lire") }
	p := pupil()
	p.Affiliations = append([]person.Affiliation{{UAI: "0130049H", Profile: person.Pupil}}, p.Affiliations...)
	if r := why(p); r.Reason != policy.TooYoung || r.UAI != ecole {
		t.Errorf("%v: an unknown school says less than an age", r)
	}
	two := someone(person.Affiliation{UAI: college, Profile: person.Head}, person.Affiliation{UAI: ecole, Profile: person.Head})
	if r := why(two); r.Reason != policy.NotForProfile || r.UAI != college {
		t.Errorf("%v at %s: of two as far, the first", r, r.UAI)
	}
	if r := why(someone()); r == nil || r.Reason != policy.NotMember {
		t.Errorf("somebody who is nowhere: %v", r)
	}
	if r := policy.Why(w.snapshot(), w.noon(), p, "autre"); r == nil || r.Reason != policy.UnknownService {
		t.Errorf("an unknown service: %v", r)
	}
}

func TestAlternativesAreOpenForTheWholeAcademyAndOfTheSameKind(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	add := func(id, category string, change func(*registry.Declaration)) {
		w.Services = append(w.Services, registry.Service{ID: id, Category: category})
		d := forAcademy(id, id+"-d", 1)
		change(&d)
		w.Declarations = append(w.Declarations, d)
	}
	add("same", "lecture", func(*registry.Declaration) {})
	add("also", "lecture", func(*registry.Declaration) {})
	add("other-kind", "calcul", func(*registry.Declaration) {})
	add("local", "lecture", func(d *registry.Declaration) {
		d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{college}}
	})
	add("department", "lecture", func(d *registry.Declaration) {
		d.Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	})
	add("over", "lecture", func(d *registry.Declaration) { d.Until = date("2026-11-21") })
	add("draft", "lecture", func(d *registry.Declaration) { d.State = registry.Draft })
	add("stopped", "lecture", func(*registry.Declaration) {})
	w.Services[len(w.Services)-1].Suspended = true
	list := func(service string) []string {
		var out []string
		for _, s := range policy.Alternatives(w.snapshot(), w.noon(), service) {
			out = append(out, s.ID)
		}
		return out
	}
	if got := list("lire"); !slices.Equal(got, []string{"also", "same"}) {
		t.Errorf("%v, want also and same", got)
	}
	if got := list("unknown"); got != nil {
		t.Errorf("to an unknown service: %v", got)
	}
	w.Services[0].Category = ""
	if got := list("lire"); got != nil {
		t.Errorf("to a service without a category: %v", got)
	}
}

func TestGrantsAndQuestionsPrintNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Audience.Profiles = []person.Profile{person.Guardian}
	p, place := guardian(person.Yes)
	p.Key.ID, p.Wards[0].Child.ID, place.Child.ID = "MARQUE", "MARQUE", "MARQUE"
	g, err := w.gate(w.noon(), p, place, "lire")
	enters(t, g, err)
	steps, _, _ := policy.Trace(w.snapshot(), w.noon(), policy.Ask{Person: p, Place: place, Service: "lire"})
	for _, v := range []any{g, &g, place, &place, policy.Ask{Person: p, Place: place}, steps} {
		var out bytes.Buffer
		slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "v", v)
		slog.New(slog.NewTextHandler(&out, nil)).Info("x", "v", v)
		fmt.Fprintf(&out, "%v %+v %#v %s %q %v", v, v, v, v, v, []any{v})
		if strings.Contains(out.String(), "MARQUE") || strings.Contains(out.String(), "4d4152") {
			t.Errorf("%T is printed: %s", v, out.String())
		}
	}
}

func BenchmarkGate(b *testing.B) {
	w := newWorld(b)
	s, now := w.snapshot(), w.noon()
	ask := policy.Ask{Person: pupil(), Place: as(ecole, person.Pupil), Service: "lire"}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := policy.Gate(s, now, ask); err != nil {
			b.Fatal(err)
		}
	}
}
