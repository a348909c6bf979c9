package registry_test

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// whole is a declaration in which nothing that a change is tried on is missing.
func whole() registry.Declaration {
	d := declaration()
	d.Joint = []registry.Controller{{Name: "Région", Office: "président", DPO: "dpd@region.example"}}
	d.Supplier.Parties = []string{"Académie", "Lire SAS"}
	d.Supplier.Essence = registry.Text{FR: "qui fait quoi"}
	d.Supplier.Until, d.Supplier.Signed = day("2028-08-31"), day("2026-06-01")
	d.Supplier.Terms = registry.Terms{Offer: registry.EducationOffer, Version: "1", Accepted: day("2026-06-01")}
	d.Supplier.Sub = []registry.SubProcessor{{Name: "Hôte", Country: "FR", Remote: true}}
	d.Scope.UAIs = []person.UAI{ecole, college}
	d.Uses = []string{"reading", "writing"}
	d.Purposes = []registry.Text{{FR: "lire", EN: "read"}, {FR: "écrire", EN: "write"}}
	d.Persons, d.Data, d.Recipients = []registry.Text{{FR: "élèves"}}, []registry.Text{{FR: "lectures"}}, []registry.Text{{FR: "Lire SAS"}}
	d.Items = []registry.Item{
		{Attr: "mail", Profiles: []person.Profile{person.Teacher, person.Head}, Justification: registry.Text{FR: "écrire", EN: "to write"}, Required: true},
		{Attr: "uai", Justification: registry.Text{FR: "savoir où"}},
	}
	d.Audience = registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher}, Levels: []string{"CM1", "CM2"}, MinAge: 8}
	d.Transfers = []registry.Transfer{{Country: "US", Recipient: "Zoom", Instrument: registry.DPF, Until: day("2027-01-01")}}
	d.Retention.EN = "a year"
	d.Erasure = []registry.Erasure{{What: registry.Text{FR: "comptes"}, Months: 3, After: registry.AfterYear}}
	d.Security = []registry.Text{{FR: "chiffrement"}}
	d.DPIA = registry.DPIA{Done: registry.AnswerYes, Date: day("2026-05-01"), Criteria: []string{"minors"}}
	d.Risk.Flaws = registry.RiskPoint{Level: registry.Medium, Why: "peu"}
	d.Informed = []registry.Notice{{Kind: registry.InCharter, Date: day("2026-09-01")}}
	d.Pilot = &registry.Pilot{Until: day("2027-06-30")}
	d.Documents = []registry.Document{{Kind: registry.ContractPaper, Name: "c.pdf", Hash: "h1"}}
	d.Justified = []registry.Justified{{Rule: "free", Text: "parce que"}}
	d.MaxSession = time.Hour
	return d
}

func day(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		panic(err) // the days of these tests are constants
	}
	return d
}

// TestWhatAChangeOfSubstanceIs reads as the rule: what makes a version wider, narrower, or only new paper.
func TestWhatAChangeOfSubstanceIs(t *testing.T) {
	t.Parallel()
	type change struct {
		where string
		do    func(d *registry.Declaration)
	}
	for kind, changes := range map[registry.ChangeKind][]change{
		registry.Wider: {
			{"items[level]", func(d *registry.Declaration) { d.Items = append(d.Items, registry.Item{Attr: "level"}) }},
			{"items[mail].profiles", func(d *registry.Declaration) { d.Items[0].Profiles = append(d.Items[0].Profiles, person.Pupil) }},
			{"items[mail].profiles", func(d *registry.Declaration) { d.Items[0].Profiles = nil }},
			{"items[mail].justification.fr", func(d *registry.Declaration) { d.Items[0].Justification.FR = "publier" }},
			{"mode", func(d *registry.Declaration) { d.Mode = registry.Nominative }},
			{"pseudonym", func(d *registry.Declaration) { d.Pseudonym = registry.Stable }},
			{"pseudonym", func(d *registry.Declaration) { d.Pseudonym = "always" }},
			{"audience.profiles[National_TUT]", func(d *registry.Declaration) { d.Audience.Profiles = append(d.Audience.Profiles, person.Guardian) }},
			{"audience.levels", func(d *registry.Declaration) { d.Audience.Levels = append(d.Audience.Levels, "CE2") }},
			{"audience.levels", func(d *registry.Declaration) { d.Audience.Levels = nil }},
			{"audience.min_age", func(d *registry.Declaration) { d.Audience.MinAge = 0 }},
			{"hosting[US]", func(d *registry.Declaration) { d.Hosting = append(d.Hosting, "US") }},
			{"transfers[US Autre]", func(d *registry.Declaration) {
				d.Transfers = append(d.Transfers, registry.Transfer{Country: "US", Recipient: "Autre"})
			}},
			{"transfers[US Zoom].instrument", func(d *registry.Declaration) { d.Transfers[0].Instrument = registry.SCC }},
			{"transfers[US Zoom].remote", func(d *registry.Declaration) { d.Transfers[0].Remote = true }},
			{"recipients[annonceurs]", func(d *registry.Declaration) { d.Recipients = append(d.Recipients, registry.Text{FR: "annonceurs"}) }},
			{"persons[parents]", func(d *registry.Declaration) { d.Persons = append(d.Persons, registry.Text{FR: "parents"}) }},
			{"data[voix]", func(d *registry.Declaration) { d.Data = append(d.Data, registry.Text{FR: "voix"}) }},
			{"supplier.sub_processors[Autre]", func(d *registry.Declaration) {
				d.Supplier.Sub = append(d.Supplier.Sub, registry.SubProcessor{Name: "Autre"})
			}},
			{"supplier.sub_processors[Hôte].country", func(d *registry.Declaration) { d.Supplier.Sub[0].Country = "US" }},
			{"supplier.sub_processors[Hôte].remote", func(d *registry.Declaration) { d.Supplier.Sub[0].Remote = false }},
			{"purposes[vendre]", func(d *registry.Declaration) { d.Purposes = append(d.Purposes, registry.Text{FR: "vendre"}) }},
			{"uses[chat]", func(d *registry.Declaration) { d.Uses = append(d.Uses, "chat") }},
			{"retention.fr", func(d *registry.Declaration) { d.Retention.FR = "dix ans" }},
			{"erasure[comptes].months", func(d *registry.Declaration) { d.Erasure[0].Months = 12 }},
			{"erasure[comptes].after", func(d *registry.Declaration) { d.Erasure[0].After = registry.AfterSchooling }},
			{"erasure[comptes]", func(d *registry.Declaration) { d.Erasure = nil }},
			{"security[chiffrement]", func(d *registry.Declaration) { d.Security = nil }},
			{"scope.uais[0750652B]", func(d *registry.Declaration) { d.Scope.UAIs = append(d.Scope.UAIs, "0750652B") }},
			{"scope.academies[exemple]", func(d *registry.Declaration) { d.Scope.Academies = []string{"exemple"} }},
			{"scope.covers_all", func(d *registry.Declaration) { d.Scope.All = true }},
			{"scope.level", func(d *registry.Declaration) { d.Scope.Level = registry.ByAcademy }},
			{"basis.kind", func(d *registry.Declaration) { d.Basis.Kind = registry.Consent }},
			{"basis.text", func(d *registry.Declaration) { d.Basis.Text = "autre" }},
			{"supplier.name", func(d *registry.Declaration) { d.Supplier.Name = "Autre" }},
			{"supplier.relation", func(d *registry.Declaration) { d.Supplier.Relation = registry.JointController }},
			{"supplier.evidence", func(d *registry.Declaration) { d.Supplier.Evidence = registry.ByTermsOnly }},
			{"supplier.terms.offer", func(d *registry.Declaration) { d.Supplier.Terms.Offer = registry.ConsumerOffer }},
			{"controller.name", func(d *registry.Declaration) { d.Controller.Name = "Autre" }},
			{"controller.office", func(d *registry.Declaration) { d.Controller.Office = "recteur" }},
			{"joint_controllers[Région]", func(d *registry.Declaration) { d.Joint = nil }},
			{"pilot", func(d *registry.Declaration) { d.Pilot = nil }},
			{"dpia.done", func(d *registry.Declaration) { d.DPIA.Done = registry.AnswerNo }},
			{"dpia.criteria[scale]", func(d *registry.Declaration) { d.DPIA.Criteria = append(d.DPIA.Criteria, "scale") }},
			{"risk.flaws.level", func(d *registry.Declaration) { d.Risk.Flaws.Level = registry.High }},
			{"max_session", func(d *registry.Declaration) { d.MaxSession = 2 * time.Hour }},
			{"max_session", func(d *registry.Declaration) { d.MaxSession = 0 }}, // the gateway's own: nobody knows which
			{"service", func(d *registry.Declaration) { d.ServiceID = "autre" }},
			{"id", func(d *registry.Declaration) { d.ID = "autre" }},
		},
		registry.Narrower: {
			{"items[uai]", func(d *registry.Declaration) { d.Items = d.Items[:1] }},
			{"items[uai].profiles", func(d *registry.Declaration) { d.Items[1].Profiles = []person.Profile{person.Pupil} }},
			{"items[mail].required", func(d *registry.Declaration) { d.Items[0].Required = false }},
			{"pseudonym", func(d *registry.Declaration) { d.Pseudonym = registry.PerSchoolYear }},
			{"audience.profiles[National_ELV]", func(d *registry.Declaration) { d.Audience.Profiles = d.Audience.Profiles[1:] }},
			{"audience.levels", func(d *registry.Declaration) { d.Audience.Levels = []string{"CM2"} }},
			{"audience.min_age", func(d *registry.Declaration) { d.Audience.MinAge = 9 }},
			{"hosting[FR]", func(d *registry.Declaration) { d.Hosting = nil }},
			{"transfers[US Zoom]", func(d *registry.Declaration) { d.Transfers = nil }},
			{"supplier.sub_processors[Hôte]", func(d *registry.Declaration) { d.Supplier.Sub = nil }},
			{"erasure[comptes].months", func(d *registry.Declaration) { d.Erasure[0].Months = 0 }},
			{"scope.uais[0280202T]", func(d *registry.Declaration) { d.Scope.UAIs = d.Scope.UAIs[:1] }},
			{"purposes[lire]", func(d *registry.Declaration) { d.Purposes = d.Purposes[1:] }},
			{"risk.flaws.level", func(d *registry.Declaration) { d.Risk.Flaws.Level = registry.Low }},
			{"max_session", func(d *registry.Declaration) { d.MaxSession = time.Minute }},
		},
		registry.Renewal: {
			{"until", func(d *registry.Declaration) { d.Until = day("2028-08-31") }},
			{"from", func(d *registry.Declaration) { d.From = day("2027-09-01") }},
			{"supplier.reference", func(d *registry.Declaration) { d.Supplier.Reference = "marché 2" }},
			{"supplier.until", func(d *registry.Declaration) { d.Supplier.Until = day("2030-08-31") }},
			{"supplier.terms.version", func(d *registry.Declaration) { d.Supplier.Terms.Version = "2" }},
			{"documents[h2]", func(d *registry.Declaration) { d.Documents = append(d.Documents, registry.Document{Hash: "h2"}) }},
			{"documents[h1]", func(d *registry.Declaration) { d.Documents = nil }},
			{"purposes[lire].en", func(d *registry.Declaration) { d.Purposes[0].EN = "reading" }},
			{"items[mail].justification.en", func(d *registry.Declaration) { d.Items[0].Justification.EN = "" }},
			{"retention.en", func(d *registry.Declaration) { d.Retention.EN = "one year" }},
			{"informed[council]", func(d *registry.Declaration) {
				d.Informed = append(d.Informed, registry.Notice{Kind: registry.InCouncil})
			}},
			{"transfers[US Zoom].until", func(d *registry.Declaration) { d.Transfers[0].Until = day("2028-01-01") }},
			{"pilot.until", func(d *registry.Declaration) { d.Pilot = &registry.Pilot{Until: day("2027-07-31")} }},
			{"controller.dpo", func(d *registry.Declaration) { d.Controller.DPO = "dpo@example.org" }},
			{"justified[free].text", func(d *registry.Declaration) { d.Justified[0].Text = "encore" }},
			{"paper", func(d *registry.Declaration) { d.Paper = &registry.Paper{Act: "A1"} }},
		},
	} {
		for _, c := range changes {
			next := whole()
			c.do(&next)
			diff := registry.Diff(whole(), next)
			if len(diff) != 1 || diff[0].Where != c.where || diff[0].Before == diff[0].After {
				t.Errorf("%s, %s: the difference is %+v", kind, c.where, diff)
			}
			if got := registry.Compare(whole(), next); got != kind {
				t.Errorf("%s: %s, want %s", c.where, got, kind)
			}
		}
	}
}

func TestWhatIsWiderAndNarrowerAtOnceIsWider(t *testing.T) {
	t.Parallel()
	next := whole()
	next.Items[0].Attr, next.Until = "level", day("2028-08-31") // one goes, one comes
	if got := registry.Compare(whole(), next); got != registry.Wider {
		t.Errorf("%s", got)
	}
	next = whole()
	next.Items, next.Until = next.Items[:1], day("2028-08-31")
	if got := registry.Compare(whole(), next); got != registry.Narrower {
		t.Errorf("one item less and a later end: %s", got)
	}
}

func TestOrderDefaultsAndDecisionsAreNoChange(t *testing.T) {
	t.Parallel()
	for range 50 {
		before, next := twice(), twice()
		shuffle(next.Items)
		for i := range next.Items {
			shuffle(next.Items[i].Profiles)
		}
		shuffle(next.Purposes)
		shuffle(next.Uses)
		shuffle(next.Scope.UAIs)
		shuffle(next.Audience.Levels)
		shuffle(next.Audience.Profiles)
		next.Version, next.Pseudonym, next.State, next.Change = 2, registry.PerCycle, registry.Approved, registry.Wider
		if diff := registry.Diff(before, next); len(diff) != 0 {
			t.Fatalf("%+v", diff)
		}
		if got := registry.Compare(before, next); got != registry.Renewal {
			t.Fatalf("%s", got)
		}
	}
}

// twice has two items of one name, for different profiles.
func twice() registry.Declaration {
	d := whole()
	d.Items = append(d.Items, registry.Item{Attr: "mail", Profiles: []person.Profile{person.Pupil, person.Guardian}})
	return d
}

func TestTwoItemsOfOneNameAreToldApart(t *testing.T) {
	t.Parallel()
	next := twice()
	slices.Reverse(next.Items)
	next.Items[0].Profiles = next.Items[0].Profiles[:1] // the pupils' own, no longer the guardians'
	if got := registry.Compare(twice(), next); got != registry.Narrower {
		t.Errorf("%s: %+v", got, registry.Diff(twice(), next))
	}
	if got := registry.Compare(next, twice()); got != registry.Wider {
		t.Errorf("back again: %s", got)
	}
}

func shuffle[T any](list []T) {
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
}

func TestStandingReadsActiveAndExpiredOffTheClock(t *testing.T) {
	t.Parallel()
	paris := registrytest.Paris()
	d := declaration() // from 2026-09-01 until 2027-08-31
	d.State = registry.Approved
	begin, end := time.Date(2026, 9, 1, 0, 0, 0, 0, paris), time.Date(2027, 9, 1, 0, 0, 0, 0, paris)
	for at, want := range map[time.Time]registry.Standing{
		begin.Add(-1): registry.Upcoming, begin: registry.Active, end.Add(-1): registry.Active, end: registry.Expired,
	} {
		if got := d.StandingAt(at, paris); got != want {
			t.Errorf("%v: %s, want %s", at, got, want)
		}
	}
	for _, state := range states() {
		d.State = state
		got := d.StandingAt(begin, paris)
		switch state {
		case registry.Approved:
			if got != registry.Active {
				t.Errorf("approved: %s", got)
			}
		case "":
			if got != "draft" {
				t.Errorf("no state: %s", got)
			}
		default:
			if got != registry.Standing(state) {
				t.Errorf("%s: %s", state, got)
			}
		}
	}
	d.State, d.Until = registry.Approved, registry.Date{}
	if got := d.StandingAt(begin, paris); got != registry.Expired {
		t.Errorf("without an end: %s", got)
	}
}

func TestAFingerprintIsTheTextsAndOnlyTheTexts(t *testing.T) {
	t.Parallel()
	base := whole()
	decided := whole()
	decided.State, decided.Author, decided.Change = registry.Approved, "h", registry.Wider
	decided.Opinions = []registry.Opinion{{Value: registry.Favourable, Text: base.Fingerprint()}}
	if base.Fingerprint() != decided.Fingerprint() || len(base.Fingerprint()) < 43 {
		t.Error("an opinion or a decision changes the text that it is about")
	}
	changed := whole()
	changed.Security = append(changed.Security, registry.Text{FR: "journal"})
	if base.Fingerprint() == changed.Fingerprint() {
		t.Error("another text has the same fingerprint")
	}
}
