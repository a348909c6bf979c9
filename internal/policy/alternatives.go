package policy

import (
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// AcademyAudience is for whom a service is declared that is open for a whole academy now; nothing when it is not. Who uses
// it is not looked at.
func AcademyAudience(s *registry.Snapshot, now time.Time, service string) []person.Profile {
	v := newView(s, now)
	if f, ok := v.crisis(service, nil); ok {
		return f.version.Audience.Profiles
	}
	list := s.Declarations(service)
	for i := range list {
		d := &list[i]
		if d.Scope.Level != registry.ByAcademy || !d.Scope.Alone() || !v.governs(d) {
			continue
		}
		if _, ok := v.live(d); ok {
			return d.Audience.Profiles
		}
	}
	return nil
}
