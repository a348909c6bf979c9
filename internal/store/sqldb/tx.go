package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"time"
)

// patience is how long conflicts with other writers are tried again.
const patience = 10 * time.Second

// work is what runs inside a transaction; the package comment says how to
// write one.
type work func(ctx context.Context, tx *sql.Tx) error

// querier is a transaction or a pool.
type querier interface {
	ExecContext(ctx context.Context, query string, args ...any) (sql.Result, error)
	QueryContext(ctx context.Context, query string, args ...any) (*sql.Rows, error)
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// reader answers single queries. Two queries may see two different instants.
func (d *DB) reader() querier { return d.engine.readers }

// brief is the context of a query that reads a few rows by a key. On SQLite it
// cannot be interrupted, as it is over before anybody could: watching for the end
// of a context costs two goroutines for each query.
func (d *DB) brief(ctx context.Context) (context.Context, error) {
	if !d.engine.batches {
		return ctx, nil
	}
	return context.WithoutCancel(ctx), ctx.Err()
}

// read runs fn in a transaction that sees one instant and may not write.
func (d *DB) read(ctx context.Context, fn work) error {
	return d.retry(ctx, func() error { return transact(ctx, d.engine.readers, d.engine.reading, fn) })
}

// write runs fn in a transaction of its own and commits it, again if other
// writers came in between.
func (d *DB) write(ctx context.Context, fn work) error {
	return d.retry(ctx, func() error { return transact(ctx, d.engine.writer, d.engine.writing, fn) })
}

// transact runs fn in one transaction: committed if fn returns nil, rolled
// back otherwise, also when fn panics.
func transact(ctx context.Context, db *sql.DB, opts *sql.TxOptions, fn work) error {
	tx, err := db.BeginTx(ctx, opts)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // no effect after Commit; its error adds nothing to the cause
	if err := fn(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// retry runs fn until it returns something else than a conflict with another
// writer, the context ends, or patience has run out.
func (d *DB) retry(ctx context.Context, fn func() error) error {
	giveUp := time.NewTimer(patience)
	defer giveUp.Stop()
	for pause := time.Millisecond; ; pause = min(2*pause, 100*time.Millisecond) {
		err := fn()
		if err == nil || !d.engine.conflict(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-giveUp.C:
			return fmt.Errorf("other writers were in the way for %s: %w", patience, err)
		case <-time.After(pause/2 + rand.N(pause)):
		}
	}
}
