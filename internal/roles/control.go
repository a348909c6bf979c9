package roles

import (
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// ControllerOf is the role whose holder is controller for an establishment: the DASEN for a public école, the chef
// d'établissement for an EPLE and for any private school, the recteur for a service académique or a circonscription.
// What kind of establishment it is not said to be has no controller here.
func ControllerOf(e registry.Establishment) (registry.Role, bool) {
	switch e.Kind {
	case registry.Office, registry.Circonscription:
		return registry.Recteur, true
	case registry.Ecole:
		if e.Private {
			return registry.HeadOfSchool, true
		}
		return registry.DASEN, true
	case registry.College, registry.Lycee:
		return registry.HeadOfSchool, true
	default:
		return "", false
	}
}

// decides: the controller at the declaration's level. After an unfavourable opinion the recteur decides for the levels
// below. Without a declaration (a service, a source) it is the recteur.
func (q inquiry) decides() bool {
	if len(q.on.UAIs) > 0 && !q.controlsAll(q.on.UAIs) {
		return false
	}
	d := q.on.Declaration
	if d == nil {
		return len(q.on.UAIs) > 0 || (q.role == registry.Recteur && q.within())
	}
	if q.role == registry.Recteur && unfavourable(d) {
		return q.scopeWithin(d.Scope)
	}
	switch d.Scope.Level {
	case registry.ByEstablishment:
		return slices.ContainsFunc(d.Scope.UAIs, q.controls)
	case registry.ByDepartment:
		return q.role == registry.DASEN && q.scopeWithin(d.Scope)
	case registry.ByAcademy:
		return q.role == registry.Recteur && q.scopeWithin(d.Scope)
	default:
		return false
	}
}

// unfavourable looks at the last opinion that counts for approval.
func unfavourable(d *registry.Declaration) bool {
	for _, o := range slices.Backward(d.Opinions) {
		if !o.Beside {
			return o.Value == registry.Unfavourable
		}
	}
	return false
}

func (q inquiry) controlsAll(list []person.UAI) bool { return every(list, q.controls) }

// controls: one is the controller of an establishment that is open. With no head in office nobody is, unless somebody
// holds a dated delegation there.
func (q inquiry) controls(uai person.UAI) bool {
	e, ok := q.snapshot.Establishment(uai)
	if !ok || q.closed(e) || !q.holds(uai) {
		return false
	}
	controller, known := ControllerOf(e)
	if !known {
		return false
	}
	switch q.role {
	case registry.HeadOfSchool:
		return controller == registry.HeadOfSchool && !e.Vacant
	case registry.Deputy:
		return controller == registry.HeadOfSchool
	default:
		return controller == q.role
	}
}

func (q inquiry) closed(e registry.Establishment) bool {
	return e.Closed || (!e.ClosedOn.IsZero() && !q.now.Before(e.ClosedOn.Ends(q.snapshot.Zone())))
}

// answersFor: a DASEN answers for the public écoles of the department and looks on in its other schools; everybody else
// answers for what they hold.
func (q inquiry) answersFor(uai person.UAI) bool {
	if q.role == registry.DASEN {
		return q.controls(uai)
	}
	return q.holds(uai)
}

// holds tells whether an establishment lies in what the role is held over.
func (q inquiry) holds(uai person.UAI) bool {
	e, ok := q.snapshot.Establishment(uai)
	if !ok {
		return false
	}
	controller, _ := ControllerOf(e)
	switch q.role {
	case registry.HeadOfSchool, registry.Deputy:
		if controller != registry.HeadOfSchool {
			return false
		}
	case registry.Directeur:
		if controller != registry.DASEN {
			return false
		}
	case registry.IEN:
		if controller != registry.DASEN && e.Kind != registry.Circonscription {
			return false
		}
	}
	return slices.Contains(q.over.UAIs, e.UAI) ||
		(e.Academy != "" && slices.Contains(q.over.Academies, e.Academy)) ||
		(e.Department != "" && slices.Contains(q.over.Departments, e.Department)) ||
		(e.District != "" && slices.Contains(q.over.Circonscriptions, e.District)) ||
		(e.Kind == registry.Circonscription && slices.Contains(q.over.Circonscriptions, string(e.UAI)))
}

func (q inquiry) holdsAcademy(id string) bool {
	return id != "" && slices.Contains(q.over.Academies, id)
}

func (q inquiry) holdsDepartment(code string) bool {
	in, _ := q.snapshot.AcademyOf(code)
	return code != "" && (slices.Contains(q.over.Departments, code) || q.holdsAcademy(in))
}

// holdsCirconscription: a circonscription is named as its écoles name it, and belongs where all of them are.
func (q inquiry) holdsCirconscription(name string) bool {
	if name == "" {
		return false
	}
	if slices.Contains(q.over.Circonscriptions, name) {
		return true
	}
	found := false
	for _, e := range q.snapshot.Establishments() {
		if e.District != name && (e.Kind != registry.Circonscription || string(e.UAI) != name) {
			continue
		}
		if found = true; !q.holds(e.UAI) {
			return false
		}
	}
	return found
}
