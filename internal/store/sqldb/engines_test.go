package sqldb

import (
	"context"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
	"time"

	"ecluse/internal/store/storetest"
)

// TestMain lets the test binary be the other process that some tests need.
func TestMain(m *testing.M) {
	if mode := os.Getenv(childMode); mode != "" {
		os.Exit(child(mode))
	}
	os.Exit(m.Run())
}

// migrated is an open database's first state: the schema, and nothing in it.
var migrated = storetest.NewTemplate(func(location string) error {
	d, err := Open(context.Background(), location, Options{})
	if err != nil {
		return err
	}
	return d.Close()
})

// locations gives a database of each engine that was opened before and holds nothing.
func locations(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{"sqlite": migrated.SQLite(t), "postgres": migrated.Postgres(t)}
}

// empty gives a database of each engine that was never opened, for tests of what opening one does.
func empty(t testing.TB) map[string]string {
	t.Helper()
	return map[string]string{"sqlite": sqliteFile(t), "postgres": storetest.Postgres(t)}
}

// sqliteFile names an SQLite file that does not exist yet.
func sqliteFile(t testing.TB) string {
	t.Helper()
	return "sqlite:" + filepath.Join(t.TempDir(), "gateway.db")
}

// openAt opens a database for one test, with a table to write to.
func openAt(t testing.TB, location string, opts Options) *DB {
	t.Helper()
	d, err := Open(context.Background(), location, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	_, err = d.engine.writer.ExecContext(context.Background(),
		`CREATE TABLE IF NOT EXISTS scratch (id TEXT NOT NULL PRIMARY KEY, n BIGINT NOT NULL)`)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// onEach runs a test on a database of each engine that holds nothing.
func onEach(t *testing.T, test func(t *testing.T, d *DB)) {
	t.Helper()
	for name, location := range locations(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, openAt(t, location, Options{}))
		})
	}
}

// withClock is d for tests that need a clock of their own but not a database.
func (d *DB) withClock(now func() time.Time) *DB {
	c := &DB{now: now, engine: d.engine}
	c.group.run = c.runBatch
	return c
}

// insert writes one row of the scratch table.
func insert(id string, n int) work {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO scratch (id, n) VALUES ($1, $2)`, id, n)
		return err
	}
}

// ids returns the keys of the scratch table.
func ids(t testing.TB, d *DB) map[string]bool {
	t.Helper()
	rows, err := d.reader().QueryContext(context.Background(), `SELECT id FROM scratch`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	found := map[string]bool{}
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			t.Fatal(err)
		}
		found[id] = true
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return found
}
