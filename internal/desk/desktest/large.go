package desktest

import (
	"fmt"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// How large an académie is.
const (
	LargeSchools  = 2500
	LargeServices = 3000
	largeReviewed = 300 // of the services: those with a next version under review
)

// Enlarge makes the academy a large one: its schools in ten departments, services that end in the months ahead, each with a
// declaration that covers the academy or that a few schools enabled, and some hundreds of versions under review.
func (h *House) Enlarge(tb testing.TB) {
	tb.Helper()
	change := registry.Change{}
	var uais []person.UAI
	for i := range LargeSchools {
		uai := person.UAI(fmt.Sprintf("%03d%04dA", i%10+50, i))
		if canonical, err := person.ParseUAI(string(uai)); err == nil {
			uai = canonical
		}
		kind := registry.Ecole
		if i%4 == 0 {
			kind = registry.College
		}
		uais = append(uais, uai)
		change.Establishments = append(change.Establishments, registry.Establishment{
			UAI: uai, Name: "École " + string(uai), Town: "Ville", Kind: kind, Academy: Academy, Department: fmt.Sprintf("%03d", i%10+50), Pupils: 100 + i%400,
			District: fmt.Sprintf("Circonscription %d", i%60),
		})
	}
	for i := range LargeServices {
		id := fmt.Sprintf("grand-%04d", i)
		one := service(id, "lecture")
		one.Provider = fmt.Sprintf("Éditeur %d", i%600)
		change.Services = append(change.Services, one)
		d := Reading()
		d.ID, d.ServiceID, d.Author, d.State, d.Since = id, id, "handle-of-nobody", registry.Approved, h.Now()
		d.Scope.All = i%3 > 0
		d.Until = Day("2026-12-01").Add(30 * (i % 18))
		d.Decisions = []registry.Decision{{At: h.Now(), State: registry.Approved, Office: "recteur", By: handle("recteur")}}
		change.Declarations = append(change.Declarations, d)
		if !d.Scope.All {
			for n := range 40 {
				change.Enablings = append(change.Enablings, registry.Enabling{
					Service: id, UAI: uais[(i*37+n*61)%len(uais)], State: registry.Enabled, Declaration: id, Version: 1, Since: h.Now(),
				})
			}
		}
		if i%(LargeServices/largeReviewed) == 0 {
			next := d
			next.Version, next.State, next.From, next.Until = 2, registry.Submitted, d.Until.Add(1), d.Until.Add(365)
			next.Decisions = []registry.Decision{{At: h.Now(), State: registry.Submitted, By: "handle-of-nobody"}}
			change.Declarations = append(change.Declarations, next)
		}
	}
	change.Enablings = oneEach(change.Enablings)
	h.Apply(tb, change)
}

// oneEach leaves out the second of a service and an establishment.
func oneEach(all []registry.Enabling) []registry.Enabling {
	seen := map[registry.EnablingKey]bool{}
	var out []registry.Enabling
	for _, e := range all {
		if key := (registry.EnablingKey{Service: e.Service, UAI: e.UAI}); !seen[key] {
			seen[key] = true
			out = append(out, e)
		}
	}
	return out
}
