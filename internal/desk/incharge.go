package desk

import (
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// InCharge says who may do what comes next about a case: a function, whether somebody is in office, and who stands in.
type InCharge struct {
	Act    roles.Act
	Role   registry.Role
	Vacant bool      // nobody holds it now, as far as the register knows
	Stands []StandIn // who holds it in somebody's place
}

// StandIn is somebody who acts in another's place: under which act, and until when. It names nobody.
type StandIn struct {
	Under string
	Until registry.Date
}

// inCharge lists who may take a version up, advise on it and decide on it.
func (t *turn) inCharge(v registry.Declaration) []InCharge {
	decides := t.deciding(v)
	out := []InCharge{t.office(roles.Instruct, registry.DRANE, of(v))}
	if v.Scope.Level == registry.ByEstablishment { // a school's own declaration is taken up by who decides on it
		out = nil
	}
	if o := t.opinionOn(v); o.asked && !o.given {
		out = append(out, t.office(roles.Opine, registry.DPO, of(v)))
	}
	return append(out, decides)
}

// deciding is who decides on a version: the controller at its level, or the level above after an unfavourable opinion.
func (t *turn) deciding(v registry.Declaration) InCharge {
	switch {
	case v.Scope.Level == registry.ByEstablishment && t.opinionOn(v).Value != registry.Unfavourable:
		return t.heads(roles.Approve, v.Scope.UAIs...)
	case v.Scope.Level == registry.ByDepartment && t.opinionOn(v).Value != registry.Unfavourable:
		return t.office(roles.Approve, registry.DASEN, of(v))
	}
	if raised, ok := t.raised(v); ok {
		v = raised
	}
	return t.office(roles.Approve, registry.Recteur, of(v))
}

// answering is who answers what the staff of an establishment ask for.
func (t *turn) answering(uai person.UAI) []InCharge {
	return []InCharge{t.heads(roles.AnswerWish, uai)}
}

// heads is whoever answers for establishments: a head, who may be missing, and those who hold a dated delegation there; or
// the function that an école or a service depends on.
func (t *turn) heads(act roles.Act, uais ...person.UAI) InCharge {
	out := InCharge{Act: act, Role: registry.HeadOfSchool}
	for _, uai := range uais {
		e, known := t.Establishment(uai)
		if controller := e.Controller(); known && controller != registry.HeadOfSchool {
			return t.office(act, controller, roles.Target{UAIs: []person.UAI{uai}})
		}
		out.Vacant = out.Vacant || e.Vacant
		for _, d := range t.DelegationsAt(uai) {
			if d.Act != "" && !before(t.today(), d.From) && !before(d.Until, t.today()) && !d.From.IsZero() {
				out.Stands = append(out.Stands, StandIn{Under: d.Act, Until: d.Until})
			}
		}
	}
	return out
}

// office looks for those who were appointed to a function and may do an act: asked of roles, as if each of them asked.
func (t *turn) office(act roles.Act, role registry.Role, on roles.Target) InCharge {
	out := InCharge{Act: act, Role: role, Vacant: true}
	var seen []string
	for _, a := range t.Appointments() {
		if a.Role != role || a.State != registry.ConfirmedApp || a.Holder == "" || slices.Contains(seen, a.Holder) {
			continue
		}
		in, err := roles.May(t.Snapshot, t.now, roles.Caller{Handle: a.Holder}, act, on)
		if err != nil || in.Role != role {
			continue
		}
		seen = append(seen, a.Holder)
		out.Vacant = false
		if a.Act != "" {
			out.Stands = append(out.Stands, StandIn{Under: a.Act, Until: a.Until})
		}
	}
	return out
}
