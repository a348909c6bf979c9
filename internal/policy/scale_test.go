package policy_test

import (
	"fmt"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// academy is one of 2,500 establishments, 3,000 services of five versions each, and 40,000 enablings, the first service
// said yes to everywhere.
func academy(tb testing.TB) *world {
	tb.Helper()
	w := newWorld(tb)
	w.Establishments, w.Services, w.Declarations = nil, nil, nil
	for i := range 2500 {
		w.Establishments = append(w.Establishments, registry.Establishment{
			UAI: person.UAI(fmt.Sprintf("%07dX", i)), Kind: registry.College, Academy: "Exemple", Department: fmt.Sprintf("%03d", i%6),
		})
	}
	for i := range 3000 {
		id := fmt.Sprintf("service-%d", i)
		w.Services = append(w.Services, registry.Service{ID: id})
		for version := range 5 {
			d := forAcademy(id, id, version+1)
			d.Scope.All, d.Change = false, registry.Renewal
			d.Supplier.Terms = registry.Terms{Version: "1", Accepted: date("2026-09-01")}
			d.Transfers = []registry.Transfer{{Country: "US", Recipient: "Hôte", Instrument: registry.DPF, Until: date("2027-06-30")}}
			w.Declarations = append(w.Declarations, d)
		}
	}
	for i := range 40000 {
		service := fmt.Sprintf("service-%d", i/2500*i%3000)
		if i < 2500 {
			service = "service-0"
		}
		w.Enablings = append(w.Enablings, registry.Enabling{
			Service: service, UAI: w.Establishments[i%2500].UAI, State: registry.Enabled, Declaration: service, Version: 1,
		})
	}
	registrytest.Cover(&w.Contents)
	return w
}

func BenchmarkGateAtScale(b *testing.B) {
	w := academy(b)
	s, now := w.snapshot(), w.noon()
	last := w.Establishments[2499].UAI
	in, place := teacher(last)
	out, elsewhere := teacher(last)
	for name, ask := range map[string]policy.Ask{
		"granted": {Person: in, Place: place, Service: "service-0"},
		"refused": {Person: out, Place: elsewhere, Service: "service-1"},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := policy.Gate(s, now, ask); (err == nil) != (name == "granted") {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("before sign-in", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if err := policy.Open(s, now, "service-0"); err != nil {
				b.Fatal(err)
			}
		}
	})
}
