package roles

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// inquiry is one question: may somebody who holds a role over something do an act on a target? What is not registered is
// in nobody's perimeter.
type inquiry struct {
	snapshot *registry.Snapshot
	now      time.Time
	handle   string
	act      Act
	role     registry.Role
	over     registry.Over
	on       Target
}

// meets tells whether the target lies in what the role is held over, as a word of the table wants it.
func (q inquiry) meets(p perimeter) bool {
	switch p {
	case anything:
		return true
	case self:
		return q.mine()
	case own:
		return q.runs()
	case concerns:
		return q.runs() || q.reaches()
	case touches:
		return q.touches()
	case ownOrTouches:
		return q.runs() || q.touches()
	case ownOrWithin:
		return q.runs() || q.within()
	case within:
		return q.within()
	case academy:
		return q.inAcademy()
	case controls:
		return q.controlsAll(q.on.UAIs)
	case decides:
		return q.decides()
	default:
		return false
	}
}

// mine: a token is made for oneself; else it is said whose it is.
func (q inquiry) mine() bool {
	return q.on.Holder == q.handle || (q.on.Holder == "" && q.act == MakeToken)
}

// about: what somebody holds is theirs to see and to end, whatever else their role may.
func (q inquiry) about() bool { return q.act == ReadAccess || q.act == RevokeToken }

// runs: every service and source that is named is one's own, and there is one.
func (q inquiry) runs() bool {
	services := slices.DeleteFunc([]string{q.on.Service, q.on.declared().ServiceID}, func(id string) bool { return id == "" })
	for _, id := range services {
		if !slices.Contains(q.over.Services, id) {
			return false
		}
	}
	if q.on.Source != "" && !slices.Contains(q.over.Sources, q.on.Source) {
		return false
	}
	return len(services) > 0 || q.on.Source != ""
}

// reaches: one of one's establishments is named, or lies in the declaration's scope.
func (q inquiry) reaches() bool {
	if slices.ContainsFunc(q.on.UAIs, q.holds) {
		return true
	}
	if q.on.Declaration != nil {
		return q.inScope(q.on.Declaration.Scope)
	}
	return slices.ContainsFunc(q.snapshot.Declarations(q.on.Service), func(d registry.Declaration) bool {
		return d.WasApproved() && q.inScope(d.Scope)
	})
}

func (q inquiry) inScope(scope registry.Scope) bool {
	if slices.ContainsFunc(scope.UAIs, q.holds) || slices.ContainsFunc(scope.Departments, q.holdsDepartment) ||
		slices.ContainsFunc(scope.Academies, q.holdsAcademy) {
		return true
	}
	for _, department := range q.over.Departments {
		if in, ok := q.snapshot.AcademyOf(department); ok && slices.Contains(scope.Academies, in) {
			return true
		}
	}
	return slices.ContainsFunc(q.over.UAIs, func(uai person.UAI) bool {
		e, ok := q.snapshot.Establishment(uai)
		return ok && scope.Covers(e)
	})
}

// touches: a draft whose scope is not yet said is its author's.
func (q inquiry) touches() bool {
	if q.on.Declaration == nil {
		return q.within()
	}
	switch scope := q.on.Declaration.Scope; scope.Level {
	case registry.ByEstablishment:
		return slices.ContainsFunc(scope.UAIs, q.answersFor)
	case registry.ByDepartment:
		return slices.ContainsFunc(scope.Departments, q.holdsDepartment)
	case registry.ByAcademy:
		return slices.ContainsFunc(scope.Academies, q.holdsAcademy)
	case "":
		return q.handle != "" && q.on.Declaration.Author == q.handle
	default:
		return false
	}
}

// within: what is about no place in particular (a service, the rules, the catalogue, a source that speaks for everybody)
// is the academy's.
func (q inquiry) within() bool {
	named := false
	all := func(there, inside bool) bool {
		named = named || there
		return !there || inside
	}
	source, known := q.snapshot.Source(q.on.Source)
	return all(len(q.on.UAIs) > 0, every(q.on.UAIs, q.holds)) &&
		all(q.on.Declaration != nil, q.scopeWithin(q.on.declared().Scope)) &&
		all(q.on.Academy != "", q.holdsAcademy(q.on.Academy)) &&
		all(len(source.UAIs) > 0, every(source.UAIs, q.holds)) &&
		(q.on.Source == "" || known) &&
		all(q.on.Role != "" || !nothing(q.on.Over), q.appoints()) &&
		(named || len(q.over.Academies) > 0)
}

func (q inquiry) scopeWithin(scope registry.Scope) bool {
	switch scope.Level {
	case registry.ByEstablishment:
		return every(scope.UAIs, q.holds)
	case registry.ByDepartment:
		return every(scope.Departments, q.holdsDepartment)
	case registry.ByAcademy:
		return every(scope.Academies, q.holdsAcademy)
	default:
		return false
	}
}

// appoints: nobody gives more than they hold, and a head gives only what helps to run the school.
func (q inquiry) appoints() bool {
	if q.role == registry.HeadOfSchool && q.on.Role != registry.Assistant && q.on.Role != registry.Deputy {
		return false
	}
	o, places := q.on.Over, 0
	for _, n := range []int{len(o.Academies), len(o.Departments), len(o.Circonscriptions), len(o.UAIs)} {
		places += n
	}
	things := len(o.Services) + len(o.Sources)
	return slices.Contains(registry.Roles(), q.on.Role) && places+things > 0 &&
		(things == 0 || len(q.over.Academies) > 0) &&
		(len(o.Academies) == 0 || every(o.Academies, q.holdsAcademy)) &&
		(len(o.Departments) == 0 || every(o.Departments, q.holdsDepartment)) &&
		(len(o.Circonscriptions) == 0 || every(o.Circonscriptions, q.holdsCirconscription)) &&
		(len(o.UAIs) == 0 || every(o.UAIs, q.holds))
}

// inAcademy: a school that is not yet registered is judged by the academy that it is said to belong to.
func (q inquiry) inAcademy() bool {
	if q.on.Academy != "" && !q.holdsAcademy(q.on.Academy) {
		return false
	}
	for _, uai := range q.on.UAIs {
		if _, known := q.snapshot.Establishment(uai); (known || q.on.Academy == "") && !q.holds(uai) {
			return false
		}
	}
	return q.on.Academy != "" || len(q.on.UAIs) > 0
}

func every[T any](list []T, fits func(T) bool) bool {
	return len(list) > 0 && !slices.ContainsFunc(list, func(v T) bool { return !fits(v) })
}
