package memdb

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"

	"ecluse/internal/store"
)

// Write implements store.Tickets. It holds the locks of all shards that it
// touches, always taken in the same order, and changes nothing before every
// condition is met.
func (t *Tickets) Write(ctx context.Context, ops ...store.Op) error {
	if err := store.CheckWrite(ops, t.now()); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	for _, s := range t.lock(ops) {
		defer s.mu.Unlock()
	}
	now := t.now().UnixMilli()
	for _, op := range ops {
		k := key{kind: op.Ticket.Kind, name: op.Ticket.Name}
		if err := may(op)(t.shard(k).live(k, now)); err != nil {
			return fmt.Errorf("%s: %w", op, err)
		}
	}
	for _, op := range ops {
		t.apply(op, now)
	}
	return nil
}

func (t *Tickets) shard(k key) *shard { return &t.shards[maphash.Comparable(t.seed, k)%shards] }

// lock takes the locks of the shards of ops, counters included.
func (t *Tickets) lock(ops []store.Op) (held []*shard) {
	var touched [shards]bool
	for _, op := range ops {
		k := key{kind: op.Ticket.Kind, name: op.Ticket.Name}
		touched[maphash.Comparable(t.seed, k)%shards] = true
		k.counter = true
		touched[maphash.Comparable(t.seed, k)%shards] = true
	}
	for i, is := range touched {
		if is {
			t.shards[i].mu.Lock()
			held = append(held, &t.shards[i])
		}
	}
	return held
}

func (t *Tickets) apply(op store.Op, now int64) {
	n := op.Ticket
	k := key{kind: n.Kind, name: n.Name}
	version := firstVersion()
	switch op.Do {
	case store.Take:
		delete(t.shard(k).entries, k)
		return
	case store.Delete:
		delete(t.shard(k).entries, k)
		k.counter = true
		delete(t.shard(k).entries, k)
		return
	case store.Replace:
		version = n.Version + 1
	}
	t.shard(k).set(k, entry{bytes.Clone(n.Value), version, n.Expires.UnixMilli()}, now)
}

// may says whether op may be made.
func may(op store.Op) func(old entry, found bool) error {
	return func(old entry, found bool) error {
		switch {
		case op.Do == store.Create && found:
			return store.ErrExists
		case (op.Do == store.Replace || op.Do == store.Take) && !found:
			return store.ErrNotFound
		case op.Do == store.Replace && old.version != op.Ticket.Version:
			return store.ErrConflict
		}
		return nil
	}
}
