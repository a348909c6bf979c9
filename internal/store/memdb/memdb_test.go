package memdb_test

import (
	"fmt"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
)

func TestMemoryKeepsTheContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, func(_ testing.TB, now func() time.Time) store.Tickets { return memdb.New(now) },
		storetest.Options{})
}

func TestMemoryIsBoundedByTheLiving(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
	m := memdb.New(clock.Now)
	const living = 1000
	for i := range 100 * living {
		ticket := store.Ticket{Kind: "code", Name: fmt.Sprint(i), Expires: clock.Now().Add(living * time.Second)}
		if err := m.Create(t.Context(), ticket); err != nil {
			t.Fatal(err)
		}
		clock.Advance(time.Second)
	}
	// Every shard may hold 64 dead ones and half as many as it has entries.
	if got, most := m.Len(), 2*living+64*64*2; got > most {
		t.Errorf("%d entries take up memory for %d living ones, want at most %d", got, living, most)
	}
}
