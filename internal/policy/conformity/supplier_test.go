package conformity_test

import (
	"testing"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

func supplier(change func(*registry.Supplier)) func(*registry.Declaration) {
	return func(d *registry.Declaration) { change(&d.Supplier) }
}

func without(kind registry.DocumentKind) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		var kept []registry.Document
		for _, doc := range d.Documents {
			if doc.Kind != kind {
				kept = append(kept, doc)
			}
		}
		d.Documents = kept
	}
}

func TestAProcessorIsBoundByAContract(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "it has a reference", change: supplier(func(s *registry.Supplier) { s.Reference = "" }), want: []string{"blocking supplier-evidence supplier.reference"}, law: "art. 28(3)"},
		{says: "it has parties", change: supplier(func(s *registry.Supplier) { s.Parties = nil }), want: []string{"blocking processor-contract supplier.parties"}, law: "art. 28(3)"},
		{says: "one party is not two", change: supplier(func(s *registry.Supplier) { s.Parties = s.Parties[:1] }), want: []string{"blocking processor-contract supplier.parties"}, law: "art. 28(3)"},
		{says: "it is signed on a day", change: supplier(func(s *registry.Supplier) { s.Signed = registry.Date{} }), want: []string{"blocking processor-contract supplier.signed"}, law: "art. 28(3)"},
		{
			says: "it is signed already", change: supplier(func(s *registry.Supplier) { s.Signed = day("2026-11-23") }),
			want: []string{"blocking processor-contract supplier.signed", "blocking contract-end from"}, law: "art. 28(3)",
		},
		{says: "an office signed it", change: supplier(func(s *registry.Supplier) { s.SignedBy = "" }), want: []string{"blocking processor-contract supplier.signed_by"}, law: "art. 28(3)"},
		{says: "it is attached", change: without(registry.ContractPaper), want: []string{"blocking processor-contract documents"}, law: "art. 28(3)"},
		{says: "the processor is named", change: supplier(func(s *registry.Supplier) { s.Name = "" }), want: []string{"blocking processor-contract supplier.name"}, law: "art. 28(3)"},
		{
			says: "terms of use alone bind nobody", change: supplier(func(s *registry.Supplier) { s.Evidence = registry.ByTermsOnly }),
			want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 28(3)",
		},
		{says: "nothing binds nobody", change: supplier(func(s *registry.Supplier) { s.Evidence = "" }), want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 28(3)"},
		{
			says: "the ministry's contract covers releases made through the GAR only", change: supplier(func(s *registry.Supplier) { s.Evidence = registry.ByGAR }),
			want: []string{"blocking supplier-evidence supplier.evidence"}, law: "GAR",
		},
		{says: "a text does not bind a processor", change: supplier(func(s *registry.Supplier) { s.Evidence = registry.ByText }), want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 28(3)"},
		{
			says: "a convention does not bind a private processor", change: supplier(func(s *registry.Supplier) { s.Evidence = registry.ByConvention }),
			want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 28(3)",
		},
		{says: "a convention binds a public processor", change: supplier(func(s *registry.Supplier) {
			s.Evidence, s.Kind = registry.ByConvention, registry.PublicSupplier
		}), want: nothing()},
		{says: "a sub-processor is named", change: supplier(func(s *registry.Supplier) { s.Sub[0].Name = "" }), want: []string{"blocking sub-processors supplier.sub_processors[0].name"}, law: "art. 28(2)"},
		{says: "what a sub-processor does is said", change: supplier(func(s *registry.Supplier) { s.Sub[0].For = "" }), want: []string{"to-justify sub-processors supplier.sub_processors[0].for"}, law: "art. 28(2)"},
	})
}

func TestOnlyEducationTermsWillDo(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "consumer terms are refused", change: supplier(func(s *registry.Supplier) { s.Terms.Offer = registry.ConsumerOffer }), want: []string{"blocking supplier-terms supplier.terms.offer"}, law: "art. 28(1)"},
		{says: "unknown terms are consumer terms", change: supplier(func(s *registry.Supplier) { s.Terms.Offer = "" }), want: []string{"blocking supplier-terms supplier.terms.offer"}, law: "art. 28(1)"},
		{says: "their version is known", change: supplier(func(s *registry.Supplier) { s.Terms.Version = "" }), want: []string{"blocking supplier-terms supplier.terms.version"}, law: "art. 28(1)"},
		{says: "they were accepted on a day", change: supplier(func(s *registry.Supplier) { s.Terms.Accepted = registry.Date{} }), want: []string{"blocking supplier-terms supplier.terms.accepted"}, law: "art. 28(1)"},
		{says: "they are kept as accepted", change: supplier(func(s *registry.Supplier) { s.Terms.Document = "" }), want: []string{"blocking supplier-terms supplier.terms.document"}, law: "art. 28(1)"},
		{says: "their hash is that of an attached document", change: without(registry.TermsPaper), want: []string{"blocking documents supplier.terms.document"}, law: "art. 5(2)"},
		{
			says: "consumer terms are refused between joint controllers too", change: both(jointly, supplier(func(s *registry.Supplier) { s.Terms.Offer = registry.ConsumerOffer })),
			want: []string{"blocking supplier-terms supplier.terms.offer"}, law: "art. 28(1)",
		},
	})
}

func TestAVendorThatMakesItselfControllerNeverPasses(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{
			says: "whatever else is written down", change: supplier(func(s *registry.Supplier) { s.Relation = registry.VendorController }),
			want: []string{"blocking supplier-relation supplier.relation"}, law: "art. 4(7)",
		},
		{
			says: "not as a public body either", change: both(ownMission, supplier(func(s *registry.Supplier) { s.Kind = registry.PrivateSupplier })),
			want: []string{"blocking public-body supplier.kind"}, law: "art. 6(1)(e)",
		},
		{
			says: "what nobody calls public is private", change: both(ownMission, supplier(func(s *registry.Supplier) { s.Kind = "" })),
			want: []string{"blocking public-body supplier.kind"}, law: "art. 6(1)(e)",
		},
		{
			says: "an unknown relation is none", change: supplier(func(s *registry.Supplier) { s.Relation = "partner" }),
			want: []string{"blocking supplier-relation supplier.relation"}, law: "art. 26, 28",
		},
	})
}

// TestDiscordAndFreeZoomCanNeverPass writes them down as truthfully and as favourably as one may.
func TestDiscordAndFreeZoomCanNeverPass(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		says     string
		supplier registry.Supplier
	}{
		{"Discord as it is", registry.Supplier{Relation: registry.VendorController, Name: "Discord Inc.", Country: "US", Evidence: registry.ByTermsOnly}},
		{"free Zoom as a processor by its consumer terms", registry.Supplier{
			Relation: registry.Processor, Name: "Zoom Communications, Inc.", Kind: registry.PrivateSupplier, Country: "US", Free: registry.AnswerYes,
			Evidence: registry.ByTermsOnly, Reference: "Terms of Service", Parties: []string{"a", "b"}, Signed: day("2026-06-15"), Until: day("2029-08-31"), SignedBy: "recteur",
			Terms: registry.Terms{Offer: registry.ConsumerOffer, Version: "1", Accepted: day("2026-06-15"), Document: conformitytest.Hash("terms")},
		}},
		{"free Zoom as a controller of its own", registry.Supplier{Relation: registry.PublicBody, Name: "Zoom", Kind: registry.PrivateSupplier, Country: "US", Evidence: registry.ByText, Reference: "x"}},
	} {
		d, r := conforming(), newCase(t)
		d.Supplier = c.supplier
		d.Transfers = []registry.Transfer{{Country: "US", Recipient: c.supplier.Name, Instrument: registry.DPF}}
		r.Rules.Certified = []registry.Certificate{{Organisation: c.supplier.Name, Covers: "HR, non-HR", Since: day("2024-01-01"), Until: day("2027-12-31")}}
		for _, f := range conformity.Examine(d, r) {
			d.Justified = append(d.Justified, registry.Justified{Rule: f.Rule, Text: "parce que"})
		}
		if !registry.Blocks(conformity.Examine(d, r)) {
			t.Errorf("%s passes", c.says)
		}
	}
}

func jointly(d *registry.Declaration) {
	d.Supplier.Relation, d.Supplier.Evidence = registry.JointController, registry.ByArrangement
	d.Supplier.Essence = registry.Text{FR: "La région héberge, le rectorat répond des contenus."}
	d.Joint = []registry.Controller{{Name: "Région", Office: "président", DPO: "dpd@region.example", Contact: "x"}}
}

// byConvention is a public body's own mission, founded by a convention instead of a text.
func byConvention(d *registry.Declaration) {
	ownMission(d)
	d.Supplier.Evidence = registry.ByConvention
}

func ownMission(d *registry.Declaration) {
	d.Supplier.Relation, d.Supplier.Evidence, d.Supplier.Kind = registry.PublicBody, registry.ByText, registry.PublicSupplier
}

func TestJointControllersArrangeAndPublish(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "an arrangement whose essence is published will do", change: jointly, want: nothing()},
		{says: "its essence is published", change: both(jointly, supplier(func(s *registry.Supplier) { s.Essence = registry.Text{} })), want: []string{"blocking joint-arrangement supplier.essence"}, law: "art. 26(2)"},
		{says: "the others are named", change: both(jointly, func(d *registry.Declaration) { d.Joint = nil }), want: []string{"blocking joint-arrangement joint_controllers"}, law: "art. 26(1)"},
		{
			says: "a contract is no arrangement", change: both(jointly, supplier(func(s *registry.Supplier) { s.Evidence = registry.ByContract })),
			want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 26(1)",
		},
		{says: "it has a reference", change: both(jointly, supplier(func(s *registry.Supplier) { s.Reference = "" })), want: []string{"blocking supplier-evidence supplier.reference"}, law: "art. 26(1)"},
		{says: "it is signed on a day", change: both(jointly, supplier(func(s *registry.Supplier) { s.Signed = registry.Date{} })), want: []string{"blocking joint-arrangement supplier.signed"}, law: "art. 26(1)"},
		{
			says: "it is signed already", change: both(jointly, supplier(func(s *registry.Supplier) { s.Signed = day("2026-11-23") })),
			want: []string{"blocking joint-arrangement supplier.signed", "blocking contract-end from"}, law: "RGPD",
		},
		{says: "signed today it is signed", change: both(jointly, func(d *registry.Declaration) {
			d.Supplier.Signed, d.From = day("2026-11-22"), day("2026-11-22")
		}), want: nothing()},
		{says: "it is attached", change: both(jointly, without(registry.ContractPaper)), want: []string{"blocking joint-arrangement documents"}, law: "art. 26(1)"},
		{says: "the terms of use are no arrangement", change: both(jointly, func(d *registry.Declaration) { d.Documents[0].Kind = registry.OtherPaper }), want: []string{"blocking joint-arrangement documents"}, law: "art. 26(1)"},
	})
}

func TestAPublicBodyIsControllerUnderATextOrAConvention(t *testing.T) {
	t.Parallel()
	read(t, []sentence{
		{says: "a text will do", change: ownMission, want: nothing()},
		{says: "a text is public: its reference is enough", change: both(ownMission, without(registry.ContractPaper), supplier(func(s *registry.Supplier) {
			s.Signed, s.Until, s.Parties, s.SignedBy = registry.Date{}, registry.Date{}, nil, ""
		})), want: nothing()},
		{says: "a convention will do", change: byConvention, want: nothing()},
		{says: "a convention has a reference", change: both(byConvention, supplier(func(s *registry.Supplier) { s.Reference = "" })), want: []string{"blocking supplier-evidence supplier.reference"}, law: "6(3)"},
		{says: "a convention is signed on a day", change: both(byConvention, supplier(func(s *registry.Supplier) { s.Signed = registry.Date{} })), want: []string{"blocking public-body supplier.signed"}, law: "6(3)"},
		{
			says: "a convention is signed already", change: both(byConvention, supplier(func(s *registry.Supplier) { s.Signed = day("2026-11-23") })),
			want: []string{"blocking public-body supplier.signed", "blocking contract-end from"}, law: "RGPD",
		},
		{says: "a convention is attached", change: both(byConvention, without(registry.ContractPaper)), want: []string{"blocking public-body documents"}, law: "6(3)"},
		{says: "a contract founds no mission", change: both(ownMission, supplier(func(s *registry.Supplier) { s.Evidence = registry.ByContract })), want: []string{"blocking supplier-evidence supplier.evidence"}, law: "art. 6(3)"},
		{says: "the text is cited", change: both(ownMission, supplier(func(s *registry.Supplier) { s.Reference = "" })), want: []string{"blocking supplier-evidence supplier.reference"}, law: "6(3)"},
		{says: "the body is named", change: both(ownMission, supplier(func(s *registry.Supplier) { s.Name = "" })), want: []string{"blocking public-body supplier.name"}, law: "6(3)"},
	})
}

func TestAnInternalServiceHasNoSupplier(t *testing.T) {
	t.Parallel()
	internal := func(d *registry.Declaration) { d.Supplier = registry.Supplier{Relation: registry.Internal} }
	read(t, []sentence{
		{says: "none is named", change: internal, want: nothing()},
		{says: "naming one contradicts it", change: both(internal, supplier(func(s *registry.Supplier) { s.Name = "Éditions du Canal" })), want: []string{"blocking internal supplier.name"}, law: "art. 28(1)"},
		{
			says: "a sub-processor contradicts it", change: both(internal, supplier(func(s *registry.Supplier) { s.Sub = []registry.SubProcessor{{Name: "x", Country: "FR", For: "y"}} })),
			want: []string{"blocking internal supplier.name"}, law: "art. 28(1)",
		},
	})
}

func TestASchoolSignsWithItsCouncil(t *testing.T) {
	t.Parallel()
	act := supplier(func(s *registry.Supplier) { s.CouncilAct = "CA du 30 juin 2026, acte 12" })
	paper := func(d *registry.Declaration) {
		d.Documents = append(d.Documents, registry.Document{Kind: registry.CouncilPaper, Name: "acte.pdf", Hash: conformitytest.Hash("act")})
	}
	missing := []string{"blocking council-act supplier.council_act"}
	read(t, []sentence{
		{says: "without the council's act or a delegation it does not", change: ofSchools("0280202T"), given: inSchools, want: missing, law: "R. 421-20"},
		{says: "an unknown school is a public one", change: ofSchools("0280909Z"), given: inSchools, want: missing, law: "R. 421-20"},
		{says: "with it, it does", change: both(ofSchools("0280202T"), act, paper), given: inSchools, want: nothing()},
		{says: "the act is attached or it is said why not", change: both(ofSchools("0280202T"), act), given: inSchools, want: []string{"to-justify council-act supplier.council_act"}, law: "R. 421-20"},
		{says: "a private school has no such council", change: ofSchools("0280505X"), given: inSchools, want: nothing()},
		{says: "one public school among private ones has", change: ofSchools("0280505X", "0280202T"), given: inSchools, want: missing, law: "R. 421-20"},
		{says: "a proviseure who signs for an academy still needs it", change: signedBy("La proviseure"), want: missing, law: "R. 421-20"},
		{says: "the recteur who signs for a school does not", change: both(ofSchools("0280202T"), signedBy("rectorat")), given: inSchools, want: nothing()},
		{says: "an office that nobody knows is the school's", change: both(ofSchools("0280202T"), signedBy("le bureau")), given: inSchools, want: missing, law: "R. 421-20"},
		{says: "a teacher engages nobody", change: signedBy("Professeur documentaliste"), want: []string{"blocking signatory supplier.signed_by"}, law: "L. 421-3"},
		{says: "a directrice d'école engages nobody", change: signedBy("directrice d'école"), want: []string{"blocking signatory supplier.signed_by"}, law: "L. 421-3"},
	})
}

// TestHardCase34AServiceThatChangedHandsNeedsItsOwnDeclaration stands for a service that was resold or renamed.
func TestHardCase34AServiceThatChangedHandsNeedsItsOwnDeclaration(t *testing.T) {
	t.Parallel()
	run := func(provider string) func(*conformity.Case) {
		return func(c *conformity.Case) { c.Service = registry.Service{ID: "lire", Provider: provider} }
	}
	read(t, []sentence{
		{says: "the provider is the declared supplier, however it is spelled", given: run("editions du CANAL"), want: nothing()},
		{says: "another provider is justified", given: run("Groupe Océan"), want: []string{"to-justify provider supplier.name"}, law: "art. 28(2)"},
	})
}
