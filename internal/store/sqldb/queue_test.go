package sqldb

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/storetest"
)

// leased returns the ids of what one lease gives, sorted.
func leased(t *testing.T, q store.Queue, topic string, limit int) []string {
	t.Helper()
	got, err := q.Lease(context.Background(), topic, limit, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	names := []string{}
	for _, d := range got {
		names = append(names, fmt.Sprintf("%s:%s:%d", d.ID, d.Body, d.Attempts))
	}
	slices.Sort(names)
	return names
}

func TestQueueKeepsDeliveriesUntilDone(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		clock := storetest.NewClock(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
		var q store.Queue = d.withClock(clock.Now).Queue()
		for _, n := range []store.Delivery{
			{ID: "a", Topic: "logout", Body: []byte("A")},
			{ID: "b", Topic: "logout"},
			{ID: "later", Topic: "logout", NotBefore: clock.Now().Add(time.Hour)},
			{ID: "c", Topic: "mail"},
		} {
			if err := q.Put(t.Context(), n); err != nil {
				t.Fatal(err)
			}
		}
		check := func(what string, got []string, want ...string) {
			t.Helper()
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %v, want %v", what, got, want)
			}
		}
		err := q.Put(t.Context(), store.Delivery{ID: "a", Topic: "mail"})
		if !errors.Is(err, store.ErrExists) {
			t.Errorf("second put of one id: got %v, want ErrExists", err)
		}
		check("first lease", leased(t, q, "logout", 10), "a:A:1", "b::1")
		check("second lease", leased(t, q, "logout", 10))
		if err := errors.Join(q.Done(t.Context(), "b"), q.Done(t.Context(), "b")); err != nil {
			t.Errorf("done, twice: %v", err)
		}
		clock.Advance(time.Minute - time.Millisecond)
		check("lease before the end of the first", leased(t, q, "logout", 10))
		clock.Advance(time.Millisecond)
		check("lease after the end of the first", leased(t, q, "logout", 10), "a:A:2")
		check("lease of another topic", leased(t, q, "mail", 10), "c::1")
		clock.Advance(time.Hour)
		check("lease of one", leased(t, q, "logout", 1), "a:A:3")
		check("lease of the rest", leased(t, q, "logout", 10), "later::1")
	})
}

func TestQueueRefusesWhatItCannotKeep(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		q := d.Queue()
		for name, n := range map[string]store.Delivery{
			"no id": {Topic: "logout"}, "no topic": {ID: "a"}, "odd topic": {ID: "a", Topic: "Log Out"},
		} {
			if err := q.Put(t.Context(), n); !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: got %v, want ErrInvalid", name, err)
			}
		}
		for name, lease := range map[string]func() error{
			"no limit": func() error { _, err := q.Lease(t.Context(), "logout", 0, time.Minute); return err },
			"no time":  func() error { _, err := q.Lease(t.Context(), "logout", 1, 0); return err },
		} {
			if err := lease(); !errors.Is(err, store.ErrInvalid) {
				t.Errorf("%s: got %v, want ErrInvalid", name, err)
			}
		}
	})
}

func TestQueueLeasesEachDeliveryToOneWorker(t *testing.T) {
	t.Parallel()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			queues := []*Queue{openAt(t, location, Options{}).Queue(), openAt(t, location, Options{}).Queue()}
			const deliveries = 60
			for i := range deliveries {
				if err := queues[0].Put(t.Context(), store.Delivery{ID: fmt.Sprint(i), Topic: "logout"}); err != nil {
					t.Fatal(err)
				}
			}
			var mu sync.Mutex
			seen := map[string]int{}
			var wg sync.WaitGroup
			for worker := range 6 {
				wg.Go(func() {
					for {
						got, err := queues[worker%2].Lease(t.Context(), "logout", 7, time.Hour)
						if err != nil {
							t.Error(err)
							return
						}
						mu.Lock()
						for _, d := range got {
							seen[d.ID]++
						}
						all := len(seen) == deliveries
						mu.Unlock()
						if all || len(got) == 0 {
							return
						}
					}
				})
			}
			wg.Wait()
			for i := range deliveries {
				if n := seen[fmt.Sprint(i)]; n > 1 {
					t.Errorf("delivery %d was leased %d times", i, n)
				}
			}
			rest := leased(t, queues[0], "logout", deliveries)
			if len(seen)+len(rest) != deliveries {
				t.Errorf("%d leased, %d left of %d", len(seen), len(rest), deliveries)
			}
		})
	}
}
