package sqldb

import (
	"context"
	"fmt"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/keys/keystest"
)

// TestAKillLeavesAWithdrawalWholeOrNotThere kills, 6 times, whoever withdraws from three declarations at once: of each
// withdrawal all receipts and entries are there or none, and all of one that was acknowledged.
func TestAKillLeavesAWithdrawalWholeOrNotThere(t *testing.T) {
	t.Parallel()
	onKills(t, withdrawUntilKilled, func(t *testing.T, d *DB, k killing) {
		beside := &Receipts{DB: d, Journal: testJournal(t, d, "beside")}
		done := map[string]bool{}
		for round := range 6 {
			for _, who := range k.after(t, round, 3+round*7, time.Duration(round)*time.Millisecond) {
				done[who] = true
			}
			if err := withdrawAll(beside, fmt.Sprint("beside-", round)); err != nil {
				t.Fatalf("a withdrawal after the kill: %v", err)
			}
		}
		if r := verified(t, d, keystest.Ring(t)); !r.OK() {
			t.Errorf("the journal: %v", r.Problems)
		}
		receipts, entries := counted(t, d, "SELECT handle FROM receipts"), counted(t, d, "SELECT ref FROM audit_entries WHERE action = 'agreement'")
		for who := range entries {
			if receipts[who] != 3 || entries[who] != 3 {
				t.Errorf("%s has %d receipts and %d entries", who, receipts[who], entries[who])
			}
		}
		for who := range receipts {
			if entries[who] == 0 {
				t.Errorf("nobody answers for the receipts of %s", who)
			}
		}
		for who := range done {
			if entries[who] != 3 {
				t.Errorf("%s was told that it is done, and there are %d entries", who, entries[who])
			}
		}
	})
}

// counted counts the rows of whoever a query names.
func counted(t *testing.T, d *DB, query string) map[string]int {
	t.Helper()
	rows, err := d.reader().QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	out := map[string]int{}
	for rows.Next() {
		var who string
		if err := rows.Scan(&who); err != nil {
			t.Fatal(err)
		}
		out[who]++
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// withdrawAll takes three declarations back for one person.
func withdrawAll(s *Receipts, who string) error {
	at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
	var entries []audit.Entry
	var receipts []consent.Receipt
	for _, declaration := range []string{"d1", "d2", "d3"} {
		entries = append(entries, audit.Entry{
			Class: audit.ClassRelease, Action: "agreement", Outcome: audit.Done, Reason: "withdrawn", Ref: who, Service: "lire", Declaration: declaration, Version: 1,
		})
		receipts = append(receipts, consent.Receipt{
			Handle: who, Service: "lire", Declaration: declaration, Version: 1, Act: consent.Withdrawn, Voice: consent.Self, At: at, Filed: at,
		})
	}
	return s.RecordAll(context.Background(), entries, receipts)
}

func withdrawUntilKilled(t *testing.T, d *DB, round string) {
	s := &Receipts{DB: d, Journal: testJournal(t, d, "k-"+round)}
	untilKilled(3, func(caller, i int) (string, error) {
		who := fmt.Sprintf("k-%s-%d-%d", round, caller, i)
		return who, withdrawAll(s, who)
	})
}
