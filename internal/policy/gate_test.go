package policy_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

func TestGateLetsAPupilIntoADeclaredService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	if g.Service().ID != "lire" || g.Declaration().ID != "lire-academie" || g.Place() != as(ecole, person.Pupil) ||
		g.Establishment().UAI != ecole || g.Source().ID != "ent" || !g.At().Equal(w.noon()) || g.SchoolYear() != "2026-2027" {
		t.Error("the grant says something else than what was asked")
	}
	if len(g.Items()) != 1 || g.Items()[0].Attr != "uai" {
		t.Errorf("items %v: a pupil gets those of pupils", g.Items())
	}
}

// refusals is the gate read as a text: what must be changed in a world that is open for the reason to be given.
func refusals() map[policy.Reason]func(w *world, p *person.Person, at *policy.Place) {
	return map[policy.Reason]func(w *world, p *person.Person, at *policy.Place){
		policy.UnknownService:   func(w *world, _ *person.Person, _ *policy.Place) { w.Services = nil },
		policy.ServiceSuspended: func(w *world, _ *person.Person, _ *policy.Place) { w.Services[0].Suspended = true },
		policy.NoDeclaration:    func(w *world, _ *person.Person, _ *policy.Place) { w.Declarations = w.Declarations[1:] },
		policy.NotApproved:      func(w *world, _ *person.Person, _ *policy.Place) { w.Declarations[0].State = registry.InReview },
		policy.NotYet:           func(w *world, _ *person.Person, _ *policy.Place) { w.Declarations[0].From = date("2026-11-23") },
		policy.Expired:          func(w *world, _ *person.Person, _ *policy.Place) { w.Declarations[0].Until = date("2026-11-21") },
		policy.DeclarationStopped: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Declarations[0].State = registry.Suspended
		},
		policy.Lapsed: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Declarations[0].Supplier.Until = date("2026-11-21")
		},
		policy.NotEnabled: func(w *world, _ *person.Person, _ *policy.Place) { w.local() },
		policy.AwaitingController: func(w *world, _ *person.Person, _ *policy.Place) {
			w.local(ecole)
			w.Declarations[0].Until = date("2026-11-21")
			w.next(2, registry.Wider)
		},
		policy.HouseNotCovering:  func(w *world, _ *person.Person, _ *policy.Place) { w.house().State = registry.Suspended },
		policy.UnknownSource:     func(_ *world, p *person.Person, _ *policy.Place) { p.Authn.Source = "other" },
		policy.SourceSuspended:   func(w *world, _ *person.Person, _ *policy.Place) { w.Sources[0].Suspended = true },
		policy.SourceNotDeclared: func(w *world, _ *person.Person, _ *policy.Place) { w.Sources[0].Declaration = nil },
		policy.UnknownPlace:      func(_ *world, _ *person.Person, at *policy.Place) { at.UAI = "0130049H" },
		policy.PlaceClosed:       func(w *world, _ *person.Person, _ *policy.Place) { w.Establishments[0].Closed = true },
		policy.PlaceSuspended: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Stops = []registry.Stop{{Kind: registry.StopEstablishment, ID: string(ecole), Suspended: true}}
		},
		policy.SourceNotForPlace: func(w *world, _ *person.Person, _ *policy.Place) { w.Sources[0].UAIs = []person.UAI{college} },
		policy.NotMember:         func(_ *world, _ *person.Person, at *policy.Place) { at.UAI = college },
		policy.RefusedHere: func(w *world, _ *person.Person, _ *policy.Place) {
			w.says(ecole, registry.RefusedHere)
		},
		policy.SuspendedHere: func(w *world, _ *person.Person, _ *policy.Place) { w.says(ecole, registry.SuspendedHere) },
		policy.NotHere: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Declarations[0].Scope.Academies = []string{"Autre"} // where anybody could enter
		},
		policy.TestNotNamed: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Establishments[0].Test, w.Declarations[0].Mode = true, registry.Nominative
		},
		policy.NotForProfile: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Declarations[0].Audience.Profiles = []person.Profile{person.Teacher}
		},
		policy.NotForLevel: func(w *world, _ *person.Person, _ *policy.Place) {
			w.Declarations[0].Audience.Levels = []string{"6EME"}
		},
		policy.TooYoung: func(w *world, _ *person.Person, _ *policy.Place) { w.Declarations[0].Audience.MinAge = 11 },
		policy.NoParentalAuthority: func(_ *world, _ *person.Person, at *policy.Place) {
			at.Child = person.Key{Authority: "ac", ID: "9"}
		},
	}
}

func TestGateGivesEachReasonForOneChange(t *testing.T) {
	t.Parallel()
	cases := refusals()
	for _, reason := range policy.Reasons() {
		change, ok := cases[reason]
		if !ok {
			t.Errorf("no case for %s", reason)
			continue
		}
		t.Run(string(reason), func(t *testing.T) {
			t.Parallel()
			w, p, at := newWorld(t), pupil(), as(ecole, person.Pupil)
			g, err := w.gate(w.noon(), p, at, "lire")
			enters(t, g, err)
			change(w, &p, &at)
			g, err = w.gate(w.noon(), p, at, "lire")
			refusal := refused(t, g, err, reason)
			if refusal.Service != "lire" || refusal.UAI != at.UAI || refusal.Error() != "service lire: "+string(reason) {
				t.Errorf("%+v does not say what was asked", refusal)
			}
		})
	}
	if len(cases) != len(policy.Reasons()) {
		t.Errorf("%d cases, %d reasons", len(cases), len(policy.Reasons()))
	}
}

func TestGateKnowsNothingFromANilSnapshot(t *testing.T) {
	t.Parallel()
	g, err := policy.Gate(nil, time.Now(), policy.Ask{Person: pupil(), Place: as(ecole, person.Pupil), Service: "lire"})
	refused(t, g, err, policy.UnknownService)
}

func TestRefusalsCarryWhatAPageExplains(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Until = date("2026-11-21")
	g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.Expired); r.Date != date("2026-11-21") || r.Office != "recteur" {
		t.Errorf("expired: %+v", r)
	}
	w.Declarations[0].From, w.Declarations[0].Until = date("2026-12-01"), date("2027-08-31")
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.NotYet); r.Date != date("2026-12-01") {
		t.Errorf("not yet: %+v", r)
	}
	w.Declarations[0].State, w.Declarations[0].Message = registry.Suspended, registry.Text{FR: "Incident."}
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.DeclarationStopped); r.Message.FR != "Incident." || !r.Date.IsZero() {
		t.Errorf("suspended at an unknown moment: %+v", r)
	}
	w.Declarations[0].Since = time.Date(2026, 11, 21, 23, 30, 0, 0, time.UTC) // the 22nd in Paris
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.DeclarationStopped); r.Date != date("2026-11-22") {
		t.Errorf("suspended: %+v", r)
	}
	w = newWorld(t)
	w.Declarations[0].Audience = registry.Audience{Profiles: []person.Profile{person.Head}}
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.NotForProfile); !slices.Equal(r.For, []person.Profile{person.Head}) {
		t.Errorf("not for the profile: %+v", r)
	}
	w.Declarations[0].Audience = registry.Audience{Profiles: []person.Profile{person.Pupil}, MinAge: 13}
	g, err = w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	if r := refused(t, g, err, policy.TooYoung); r.MinAge != 13 {
		t.Errorf("too young: %+v", r)
	}
}

func TestGateOpensAtTheFirstMomentAndClosesAfterTheLast(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].From, w.Declarations[0].Until = date("2026-10-25"), date("2027-03-28") // the days on which clocks change
	for _, c := range []struct {
		at   time.Time
		want policy.Reason
	}{
		{time.Date(2026, 10, 24, 23, 59, 59, 999999999, w.zone), policy.NotYet},
		{time.Date(2026, 10, 25, 0, 0, 0, 0, w.zone), ""},
		{time.Date(2027, 3, 28, 23, 59, 59, 999999999, w.zone), ""},
		{time.Date(2027, 3, 29, 0, 0, 0, 0, w.zone), policy.Expired},
	} {
		g, err := w.gate(c.at, pupil(), as(ecole, person.Pupil), "lire")
		if c.want == "" {
			enters(t, g, err)
			if !g.Until().Equal(time.Date(2027, 3, 29, 0, 0, 0, 0, w.zone)) {
				t.Errorf("the grant ends at %v", g.Until())
			}
			continue
		}
		refused(t, g, err, c.want)
	}
}

func TestTheSourcesDeclarationIsASecondGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	source := w.Sources[0].Declaration
	source.From, source.Until = date("2026-11-01"), date("2026-11-30")
	for _, c := range []struct {
		at   time.Time
		open bool
	}{
		{time.Date(2026, 10, 31, 23, 59, 59, 0, w.zone), false},
		{time.Date(2026, 11, 1, 0, 0, 0, 0, w.zone), true},
		{time.Date(2026, 11, 30, 23, 59, 59, 0, w.zone), true},
		{time.Date(2026, 12, 1, 0, 0, 0, 0, w.zone), false},
	} {
		g, err := w.gate(c.at, pupil(), as(ecole, person.Pupil), "lire")
		if !c.open {
			refused(t, g, err, policy.SourceNotDeclared)
			continue
		}
		enters(t, g, err)
		if want := time.Date(2026, 12, 1, 0, 0, 0, 0, w.zone); !g.Until().Equal(want) {
			t.Errorf("the grant ends at %v, want the first end, %v", g.Until(), want)
		}
	}
	for _, state := range []registry.State{"", registry.Draft, registry.Submitted, registry.Suspended, registry.Archived, registry.Refused} {
		source.State = state
		g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
		refused(t, g, err, policy.SourceNotDeclared)
	}
}

func TestNoStateButApprovedOpens(t *testing.T) {
	t.Parallel()
	for _, state := range []registry.State{
		"", registry.Draft, registry.Submitted, registry.InReview, registry.ToCorrect, registry.Suspended, registry.Archived, registry.Refused, "active",
	} {
		w := newWorld(t)
		w.Declarations[0].State = state
		if g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire"); err == nil || g.Granted() {
			t.Errorf("a declaration in state %q opens", state)
		}
		if policy.Open(w.snapshot(), w.noon(), "lire") == nil {
			t.Errorf("a service with a declaration in state %q is open", state)
		}
	}
}

func TestNewestVersionGovernsAlone(t *testing.T) {
	t.Parallel()
	approved := []registry.Decision{{State: registry.Approved}}
	for _, c := range []struct {
		name   string
		change func(*registry.Declaration)
		want   policy.Reason // of version 2; empty when somebody enters
		by     int
	}{
		{"approved and begun", func(*registry.Declaration) {}, "", 2},
		{"suspended", func(d *registry.Declaration) { d.State, d.Decisions = registry.Suspended, approved }, policy.DeclarationStopped, 0},
		{"suspended, history lost", func(d *registry.Declaration) { d.State = registry.Suspended }, policy.DeclarationStopped, 0},
		{"archived after approval", func(d *registry.Declaration) { d.State, d.Decisions = registry.Archived, approved }, policy.NotApproved, 0},
		{"over", func(d *registry.Declaration) { d.Until = date("2026-11-21") }, policy.Expired, 0},
		{"approved, not begun", func(d *registry.Declaration) { d.From = date("2026-12-01") }, "", 1},
		{"a draft", func(d *registry.Declaration) { d.State = registry.Draft }, "", 1},
		{"submitted (hard case 18)", func(d *registry.Declaration) { d.State = registry.Submitted }, "", 1},
		{"refused", func(d *registry.Declaration) { d.State = registry.Refused }, "", 1},
		{"archived as a draft", func(d *registry.Declaration) { d.State = registry.Archived }, "", 1},
	} {
		w := newWorld(t)
		second := forAcademy("lire", "lire-academie", 2)
		second.Change = registry.Wider // the rectorat decides for all: nobody is waited for
		c.change(&second)
		w.Declarations = append(w.Declarations, second)
		g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
		if c.want != "" {
			if r, _ := err.(*policy.Refusal); r == nil || r.Reason != c.want { //nolint:errorlint // documented
				t.Errorf("%s: %v, want %s: no older version takes its place", c.name, err, c.want)
			}
			continue
		}
		if err != nil || g.Declaration().Version != c.by {
			t.Errorf("%s: %v, version %d; want version %d", c.name, err, g.Declaration().Version, c.by)
		}
	}
}

func TestSuspendingOneDeclarationLeavesAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	local := forAcademy("lire", "lire-ecole", 3)
	local.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}
	local.State = registry.Suspended
	w.Declarations = append(w.Declarations, local)
	g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	if g.Declaration().ID != "lire-academie" {
		t.Errorf("entered under %s", g.Declaration().ID)
	}
}

func TestMostLocalDeclarationGoverns(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	department, local := forAcademy("lire", "lire-departement", 1), forAcademy("lire", "lire-ecole", 1)
	department.Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	local.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole, college}}
	w.Declarations = append(w.Declarations, department)
	teacher := someone(person.Affiliation{UAI: ecole, Profile: person.Teacher}, person.Affiliation{UAI: college, Profile: person.Teacher}, person.Affiliation{UAI: lycee, Profile: person.Teacher})
	under := func(uai person.UAI) string {
		g, err := w.gate(w.noon(), teacher, as(uai, person.Teacher), "lire")
		enters(t, g, err)
		return g.Declaration().ID
	}
	if under(ecole) != "lire-departement" || under(college) != "lire-academie" {
		t.Error("a department decides for its public écoles and for nothing else")
	}
	w.Declarations = append(w.Declarations, local)
	if under(ecole) != "lire-departement" || under(college) != "lire-academie" {
		t.Error("an establishment's declaration opened without the word of its controller")
	}
	w.enable(local, ecole, college)
	if under(ecole) != "lire-ecole" || under(college) != "lire-ecole" || under(lycee) != "lire-academie" {
		t.Error("an establishment's own declaration comes first, in that establishment")
	}
}

func TestUnknownAgeIsBelowEveryMinimum(t *testing.T) {
	t.Parallel()
	w, p := newWorld(t), pupil()
	p.Age = person.AgeFacts{}
	g, err := w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	enters(t, g, err) // no minimum: nobody is asked
	w.Declarations[0].Audience.MinAge = 6
	g, err = w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.TooYoung)
	g, err = w.gate(w.noon(), someone(person.Affiliation{UAI: ecole, Profile: person.Teacher}), as(ecole, person.Teacher), "lire")
	enters(t, g, err) // a minimum age is about pupils
}

func TestMinimumAgeIsReachedOnTheBirthdayInTheAcademysZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var err error
	if w.zone, err = time.LoadLocation("America/Guadeloupe"); err != nil {
		t.Fatal(err)
	}
	w.Declarations[0].Audience.MinAge = 11
	p := pupil() // eleven on 4 March 2027
	g, err := w.gate(time.Date(2027, 3, 3, 23, 59, 59, 0, w.zone).UTC(), p, as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.TooYoung)
	g, err = w.gate(time.Date(2027, 3, 4, 0, 0, 0, 0, w.zone).UTC(), p, as(ecole, person.Pupil), "lire")
	enters(t, g, err)
}

func TestUnknownLevelIsNoLevel(t *testing.T) {
	t.Parallel()
	w, p := newWorld(t), pupil()
	w.Declarations[0].Audience.Levels = []string{"CM1", "CM2"}
	g, err := w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	p.Affiliations[0].Values = nil
	g, err = w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.NotForLevel)
	g, err = w.gate(w.noon(), someone(person.Affiliation{UAI: ecole, Profile: person.Teacher}), as(ecole, person.Teacher), "lire")
	enters(t, g, err)
}

func TestAffiliationOverIsNoMembership(t *testing.T) {
	t.Parallel()
	w, p := newWorld(t), pupil()
	p.Affiliations[0].Until = w.noon()
	g, err := w.gate(w.noon().Add(-1), p, as(ecole, person.Pupil), "lire")
	enters(t, g, err)
	g, err = w.gate(w.noon(), p, as(ecole, person.Pupil), "lire")
	refused(t, g, err, policy.NotMember)
}

func TestSchoolYearBeginsOnTheFirstOfSeptemberInTheZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].From = date("2026-01-01")
	for at, want := range map[time.Time]string{
		time.Date(2026, 8, 31, 21, 59, 59, 0, time.UTC): "2025-2026", time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC): "2026-2027",
		time.Date(2026, 12, 31, 23, 30, 0, 0, time.UTC): "2026-2027",
	} {
		g, err := w.gate(at, pupil(), as(ecole, person.Pupil), "lire")
		enters(t, g, err)
		if g.SchoolYear() != want {
			t.Errorf("%v: %s, want %s", at, g.SchoolYear(), want)
		}
	}
}

func TestModeNeedsTheDeclarationAndIsNarrowedByTheService(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		mode, narrow registry.Mode
		want         bool
	}{
		{"", "", false},
		{registry.Pseudonymous, "", false},
		{registry.Nominative, "", true},
		{registry.Nominative, registry.Pseudonymous, false},
		{registry.Pseudonymous, registry.Nominative, false},
		{"Nominative", "", false},
	} {
		w := newWorld(t)
		w.Declarations[0].Mode, w.Services[0].Narrow = c.mode, c.narrow
		g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
		enters(t, g, err)
		if g.Nominative() != c.want {
			t.Errorf("mode %q, narrowed %q: nominative %v, want %v", c.mode, c.narrow, g.Nominative(), c.want)
		}
	}
	if (policy.Grant{}).Nominative() || (policy.Grant{}).Granted() {
		t.Error("the zero grant grants something")
	}
}

func TestOfTwoDeclarationsTheOneThatClosedLastExplainsTheService(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old, late := forAcademy("lire", "a", 1), forAcademy("lire", "b", 1)
	old.Until, late.Until = date("2026-10-01"), date("2026-11-01")
	for _, order := range [][]registry.Declaration{{old, late}, {late, old}} {
		w.Declarations = append(w.Declarations[:0:0], order...)
		for i := range order {
			w.Declarations[i].ID = []string{"a", "b"}[i]
		}
		g, err := w.gate(w.noon(), pupil(), as(ecole, person.Pupil), "lire")
		if r := refused(t, g, err, policy.Expired); r.Date != date("2026-11-01") {
			t.Errorf("it says that it closed on %s", r.Date)
		}
	}
}
