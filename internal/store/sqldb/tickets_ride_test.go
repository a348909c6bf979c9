package sqldb

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/store"
)

func TestAMarkThatRidesIsWrittenWithTheEntryOrNeitherIs(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s, tickets := &Receipts{DB: d, Journal: testJournal(t, d, "w-1")}, d.Tickets()
		entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Done, Service: "lire"}
		mark := store.Ticket{Kind: "seen", Name: "one", Expires: time.Now().Add(time.Hour)}
		record := func(e audit.Entry, of store.Tickets, op store.Op) error {
			t.Helper()
			rides, ok := of.(store.Rides)
			if !ok {
				t.Fatal("a database's tickets offer no ride")
			}
			with, err := rides.Ride(op)
			if err != nil {
				return err
			}
			return s.Record(t.Context(), e, nil, consent.Left{With: with})
		}
		entries := func() int {
			t.Helper()
			var n int
			if err := d.reader().QueryRowContext(t.Context(), `SELECT count(*) FROM audit_entries WHERE action = 'release'`).Scan(&n); err != nil {
				t.Fatal(err)
			}
			return n
		}
		create := store.Op{Do: store.Create, Ticket: mark}
		if err := record(entry, tickets, create); err != nil {
			t.Fatal(err)
		}
		if _, err := tickets.Get(t.Context(), "seen", "one"); err != nil || entries() != 1 {
			t.Fatalf("%d entries, and the mark: %v", entries(), err)
		}
		if err := record(entry, tickets, create); !errors.Is(err, store.ErrExists) || entries() != 1 {
			t.Errorf("a second mark: %v, %d entries", err, entries())
		}
		create.Ticket.Name = "two"
		if err := record(audit.Entry{}, tickets, create); err == nil {
			t.Error("an entry that is none was written")
		}
		if _, err := tickets.Get(t.Context(), "seen", "two"); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("the mark of an entry that is none: %v", err)
		}
		create.Ticket.Expires = time.Now().Add(-time.Hour)
		if err := record(entry, tickets, create); !errors.Is(err, store.ErrInvalid) {
			t.Errorf("a mark that is over: %v", err)
		}
	})
}

func TestAMarkOfAnotherDatabaseRidesNowhere(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Done, Service: "lire"}
		s := &Receipts{DB: d, Journal: testJournal(t, d, "w-1")}
		other := &DB{now: time.Now, engine: d.engine}
		with, err := other.Tickets().Ride(store.Op{Do: store.Create, Ticket: store.Ticket{Kind: "seen", Name: "one", Expires: time.Now().Add(time.Hour)}})
		if err != nil {
			t.Fatal(err)
		}
		for _, with := range []any{with, "a word"} {
			if err := s.Record(t.Context(), entry, nil, consent.Left{With: with}); err == nil {
				t.Errorf("%T: it was taken along", with)
			}
		}
		var n int
		if err := d.reader().QueryRowContext(t.Context(), `SELECT count(*) FROM audit_entries WHERE action = 'release'`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d entries, %v", n, err)
		}
	})
}

func TestAMarkRidesWithAnyEntry(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		journal, tickets := testJournal(t, d, "w-1"), d.Tickets()
		entry := audit.Entry{Class: audit.ClassSignIn, Action: "sign_in", Outcome: audit.SignedIn, Service: "lire"}
		used := store.Ticket{Kind: "challenge", Name: "one", Expires: time.Now().Add(time.Hour)}
		if err := tickets.Put(t.Context(), used); err != nil {
			t.Fatal(err)
		}
		record := func() error {
			t.Helper()
			with, err := tickets.Ride(store.Op{Do: store.Take, Ticket: used})
			if err != nil {
				t.Fatal(err)
			}
			_, err = journal.AppendWith(t.Context(), entry, with)
			return err
		}
		if err := record(); err != nil {
			t.Fatal(err)
		}
		if _, err := tickets.Get(t.Context(), used.Kind, used.Name); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("it is there still: %v", err)
		}
		if err := record(); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("taken twice: %v", err)
		}
		if _, err := journal.AppendWith(t.Context(), entry, "a word"); err == nil {
			t.Error("what no database gave out was taken along")
		}
		var n int
		if err := d.reader().QueryRowContext(t.Context(), `SELECT count(*) FROM audit_entries WHERE action = 'sign_in'`).Scan(&n); err != nil || n != 1 {
			t.Errorf("%d entries, %v", n, err)
		}
	})
}
