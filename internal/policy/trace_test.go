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
			d.Scope, d.Scope, d.Scope, {Level: registry.ByDepartment, Departments: []string{"028"}}, {Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}, {},
		}).Draw(rt, "scope")
		d.Audience = registry.Audience{Profiles: []person.Profile{profile("audience"), person.Pupil}, MinAge: rapid.SampledFrom([]int{0, 0, 0, 0, 6, 15}).Draw(rt, "minimum")}
		w.Declarations = append(w.Declarations, d)
	}
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

func TestTraceAndGateAgree(t *testing.T) {
	t.Parallel()
	granted := 0
	for range 40 { // rapid draws 100 cases in each round
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
	t.Logf("%d of 4000 cases were let in", granted)
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
	if d.State != registry.Approved || !d.InForce(now, s.Zone()) || !now.Before(g.Until()) || !d.Scope.Covers(g.Establishment()) ||
		!slices.Contains(d.Audience.Profiles, ask.Place.Profile) {
		rt.Fatalf("let in under %s version %d, which does not allow it", d.ID, d.Version)
	}
	for _, other := range s.Declarations(ask.Service) {
		if other.ID == d.ID && other.Version > d.Version && other.WasApproved() && !now.Before(other.From.Starts(s.Zone())) {
			rt.Fatalf("let in under version %d although version %d was approved and has begun", d.Version, other.Version)
		}
	}
	if ask.Place.Profile == person.Guardian && !slices.ContainsFunc(ask.Person.Wards, func(w person.Ward) bool {
		return w.Authority == person.Yes && w.Child == ask.Place.Child && w.UAI == ask.Place.UAI
	}) {
		rt.Fatal("a guardian without authority was let in")
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
