package storetest

import (
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"ecluse/internal/store"
)

// What many callers at once may rely on.

const (
	callers = 16
	rounds  = 10
)

// onlyOne checks that all callers but one failed, and all with the same error.
func (s *suite) onlyOne(errs []error, want error) {
	s.Helper()
	if len(errs) != callers-1 {
		s.Errorf("%d of %d callers succeeded, want exactly one", callers-len(errs), callers)
	}
	for _, err := range errs {
		s.is("loser", err, want)
	}
}

func (s *suite) manyTakers() {
	for round := range rounds {
		t := s.ticket("code", strconv.Itoa(round), "value")
		s.ok("put", s.store.Put(s.ctx, t))
		s.onlyOne(together(callers, func(int) error {
			_, err := s.store.Take(s.ctx, "code", t.Name)
			return err
		}), store.ErrNotFound)
	}
}

func (s *suite) manyCreators() {
	for round := range rounds {
		t := s.ticket("replay", strconv.Itoa(round), "")
		var mu sync.Mutex
		winner := ""
		s.onlyOne(together(callers, func(i int) error {
			t := t
			t.Value = fmt.Append(nil, i)
			err := s.store.Create(s.ctx, t)
			if err == nil {
				mu.Lock()
				winner = string(t.Value)
				mu.Unlock()
			}
			return err
		}), store.ErrExists)
		if got := s.get("replay", t.Name); string(got.Value) != winner {
			s.Errorf("round %d: the stored value is %q, the winner wrote %q", round, got.Value, winner)
		}
	}
}

func (s *suite) manyReplaces() {
	t := s.ticket("session", "a", "0")
	s.ok("put", s.store.Put(s.ctx, t))
	const each = 5
	errs := together(callers, func(int) error {
		for range each {
			if err := s.addOne("session", t.Name); err != nil {
				return err
			}
		}
		return nil
	})
	s.ok("replace", errors.Join(errs...))
	if got := string(s.get("session", t.Name).Value); got != strconv.Itoa(callers*each) {
		s.Errorf("got %s after %d additions", got, callers*each)
	}
}

// addOne reads a number and replaces it by the next, again after a conflict.
func (s *suite) addOne(kind store.Kind, name string) error {
	for {
		t, err := s.store.Get(s.ctx, kind, name)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(t.Value))
		if err != nil {
			return err
		}
		t.Value = strconv.AppendInt(nil, int64(n)+1, 10)
		if err := s.store.Replace(s.ctx, t); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

func (s *suite) manyIncrements() {
	const each = 5
	var mu sync.Mutex
	seen := map[int64]int{}
	errs := together(callers, func(int) error {
		for range each {
			n, err := s.store.Increment(s.ctx, "guess", s.name("a"), time.Hour)
			if err != nil {
				return err
			}
			mu.Lock()
			seen[n]++
			mu.Unlock()
		}
		return nil
	})
	s.ok("increment", errors.Join(errs...))
	for n := int64(1); n <= callers*each; n++ {
		if seen[n] != 1 {
			s.Errorf("%d callers got the sum %d, want one", seen[n], n)
		}
	}
}
