package policy

import (
	"time"

	"ecluse/internal/registry"
)

// Reached tells whether the gateway's own register entry stands in an establishment at now. Where it does not, the gate
// lets nothing out.
func Reached(s *registry.Snapshot, now time.Time, school registry.Establishment) bool {
	c := newInquiry(s, now, Ask{})
	c.school = &school
	_, ok := c.houseThere()
	return ok
}
