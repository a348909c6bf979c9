package attrs

import (
	"encoding/hex"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// pseudonym derives the person's number at a family of services: a keyed hash of the person's key, the family, and the
// declared scope with its present value. Nothing is stored; nothing links two families without the key.
//
// A pupil's level is looked for in all of the pupil's establishments, so that a language group in a second school does
// not give a second number.
func (e *Engine) pseudonym(p person.Person, grant policy.Grant) string {
	pupil := grant.Place().Profile == person.Pupil
	var levels []string
	for _, a := range p.Affiliations {
		if a.Profile == person.Pupil && a.Holds(grant.At()) {
			levels = append(levels, a.Values[person.Level]...)
		}
	}
	cycle := ""
	if pupil {
		cycle = Cycle(levels)
	}
	scope, value := span(grant, cycle, pupil)
	return hex.EncodeToString(e.Keys.Derive("pseudonym", p.Key.Authority, p.Key.ID, grant.Service().Family(), scope, value))
}

// wardPseudonym derives the number of the child for whom a guardian acts. The level of the child is not known here.
func (e *Engine) wardPseudonym(grant policy.Grant) string {
	child := grant.Place().Child
	if child.IsZero() {
		return ""
	}
	scope, value := span(grant, "", true)
	return hex.EncodeToString(e.Keys.Derive("pseudonym of a ward", child.Authority, child.ID, grant.Service().Family(), scope, value))
}

// span gives the declared scope of a number and its present value.
//
// The scope "cycle" follows the pupil's cycle; staff and guardians have none and keep their number. A pupil whose level
// we cannot place gets the shortest scope instead, the school year: what is unknown must not lengthen a trace.
func span(grant policy.Grant, cycle string, pupil bool) (scope, value string) {
	switch declared := grant.Declaration().Pseudonym; {
	case declared == registry.Stable:
		return string(declared), ""
	case declared == registry.PerSchoolYear, pupil && cycle == "":
		return string(registry.PerSchoolYear), grant.SchoolYear()
	default:
		return string(registry.PerCycle), cycle
	}
}

// Cycle names the cycle of the French school system that a level belongs to: cycle1 to cycle4 and lycee. CM2 and 6e
// share one. Several levels in one cycle give that cycle; anything unknown or mixed gives nothing.
func Cycle(levels []string) string {
	found := ""
	for _, level := range levels {
		c := cycleOf(level)
		if c == "" || (found != "" && found != c) {
			return ""
		}
		found = c
	}
	return found
}

func cycleOf(level string) string {
	switch strings.ReplaceAll(strings.ToUpper(strings.TrimSpace(level)), "È", "E") {
	case "TPS", "PS", "MS", "GS":
		return "cycle1"
	case "CP", "CE1", "CE2":
		return "cycle2"
	case "CM1", "CM2", "6EME", "6E":
		return "cycle3"
	case "5EME", "5E", "4EME", "4E", "3EME", "3E":
		return "cycle4"
	case "2NDE", "2DE", "1ERE", "1RE", "TERMINALE", "TLE":
		return "lycee"
	default:
		return ""
	}
}
