package bulk_test

import "testing"

// BenchmarkPreview shows what stopping a service everywhere in a large academy would do.
func BenchmarkPreview(b *testing.B) {
	o := newOffice(b)
	o.Enlarge(b)
	for b.Loop() {
		a := o.Ask(o.DPO(), "POST", form, "acte", "suspendre", "service", "grand-0001", "raison", "incident", "type", "ecole")
		if a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}

// BenchmarkRenewals lists what ends there.
func BenchmarkRenewals(b *testing.B) {
	o := newOffice(b)
	o.Enlarge(b)
	for b.Loop() {
		if a := o.Ask(o.DRANE(), "GET", "/bureau/lot/renouvellements?mois=2027-03"); a.Status != 200 {
			b.Fatal(a.Status)
		}
	}
}
