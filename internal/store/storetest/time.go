package storetest

import (
	"time"

	"ecluse/internal/store"
)

// What ends, and when.

// short is a life that real time can wait for without being too short for a
// busy machine to see the ticket alive.
const short = 400 * time.Millisecond

func (s *suite) expiry() {
	t := s.ticket("session", "a", "one")
	t.Expires = s.now().Add(short)
	s.ok("put", s.store.Put(s.ctx, t))
	r := s.ticket("replay", "r", "one")
	r.Expires = t.Expires
	s.ok("create", s.store.Create(s.ctx, r))
	stored := s.get("session", t.Name)
	if s.clock != nil {
		s.pass(short - time.Millisecond)
		s.get("session", t.Name)
		s.is("create a millisecond before the end", s.store.Create(s.ctx, r), store.ErrExists)
		s.pass(time.Millisecond)
	} else {
		s.pass(short + 50*time.Millisecond)
	}
	s.absent("session", t.Name)
	_, err := s.store.Take(s.ctx, "session", t.Name)
	s.is("take of an ended ticket", err, store.ErrNotFound)
	stored.Expires = s.now().Add(time.Hour)
	s.is("replace of an ended ticket", s.store.Replace(s.ctx, stored), store.ErrNotFound)
	r.Expires = s.now().Add(time.Hour)
	s.ok("create over an ended ticket", s.store.Create(s.ctx, r))
	s.get("replay", r.Name)
}

func (s *suite) counterExpiry() {
	next := func() int64 {
		s.Helper()
		n, err := s.store.Increment(s.ctx, "guess", s.name("a"), short)
		s.ok("increment", err)
		return n
	}
	if got := next(); got != 1 {
		s.Fatalf("got %d, want 1", got)
	}
	s.pass(short / 2)
	if got := next(); got != 2 {
		s.Fatalf("got %d, want 2", got)
	}
	// The second increment did not give the counter a longer life.
	if s.clock != nil {
		s.pass(short/2 - time.Millisecond)
		if got := next(); got != 3 {
			s.Fatalf("a millisecond before the end: got %d, want 3", got)
		}
		s.pass(time.Millisecond)
	} else {
		s.pass(short/2 + 50*time.Millisecond)
	}
	if got := next(); got != 1 {
		s.Fatalf("after the end: got %d, want 1", got)
	}
}
