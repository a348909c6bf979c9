package registry

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// State is where a declaration stands in its life. The zero state is a draft, which opens nothing.
type State string

// The states. Only Approved opens a service, and only between its dates; "active" and "expired" are read off the clock.
const (
	Draft     State = "draft"
	Submitted State = "submitted"
	InReview  State = "in_review"
	ToCorrect State = "to_correct"
	Approved  State = "approved"
	Suspended State = "suspended"
	Archived  State = "archived"
	Refused   State = "refused"
)

// nextStates lists the legal moves.
func nextStates(s State) []State {
	switch s {
	case Draft, "":
		return []State{Submitted, Archived}
	case Submitted:
		return []State{InReview, ToCorrect, Approved, Refused, Archived}
	case InReview:
		return []State{ToCorrect, Approved, Refused}
	case ToCorrect:
		return []State{Submitted, Archived}
	case Approved:
		return []State{Suspended, Archived}
	case Suspended:
		return []State{Approved, Archived}
	default:
		return nil
	}
}

// Move returns the declaration in its next state with the decision added, or an error when the move is not legal. The
// caller has checked that whoever decides may.
func (d Declaration) Move(by Decision) (Declaration, error) {
	if !slices.Contains(nextStates(d.State), by.State) {
		return d, fmt.Errorf("declaration %s version %d: it cannot go from %q to %q", d.ID, d.Version, d.State, by.State)
	}
	d.State, d.Since = by.State, by.At
	d.Decisions = append(slices.Clone(d.Decisions), by)
	return d, nil
}

// Move returns the source's declaration in its next state with the decision added, or an error when the move is not
// legal. The receiver stays as it was. The caller has checked that whoever decides may.
func (d SourceDeclaration) Move(by Decision) (SourceDeclaration, error) {
	legal := map[State][]State{
		"": {Submitted}, Draft: {Submitted}, Submitted: {Approved, Refused}, Approved: {Suspended}, Suspended: {Approved},
	}
	if !slices.Contains(legal[d.State], by.State) {
		return d, fmt.Errorf("declaration %s of a source: it cannot go from %q to %q", d.Reference, d.State, by.State)
	}
	d.State = by.State
	d.Decisions = append(slices.Clone(d.Decisions), by)
	return d, nil
}

// WasApproved tells whether the version is or ever was approved. Only what was approved can be suspended, so a suspended
// version counts even when its decisions were not kept.
func (d Declaration) WasApproved() bool {
	return d.State == Approved || d.State == Suspended || slices.ContainsFunc(d.Decisions, func(by Decision) bool { return by.State == Approved })
}

// SameText tells whether two versions say the same, whatever was decided about them and wherever they came from.
func (d Declaration) SameText(other Declaration) bool {
	return d.text() == other.text()
}

// Fingerprint is a hash of the version's text: an opinion on one text is none on another.
func (d Declaration) Fingerprint() string {
	sum := sha256.Sum256([]byte(d.text()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func (d Declaration) text() string {
	d = d.bare()
	text, err := json.Marshal(d)
	if err != nil {
		return "" // this type always encodes
	}
	return string(text)
}

// bare is the version without what became of it.
func (d Declaration) bare() Declaration {
	d.State, d.Since, d.Author, d.Message, d.Change = "", time.Time{}, "", Text{}, ""
	d.Decisions, d.Opinions, d.Judged, d.Terms, d.Review, d.ManagedBy = nil, nil, nil, nil, nil, ""
	return d
}
