package conformity_test

import (
	"testing"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

// abroad lets the supplier keep the data in a country, under an instrument.
func abroad(country string, t registry.Transfer) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		t := t // several tests may share one change
		d.Hosting = []string{country}
		if t.Country == "" {
			t.Country = country
		}
		if t.Recipient == "" {
			t.Recipient = d.Supplier.Name
		}
		d.Transfers = []registry.Transfer{t}
	}
}

func clauses() registry.Transfer {
	return registry.Transfer{Instrument: registry.SCC, Reference: "décision (UE) 2021/914, module 2", Assessment: "TIA-1"}
}

func uncovered(where string) []string { return []string{"blocking country " + where} }

func TestEveryCountryOutsideTheEEAIsCovered(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "Iceland is inside", change: func(d *registry.Declaration) { d.Hosting = []string{"FR", "IS"} }, want: nothing()},
		{says: "Réunion is inside", change: func(d *registry.Declaration) { d.Hosting = []string{"RE"} }, want: nothing()},
		{says: "where data rests counts", change: func(d *registry.Declaration) { d.Hosting = []string{"FR", "US"} }, want: uncovered("hosting[1]"), law: "art. 44"},
		{says: "the supplier's seat counts", change: supplier(func(s *registry.Supplier) { s.Country = "CH" }), want: uncovered("supplier.country"), law: "art. 44"},
		{
			says: "a seat that nobody knows is outside", change: supplier(func(s *registry.Supplier) { s.Country = "" }), want: uncovered("supplier.country"), law: "art. 44",
		},
		{says: "a sub-processor counts", change: supplier(func(s *registry.Supplier) { s.Sub[0].Country = "IN" }), want: uncovered("supplier.sub_processors[0].country"), law: "art. 44"},
		{
			says: "one that only looks from there counts", change: supplier(func(s *registry.Supplier) { s.Sub[0].Country, s.Sub[0].Remote = "IN", true }),
			want: uncovered("supplier.sub_processors[0].country"), law: "art. 44",
		},
		{says: "an unknown country is outside", change: func(d *registry.Declaration) { d.Hosting = []string{"XX"} }, want: uncovered("hosting[0]"), law: "art. 44"},
		{says: "another spelling is unknown", change: func(d *registry.Declaration) { d.Hosting = []string{"fr"} }, want: uncovered("hosting[0]"), law: "art. 44"},
		{says: "UK is not how the United Kingdom is written", change: abroad("UK", clauses()), want: []string{"blocking country hosting[0]", "blocking transfer transfers[0].country"}, law: "art. 44"},
		{says: "clauses with that very recipient cover it", change: abroad("IN", clauses()), want: nothing()},
		{says: "clauses for another country do not", change: both(abroad("IN", clauses()), func(d *registry.Declaration) { d.Transfers[0].Country = "CN" }), want: uncovered("hosting[0]"), law: "art. 44"},
		{says: "clauses with another recipient do not", change: both(abroad("IN", clauses()), func(d *registry.Declaration) { d.Transfers[0].Recipient = "Ailleurs SA" }), want: uncovered("hosting[0]"), law: "art. 44"},
		{
			says: "a sub-processor's clauses do not cover the supplier", change: both(abroad("IN", clauses()), func(d *registry.Declaration) {
				d.Supplier.Country, d.Supplier.Sub[0].Country = "IN", "IN"
				d.Transfers[0].Recipient = d.Supplier.Sub[0].Name
			}), want: uncovered("supplier.country"), law: "art. 44",
		},
		{
			says: "without rules that name the EEA nothing is inside", given: func(c *conformity.Case) { c.Rules.EEA = []string{"DE"} },
			want: []string{"blocking country hosting[0]", "blocking country supplier.country", "blocking country supplier.sub_processors[0].country"}, law: "art. 44",
		},
	})
}

func TestAnInstrumentHoldsForThatVeryRecipient(t *testing.T) {
	t.Parallel()
	adequacy := registry.Transfer{Instrument: registry.Adequacy}
	with := func(t registry.Transfer, change func(*registry.Transfer)) registry.Transfer {
		change(&t)
		return t
	}
	read(t, []sentence{
		{says: "a decision covers its country", change: abroad("CH", adequacy), want: nothing()},
		{says: "no decision covers India", change: abroad("IN", adequacy), want: []string{"blocking transfer-adequacy transfers[0].instrument"}, law: "art. 45(1)"},
		{says: "a partial decision needs what shows that the recipient is within it", change: abroad("CA", adequacy), want: []string{"blocking transfer-adequacy transfers[0].reference"}, law: "2002/2/CE"},
		{says: "shown to be within it, it is covered", change: abroad("CA", with(adequacy, func(t *registry.Transfer) { t.Reference = "soumise à la LPRPDE" })), want: nothing()},
		{
			says: "a decision that ended covers nobody", change: abroad("GB", adequacy), given: func(c *conformity.Case) { c.Now = day("2032-01-01").Starts(c.Zone) },
			want: []string{"blocking transfer-adequacy transfers[0].instrument", "note dates until"},
		},
		{says: "until then it covers", change: abroad("GB", adequacy), want: nothing()},
		{
			says: "a decision to come covers nobody", change: abroad("CH", adequacy), given: func(c *conformity.Case) {
				for i := range c.Rules.Adequate {
					c.Rules.Adequate[i].Since = day("2026-11-23")
				}
			}, want: []string{"blocking transfer-adequacy transfers[0].instrument"}, law: "art. 45(1)",
		},
		{says: "clauses need a reference", change: abroad("IN", with(clauses(), func(t *registry.Transfer) { t.Reference = "" })), want: []string{"blocking transfer-safeguards transfers[0].reference"}, law: "art. 46(2)"},
		{says: "clauses need an impact assessment", change: abroad("IN", with(clauses(), func(t *registry.Transfer) { t.Assessment = "" })), want: []string{"blocking transfer-safeguards transfers[0].assessment"}, law: "art. 46(1)"},
		{
			says: "binding rules need both", change: abroad("IN", registry.Transfer{Instrument: registry.BCR}),
			want: []string{"blocking transfer-safeguards transfers[0].reference", "blocking transfer-safeguards transfers[0].assessment"}, law: "art. 46",
		},
		{says: "a derogation never serves what is systematic", change: abroad("IN", registry.Transfer{Instrument: registry.Derogation}), want: []string{"blocking transfer-derogation transfers[0].instrument"}, law: "art. 49(1)"},
		{says: "no instrument is none", change: abroad("IN", registry.Transfer{}), want: []string{"blocking transfer-instrument transfers[0].instrument"}, law: "art. 44"},
		{says: "an unknown instrument is none", change: abroad("IN", registry.Transfer{Instrument: "privacy shield"}), want: []string{"blocking transfer-instrument transfers[0].instrument"}, law: "art. 44"},
		{says: "its last day is still within", change: abroad("IN", with(clauses(), func(t *registry.Transfer) { t.Until = day("2026-11-22") })), want: nothing()},
		{says: "once ended it is over", change: abroad("IN", with(clauses(), func(t *registry.Transfer) { t.Until = day("2026-11-21") })), want: []string{"blocking transfer transfers[0].until"}, law: "art. 44"},
		{
			says: "a recipient is named", change: func(d *registry.Declaration) {
				d.Transfers = []registry.Transfer{clauses()}
				d.Transfers[0].Country = "IN"
			},
			want: []string{"blocking transfer transfers[0].recipient"}, law: "art. 30(1)(e)",
		},
		{says: "within the EEA none is needed", change: abroad("DE", registry.Transfer{}), want: []string{"note transfer transfers[0].country"}, law: "art. 44"},
		{
			says: "an assessment that is referred to by its hash is attached", change: abroad("IN", with(clauses(), func(t *registry.Transfer) {
				t.Assessment = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
			})), want: []string{"blocking documents transfers[0].assessment"}, law: "art. 5(2)",
		},
	})
}

func TestTheEUUSFrameworkCoversCertifiedOrganisationsOnly(t *testing.T) {
	t.Parallel()
	dpf := abroad("US", registry.Transfer{Instrument: registry.DPF})
	certified := func(cert registry.Certificate) func(*conformity.Case) {
		return func(c *conformity.Case) { c.Rules.Certified = []registry.Certificate{cert} }
	}
	held := registry.Certificate{Organisation: "EDITIONS DU CANAL", Covers: "non-HR", Since: day("2026-01-01"), Until: day("2026-11-22")}
	but := func(change func(*registry.Certificate)) func(*conformity.Case) {
		cert := held
		change(&cert)
		return certified(cert)
	}
	refused := []string{"blocking transfer-certificate transfers[0].recipient"}
	const law = "2023/1795"
	read(t, []sentence{
		{says: "the list that comes with the program certifies nobody", change: dpf, want: refused, law: law},
		{says: "a certificate of that organisation, in force today, will do", change: dpf, given: certified(held), want: nothing()},
		{says: "so it will where the decision is named instead", change: abroad("US", registry.Transfer{Instrument: registry.Adequacy, Reference: "x"}), given: certified(held), want: nothing()},
		{says: "naming the decision spares no certificate", change: abroad("US", registry.Transfer{Instrument: registry.Adequacy, Reference: "x"}), want: refused, law: law},
		{says: "another organisation's certificate will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Organisation = "Canal" }), want: refused, law: law},
		{says: "one that ended yesterday will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Until = day("2026-11-21") }), want: refused, law: law},
		{says: "one that begins tomorrow will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Since = day("2026-11-23") }), want: refused, law: law},
		{says: "one without an end will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Until = registry.Date{} }), want: refused, law: law},
		{says: "one without a beginning will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Since = registry.Date{} }), want: refused, law: law},
		{says: "one for the organisation's own staff will not do", change: dpf, given: but(func(c *registry.Certificate) { c.Covers = "HR" }), want: refused, law: law},
		{says: "it reaches no other country", change: abroad("IN", registry.Transfer{Instrument: registry.DPF}), given: certified(held), want: []string{"blocking transfer-certificate transfers[0].instrument"}, law: law},
		{
			says: "without the decision a certificate is worth nothing", change: dpf, given: func(c *conformity.Case) {
				c.Rules.Certified, c.Rules.Adequate = []registry.Certificate{held}, nil
			}, want: []string{"blocking transfer-certificate transfers[0].instrument"}, law: law,
		},
	})
}

// TestHardCase41WhenAnInstrumentFallsItIsFlaggedThenStopped stands for the framework that is annulled mid-contract.
func TestHardCase41WhenAnInstrumentFallsItIsFlaggedThenStopped(t *testing.T) {
	t.Parallel()
	falls := func(w registry.Withdrawal) func(*conformity.Case) {
		w.Why = "annulée"
		return func(c *conformity.Case) {
			c.Rules.Withdrawn = []registry.Withdrawal{w}
			c.Rules.Certified = []registry.Certificate{{Organisation: "Éditions du Canal", Covers: "non-HR", Since: day("2026-01-01"), Until: day("2027-12-31")}}
		}
	}
	dpf, swiss := abroad("US", registry.Transfer{Instrument: registry.DPF}), abroad("CH", registry.Transfer{Instrument: registry.Adequacy})
	since, open := day("2026-11-01"), day("2026-11-22")
	flagged, stopped := []string{"to-justify transfer-withdrawn transfers[0].instrument"}, []string{"blocking transfer-withdrawn transfers[0].instrument"}
	read(t, []sentence{
		{says: "until its deadline one says what comes next", change: dpf, given: falls(registry.Withdrawal{Instrument: registry.DPF, Since: since, Deadline: open}), want: flagged, law: "art. 44"},
		{says: "after it nothing rests on it", change: dpf, given: falls(registry.Withdrawal{Instrument: registry.DPF, Since: since, Deadline: day("2026-11-21")}), want: stopped, law: "art. 44"},
		{says: "without a deadline it is over", change: dpf, given: falls(registry.Withdrawal{Instrument: registry.DPF, Since: since}), want: stopped, law: "art. 44"},
		{says: "before it falls it holds", change: dpf, given: falls(registry.Withdrawal{Instrument: registry.DPF, Since: day("2026-11-23"), Deadline: day("2026-12-31")}), want: nothing()},
		{says: "the framework and the decision are one", change: dpf, given: falls(registry.Withdrawal{Instrument: registry.Adequacy, Country: "US", Since: since, Deadline: open}), want: flagged, law: "art. 44"},
		{says: "every instrument of a country may fall", change: swiss, given: falls(registry.Withdrawal{Country: "CH", Since: since, Deadline: open}), want: flagged, law: "art. 44"},
		{says: "one recipient's may", change: swiss, given: falls(registry.Withdrawal{Recipient: "editions du canal", Since: since, Deadline: open}), want: flagged, law: "art. 44"},
		{says: "another recipient's does not concern it", change: swiss, given: falls(registry.Withdrawal{Recipient: "Autre", Since: since, Deadline: open}), want: nothing()},
		{says: "another country's does not concern it", change: swiss, given: falls(registry.Withdrawal{Instrument: registry.Adequacy, Country: "GB", Since: since, Deadline: open}), want: nothing()},
		{says: "another instrument's does not concern it", change: swiss, given: falls(registry.Withdrawal{Instrument: registry.SCC, Since: since, Deadline: open}), want: nothing()},
		{says: "the framework's does not concern Switzerland", change: swiss, given: falls(registry.Withdrawal{Instrument: registry.DPF, Since: since, Deadline: open}), want: nothing()},
	})
}

func TestAFreeSuiteFromOutsideTheEEAIsJustifiedAgainstTheMinistrysAnswer(t *testing.T) {
	t.Parallel()
	offer := func(country string, free registry.Answer, use string) func(*registry.Declaration) {
		return func(d *registry.Declaration) {
			d.Uses = []string{"reading", use}
			abroad("FR", registry.Transfer{})(d)
			d.Supplier.Country, d.Supplier.Free = country, free
			d.Transfers = nil
			if country == "IN" {
				d.Transfers = []registry.Transfer{clauses()}
				d.Transfers[0].Country, d.Transfers[0].Recipient = "IN", d.Supplier.Name
			}
		}
	}
	irish := offer("IE", registry.AnswerYes, "suite")
	want := []string{"to-justify free-suite supplier.free"}
	const law = "15 novembre 2022"
	read(t, []sentence{
		{says: "a free one is", change: offer("IN", registry.AnswerYes, "suite"), want: want, law: law},
		{says: "one of which nobody knows is", change: offer("IN", "", "suite"), want: want, law: law},
		{says: "a paid one is not", change: offer("IN", registry.AnswerNo, "suite"), want: nothing()},
		{says: "one from inside is not", change: offer("FR", registry.AnswerYes, "suite"), want: nothing()},
		{says: "an Irish seat changes nothing when data rests outside", change: both(irish, abroad("IN", clauses())), want: want, law: law},
		{says: "nor when a transfer leaves", change: both(irish, func(d *registry.Declaration) {
			d.Transfers = []registry.Transfer{clauses()}
			d.Transfers[0].Country, d.Transfers[0].Recipient = "IN", d.Supplier.Name
		}), want: want, law: law},
		{says: "nor when a sub-processor only looks from outside", change: both(irish, func(d *registry.Declaration) {
			d.Supplier.Sub[0].Country, d.Supplier.Sub[0].Remote = "IN", true
			d.Transfers = []registry.Transfer{clauses()}
			d.Transfers[0].Country, d.Transfers[0].Recipient = "IN", d.Supplier.Sub[0].Name
		}), want: want, law: law},
		{says: "wholly inside, an Irish one is not", change: irish, want: nothing()},
		{says: "a paid Irish one is not, wherever it leaves", change: both(irish, abroad("IN", clauses()), supplier(func(s *registry.Supplier) { s.Free = registry.AnswerNo })), want: nothing()},
		{says: "something else than a suite is not", change: offer("IN", registry.AnswerYes, "exercises"), want: nothing()},
	})
}
