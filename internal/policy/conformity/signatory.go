package conformity

import (
	"fmt"

	"ecluse/internal/registry"
)

// signatoryMay refuses a signature that engages nobody. A contract that a school signs needs its council's act, or the
// delegation that stands for it; who signs for a school is its head.
func signatoryMay(e *exam) {
	s := e.d.Supplier
	if s.Relation != registry.Processor && s.Relation != registry.JointController || blank(s.SignedBy) {
		return
	}
	const rule, where = "signatory", "supplier.signed_by"
	if mentions(s.SignedBy, "enseignant", "enseignante", "professeur", "professeure", "directeur d école", "directrice d école") {
		e.block(rule, where, fmt.Sprintf("%q engages no controller", s.SignedBy), "the chef d'établissement, the DASEN or the recteur",
			"Code de l'éducation, art. L. 421-3 and R. 421-9 (to be confirmed)")
		return
	}
	if !e.signedBySchool() || e.private() {
		return
	}
	const act, law = "supplier.council_act", "Code de l'éducation, art. R. 421-20 (4°), L. 421-4 and R. 421-22 (to be confirmed)"
	if blank(s.CouncilAct) {
		e.block("council-act", act, "a school signed the contract without its council's act or a delegation", "the act's reference, or the delegation's", law)
	} else if !e.attached(registry.CouncilPaper, "") {
		e.justify("council-act", act, "the council's act is not attached", "a document of kind council_act", law)
	}
}

// signedBySchool tells whether a head signed. In a declaration of establishments, whoever is not known to stand above
// them did.
func (e *exam) signedBySchool() bool {
	by := e.d.Supplier.SignedBy
	if mentions(by, "chef d établissement", "cheffe d établissement", "principal", "principale", "proviseur", "proviseure") {
		return true
	}
	return e.d.Scope.Level == registry.ByEstablishment && !mentions(by, append(above(), "président", "présidente", "maire")...)
}
