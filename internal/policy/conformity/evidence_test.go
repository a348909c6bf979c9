package conformity_test

import (
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

func dpia(a registry.DPIA) func(*registry.Declaration) {
	return func(d *registry.Declaration) { d.DPIA = a }
}

func TestTwoCriteriaAskForAnImpactAssessment(t *testing.T) {
	t.Parallel()
	no, yes := registry.AnswerNo, registry.AnswerYes
	why := registry.Text{FR: "un seul critère"}
	missing := []string{"blocking dpia dpia.done"}
	const law = "art. 35(1)"
	done := registry.DPIA{Done: yes, Date: day("2026-05-20"), Document: conformitytest.Hash("dpia")}
	with := func(change func(*registry.DPIA)) func(*registry.Declaration) {
		a := done
		change(&a)
		return dpia(a)
	}
	read(t, []sentence{
		{says: "minors on a large scale are two", change: dpia(registry.DPIA{Done: no, Large: yes, Why: why}), want: missing, law: law},
		{says: "a scale that nobody knows is large", change: dpia(registry.DPIA{Why: why}), want: missing, law: law},
		{says: "minors alone are one", change: dpia(registry.DPIA{Large: no, Why: why}), want: nothing()},
		{says: "adults on a large scale are one", change: both(staffOnly, dpia(registry.DPIA{Large: yes, Why: why})), want: nothing()},
		{says: "pupils of 18 and more are no minors", change: both(dpia(registry.DPIA{Large: yes, Why: why}), func(d *registry.Declaration) { d.Audience.MinAge = 18 }), want: nothing()},
		{says: "pupils of 17 may be", change: both(dpia(registry.DPIA{Large: yes, Why: why}), func(d *registry.Declaration) { d.Audience.MinAge = 17 }), want: missing, law: law},
		{says: "minors and monitoring are two", change: dpia(registry.DPIA{Large: no, Why: why, Criteria: []string{"monitoring"}}), want: missing, law: law},
		{says: "a criterion counts once", change: dpia(registry.DPIA{Large: no, Why: why, Criteria: []string{"vulnerable"}}), want: nothing()},
		{
			says: "minors and sensitive data are two", change: both(dpia(registry.DPIA{Large: no, Why: why}), func(d *registry.Declaration) { d.Data[0].FR = "handicap" }),
			want: []string{"to-justify data-reveals data[0]", "blocking dpia dpia.done"},
		},
		{says: "below two it is said why there is none", change: dpia(registry.DPIA{Large: no}), want: []string{"to-justify dpia dpia.why"}, law: law},
		{says: "an unknown criterion is refused", change: with(func(a *registry.DPIA) { a.Criteria = []string{"magic"} }), want: []string{"blocking dpia dpia.criteria[0]"}, law: law},
		{says: "one that is done has a day", change: with(func(a *registry.DPIA) { a.Date = registry.Date{} }), want: []string{"blocking dpia dpia.date"}, law: law},
		{says: "one that is done is not yet to come", change: with(func(a *registry.DPIA) { a.Date = day("2026-11-23") }), want: []string{"blocking dpia dpia.date"}, law: law},
		{says: "one made today is done", change: with(func(a *registry.DPIA) { a.Date = day("2026-11-22") }), want: nothing()},
		{says: "one that is done is attached", change: with(func(a *registry.DPIA) { a.Document = "" }), want: []string{"blocking dpia dpia.document"}, law: law},
		{says: "another paper is not the assessment", change: with(func(a *registry.DPIA) { a.Document = conformitytest.Hash("contract") }), want: []string{"blocking dpia dpia.document"}, law: law},
	})
}

func TestTheRiskFormIsComplete(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{
			says: "each of its seven points is answered", change: func(d *registry.Declaration) { d.Risk = registry.Risk{} }, law: "art. 32(2)",
			want: []string{
				"blocking risk risk.information.level", "blocking risk risk.vulnerability.level", "blocking risk risk.framework.level", "blocking risk risk.exposure.level",
				"blocking risk risk.identification.level", "blocking risk risk.flaws.level", "blocking risk risk.harvesting.level",
			},
		},
		{says: "an unknown level is no answer", change: func(d *registry.Declaration) { d.Risk.Flaws.Level = "none" }, want: []string{"blocking risk risk.flaws.level"}, law: "art. 32(2)"},
		{
			says: "a high one says why, and what is done about it", change: func(d *registry.Declaration) { d.Risk.Harvesting = registry.RiskPoint{Level: registry.High} },
			want: []string{"blocking risk risk.harvesting.why", "to-justify risk-high risk.harvesting"}, law: "art. 32(2)",
		},
		{
			says: "saying why does not say what is done", change: func(d *registry.Declaration) {
				d.Risk.Exposure = registry.RiskPoint{Level: registry.High, Why: "publication des travaux"}
			}, want: []string{"to-justify risk-high risk.exposure"}, law: "art. 32(2)",
		},
	})
}

func TestDataIsNotKeptBeyondSchooling(t *testing.T) {
	t.Parallel()
	kept := func(months int, after registry.Event) func(*registry.Declaration) {
		return func(d *registry.Declaration) { d.Erasure[0].Months, d.Erasure[0].After = months, after }
	}
	long := []string{"to-justify kept-long erasure[0].months"}
	const law = "art. 5(1)(e)"
	read(t, []sentence{
		{says: "how long is said to people", change: func(d *registry.Declaration) { d.Retention.FR = "" }, want: []string{"blocking erasure retention"}, law: law},
		{says: "what the delay is for is said", change: func(d *registry.Declaration) { d.Erasure[0].What.FR = "" }, want: []string{"blocking erasure erasure[0].what"}, law: law},
		{says: "a delay is not negative", change: kept(-1, registry.AfterYear), want: []string{"blocking erasure erasure[0].months"}, law: law},
		{says: "it is counted from an event that is known", change: kept(3, "later"), want: []string{"blocking erasure erasure[0].after"}, law: law},
		{says: "twelve months after schooling will do", change: kept(12, registry.AfterSchooling), want: nothing()},
		{says: "thirteen are justified", change: kept(13, registry.AfterSchooling), want: long, law: law},
		{says: "so are thirteen after departure", change: kept(13, registry.AfterDeparture), want: long, law: law},
		{says: "from collection a whole schooling will do", change: kept(180, registry.AfterCollection), want: nothing()},
		{says: "from collection more is justified", change: kept(181, registry.AfterCollection), want: long, law: law},
		{says: "from a school year more is justified", change: kept(181, registry.AfterYear), want: long, law: law},
	})
}

func informed(kinds ...registry.NoticeKind) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		d.Informed = nil
		for _, kind := range kinds {
			d.Informed = append(d.Informed, registry.Notice{Kind: kind, Date: day("2026-09-01")})
		}
	}
}

func TestThePublicIsInformed(t *testing.T) {
	t.Parallel()
	charter, council, pupils, guardians, staff := registry.InCharter, registry.InCouncil, registry.ToPupils, registry.ToGuardians, registry.ToStaff
	missing := []string{"blocking informed informed"}
	read(t, []sentence{
		{says: "pupils are", change: informed(charter, council, guardians, staff), want: missing, law: "art. 12(1)"},
		{says: "their guardians are", change: informed(charter, council, pupils, staff), want: missing, law: "art. 12(1)"},
		{says: "staff are", change: informed(charter, council, pupils, guardians), want: missing, law: "art. 13"},
		{says: "guardians of adults need not be", change: both(informed(charter, council, pupils, staff), func(d *registry.Declaration) { d.Audience.MinAge = 18 }), want: nothing()},
		{
			says: "guardians who use it are", change: both(informed(charter, council, staff), func(d *registry.Declaration) { d.Audience.Profiles = []person.Profile{person.Guardian} }),
			want: missing, law: "art. 12(1)",
		},
		{says: "pupils who do not use it need not be", change: both(informed(charter, staff), staffOnly), want: nothing()},
		{says: "the council is, or it is said when", change: informed(charter, pupils, guardians, staff), want: []string{"to-justify council-informed informed"}, law: "L. 421-4"},
		{says: "a private school has no such council", change: both(ofSchools("0280505X"), informed(charter, pupils, guardians, staff)), given: inSchools, want: nothing()},
		{says: "the charter says so, or it is told", change: informed(council, pupils, guardians, staff), want: []string{"note charter informed"}, law: "art. 5(1)(a)"},
		{says: "a notice without day or document is none", change: func(d *registry.Declaration) { d.Informed[2] = registry.Notice{Kind: pupils} }, want: missing, law: "art. 12(1)"},
		{says: "a document will do", change: func(d *registry.Declaration) { d.Informed[2] = registry.Notice{Kind: pupils, Document: "affiche"} }, want: nothing()},
	})
}

func TestADeclarationEndsWithWhatItRestsOn(t *testing.T) {
	t.Parallel()
	span := func(from, until string) func(*registry.Declaration) {
		return func(d *registry.Declaration) { d.From, d.Until = day(from), day(until) }
	}
	read(t, []sentence{
		{says: "it begins on a day", change: func(d *registry.Declaration) { d.From = registry.Date{} }, want: []string{"blocking dates from"}, law: "art. 24(1)"},
		{says: "it ends on a day", change: func(d *registry.Declaration) { d.Until = registry.Date{} }, want: []string{"blocking dates until"}, law: "art. 24(1)"},
		{says: "it does not end before it begins", change: span("2026-09-01", "2026-08-31"), want: []string{"blocking dates until"}, law: "art. 24(1)"},
		{says: "three years are not too long", change: span("2026-08-01", "2029-07-31"), want: nothing()},
		{says: "more than three years are justified", change: span("2026-08-01", "2029-08-01"), want: []string{"to-justify dates-long until"}, law: "art. 24(1)"},
		{says: "one that is over is told to be", change: span("2026-09-01", "2026-11-21"), want: []string{"note dates until"}, law: "art. 24(1)"},
		{says: "its last day is still within", change: span("2026-09-01", "2026-11-22"), want: nothing()},
		{says: "it does not outlive its contract", change: supplier(func(s *registry.Supplier) { s.Until = day("2027-08-30") }), want: []string{"blocking contract-end until"}, law: "art. 28(3)(g)"},
		{says: "it may end with its contract", change: supplier(func(s *registry.Supplier) { s.Until = day("2027-08-31") }), want: nothing()},
		{says: "a contract without an end is justified", change: supplier(func(s *registry.Supplier) { s.Until = registry.Date{} }), want: []string{"to-justify contract-end supplier.until"}, law: "art. 28(3)(g)"},
		{says: "it does not begin before its contract is signed", change: supplier(func(s *registry.Supplier) { s.Signed = day("2026-09-02") }), want: []string{"blocking contract-end from"}, law: "art. 28(3)"},
		{says: "an experiment ends", change: func(d *registry.Declaration) { d.Pilot = &registry.Pilot{} }, want: []string{"blocking pilot pilot.until"}, law: "art. 5(1)"},
		{
			says: "the declaration of an experiment ends with it", change: func(d *registry.Declaration) { d.Pilot = &registry.Pilot{Until: day("2027-08-30")} },
			want: []string{"blocking pilot until"}, law: "art. 5(1)",
		},
		{says: "an experiment may last as long as its declaration", change: func(d *registry.Declaration) { d.Pilot = &registry.Pilot{Until: day("2027-08-31")} }, want: nothing()},
	})
}

func TestPapersAreAttached(t *testing.T) {
	t.Parallel()
	attach := func(kind registry.DocumentKind, hash string) func(*registry.Declaration) {
		return func(d *registry.Declaration) {
			d.Documents = append(d.Documents, registry.Document{Kind: kind, Name: "x.pdf", Hash: hash})
		}
	}
	signed := func(p registry.Paper) func(*registry.Declaration) {
		return func(d *registry.Declaration) { d.Paper = &p }
	}
	act := registry.Paper{Act: "arrêté 12", Date: day("2026-06-30"), Signatory: "recteur", Document: conformitytest.Hash("act")}
	paper := attach(registry.DecisionPaper, act.Document)
	but := func(change func(*registry.Paper)) func(*registry.Declaration) {
		p := act
		change(&p)
		return both(signed(p), paper)
	}
	read(t, []sentence{
		{says: "a hash is a hash", change: attach(registry.OtherPaper, "ABC"), want: []string{"blocking documents documents[3].hash"}, law: "art. 5(2)"},
		{says: "a paper is of a kind that is known", change: attach("note", conformitytest.Hash("x")), want: []string{"blocking documents documents[3].kind"}, law: "art. 5(2)"},
		{
			says: "a contract without a hash is not attached", change: func(d *registry.Declaration) { d.Documents[0].Hash = "" },
			want: []string{"blocking processor-contract documents", "blocking documents documents[0].hash"},
		},
		{
			says: "a notice that is referred to by its hash is", change: func(d *registry.Declaration) { d.Informed[0].Document = conformitytest.Hash("charter") },
			want: []string{"blocking documents informed[0].document"}, law: "art. 5(2)",
		},
		{says: "a decision signed on paper may be taken over", change: both(signed(act), paper), want: nothing()},
		{says: "with its reference", change: but(func(p *registry.Paper) { p.Act = "" }), want: []string{"blocking paper paper.act"}, law: "art. 5(2)"},
		{says: "with its date", change: but(func(p *registry.Paper) { p.Date = registry.Date{} }), want: []string{"blocking paper paper.date"}, law: "art. 5(2)"},
		{says: "with a date that has come", change: but(func(p *registry.Paper) { p.Date = day("2026-11-23") }), want: []string{"blocking paper paper.date"}, law: "art. 5(2)"},
		{says: "with its signatory", change: but(func(p *registry.Paper) { p.Signatory = "" }), want: []string{"blocking paper paper.signatory"}, law: "art. 5(2)"},
		{says: "with the paper itself", change: signed(act), want: []string{"blocking paper paper.document"}, law: "art. 5(2)"},
		{says: "with its hash", change: but(func(p *registry.Paper) { p.Document = "" }), want: []string{"blocking paper paper.document"}, law: "art. 5(2)"},
	})
}
