package desk

import (
	"context"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Sheet is what whoever decides looks at: the version, the one before it, what differs, what the machine found, who is
// concerned, and what is missing before it can be approved.
type Sheet struct {
	Declaration registry.Declaration  `json:"declaration"`
	Tag         string                `json:"-"`
	Standing    registry.Standing     `json:"standing"`
	Before      int                   `json:"before,omitempty"` // the version it is compared with; 0 for none
	Changes     []registry.Difference `json:"changes"`
	Change      registry.ChangeKind   `json:"change"`
	Findings    []registry.Finding    `json:"findings"`
	Missing     []registry.Finding    `json:"missing"` // what keeps it from being approved now
	Schools     int                   `json:"schools"` // that it would reach
	Pupils      int                   `json:"pupils"`  // as far as the ministry's list says
	Waiting     int                   `json:"waiting"` // schools whose own act a wider version waits for
}

// Sheet gives the sheet of a version in the caller's sight.
func (d *Desk) Sheet(ctx context.Context, c roles.Caller, ref Ref) (Sheet, error) { panic("not yet") }

// Find lists versions in the caller's sight.
func (d *Desk) Find(ctx context.Context, c roles.Caller, q Query) ([]registry.Declaration, error) {
	panic("not yet")
}

// Query narrows a list; empty fields do not.
type Query struct {
	Service  string
	ID       string
	Standing registry.Standing
	UAI      string
	Text     string // in names and purposes
}

// Task is something that waits for the caller.
type Task struct {
	Kind  string `json:"kind"` // a stable word: review, opinion, approve, enable, accept, correct, wish, paper, terms, expiry, appointment, rules, model_review
	About string `json:"about"`
	UAI   string `json:"uai,omitempty"`
	Since string `json:"since,omitempty"` // RFC 3339
	Until string `json:"until,omitempty"` // yyyy-mm-dd: when it will be too late
	Count int    `json:"count,omitempty"`
}

// Waiting lists what waits for the caller, the oldest first.
func (d *Desk) Waiting(ctx context.Context, c roles.Caller) ([]Task, error) { panic("not yet") }
