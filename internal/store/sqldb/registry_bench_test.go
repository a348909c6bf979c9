package sqldb

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// academy is a registry of the size that has to be carried: 2,500 establishments, 3,000 services with a declaration
// each, 40,000 enablings.
func academy() registry.Change {
	var c registry.Change
	for i := range 2500 {
		c.Establishments = append(c.Establishments, registry.Establishment{
			UAI: person.UAI(fmt.Sprintf("%07dA", i)), Name: "Collège Jean-Moulin", Town: "Exemple", Kind: registry.College, Academy: "exemple", Department: "028", Pupils: 500,
		})
	}
	text := registry.Text{FR: strings.Repeat("apprendre à lire ", 10), EN: strings.Repeat("learning to read ", 10)}
	for i := range 3000 {
		id := fmt.Sprint("s", i)
		c.Services = append(c.Services, registry.Service{
			ID: id, Name: text, Sentence: text, Provider: "Éditions", Bindings: []registry.Binding{{Protocol: "saml", Handle: "urn:" + id, Settings: []byte(`{"metadata":"` + strings.Repeat("x", 3000) + `"}`)}},
		})
		d := sampleChange().Declarations[0]
		d.ID, d.ServiceID, d.Purposes, d.Persons, d.Data, d.Security = "d"+id, id, []registry.Text{text, text}, []registry.Text{text}, []registry.Text{text}, []registry.Text{text}
		d.State, d.Decisions = registry.Approved, decided(registry.Approved)
		c.Declarations = append(c.Declarations, d)
	}
	for i := range 16 {
		c.Enablings = append(c.Enablings, enablings(fmt.Sprint("s", i), 0, 2500)...)
	}
	return c
}

// onEachEngine runs a benchmark on a database of each engine.
func onEachEngine(b *testing.B, run func(b *testing.B, s *Registry)) {
	for name, location := range locations(b) {
		b.Run(name, func(b *testing.B) {
			d := openAt(b, location, Options{})
			run(b, &Registry{DB: d, Journal: testJournal(b, d, "w-1")})
		})
	}
}

// settle does what the engines do by themselves within a minute of a large change.
func settle(b *testing.B, d *DB) {
	b.Helper()
	if _, err := d.engine.writer.ExecContext(b.Context(), `ANALYZE registry_objects`); err != nil {
		b.Fatal(err)
	}
}

// BenchmarkApplyBulk is one act for 2,500 schools, each with a past to be compared.
func BenchmarkApplyBulk(b *testing.B) {
	onEachEngine(b, func(b *testing.B, s *Registry) {
		mustApply(b, s, academy())
		settle(b, s.DB)
		more := 0
		for b.Loop() {
			mustApply(b, s, registry.Change{Enablings: enablings("lire", more, 2500)})
			more = 1 // the first time nothing is there; after that the same act again
		}
	})
}

// BenchmarkApplyOne is one school's act.
func BenchmarkApplyOne(b *testing.B) {
	onEachEngine(b, func(b *testing.B, s *Registry) {
		for b.Loop() {
			mustApply(b, s, registry.Change{Enablings: enablings("lire", 0, 1)})
		}
	})
}

// BenchmarkImport is the ministry's list for the whole country in one change.
func BenchmarkImport(b *testing.B) {
	var list []registry.Establishment
	for i := range 70000 {
		list = append(list, registry.Establishment{UAI: person.UAI(fmt.Sprintf("%07dA", i)), Name: "École", Town: "Exemple", Kind: registry.Ecole, Academy: "exemple"})
	}
	onEachEngine(b, func(b *testing.B, s *Registry) {
		for b.Loop() {
			mustApply(b, s, registry.Change{Establishments: list})
		}
	})
}

// BenchmarkLive is what a replica does: a look that finds nothing, a look that finds one change, and the first look.
func BenchmarkLive(b *testing.B) {
	onEachEngine(b, func(b *testing.B, s *Registry) {
		mustApply(b, s, academy())
		settle(b, s.DB)
		live := &registry.Live{Store: s, Zone: time.UTC, Now: time.Now}
		refresh := func(b *testing.B, live *registry.Live) {
			if err := live.Refresh(b.Context()); err != nil {
				b.Fatal(err)
			}
		}
		refresh(b, live)
		b.Run("nothing", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				refresh(b, live)
			}
		})
		for what, change := range map[string]registry.Change{
			"enabling": {Enablings: enablings("s7", 0, 1)}, "bulk": {Enablings: enablings("s7", 0, 2500)},
			"service": {Services: academy().Services[:1]}, "declaration": {Declarations: academy().Declarations[:1]},
			"establishment": {Establishments: academy().Establishments[:1]},
		} {
			b.Run("one/"+what, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					b.StopTimer()
					mustApply(b, s, change)
					b.StartTimer()
					refresh(b, live)
				}
			})
		}
		b.Run("first", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				refresh(b, &registry.Live{Store: s, Zone: time.UTC, Now: time.Now})
			}
		})
	})
}
