package conformity

import (
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// informed tells whether the public was informed in some way: a notice counts once it has a date or a document.
func (e *exam) informed(kind registry.NoticeKind) bool {
	return slices.ContainsFunc(e.d.Informed, func(n registry.Notice) bool {
		return n.Kind == kind && (!n.Date.IsZero() || !blank(n.Document))
	})
}

func (e *exam) notice(kind registry.NoticeKind, what, law string) {
	if !e.informed(kind) {
		e.block("informed", "informed", what, "a notice of kind "+string(kind)+" with its date or document", law)
	}
}

// minorsInformed wants notices to pupils, in words that they understand, and to those who hold parental authority.
func minorsInformed(e *exam) {
	if e.reaches(person.Pupil) {
		e.notice(registry.ToPupils, "pupils were not informed", "RGPD art. 12(1), 13, 14, recital 58")
	}
	if e.minors() || e.reaches(person.Guardian) {
		e.notice(registry.ToGuardians, "guardians were not informed", "RGPD art. 12(1), 13, 14")
	}
}

// staffInformed wants a notice to staff.
func staffInformed(e *exam) {
	if e.reaches(staff()...) {
		e.notice(registry.ToStaff, "staff were not informed", "RGPD art. 13, 14; Code général de la fonction publique (social dialogue, to be confirmed)")
	}
}

// publicInformed asks why a public school's council was not told, and reminds of the charter, which the
// gateway's own entry must have.
func publicInformed(e *exam) {
	if e.reaches(person.Pupil, person.Guardian) && !e.private() && !e.informed(registry.InCouncil) {
		e.justify("council-informed", "informed", "the school council was not informed", "a notice of kind council, or when it will be",
			"RGPD art. 5(1)(a); Code de l'éducation, art. L. 421-4, D. 411-2 (to be confirmed)")
	}
	if e.d.ServiceID != registry.House && !e.informed(registry.InCharter) {
		e.note("charter", "informed", "neither the charter nor an annex to it says so", "a notice of kind charter", "RGPD art. 5(1)(a)")
	}
}
