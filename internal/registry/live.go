package registry

import (
	"context"
	"errors"
	"fmt"
	"slices"
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
	// in its place, but for rules version 0: they count without a signature, so no store can give others.
	Shipped Contents

	view atomic.Pointer[view]
	look sync.Mutex // one look at a time, so that an older answer never replaces a newer one

	telling sync.Mutex
	changed chan struct{} // nil while nobody waits
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

// Changed is closed once there is another view than now. Whoever asks for it before Current misses no view that stays.
func (l *Live) Changed() <-chan struct{} {
	l.telling.Lock()
	defer l.telling.Unlock()
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

func (l *Live) tell() {
	l.telling.Lock()
	defer l.telling.Unlock()
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}

// Refresh looks at the revision and reads what changed since the last look; everything the first time, and when the
// store has gone back, as after a restored copy. The view it leaves is as of the beginning of the look, and holds every
// change that was committed before the call.
func (l *Live) Refresh(ctx context.Context) error {
	l.look.Lock()
	defer l.look.Unlock()
	return l.refresh(ctx)
}

// After is the view once it holds a revision, as Apply returned it: whoever acted sees the act at once on this replica.
// It reads nothing when a look has brought that revision already. When it fails the act stands all the same.
func (l *Live) After(ctx context.Context, revision int64) (*Snapshot, error) {
	if s, err := l.Current(); err == nil && s.Revision() >= revision {
		return s, nil
	}
	l.look.Lock()
	defer l.look.Unlock()
	if s, err := l.Current(); err == nil && s.Revision() >= revision {
		return s, nil // another's look brought it while we waited
	}
	if err := l.refresh(ctx); err != nil {
		return nil, err
	}
	s, err := l.Current()
	if err == nil && s.Revision() < revision {
		return nil, fmt.Errorf("registry revision %d is not in the store: %w", revision, ErrStale)
	}
	return s, err
}

func (l *Live) refresh(ctx context.Context) error {
	at := l.Now()
	revision, err := l.Store.Revision(ctx)
	if err != nil {
		return fmt.Errorf("registry revision: %w", err)
	}
	var last *Snapshot
	if v := l.view.Load(); v != nil {
		last = v.snapshot
	}
	if last != nil && last.Revision() == revision {
		l.view.Store(&view{snapshot: last, seen: at})
		return nil
	}
	if last, err = l.next(ctx, last, revision); err != nil {
		return err
	}
	l.view.Store(&view{snapshot: last, seen: at})
	l.tell()
	return nil
}

// next is the view at the newest revision, which is at least the given one.
func (l *Live) next(ctx context.Context, last *Snapshot, revision int64) (*Snapshot, error) {
	if last != nil && last.Revision() < revision {
		changed, err := l.Store.Since(ctx, last.Revision())
		if err != nil {
			return nil, fmt.Errorf("registry changes: %w", err)
		}
		if changed.Revision >= revision {
			return last.With(stored(changed)), nil
		} // the store has gone back while we looked
	}
	contents, err := l.Store.Load(ctx)
	if err != nil {
		return nil, fmt.Errorf("registry contents: %w", err)
	}
	return NewSnapshot(l.Shipped, l.Zone).With(stored(contents)), nil
}

// stored is what storage may say: rules without a signature are the program's alone.
func stored(c Contents) Contents {
	if slices.ContainsFunc(c.RuleSets, isShipped) {
		c.RuleSets = slices.DeleteFunc(slices.Clone(c.RuleSets), isShipped)
	}
	return c
}

func isShipped(r RuleSet) bool { return r.Rules.Version == 0 }

// Run looks at once and then every PollEvery, until ctx ends: what a long start has made old is new again before the
// first question.
func (l *Live) Run(ctx context.Context) {
	tick := time.NewTicker(PollEvery)
	defer tick.Stop()
	for {
		look, cancel := context.WithTimeout(ctx, MaxAge/2)
		if err := l.Refresh(look); err != nil && l.Failed != nil && ctx.Err() == nil {
			l.Failed(err)
		}
		cancel()
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
