package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"reflect"
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
