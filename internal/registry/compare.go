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

// StandingAt says where the version stands at now. An approved version without both its dates is over: it opens nothing.
func (d Declaration) StandingAt(now time.Time, zone *time.Location) Standing {
	switch {
	case d.State == "":
		return Standing(Draft)
	case d.State != Approved:
		return Standing(d.State)
	case d.InForce(now, zone):
		return Active
	case !d.From.IsZero() && now.Before(d.From.Starts(zone)):
		return Upcoming
	default:
		return Expired
	}
}

// Difference is one field that two versions say differently. A difference that is neither wider nor narrower is paper: a
// date, a reference, a document, a translation, a contact.
type Difference struct {
	Where    string `json:"where"` // items[mail].required: what is in a list is named by what it is, not by its place
	Before   string `json:"before,omitempty"`
	After    string `json:"after,omitempty"`
	Wider    bool   `json:"wider,omitempty"`    // it lets more out, to more people, for longer, to more hands, or nobody knows
	Narrower bool   `json:"narrower,omitempty"` // it lets less out
}

// Diff lists field by field what next says differently from before, in the order of the declaration's fields. The order
// of words in lists, the version's number, and the difference between a default and its name are none.
func Diff(before, next Declaration) []Difference {
	var out []Difference
	compareFields(before.plain(), next.plain(), &out)
	return out
}

// plain is the text with its defaults named, without what tells one version from another.
func (d Declaration) plain() Declaration {
	d = d.bare()
	d.Version = 0
	if d.Pseudonym == "" {
		d.Pseudonym = PerCycle
	}
	if d.Mode == "" {
		d.Mode = Pseudonymous
	}
	return d
}

// Compare says what next changes against the approved version before it: wider when anything is, narrower when something
// is and nothing wider, a renewal when only paper changed or nothing. The order of words in lists is no change.
func Compare(before, next Declaration) ChangeKind {
	kind := Renewal
	for _, d := range Diff(before, next) {
		switch {
		case d.Wider:
			return Wider
		case d.Narrower:
			kind = Narrower
		}
	}
	return kind
}
