package demo

import (
	"sync"
	"time"
)

// shelf keeps values in memory for a while. It is bounded, since anybody can
// start a sign-in: when it is full, what expires first makes room.
type shelf[T any] struct {
	now   func() time.Time
	keep  time.Duration
	limit int

	mu    sync.Mutex
	items map[string]shelved[T]
}

type shelved[T any] struct {
	value T
	until time.Time
}

func newShelf[T any](now func() time.Time, keep time.Duration, limit int) *shelf[T] {
	return &shelf[T]{now: now, keep: keep, limit: limit, items: make(map[string]shelved[T])}
}

func (s *shelf[T]) put(key string, value T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, replaced := s.items[key]; !replaced && len(s.items) >= s.limit {
		s.makeRoom()
	}
	s.items[key] = shelved[T]{value: value, until: s.now().Add(s.keep)}
}

func (s *shelf[T]) makeRoom() {
	var first string
	var until time.Time
	for key, item := range s.items {
		if first == "" || item.until.Before(until) {
			first, until = key, item.until
		}
	}
	delete(s.items, first)
}

// get returns the value while it has not expired.
func (s *shelf[T]) get(key string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.find(key)
}

// take returns the value and forgets it: of two takers one gets it.
func (s *shelf[T]) take(key string) (T, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	value, ok := s.find(key)
	delete(s.items, key)
	return value, ok
}

func (s *shelf[T]) find(key string) (T, bool) {
	item, ok := s.items[key]
	if !ok || !s.now().Before(item.until) {
		var none T
		return none, false
	}
	return item.value, true
}

func (s *shelf[T]) drop(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.items, key)
}
