package sqldb

import (
	"context"
	"database/sql"
	"fmt"

	"ecluse/internal/keybook"
)

// Favourites keeps which services people marked, under subjects that say not who they are.
type Favourites struct{ DB *DB }

// Marked lists the services that are marked under any of some subjects, each once, in their order.
func (s *Favourites) Marked(ctx context.Context, subjects []string) ([]string, error) {
	if len(subjects) == 0 {
		return nil, nil
	}
	rows, err := s.DB.reader().QueryContext(ctx, `WITH wanted (subject) AS (VALUES `+places(len(subjects), 1)+`)
SELECT DISTINCT f.service FROM wanted CROSS JOIN favourites AS f WHERE f.subject = wanted.subject ORDER BY f.service`, texts(subjects)...)
	if err != nil {
		return nil, fmt.Errorf("read favourites: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var service string
		if err := rows.Scan(&service); err != nil {
			return nil, fmt.Errorf("read favourites: %w", err)
		}
		out = append(out, service)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read favourites: %w", err)
	}
	return out, nil
}

// Mark marks a service under a subject, or unmarks it under every one of all. Twice is once. It has returned nil: the mark
// is on disk.
func (s *Favourites) Mark(ctx context.Context, subject string, all []string, service string, on bool) error {
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if on {
			_, err := tx.ExecContext(ctx, `INSERT INTO favourites (subject, service, year) VALUES ($1, $2, $3)
ON CONFLICT (subject, service) DO UPDATE SET year = excluded.year`, subject, service, keybook.SchoolYear(s.DB.now()))
			return err
		}
		for _, one := range all {
			if _, err := tx.ExecContext(ctx, `DELETE FROM favourites WHERE subject = $1 AND service = $2`, one, service); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write a favourite: %w", err)
	}
	return nil
}

// Forget removes the marks that were made in school years that began before a year, and tells how many.
func (s *Favourites) Forget(ctx context.Context, before int) (n int64, err error) {
	err = s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM favourites WHERE year < $1`, before)
		if err == nil {
			n, err = result.RowsAffected()
		}
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("forget favourites: %w", err)
	}
	return n, nil
}

func texts(list []string) []any {
	out := make([]any, len(list))
	for i, text := range list {
		out[i] = text
	}
	return out
}
