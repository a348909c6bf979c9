// Package storetest is the conformance suite that every store.Tickets passes,
// and starts the real servers that tests need (Postgres, Redis). It owns no
// fakes: memdb is the store for tests of other packages.
//
// Production code does not import it.
package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
)

// Clock is a clock that stands still until it is moved.
type Clock struct {
	mu  sync.Mutex
	now time.Time
}

// NewClock returns a clock that shows the instant now.
func NewClock(now time.Time) *Clock { return &Clock{now: now} }

// Now returns what the clock shows.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Advance moves the clock.
func (c *Clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// Options say what the suite may expect of an implementation.
type Options struct {
	// RealTime is set when tickets end by a clock that the test cannot move.
	// Expiry is then tested with short lives and real waiting.
	RealTime bool
}

// Open returns an empty store whose clock is now, for one test. It may return
// the same store every time if what earlier tests left behind does not show.
type Open func(t testing.TB, now func() time.Time) store.Tickets

// Run checks that the store keeps its contract, bare and under store.Sealed.
func Run(t *testing.T, open Open, opts Options) {
	t.Run("bare", func(t *testing.T) { t.Parallel(); runAll(t, open, opts) })
	t.Run("sealed", func(t *testing.T) {
		t.Parallel()
		runAll(t, func(t testing.TB, now func() time.Time) store.Tickets {
			return store.Sealed(open(t, now), NewSealer())
		}, opts)
	})
}

func runAll(t *testing.T, open Open, opts Options) {
	for name, check := range map[string]func(*suite){
		"GetReturnsWhatPutStored":         (*suite).putGet,
		"GetOfNothingIsNotFound":          (*suite).getNothing,
		"PutReplacesWhateverIsThere":      (*suite).putOver,
		"CreateRefusesLiveTicket":         (*suite).create,
		"ReplaceNeedsStoredVersion":       (*suite).replace,
		"ReplaceRefusesVersionOfBefore":   (*suite).replaceReborn,
		"IncrementCountsFromOne":          (*suite).increment,
		"TakeReturnsOnce":                 (*suite).take,
		"DeleteRemovesTicketAndCounter":   (*suite).remove,
		"EpochStays":                      (*suite).epoch,
		"KindsDoNotMix":                   (*suite).kinds,
		"NamesMayBeAnyBytes":              (*suite).names,
		"ValuesMayBeEmptyOrLarge":         (*suite).values,
		"StoredValueIsACopy":              (*suite).copies,
		"InvalidArgumentsAreRefused":      (*suite).invalid,
		"CancelledContextChangesNothing":  (*suite).cancelled,
		"TicketEndsExactly":               (*suite).expiry,
		"CounterEndsAfterFirstIncrement":  (*suite).counterExpiry,
		"OneOfManyTakersWins":             (*suite).manyTakers,
		"OneOfManyCreatorsWins":           (*suite).manyCreators,
		"ConcurrentReplacesLoseNothing":   (*suite).manyReplaces,
		"ConcurrentIncrementsLoseNothing": (*suite).manyIncrements,
		"WriteMakesAllItsChanges":         (*suite).writeAll,
		"WriteMakesAllOrNone":             (*suite).writeNone,
		"WriteRefusesWhatItNeverMakes":    (*suite).writeInvalid,
		"WriteSeesNoEndedTicket":          (*suite).writeExpired,
		"OneOfManyWritersWins":            (*suite).manyWriters,
		"OneOfManyTakersInAWriteWins":     (*suite).manyTakersBeside,
		"ConcurrentWritesLoseNothing":     (*suite).manyPairs,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &suite{T: t, ctx: t.Context(), opts: opts, now: time.Now}
			if !opts.RealTime {
				s.clock = NewClock(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
				s.now = s.clock.Now
			}
			s.store = open(t, s.now)
			check(s)
		})
	}
}

// suite is one check on one store.
type suite struct {
	*testing.T
	ctx   context.Context
	store store.Tickets
	opts  Options
	now   func() time.Time
	clock *Clock // nil in real time
}

// pass lets d go by.
func (s *suite) pass(d time.Duration) {
	if s.clock == nil {
		time.Sleep(d)
		return
	}
	s.clock.Advance(d)
}

// ticket returns a ticket of the name of the check that lives for an hour.
func (s *suite) ticket(kind store.Kind, name, value string) store.Ticket {
	return store.Ticket{Kind: kind, Name: s.name(name), Value: []byte(value), Expires: s.now().Add(time.Hour)}
}

// name makes a name of this check's own.
func (s *suite) name(name string) string { return s.Name() + "/" + name }

// ok stops the test if what failed.
func (s *suite) ok(what string, err error) {
	s.Helper()
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
}

// is checks that what failed with the error want.
func (s *suite) is(what string, err, want error) {
	s.Helper()
	if !errors.Is(err, want) {
		s.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// get returns the ticket that must be there.
func (s *suite) get(kind store.Kind, name string) store.Ticket {
	s.Helper()
	got, err := s.store.Get(s.ctx, kind, name)
	s.ok("get", err)
	return got
}

// absent checks that there is no such ticket.
func (s *suite) absent(kind store.Kind, name string) {
	s.Helper()
	_, err := s.store.Get(s.ctx, kind, name)
	s.is("get of an absent ticket", err, store.ErrNotFound)
}

// together runs fn n times at once and returns the errors that were not nil.
func together(n int, fn func(i int) error) []error {
	var wg sync.WaitGroup
	var mu sync.Mutex
	var errs []error
	start := make(chan struct{})
	for i := range n {
		wg.Go(func() {
			<-start
			if err := fn(i); err != nil {
				mu.Lock()
				errs = append(errs, fmt.Errorf("caller %d: %w", i, err))
				mu.Unlock()
			}
		})
	}
	close(start)
	wg.Wait()
	return errs
}
