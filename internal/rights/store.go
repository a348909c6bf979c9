package rights

import (
	"context"
	"errors"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// ErrConflict says that somebody else wrote the request since it was read, that its reference is taken, or that the same is
// asked already.
var ErrConflict = errors.New("the request was changed by somebody else")

// Counts says how many requests wait for an answer.
type Counts struct {
	Pending int // all that wait, those that are overdue among them
	Overdue int
}

// Store is what storage owes the requests. Package store/sqldb implements it.
type Store interface {
	// Request finds one by its reference; found is false when there is none.
	Request(ctx context.Context, ref string) (r Request, found bool, err error)
	// Of lists those filed under any of some handles, the newest first.
	Of(ctx context.Context, handles []string) ([]Request, error)
	// Current lists those that wait for an answer, or were answered since a moment.
	Current(ctx context.Context, since time.Time) ([]Request, error)
	// Behind lists those about one person, by any of WhomOf, whose door to a service is paused or shut.
	Behind(ctx context.Context, whom []string, service string) ([]Request, error)
	// Count counts those that wait, on a day; an incident is overdue by the hour.
	Count(ctx context.Context, today registry.Date, now time.Time) (Counts, error)
	// Put writes a request and its journal entry, both or neither. With Revision 0 it is new: ErrConflict when its
	// reference is taken, or a request of the same handle, about the same person, of the same kind, service and
	// establishment waits for an answer; else Revision must be what was read, or ErrConflict. A nil entry is for what another entry says already.
	Put(ctx context.Context, r Request, entry *audit.Entry) error
	// Unsettled lists requests whose door is not yet what the receipts say, and answered ones that were answered before a
	// moment, the oldest first and no more than a few hundred.
	Unsettled(ctx context.Context, answeredBefore time.Time) ([]Request, error)
	// Purge removes requests that were closed before a moment, but those whose door is shut since a later one, and says so in
	// the journal when there are any.
	Purge(ctx context.Context, closedBefore, shutBefore time.Time, entry audit.Entry) (removed int, err error)
}

// Doors closes a service for one person, and opens it again. Login implements it: it alone holds the receipts. Each of the
// two done twice is done once. who are the person's handles; the establishment is the one whose controller is asked.
type Doors interface {
	// Shut lets nothing leave for the person to the service from the next answer on; instead is what they are told to do in
	// its place, empty while they wait for an answer.
	Shut(ctx context.Context, who []string, service string, uai person.UAI, instead Instead) error
	// Open takes back what Shut did.
	Open(ctx context.Context, who []string, service string, uai person.UAI) error
}
