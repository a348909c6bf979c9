package notify

import (
	"cmp"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// View is the registry at an instant, as far as somebody is to be told of it.
type View struct {
	*registry.Snapshot
	now       time.Time
	academies []string
}

// NewView looks at a state of the registry.
func NewView(s *registry.Snapshot, now time.Time) *View {
	v := &View{Snapshot: s, now: now}
	for _, e := range s.Establishments() {
		if !e.Test && !slices.Contains(v.academies, e.Academy) {
			v.academies = append(v.academies, e.Academy)
		}
	}
	if slices.Sort(v.academies); len(v.academies) == 0 {
		v.academies = []string{""}
	}
	return v
}

// Occasion is something of which mailboxes are told once.
type Occasion struct {
	Mark   string // it is told under
	Kind   Kind
	About  string // the id that Name is of
	Name   registry.Text
	School string // by name, where it is about one
	Office string // the function that acted
	At     time.Time
	Last   registry.Date // the last day, of what ends, or by which something is to be done
	Days   int           // until then; below 0 once it is over
	Stage  int           // 90, 30, 7 or 0 of what ends
	Role   registry.Role // of an appointment
	To     []Box
}

// everywhere gives the box of a function in each academy.
func (v *View) everywhere(role registry.Role) []Box { return boxes(role, v.academies) }

func boxes(role registry.Role, of []string) []Box {
	out := make([]Box, len(of))
	for i, name := range of {
		out[i] = Box{role, name}
	}
	return out
}

// SchoolBox is the box of an establishment: its own, whoever is controller there.
func SchoolBox(e registry.Establishment) Box { return school(e) }

func school(e registry.Establishment) Box {
	if e.Kind == registry.Ecole && !e.Private {
		return Box{registry.Directeur, string(e.UAI)}
	}
	return Box{registry.HeadOfSchool, string(e.UAI)}
}

// controller is the box of who answers for an establishment (RGPD art. 4(7)).
func controller(e registry.Establishment) Box {
	switch e.Controller() {
	case registry.DASEN:
		return Box{registry.DASEN, e.Department}
	case registry.HeadOfSchool:
		return school(e)
	default:
		return Box{registry.Recteur, e.Academy}
	}
}

// deciders are who can renew a declaration: the controller at its level, and for an academy whoever instructs there.
func (v *View) deciders(d registry.Declaration) []Box {
	switch d.Scope.Level {
	case registry.ByAcademy:
		return append(boxes(registry.DRANE, d.Scope.Academies), boxes(registry.Recteur, d.Scope.Academies)...)
	case registry.ByDepartment:
		return boxes(registry.DASEN, d.Scope.Departments)
	}
	var out []Box
	for _, e := range v.schools(d) {
		out = append(out, controller(e))
	}
	return once(out)
}

// above is one level up from who can renew a declaration: the department's DASEN above a school, the recteur above a DASEN.
// Above the recteur there is nobody; the data-protection officer is told instead.
func (v *View) above(d registry.Declaration) []Box {
	var out []Box
	for _, b := range v.deciders(d) {
		switch b.Role {
		case registry.HeadOfSchool, registry.Directeur:
			if e, ok := v.Establishment(person.UAI(b.Of)); ok {
				out = append(out, Box{registry.DASEN, e.Department})
			}
		case registry.DASEN:
			if academy, ok := v.AcademyOf(b.Of); ok {
				out = append(out, Box{registry.Recteur, academy})
			}
		default:
			out = append(out, Box{registry.DPO, b.Of})
		}
	}
	return once(out)
}

// schools are the registered establishments that a declaration of their level names, the closed ones left out.
func (v *View) schools(d registry.Declaration) []registry.Establishment {
	var out []registry.Establishment
	for _, uai := range d.Scope.UAIs {
		if e, ok := v.Establishment(uai); ok && !e.ClosedAt(v.now, v.Zone()) {
			out = append(out, e)
		}
	}
	return out
}

// academiesOf are the academies that a declaration reaches.
func (v *View) academiesOf(d registry.Declaration) []string {
	out := slices.Clone(d.Scope.Academies)
	for _, department := range d.Scope.Departments {
		if academy, ok := v.AcademyOf(department); ok {
			out = append(out, academy)
		}
	}
	for _, e := range v.schools(d) {
		out = append(out, e.Academy)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// users are the boxes of the schools in which a service is enabled, under a declaration where one is named.
func (v *View) users(service, declaration string) []Box {
	var out []Box
	for _, uai := range v.Said(service) {
		e, known := v.Establishment(uai)
		stance, _ := v.Enabling(service, uai)
		if known && stance.State == registry.Enabled && (declaration == "" || stance.Declaration == declaration) && !e.ClosedAt(v.now, v.Zone()) {
			out = append(out, school(e))
		}
	}
	return out
}

func (v *View) service(id string) registry.Text {
	if s, ok := v.Service(id); ok {
		return s.Name
	}
	return registry.Text{FR: id}
}

// once keeps each box once, in one order.
func once(list []Box) []Box {
	slices.SortFunc(list, func(a, b Box) int { return cmp.Or(cmp.Compare(a.Role, b.Role), cmp.Compare(a.Of, b.Of)) })
	return slices.Compact(list)
}
