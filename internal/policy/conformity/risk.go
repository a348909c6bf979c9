package conformity

import (
	"ecluse/internal/registry"
)

const guidance = "RGPD art. 24(1), 32(2); guide académique de 2020, grille de risque"

// riskComplete wants an answer to each of the seven points of the risk form, and the reason for a high one.
func riskComplete(e *exam) {
	for _, p := range e.d.Risk.Points() {
		where := "risk." + p.Name
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
	for _, p := range e.d.Risk.Points() {
		if p.Level == registry.High {
			e.justify("risk-high", "risk."+p.Name, "the risk is high", "what is done about it", guidance)
		}
	}
}
