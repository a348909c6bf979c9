package policy_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// TestADeclarationEndsWithTheFirstThingItRestsOn changes one thing at a time in a declaration that ends on 2027-08-31.
func TestADeclarationEndsWithTheFirstThingItRestsOn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rules := registry.Rules{
		TermsMonths: 12, TermsGrace: 30,
		Adequate:  []registry.AdequacyRule{{Country: "GB", Until: date("2027-06-27")}, {Country: "CH"}},
		Certified: []registry.Certificate{{Organisation: "Zoom", Until: date("2026-12-01")}, {Organisation: "Zoom", Until: date("2027-01-15")}},
		Withdrawn: []registry.Withdrawal{
			{Instrument: registry.BCR, Country: "IN", Deadline: date("2027-02-01")},
			{Recipient: "Autre", Deadline: date("2027-03-01")},
			{Instrument: registry.SCC, Country: "CN"}, // without a deadline: at once
		},
	}
	transfer := func(country, recipient string, by registry.Instrument, until string) func(*registry.Declaration) {
		return func(d *registry.Declaration) {
			out := registry.Transfer{Country: country, Recipient: recipient, Instrument: by}
			if until != "" {
				out.Until = date(until)
			}
			d.Transfers = append(d.Transfers, out)
		}
	}
	terms := func(accepted string, confirmed ...registry.Confirmed) func(*registry.Declaration) {
		return func(d *registry.Declaration) {
			d.Supplier.Terms.Version, d.Terms = "2", confirmed
			if accepted != "" {
				d.Supplier.Terms.Accepted = date(accepted)
			}
		}
	}
	at := func(s, version string) registry.Confirmed {
		return registry.Confirmed{At: date(s).Starts(w.zone), Version: version}
	}
	never := "2026-08-31" // the day before the first: over before it began
	for _, c := range []struct {
		name   string
		change func(*registry.Declaration)
		last   string
		why    policy.Lapse
	}{
		{"nothing else", func(*registry.Declaration) {}, "2027-08-31", policy.LapseEnd},
		{"a longer contract", func(d *registry.Declaration) { d.Supplier.Until = date("2029-08-31") }, "2027-08-31", policy.LapseEnd},
		{"the contract", func(d *registry.Declaration) { d.Supplier.Until = date("2027-01-31") }, "2027-01-31", policy.LapseContract},
		{"terms", terms("2026-01-10"), "2027-02-09", policy.LapseTerms},
		{"terms confirmed since", terms("2026-01-10", at("2026-03-10", "2"), at("2026-02-01", "2")), "2027-04-09", policy.LapseTerms},
		{"other terms confirmed", terms("2026-01-10", at("2026-03-10", "3")), "2027-02-09", policy.LapseTerms},
		{"terms that nobody accepted", terms(""), never, policy.LapseTerms},
		{"a transfer", transfer("US", "X", registry.SCC, "2027-04-30"), "2027-04-30", policy.LapseTransfer},
		{"the newest certificate of the recipient", transfer("US", "ZOOM", registry.DPF, ""), "2027-01-15", policy.LapseTransfer},
		{"a certificate that does not matter", transfer("US", "Zoom", registry.SCC, ""), "2027-08-31", policy.LapseEnd},
		{"an adequacy decision", transfer("GB", "X", registry.Adequacy, ""), "2027-06-27", policy.LapseTransfer},
		{"an adequacy decision without an end", transfer("CH", "X", registry.Adequacy, ""), "2027-08-31", policy.LapseEnd},
		{"an instrument that fell", transfer("IN", "X", registry.BCR, ""), "2027-02-01", policy.LapseWithdrawn},
		{"the same instrument elsewhere", transfer("BR", "X", registry.BCR, ""), "2027-08-31", policy.LapseEnd},
		{"a recipient that fell, whatever the instrument", transfer("BR", "autre", registry.BCR, ""), "2027-03-01", policy.LapseWithdrawn},
		{"an instrument that fell without a deadline", transfer("CN", "X", registry.SCC, ""), never, policy.LapseWithdrawn},
		{"the pilot", func(d *registry.Declaration) { d.Pilot = &registry.Pilot{Until: date("2026-12-18")} }, "2026-12-18", policy.LapsePilot},
		{"a pilot without an end", func(d *registry.Declaration) { d.Pilot = &registry.Pilot{} }, never, policy.LapsePilot},
		{"a review", func(d *registry.Declaration) { d.Review = &registry.Review{Deadline: date("2026-12-31")} }, "2026-12-31", policy.LapseReview},
		{"a review without a deadline", func(d *registry.Declaration) { d.Review = &registry.Review{} }, never, policy.LapseReview},
	} {
		d := forAcademy("lire", "d", 1)
		c.change(&d)
		end, why := policy.Ends(d, rules, w.zone)
		if !end.Equal(date(c.last).Ends(w.zone)) || why != c.why {
			t.Errorf("%s: ends %v because of %s; want the end of %s because of %s", c.name, end, why, c.last, c.why)
		}
	}
	d := forAcademy("lire", "d", 1)
	d.Supplier.Until, d.Until = date("2029-01-01"), registry.Date{}
	if end, _ := policy.Ends(d, rules, w.zone); end.After(time.Time{}) {
		t.Errorf("a declaration without an end lasts until %v", end)
	}
}

func TestTermsWithoutRulesAreConfirmedByNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	d := forAcademy("lire", "d", 1)
	d.Supplier.Terms = registry.Terms{Version: "1", Accepted: date("2026-09-01")}
	if end, why := policy.Ends(d, registry.Rules{}, w.zone); !end.Equal(date("2026-09-01").Ends(w.zone)) || why != policy.LapseTerms {
		t.Errorf("%v %s", end, why)
	}
}

// TestTheGateFollowsEnds holds the gate, Open and the refusal's words to what Ends says, to the nanosecond.
func TestTheGateFollowsEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.Declarations[0].Supplier.Until = date("2026-12-31")
	p, at := pupil(), as(ecole, person.Pupil)
	end := date("2026-12-31").Ends(w.zone)
	g, err := w.gate(end.Add(-1), p, at, "lire")
	enters(t, g, err)
	if !g.Until().Equal(end) {
		t.Errorf("the grant ends at %v, want %v", g.Until(), end)
	}
	g, err = w.gate(end, p, at, "lire")
	if r := refused(t, g, err, policy.Lapsed); r.Lapse != policy.LapseContract || r.Date != date("2026-12-31") || r.Office != "recteur" {
		t.Errorf("%+v", r)
	}
	if err := policy.Open(w.snapshot(), end, "lire"); err == nil {
		t.Error("somebody is asked for a password")
	}
}

func TestAWithdrawalFindsItsTransferWhateverTheSpelling(t *testing.T) {
	t.Parallel()
	us := registry.Transfer{Country: "US", Recipient: "Éditeur  Lointain, Inc."}
	for name, c := range map[string]struct {
		instrument registry.Instrument
		fell       registry.Withdrawal
		want       bool
	}{
		"the same name otherwise written":          {registry.SCC, registry.Withdrawal{Instrument: registry.SCC, Recipient: "editeur lointain INC"}, true},
		"another name":                             {registry.SCC, registry.Withdrawal{Instrument: registry.SCC, Recipient: "Éditeur"}, false},
		"the framework, named as the decision":     {registry.Adequacy, registry.Withdrawal{Instrument: registry.DPF}, true},
		"the decision, relied on as the framework": {registry.DPF, registry.Withdrawal{Instrument: registry.Adequacy, Country: "US"}, true},
		"another country's decision":               {registry.DPF, registry.Withdrawal{Instrument: registry.Adequacy, Country: "CH"}, false},
	} {
		us.Instrument = c.instrument
		if got := c.fell.Concerns(us); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
	d := forAcademy("lire", "d", 1)
	us.Instrument = registry.Adequacy
	d.Transfers = []registry.Transfer{us}
	rules := registry.Rules{Certified: []registry.Certificate{{Organisation: "Editeur lointain inc", Until: date("2026-12-01")}}}
	if end, why := policy.Ends(d, rules, time.UTC); why != policy.LapseTransfer || !end.Equal(date("2026-12-01").Ends(time.UTC)) {
		t.Errorf("a transfer to the United States ends %s for %s, and its certificate ends on 1 December", end, why)
	}
}
