package registry

import "ecluse/internal/person"

// What follows is for who asks at every decision: the snapshot's own objects rather than copies, nil where there is none.
// Callers must not change what is pointed to.

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
