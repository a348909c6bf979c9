package app

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
)

// TestAClockThatIsPutBackOpensNothingThatWasUsed has a clock run ten minutes ahead, sweep, and be put right: the mark of what
// was used is still there. It goes once no clock may be so far ahead.
func TestAClockThatIsPutBackOpensNothingThatWasUsed(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock(time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC))
	db, err := sqldb.Open(t.Context(), filepath.Join(t.TempDir(), "gateway.db"), sqldb.Options{Now: clock.Now})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	g := &gateway{base: &base{db: db, now: clock.Now}}
	mark := store.Ticket{Kind: "saml-assertion", Name: "used", Expires: clock.Now().Add(5 * time.Minute)}
	if err := db.Tickets().Create(t.Context(), mark); err != nil {
		t.Fatal(err)
	}
	clock.Advance(10 * time.Minute)
	g.sweepTickets(t.Context())
	clock.Advance(-10 * time.Minute)
	if err := db.Tickets().Create(t.Context(), mark); !errors.Is(err, store.ErrExists) {
		t.Errorf("what was used can be used again: %v", err)
	}
	clock.Advance(5*time.Minute + sweepAfter)
	g.sweepTickets(t.Context())
	clock.Advance(-5*time.Minute - sweepAfter)
	if _, err := db.Tickets().Get(t.Context(), mark.Kind, mark.Name); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("what ended long ago is kept: %v", err)
	}
}
