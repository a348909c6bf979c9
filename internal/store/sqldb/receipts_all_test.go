package sqldb

import (
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
)

// TestSeveralEntriesAndTheirReceiptsAreWrittenTogetherOrNotAtAll: a withdrawal of several declarations has an entry for each.
func TestSeveralEntriesAndTheirReceiptsAreWrittenTogetherOrNotAtAll(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Receipts{DB: d, Journal: testJournal(t, d, "w-1")}
		at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
		entries, receipts := []audit.Entry{}, []consent.Receipt{}
		for _, declaration := range []string{"d1", "d2", "d3"} {
			entries = append(entries, audit.Entry{
				Class: audit.ClassRelease, Action: "agreement", Outcome: audit.Done, Reason: "withdrawn", Service: "lire", Declaration: declaration, Version: 1,
			})
			receipts = append(receipts, consent.Receipt{
				Handle: "h", Service: "lire", Declaration: declaration, Version: 1, Act: consent.Withdrawn, Voice: consent.Self, At: at, Filed: at,
			})
		}
		broken := append([]audit.Entry{}, entries...)
		broken[2].Action = ""
		if s.RecordAll(t.Context(), broken, receipts) == nil || s.RecordAll(t.Context(), nil, receipts) == nil {
			t.Error("receipts are kept for which nobody answers")
		}
		if got, err := s.Receipts(t.Context(), []string{"h"}); err != nil || len(got) != 0 {
			t.Fatalf("%d receipts without their entries, %v", len(got), err)
		}
		if err := s.RecordAll(t.Context(), entries, receipts); err != nil {
			t.Fatal(err)
		}
		got, err := s.Receipts(t.Context(), []string{"h"})
		page, failed := d.Audit().List(t.Context(), audit.Query{Action: "agreement"})
		if err != nil || failed != nil || len(got) != 3 || len(page.Entries) != 3 {
			t.Fatalf("%d receipts and %d entries, %v %v", len(got), len(page.Entries), err, failed)
		}
		seen := map[string]bool{}
		for _, e := range page.Entries {
			seen[e.Declaration] = true
		}
		if len(seen) != 3 {
			t.Errorf("the entries are of %v", seen)
		}
		if _, err := s.Journal.Append(t.Context(), audit.Entry{Class: audit.ClassRelease, Action: "next", Outcome: audit.Done}); err != nil {
			t.Errorf("the journal does not go on after them: %v", err)
		}
	})
}
