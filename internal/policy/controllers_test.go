package policy_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// teacher teaches in one establishment.
func teacher(uai person.UAI) (person.Person, policy.Place) {
	return someone(person.Affiliation{UAI: uai, Profile: person.Teacher}), as(uai, person.Teacher)
}

func (w *world) at(now time.Time, uai person.UAI) (policy.Grant, error) {
	p, place := teacher(uai)
	return w.gate(now, p, place, "lire")
}

func (w *world) under(t *testing.T, uai person.UAI, version int) {
	t.Helper()
	g, err := w.at(w.noon(), uai)
	enters(t, g, err)
	if g.Declaration().Version != version {
		t.Errorf("%s enters under version %d, want %d", uai, g.Declaration().Version, version)
	}
}

func (w *world) closed(t *testing.T, uai person.UAI, want policy.Reason) *policy.Refusal {
	t.Helper()
	g, err := w.at(w.noon(), uai)
	return refused(t, g, err, want)
}

func TestAnAvailableServiceOpensOnlyWhereItsControllerEnabledIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college)
	w.under(t, college, 1)
	if r := w.closed(t, ecole, policy.NotEnabled); r.Office != "DASEN" || r.UAI != ecole {
		t.Errorf("%+v", r)
	}
	if r := w.closed(t, lycee, policy.NotEnabled); r.Office != "chef d'établissement" {
		t.Errorf("%+v", r)
	}
	for _, state := range []registry.EnablingState{registry.ClaimedOnPaper, registry.Withdrawn} {
		e := registry.Enabling{Service: "lire", UAI: ecole, State: state, Declaration: "lire-academie", Version: 1}
		registrytest.Say(&w.Contents, e)
		w.closed(t, ecole, policy.NotEnabled) // a claim counts once it is confirmed
	}
	w.says(college, registry.Withdrawn)
	w.closed(t, college, policy.NotEnabled)
	if err := policy.Open(w.snapshot(), w.noon(), "lire"); err == nil {
		t.Error("nobody could enter, and somebody is asked for a password")
	}
}

func TestAWordThatNobodyKnowsCloses(t *testing.T) {
	t.Parallel()
	w := newWorld(t) // the rectorat covers all
	for state, want := range map[registry.EnablingState]policy.Reason{
		"": policy.SuspendedHere, "unheard-of": policy.SuspendedHere, registry.SuspendedHere: policy.SuspendedHere, registry.RefusedHere: policy.RefusedHere,
	} {
		w.says(ecole, state)
		w.closed(t, ecole, want)
	}
	w.says(ecole, registry.SuspendedHere)
	w.Enablings[0].Message, w.Enablings[0].Since = registry.Text{FR: "Incident."}, w.noon()
	if r := w.closed(t, ecole, policy.SuspendedHere); r.Message.FR != "Incident." || r.Date != date("2026-11-22") {
		t.Errorf("%+v", r)
	}
	w.under(t, college, 1)
}

func TestAnEnablingOfNothingOpensNothing(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"another declaration":           func(w *world) { w.Enablings[0].Declaration = "autre" },
		"no version":                    func(w *world) { w.Enablings[0].Version = 0 },
		"a version that is not":         func(w *world) { w.Enablings[0].Version = 7 },
		"a version nobody approved":     func(w *world) { w.next(2, registry.Renewal).State = registry.Submitted; w.Enablings[0].Version = 2 },
		"another service's declaration": func(w *world) { w.Declarations[0].ServiceID = "autre" },
		"outside its scope":             func(w *world) { w.Declarations[0].Scope.Academies = []string{"Autre"} },
	} {
		w := newWorld(t)
		w.local(college)
		change(w)
		if g, err := w.at(w.noon(), college); err == nil || g.Granted() {
			t.Errorf("%s: somebody enters", name)
		}
	}
}

func TestAWiderVersionWaitsForEachSchool(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college, lycee)
	w.next(2, registry.Wider)
	w.under(t, college, 1) // the old version still runs
	w.under(t, lycee, 1)
	w.enable(w.Declarations[len(w.Declarations)-1], college)
	w.under(t, college, 2)
	w.under(t, lycee, 1)
	w.Declarations[0].Until = date("2026-11-21") // until its own end
	w.under(t, college, 2)
	if r := w.closed(t, lycee, policy.AwaitingController); r.Office != "chef d'établissement" {
		t.Errorf("%+v", r)
	}
}

func TestAVersionWhoseChangeNobodyKnowsWaitsAsAWiderOne(t *testing.T) {
	t.Parallel()
	for _, change := range []registry.ChangeKind{"", registry.First, "unheard-of"} {
		w := newWorld(t)
		w.local(college)
		w.next(2, change)
		w.next(3, registry.Renewal) // what comes after it waits with it
		w.under(t, college, 1)
	}
}

func TestARenewalKeepsEveryEnablingAndANarrowerVersionActsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college)
	w.next(2, registry.Renewal)
	w.under(t, college, 2)
	narrower := w.next(3, registry.Narrower)
	narrower.Items = narrower.Items[:1]
	g, err := w.at(w.noon(), college)
	enters(t, g, err)
	if g.Declaration().Version != 3 || len(g.Items()) != 1 {
		t.Errorf("version %d, items %v", g.Declaration().Version, g.Items())
	}
	w.Declarations[len(w.Declarations)-1].Until = date("2026-11-21")
	w.closed(t, college, policy.Expired) // an older version does not come back
}

func TestAnAcceptedVersionThatEndsBringsNoOlderOneBack(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(d *registry.Declaration){
		"over": func(d *registry.Declaration) { d.Until = date("2026-11-21") },
		"archived": func(d *registry.Declaration) {
			d.State, d.Decisions = registry.Archived, []registry.Decision{{State: registry.Approved}}
		},
		"suspended": func(d *registry.Declaration) { d.State = registry.Suspended },
		"lapsed":    func(d *registry.Declaration) { d.Pilot = &registry.Pilot{Until: date("2026-11-21")} },
	} {
		w := newWorld(t)
		w.local(college, lycee)
		second := w.next(2, registry.Wider)
		w.enable(*second, college)
		w.Enablings[len(w.Enablings)-1].Before = 1
		w.under(t, college, 2)
		change(&w.Declarations[len(w.Declarations)-1])
		if g, err := w.at(w.noon(), college); err == nil || g.Granted() {
			t.Errorf("%s: version %d came back", name, g.Declaration().Version)
		}
		if name == "suspended" {
			w.closed(t, lycee, policy.DeclarationStopped) // a suspension stops every version everywhere
			continue
		}
		w.under(t, lycee, 1) // who never accepted it goes on until the old version's own end
	}
}

func TestAnArchivedVersionEndsWhereItRan(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college)
	w.next(2, registry.Wider)
	w.Declarations[0].State, w.Declarations[0].Decisions = registry.Archived, []registry.Decision{{State: registry.Approved}}
	w.closed(t, college, policy.AwaitingController)
}

func TestWhoAcceptsAnUpcomingVersionGoesOnUnderTheOneBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college, lycee)
	second := w.next(2, registry.Wider)
	second.From = date("2026-12-01")
	w.enable(*second, college, lycee)
	w.Enablings[0].Before = 1 // the collège had accepted version 1
	w.under(t, college, 1)
	w.closed(t, lycee, policy.NotYet)
	begin := date("2026-12-01").Starts(w.zone)
	for _, uai := range []person.UAI{college, lycee} {
		g, err := w.at(begin, uai)
		enters(t, g, err)
		if g.Declaration().Version != 2 {
			t.Errorf("%s: version %d", uai, g.Declaration().Version)
		}
	}
}

func TestTheGatewaysOwnEntryIsAskedInEachEstablishment(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(w *world){
		"no such service":    func(w *world) { w.Services = w.Services[:1] },
		"suspended":          func(w *world) { w.Services[1].Suspended = true },
		"no entry":           func(w *world) { w.house().ServiceID = "autre" },
		"not approved":       func(w *world) { w.house().State = registry.Submitted },
		"over":               func(w *world) { w.house().Until = date("2026-11-21") },
		"another academy":    func(w *world) { w.house().Scope.Academies = []string{"Autre"} },
		"nobody has adhered": func(w *world) { w.house().Scope.All = false },
		"the school left": func(w *world) {
			registrytest.Say(&w.Contents, registry.Enabling{Service: registry.House, UAI: college, State: registry.RefusedHere})
		},
		"in a crisis": func(w *world) {
			w.house().Scope.All = false
			w.Openings = []registry.Opening{crisis()}
			w.Openings[0].Service, w.Openings[0].Declaration = registry.House, w.house().ID
		},
	} {
		w := newWorld(t)
		w.under(t, college, 1)
		change(w)
		if r := w.closed(t, college, policy.HouseNotCovering); r.Office != "chef d'établissement" {
			t.Errorf("%s: %+v", name, r)
		}
	}
	w := newWorld(t)
	w.house().Scope.All = false
	registrytest.Enable(&w.Contents, *w.house(), college)
	w.under(t, college, 1)
	w.closed(t, ecole, policy.HouseNotCovering)
	w.house().Until = date("2026-12-01")
	g, err := w.at(w.noon(), college)
	enters(t, g, err)
	if !g.Until().Equal(date("2026-12-01").Ends(w.zone)) {
		t.Errorf("the grant ends at %v, after the gateway's own entry", g.Until())
	}
}

func TestOpenSaysNoWhenNobodyAnywhereCouldEnter(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(w *world)
		open   bool
	}{
		"the rectorat covers all": {func(*world) {}, true},
		"a department": {func(w *world) {
			w.Declarations[0].Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
		}, true},
		"one school":                      {func(w *world) { w.local(lycee) }, true},
		"no school":                       {func(w *world) { w.local() }, false},
		"a school that refused":           {func(w *world) { w.local(); w.says(lycee, registry.RefusedHere) }, false},
		"a school that is unknown":        {func(w *world) { w.local("0130049H") }, false},
		"a school out of reach":           {func(w *world) { w.local(lycee); w.Declarations[0].Scope.Academies = []string{"Autre"} }, false},
		"a crisis":                        {func(w *world) { w.local(); w.Openings = []registry.Opening{crisis()} }, true},
		"a school under an older version": {func(w *world) { w.local(lycee); w.next(2, registry.Wider) }, true},
		"a school whose version has ended": {func(w *world) {
			w.local(lycee)
			w.Declarations[0].Until = date("2026-11-21")
			w.next(2, registry.Wider)
		}, false},
	} {
		w := newWorld(t)
		c.change(w)
		if got := policy.Open(w.snapshot(), w.noon(), "lire") == nil; got != c.open {
			t.Errorf("%s: open %v, want %v", name, got, c.open)
		}
	}
}
