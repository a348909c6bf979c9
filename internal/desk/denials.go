package desk

import (
	"context"
	"errors"
	"sync"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/roles"
)

// How many denials are journaled: somebody who tries the same thing again and again gets one line in each span, so that
// nobody fills the journal by being refused.
const (
	denialEvery = time.Minute
	mostDenials = 4096
)

// denials remembers what was journaled lately. Its zero value is ready.
type denials struct {
	mu   sync.Mutex
	last map[denial]time.Time
}

type denial struct{ handle, word, why string }

// fresh tells whether a denial is to be journaled at now, and remembers that it was.
func (d *denials) fresh(what denial, now time.Time) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	if at, known := d.last[what]; known && now.Sub(at) < denialEvery {
		return false
	}
	if d.last == nil || len(d.last) >= mostDenials {
		d.last = map[denial]time.Time{}
	}
	d.last[what] = now
	return true
}

// keepDenial journals that the caller was denied, and gives the error back. It does not go through the registry's store:
// somebody who is refused must not make the writes of others begin again.
func (d *Desk) keepDenial(ctx context.Context, t *turn, err error) error {
	var denied *roles.Denied
	if !errors.As(err, &denied) || d.Journal == nil || !d.denied.fresh(denial{t.by.Handle, t.entry.Action, denied.Why}, t.now) {
		return err
	}
	entry := t.entry
	entry.Outcome, entry.Reason = audit.Refused, denied.Why
	if _, failed := d.Journal.Append(ctx, entry); failed != nil {
		return errors.Join(err, failed)
	}
	return err
}
