package registry

import "ecluse/internal/person"

// holders finds what an act at the desk looks up each time: who was appointed, who was delegated where, and to which
// academy a department belongs.
type holders struct {
	appointed map[string][]Appointment
	delegated map[person.UAI][]Delegation
	academies map[string]string // by department; empty for one in which the establishments disagree
}

// with renews the parts that changed; the others are shared with the view before.
func (h holders) with(s *Snapshot, c Contents) holders {
	if len(c.Appointments) > 0 {
		h.appointed = map[string][]Appointment{}
		for _, a := range sorted(s.appointments) {
			h.appointed[a.Holder] = append(h.appointed[a.Holder], a)
		}
	}
	if len(c.Delegations) > 0 {
		h.delegated = map[person.UAI][]Delegation{}
		for _, d := range sorted(s.delegations) {
			h.delegated[d.UAI] = append(h.delegated[d.UAI], d)
		}
	}
	if len(c.Establishments) > 0 {
		h.academies = map[string]string{}
		for _, e := range s.establishments.all() {
			if known, seen := h.academies[e.Department]; seen && known != e.Academy {
				h.academies[e.Department] = ""
				continue
			}
			h.academies[e.Department] = e.Academy
		}
	}
	return h
}

// AppointmentsOf lists the appointments that the holder of a handle claimed, whatever became of them. An empty handle has
// claimed none.
func (s *Snapshot) AppointmentsOf(handle string) []Appointment {
	if s == nil || handle == "" {
		return nil
	}
	return s.holders.appointed[handle]
}

// DelegationsAt lists the delegations registered for an establishment, whatever their dates.
func (s *Snapshot) DelegationsAt(uai person.UAI) []Delegation {
	if s == nil {
		return nil
	}
	return s.holders.delegated[uai]
}

// AcademyOf is the academy to which a department belongs, as its establishments say it. ok is false when none does, or
// when they disagree.
func (s *Snapshot) AcademyOf(department string) (academy string, ok bool) {
	if s == nil || department == "" {
		return "", false
	}
	academy = s.holders.academies[department]
	return academy, academy != ""
}
