package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/stepup"
)

// Factors is the stepup.Store of a database. Journal is that of this process.
type Factors struct {
	DB      *DB
	Journal *audit.Journal
}

var _ stepup.Store = (*Factors)(nil)

// Of implements stepup.Store.
func (s *Factors) Of(ctx context.Context, handle string) (out []stepup.Factor, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("factors: %w", err)
		}
	}()
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT id, means, name, made, used, step, sealed FROM factors WHERE handle = $1 ORDER BY made, id`, handle)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		f := stepup.Factor{Handle: handle}
		var made, used int64
		if err := rows.Scan(&f.ID, (*string)(&f.Means), &f.Name, &made, &used, &f.Step, &f.Sealed); err != nil {
			return nil, err
		}
		f.Made = instant(made)
		if used != 0 {
			f.Used = instant(used)
		}
		out = append(out, f)
	}
	return out, rows.Err()
}

// Add implements stepup.Store.
func (s *Factors) Add(ctx context.Context, f stepup.Factor, entry audit.Entry) error {
	err := s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		var n int
		if err := tx.QueryRowContext(ctx, `SELECT COUNT(*) FROM factors WHERE handle = $1`, f.Handle).Scan(&n); err != nil {
			return err
		}
		if n >= stepup.Most {
			return stepup.ErrFull
		}
		_, err := tx.ExecContext(ctx, `
INSERT INTO factors (id, handle, means, name, made, used, step, sealed) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`,
			f.ID, f.Handle, string(f.Means), f.Name, milli(f.Made), f.Step, blob(f.Sealed))
		return err
	})
	if errors.Is(err, stepup.ErrFull) {
		return stepup.ErrFull
	}
	return err
}

// Remove implements stepup.Store.
func (s *Factors) Remove(ctx context.Context, handle, id string, entry audit.Entry) (int, error) {
	var n int64
	err := s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM factors WHERE handle = $1 AND ($2 = '' OR id = $2)`, handle, id)
		if err != nil {
			return err
		}
		if n, err = result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errAlready)
		}
		return nil
	})
	if errors.Is(err, errAlready) {
		return 0, nil
	}
	return int(n), err
}

// Use implements stepup.Store.
func (s *Factors) Use(ctx context.Context, handle, id string, step int64, at time.Time) (bool, error) {
	var n int64
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
UPDATE factors SET step = $1, used = $2 WHERE handle = $3 AND id = $4 AND (step < $1 OR $1 = 0 AND step = 0)`, step, milli(at), handle, id)
		if err != nil {
			return err
		}
		n, err = result.RowsAffected()
		return err
	})
	if err != nil {
		return false, fmt.Errorf("factors: %w", err)
	}
	return n == 1, nil
}

func (s *Factors) journaled(ctx context.Context, entry audit.Entry, write func(context.Context, *sql.Tx) error) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	if _, err := s.DB.AppendAudit(ctx, draft, write); err != nil {
		return fmt.Errorf("factors: %w", err)
	}
	return nil
}
