package registry

import (
	"time"
)

// Standing is where a version stands as people see it: its state, with active and expired read off the clock.
type Standing string

// The standings that are no states.
const (
	Active   Standing = "active"   // approved and in force
	Expired  Standing = "expired"  // approved and over
	Upcoming Standing = "upcoming" // approved and not begun
)

// Difference is one field that two versions say differently.
type Difference struct {
	Where  string `json:"where"`
	Before string `json:"before,omitempty"`
	After  string `json:"after,omitempty"`
	Wider  bool   `json:"wider,omitempty"` // it lets more out, to more people, for longer, to more hands
}

// StandingAt says where the version stands at now.
func (d Declaration) StandingAt(now time.Time, zone *time.Location) Standing { panic("not yet") }

// Fingerprint is a hash of the version's text.
func (d Declaration) Fingerprint() string { panic("not yet") }

// Diff lists field by field what next says differently from before.
func Diff(before, next Declaration) []Difference { panic("not yet") }

// Compare says what next changes against the approved version before it. The order of words in lists is no change.
func Compare(before, next Declaration) ChangeKind { panic("not yet") }
