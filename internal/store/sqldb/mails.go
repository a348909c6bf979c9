package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/notify"
	"ecluse/internal/registry"
)

// Mails is the notify.Outbox of a database. Journal is that of this process.
type Mails struct {
	DB      *DB
	Journal *audit.Journal
}

var _ notify.Outbox = (*Mails)(nil)

// mostMarks bounds the arguments of one query.
const mostMarks = 500

// mostMails bounds a page of the list.
const mostMails = 500

// Unknown implements notify.Outbox.
func (s *Mails) Unknown(ctx context.Context, list []string) ([]string, error) {
	known := map[string]bool{}
	for left := list; len(left) > 0; {
		n := min(len(left), mostMarks)
		marks, args := placed(0, left[:n])
		rows, err := s.DB.reader().QueryContext(ctx, `SELECT mark FROM mail_marks WHERE mark IN (`+marks+`)`, args...)
		if err == nil {
			err = eachText(rows, func(mark string) { known[mark] = true })
		}
		if err != nil {
			return nil, fmt.Errorf("marks of mails: %w", err)
		}
		left = left[n:]
	}
	var out []string
	for _, mark := range list {
		if !known[mark] {
			out = append(out, mark)
		}
	}
	return out, nil
}

func eachText(rows *sql.Rows, f func(string)) (err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return err
		}
		f(text)
	}
	return rows.Err()
}

// errMarked ends a transaction in which a mark was there already.
var errMarked = errors.New("it was told already")

// Put implements notify.Outbox.
func (s *Mails) Put(ctx context.Context, marks []string, mails []notify.Mail, at time.Time) (bool, error) {
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		for _, mark := range marks {
			r, err := tx.ExecContext(ctx, `INSERT INTO mail_marks (mark, at) VALUES ($1, $2) ON CONFLICT DO NOTHING`, mark, milli(at))
			if err != nil {
				return err
			}
			if n, err := r.RowsAffected(); err != nil || n != 1 {
				return errors.Join(errMarked, err)
			}
		}
		for _, m := range mails {
			if err := putMail(ctx, tx, m); err != nil {
				return err
			}
		}
		return nil
	})
	if errors.Is(err, errMarked) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("put %d mails: %w", len(mails), err)
	}
	return true, nil
}

func putMail(ctx context.Context, tx *sql.Tx, m notify.Mail) error {
	uai, _ := m.To.UAI()
	_, err := tx.ExecContext(ctx, `
INSERT INTO mails (id, role, over, uai, kind, about, subject, body, urgent, made, state, code, attempts, due, settled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'queued', '', 0, $10, 0)`,
		m.ID, string(m.To.Role), m.To.Of, string(uai), string(m.Kind), m.About, m.Subject, m.Text, m.Kind.Urgent(), milli(m.Made))
	return err
}

const mailColumns = `id, role, over, kind, about, subject, body, made, state, code, attempts, settled`

// Of two lessees that choose the same row one is run again, because write is serializable, and finds it no longer due.
const leaseMails = `
UPDATE mails SET attempts = attempts + 1, due = $3
WHERE id IN (SELECT id FROM mails WHERE state = 'queued' AND due <= $1 ORDER BY urgent DESC, due, id LIMIT $2)
RETURNING ` + mailColumns

// Lease implements notify.Outbox.
func (s *Mails) Lease(ctx context.Context, limit int, now, until time.Time) (leased []notify.Mail, err error) {
	err = s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		rows, err := tx.QueryContext(ctx, leaseMails, milli(now), limit, milli(until))
		if err != nil {
			return err
		}
		leased, err = readMails(rows)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("lease mails: %w", err)
	}
	return leased, nil
}

func readMails(rows *sql.Rows) (list []notify.Mail, err error) {
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var m notify.Mail
		var role, kind, state string
		var made, settled int64
		if err := rows.Scan(&m.ID, &role, &m.To.Of, &kind, &m.About, &m.Subject, &m.Text, &made, &state, &m.Code, &m.Attempts, &settled); err != nil {
			return nil, err
		}
		m.To.Role, m.Kind, m.State, m.Made = registry.Role(role), notify.Kind(kind), notify.State(state), instant(made)
		if settled != 0 {
			m.Settled = instant(settled)
		}
		list = append(list, m)
	}
	return list, rows.Err()
}

// Settle implements notify.Outbox.
func (s *Mails) Settle(ctx context.Context, m notify.Mail, next time.Time) error {
	settled, due := milli(m.Settled), int64(0)
	if m.State == notify.Queued {
		settled, due = 0, milli(next)
	}
	err := s.DB.grouped(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `
UPDATE mails SET state = $1, code = $2, due = $3, settled = $4 WHERE id = $5 AND state = 'queued' AND attempts = $6`,
			string(m.State), m.Code, due, settled, m.ID, m.Attempts)
		return err
	})
	if err != nil {
		return fmt.Errorf("settle %s: %w", m, err)
	}
	return nil
}

// Bounce implements notify.Outbox.
func (s *Mails) Bounce(ctx context.Context, id, code string, at time.Time) error {
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return oneMail(tx.ExecContext(ctx, `UPDATE mails SET state = 'bounced', code = $1, settled = $2 WHERE id = $3 AND state = 'sent'`, code, milli(at), id))
	})
	if err != nil {
		return fmt.Errorf("mail %s: %w", id, err)
	}
	return nil
}

// oneMail wants one row.
func oneMail(r sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := r.RowsAffected()
	if err == nil && n != 1 {
		err = notify.ErrNone
	}
	return err
}

// Again puts a mail that is settled into the queue once more, with its journal entry in the same transaction, or gives
// notify.ErrNone. It keeps its id, and so its Message-ID.
func (s *Mails) Again(ctx context.Context, id string, now time.Time, entry audit.Entry) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		return oneMail(tx.ExecContext(ctx, `
UPDATE mails SET state = 'queued', code = '', attempts = 0, due = $1, settled = 0 WHERE id = $2 AND state <> 'queued'`, milli(now), id))
	})
	if err != nil {
		return fmt.Errorf("mail %s: %w", id, err)
	}
	return nil
}

// List implements notify.Outbox.
func (s *Mails) List(ctx context.Context, q notify.Query) ([]notify.Mail, error) {
	if q.UAIs != nil && len(q.UAIs) == 0 {
		return nil, nil
	}
	where, args := ` WHERE TRUE`, []any{}
	if len(q.UAIs) > 0 {
		list := make([]string, len(q.UAIs))
		for i, uai := range q.UAIs {
			list[i] = string(uai)
		}
		marks, some := placed(0, list)
		where, args = where+` AND uai IN (`+marks+`)`, some
	}
	if q.Wrong {
		where += ` AND state IN ('failed', 'bounced')`
	}
	if !q.Before.IsZero() {
		n := len(args)
		where += fmt.Sprintf(` AND (made < $%d OR made = $%d AND id > $%d)`, n+1, n+1, n+2)
		args = append(args, milli(q.Before), q.Past)
	}
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT id, role, over, kind, about, subject, '', made, state, code, attempts, settled FROM mails`+where+
		fmt.Sprintf(` ORDER BY made DESC, id LIMIT %d`, min(max(q.Limit, 1), mostMails)), args...)
	if err != nil {
		return nil, fmt.Errorf("list mails: %w", err)
	}
	return readMails(rows)
}

// Count implements notify.Outbox.
func (s *Mails) Count(ctx context.Context, since time.Time) (map[notify.State]int, error) {
	rows, err := s.DB.reader().QueryContext(ctx, `SELECT state, COUNT(*) FROM mails WHERE state = 'queued' OR settled >= $1 GROUP BY state`, milli(since))
	if err != nil {
		return nil, fmt.Errorf("count mails: %w", err)
	}
	defer rows.Close()
	out := map[notify.State]int{}
	for rows.Next() {
		var state string
		var n int
		if err := rows.Scan(&state, &n); err != nil {
			return nil, fmt.Errorf("count mails: %w", err)
		}
		out[notify.State(state)] = n
	}
	return out, rows.Err()
}

// Forget implements notify.Outbox.
func (s *Mails) Forget(ctx context.Context, settled, marked time.Time) error {
	err := s.DB.write(ctx, func(ctx context.Context, tx *sql.Tx) error {
		if _, err := tx.ExecContext(ctx, `DELETE FROM mails WHERE settled > 0 AND settled < $1`, milli(settled)); err != nil {
			return err
		}
		_, err := tx.ExecContext(ctx, `DELETE FROM mail_marks WHERE at < $1`, milli(marked))
		return err
	})
	if err != nil {
		return fmt.Errorf("forget mails: %w", err)
	}
	return nil
}
