package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ecluse/internal/store"
)

// sweepBatch bounds the rows that one statement of Sweep deletes, so that
// sign-ins do not wait for it.
const sweepBatch = 500

// Tickets is the store.Tickets of a database.
type Tickets struct{ d *DB }

// Tickets returns the short-lived half of the database.
func (d *DB) Tickets() *Tickets { return &Tickets{d: d} }

// statement runs fn, which executes one statement or a few that may be
// repeated: in the next group on SQLite, where each COMMIT costs a wait for the
// disk, and without a transaction on PostgreSQL, which groups by itself. Each
// statement decides within itself, so that nothing is lost between two.
func (t *Tickets) statement(ctx context.Context, fn func(ctx context.Context, q querier) error) error {
	if t.d.engine.batches {
		return t.d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error { return fn(ctx, tx) })
	}
	return t.d.retry(ctx, func() error { return fn(ctx, t.d.engine.writer) })
}

// firstVersion is where the versions of a new value begin: at random, so that
// a ticket deleted and made again is not taken for the one before.
func firstVersion() int64 { return 1 + rand.Int64N(1<<62) }

const putTicket = `
INSERT INTO tickets (kind, name, value, version, expires) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (kind, name) DO UPDATE
SET value = excluded.value, version = excluded.version, expires = excluded.expires`

// Put implements store.Tickets.
func (t *Tickets) Put(ctx context.Context, n store.Ticket) error { return t.one(ctx, store.Put, n) }

const createTicket = putTicket + ` WHERE tickets.expires <= $6`

// Create implements store.Tickets.
func (t *Tickets) Create(ctx context.Context, n store.Ticket) error {
	return t.one(ctx, store.Create, n)
}

// one checks n and makes that one change.
func (t *Tickets) one(ctx context.Context, do store.Verb, n store.Ticket) error {
	now := t.d.now()
	if err := n.Check(now); err != nil {
		return err
	}
	return t.statement(ctx, func(ctx context.Context, q querier) error {
		return change(ctx, q, store.Op{Do: do, Ticket: n}, now)
	})
}

const getTicket = `
SELECT value, version, expires FROM tickets WHERE kind = $1 AND name = $2 AND expires > $3`

// Get implements store.Tickets.
func (t *Tickets) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if err := store.CheckName(kind, name); err != nil {
		return store.Ticket{}, err
	}
	ctx, err := t.d.brief(ctx)
	if err != nil {
		return store.Ticket{}, err
	}
	return scan(ctx, t.d.reader(), getTicket, kind, name, t.d.now())
}

const takeTicket = `
DELETE FROM tickets WHERE kind = $1 AND name = $2 AND expires > $3 RETURNING value, version, expires`

// Take implements store.Tickets.
func (t *Tickets) Take(ctx context.Context, kind store.Kind, name string) (n store.Ticket, err error) {
	if err := store.CheckName(kind, name); err != nil {
		return store.Ticket{}, err
	}
	err = t.statement(ctx, func(ctx context.Context, q querier) error {
		n, err = scan(ctx, q, takeTicket, kind, name, t.d.now())
		return err
	})
	if err != nil {
		return store.Ticket{}, err
	}
	return n, nil
}

// scan runs a query for at most one ticket that is alive.
func scan(ctx context.Context, q querier, query string, kind store.Kind, name string, now time.Time) (store.Ticket, error) {
	n := store.Ticket{Kind: kind, Name: name}
	var expires int64
	err := q.QueryRowContext(ctx, query, string(kind), []byte(name), milli(now)).
		Scan(&n.Value, &n.Version, &expires)
	if errors.Is(err, sql.ErrNoRows) {
		err = store.ErrNotFound
	}
	if err != nil {
		return store.Ticket{}, fmt.Errorf("read %s: %w", n, err)
	}
	n.Expires = instant(expires)
	return n, nil
}

const replaceTicket = `
UPDATE tickets SET value = $4, version = version + 1, expires = $5
WHERE kind = $1 AND name = $2 AND version = $3 AND expires > $6`

// Replace implements store.Tickets.
func (t *Tickets) Replace(ctx context.Context, n store.Ticket) error {
	return t.one(ctx, store.Replace, n)
}

const incrementCounter = `
INSERT INTO counters (kind, name, value, expires) VALUES ($1, $2, 1, $3)
ON CONFLICT (kind, name) DO UPDATE SET
    value = CASE WHEN counters.expires <= $4 THEN 1 ELSE counters.value + 1 END,
    expires = CASE WHEN counters.expires <= $4 THEN excluded.expires ELSE counters.expires END
RETURNING value`

// Increment implements store.Tickets.
func (t *Tickets) Increment(ctx context.Context, kind store.Kind, name string, ttl time.Duration) (sum int64, err error) {
	now := t.d.now()
	if err := store.CheckCounter(kind, name, ttl); err != nil {
		return 0, err
	}
	err = t.statement(ctx, func(ctx context.Context, q querier) error {
		return q.QueryRowContext(ctx, incrementCounter,
			string(kind), []byte(name), milli(now.Add(ttl)), milli(now)).Scan(&sum)
	})
	if err != nil {
		return 0, fmt.Errorf("increment counter of kind %s: %w", kind, err)
	}
	return sum, nil
}

// Delete implements store.Tickets.
func (t *Tickets) Delete(ctx context.Context, kind store.Kind, name string) error {
	if err := store.CheckName(kind, name); err != nil {
		return err
	}
	err := t.statement(ctx, func(ctx context.Context, q querier) error { return removeBoth(ctx, q, kind, name) })
	if err != nil {
		return fmt.Errorf("delete ticket of kind %s: %w", kind, err)
	}
	return nil
}

// Epoch implements store.Tickets. The mark is rounded up, so that nothing
// forgotten can have been issued after it. On SQLite it is read once: as long as
// the file is open it is the same file. A PostgreSQL database can be made anew
// behind the same address.
func (t *Tickets) Epoch(ctx context.Context) (time.Time, error) {
	if at := t.d.epoch.Load(); at != 0 {
		return instant(at), ctx.Err()
	}
	at, err := t.readEpoch(ctx)
	if err != nil {
		return time.Time{}, fmt.Errorf("read the epoch: %w", err)
	}
	if t.d.engine.batches {
		t.d.epoch.Store(at)
	}
	return instant(at), nil
}

// readEpoch gives the mark in milliseconds, and sets it where there is none.
func (t *Tickets) readEpoch(ctx context.Context) (int64, error) {
	const query = `SELECT at FROM marks WHERE name = 'epoch'`
	var at int64
	brief, err := t.d.brief(ctx)
	if err == nil {
		err = t.d.reader().QueryRowContext(brief, query).Scan(&at)
	}
	if errors.Is(err, sql.ErrNoRows) {
		err = t.statement(ctx, func(ctx context.Context, q querier) error {
			// An update that changes nothing makes RETURNING see the row that
			// another process may just have made.
			return q.QueryRowContext(ctx, `
INSERT INTO marks (name, at) VALUES ('epoch', $1) ON CONFLICT (name) DO UPDATE SET at = marks.at RETURNING at`,
				milli(t.d.now())+1).Scan(&at)
		})
	}
	return at, err
}

// Sweep deletes what had expired at now, a few hundred rows at a time, and
// returns how many it deleted, also when it returns an error. Nothing depends
// on it but the size of the tables.
func (t *Tickets) Sweep(ctx context.Context, now time.Time) (int, error) {
	total := 0
	for _, query := range []string{
		`DELETE FROM tickets WHERE expires <= $1 AND (kind, name) IN
			(SELECT kind, name FROM tickets WHERE expires <= $1 ORDER BY expires LIMIT $2)`,
		`DELETE FROM counters WHERE expires <= $1 AND (kind, name) IN
			(SELECT kind, name FROM counters WHERE expires <= $1 ORDER BY expires LIMIT $2)`,
	} {
		for n := int64(sweepBatch); n == sweepBatch; {
			err := t.statement(ctx, func(ctx context.Context, q querier) error {
				r, err := q.ExecContext(ctx, query, milli(now), sweepBatch)
				if err != nil {
					return err
				}
				n, err = r.RowsAffected()
				return err
			})
			if err != nil {
				return total, fmt.Errorf("sweep expired tickets: %w", err)
			}
			total += int(n)
		}
	}
	return total, nil
}
