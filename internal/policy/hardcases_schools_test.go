package policy_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

func TestHardCase21TwoSchoolsOfOneCiteAreNeverMerged(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range w.Establishments {
		w.Establishments[i].Group = "Cité Jean-Moulin" // one head, two UAIs
	}
	w.local(college)
	w.under(t, college, 1)
	w.closed(t, lycee, policy.NotEnabled)
	p := someone(person.Affiliation{UAI: college, Profile: person.Teacher}, person.Affiliation{UAI: lycee, Profile: person.Teacher})
	if got := w.places(p); len(got) != 1 || got[0].UAI != college {
		t.Errorf("places %v", got)
	}
	w.enable(w.Declarations[0], lycee)
	w.says(college, registry.RefusedHere)
	w.closed(t, college, policy.RefusedHere)
	w.under(t, lycee, 1)
}

func TestHardCase22AMergedCollegeClosesExactlyAndTakesNothingWithIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college)
	school := &w.Establishments[1]
	school.ClosedOn, school.Successor = date("2026-11-30"), lycee
	end := time.Date(2026, 12, 1, 0, 0, 0, 0, w.zone)
	g, err := w.at(end.Add(-1), college)
	enters(t, g, err)
	if !g.Until().Equal(end) {
		t.Errorf("the grant ends at %v, after the school", g.Until())
	}
	g, err = w.at(end, college)
	refused(t, g, err, policy.PlaceClosed)
	w.closed(t, lycee, policy.NotEnabled) // what was enabled does not move by itself
}

func TestHardCase23APrivateSchoolsHeadDecidesForIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Establishments[2].Contract = "CONTRAT D'ASSOCIATION TOUTES CLASSES"
	private := w.Establishments[0]
	private.UAI, private.Private = "0280303C", true
	w.Establishments = append(w.Establishments, private)
	w.Declarations[0].Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	w.under(t, ecole, 1)
	w.closed(t, private.UAI, policy.NotHere) // the DASEN is controller of public écoles only
	w.local(lycee)
	w.under(t, lycee, 1)
	if r := w.closed(t, private.UAI, policy.NotEnabled); r.Office != "chef d'établissement" {
		t.Errorf("%+v", r)
	}
	g, err := w.at(w.noon(), lycee)
	enters(t, g, err)
	if g.Place().Profile != person.Teacher || g.Establishment().Contract == "" {
		t.Error("the profile or the contract is not told as it is")
	}
}

func TestHardCase41AWithdrawnInstrumentStopsAfterItsDeadline(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(college, lycee)
	w.Declarations[0].Transfers = []registry.Transfer{{Country: "US", Recipient: "Hôte Inc.", Instrument: registry.DPF}}
	w.under(t, college, 1)
	fallen := registry.Withdrawal{Instrument: registry.DPF, Country: "US", Since: date("2026-11-15"), Deadline: date("2026-12-15"), Why: "annulée"}
	rules := w.RuleSets[0].Rules
	rules.Version, rules.Withdrawn = 1, []registry.Withdrawal{fallen}
	proposed := registry.RuleSet{Rules: rules, From: date("2026-11-20")}
	w.RuleSets = append(w.RuleSets, proposed)
	end := date("2026-12-15").Ends(w.zone)
	g, err := w.at(end, college)
	enters(t, g, err) // nobody has signed these rules
	w.RuleSets[1].Signatures = []registry.Signature{{By: "h1", Role: registry.DPO}, {By: "h2", Role: registry.DRANE}}
	if !policy.Rests(w.Declarations[0], fallen) || policy.Rests(*w.house(), fallen) {
		t.Error("what rests on it is not told from what does not")
	}
	g, err = w.at(end.Add(-1), college)
	enters(t, g, err)
	if !g.Until().Equal(end) {
		t.Errorf("the grant ends at %v, want the deadline", g.Until())
	}
	for _, uai := range []person.UAI{college, lycee} {
		g, err = w.at(end, uai)
		if r := refused(t, g, err, policy.Lapsed); r.Lapse != policy.LapseWithdrawn || r.Date != date("2026-12-15") {
			t.Errorf("%+v", r)
		}
	}
	if err := policy.Open(w.snapshot(), end, "lire"); err == nil {
		t.Error("somebody is asked for a password")
	}
}

func TestHardCase40ATestAccountEntersNoServiceThatIsToldNames(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.local(ecole, college)
	w.Establishments[0].Test = true
	w.under(t, ecole, 1) // a pseudonymous service may be tried
	w.Declarations[0].Mode = registry.Nominative
	w.closed(t, ecole, policy.TestNotNamed)
	w.under(t, college, 1) // real schools are not concerned
	w.Services[0].Narrow = registry.Pseudonymous
	w.closed(t, ecole, policy.TestNotNamed) // a setting may be turned back: the declaration counts
	w.Declarations[0].Mode = "unheard-of"
	w.closed(t, ecole, policy.TestNotNamed)

	w.Declarations[0].Mode = registry.Nominative
	p := someone(person.Affiliation{UAI: ecole, Profile: person.Teacher}, person.Affiliation{UAI: college, Profile: person.Teacher})
	if got := w.places(p); len(got) != 1 || got[0].UAI != college {
		t.Errorf("places %v: whoever also belongs to a real school enters there alone", got)
	}
}

func TestHardCase40NoLevelAndNoCrisisNamesATestAccount(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Establishments[0].Test, w.Declarations[0].Mode = true, registry.Nominative
	w.closed(t, ecole, policy.TestNotNamed) // the rectorat's, for the whole academy
	w.Declarations[0].Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{"028"}}
	w.closed(t, ecole, policy.TestNotNamed)
	w.Declarations[0].Scope = registry.Scope{Level: registry.ByAcademy, Academies: []string{"Exemple"}}
	w.Openings = []registry.Opening{{
		ID: "crise", Service: "lire", Declaration: "lire-academie", Version: 1, Academy: "Exemple", From: date("2026-11-20"), Until: date("2026-12-01"),
	}}
	w.closed(t, ecole, policy.TestNotNamed)
	w.Establishments[0].Test = false
	w.under(t, ecole, 1)
}
