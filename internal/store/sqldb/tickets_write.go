package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/store"
)

// Write implements store.Tickets. On SQLite it is one job of a group. On
// PostgreSQL each statement holds its row until the COMMIT, so that what it
// found there still stands; rows are taken in one order, so that two writes
// never wait for each other.
func (t *Tickets) Write(ctx context.Context, ops ...store.Op) error {
	all, err := t.changes(ops)
	if err != nil {
		return err
	}
	return t.together(ctx, all)
}

// rider is a store.Rider of this database.
type rider struct {
	d  *DB
	fn work
}

// Ride implements store.Rides.
func (t *Tickets) Ride(ops ...store.Op) (store.Rider, error) {
	all, err := t.changes(ops)
	if err != nil {
		return nil, err
	}
	return rider{t.d, all}, nil
}

// riding is the work of a rider that this database gave out; nil has none.
func (d *DB) riding(with any) (work, error) {
	r, mine := with.(rider)
	switch {
	case with == nil:
		return func(context.Context, *sql.Tx) error { return nil }, nil
	case !mine || r.d != d:
		return nil, errors.New("a write of another database cannot be made in this one")
	}
	return r.fn, nil
}

// changes is the work of a write.
func (t *Tickets) changes(ops []store.Op) (work, error) {
	now := t.d.now()
	if err := store.CheckWrite(ops, now); err != nil {
		return nil, err
	}
	inOrder := slices.SortedFunc(slices.Values(ops), func(a, b store.Op) int {
		return cmp.Or(cmp.Compare(a.Ticket.Kind, b.Ticket.Kind), cmp.Compare(a.Ticket.Name, b.Ticket.Name))
	})
	return func(ctx context.Context, tx *sql.Tx) error {
		for _, op := range inOrder {
			if err := change(ctx, tx, op, now); err != nil {
				return err
			}
		}
		return nil
	}, nil
}

// together runs fn in a transaction, in which each statement decides within
// itself.
func (t *Tickets) together(ctx context.Context, fn work) error {
	if t.d.engine.batches {
		return t.d.grouped(ctx, fn)
	}
	return t.d.retry(ctx, func() error {
		return transact(ctx, t.d.engine.writer, &sql.TxOptions{Isolation: sql.LevelReadCommitted}, fn)
	})
}

// change makes one change.
func change(ctx context.Context, q querier, op store.Op, now time.Time) error {
	n := op.Ticket
	var err error
	switch op.Do {
	case store.Replace:
		return replaceOne(ctx, q, n, now)
	case store.Delete:
		err = removeBoth(ctx, q, n.Kind, n.Name)
	case store.Take:
		_, err = scan(ctx, q, takeTicket, n.Kind, n.Name, now)
	case store.Create:
		var rows int64
		rows, err = insertTicket(ctx, q, createTicket, n, milli(now))
		if err == nil && rows == 0 {
			err = store.ErrExists
		}
	default:
		_, err = insertTicket(ctx, q, putTicket, n)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", op, err)
	}
	return nil
}

// insertTicket runs putTicket or createTicket and returns how many rows it wrote.
func insertTicket(ctx context.Context, q querier, query string, n store.Ticket, more ...any) (int64, error) {
	args := append([]any{string(n.Kind), []byte(n.Name), blob(n.Value), firstVersion(), milli(n.Expires)}, more...)
	r, err := q.ExecContext(ctx, query, args...)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

func replaceOne(ctx context.Context, q querier, n store.Ticket, now time.Time) error {
	r, err := q.ExecContext(ctx, replaceTicket,
		string(n.Kind), []byte(n.Name), n.Version, blob(n.Value), milli(n.Expires), milli(now))
	if err != nil {
		return fmt.Errorf("replace %s: %w", n, err)
	}
	if rows, err := r.RowsAffected(); err != nil || rows == 1 {
		return err
	}
	if _, err := scan(ctx, q, getTicket, n.Kind, n.Name, now); err != nil {
		return err
	}
	return fmt.Errorf("replace %s: %w", n, store.ErrConflict)
}

func removeBoth(ctx context.Context, q querier, kind store.Kind, name string) error {
	for _, query := range []string{
		`DELETE FROM tickets WHERE kind = $1 AND name = $2`,
		`DELETE FROM counters WHERE kind = $1 AND name = $2`,
	} {
		if _, err := q.ExecContext(ctx, query, string(kind), []byte(name)); err != nil {
			return err
		}
	}
	return nil
}
