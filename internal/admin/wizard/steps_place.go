package wizard

import (
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/web"
)

func placeStep() []group {
	type d = *registry.Declaration
	return []group{
		{"places", []field{
			codes("hosting", "hosting", func(v d) *[]string { return &v.Hosting }),
			rows("sub", "supplier.sub_processors", func(v d) *[]registry.SubProcessor { return &v.Supplier.Sub }, 1, []column[registry.SubProcessor]{
				cell("name", "name", line, func(s *registry.SubProcessor) *string { return &s.Name }),
				cell("country", "country", line, func(s *registry.SubProcessor) *string { return &s.Country }),
				cell("for", "for", line, func(s *registry.SubProcessor) *string { return &s.For }),
				yesCell("remote", "remote", func(s *registry.SubProcessor) *bool { return &s.Remote }),
			}),
			rows("transfers", "transfers", func(v d) *[]registry.Transfer { return &v.Transfers }, 1, []column[registry.Transfer]{
				cell("country", "country", line, func(t *registry.Transfer) *string { return &t.Country }),
				cell("recipient", "recipient", line, func(t *registry.Transfer) *string { return &t.Recipient }),
				yesCell("remote", "remote", func(t *registry.Transfer) *bool { return &t.Remote }),
				among("instrument", "instrument", "instrument", func(t *registry.Transfer) *registry.Instrument { return &t.Instrument },
					registry.Adequacy, registry.DPF, registry.SCC, registry.BCR, registry.Derogation),
				cell("reference", "reference", line, func(t *registry.Transfer) *string { return &t.Reference }),
				cell("assessment", "assessment", line, func(t *registry.Transfer) *string { return &t.Assessment }),
				dateCell("signed", "signed", func(t *registry.Transfer) *registry.Date { return &t.Signed }),
				dateCell("until", "until", func(t *registry.Transfer) *registry.Date { return &t.Until }),
			}),
		}},
		{"time", append(said("retention", "retention", func(v d) *registry.Text { return &v.Retention }),
			rows("erasure", "erasure", func(v d) *[]registry.Erasure { return &v.Erasure }, 1, []column[registry.Erasure]{
				cell("what", "what", line, func(e *registry.Erasure) *string { return &e.What.FR }),
				cell("what_en", "what.en", line, func(e *registry.Erasure) *string { return &e.What.EN }),
				{
					field: field{key: "months", kind: number, where: []string{"months"}},
					get:   func(e registry.Erasure) string { return written(e.Months) },
					set:   func(e *registry.Erasure, s string) { e.Months = counted(s) },
				},
				among("after", "after", "event", func(e *registry.Erasure) *registry.Event { return &e.After },
					registry.AfterCollection, registry.AfterYear, registry.AfterDeparture, registry.AfterSchooling),
			}),
			date("from", "from", func(v d) *registry.Date { return &v.From }),
			date("until", "until", func(v d) *registry.Date { return &v.Until }),
			minutes("session", "max_session", func(v d) *time.Duration { return &v.MaxSession }),
			pilot("pilot_until", "pilot.until", day, func(p registry.Pilot) string { return p.Until.String() }, func(p *registry.Pilot, s string) { p.Until = dated(s) }),
			pilot("pilot_why", "pilot.why", area, func(p registry.Pilot) string { return p.Why }, func(p *registry.Pilot, s string) { p.Why = s }),
		)},
		{"security", []field{texts("security", "security", func(v d) *[]registry.Text { return &v.Security })}},
	}
}

// pilot is a field of the experiment that a declaration may be; without any there is none.
func pilot(key, where string, k kind, get func(registry.Pilot) string, set func(*registry.Pilot, string)) field {
	return field{
		key: key, kind: k, where: []string{where},
		get: func(d registry.Declaration) [][]string {
			if d.Pilot == nil {
				return one("")
			}
			return one(get(*d.Pilot))
		},
		set: func(d *registry.Declaration, rows [][]string) {
			var next registry.Pilot
			if d.Pilot != nil {
				next = *d.Pilot
			}
			if set(&next, first(rows)); next == (registry.Pilot{}) {
				d.Pilot = nil
				return
			}
			d.Pilot = &next
		},
	}
}

func papersStep() []group {
	type d = *registry.Declaration
	s := func(v d) *registry.Supplier { return &v.Supplier }
	return []group{
		{"contract", append([]field{
			pick("evidence", "supplier.evidence", "evidence", func(v d) *registry.Evidence { return &s(v).Evidence },
				registry.ByContract, registry.ByArrangement, registry.ByText, registry.ByConvention, registry.ByTermsOnly, registry.ByGAR),
			text("reference", "supplier.reference", func(v d) *string { return &s(v).Reference }),
			names("parties", "supplier.parties", func(v d) *[]string { return &s(v).Parties }),
			date("signed", "supplier.signed", func(v d) *registry.Date { return &s(v).Signed }),
			date("contract_until", "supplier.until", func(v d) *registry.Date { return &s(v).Until }),
			text("signed_by", "supplier.signed_by", func(v d) *string { return &s(v).SignedBy }),
			text("council_act", "supplier.council_act", func(v d) *string { return &s(v).CouncilAct }),
			pick("offer", "supplier.terms.offer", "offer", func(v d) *registry.Offer { return &s(v).Terms.Offer }, registry.EducationOffer, registry.ConsumerOffer),
			text("terms_version", "supplier.terms.version", func(v d) *string { return &s(v).Terms.Version }),
			date("terms_accepted", "supplier.terms.accepted", func(v d) *registry.Date { return &s(v).Terms.Accepted }),
			paper("terms_document", "supplier.terms.document", func(v d) *string { return &s(v).Terms.Document }),
		}, said("essence", "supplier.essence", func(v d) *registry.Text { return &s(v).Essence })...)},
		{"dpia", append([]field{
			answer("dpia_done", "dpia.done", func(v d) *registry.Answer { return &v.DPIA.Done }),
			date("dpia_date", "dpia.date", func(v d) *registry.Date { return &v.DPIA.Date }),
			paper("dpia_document", "dpia.document", func(v d) *string { return &v.DPIA.Document }),
			answer("dpia_large", "dpia.large_scale", func(v d) *registry.Answer { return &v.DPIA.Large }),
			several("dpia_criteria", "dpia.criteria", func(v d) *[]string { return &v.DPIA.Criteria }, criteria),
		}, said("dpia_why", "dpia.why", func(v d) *registry.Text { return &v.DPIA.Why })...)},
		{"risk", risks()},
		{"informed", []field{
			rows("informed", "informed", func(v d) *[]registry.Notice { return &v.Informed }, 1, []column[registry.Notice]{
				among("kind", "kind", "notice", func(n *registry.Notice) *registry.NoticeKind { return &n.Kind },
					registry.InCharter, registry.InCouncil, registry.ToPupils, registry.ToGuardians, registry.ToStaff),
				dateCell("date", "date", func(n *registry.Notice) *registry.Date { return &n.Date }),
				cell("document", "document", line, func(n *registry.Notice) *string { return &n.Document }),
			}),
			text("directory", "directory", func(v d) *string { return &v.Directory }),
		}},
		{"documents", []field{
			rows("documents", "documents", func(v d) *[]registry.Document { return &v.Documents }, 0, []column[registry.Document]{
				cell("name", "name", line, func(p *registry.Document) *string { return &p.Name }),
				among("kind", "kind", "paper", func(p *registry.Document) *registry.DocumentKind { return &p.Kind }, paperKinds()...),
				dateCell("date", "date", func(p *registry.Document) *registry.Date { return &p.Date }),
				cell("hash", "hash", fixed, func(p *registry.Document) *string { return &p.Hash }),
			}),
		}},
	}
}

func paperKinds() []registry.DocumentKind {
	return []registry.DocumentKind{
		registry.ContractPaper, registry.TermsPaper, registry.DPIAPaper, registry.CouncilPaper, registry.DecisionPaper, registry.OtherPaper,
	}
}

// paper is one of the documents that the declaration names.
func paper(key, where string, at func(*registry.Declaration) *string) field {
	f := text(key, where, at)
	f.kind = choice
	f.options = func(s *scene) []web.Option {
		out := []web.Option{{Label: s.Say("choice.none")}}
		known := map[string]bool{}
		for _, p := range s.text.Documents {
			known[p.Hash] = true
			out = append(out, web.Option{Value: p.Hash, Label: p.Name})
		}
		if other := *at(&s.text); other != "" && !known[other] {
			out = append(out, web.Option{Value: other, Label: other})
		}
		return out
	}
	return f
}

func criteria(s *scene) []web.Option {
	var out []web.Option
	for _, c := range s.Snapshot.Rules(s.Now).DPIA {
		out = append(out, web.Option{Value: c.ID, Label: c.Label.In(s.In())})
	}
	return out
}

// risks are the seven points of the risk form.
func risks() []field {
	type d = *registry.Declaration
	var out []field
	for _, point := range []struct {
		name string
		at   func(d) *registry.RiskPoint
	}{
		{"information", func(v d) *registry.RiskPoint { return &v.Risk.Information }},
		{"vulnerability", func(v d) *registry.RiskPoint { return &v.Risk.Vulnerability }},
		{"framework", func(v d) *registry.RiskPoint { return &v.Risk.Framework }},
		{"exposure", func(v d) *registry.RiskPoint { return &v.Risk.Exposure }},
		{"identification", func(v d) *registry.RiskPoint { return &v.Risk.Identification }},
		{"flaws", func(v d) *registry.RiskPoint { return &v.Risk.Flaws }},
		{"harvesting", func(v d) *registry.RiskPoint { return &v.Risk.Harvesting }},
	} {
		level := pick("risk_"+point.name, "risk."+point.name+".level", "risk", func(v d) *registry.RiskLevel { return &point.at(v).Level }, registry.Low, registry.Medium, registry.High)
		why := text("risk_"+point.name+"_why", "risk."+point.name, func(v d) *string { return &point.at(v).Why })
		out = append(out, level, why)
	}
	return out
}
