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
// The scope "cycle" follows the pupil's cycle; staff and guardians have none and keep their number. A pupil whose level
// we cannot place gets the shortest scope instead, the school year: what is unknown must not lengthen a trace.
func (e *Engine) pseudonym(key person.Key, at person.Affiliation, grant policy.Grant) string {
	scope, value := grant.Declaration().Pseudonym, ""
	switch scope {
	case registry.Stable:
	case registry.PerSchoolYear:
		value = grant.SchoolYear()
	default:
		scope = registry.PerCycle
		if at.Profile == person.Pupil {
			if value = Cycle(at.Values[person.Level]); value == "" {
				scope, value = registry.PerSchoolYear, grant.SchoolYear()
			}
		}
	}
	sum := e.Keys.Derive("pseudonym", key.Authority, key.ID, grant.Service().Family(), string(scope), value)
	return hex.EncodeToString(sum)
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
	switch strings.ToUpper(strings.ReplaceAll(strings.TrimSpace(level), "È", "E")) {
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
