package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
)

// Rights is the rights.Store of a database. Journal is that of this process.
type Rights struct {
	DB      *DB
	Journal *audit.Journal
}

var _ rights.Store = (*Rights)(nil)

const (
	rightColumns = `SELECT ref, handle, whom, child, kind, service, uai, declaration, version, opened, due, state, since,
extended_at, answered_at, outcome, office, fiche, door, settled, sealed, revision FROM rights`
	rightPending = `state IN ('open', 'extended')`
	mostRights   = 300 // of one look for what is due by itself
)

// Request implements rights.Store.
func (s *Rights) Request(ctx context.Context, ref string) (rights.Request, bool, error) {
	list, err := s.list(ctx, ` WHERE ref = $1`, ref)
	if err != nil || len(list) == 0 {
		return rights.Request{}, false, err
	}
	return list[0], true, nil
}

// Of implements rights.Store.
func (s *Rights) Of(ctx context.Context, handles []string) ([]rights.Request, error) {
	if len(handles) == 0 {
		return nil, nil
	}
	in, args := placeholders(handles)
	return s.list(ctx, ` WHERE handle IN (`+in+`) ORDER BY opened DESC, ref`, args...)
}

// Current implements rights.Store.
func (s *Rights) Current(ctx context.Context, since time.Time) ([]rights.Request, error) {
	return s.list(ctx, ` WHERE `+rightPending+` OR answered_at >= $1 ORDER BY due, ref`, milli(since))
}

// Behind implements rights.Store.
func (s *Rights) Behind(ctx context.Context, whom []string, service string) ([]rights.Request, error) {
	if len(whom) == 0 {
		return nil, nil
	}
	in, args := placeholders(whom, service)
	return s.list(ctx, ` WHERE service = $1 AND door IN ('paused', 'shut') AND whom IN (`+in+`) ORDER BY ref`, args...)
}

// Count implements rights.Store.
func (s *Rights) Count(ctx context.Context, today registry.Date, now time.Time) (rights.Counts, error) {
	var c rights.Counts
	err := s.DB.reader().QueryRowContext(ctx, `
SELECT COUNT(*), COALESCE(SUM(CASE WHEN due < $1 OR kind = $2 AND opened <= $3 THEN 1 ELSE 0 END), 0) FROM rights WHERE `+rightPending,
		today.String(), string(rights.Incident), milli(now.Add(-rights.IncidentWithin))).Scan(&c.Pending, &c.Overdue)
	if err != nil {
		return rights.Counts{}, fmt.Errorf("count requests: %w", err)
	}
	return c, nil
}

// Unsettled implements rights.Store.
func (s *Rights) Unsettled(ctx context.Context, answeredBefore time.Time) ([]rights.Request, error) {
	return s.list(ctx, ` WHERE settled = FALSE OR (state = 'answered' AND answered_at < $1) ORDER BY since, ref LIMIT $2`, milli(answeredBefore), mostRights)
}

// Put implements rights.Store.
func (s *Rights) Put(ctx context.Context, r rights.Request, entry *audit.Entry) error {
	put := func(ctx context.Context, tx *sql.Tx) error { return putRight(ctx, tx, r) }
	if entry == nil {
		return s.named(r, s.DB.write(ctx, put))
	}
	draft, err := s.Journal.Draft(*entry)
	if err != nil {
		return err
	}
	_, err = s.DB.AppendAudit(ctx, draft, put)
	return s.named(r, err)
}

func (s *Rights) named(r rights.Request, err error) error {
	if err != nil {
		return fmt.Errorf("request %s: %w", r.Ref, err)
	}
	return nil
}

func putRight(ctx context.Context, tx *sql.Tx, r rights.Request) error {
	if r.Revision == 0 {
		return rightWritten(tx.ExecContext(ctx, `
INSERT INTO rights (ref, handle, whom, child, kind, service, uai, declaration, version, opened, due, state, since,
extended_at, answered_at, outcome, office, fiche, door, settled, sealed, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, 1)
ON CONFLICT DO NOTHING`,
			r.Ref, r.Handle, r.Whom, r.Child, string(r.Kind), r.Service, string(r.UAI), r.Declaration, r.Version, milli(r.Opened), r.Due.String(),
			string(r.State), milli(r.Since), milliOrNone(r.ExtendedAt), milliOrNone(r.AnsweredAt), string(r.Outcome), r.Office, r.Fiche,
			string(r.Door), r.Settled, r.Sealed))
	}
	return rightWritten(tx.ExecContext(ctx, `
UPDATE rights SET due = $1, state = $2, since = $3, extended_at = $4, answered_at = $5, outcome = $6, office = $7, fiche = $8,
door = $9, settled = $10, sealed = $11, revision = revision + 1
WHERE ref = $12 AND revision = $13`,
		r.Due.String(), string(r.State), milli(r.Since), milliOrNone(r.ExtendedAt), milliOrNone(r.AnsweredAt), string(r.Outcome), r.Office, r.Fiche,
		string(r.Door), r.Settled, r.Sealed, r.Ref, r.Revision))
}

// rightWritten wants one row; none is another writer's doing.
func rightWritten(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = rights.ErrConflict
	}
	return err
}

// errNoRight ends a purge that found nothing, without an entry.
var errNoRight = errors.New("no request is to be removed")

// Purge implements rights.Store. Of two replicas that purge at once, the second finds nothing.
func (s *Rights) Purge(ctx context.Context, closedBefore, shutBefore time.Time, entry audit.Entry) (int, error) {
	const some = `SELECT ref FROM rights WHERE state = 'closed' AND settled = TRUE AND since < $1 AND (door <> 'shut' OR since < $2)`
	var n int
	err := s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+some+`) AS over_now`, milli(closedBefore), milli(shutBefore)).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	entry.Detail = map[string]string{"requests": fmt.Sprint(n)}
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return 0, err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM rights WHERE ref IN (`+some+`)`, milli(closedBefore), milli(shutBefore))
		if err != nil {
			return err
		}
		if gone, err := result.RowsAffected(); err != nil || gone != int64(n) {
			return errors.Join(err, errNoRight) // another replica was there: the entry would not be true
		}
		return nil
	})
	if errors.Is(err, errNoRight) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("remove requests: %w", err)
	}
	return n, nil
}

func (s *Rights) list(ctx context.Context, which string, args ...any) ([]rights.Request, error) {
	rows, err := s.DB.reader().QueryContext(ctx, rightColumns+which, args...)
	if err != nil {
		return nil, fmt.Errorf("requests: %w", err)
	}
	defer rows.Close()
	var out []rights.Request
	for rows.Next() {
		r, err := scanRight(rows)
		if err != nil {
			return nil, fmt.Errorf("requests: %w", err)
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

func scanRight(rows *sql.Rows) (r rights.Request, err error) {
	var due string
	var opened, since, extended, answered int64
	err = rows.Scan(&r.Ref, &r.Handle, &r.Whom, &r.Child, (*string)(&r.Kind), &r.Service, (*string)(&r.UAI), &r.Declaration, &r.Version, &opened, &due,
		(*string)(&r.State), &since, &extended, &answered, (*string)(&r.Outcome), &r.Office, &r.Fiche, (*string)(&r.Door), &r.Settled, &r.Sealed, &r.Revision)
	if err != nil {
		return rights.Request{}, err
	}
	r.Opened, r.Since, r.ExtendedAt, r.AnsweredAt = instant(opened), instant(since), instantOrNone(extended), instantOrNone(answered)
	r.Due, err = registry.ParseDate(due)
	return r, err
}

// placeholders are $n for each value, numbered after what comes before, and the arguments of both.
func placeholders(values []string, before ...any) (string, []any) {
	marks, args := make([]string, len(values)), before
	for i, v := range values {
		args = append(args, v)
		marks[i] = fmt.Sprintf("$%d", len(args))
	}
	return strings.Join(marks, ", "), args
}

// milliOrNone is the column value of an instant that may be none.
func milliOrNone(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return milli(t)
}

func instantOrNone(ms int64) time.Time {
	if ms == 0 {
		return time.Time{}
	}
	return instant(ms)
}
