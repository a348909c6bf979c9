// Package memdb keeps tickets in the memory of one process: for tests, and for
// a gateway that may forget its sessions when it stops. It owns nothing
// durable, so it has no queue.
package memdb

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"time"

	"ecluse/internal/store"
)

// shards is how many locks share the tickets; more than the processors that
// ever run at once.
const shards = 64

// Tickets is a store.Tickets in memory.
type Tickets struct {
	now    func() time.Time
	seed   maphash.Seed
	shards [shards]shard

	epochOnce sync.Once
	epoch     time.Time
}

// New returns an empty store whose tickets expire by the clock now.
func New(now func() time.Time) *Tickets {
	t := &Tickets{now: now, seed: maphash.MakeSeed()}
	for i := range t.shards {
		t.shards[i].entries = map[key]entry{}
	}
	return t
}

// key is where an entry stands; counters stand apart from tickets.
type key struct {
	counter bool
	kind    store.Kind
	name    string
}

// entry is a ticket, or a counter whose sum is its version.
type entry struct {
	value   []byte
	version int64
	expires int64 // milliseconds
}

type shard struct {
	mu      sync.Mutex
	entries map[key]entry
	writes  int // since the last sweep
}

// live returns the entry unless it has expired.
func (s *shard) live(k key, now int64) (entry, bool) {
	e, ok := s.entries[k]
	return e, ok && e.expires > now
}

// set stores an entry. It sweeps the shard after as many writes as half of its
// entries, so that the dead are never many more than the living, at a constant
// cost for each write.
func (s *shard) set(k key, e entry, now int64) {
	s.entries[k] = e
	if s.writes++; s.writes < 64+len(s.entries)/2 {
		return
	}
	s.writes = 0
	for k, e := range s.entries {
		if e.expires <= now {
			delete(s.entries, k)
		}
	}
}

// at runs fn on the shard of k, alone, at the instant that it is given.
func (t *Tickets) at(ctx context.Context, k key, fn func(s *shard, now int64) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.shard(k)
	s.mu.Lock()
	defer s.mu.Unlock()
	return fn(s, t.now().UnixMilli())
}

// write checks n and makes that one change.
func (t *Tickets) write(ctx context.Context, do store.Verb, n store.Ticket) error {
	if err := n.Check(t.now()); err != nil {
		return err
	}
	op, k := store.Op{Do: do, Ticket: n}, key{kind: n.Kind, name: n.Name}
	return t.at(ctx, k, func(s *shard, now int64) error {
		if err := may(op)(s.live(k, now)); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
		t.apply(op, now)
		return nil
	})
}

// firstVersion is where the versions of a new value begin: at random, so that
// a ticket deleted and made again is not taken for the one before.
func firstVersion() int64 { return 1 + rand.Int64N(1<<62) }

// Put implements store.Tickets.
func (t *Tickets) Put(ctx context.Context, n store.Ticket) error { return t.write(ctx, store.Put, n) }

// Create implements store.Tickets.
func (t *Tickets) Create(ctx context.Context, n store.Ticket) error {
	return t.write(ctx, store.Create, n)
}

// Replace implements store.Tickets.
func (t *Tickets) Replace(ctx context.Context, n store.Ticket) error {
	return t.write(ctx, store.Replace, n)
}

// Get implements store.Tickets.
func (t *Tickets) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return t.read(ctx, kind, name, false)
}

// Take implements store.Tickets.
func (t *Tickets) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return t.read(ctx, kind, name, true)
}

func (t *Tickets) read(ctx context.Context, kind store.Kind, name string, take bool) (store.Ticket, error) {
	if err := store.CheckName(kind, name); err != nil {
		return store.Ticket{}, err
	}
	n := store.Ticket{Kind: kind, Name: name}
	k := key{kind: kind, name: name}
	err := t.at(ctx, k, func(s *shard, now int64) error {
		e, found := s.live(k, now)
		if !found {
			return fmt.Errorf("read %s: %w", n, store.ErrNotFound)
		}
		n.Value, n.Version, n.Expires = bytes.Clone(e.value), e.version, time.UnixMilli(e.expires).UTC()
		if take {
			delete(s.entries, k)
		}
		return nil
	})
	if err != nil {
		return store.Ticket{}, err
	}
	return n, nil
}

// Increment implements store.Tickets.
func (t *Tickets) Increment(ctx context.Context, kind store.Kind, name string, ttl time.Duration) (int64, error) {
	if err := store.CheckCounter(kind, name, ttl); err != nil {
		return 0, err
	}
	var sum int64
	k := key{counter: true, kind: kind, name: name}
	err := t.at(ctx, k, func(s *shard, now int64) error {
		e, found := s.live(k, now)
		if !found {
			e = entry{expires: now + ttl.Milliseconds()}
		}
		e.version++
		sum = e.version
		s.set(k, e, now)
		return nil
	})
	return sum, err
}

// Delete implements store.Tickets.
func (t *Tickets) Delete(ctx context.Context, kind store.Kind, name string) error {
	if err := store.CheckName(kind, name); err != nil {
		return err
	}
	for _, k := range []key{{kind: kind, name: name}, {counter: true, kind: kind, name: name}} {
		err := t.at(ctx, k, func(s *shard, _ int64) error { delete(s.entries, k); return nil })
		if err != nil {
			return err
		}
	}
	return nil
}

// Epoch implements store.Tickets: the instant of its first call, rounded up.
func (t *Tickets) Epoch(ctx context.Context) (time.Time, error) {
	if err := ctx.Err(); err != nil {
		return time.Time{}, err
	}
	t.epochOnce.Do(func() { t.epoch = time.UnixMilli(t.now().UnixMilli() + 1).UTC() })
	return t.epoch, nil
}

// Len returns how many entries take up memory, expired ones included.
func (t *Tickets) Len() int {
	n := 0
	for i := range t.shards {
		t.shards[i].mu.Lock()
		n += len(t.shards[i].entries)
		t.shards[i].mu.Unlock()
	}
	return n
}
