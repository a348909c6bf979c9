package sqldb

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/charter"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// readers is a book of acknowledgements on a database.
func readers(t *testing.T, d *DB, ring *keys.Ring, writer string) *charter.Book {
	t.Helper()
	journal := audittest.Journal(t, d.Audit(), ring, writer, time.Now)
	return &charter.Book{Store: &Charters{DB: d, Journal: journal}, Keys: ring, Now: time.Now}
}

// due is a version that has to be read in a collège.
func due(uai person.UAI, version string, profile person.Profile) charter.Due {
	return charter.Due{
		Duty: charter.Require, School: registry.Establishment{UAI: uai}, Profile: profile, Year: 2026,
		Text: charter.Text{Version: version, Wording: charter.Teen, From: registry.ByAcademy},
	}
}

func entriesOf(t *testing.T, d *DB, action string) (n int) {
	t.Helper()
	if err := d.reader().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM audit_entries WHERE action = $1`, action).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestAnAcknowledgementIsFiledOnceWithItsEntry(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		b := readers(t, d, ring, "w")
		lina, asked := person.Key{Authority: "ac", ID: "lina"}, due("0280202T", "v1", person.Pupil)
		var wg sync.WaitGroup
		for range 20 { // a form that is sent twenty times at once
			wg.Go(func() {
				if err := b.Acknowledge(context.Background(), lina, asked, "v1", "ABC-123"); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		if n := entriesOf(t, d, "charter_acknowledged"); n != 1 {
			t.Errorf("%d entries of one acknowledgement", n)
		}
		for name, c := range map[string]struct {
			due  charter.Due
			want charter.Duty
		}{
			"what was read":   {asked, charter.Nothing},
			"another version": {due("0280202T", "v2", person.Pupil), charter.Require},
			"another school":  {due("0280303C", "v1", person.Pupil), charter.Require},
		} {
			if got, err := b.Asks(t.Context(), lina, c.due); got != c.want || err != nil {
				t.Errorf("%s: %s, %v", name, got, err)
			}
		}
		if r := verified(t, d, ring); !r.OK() || r.Entries != 1 {
			t.Errorf("%d entries, %v", r.Entries, r.Problems)
		}
	})
}

func TestNoAcknowledgementIsFiledWithoutItsEntry(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		s := readers(t, d, ring, "w").Store
		if err := s.Acknowledge(t.Context(), charter.Acknowledgement{Handle: "h", Version: "v"}, audit.Entry{}); err == nil {
			t.Error("filed with an entry that the journal does not take")
		}
		if err := s.Attest(t.Context(), []charter.Attestation{{UAI: "u", Class: "c"}}, audit.Entry{}); err == nil {
			t.Error("attested with an entry that the journal does not take")
		}
		if _, found, err := s.Acknowledged(t.Context(), []string{"h"}, "v"); found || err != nil {
			t.Errorf("%v, %v", found, err)
		}
		if list, err := s.Attested(t.Context(), "u", 0); len(list) != 0 || err != nil {
			t.Errorf("%v, %v", list, err)
		}
	})
}

func TestAcknowledgementsAreFoundUnderEachHandleAndCounted(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		b := readers(t, d, ring, "w")
		file := func(name string, asked charter.Due) {
			t.Helper()
			if err := b.Acknowledge(t.Context(), person.Key{Authority: "ac", ID: name}, asked, asked.Text.Version, ""); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 12 {
			file(fmt.Sprint("pupil-", i), due("0280202T", "v1", person.Pupil))
		}
		file("pupil-1", due("0280202T", "v2", person.Pupil))
		file("teacher", due("0280202T", "v1", person.Teacher))
		file("elsewhere", due("0280303C", "v1", person.Pupil))
		counts, err := b.Store.Counts(t.Context(), "0280202T", 2026)
		want := []charter.Count{{Version: "v1", Group: charter.Pupils, N: 12}, {Version: "v1", Group: charter.Staff, N: 1}, {Version: "v2", Group: charter.Pupils, N: 1}}
		if diff := cmp.Diff(want, counts); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if counts, err := b.Store.Counts(t.Context(), "0280202T", 2027); len(counts) != 0 || err != nil {
			t.Errorf("of another year: %v, %v", counts, err)
		}
		first, now := person.Key{Authority: "ac", ID: "pupil-3"}, person.Key{Authority: "ent", ID: "pupil-3 at school"}
		b.Handles = func(context.Context, person.Key) ([]string, error) {
			return []string{now.Handle(ring), first.Handle(ring)}, nil
		}
		if got, err := b.Asks(t.Context(), now, due("0280202T", "v1", person.Pupil)); got != charter.Nothing || err != nil {
			t.Errorf("what was filed under a former key: %s, %v", got, err)
		}
	})
}

func TestWhatASchoolAttestsIsReplacedClassByClass(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		s := readers(t, d, ring, "w").Store
		entry := audit.Entry{Class: audit.ClassAdmin, Action: "charter_attest", Outcome: audit.Done}
		at := time.Date(2026, 11, 22, 11, 0, 0, 0, time.UTC)
		class := func(name string, signed int) charter.Attestation {
			return charter.Attestation{
				UAI: "0280101H", Class: name, Year: 2026, Version: "v1", On: registry.Date{Year: 2026, Month: 9, Day: 7}, Read: 24, Signed: signed,
				Document: "classeur 3", Office: "directeur d'école", By: "handle", At: at,
			}
		}
		for _, list := range [][]charter.Attestation{{class("CE2 B", 20), class("CM1", 18)}, {class("CE2 B", 23)}} {
			if err := s.Attest(t.Context(), list, entry); err != nil {
				t.Fatal(err)
			}
		}
		got, err := s.Attested(t.Context(), "0280101H", 2026)
		sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
		if diff := cmp.Diff([]charter.Attestation{class("CE2 B", 23), class("CM1", 18)}, got, sameTime); err != nil || diff != "" {
			t.Errorf("%v\n%s", err, diff)
		}
		if n := entriesOf(t, d, "charter_attest"); n != 2 {
			t.Errorf("%d entries, want both acts", n)
		}
	})
}

func TestOldAcknowledgementsAreForgottenAndNewOnesKept(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		b := readers(t, d, ring, "w")
		entry := audit.Entry{Class: audit.ClassSystem, Action: "charter_purge", Outcome: audit.Done}
		start := time.Date(2026, 9, 1, 8, 0, 0, 0, time.UTC)
		for i := range 3 {
			b.Now = func() time.Time { return start.AddDate(i, 0, 0) }
			if err := b.Acknowledge(t.Context(), person.Key{Authority: "ac", ID: fmt.Sprint(i)}, due("0280202T", "v1", person.Pupil), "v1", ""); err != nil {
				t.Fatal(err)
			}
		}
		for i, before := range []time.Time{start, start.AddDate(1, 0, 1), start.AddDate(1, 0, 1)} {
			if n, err := b.Store.Purge(t.Context(), before, entry); n != []int{0, 2, 0}[i] || err != nil {
				t.Errorf("before %v: %d, %v", before, n, err)
			}
		}
		counts, err := b.Store.Counts(t.Context(), "0280202T", 2026)
		if err != nil || len(counts) != 1 || counts[0].N != 1 || entriesOf(t, d, "charter_purge") != 1 {
			t.Errorf("%v are left, %d entries, %v", counts, entriesOf(t, d, "charter_purge"), err)
		}
	})
}

// Whoever files acknowledgements is killed in mid-work 6 times: each that was acknowledged is there, and there are as many
// rows as entries.
func TestKillLosesNoAcknowledgement(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, acknowledgeUntilKilled, func(t *testing.T, d *DB, k killing) {
		b, acknowledged := readers(t, d, ring, "beside"), []string{}
		for round := range 6 {
			acknowledged = append(acknowledged, k.after(t, round, 1+round*11, 0)...)
		}
		for _, name := range acknowledged {
			if got, err := b.Asks(t.Context(), person.Key{Authority: "ac", ID: name}, due("0280202T", "v1", person.Pupil)); got != charter.Nothing || err != nil {
				t.Errorf("%s was filed and is lost: %s, %v", name, got, err)
			}
		}
		var rows int
		if err := d.reader().QueryRowContext(t.Context(), `SELECT COUNT(*) FROM charter_acknowledgements`).Scan(&rows); err != nil {
			t.Fatal(err)
		}
		if n := entriesOf(t, d, "charter_acknowledged"); n != rows || rows < len(acknowledged) {
			t.Errorf("%d rows, %d entries, %d acknowledged", rows, n, len(acknowledged))
		}
		if r := verified(t, d, ring); !r.OK() {
			t.Error(r.Problems)
		}
	})
}

func acknowledgeUntilKilled(t *testing.T, d *DB, round string) {
	b := readers(t, d, journalRing(t), audit.WriterID("child"))
	untilKilled(4, func(caller, i int) (string, error) {
		name := fmt.Sprintf("k-%s-%d-%d", round, caller, i)
		return name, b.Acknowledge(context.Background(), person.Key{Authority: "ac", ID: name}, due("0280202T", "v1", person.Pupil), "v1", "")
	})
}
