package registry

import "time"

// Family is a sector: the services that know a person by the same number. There is one only where something happened to
// its numbers; a sector without one is in its generation 0.
//
// A new generation gives everybody in the sector another number, and nobody elsewhere: the answer to a list of numbers
// that got out. It wants two persons, as an inquiry does.
type Family struct {
	ID         string     `json:"id"`                   // Service.Family
	Generation int        `json:"generation,omitempty"` // 0 at first; a part of the derivation
	Overlap    Date       `json:"overlap,omitzero"`     // the last day on which the former number may be sent beside the new one
	State      State      `json:"state,omitempty"`      // submitted while a new generation waits for a second person, approved otherwise
	Next       Date       `json:"next,omitzero"`        // while submitted: the overlap that was asked for
	Taken      time.Time  `json:"taken,omitzero"`       // when the list of former and new numbers was taken: once for each generation
	Decisions  []Decision `json:"decisions,omitempty"`  // who asked and why, who confirmed, who took the list; oldest first
}

// Asker is the handle of who asked for the generation that waits; empty when none does.
func (f Family) Asker() string {
	if n := len(f.Decisions); f.State == Submitted && n > 0 {
		return f.Decisions[n-1].By
	}
	return ""
}
