package conformity

import (
	"fmt"
	"slices"

	"ecluse/internal/registry"
)

// The words that Rules.DPIA has for the criteria that a declaration shows by itself.
const (
	vulnerable = "vulnerable"
	largeScale = "large_scale"
	sensitives = "sensitive"
)

// criteria lists the criteria of art. 35 that are met: those the declaration names, and those it shows. A scale of which
// nothing is said is large.
func (e *exam) criteria() []string {
	met := slices.Clone(e.d.DPIA.Criteria)
	if e.minors() {
		met = append(met, vulnerable)
	}
	if e.d.DPIA.Large != registry.AnswerNo {
		met = append(met, largeScale)
	}
	if e.special() {
		met = append(met, sensitives)
	}
	slices.Sort(met)
	return slices.Compact(met)
}

// assessmentDone wants an impact assessment, dated and attached, where enough criteria are met, and elsewhere why there is
// none.
func assessmentDone(e *exam) {
	const rule, law = "dpia", "RGPD art. 35(1) and (3); CNIL, délibération n° 2018-326 du 11 octobre 2018"
	a := e.d.DPIA
	for i, id := range a.Criteria {
		if !slices.ContainsFunc(e.c.Rules.DPIA, func(c registry.Criterion) bool { return c.ID == id }) {
			e.block(rule, fmt.Sprintf("dpia.criteria[%d]", i), fmt.Sprintf("the criterion %q is not in the rules", id), "a word of the rules' list", law)
		}
	}
	met := e.criteria()
	switch {
	case a.Done == registry.AnswerYes:
		e.assessment(rule, law)
	case len(met) >= e.c.Rules.DPIAFrom:
		e.block(rule, "dpia.done", fmt.Sprintf("%d criteria are met (%q) and no impact assessment was made", len(met), met), "yes, with its date and document", law)
	case blank(a.Why.FR):
		e.justify(rule, "dpia.why", "why no impact assessment is needed is missing", "which criteria were looked at", law)
	}
}

func (e *exam) assessment(rule, law string) {
	a := e.d.DPIA
	if a.Date.IsZero() || e.today().String() < a.Date.String() {
		e.block(rule, "dpia.date", "the day of the impact assessment is missing, or yet to come", "yyyy-mm-dd", law)
	}
	if blank(a.Document) || !e.attached(registry.DPIAPaper, a.Document) {
		e.block(rule, "dpia.document", "the impact assessment is not attached", "the hash of a document of kind dpia", law)
	}
}
