package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Accounts is the accounts.Store of a database. Journal is that of this process; Zone is the academy's, in which days
// begin and end.
type Accounts struct {
	DB      *DB
	Journal *audit.Journal
	Zone    *time.Location
}

var _ accounts.Store = (*Accounts)(nil)

const accountColumns = `SELECT id, source, login, uai, profile, given_name, family_name, mail, first_day, until_day,
reason, author, made, state, since, word, word_ends, password, revision FROM accounts`

// Account implements accounts.Store.
func (s *Accounts) Account(ctx context.Context, id string) (accounts.Account, bool, error) {
	return oneAccount(s.DB.reader().QueryRowContext(ctx, accountColumns+` WHERE id = $1`, id))
}

// ByLogin implements accounts.Store.
func (s *Accounts) ByLogin(ctx context.Context, source, login string) (accounts.Account, bool, error) {
	return oneAccount(s.DB.reader().QueryRowContext(ctx, accountColumns+` WHERE source = $1 AND login = $2`, source, login))
}

// In implements accounts.Store.
func (s *Accounts) In(ctx context.Context, uai person.UAI) ([]accounts.Account, error) {
	rows, err := s.DB.reader().QueryContext(ctx, accountColumns+` WHERE uai = $1 ORDER BY id`, string(uai))
	if err != nil {
		return nil, fmt.Errorf("accounts of %s: %w", uai, err)
	}
	defer rows.Close()
	var out []accounts.Account
	for rows.Next() {
		a, err := scanAccount(rows)
		if err != nil {
			return nil, fmt.Errorf("accounts of %s: %w", uai, err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Counts implements accounts.Store.
func (s *Accounts) Counts(ctx context.Context, today registry.Date) (map[person.UAI]accounts.Counts, error) {
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT uai,
       SUM(CASE WHEN (state = 'closed' OR until_day < $1) THEN 1 ELSE 0 END),
       SUM(CASE WHEN (state = 'closed' OR until_day < $1) THEN 0 WHEN password = '' THEN 1 ELSE 0 END),
       COUNT(*)
FROM accounts GROUP BY uai`, today.String())
	if err != nil {
		return nil, fmt.Errorf("count accounts: %w", err)
	}
	defer rows.Close()
	out := map[person.UAI]accounts.Counts{}
	for rows.Next() {
		var uai string
		var all int
		var c accounts.Counts
		if err := rows.Scan(&uai, &c.Over, &c.Waiting, &all); err != nil {
			return nil, fmt.Errorf("count accounts: %w", err)
		}
		c.Active = all - c.Over - c.Waiting
		out[person.UAI(uai)] = c
	}
	return out, rows.Err()
}

// Put implements accounts.Store.
func (s *Accounts) Put(ctx context.Context, a accounts.Account, entry audit.Entry) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		if a.Revision == 0 {
			return s.insert(ctx, tx, a)
		}
		return written1(tx.ExecContext(ctx, `
UPDATE accounts SET state = $1, since = $2, word = $3, word_ends = $4, password = $5, last_day = $6, revision = revision + 1
WHERE id = $7 AND revision = $8`,
			string(a.State), milli(a.Since), a.Word, milli(a.WordEnds), a.Password, a.LastDay(s.Zone).String(), a.ID, a.Revision))
	})
	if err != nil {
		return fmt.Errorf("account %s: %w", a.ID, err)
	}
	return nil
}

func (s *Accounts) insert(ctx context.Context, tx *sql.Tx, a accounts.Account) error {
	return written1(tx.ExecContext(ctx, `
INSERT INTO accounts (id, source, login, uai, profile, given_name, family_name, mail, first_day, until_day, last_day,
reason, author, made, state, since, word, word_ends, password, revision)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, 1)
ON CONFLICT DO NOTHING`,
		a.ID, a.Source, a.Login, string(a.UAI), string(a.Profile), a.GivenName, a.FamilyName, a.Mail, a.From.String(), a.Until.String(),
		a.LastDay(s.Zone).String(), a.Reason, a.Author, milli(a.Made), string(a.State), milli(a.Since), a.Word, milli(a.WordEnds), a.Password))
}

// written1 wants one row; none is another writer's doing.
func written1(result sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		err = accounts.ErrConflict
	}
	return err
}

// errNobody ends a purge that found nothing, without an entry.
var errNobody = errors.New("no account is to be removed")

// mostPurged is how many accounts one transaction removes.
const mostPurged = 500

// Purge implements accounts.Store. Of two replicas that purge at once, the second finds nothing.
func (s *Accounts) Purge(ctx context.Context, before registry.Date, entry audit.Entry) (int, error) {
	total := 0
	for {
		n, err := s.purgeSome(ctx, before, entry)
		total += n
		if err != nil || n < mostPurged {
			return total, err
		}
	}
}

func (s *Accounts) purgeSome(ctx context.Context, before registry.Date, entry audit.Entry) (int, error) {
	var n int
	const some = `SELECT id FROM accounts WHERE last_day < $1 ORDER BY id LIMIT $2`
	err := s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+some+`) AS over_now`, before.String(), mostPurged).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	entry.Detail = map[string]string{"accounts": fmt.Sprint(n), "last_day_before": before.String()}
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return 0, err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM accounts WHERE id IN (`+some+`)`, before.String(), mostPurged)
		if err != nil {
			return err
		}
		if gone, err := result.RowsAffected(); err != nil || gone != int64(n) {
			return errors.Join(err, errNobody) // another replica was there: the entry would not be true
		}
		return nil
	})
	if errors.Is(err, errNobody) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("remove accounts: %w", err)
	}
	return n, nil
}

func oneAccount(row *sql.Row) (accounts.Account, bool, error) {
	a, err := scanAccount(row)
	if errors.Is(err, sql.ErrNoRows) {
		return accounts.Account{}, false, nil
	}
	if err != nil {
		return accounts.Account{}, false, fmt.Errorf("account: %w", err)
	}
	return a, true, nil
}

func scanAccount(row interface{ Scan(...any) error }) (accounts.Account, error) {
	var a accounts.Account
	var uai, profile, from, until, state string
	var made, since, wordEnds int64
	err := row.Scan(&a.ID, &a.Source, &a.Login, &uai, &profile, &a.GivenName, &a.FamilyName, &a.Mail, &from, &until,
		&a.Reason, &a.Author, &made, &state, &since, &a.Word, &wordEnds, &a.Password, &a.Revision)
	if err != nil {
		return accounts.Account{}, err
	}
	a.UAI, a.Profile, a.State = person.UAI(uai), person.Profile(profile), accounts.State(state)
	a.Made, a.Since, a.WordEnds = instant(made), instant(since), instant(wordEnds)
	var err1, err2 error
	a.From, err1 = registry.ParseDate(from)
	a.Until, err2 = registry.ParseDate(until)
	return a, errors.Join(err1, err2)
}
