package conformity

import (
	"fmt"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// controllerNamed wants who answers and how to reach the data-protection officer, joint controllers included.
func controllerNamed(e *exam) {
	e.controller("controller", e.d.Controller)
	for i, joint := range e.d.Joint {
		e.controller(fmt.Sprintf("joint_controllers[%d]", i), joint)
	}
}

func (e *exam) controller(where string, c registry.Controller) {
	const law = "RGPD art. 30(1)(a)"
	if blank(c.Name) {
		e.block("controller", where+".name", "the controller is missing", "the authority's name", law)
	}
	if blank(c.Office) {
		e.block("controller", where+".office", "the function that answers is missing", "recteur, DASEN, chef d'établissement", law)
	}
	if blank(c.Contact) {
		e.block("controller", where+".contact", "how to reach the controller is missing", "an address of the office", law)
	}
	if blank(c.DPO) {
		e.block("controller", where+".dpo", "how to reach the data-protection officer is missing", "dpd@…", law+", 37(7)")
	}
}

// controllerMayAnswer refuses a controller who cannot be one: a teacher alone never is, and a public école is its
// DASEN's.
func controllerMayAnswer(e *exam) {
	const rule, where, law = "controller-office", "controller.office", "RGPD art. 4(7); Code de l'éducation, art. L. 421-3 (to be confirmed)"
	office := e.d.Controller.Office
	if mentions(office, "enseignant", "enseignante", "professeur", "professeure") {
		e.block(rule, where, "a teacher is not the controller", "the chef d'établissement, the DASEN or the recteur", law)
	}
	above := mentions(office, above()...)
	if mentions(office, "directeur d école", "directrice d école") || !above && e.publicEcoles() {
		e.block(rule, where, "a public école has no controller of its own: its DASEN answers", "DASEN", law)
	}
}

// publicEcoles tells whether any establishment of the scope is known to be a public école.
func (e *exam) publicEcoles() bool {
	if e.d.Scope.Level != registry.ByEstablishment || e.c.School == nil {
		return e.d.Scope.Level == registry.ByDepartment
	}
	for _, uai := range e.d.Scope.UAIs {
		if school, known := e.c.School(uai); known && school.Kind == registry.Ecole && !school.Private {
			return true
		}
	}
	return false
}

// above lists the words that name an authority above schools.
func above() []string {
	return []string{"recteur", "rectrice", "rectorat", "DASEN", "IA-DASEN", "DSDEN", "directeur académique", "directrice académique", "ministre", "ministère"}
}

// purposesNamed wants the purposes, each said.
func purposesNamed(e *exam) {
	if !said(e.d.Purposes) {
		e.block("purposes", "purposes", "no purpose is named", "what it is used for, and by whom", "RGPD art. 30(1)(b), 5(1)(b)")
	}
}

// usesKnown wants the uses in the words of the rules: without them nothing says which data are usual.
func usesKnown(e *exam) {
	const rule, law = "uses", "RGPD art. 5(1)(b) and (c)"
	if len(e.d.Uses) == 0 {
		e.block(rule, "uses", "no use is named: what is usual for it cannot be compared", "words of the rules' list of uses", law)
	}
	for i, id := range e.d.Uses {
		if _, known := e.use(id); !known {
			e.block(rule, fmt.Sprintf("uses[%d]", i), fmt.Sprintf("the use %q is not in the rules", id), "a word of the rules' list of uses", law)
		}
	}
}

func (e *exam) use(id string) (registry.Use, bool) {
	for _, u := range e.c.Rules.Uses {
		if u.ID == id {
			return u, true
		}
	}
	return registry.Use{}, false
}

// categoriesNamed wants the categories of persons, of data and of recipients. None may be a true answer about
// recipients, and is then written down.
func categoriesNamed(e *exam) {
	if !said(e.d.Persons) {
		e.block("persons", "persons", "the categories of persons are missing", "élèves, enseignants", "RGPD art. 30(1)(c)")
	}
	if !said(e.d.Data) {
		e.block("data", "data", "the categories of data are missing", "what is sent, and what people produce there", "RGPD art. 30(1)(c)")
	}
	if !said(e.d.Recipients) {
		e.block("recipients", "recipients", "the categories of recipients are missing", "« aucun » where there are none", "RGPD art. 30(1)(d)")
	}
}

// securityDescribed wants a general description of the security measures.
func securityDescribed(e *exam) {
	if !said(e.d.Security) {
		e.block("security", "security", "the security measures are not described", "a general description", "RGPD art. 30(1)(g), 32(1)")
	}
}

// directoryCovered wants the entry that allows the directory to be connected: the directory is a processing of its own,
// whose purposes must extend to it.
func directoryCovered(e *exam) {
	if blank(e.d.Directory) {
		e.justify("directory", "directory", "the register entry that covers the directory's interconnection is missing",
			"the reference of the directory's own entry", "RGPD art. 5(1)(b), 6(4)")
	}
}

// modelReviewed asks why a model is followed whose own review is overdue.
func modelReviewed(e *exam) {
	if e.d.Model == "" || e.c.Model == nil {
		return
	}
	const rule, law = "model", "RGPD art. 24(1)"
	model, known := e.c.Model(e.d.Model)
	switch {
	case !known:
		e.note(rule, "model", fmt.Sprintf("the model %q is not in the catalogue", e.d.Model), "a model of the catalogue, or none", law)
	case model.Review.IsZero() || !e.c.Now.Before(model.Review.Ends(e.c.Zone)):
		e.justify(rule, "model", fmt.Sprintf("the model %q was to be looked at again by %s", e.d.Model, orUnknown(model.Review)),
			"have the model reviewed first", law)
	}
}

func orUnknown(d registry.Date) string {
	if d.IsZero() {
		return "an unknown date"
	}
	return d.String()
}

// staff lists the profiles of people who work in or for schools.
func staff() []person.Profile {
	return []person.Profile{
		person.Teacher, person.Librarian, person.Head, person.SchoolLife, person.SchoolStaff, person.LocalAuthority,
		person.AcademyStaff,
	}
}
