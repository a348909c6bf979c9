package sqldb

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
)

// journalRing is a ring whose MACs are the same in every process of these tests.
func journalRing(t testing.TB) *keys.Ring { return keystest.Ring(t) }

func fill(t testing.TB, j *audit.Journal, n int) {
	t.Helper()
	for i := range n {
		if _, err := j.Append(context.Background(), audittest.Entry(i)); err != nil {
			t.Fatal(err)
		}
	}
}

func verified(t testing.TB, d *DB, m audit.MAC) audit.Report {
	t.Helper()
	r, err := audit.Verify(context.Background(), d.Audit(), m)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestJournalEntriesComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		j := audittest.Journal(t, d.Audit(), ring, "w", time.Now)
		full := audittest.Entry(1)
		full.Detail["quotes"] = "\"<é>\u2028&'\\"
		for _, e := range []audit.Entry{full, {Action: "stop", Outcome: audit.Done, Class: audit.ClassSystem}} {
			want, err := j.Append(t.Context(), e)
			if err != nil {
				t.Fatal(err)
			}
			got, err := d.Audit().ByRef(t.Context(), e.Ref)
			if err != nil || len(got) != 1 || !reflect.DeepEqual(got[0].Entry, want) {
				t.Errorf("got %+v, %v\nwant %+v", got, err, want)
			}
		}
		if r := verified(t, d, ring); !r.OK() || r.Entries != 2 || r.Chains != 2 {
			t.Errorf("%+v", r)
		}
		if _, err := d.Audit().Head(t.Context(), audit.Chain{Writer: "nobody", Class: "c"}); !errors.Is(err, audit.ErrNoHead) {
			t.Errorf("head of an unknown chain: %v", err)
		}
	})
}

func TestConcurrentJournalEntriesMakeOneChain(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		j := audittest.Journal(t, d.Audit(), ring, "w", time.Now)
		var mu sync.Mutex
		seen := map[int64]bool{}
		var wg sync.WaitGroup
		for range 16 {
			wg.Go(func() {
				for i := range 10 {
					e, err := j.Append(context.Background(), audittest.Entry(i))
					if err != nil {
						t.Error(err)
						return
					}
					mu.Lock()
					if seen[e.Sequence] {
						t.Errorf("sequence %d was given twice", e.Sequence)
					}
					seen[e.Sequence] = true
					mu.Unlock()
				}
			})
		}
		wg.Wait()
		if r := verified(t, d, ring); !r.OK() || r.Entries != 160 {
			t.Errorf("%+v", r)
		}
	})
}

func TestSeveralWritersShareADatabase(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var wg sync.WaitGroup
			for w := range 3 {
				j := audittest.Journal(t, openAt(t, location, Options{}).Audit(), ring, fmt.Sprint("w", w), time.Now)
				for range 4 {
					wg.Go(func() {
						for i := range 10 {
							if _, err := j.Append(context.Background(), audittest.Entry(i)); err != nil {
								t.Error(err)
							}
						}
					})
				}
			}
			d := openAt(t, location, Options{})
			for range 5 { // the check may run meanwhile
				if r := verified(t, d, ring); !r.OK() {
					t.Errorf("while writers write: %v", r.Problems)
				}
			}
			wg.Wait()
			if r := verified(t, d, ring); !r.OK() || r.Entries != 120 || r.Chains != 3 {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestEntryAndRowAreWrittenBothOrNeither(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		j := audittest.Journal(t, d.Audit(), ring, "w", time.Now)
		draft := func() audit.Draft {
			dr, err := j.Draft(audittest.Entry(1))
			if err != nil {
				t.Fatal(err)
			}
			return dr
		}
		if row, err := d.AppendAudit(t.Context(), draft(), insert("receipt", 1)); err != nil || row.Sequence != 1 {
			t.Fatalf("%+v, %v", row, err)
		}
		refused := errors.New("refused")
		cases := map[string]func(context.Context, *sql.Tx) error{
			"an error": func(context.Context, *sql.Tx) error { return refused },
			"an error after its row": func(ctx context.Context, tx *sql.Tx) error {
				return errors.Join(insert("lost", 1)(ctx, tx), refused)
			},
			"a row that is there": insert("receipt", 2),
		}
		for name, also := range cases {
			if _, err := d.AppendAudit(t.Context(), draft(), also); err == nil {
				t.Errorf("%s: no error", name)
			}
		}
		if found := ids(t, d); len(found) != 1 || !found["receipt"] {
			t.Errorf("rows %v, want the receipt alone", found)
		}
		fill(t, j, 1)
		if r := verified(t, d, ring); !r.OK() || r.Entries != 2 {
			t.Errorf("%+v, want 2 entries", r)
		}
	})
}

func TestFailureOfOneEntryLeavesTheOthersOfItsBatch(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		j := audittest.Journal(t, d.Audit(), ring, "w", time.Now)
		var wg sync.WaitGroup
		for i := range 60 {
			wg.Go(func() {
				draft, err := j.Draft(audittest.Entry(i))
				if err != nil {
					t.Error(err)
					return
				}
				_, err = d.AppendAudit(context.Background(), draft, insert(fmt.Sprint(i%40), i))
				if err != nil && !strings.Contains(strings.ToLower(err.Error()), "unique") {
					t.Errorf("entry %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		if r := verified(t, d, ring); !r.OK() || r.Entries != 40 || len(ids(t, d)) != 40 {
			t.Errorf("%+v and %d rows, want 40 of each", r, len(ids(t, d)))
		}
	})
}

// Each case is what somebody with the database's password could do.
func TestVerifyFindsWhatSQLCanDoToTheJournal(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	cases := []struct {
		name, sql string
		want      string // part of the first problem
	}{
		{"reason", `UPDATE audit_entries SET reason = 'agreed' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"time", `UPDATE audit_entries SET at = at + 1 WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"version", `UPDATE audit_entries SET version = 77 WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"attributes", `UPDATE audit_entries SET attributes = '["profile"]' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"detail", `UPDATE audit_entries SET detail = '{}' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"no JSON", `UPDATE audit_entries SET detail = '{' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"hash", `UPDATE audit_entries SET hash = (SELECT hash FROM audit_entries WHERE writer = 'b' AND sequence = 1)
			WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"hash of no length", `UPDATE audit_entries SET hash = '' WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: changed"},
		{"first removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 1`, "a/sign_in, entry 1: removed"},
		{"middle removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 3`, "a/sign_in, entry 3: removed"},
		{"last removed", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence > 4`, "a/sign_in, entries 5 to 6: removed"},
		{"tail and head cut", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence > 4;
			UPDATE audit_heads SET last = 4, hash = (SELECT hash FROM audit_entries WHERE writer = 'a' AND sequence = 4)
			WHERE writer = 'a'`, "a/sign_in: the seal of the head"},
		{"chain removed", `DELETE FROM audit_entries WHERE writer = 'b'; DELETE FROM audit_heads WHERE writer = 'b'`,
			"chain number 2: the chain was removed"},
		{"last chain removed and uncounted", `DELETE FROM audit_entries WHERE writer = 'b'; DELETE FROM audit_heads WHERE writer = 'b';
			UPDATE audit_root SET chains = 1`, "the seal of the root"},
		{"head removed", `DELETE FROM audit_heads WHERE writer = 'b'`, "chain number 2: the chain was removed"},
		{"root removed", `DELETE FROM audit_root`, "the root was removed"},
		{"renumbered", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence = 5;
			UPDATE audit_entries SET sequence = 5 WHERE writer = 'a' AND sequence = 6`, "a/sign_in, entry 5: changed"},
		{"reordered", `UPDATE audit_entries SET sequence = 99 WHERE writer = 'a' AND sequence = 2;
			UPDATE audit_entries SET sequence = 2 WHERE writer = 'a' AND sequence = 3;
			UPDATE audit_entries SET sequence = 3 WHERE writer = 'a' AND sequence = 99`, "a/sign_in, entry 2: changed"},
		{"duplicated at the end", `INSERT INTO audit_entries SELECT writer, class, 7, at, action, outcome, reason, ref, actor, subject,
			service, declaration, version, uai, source, protocol, attributes, detail, hash FROM audit_entries
			WHERE writer = 'a' AND sequence = 6`, "a/sign_in, entry 7: inserted"},
		{"moved to another writer", `UPDATE audit_entries SET writer = 'b', sequence = 3 WHERE writer = 'a' AND sequence = 6`,
			"a/sign_in, entry 6: removed"},
		{"invented writer", `INSERT INTO audit_entries SELECT 'z', class, sequence, at, action, outcome, reason, ref, actor, subject,
			service, declaration, version, uai, source, protocol, attributes, detail, hash FROM audit_entries
			WHERE writer = 'a' AND sequence = 1`, "z/sign_in: the head was removed"},
		{"pretended purge", `DELETE FROM audit_entries WHERE writer = 'a' AND sequence < 3; UPDATE audit_heads SET base = 2 WHERE writer = 'a'`,
			"a/sign_in: the seal of the head"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			onEach(t, func(t *testing.T, d *DB) {
				fill(t, audittest.Journal(t, d.Audit(), ring, "a", time.Now), 6)
				fill(t, audittest.Journal(t, d.Audit(), ring, "b", time.Now), 2)
				for statement := range strings.SplitSeq(c.sql, ";") {
					r, err := d.engine.writer.ExecContext(t.Context(), statement)
					if err != nil {
						t.Fatal(err)
					}
					if n, err := r.RowsAffected(); err != nil || n == 0 {
						t.Fatalf("%d rows, %v: the case does nothing", n, err)
					}
				}
				r := verified(t, d, ring)
				if r.OK() || !strings.Contains(r.Problems[0].String(), c.want) {
					t.Errorf("problems %v, want %q first", r.Problems, c.want)
				}
			})
		})
	}
}

func TestWriterRefusesToGoOnAfterTampering(t *testing.T) {
	t.Parallel()
	ring := journalRing(t)
	onEach(t, func(t *testing.T, d *DB) {
		j := audittest.Journal(t, d.Audit(), ring, "a", time.Now)
		fill(t, j, 3)
		for _, statement := range []string{
			`UPDATE audit_heads SET last = 2`, `DELETE FROM audit_heads`,
		} {
			if _, err := d.engine.writer.ExecContext(t.Context(), statement); err != nil {
				t.Fatal(err)
			}
			if _, err := j.Append(t.Context(), audittest.Entry(1)); !errors.Is(err, audit.ErrTampered) {
				t.Errorf("after %s: %v, want ErrTampered", statement, err)
			}
		}
	})
}

const journalLocation = "SQLDB_TEST_JOURNAL"

// The journal's writer is killed in mid-work 20 times; what it acknowledged is
// there and the chains verify. The test runs itself as that writer.
func TestKillLosesNoJournalEntry(t *testing.T) {
	t.Parallel()
	if location := os.Getenv(journalLocation); location != "" {
		writeUntilKilled(t, location)
		return
	}
	ring := journalRing(t)
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := openAt(t, location, Options{})
			beside := audittest.Journal(t, d.Audit(), ring, "beside", time.Now)
			var acknowledged []string
			for round := range 20 {
				acknowledged = append(acknowledged, journalKilledAfter(t, location, 1+round*7)...)
				fill(t, beside, 1)
			}
			for _, id := range acknowledged {
				writer, rest, _ := strings.Cut(id, "/")
				class, number, _ := strings.Cut(rest, "/")
				sequence, err := strconv.ParseInt(number, 10, 64)
				if err != nil {
					t.Fatalf("the writer says: %s", id)
				}
				rows, err := d.Audit().Rows(t.Context(), audit.Chain{Writer: writer, Class: audit.Class(class)}, sequence-1, 1)
				if err != nil || len(rows) != 1 || rows[0].ID() != id {
					t.Fatalf("entry %s was acknowledged and is lost: %v", id, err)
				}
			}
			r := verified(t, d, ring)
			if !r.OK() || r.Chains != 21 || r.Entries < int64(len(acknowledged)+20) {
				t.Errorf("%d entries acknowledged; %d found in %d chains, problems %v", len(acknowledged), r.Entries, r.Chains, r.Problems)
			}
		})
	}
}

func writeUntilKilled(t *testing.T, location string) {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		t.Fatal(err)
	}
	j := audittest.Journal(t, d.Audit(), journalRing(t), audit.WriterID("child"), time.Now)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := 0; ; i++ {
				e, err := j.Append(context.Background(), audittest.Entry(i))
				if err != nil {
					fmt.Println("error:", err)
					return
				}
				fmt.Println(e.ID())
			}
		})
	}
	wg.Wait()
}

// journalKilledAfter lets the writer acknowledge n entries, kills it, and returns
// all that it acknowledged.
func journalKilledAfter(t *testing.T, location string, n int) (acknowledged []string) {
	t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestKillLosesNoJournalEntry$", "-test.v=false")
	cmd.Env = append(os.Environ(), journalLocation+"="+location)
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
		acknowledged = append(acknowledged, lines.Text())
		if len(acknowledged) == n {
			if err := cmd.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || len(acknowledged) < n {
		t.Fatalf("the writer ended with %v after %d entries", err, len(acknowledged))
	}
	return acknowledged
}

func BenchmarkAppend(b *testing.B) {
	ring := journalRing(b)
	for engine, location := range locations(b) {
		d := openAt(b, location, Options{})
		for _, callers := range []int{1, 64} {
			b.Run(fmt.Sprintf("%s/%d", engine, callers), func(b *testing.B) {
				j := audittest.Journal(b, d.Audit(), ring, audit.WriterID("bench"), time.Now)
				work := make(chan int)
				var wg sync.WaitGroup
				for range callers {
					wg.Go(func() {
						for i := range work {
							if _, err := j.Append(context.Background(), audittest.Entry(i)); err != nil {
								b.Error(err)
							}
						}
					})
				}
				b.ResetTimer()
				for i := range b.N {
					work <- i
				}
				close(work)
				wg.Wait()
				b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "entries/s")
			})
		}
	}
}
