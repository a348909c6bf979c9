package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/tally"
)

// Tally counts in the journal of a database, and keeps what was counted.
type Tally struct{ DB *DB }

var _ tally.Store = (*Tally)(nil)

// Find implements tally.Store. The database counts: what comes here is one row for each service, establishment and kind.
func (s *Tally) Find(ctx context.Context, from, until time.Time) (out []tally.Found, err error) {
	err = s.DB.read(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = nil
		for _, k := range []struct {
			what   tally.What
			class  audit.Class
			action string
		}{{tally.SignIns, audit.ClassRelease, "release"}, {tally.Refusals, audit.ClassSignIn, "refusal"}} {
			err := eachRow(ctx, tx, `SELECT service, uai, COUNT(*), COUNT(DISTINCT subject) FROM audit_entries
WHERE class = $1 AND at >= $2 AND at < $3 AND action = $4 GROUP BY service, uai ORDER BY service, uai`,
				[]any{string(k.class), milliUp(from), milliUp(until), k.action}, func(rows *sql.Rows) error {
					f := tally.Found{What: k.what}
					err := rows.Scan(&f.Service, &f.UAI, &f.N, &f.People)
					out = append(out, f)
					return err
				})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count the month of %s: %w", tally.MonthOf(from), err)
	}
	return out, nil
}

// First implements tally.Store.
func (s *Tally) First(ctx context.Context) (time.Time, error) {
	var at sql.NullInt64
	err := s.DB.reader().QueryRowContext(ctx, `SELECT MIN(at) FROM audit_entries`).Scan(&at)
	if err != nil || !at.Valid {
		return time.Time{}, err
	}
	return instant(at.Int64), nil
}

// Keep implements tally.Store.
func (s *Tally) Keep(ctx context.Context, month string, at time.Time, counts []tally.Count) error {
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, query := range []string{`DELETE FROM journal_months WHERE month = $1`, `DELETE FROM journal_months_counted WHERE month = $1`} {
			if _, err := tx.ExecContext(ctx, query, month); err != nil {
				return err
			}
		}
		err := inChunks(counts, func(chunk []tally.Count) error {
			args := make([]any, 0, 7*len(chunk))
			for _, c := range chunk {
				hidden := 0
				if c.Hidden {
					hidden = 1
				}
				args = append(args, c.Month, c.Academy, c.Service, c.UAI, string(c.What), c.N, hidden)
			}
			_, err := tx.ExecContext(ctx, `INSERT INTO journal_months (month, academy, service, uai, what, n, hidden) VALUES `+places(len(chunk), 7), args...)
			return err
		})
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `INSERT INTO journal_months_counted (month, at) VALUES ($1, $2)`, month, milli(at))
		return err
	})
	if err != nil {
		return fmt.Errorf("keep the counts of %s: %w", month, err)
	}
	return nil
}

// Kept implements tally.Store.
func (s *Tally) Kept(ctx context.Context) (map[string]time.Time, error) {
	out := map[string]time.Time{}
	rows, err := s.DB.reader().QueryContext(ctx, `SELECT month, at FROM journal_months_counted`)
	if err != nil {
		return nil, fmt.Errorf("read which months were counted: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var month string
		var at int64
		if err := rows.Scan(&month, &at); err != nil {
			return nil, fmt.Errorf("read which months were counted: %w", err)
		}
		out[month] = instant(at)
	}
	return out, rows.Err()
}

// Counts implements tally.Store.
func (s *Tally) Counts(ctx context.Context, q tally.Query) ([]tally.Count, error) {
	var c conditions
	c.add("month >= $%d AND month <= $%d AND academy = $%d", q.From, q.To, q.Academy)
	for _, f := range []struct{ column, value string }{{"service", q.Service}, {"uai", q.UAI}} {
		if f.value == tally.Each {
			c.add(f.column+" <> $%d", tally.All)
		} else {
			c.add(f.column+" = $%d", f.value)
		}
	}
	rows, err := s.DB.reader().QueryContext(ctx,
		`SELECT month, academy, service, uai, what, n, hidden FROM journal_months `+c.where()+` ORDER BY month, service, uai, what`, c.args...)
	if err != nil {
		return nil, fmt.Errorf("read counts: %w", err)
	}
	defer rows.Close()
	var out []tally.Count
	for rows.Next() {
		var one tally.Count
		var hidden int
		if err := rows.Scan(&one.Month, &one.Academy, &one.Service, &one.UAI, &one.What, &one.N, &hidden); err != nil {
			return nil, fmt.Errorf("read counts: %w", err)
		}
		one.Hidden = hidden != 0
		out = append(out, one)
	}
	return out, rows.Err()
}
