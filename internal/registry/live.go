package registry

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// How old a view may be. A suspension acts on every replica at most one second after its commit, because each looks at
// the revision twice in that time; a replica that cannot look for MaxAge stops issuing.
const (
	PollEvery = 400 * time.Millisecond
	MaxAge    = 10 * time.Second
)

// ErrStale says that the registry could not be read for so long that nothing may be issued on the last view of it.
var ErrStale = errors.New("the registry could not be read for too long")

// Live keeps a Snapshot current. It is safe for concurrent use.
type Live struct {
	Store  Store
	Zone   *time.Location
	Now    func() time.Time
	Failed func(error) // told of every look that failed; may be nil

	// Shipped is what comes with the program: rules version 0 and the catalogue. What is stored under the same name stands
	// in its place.
	Shipped Contents

	view atomic.Pointer[view]
	look sync.Mutex // one look at a time, so that an older answer never replaces a newer one
}

type view struct {
	snapshot *Snapshot
	seen     time.Time // when the revision was last known to be the newest
}

// Current returns the newest view, or ErrStale.
func (l *Live) Current() (*Snapshot, error) {
	v := l.view.Load()
	if v == nil || l.Now().Sub(v.seen) >= MaxAge {
		return nil, ErrStale
	}
	return v.snapshot, nil
}

// Refresh looks at the revision and loads what changed. The view it leaves is as of the beginning of the look.
func (l *Live) Refresh(ctx context.Context) error {
	l.look.Lock()
	defer l.look.Unlock()
	at := l.Now()
	revision, err := l.Store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("registry revision: %w", err)
	}
	if v := l.view.Load(); v != nil && v.snapshot.Revision() == revision {
		l.view.Store(&view{snapshot: v.snapshot, seen: at})
		return nil
	}
	contents, err := l.Store.Load(ctx)
	if err != nil {
		return fmt.Errorf("registry contents: %w", err)
	}
	l.view.Store(&view{snapshot: NewSnapshot(contents, l.Zone), seen: at})
	return nil
}

// Run refreshes until ctx ends.
func (l *Live) Run(ctx context.Context) {
	tick := time.NewTicker(PollEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			look, cancel := context.WithTimeout(ctx, MaxAge/2)
			if err := l.Refresh(look); err != nil && l.Failed != nil && ctx.Err() == nil {
				l.Failed(err)
			}
			cancel()
		}
	}
}
