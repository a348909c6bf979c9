package sqldb

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keybook"
	"ecluse/internal/keys"
	"ecluse/internal/person"
)

// signIn is one thing that somebody who signs in files: a key that is new, one that joins it, one that is joined later
// than it was seen, and one that is kept apart and journaled.
type signIn struct {
	step string
	own  func(pupil string) person.Key
	ine  bool
}

func signIns() []signIn {
	at := func(authority, more string) func(string) person.Key {
		return func(pupil string) person.Key { return named(authority, pupil+more) }
	}
	return []signIn{
		{"new", at("ent-a", ""), true},
		{"joined", at("educonnect", ""), true},
		{"alone", at("ent-b", ""), false},
		{"merged", at("ent-b", ""), true},
		{"twin", at("ent-a", "-twin"), true},
	}
}

// know plays one of the sign-ins of a pupil.
func (s signIn) know(ctx context.Context, b *keybook.Book, pupil string) ([]string, error) {
	var also []person.Key
	if s.ine {
		also = append(also, named("ine-hash", pupil))
	}
	return b.Know(ctx, "ent", s.own(pupil), also...)
}

// Whoever files keys is killed in mid-work 6 times. Every key that was acknowledged is there with the numbers that were
// given out for it, and no sign-in is half written.
func TestKillLosesNoKeyOfTheBook(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onKills(t, fileUntilKilled, func(t *testing.T, d *DB, k killing) {
		beside := bookOn(t, d, ring, "beside")
		acknowledged := map[string]string{}
		for round := range 6 {
			for _, line := range k.after(t, round, 1+round*11, time.Duration(round)*time.Millisecond) {
				key, numbers, _ := strings.Cut(line, " ")
				acknowledged[key] = numbers
			}
			pupil := fmt.Sprint("beside-", round)
			numbers, err := signIns()[0].know(t.Context(), beside, pupil)
			if err != nil {
				t.Fatalf("a sign-in after the kill: %v", err)
			}
			acknowledged[pupil+"/new"] = strings.Join(numbers, ",")
		}
		beside.Store = readOnlyBook{beside.Store}
		checkFiled(t, beside, acknowledged)
		checkWhole(t, d, ring)
	})
}

// bookOn is a book with keys that cost much to make and are the same in every process.
func bookOn(t *testing.T, d *DB, ring *keys.Ring, writer string) *keybook.Book {
	t.Helper()
	journal := audittest.Journal(t, d.Audit(), ring, writer, time.Now)
	return &keybook.Book{Store: &Keybook{DB: d, Journal: journal}, Keys: ring, Now: time.Now}
}

// readOnlyBook is a store in which nothing new is filed: a key that has to be was not there.
type readOnlyBook struct{ keybook.Store }

var errNotFiled = errors.New("it was not filed")

func (readOnlyBook) Write(context.Context, []string, keybook.Shelf, keybook.Change, *audit.Entry) error {
	return errNotFiled
}

// checkFiled signs everybody in again who was acknowledged. Somebody who was merged since has the number of their own key
// first, as before, and the other beside it.
func checkFiled(t *testing.T, b *keybook.Book, acknowledged map[string]string) {
	t.Helper()
	for key, was := range acknowledged {
		pupil, step, _ := strings.Cut(key, "/")
		i := slices.IndexFunc(signIns(), func(s signIn) bool { return s.step == step })
		if i < 0 {
			t.Fatalf("the writer says: %s", key)
		}
		now, err := signIns()[i].know(t.Context(), b, pupil)
		if err != nil {
			t.Errorf("%s was acknowledged and is lost: %v", key, err)
			continue
		}
		before := strings.Split(was, ",")
		missing := slices.ContainsFunc(before, func(n string) bool { return !slices.Contains(now, n) })
		if now[0] != before[0] || missing {
			t.Errorf("%s has other numbers than it was given", key)
		}
	}
}

// checkWhole finds what only half a sign-in would have left.
func checkWhole(t *testing.T, d *DB, ring *keys.Ring) {
	t.Helper()
	count := func(query string, args ...any) (n int64) {
		t.Helper()
		if err := d.reader().QueryRowContext(t.Context(), query, args...).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	authority := func(name string) string {
		return hex.EncodeToString(ring.Derive("key book authority", name)[:32])
	}
	twins := count(`SELECT COUNT(*) FROM keybook_keys WHERE disputed = 1`)
	if twins == 0 || count(`SELECT COUNT(*) FROM keybook_keys`) < 10 || count(`SELECT COUNT(*) FROM keybook_links`) == 0 {
		t.Error("nobody got as far as to be merged and kept apart")
	}
	// Every pupil of ENT A brought a national number along, which is theirs or, of the second twin, in dispute.
	if n := count(`
SELECT COUNT(*) FROM keybook_keys AS a WHERE a.authority = $1 AND NOT EXISTS (
    SELECT 1 FROM keybook_keys AS k WHERE k.number = a.number AND k.authority = $2)`, authority("ent-a"), authority("ine-hash")); n != twins {
		t.Errorf("%d keys of ENT A stand alone, with %d numbers in dispute", n, twins)
	}
	if n := count(`
SELECT COUNT(*) FROM keybook_links AS l WHERE NOT EXISTS (
    SELECT 1 FROM keybook_links AS o WHERE o.one = l.other AND o.other = l.one)`); n != 0 {
		t.Errorf("%d links lead one way only", n)
	}
	if r := verified(t, d, ring); !r.OK() || r.Entries != twins {
		t.Errorf("%d numbers in dispute, %d entries, problems %v", twins, r.Entries, r.Problems)
	}
}

func fileUntilKilled(t *testing.T, d *DB, round string) {
	b, all := bookOn(t, d, journalRing(t), audit.WriterID("child")), signIns()
	untilKilled(3, func(caller, i int) (string, error) {
		s, pupil := all[i%len(all)], fmt.Sprintf("k-%s-%d-%d", round, caller, i/len(all))
		numbers, err := s.know(context.Background(), b, pupil)
		return pupil + "/" + s.step + " " + strings.Join(numbers, ","), err
	})
}
