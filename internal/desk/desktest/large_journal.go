package desktest

import (
	"database/sql"
	"fmt"
	"strings"
	"testing"
	"time"

	_ "modernc.org/sqlite" // the file is filled behind the program's back
)

// FillJournal writes what happened in the year before Start in a large academy: of each twenty entries fourteen are
// releases, four sign-ins, one a refusal and one an act at the desk. They have no links. The house must be on SQLite.
func (h *House) FillJournal(tb testing.TB, n int) {
	tb.Helper()
	db, err := sql.Open("sqlite", strings.TrimPrefix(h.location, "sqlite:"))
	must(tb, err)
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	again := unindexed(tb, db)
	do := func(query string) {
		_, err := db.ExecContext(tb.Context(), query)
		must(tb, err)
	}
	do(`CREATE TEMP TABLE places AS SELECT row_number() OVER (ORDER BY id) - 1 AS n, id AS uai FROM registry_objects WHERE kind = 'establishment'`)
	do(`CREATE UNIQUE INDEX temp.places_n ON places (n)`)
	step := 365 * 24 * time.Hour.Milliseconds() / int64(n)
	do(fmt.Sprintf(`
INSERT INTO audit_entries (writer, class, sequence, at, action, outcome, reason, ref, actor, subject, service, declaration, version, uai, source, protocol, attributes, detail, hash)
WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)
SELECT 'w-' || (i %% 4), CASE WHEN i %% 20 < 14 THEN 'release' WHEN i %% 20 < 19 THEN 'sign_in' ELSE 'admin' END, i + 1, %d + i * %d,
  CASE WHEN i %% 20 < 14 THEN 'release' WHEN i %% 20 < 18 THEN 'sign_in' WHEN i %% 20 < 19 THEN 'refusal' WHEN i %% 2000 = 19 THEN 'rules_sign' ELSE 'enabling_enable' END,
  CASE WHEN i %% 20 < 14 THEN 'released' WHEN i %% 20 < 18 THEN 'signed_in' WHEN i %% 20 < 19 THEN 'refused' WHEN i %% 3000 = 19 THEN 'refused' ELSE 'done' END,
  '', 'R' || i, CASE WHEN i %% 20 = 19 THEN 'handle-' || (i %% 700) ELSE '' END,
  CASE WHEN i %% 20 < 19 THEN 'subject-of-somebody-' || (i %% 90000) ELSE '' END, printf('grand-%%04d', i %% %d), '', 0,
  CASE WHEN i %% 20 < 14 OR i %% 20 = 19 THEN coalesce(uai, '') ELSE '' END, 'ent', 'saml', '[]',
  CASE WHEN i %% 20 < 19 THEN '{}' WHEN i %% 4000 = 19 THEN '{"as":"dpo"}' ELSE '{"as":"head"}' END, zeroblob(32)
FROM n LEFT JOIN places ON places.n = (i / 20 + i %% 20 * 131) %% %d`,
		n-1, Start().AddDate(-1, 0, 0).UnixMilli(), step, LargeServices, LargeSchools))
	for _, query := range append(again, "ANALYZE") {
		do(query)
	}
}

// unindexed takes the indexes of the journal away, and gives what makes them again: they are quicker made than kept.
func unindexed(tb testing.TB, db *sql.DB) (again []string) {
	tb.Helper()
	rows, err := db.QueryContext(tb.Context(), `SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'audit_entries' AND sql IS NOT NULL`)
	must(tb, err)
	defer func() { _ = rows.Close() }()
	var names []string
	for rows.Next() {
		var name, text string
		must(tb, rows.Scan(&name, &text))
		names, again = append(names, name), append(again, text)
	}
	must(tb, rows.Err())
	for _, name := range names {
		_, err := db.ExecContext(tb.Context(), `DROP INDEX `+name)
		must(tb, err)
	}
	return again
}

func must(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
