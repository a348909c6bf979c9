package sqldb

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/store"
	"ecluse/internal/store/storetest"
)

// deeds are writes that were acknowledged.
type deeds struct {
	mu      sync.Mutex
	tickets []string
	entries []audit.Entry
}

func (d *deeds) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return min(len(d.tickets), len(d.entries))
}

// goOn writes until ctx ends; whoever is told of a failure tries another.
func (d *deeds) goOn(ctx context.Context, db *DB, journal *audit.Journal, writer int) {
	for i := 0; ctx.Err() == nil; i++ {
		name := fmt.Sprintf("%d-%d", writer, i)
		err := db.Tickets().Create(context.Background(), store.Ticket{Kind: "code", Name: name, Expires: time.Now().Add(time.Hour)})
		e, failed := journal.Append(context.Background(), audittest.Entry(i))
		d.mu.Lock()
		if err == nil {
			d.tickets = append(d.tickets, name)
		}
		if failed == nil {
			d.entries = append(d.entries, e)
		}
		d.mu.Unlock()
		if err != nil || failed != nil {
			time.Sleep(5 * time.Millisecond) // nobody answers
		}
	}
}

// TestAnotherPostgresTakesOver ends the one that writes go to in mid-work. While the other is a mere copy the gateway is not
// ready; once it took over, the same handle writes there. What was acknowledged is there, and the journal is whole.
func TestAnotherPostgresTakesOver(t *testing.T) {
	t.Parallel()
	twins := storetest.NewTwins(t)
	db, ring := openAt(t, twins.URL, Options{}), journalRing(t)
	journal := audittest.Journal(t, db.Audit(), ring, "taken", time.Now)
	ctx, stop := context.WithCancel(t.Context())
	done := new(deeds)
	var writers sync.WaitGroup
	for w := range 4 {
		writers.Go(func() { done.goOn(ctx, db, journal, w) })
	}
	defer func() { stop(); writers.Wait() }()
	more := func(than int) {
		t.Helper()
		for end := time.Now().Add(time.Minute); done.count() < than; time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%d writes acknowledged, want %d", done.count(), than)
			}
		}
	}
	more(50)
	twins.Fail()
	before := done.count()
	if err := db.Ping(t.Context()); err == nil {
		t.Error("a copy that nobody writes to is taken for the database")
	}
	twins.Take(t)
	more(before + 50)
	stop()
	writers.Wait()
	for _, name := range done.tickets {
		if _, err := db.Tickets().Get(t.Context(), "code", name); err != nil {
			t.Errorf("ticket %s was acknowledged and is lost: %v", name, err)
		}
	}
	for _, e := range done.entries {
		if rows, err := db.Audit().Rows(t.Context(), audit.Chain{Writer: e.Writer, Class: e.Class}, e.Sequence-1, 1); err != nil || len(rows) != 1 || rows[0].ID() != e.ID() {
			t.Errorf("entry %s was acknowledged and is lost: %v", e.ID(), err)
		}
	}
	if r := verified(t, db, ring); !r.OK() {
		t.Errorf("the journal: %v", r.Problems)
	}
}
