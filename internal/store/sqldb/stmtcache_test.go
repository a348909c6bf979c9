package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"testing"
)

func TestOneTextMayRunInsideItself(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	for i := range 3 {
		if err := d.write(t.Context(), insert(fmt.Sprint(i), i)); err != nil {
			t.Fatal(err)
		}
	}
	pairs := 0
	err := d.read(t.Context(), func(ctx context.Context, tx *sql.Tx) error {
		pairs = 0
		const text = `SELECT n FROM scratch WHERE n >= $1 ORDER BY n`
		return each(ctx, tx, text, 0, func(int) error {
			return each(ctx, tx, text, 1, func(int) error { pairs++; return nil })
		})
	})
	if err != nil || pairs != 6 {
		t.Errorf("got %d pairs, %v, want 6", pairs, err)
	}
}

// each runs fn on each number that a query returns.
func each(ctx context.Context, tx *sql.Tx, text string, arg int, fn func(n int) error) error {
	rows, err := tx.QueryContext(ctx, text, arg)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var n int
		if err := rows.Scan(&n); err != nil {
			return err
		}
		if err := fn(n); err != nil {
			return err
		}
	}
	return rows.Err()
}

func TestStatementsOutliveSchemaChangesAndFailures(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	ctx := t.Context()
	if err := d.write(ctx, insert("a", 1)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := d.write(ctx, insert("a", 1)); err == nil {
			t.Error("a second row with one key was written")
		}
	}
	if _, err := d.engine.writer.ExecContext(ctx, `ALTER TABLE scratch ADD COLUMN more BIGINT`); err != nil {
		t.Fatal(err)
	}
	if err := d.write(ctx, insert("b", 1)); err != nil {
		t.Errorf("a text prepared before the schema changed: %v", err)
	}
	if found := ids(t, d); len(found) != 2 {
		t.Errorf("found %v, want a and b", found)
	}
}

func TestManyTextsDoNotFillTheMemory(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	conn, err := d.engine.writer.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	for i := range 3 * maxCached {
		var n int
		err := conn.QueryRowContext(t.Context(), fmt.Sprintf("SELECT %d + $1", i), 1).Scan(&n)
		if err != nil || n != i+1 {
			t.Fatalf("got %d, %v, want %d", n, err, i+1)
		}
	}
	err = conn.Raw(func(c any) error {
		if n := len(c.(*cachingConn).cached); n > maxCached {
			t.Errorf("%d statements are kept, want at most %d", n, maxCached)
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
