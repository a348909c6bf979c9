package conformity_test

import (
	"testing"

	"ecluse/internal/registry"
)

// theHouse is the gateway's own entry with everything that it must hold.
func theHouse(d *registry.Declaration) {
	d.ServiceID = registry.House
	d.Supplier = registry.Supplier{Relation: registry.Internal, Evidence: registry.ByContract, Reference: "convention type", Signed: day("2026-06-15")}
	d.Erasure = []registry.Erasure{
		{What: registry.Text{FR: "session", EN: "session"}, After: registry.AfterCollection},
		{What: registry.Text{FR: "Journal des accès", EN: "access log"}, Months: 12, After: registry.AfterCollection},
		{What: registry.Text{FR: "reçus d'information", EN: "receipts"}, Months: 12, After: registry.AfterCollection},
	}
}

func ownEntry(change func(*registry.Declaration)) func(*registry.Declaration) {
	return both(theHouse, change)
}

func TestTheGatewaysOwnEntryBindsTheRectoratToEachSchool(t *testing.T) {
	t.Parallel()
	evidence := []string{"blocking house supplier.evidence"}
	read(t, []sentence{
		{says: "with its act nothing is missing", change: theHouse, want: nothing()},
		{says: "an arrangement will do", change: ownEntry(supplier(func(s *registry.Supplier) { s.Evidence = registry.ByArrangement })), want: nothing()},
		{says: "a convention between public bodies is neither", change: ownEntry(supplier(func(s *registry.Supplier) { s.Evidence = registry.ByConvention })), want: evidence, law: "art. 26(1)"},
		{says: "terms of use bind nobody", change: ownEntry(supplier(func(s *registry.Supplier) { s.Evidence = registry.ByTermsOnly })), want: evidence, law: "art. 28(3)"},
		{says: "it is said which it is", change: ownEntry(supplier(func(s *registry.Supplier) { s.Evidence = "" })), want: evidence, law: "art. 28(3)"},
		{says: "its act is cited", change: ownEntry(supplier(func(s *registry.Supplier) { s.Reference = " " })), want: []string{"blocking house supplier.reference"}, law: "art. 28(3)"},
		{says: "its act is signed on a day", change: ownEntry(supplier(func(s *registry.Supplier) { s.Signed = registry.Date{} })), want: []string{"blocking house supplier.signed"}, law: "art. 28(3)"},
		{says: "its act is signed already", change: ownEntry(supplier(func(s *registry.Supplier) { s.Signed = day("2026-11-23") })), want: []string{"blocking house supplier.signed"}, law: "art. 28(3)"},
		{says: "its act is attached", change: ownEntry(without(registry.ContractPaper)), want: []string{"blocking house documents"}, law: "art. 28(3)"},
		{says: "no small scale spares it an assessment", change: ownEntry(func(d *registry.Declaration) {
			d.DPIA = registry.DPIA{Large: registry.AnswerNo, Why: registry.Text{FR: "petit"}}
		}), want: []string{"blocking house dpia.done"}, law: "art. 35(1)"},
	})
}

func TestTheGatewaysOwnEntrySaysWhenItForgetsAndTellsThePublic(t *testing.T) {
	t.Parallel()
	forgets := []string{"blocking house erasure"}
	const law = "art. 30(1)(f)"
	read(t, []sentence{
		{says: "the journal has its delay", change: ownEntry(func(d *registry.Declaration) { d.Erasure = d.Erasure[2:] }), want: forgets, law: law},
		{says: "the receipts have their delay", change: ownEntry(func(d *registry.Declaration) { d.Erasure = d.Erasure[:2] }), want: forgets, law: law},
		{says: "nought months is no delay for the journal", change: ownEntry(func(d *registry.Declaration) { d.Erasure[1].Months = 0 }), want: forgets, law: law},
		{says: "one delay may name both", change: ownEntry(func(d *registry.Declaration) {
			d.Erasure = d.Erasure[:2]
			d.Erasure[1].What = registry.Text{FR: "journal et reçus"}
		}), want: nothing()},
		{says: "what goes by other words is neither", change: ownEntry(func(d *registry.Declaration) {
			d.Erasure[1].What, d.Erasure[2].What = registry.Text{FR: "traces"}, registry.Text{FR: "preuves"}
		}), want: append(forgets, forgets...), law: law},
		{says: "the public is told of it", change: ownEntry(func(d *registry.Declaration) { d.Informed = d.Informed[1:] }), want: []string{"blocking house informed"}, law: "art. 12"},
		{says: "a notice without date or document tells nobody", change: ownEntry(func(d *registry.Declaration) { d.Informed[0] = registry.Notice{Kind: registry.InCharter} }), want: []string{"blocking house informed"}, law: "art. 12"},
		{
			says: "another service is only reminded", change: func(d *registry.Declaration) { d.Informed = d.Informed[1:] },
			want: []string{"note charter informed"}, law: "art. 5(1)(a)",
		},
	})
}
