package attrs

import (
	"encoding/hex"
	"fmt"
	"strconv"

	"ecluse/internal/registry"
)

// Spans gives every pseudonym that the gateway can have made for one of the key book's numbers at a family in a
// generation: under every scope that can be declared, for every cycle, for staff, who have none, and for the school years
// that began in first to last; also the numbers that a child of unknown level has where a guardian acts. There are 128
// hexadecimal digits in each, no two are alike, and they stand in an order that hangs on the years alone: those of two
// generations, or of two numbers, are of the same spans one by one. Nothing is stored, and nothing tells which of them
// was ever released.
func (e *Engine) Spans(number, family string, generation, first, last int) []string {
	out := []string{e.derive(number, family, generation, string(registry.Stable), "")}
	for _, cycle := range cycles() {
		out = append(out, e.derive(number, family, generation, string(registry.PerCycle), cycle))
	}
	for year := first; year <= last; year++ {
		value := fmt.Sprintf("%d-%d", year, year+1)
		out = append(out,
			e.derive(number, family, generation, string(registry.PerSchoolYear), value),
			e.ward(number, family, generation, string(registry.PerSchoolYear), value))
	}
	return out
}

// cycles are the values of the scope "cycle": none for staff and guardians, and what cycleOf gives.
func cycles() []string { return []string{"", "cycle1", "cycle2", "cycle3", "cycle4", "lycee"} }

// ward derives the number of a child of whom it cannot be known under which one the service knows it.
func (e *Engine) ward(number, family string, generation int, scope, value string) string {
	return hex.EncodeToString(e.Keys.Derive("pseudonym of a ward", number, family, strconv.Itoa(generation), scope, value))
}
