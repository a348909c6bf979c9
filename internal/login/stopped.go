package login

import (
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// stoppedSince tells whether what a right to later answers rests on, its service, its source or its establishment, was
// stopped after it was given, and is open again: a suspension ends such rights for good, and whoever comes back signs in.
// While it lasts, the gate gives the reason. Suspensions are counted and not dated, so that no clock decides.
func (f *Flow) stoppedSince(s *registry.Snapshot, who person.Person, g grant) bool {
	if s.StopsOf(g.Request.ServiceID, g.Person.Authn.Source, g.Place.UAI) <= g.Stops {
		return false
	}
	_, err := policy.Gate(s, f.Now(), policy.Ask{Person: who, Place: g.Place, Service: g.Request.ServiceID})
	return err == nil
}
