package sqldb

import (
	"bufio"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keybook"
	"ecluse/internal/keys"
	"ecluse/internal/person"
)

const (
	bookLocation = "SQLDB_TEST_KEYBOOK"
	bookRound    = "SQLDB_TEST_KEYBOOK_ROUND"
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
// given out for it, and no sign-in is half written. The test runs itself as that writer.
func TestKillLosesNoKeyOfTheBook(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(bookLocation); location != "" {
		fileUntilKilled(t, location, os.Getenv(bookRound))
		return
	}
	ring := journalRing(t)
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			beside := bookOn(t, d, ring, "beside")
			acknowledged := map[string]string{}
			for round := range 6 {
				for _, line := range filedBeforeTheKill(t, location, round, 1+round*11) {
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

func fileUntilKilled(t *testing.T, location, round string) {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	b := bookOn(t, d, journalRing(t), audit.WriterID("child"))
	var wg sync.WaitGroup
	for caller := range 3 {
		wg.Go(func() {
			for i := 0; ; i++ {
				for _, s := range signIns() {
					pupil := fmt.Sprintf("k-%s-%d-%d", round, caller, i)
					numbers, err := s.know(context.Background(), b, pupil)
					if err != nil {
						fmt.Println("error:", err)
						return
					}
					fmt.Println(pupil + "/" + s.step + " " + strings.Join(numbers, ","))
				}
			}
		})
	}
	wg.Wait()
}

// filedBeforeTheKill lets the writer acknowledge n sign-ins, kills it, and returns all that it acknowledged.
func filedBeforeTheKill(t *testing.T, location string, round, n int) (acknowledged []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLosesNoKeyOfTheBook$", "-test.v=false") //nolint:gosec // this test binary
	cmd.Env = append(os.Environ(), bookLocation+"="+location, bookRound+"="+fmt.Sprint(round))
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if !strings.HasPrefix(lines.Text(), "k-") {
			t.Errorf("the writer says: %s", lines.Text())
			continue
		}
		if acknowledged = append(acknowledged, lines.Text()); len(acknowledged) == n {
			time.Sleep(time.Duration(round) * time.Millisecond) // in another part of the next sign-in each time
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || len(acknowledged) < n {
		t.Fatalf("the writer ended with %v after %d sign-ins", err, len(acknowledged))
	}
	return acknowledged
}
