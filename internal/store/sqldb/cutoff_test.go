package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/store"
)

// TestAPrimaryThatGoesAwayLosesNothingAcknowledged cuts every connection to PostgreSQL, thirty times in mid-work, as the death
// of a primary does. Writers are told and try again by themselves; the handle is the same all the while. What was
// acknowledged is there once, and the chain of the journal verifies, whatever became of writes whose answer was lost.
func TestAPrimaryThatGoesAwayLosesNothingAcknowledged(t *testing.T) {
	t.Parallel()
	location := migrated.Postgres(t)
	d, ring := openAt(t, location, Options{}), journalRing(t)
	journal := audittest.Journal(t, d.Audit(), ring, "cut", time.Now)
	ctx, stop := context.WithCancel(t.Context())
	var mu sync.Mutex
	var tickets []string
	var entries []audit.Entry
	told := 0
	note := func(err error, done func()) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			told++
			return
		}
		done()
	}
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() {
			for i := 0; ctx.Err() == nil; i++ {
				name := fmt.Sprintf("%d-%d", w, i)
				err := d.Tickets().Create(context.Background(), store.Ticket{Kind: "code", Name: name, Expires: time.Now().Add(time.Hour)})
				if errors.Is(err, store.ErrExists) {
					t.Errorf("ticket %s is there before it was made", name)
				}
				note(err, func() { tickets = append(tickets, name) })
				e, err := journal.Append(context.Background(), audittest.Entry(i))
				note(err, func() { entries = append(entries, e) })
			}
		})
	}
	for range 30 {
		time.Sleep(30 * time.Millisecond)
		cutConnections(t, location)
	}
	enough := func() bool {
		mu.Lock()
		defer mu.Unlock()
		return len(tickets) >= 30 && len(entries) >= 30
	}
	for end := time.Now().Add(time.Minute); !enough() && time.Now().Before(end); { // on a slow machine few came through so far
		time.Sleep(10 * time.Millisecond)
	}
	stop()
	writers.Wait()
	start := time.Now()
	for err := errors.New("not tried"); err != nil; err = d.Tickets().Put(t.Context(), store.Ticket{Kind: "code", Name: "after", Expires: time.Now().Add(time.Hour)}) {
		if time.Since(start) > time.Minute {
			t.Fatalf("nothing can be written any more: %v", err)
		}
	}
	if told == 0 || len(tickets) < 30 || len(entries) < 30 {
		t.Fatalf("%d tickets and %d entries acknowledged, %d times told of a failure: nothing was shown", len(tickets), len(entries), told)
	}
	for _, name := range tickets {
		if _, err := d.Tickets().Get(t.Context(), "code", name); err != nil {
			t.Errorf("ticket %s was acknowledged and is lost: %v", name, err)
		}
	}
	for _, e := range entries {
		if rows, err := d.Audit().Rows(t.Context(), audit.Chain{Writer: e.Writer, Class: e.Class}, e.Sequence-1, 1); err != nil || len(rows) != 1 || rows[0].ID() != e.ID() {
			t.Errorf("entry %s was acknowledged and is lost: %v", e.ID(), err)
		}
	}
	if r := verified(t, d, ring); !r.OK() {
		t.Errorf("the journal: %v", r.Problems)
	}
	t.Logf("%d tickets and %d entries acknowledged, %d failures told", len(tickets), len(entries), told)
}

// cutConnections ends every connection to the database but its own.
func cutConnections(t *testing.T, location string) {
	t.Helper()
	db, err := sql.Open("pgx", location)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	_, err = db.ExecContext(t.Context(),
		"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()")
	if err != nil && !strings.Contains(err.Error(), "57P01") {
		t.Fatal(err)
	}
}
