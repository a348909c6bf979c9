package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
)

// Keybook is the keybook.Store of a database. Journal is that of this process.
type Keybook struct {
	DB      *DB
	Journal *audit.Journal
}

var _ keybook.Store = (*Keybook)(nil)

// Look implements keybook.Store.
func (s *Keybook) Look(ctx context.Context, keys []string) (keybook.Shelf, error) {
	var shelf keybook.Shelf
	brief, err := s.DB.brief(ctx)
	switch {
	case err != nil:
	case len(keys) <= fewKeys:
		shelf, err = look(brief, s.DB.reader(), keys)
	default:
		err = s.DB.read(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
			shelf, err = lookAll(ctx, tx, keys)
			return err
		})
	}
	if err != nil {
		return keybook.Shelf{}, fmt.Errorf("read the key book: %w", err)
	}
	return shelf, nil
}

// fewKeys are as many as one statement asks for: a sign-in's are.
const fewKeys = 100

// lookAll looks for any number of keys within one transaction.
func lookAll(ctx context.Context, tx *sql.Tx, keys []string) (keybook.Shelf, error) {
	if len(keys) <= fewKeys {
		return look(ctx, tx, keys)
	}
	rows, links := map[string]keybook.Row{}, map[[2]string]keybook.Link{}
	err := inChunks(keys, func(chunk []string) error {
		some, err := look(ctx, tx, chunk)
		for _, r := range some.Rows {
			rows[r.Key] = r
		}
		for _, l := range some.Links {
			links[[2]string{l.One, l.Other}] = l
		}
		return err
	})
	return keybook.Shelf{Rows: slices.Collect(maps.Values(rows)), Links: slices.Collect(maps.Values(links))}, err
}

// look is one statement, so that it sees one instant wherever it runs.
func look(ctx context.Context, q querier, keys []string) (keybook.Shelf, error) {
	var shelf keybook.Shelf
	if len(keys) == 0 {
		return shelf, nil
	}
	args := make([]any, len(keys))
	for i, k := range keys {
		args[i] = k
	}
	rows, err := q.QueryContext(ctx, `
WITH RECURSIVE wanted (id) AS (VALUES `+places(len(keys), 1)+`),
near (number) AS (
    SELECT k.number FROM wanted CROSS JOIN keybook_keys AS k WHERE k.id = wanted.id
    UNION
    SELECT l.other FROM near CROSS JOIN keybook_links AS l WHERE l.one = near.number
)
SELECT 'key', k.id, k.number, k.authority, k.disputed, k.owned, k.settled, k.year, 0 FROM near CROSS JOIN keybook_keys AS k WHERE k.number = near.number
UNION ALL
SELECT 'link', l.one, l.other, '', 0, 0, 0, 0, l.place FROM near CROSS JOIN keybook_links AS l WHERE l.one = near.number AND l.one < l.other`, args...)
	if err != nil {
		return shelf, err
	}
	defer rows.Close()
	for rows.Next() {
		var kind string
		var r keybook.Row
		var place int
		if err := rows.Scan(&kind, &r.Key, &r.Number, &r.Authority, &r.Disputed, &r.Owned, &r.Settled, &r.Year, &place); err != nil {
			return shelf, err
		}
		if kind == "link" {
			shelf.Links = append(shelf.Links, keybook.Link{One: r.Key, Other: r.Number, Place: place})
		} else {
			shelf.Rows = append(shelf.Rows, r)
		}
	}
	return shelf, rows.Err()
}

// Write implements keybook.Store. Another writer who comes in between is seen by the second look, or is a conflict of
// transactions, after which all of it runs again.
func (s *Keybook) Write(ctx context.Context, keys []string, seen keybook.Shelf, change keybook.Change, entry *audit.Entry) error {
	write := func(ctx context.Context, tx *sql.Tx) error {
		now, err := lookAll(ctx, tx, keys)
		if err != nil {
			return err
		}
		if !sameShelf(now, seen) {
			return keybook.ErrChanged
		}
		return writeShelf(ctx, tx, change)
	}
	var err error
	if entry == nil {
		err = s.DB.grouped(ctx, write)
	} else {
		var draft audit.Draft
		if draft, err = s.Journal.Draft(*entry); err == nil {
			_, err = s.DB.AppendAudit(ctx, draft, write)
		}
	}
	if err != nil {
		return fmt.Errorf("write the key book: %w", err)
	}
	return nil
}

func writeShelf(ctx context.Context, tx *sql.Tx, change keybook.Change) error {
	err := inChunks(change.Rows, func(some []keybook.Row) error {
		var args []any
		for _, r := range some {
			args = append(args, r.Key, r.Number, r.Authority, flag(r.Disputed), flag(r.Owned), flag(r.Settled), r.Year)
		}
		_, err := tx.ExecContext(ctx, `
INSERT INTO keybook_keys (id, number, authority, disputed, owned, settled, year) VALUES `+places(len(some), 7)+`
ON CONFLICT (id) DO UPDATE SET number = excluded.number, authority = excluded.authority, disputed = excluded.disputed,
    owned = excluded.owned, settled = excluded.settled,
    year = CASE WHEN excluded.year > keybook_keys.year THEN excluded.year ELSE keybook_keys.year END`, args...)
		return err
	})
	if err != nil {
		return err
	}
	return inChunks(change.Links, func(some []keybook.Link) error {
		var args []any
		for _, l := range some {
			args = append(args, l.One, l.Other, l.Place, l.Other, l.One, l.Place)
		}
		_, err := tx.ExecContext(ctx, `
INSERT INTO keybook_links (one, other, place) VALUES `+places(2*len(some), 3)+` ON CONFLICT (one, other) DO NOTHING`, args...)
		return err
	})
}

func flag(set bool) int {
	if set {
		return 1
	}
	return 0
}

// sameShelf tells whether two shelves say the same of everybody. When a key was last seen decides nothing.
func sameShelf(a, b keybook.Shelf) bool {
	same := func(x, y keybook.Row) bool { x.Year = y.Year; return x == y }
	rows := func(x, y keybook.Row) int { return cmp.Compare(x.Key, y.Key) }
	links := func(x, y keybook.Link) int { return cmp.Or(cmp.Compare(x.One, y.One), cmp.Compare(x.Other, y.Other)) }
	return slices.EqualFunc(slices.SortedFunc(slices.Values(a.Rows), rows), slices.SortedFunc(slices.Values(b.Rows), rows), same) &&
		slices.Equal(slices.SortedFunc(slices.Values(a.Links), links), slices.SortedFunc(slices.Values(b.Links), links))
}

// Released implements keybook.Store.
func (s *Keybook) Released(ctx context.Context, marks []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := inChunks(marks, func(chunk []string) error {
		args := make([]any, len(chunk))
		for i, m := range chunk {
			args[i] = m
		}
		rows, err := s.DB.reader().QueryContext(ctx, `WITH wanted (mark) AS (VALUES `+places(len(chunk), 1)+`)
SELECT m.mark FROM wanted CROSS JOIN pseudonym_marks AS m WHERE m.mark = wanted.mark`, args...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var mark string
			if err := rows.Scan(&mark); err != nil {
				return err
			}
			out[mark] = true
		}
		return rows.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("read what was released: %w", err)
	}
	return out, nil
}

// markReleased remembers, within the transaction of the journal's entry, which numbers left.
func markReleased(ctx context.Context, tx *sql.Tx, marks []string, year int) error {
	for _, mark := range marks {
		if _, err := tx.ExecContext(ctx, `
INSERT INTO pseudonym_marks (mark, year) VALUES ($1, $2)
ON CONFLICT (mark) DO UPDATE SET year = excluded.year WHERE pseudonym_marks.year < excluded.year`, mark, year); err != nil {
			return err
		}
	}
	return nil
}

// Numbers lists the people's numbers after one, in order, at most limit of them: also those whose own keys are forgotten and
// that serve somebody still.
func (s *Keybook) Numbers(ctx context.Context, after string, limit int) ([]string, error) {
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT number FROM (SELECT DISTINCT number FROM keybook_keys WHERE number > $1 ORDER BY number LIMIT $2) AS keyed
UNION SELECT one FROM (SELECT DISTINCT one FROM keybook_links WHERE one > $1 ORDER BY one LIMIT $2) AS linked
ORDER BY number LIMIT $2`, after, limit)
	if err != nil {
		return nil, fmt.Errorf("read the key book: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var n string
		if err := rows.Scan(&n); err != nil {
			return nil, fmt.Errorf("read the key book: %w", err)
		}
		out = append(out, n)
	}
	return out, rows.Err()
}

// Links lists the numbers that were found to mean one person after each had been given, every pair once.
func (s *Keybook) Links(ctx context.Context) ([]keybook.Link, error) {
	var out []keybook.Link
	err := s.list(ctx, `SELECT one, other, place FROM keybook_links WHERE one < other ORDER BY one, other`, func(rows *sql.Rows) error {
		var l keybook.Link
		err := rows.Scan(&l.One, &l.Other, &l.Place)
		out = append(out, l)
		return err
	})
	return out, err
}

// Years lists the school years in which pseudonyms were last released, by the year in which they began, in order.
func (s *Keybook) Years(ctx context.Context) ([]int, error) {
	var out []int
	err := s.list(ctx, `SELECT DISTINCT year FROM pseudonym_marks ORDER BY year`, func(rows *sql.Rows) error {
		var year int
		err := rows.Scan(&year)
		out = append(out, year)
		return err
	})
	return out, err
}

func (s *Keybook) list(ctx context.Context, query string, row func(*sql.Rows) error) error {
	rows, err := s.DB.reader().QueryContext(ctx, query)
	if err != nil {
		return fmt.Errorf("read the key book: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := row(rows); err != nil {
			return fmt.Errorf("read the key book: %w", err)
		}
	}
	return rows.Err()
}

// GiveOut remembers, some at a time, that pseudonyms are handed out otherwise than by a release. One that is remembered and
// was not handed out in the end does no harm: a mark only says which of a person's numbers goes on.
func (s *Keybook) GiveOut(ctx context.Context, marks []string, year int) error {
	const some = 500
	for chunk := range slices.Chunk(slices.Sorted(slices.Values(marks)), some) {
		if err := s.DB.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error { return markReleased(ctx, tx, chunk, year) }); err != nil {
			return fmt.Errorf("write what is handed out: %w", err)
		}
	}
	return nil
}

// Purge forgets keys that were last seen, and marks of pseudonyms that were last released, in school years that began
// before a year, and journals how many. Links go when no key of the person is left: a number whose own keys are forgotten
// may be the one by which services know somebody who comes by another key. Nothing to forget is no entry.
func (s *Keybook) Purge(ctx context.Context, before int, entry audit.Entry) (keys, marks int, err error) {
	count := func(table string) (n int, err error) {
		err = s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(*) FROM `+table+` WHERE year < $1`, before).Scan(&n)
		return n, err
	}
	if keys, err = count("keybook_keys"); err == nil {
		marks, err = count("pseudonym_marks")
	}
	if err != nil {
		return 0, 0, fmt.Errorf("purge the key book: %w", err)
	}
	if keys+marks == 0 {
		return 0, 0, nil
	}
	entry.Detail = map[string]string{"keys": fmt.Sprint(keys), "marks": fmt.Sprint(marks), "before": fmt.Sprintf("%d-%d", before, before+1)}
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return 0, 0, err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		for statement, want := range map[string]int{`DELETE FROM keybook_keys WHERE year < $1`: keys, `DELETE FROM pseudonym_marks WHERE year < $1`: marks} {
			result, err := tx.ExecContext(ctx, statement, before)
			if err != nil {
				return err
			}
			if n, err := result.RowsAffected(); err != nil || n != int64(want) {
				return errors.Join(err, keybook.ErrChanged) // another replica was there: the entry would not be true
			}
		}
		_, err := tx.ExecContext(ctx, `
WITH RECURSIVE alive (number) AS (
    SELECT one FROM keybook_links WHERE EXISTS (SELECT 1 FROM keybook_keys WHERE number = one)
    UNION
    SELECT l.other FROM alive CROSS JOIN keybook_links AS l WHERE l.one = alive.number
)
DELETE FROM keybook_links WHERE one NOT IN (SELECT number FROM alive)`)
		return err
	})
	if errors.Is(err, keybook.ErrChanged) {
		return 0, 0, nil
	}
	if err != nil {
		return 0, 0, fmt.Errorf("purge the key book: %w", err)
	}
	return keys, marks, nil
}
