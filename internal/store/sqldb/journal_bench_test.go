package sqldb

import (
	"context"
	"fmt"
	"maps"
	"os"
	"runtime"
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/tally"
)

// How large a journal of a large academy is after a year: of each twenty entries fourteen are releases, four sign-ins, one
// a refusal and one an act at the desk.
const (
	largeJournal  = 2_000_000
	largeServices = 3000
	largeSchools  = 2500
)

// year is when the large journal begins.
func year() time.Time { return time.Date(2025, 11, 1, 0, 0, 0, 0, time.UTC) }

// enlarge fills the journal by the database's own means: the links of the entries are none.
func enlarge(b *testing.B, d *DB, n int) {
	b.Helper()
	again := unindexed(b, d)
	_, err := d.engine.writer.ExecContext(b.Context(), `
INSERT INTO audit_entries (`+entryColumns+`)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < `+fmt.Sprint(n-1)+`)
SELECT 'w-' || (i % 4), CASE WHEN i % 20 < 14 THEN 'release' WHEN i % 20 < 19 THEN 'sign_in' ELSE 'admin' END, i + 1,
  CAST($1 AS BIGINT) + CAST(i AS BIGINT) * 15768,
  CASE WHEN i % 20 < 14 THEN 'release' WHEN i % 20 < 18 THEN 'sign_in' WHEN i % 20 < 19 THEN 'refusal' WHEN i % 2000 = 19 THEN 'rules_sign' ELSE 'enabling_enable' END,
  CASE WHEN i % 20 < 14 THEN 'released' WHEN i % 20 < 18 THEN 'signed_in' WHEN i % 20 < 19 THEN 'refused' ELSE 'done' END,
  '', 'R' || i, CASE WHEN i % 20 = 19 THEN 'handle-' || (i % 700) ELSE '' END,
  CASE WHEN i % 20 < 19 THEN 'subject-of-somebody-' || (i % 90000) ELSE '' END, 'grand-' || (i % `+fmt.Sprint(largeServices)+`),
  '', 0, CASE WHEN i % 20 < 14 OR i % 20 = 19 THEN 'U' || ((i / 20 + i % 20 * 131) % `+fmt.Sprint(largeSchools)+`) ELSE '' END, 'ent', 'saml', '[]',
  CASE WHEN i % 20 < 19 THEN '{}' WHEN i % 4000 = 19 THEN '{"as":"dpo"}' ELSE '{"as":"head"}' END, $2 FROM n`, milli(year()), make([]byte, 32))
	if err != nil {
		b.Fatal(err)
	}
	for _, query := range append(again, "ANALYZE") {
		if _, err := d.engine.writer.ExecContext(b.Context(), query); err != nil {
			b.Fatal(err)
		}
	}
}

// unindexed takes the indexes of the journal away, and gives what makes them again: they are quicker made than kept.
func unindexed(b *testing.B, d *DB) (again []string) {
	b.Helper()
	query := `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'audit_entries' AND sql IS NOT NULL`
	if _, err := d.reader().ExecContext(b.Context(), `SELECT 1 FROM pg_indexes`); err == nil {
		query = `SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entries' AND indexname <> 'audit_entries_pkey'`
	}
	rows, err := d.reader().QueryContext(b.Context(), query)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	var names []string
	for rows.Next() {
		var name, text string
		if err := rows.Scan(&name, &text); err != nil {
			b.Fatal(err)
		}
		names, again = append(names, name), append(again, text)
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	for _, name := range names {
		if _, err := d.engine.writer.ExecContext(b.Context(), `DROP INDEX `+name); err != nil {
			b.Fatal(err)
		}
	}
	return again
}

// BenchmarkLargeJournal is what the desk asks of a journal of two million entries: pages of the list by each facet, one
// entry, what happened under a reference, and what statistics read. ECLUSE_JOURNAL gives another number of entries.
func BenchmarkLargeJournal(b *testing.B) {
	n := largeJournal
	if text := os.Getenv("ECLUSE_JOURNAL"); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			b.Fatal(err)
		}
	}
	at := locations(b)
	for _, engine := range slices.Sorted(maps.Keys(at)) {
		b.Run(engine, func(b *testing.B) {
			d := openAt(b, at[engine], Options{})
			enlarge(b, d, n)
			looks(b, d, n)
		})
	}
}

func looks(b *testing.B, d *DB, n int) {
	var uais []string
	for i := range 250 {
		uais = append(uais, fmt.Sprint("U", i*10))
	}
	subjects := []string{"subject-of-somebody-7"} // one person's are others at each service
	for i := range 499 {
		subjects = append(subjects, fmt.Sprint("subject-of-nobody-", i))
	}
	late := year().Add(time.Duration(n) * 15768 * time.Millisecond / 2)
	list := func(q audit.Query) func(context.Context) error {
		return func(ctx context.Context) error {
			q.Limit = 50
			_, err := d.Audit().List(ctx, q)
			return err
		}
	}
	s := &Tally{DB: d}
	var found []tally.Found
	timed(b, "count a month", 1, func(ctx context.Context) (err error) {
		found, err = s.Find(ctx, year(), year().AddDate(0, 1, 0))
		return err
	})
	counts := tally.Hide("2025-11", "a", found, 5)
	timed(b, "keep a month", 1, func(ctx context.Context) error { return s.Keep(ctx, "2025-11", year(), counts) })
	admin := audit.Query{Class: audit.ClassAdmin}
	for _, look := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"the list", list(admin)},
		{"half a year back", list(audit.Query{Class: audit.ClassAdmin, Until: late})},
		{"an act", list(audit.Query{Class: audit.ClassAdmin, Action: "rules_sign"})},
		{"acts of a kind", list(audit.Query{Class: audit.ClassAdmin, Actions: []string{"enabling_enable", "enabling_refuse", "rules_sign", "none"}})},
		{"a handle", list(audit.Query{Class: audit.ClassAdmin, Actor: "handle-19"})},
		{"a function", list(audit.Query{Class: audit.ClassAdmin, Role: "head", Holders: []string{"handle-39"}})},
		{"a rare function", list(audit.Query{Class: audit.ClassAdmin, Role: "dpo"})},
		{"a function that nobody has", list(audit.Query{Class: audit.ClassAdmin, Role: "none"})},
		{"a service", list(audit.Query{Class: audit.ClassAdmin, Service: "grand-19"})},
		{"a school", list(audit.Query{Class: audit.ClassAdmin, UAI: "U10"})},
		{"250 schools", list(audit.Query{Class: audit.ClassAdmin, UAIs: uais})},
		{"a person at 500 services", func(ctx context.Context) error {
			_, err := d.Audit().List(ctx, audit.Query{Outcome: audit.Released, AnyOf: subjects, Limit: audit.MaxLimit})
			return err
		}},
		{"refused acts", list(audit.Query{Class: audit.ClassAdmin, Outcome: audit.Refused})},
		{"a reference", list(audit.Query{Ref: fmt.Sprint("R", n/2)})},
		{"one entry", list(audit.Query{Class: audit.ClassAdmin, Of: audit.Chain{Writer: "w-3", Class: audit.ClassAdmin}, Sequence: int64(n/40*20 + 20)})},
		{"statistics of an academy", func(ctx context.Context) error { return allCounts(ctx, s, tally.All) }},
		{"statistics of a school", func(ctx context.Context) error { return allCounts(ctx, s, "U10") }},
	} {
		timed(b, look.name, 7, look.do)
	}
}

func allCounts(ctx context.Context, s *Tally, uai string) error {
	for _, q := range []tally.Query{
		{From: "2024-12", To: "2025-11", Academy: "a", Service: tally.All, UAI: uai},
		{From: "2025-11", To: "2025-11", Academy: "a", Service: tally.Each, UAI: uai},
		{From: "2025-11", To: "2025-11", Academy: "a", Service: tally.All, UAI: tally.Each},
	} {
		if q.UAI == tally.Each && uai != tally.All {
			continue
		}
		if _, err := s.Counts(ctx, q); err != nil {
			return err
		}
	}
	return nil
}

// timed does something some times, and reports the median and what it allocates.
func timed(b *testing.B, name string, times int, do func(context.Context) error) {
	b.Run(name, func(b *testing.B) {
		var took []time.Duration
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range times {
			began := time.Now()
			if err := do(b.Context()); err != nil {
				b.Fatal(err)
			}
			took = append(took, time.Since(began))
		}
		runtime.ReadMemStats(&after)
		slices.Sort(took)
		b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "ms/look")
		b.ReportMetric(float64(after.TotalAlloc-before.TotalAlloc)/float64(times)/1e6, "MB/look")
		b.ReportMetric(0, "ns/op")
	})
}
