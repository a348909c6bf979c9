package registry

import (
	"iter"

	"ecluse/internal/person"
)

// What follows is for who asks at every decision, or goes through thousands: the snapshot's own objects rather than copies,
// nil where there is none. Callers must not change what is pointed to, nor the lists.

// FindService is Service without the copy.
func (s *Snapshot) FindService(id string) *Service {
	if s == nil {
		return nil
	}
	return s.services.find(id)
}

// FindEstablishment is Establishment without the copy.
func (s *Snapshot) FindEstablishment(uai person.UAI) *Establishment {
	if s == nil {
		return nil
	}
	return s.establishments.find(uai)
}

// FindSource is Source without the copy.
func (s *Snapshot) FindSource(id string) *Source {
	if s == nil {
		return nil
	}
	return s.sources.find(id)
}

// FindEnabling is Enabling without the copy.
func (s *Snapshot) FindEnabling(service string, uai person.UAI) *Enabling {
	if s == nil {
		return nil
	}
	return s.enablings.find(EnablingKey{service, uai})
}

// FindFamily is Family without the copy; nil where nothing happened to the sector's numbers.
func (s *Snapshot) FindFamily(id string) *Family {
	if s == nil {
		return nil
	}
	return s.families.find(id)
}

// FindHeadcount is Headcount without the copy.
func (s *Snapshot) FindHeadcount(uai person.UAI) *Headcount {
	if s == nil {
		return nil
	}
	return s.headcounts.find(uai)
}

// FindServices is Services without the copies.
func (s *Snapshot) FindServices() []*Service {
	if s == nil {
		return nil
	}
	return byName(s.services)
}

// FindEstablishments is Establishments without the copies.
func (s *Snapshot) FindEstablishments() []*Establishment {
	if s == nil {
		return nil
	}
	return byName(s.establishments)
}

// EachDeclaration goes through AllDeclarations without the copies.
func (s *Snapshot) EachDeclaration() iter.Seq[*Declaration] {
	return func(yield func(*Declaration) bool) {
		for _, v := range s.FindServices() {
			list := s.declarations[v.ID]
			for i := range list {
				if !yield(&list[i]) {
					return
				}
			}
		}
	}
}

// EachEnabling goes through Enablings without the copies.
func (s *Snapshot) EachEnabling() iter.Seq[*Enabling] {
	return func(yield func(*Enabling) bool) {
		if s == nil {
			return
		}
		for _, key := range s.enablings.order {
			if !yield(s.enablings.find(key)) {
				return
			}
		}
	}
}

// EachAppointment goes through Appointments without the copies, in no order.
func (s *Snapshot) EachAppointment() iter.Seq[*Appointment] {
	return func(yield func(*Appointment) bool) {
		if s == nil {
			return
		}
		for _, key := range s.appointments.order {
			if !yield(s.appointments.find(key)) {
				return
			}
		}
	}
}
