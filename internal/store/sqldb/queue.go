package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ecluse/internal/store"
)

// Queue is the store.Queue of a database.
type Queue struct{ d *DB }

// Queue returns the deliveries of the database.
func (d *DB) Queue() *Queue { return &Queue{d: d} }

// Put implements store.Queue.
func (q *Queue) Put(ctx context.Context, n store.Delivery) error {
	return q.d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error { return q.d.enqueue(ctx, tx, n) })
}

// enqueue adds n within a transaction, for writes that a delivery goes with.
func (d *DB) enqueue(ctx context.Context, tx *sql.Tx, n store.Delivery) error {
	if err := n.Check(); err != nil {
		return err
	}
	due := n.NotBefore
	if due.IsZero() {
		due = d.now()
	}
	r, err := tx.ExecContext(ctx, `
INSERT INTO deliveries (id, topic, body, attempts, due) VALUES ($1, $2, $3, 0, $4)
ON CONFLICT (id) DO NOTHING`, n.ID, n.Topic, blob(n.Body), milli(due))
	if err != nil {
		return fmt.Errorf("put %s: %w", n, err)
	}
	if rows, err := r.RowsAffected(); err != nil || rows == 1 {
		return err
	}
	return fmt.Errorf("put %s: %w", n, store.ErrExists)
}

// Of two lessees that choose the same row one is run again, because grouped is
// serializable, and finds it no longer due.
const leaseDeliveries = `
UPDATE deliveries SET attempts = attempts + 1, due = $4
WHERE id IN (SELECT id FROM deliveries WHERE topic = $1 AND due <= $2 ORDER BY due, id LIMIT $3)
RETURNING id, body, attempts`

// Lease implements store.Queue.
func (q *Queue) Lease(ctx context.Context, topic string, limit int, d time.Duration) ([]store.Delivery, error) {
	if d <= 0 || limit <= 0 {
		return nil, fmt.Errorf("%w: lease of %d deliveries for %s", store.ErrInvalid, limit, d)
	}
	now := q.d.now()
	var leased []store.Delivery
	err := q.d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, leaseDeliveries, topic, milli(now), limit, milli(now.Add(d)))
		if err != nil {
			return err
		}
		defer rows.Close()
		leased = nil
		for rows.Next() {
			n := store.Delivery{Topic: topic}
			if err := rows.Scan(&n.ID, &n.Body, &n.Attempts); err != nil {
				return err
			}
			leased = append(leased, n)
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("lease deliveries on %s: %w", topic, err)
	}
	return leased, nil
}

// Done implements store.Queue.
func (q *Queue) Done(ctx context.Context, id string) error {
	err := q.d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `DELETE FROM deliveries WHERE id = $1`, id)
		return err
	})
	if err != nil {
		return fmt.Errorf("finish delivery %s: %w", id, err)
	}
	return nil
}
