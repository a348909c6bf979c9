package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
)

// Guardians is the guardian.Store of a database. Journal is that of this process.
type Guardians struct {
	DB      *DB
	Journal *audit.Journal
}

var _ guardian.Store = (*Guardians)(nil)

// placed writes the marks of a list's arguments, after n others, and the arguments.
func placed(n int, list []string) (marks string, args []any) {
	out := make([]string, len(list))
	for i, v := range list {
		out[i], args = "$"+strconv.Itoa(n+i+1), append(args, v)
	}
	return strings.Join(out, ", "), args
}

// Closed implements guardian.Store.
func (s *Guardians) Closed(ctx context.Context, pairs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for len(pairs) > 0 {
		n := min(len(pairs), mostHandles)
		marks, args := placed(0, pairs[:n])
		rows, err := s.DB.reader().QueryContext(ctx, `SELECT pair, mark FROM guardian_closings WHERE pair IN (`+marks+`)`, args...)
		if err == nil {
			err = readPairs(rows, out)
		}
		if err != nil {
			return nil, fmt.Errorf("closed views: %w", err)
		}
		pairs = pairs[n:]
	}
	return out, nil
}

func readPairs(rows *sql.Rows, out map[string][]string) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var pair, mark string
		if err := rows.Scan(&pair, &mark); err != nil {
			return err
		}
		out[pair] = append(out[pair], mark)
	}
	return rows.Err()
}

// Close implements guardian.Store. What stands there already keeps its mark, its reason and its moment; keys that were found
// since are filed beside it.
func (s *Guardians) Close(ctx context.Context, c guardian.Closing, pairs []string, entry audit.Entry) (bool, error) {
	err := s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		mark, err := markOf(ctx, tx, c.UAI, pairs)
		if err != nil {
			return err
		}
		if mark != "" {
			c.Mark = mark
		}
		fresh := int64(0)
		for _, pair := range pairs {
			result, err := tx.ExecContext(ctx, `
INSERT INTO guardian_closings (pair, uai, mark, office, author, reason, at) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (pair, uai) DO NOTHING`, pair, string(c.UAI), c.Mark, c.Office, c.By, string(c.Reason), milli(c.At))
			if err != nil {
				return err
			}
			n, err := result.RowsAffected()
			if err != nil {
				return err
			}
			fresh += n
		}
		if fresh == 0 {
			return errAlready
		}
		return nil
	})
	if errors.Is(err, errAlready) {
		return false, nil
	}
	return err == nil, err
}

// markOf finds the mark of what an establishment closed under any of some pairs; empty for nothing.
func markOf(ctx context.Context, tx *sql.Tx, uai person.UAI, pairs []string) (string, error) {
	marks, args := placed(1, pairs)
	var mark string
	err := tx.QueryRowContext(ctx, `SELECT mark FROM guardian_closings WHERE uai = $1 AND pair IN (`+marks+`) ORDER BY at, pair LIMIT 1`,
		append([]any{string(uai)}, args...)...).Scan(&mark)
	if errors.Is(err, sql.ErrNoRows) {
		return "", nil
	}
	return mark, err
}

// Open implements guardian.Store. A closing goes with all of its pairs, also those of keys that are no longer known to be one
// person's.
func (s *Guardians) Open(ctx context.Context, uai person.UAI, pairs []string, entry audit.Entry) (bool, error) {
	marks, args := placed(1, pairs)
	err := s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
DELETE FROM guardian_closings WHERE uai = $1 AND mark IN (
SELECT mark FROM guardian_closings WHERE uai = $1 AND pair IN (`+marks+`))`, append([]any{string(uai)}, args...)...)
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n == 0 {
			return errors.Join(err, errAlready)
		}
		return nil
	})
	if errors.Is(err, errAlready) {
		return false, nil
	}
	return err == nil, err
}

// Closings implements guardian.Store.
func (s *Guardians) Closings(ctx context.Context, uai person.UAI) (out []guardian.Closing, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("closed views of %s: %w", uai, err)
		}
	}()
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT mark, office, author, reason, at FROM guardian_closings WHERE uai = $1 AND substr(pair, 1, 16) = mark
ORDER BY at DESC, mark`, string(uai)) // the pair of the two keys that were named, of which the mark is the beginning
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		c := guardian.Closing{UAI: uai}
		var at int64
		if err := rows.Scan(&c.Mark, &c.Office, &c.By, (*string)(&c.Reason), &at); err != nil {
			return nil, err
		}
		c.At = instant(at)
		out = append(out, c)
	}
	return out, rows.Err()
}

// Seen implements guardian.Store.
func (s *Guardians) Seen(ctx context.Context, handles []string) (n int, err error) {
	marks, args := placed(0, handles)
	err = s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(*) FROM keybook_keys WHERE id IN (`+marks+`)`, args...).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("keys that are known: %w", err)
	}
	return n, nil
}

// Purge implements guardian.Store. Of two replicas that purge at once, the second finds nothing.
func (s *Guardians) Purge(ctx context.Context, before time.Time, entry audit.Entry) (int, error) {
	var n int64
	err := s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(DISTINCT mark) FROM guardian_closings WHERE at < $1`, milli(before)).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	entry.Detail = map[string]string{"closings": fmt.Sprint(n)}
	err = s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM guardian_closings WHERE at < $1`, milli(before))
		if err != nil {
			return err
		}
		if gone, err := result.RowsAffected(); err != nil || gone == 0 {
			return errors.Join(err, errAlready)
		}
		return nil
	})
	if errors.Is(err, errAlready) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return int(n), nil
}

func (s *Guardians) journaled(ctx context.Context, entry audit.Entry, write func(context.Context, *sql.Tx) error) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	if _, err := s.DB.AppendAudit(ctx, draft, write); err != nil {
		return fmt.Errorf("guardians: %w", err)
	}
	return nil
}
