package registry_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func opening() registry.Opening {
	return registry.Opening{
		ID: "c1", Service: "lire", Declaration: "lire-academie", Version: 1, Academy: "Exemple", Act: "arrêté 1", Reason: "écoles fermées",
		From: day("2026-11-01"), Until: day("2026-11-30"),
	}
}

func wish() registry.Wish {
	return registry.Wish{ID: "w1", UAI: ecole, About: "lire", Reason: "projet", By: []string{"h1"}, State: registry.Wished}
}

func appointment() registry.Appointment {
	return registry.Appointment{
		ID: "a1", Role: registry.DPO, Over: registry.Over{Academies: []string{"Exemple"}}, Reason: "nomination",
		From: day("2026-09-01"), Until: day("2027-08-31"), State: registry.Proposed,
	}
}

func ruleSet() registry.RuleSet {
	return registry.RuleSet{From: day("2027-01-01"), Author: "h1", Rules: registry.Rules{
		Version: 1, Note: "seize ans", ConsentAge: 16, Majority: 18, TermsMonths: 12, EEA: []string{"FR"},
		Uses: []registry.Use{{ID: "reading", Label: registry.Text{FR: "Lecture"}}}, DPIAFrom: 2,
	}}
}

func TestActsOfOfficeAndTheirMistakes(t *testing.T) {
	t.Parallel()
	for name, findings := range map[string][]registry.Finding{"opening": opening().Check(), "wish": wish().Check(), "appointment": appointment().Check()} {
		if len(findings) != 0 {
			t.Errorf("%s: %v", name, findings)
		}
	}
	try(t, "opening", opening, registry.Opening.Check, []mistake[registry.Opening]{
		{"no service", func(o *registry.Opening) { o.Service = "" }, "service", "no identifier"},
		{"no declaration", func(o *registry.Opening) { o.Declaration = "" }, "declaration", "no identifier"},
		{"no version", func(o *registry.Opening) { o.Version = 0 }, "version", "examined"},
		{"no academy", func(o *registry.Opening) { o.Academy = "" }, "academy", "missing"},
		{"no act", func(o *registry.Opening) { o.Act = "" }, "act", "missing"},
		{"no reason", func(o *registry.Opening) { o.Reason = "" }, "reason", "missing"},
		{"thirty-one days", func(o *registry.Opening) { o.Until = day("2026-12-01") }, "until", "2026-11-30"},
		{"no end", func(o *registry.Opening) { o.Until = registry.Date{} }, "until", "yyyy-mm-dd"},
		{"itself", func(o *registry.Opening) { o.Renews, o.Opinion = o.ID, &registry.Opinion{Value: registry.Favourable} }, "renews", "itself"},
		{"no opinion", func(o *registry.Opening) { o.Renews = "c0" }, "opinion", "officer"},
		{"an opinion that says nothing", func(o *registry.Opening) { o.Renews, o.Opinion = "c0", &registry.Opinion{} }, "opinion", "officer"},
	})
	try(t, "wish", wish, alone(registry.Wish.Check), []mistake[registry.Wish]{
		{"a wrong letter", func(w *registry.Wish) { w.UAI = "0280101A" }, "uai", "0280101H would"},
		{"nothing", func(w *registry.Wish) { w.About = "" }, "about", "no identifier"},
		{"no reason", func(w *registry.Wish) { w.Reason = "" }, "reason", "missing"},
		{"nobody", func(w *registry.Wish) { w.By = nil }, "by", "nobody"},
		{"no state", func(w *registry.Wish) { w.State = "" }, "state", "not known"},
		{"declined without a word", func(w *registry.Wish) { w.State = registry.Declined }, "answer", "declined"},
	})
	try(t, "appointment", appointment, alone(registry.Appointment.Check), []mistake[registry.Appointment]{
		{"no role", func(a *registry.Appointment) { a.Role = "" }, "role", "not known"},
		{"a role that is none", func(a *registry.Appointment) { a.Role = "king" }, "role", "not known"},
		{"over nothing", func(a *registry.Appointment) { a.Over = registry.Over{} }, "over", "nothing"},
		{"a wrong letter", func(a *registry.Appointment) { a.Over.UAIs = []person.UAI{"0280101A"} }, "over.uais[0]", "0280101H would"},
		{"no reason", func(a *registry.Appointment) { a.Reason = "" }, "reason", "missing"},
		{"no end", func(a *registry.Appointment) { a.Until = registry.Date{} }, "until", "yyyy-mm-dd"},
		{"a deputy without an act", func(a *registry.Appointment) { a.Role = registry.Deputy }, "act", "delegation"},
		{"no state", func(a *registry.Appointment) { a.State = "" }, "state", "not known"},
	})
}

func TestASetOfRulesSaysWhatChangedAndFromWhen(t *testing.T) {
	t.Parallel()
	right := ruleSet().Check()
	for _, m := range []mistake[registry.RuleSet]{
		{"version zero", func(s *registry.RuleSet) { s.Rules.Version = 0 }, "rules.version", "program"},
		{"no note", func(s *registry.RuleSet) { s.Rules.Note = "" }, "rules.note", "changed"},
		{"no day", func(s *registry.RuleSet) { s.From = registry.Date{} }, "from", "yyyy-mm-dd"},
		{"no author", func(s *registry.RuleSet) { s.Author = "" }, "author", "proposes"},
		{"an age of the rules", func(s *registry.RuleSet) { s.Rules.ConsentAge = 5 }, "rules.consent_age", "13 to 16"},
		{"a group of fewer than none", func(s *registry.RuleSet) { s.Rules.SmallGroup = -1 }, "rules.small_group", "0 to 30"},
		{"a code that is a label", func(s *registry.RuleSet) {
			s.Rules.SensitiveCodes = []registry.SensitiveCode{{Code: "SEGPA 6", Reveals: "difficulty", Neutral: "6EME"}}
		}, "rules.sensitive_codes[0].code", "3 to 11 digits and capitals, as 164"},
		{"a code twice", func(s *registry.RuleSet) {
			c := registry.SensitiveCode{Code: "164", Reveals: "difficulty", Neutral: "6EME"}
			s.Rules.SensitiveCodes = []registry.SensitiveCode{c, c}
		}, "rules.sensitive_codes[1].code", ""},
		{"a code without a level instead", func(s *registry.RuleSet) {
			s.Rules.SensitiveCodes = []registry.SensitiveCode{{Code: "164", Reveals: "difficulty"}}
		}, "rules.sensitive_codes[0].neutral", "6EME"},
		{"a small group of a whole class", func(s *registry.RuleSet) { s.Rules.SmallGroup = 31 }, "rules.small_group", "0 to 30"},
	} {
		s := ruleSet()
		m.change(&s)
		found := slices.DeleteFunc(s.Check(), func(f registry.Finding) bool { return slices.Contains(right, f) })
		if len(found) != 1 || found[0].Where != m.where || !strings.Contains(found[0].String(), m.said) {
			t.Errorf("%s: %q", m.name, found)
		}
	}
}

// TestWordsOfADeclarationAreKnown tries a word that nobody knows in every field that has a list of words.
func TestWordsOfADeclarationAreKnown(t *testing.T) {
	t.Parallel()
	hash := strings.Repeat("a", 64)
	full := func() registry.Declaration {
		d := whole()
		d.Documents[0].Hash = hash
		return d
	}
	if findings := full().Check(); len(findings) != 0 {
		t.Fatalf("%v", findings)
	}
	vendor := full()
	vendor.Supplier.Relation = registry.VendorController
	if findings := vendor.Check(); len(findings) != 0 {
		t.Errorf("a vendor that makes itself controller can be written down: %v", findings)
	}
	try(t, "declaration", full, alone(registry.Declaration.Check), []mistake[registry.Declaration]{
		{"joint controller", func(d *registry.Declaration) { d.Joint[0].DPO = "" }, "joint_controllers[0].dpo", "officer"},
		{"kind", func(d *registry.Declaration) { d.Supplier.Kind = "x" }, "supplier.kind", "private"},
		{"evidence", func(d *registry.Declaration) { d.Supplier.Evidence = "x" }, "supplier.evidence", "contract"},
		{"offer", func(d *registry.Declaration) { d.Supplier.Terms.Offer = "x" }, "supplier.terms.offer", "education"},
		{"free", func(d *registry.Declaration) { d.Supplier.Free = "x" }, "supplier.free", "yes"},
		{"seat", func(d *registry.Declaration) { d.Supplier.Country = "France" }, "supplier.country", "ISO 3166"},
		{"a contract that ended first", func(d *registry.Declaration) { d.Supplier.Until = day("2026-05-31") }, "supplier.until", "before it was signed"},
		{"sub-processor", func(d *registry.Declaration) { d.Supplier.Sub[0].Name = "" }, "supplier.sub_processors[0].name", "missing"},
		{"its country", func(d *registry.Declaration) { d.Supplier.Sub[0].Country = "" }, "supplier.sub_processors[0].country", "no country"},
		{"prescribed", func(d *registry.Declaration) { d.Basis.Prescribed = "maybe" }, "basis.prescribed", "yes"},
		{"parents", func(d *registry.Declaration) { d.Basis.Parents = "maybe" }, "basis.parents", "yes"},
		{"hosting", func(d *registry.Declaration) { d.Hosting[0] = "fr" }, "hosting[0]", "no country"},
		{"a transfer's country", func(d *registry.Declaration) { d.Transfers[0].Country = "" }, "transfers[0].country", "no country"},
		{"an instrument", func(d *registry.Declaration) { d.Transfers[0].Instrument = "shield" }, "transfers[0].instrument", "adequacy"},
		{"months", func(d *registry.Declaration) { d.Erasure[0].Months = -1 }, "erasure[0].months", "negative"},
		{"event", func(d *registry.Declaration) { d.Erasure[0].After = "" }, "erasure[0].after", "school_year"},
		{"assessment", func(d *registry.Declaration) { d.DPIA.Done = "soon" }, "dpia.done", "yes"},
		{"scale", func(d *registry.Declaration) { d.DPIA.Large = "soon" }, "dpia.large_scale", "yes"},
		{"risk", func(d *registry.Declaration) { d.Risk.Harvesting.Level = "none" }, "risk.harvesting.level", "medium"},
		{"notice", func(d *registry.Declaration) { d.Informed[0].Kind = "rumour" }, "informed[0].kind", "charter"},
		{"document", func(d *registry.Declaration) { d.Documents[0].Kind = "x" }, "documents[0].kind", "council_act"},
		{"its name", func(d *registry.Declaration) { d.Documents[0].Name = "" }, "documents[0].name", "missing"},
		{"its hash", func(d *registry.Declaration) { d.Documents[0].Hash = strings.ToUpper(hash) }, "documents[0].hash", "SHA-256"},
		{"covers all", func(d *registry.Declaration) { d.Scope.All = true }, "scope.covers_all", "rectorat"},
	})
}

// TestHardCase29AWrongLetterStandsOnlyForATestTenant goes through everything that refers to an establishment.
func TestHardCase29AWrongLetterStandsOnlyForATestTenant(t *testing.T) {
	t.Parallel()
	const tenant = person.UAI("0010138R")
	test := establishment()
	test.UAI, test.Test = tenant, true
	tenants := registry.TestTenants(establishment(), test)
	if !slices.Equal(tenants, []person.UAI{tenant}) || len(test.Check()) != 0 {
		t.Fatalf("%v %v", tenants, test.Check())
	}
	small := test
	small.UAI = "0010138r"
	if len(small.Check()) != 1 {
		t.Error("a test tenant may be written in two ways")
	}
	d, s, g, a, w := declaration(), source(), delegation(), appointment(), wish()
	d.Scope.UAIs, s.UAIs, g.UAI, a.Over.UAIs, w.UAI = []person.UAI{tenant}, []person.UAI{tenant}, tenant, []person.UAI{tenant}, tenant
	e := registry.Enabling{Service: "lire", UAI: tenant, State: registry.Enabled, Declaration: "d", Version: 1}
	for name, check := range map[string]func(...person.UAI) []registry.Finding{
		"declaration": d.Check, "source": s.Check, "delegation": g.Check, "appointment": a.Check, "wish": w.Check, "enabling": e.Check,
	} {
		if findings := check(tenants...); len(findings) != 0 {
			t.Errorf("%s of a test tenant: %v", name, findings)
		}
		if findings := check(ecole); len(findings) != 1 {
			t.Errorf("%s of nobody's test tenant: %v", name, findings)
		}
	}
}
