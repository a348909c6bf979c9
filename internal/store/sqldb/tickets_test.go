package sqldb

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/storetest"
)

func TestDatabasesKeepTheTicketsContract(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			storetest.Run(t, func(_ testing.TB, now func() time.Time) store.Tickets {
				return d.withClock(now).Tickets()
			}, storetest.Options{})
		})
	}
}

func TestTicketIsTakenOnceAcrossHandles(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			handles := []*Tickets{openAt(t, location, Options{}).Tickets(), openAt(t, location, Options{}).Tickets()}
			for round := range 20 {
				ticket := store.Ticket{Kind: "code", Name: fmt.Sprint(round), Expires: time.Now().Add(time.Hour)}
				if err := handles[0].Put(t.Context(), ticket); err != nil {
					t.Fatal(err)
				}
				errs := make([]error, 10)
				var wg sync.WaitGroup
				for i := range errs {
					wg.Go(func() { _, errs[i] = handles[i%2].Take(t.Context(), "code", ticket.Name) })
				}
				wg.Wait()
				won := 0
				for _, err := range errs {
					if err == nil {
						won++
					} else if !errors.Is(err, store.ErrNotFound) {
						t.Error(err)
					}
				}
				if won != 1 {
					t.Errorf("round %d: %d takers won, want one", round, won)
				}
			}
		})
	}
}

func TestTicketsSurviveReopening(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Open(t.Context(), location, Options{})
			if err != nil {
				t.Fatal(err)
			}
			ticket := store.Ticket{Kind: "session", Name: "a", Value: []byte("kept"), Expires: time.Now().Add(time.Hour)}
			if err := d.Tickets().Put(t.Context(), ticket); err != nil {
				t.Fatal(err)
			}
			before, err := d.Tickets().Epoch(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if err := d.Close(); err != nil {
				t.Fatal(err)
			}
			again := openAt(t, location, Options{Now: func() time.Time { return time.Now().Add(time.Minute) }}).Tickets()
			if got, err := again.Get(t.Context(), "session", "a"); err != nil || string(got.Value) != "kept" {
				t.Errorf("got %q, %v", got.Value, err)
			}
			if after, err := again.Epoch(t.Context()); err != nil || !after.Equal(before) {
				t.Errorf("the epoch moved from %s to %s, %v", before, after, err)
			}
		})
	}
}

func TestSweepDeletesWhatHasEnded(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		clock := storetest.NewClock(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
		d = d.withClock(clock.Now)
		tickets := d.Tickets()
		const ended = sweepBatch + 7
		var wg sync.WaitGroup
		for i := range ended {
			wg.Go(func() {
				end := clock.Now().Add(time.Minute)
				err := tickets.Put(context.Background(), store.Ticket{Kind: "code", Name: fmt.Sprint(i), Expires: end})
				if err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		living := store.Ticket{Kind: "code", Name: "living", Expires: clock.Now().Add(time.Hour)}
		if err := tickets.Put(t.Context(), living); err != nil {
			t.Fatal(err)
		}
		if _, err := tickets.Increment(t.Context(), "guess", "a", time.Minute); err != nil {
			t.Fatal(err)
		}
		if n, err := tickets.Sweep(t.Context(), clock.Now()); n != 0 || err != nil {
			t.Errorf("swept %d living rows, %v", n, err)
		}
		clock.Advance(time.Minute)
		if n, err := tickets.Sweep(t.Context(), clock.Now()); n != ended+1 || err != nil {
			t.Errorf("swept %d rows, %v, want %d", n, err, ended+1)
		}
		if _, err := tickets.Get(t.Context(), "code", "living"); err != nil {
			t.Errorf("the living ticket: %v", err)
		}
	})
}
