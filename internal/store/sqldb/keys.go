package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"ecluse/internal/keys"
)

// Keys is the keys.Store of a database.
type Keys struct{ d *DB }

// Keys returns the sealed keys of the database.
func (d *DB) Keys() *Keys { return &Keys{d: d} }

// Load implements keys.Store. Rows come oldest first.
func (k *Keys) Load(ctx context.Context) ([]keys.Row, error) {
	rows, err := k.d.reader().QueryContext(ctx, `
SELECT id, use, algorithm, state, public_part, certificate, sealed, created, changed FROM keys ORDER BY created, id`)
	if err != nil {
		return nil, fmt.Errorf("load keys: %w", err)
	}
	defer rows.Close()
	var all []keys.Row
	for rows.Next() {
		var r keys.Row
		var created, changed int64
		err := rows.Scan(&r.ID, &r.Use, &r.Algorithm, &r.State, &r.Public, &r.Certificate, &r.Sealed, &created, &changed)
		if err != nil {
			return nil, fmt.Errorf("load keys: %w", err)
		}
		r.Created, r.Changed = instant(created), instant(changed)
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("load keys: %w", err)
	}
	return all, nil
}

// Create implements keys.Store: the unique index on active keys leaves what
// another process made first.
func (k *Keys) Create(ctx context.Context, rows []keys.Row) error {
	err := k.d.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, r := range rows {
			_, err := tx.ExecContext(ctx, `
INSERT INTO keys (id, use, algorithm, state, public_part, certificate, sealed, created, changed)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT DO NOTHING`,
				r.ID, string(r.Use), string(r.Algorithm), string(r.State), blob(r.Public), blob(r.Certificate),
				blob(r.Sealed), milli(r.Created), milli(r.Changed))
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("store keys: %w", err)
	}
	return nil
}
