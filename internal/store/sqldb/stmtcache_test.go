package sqldb

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
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

func TestWhoeverLeavesWhileATransactionBeginsLeavesTheConnectionFree(t *testing.T) {
	t.Parallel()
	location := migrated.SQLite(t)
	d, other := openAt(t, location, Options{}), openAt(t, location, Options{})
	err := other.write(t.Context(), func(context.Context, *sql.Tx) error {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		if err := d.write(ctx, insert("late", 1)); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("beside another's transaction: %v", err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.write(t.Context(), insert("a", 1)); err != nil {
		t.Errorf("after somebody who left: %v", err)
	}
}

// endedBehind runs a statement, and then says that the context had ended.
type endedBehind struct{ driver.StmtExecContext }

func (s endedBehind) ExecContext(ctx context.Context, args []driver.NamedValue) (driver.Result, error) {
	if _, err := s.StmtExecContext.ExecContext(ctx, args); err != nil {
		return nil, err
	}
	return nil, context.Canceled
}

func TestAContextThatEndsWhenATransactionHasJustBegunLeavesTheConnectionFree(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	if err := d.write(t.Context(), insert("a", 1)); err != nil { // which prepares the statement
		t.Fatal(err)
	}
	swap := func(with func(s *cachedStmt)) {
		conn, err := d.engine.writer.Conn(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		_ = conn.Raw(func(c any) error { with(c.(*cachingConn).cached["BEGIN immediate"]); return nil })
	}
	var begin driver.StmtExecContext
	swap(func(s *cachedStmt) { begin, s.exec = s.exec, endedBehind{s.exec} })
	if err := d.write(t.Context(), insert("b", 2)); !errors.Is(err, context.Canceled) {
		t.Fatalf("a transaction that nobody waits for: %v", err)
	}
	swap(func(s *cachedStmt) { s.exec = begin })
	if err := d.write(t.Context(), insert("c", 3)); err != nil {
		t.Errorf("after it: %v", err)
	}
}

func TestACommitThatFailsWritesNothingAndLeavesTheConnectionFree(t *testing.T) {
	t.Parallel()
	d := openAt(t, migrated.SQLite(t), Options{})
	execute := func(text string) work {
		return func(ctx context.Context, tx *sql.Tx) error { _, err := tx.ExecContext(ctx, text); return err }
	}
	for _, text := range []string{
		`CREATE TABLE owners (id INTEGER PRIMARY KEY)`,
		`CREATE TABLE owned (owner INTEGER REFERENCES owners (id) DEFERRABLE INITIALLY DEFERRED)`,
	} {
		if err := d.write(t.Context(), execute(text)); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := d.write(t.Context(), execute(`INSERT INTO owned (owner) VALUES (7)`)); err == nil || !strings.Contains(err.Error(), "commit") {
			t.Fatalf("a row without an owner is committed: %v", err)
		}
		var n int
		if err := d.reader().QueryRowContext(t.Context(), `SELECT count(*) FROM owned`).Scan(&n); err != nil || n != 0 {
			t.Errorf("%d rows, %v", n, err)
		}
	}
	if err := d.write(t.Context(), insert("a", 1)); err != nil {
		t.Error(err)
	}
}

// A transaction that means to write takes the lock before it reads: of two that read and then write, none fails.
func TestAWritingTransactionHoldsTheLockFromItsBeginning(t *testing.T) {
	t.Parallel()
	location := migrated.SQLite(t)
	d, other := openAt(t, location, Options{}), openAt(t, location, Options{})
	tx, err := d.engine.writer.BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	if err := other.write(ctx, insert("a", 1)); err == nil {
		t.Error("two write at once")
	}
	reading, err := other.engine.readers.BeginTx(t.Context(), other.engine.reading)
	if err != nil {
		t.Errorf("a reader waits for a writer: %v", err)
	} else if err := reading.Rollback(); err != nil {
		t.Error(err)
	}
	if err := tx.Rollback(); err != nil {
		t.Error(err)
	}
	if err := other.write(t.Context(), insert("a", 1)); err != nil {
		t.Error(err)
	}
}
