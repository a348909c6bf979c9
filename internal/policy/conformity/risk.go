package conformity

import (
	"ecluse/internal/registry"
)

const guidance = "RGPD art. 24(1), 32(2); guide académique de 2020, grille de risque"

type point struct {
	name string
	registry.RiskPoint
}

func (e *exam) points() []point {
	r := e.d.Risk
	return []point{
		{"information", r.Information},
		{"vulnerability", r.Vulnerability},
		{"framework", r.Framework},
		{"exposure", r.Exposure},
		{"identification", r.Identification},
		{"flaws", r.Flaws},
		{"harvesting", r.Harvesting},
	}
}

// riskComplete wants an answer to each of the seven points of the risk form, and the reason for a high one.
func riskComplete(e *exam) {
	for _, p := range e.points() {
		where := "risk." + p.name
		switch p.Level {
		case registry.Low, registry.Medium:
		case registry.High:
			if blank(p.Why) {
				e.block("risk", where+".why", "why the risk is high is missing", "what could happen, to whom", guidance)
			}
		default:
			e.block("risk", where+".level", "this point of the risk form has no answer", "low, medium or high", guidance)
		}
	}
}

// riskAnswered asks what is done about each high risk.
func riskAnswered(e *exam) {
	for _, p := range e.points() {
		if p.Level == registry.High {
			e.justify("risk-high", "risk."+p.name, "the risk is high", "what is done about it", guidance)
		}
	}
}
