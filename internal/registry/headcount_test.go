package registry_test

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

func TestAHeadcountIsOfAnEstablishmentADayAndSomeLabels(t *testing.T) {
	t.Parallel()
	right := func() registry.Headcount {
		return registry.Headcount{UAI: "0280101H", On: registry.Date{Year: 2026, Month: 9, Day: 15}, Classes: map[string]int{"CE2 B": 1, "CM1": 0}, Groups: map[string]int{"LATIN": 5000}}
	}
	if f := right().Check(); len(f) != 0 {
		t.Errorf("a right one: %v", f)
	}
	tenant := right()
	tenant.UAI = "0280101Z"
	if f := tenant.Check("0280101Z"); len(f) != 0 {
		t.Errorf("a test tenant: %v", f)
	}
	many := map[string]int{}
	for i := range 2001 {
		many[strings.Repeat("x", 1+i%100)+strings.Repeat("y", i/100)] = 20
	}
	for where, spoil := range map[string]func(*registry.Headcount){
		"uai":        func(h *registry.Headcount) { h.UAI = "0280101Z" },
		"on":         func(h *registry.Headcount) { h.On = registry.Date{} },
		"classes":    func(h *registry.Headcount) { h.Classes, h.Groups = nil, nil },
		"groups":     func(h *registry.Headcount) { h.Groups = many },
		"classes[0]": func(h *registry.Headcount) { h.Classes = map[string]int{"CE2": -1, "CM1": 3} },
		"classes[1]": func(h *registry.Headcount) { h.Classes = map[string]int{"CE2": 20, "CM1": 5001} },
		"groups[0]":  func(h *registry.Headcount) { h.Groups = map[string]int{" ": 3} },
		"groups[1]":  func(h *registry.Headcount) { h.Groups = map[string]int{"A": 3, strings.Repeat("é", 201): 3} },
	} {
		h := right()
		spoil(&h)
		if f := h.Check(); len(f) != 1 || f[0].Where != where {
			t.Errorf("%s: %v", where, f)
		}
	}
}

func TestAHeadcountHoldsForOneYear(t *testing.T) {
	t.Parallel()
	paris := registrytest.Paris()
	h := registry.Headcount{UAI: person.UAI("0280101H"), On: registry.Date{Year: 2026, Month: 9, Day: 15}}
	at := func(y int, m time.Month, d, hour int) time.Time { return time.Date(y, m, d, hour, 0, 0, 0, paris) }
	for when, want := range map[time.Time]bool{
		at(2026, 9, 14, 23): false, at(2026, 9, 15, 0): true, at(2027, 6, 30, 12): true, at(2027, 9, 14, 23): true, at(2027, 9, 15, 0): false, at(2030, 1, 1, 0): false,
	} {
		if h.Holds(when, paris) != want {
			t.Errorf("%s: want %v", when, want)
		}
	}
	if (registry.Headcount{}).Holds(at(2026, 9, 15, 0), paris) || h.Holds(at(2026, 9, 16, 0), nil) {
		t.Error("no day, or no zone, holds")
	}
}
