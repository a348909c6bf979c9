package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Charters is the charter.Store of a database. Journal is that of this process.
type Charters struct {
	DB      *DB
	Journal *audit.Journal
}

var _ charter.Store = (*Charters)(nil)

// Acknowledged implements charter.Store.
func (s *Charters) Acknowledged(ctx context.Context, handles []string, version string) (first time.Time, found bool, err error) {
	for _, handle := range handles { // one nearly always, and a few after a merge
		var at int64
		err := s.DB.reader().QueryRowContext(ctx,
			`SELECT at FROM charter_acknowledgements WHERE handle = $1 AND version = $2`, handle, version).Scan(&at)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return time.Time{}, false, fmt.Errorf("acknowledgement of a charter: %w", err)
		}
		if t := instant(at); !found || t.Before(first) {
			first, found = t, true
		}
	}
	return first, found, nil
}

// errAlready ends a transaction that found its row there, without an entry.
var errAlready = errors.New("it is filed already")

// Acknowledge implements charter.Store.
func (s *Charters) Acknowledge(ctx context.Context, a charter.Acknowledgement, entry audit.Entry) error {
	err := s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `
INSERT INTO charter_acknowledgements (handle, version, uai, year, grp, at) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT (handle, version) DO NOTHING`, a.Handle, a.Version, string(a.UAI), a.Year, string(a.Group), milli(a.At))
		if err != nil {
			return err
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			return errors.Join(err, errAlready) // a form that was sent twice: the first one is answered for
		}
		return nil
	})
	if errors.Is(err, errAlready) {
		return nil
	}
	return err
}

// Counts implements charter.Store.
func (s *Charters) Counts(ctx context.Context, uai person.UAI, year int) ([]charter.Count, error) {
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT version, grp, COUNT(*) FROM charter_acknowledgements WHERE uai = $1 AND year = $2
GROUP BY version, grp ORDER BY version, grp`, string(uai), year)
	if err != nil {
		return nil, fmt.Errorf("acknowledgements in %s: %w", uai, err)
	}
	defer rows.Close()
	var out []charter.Count
	for rows.Next() {
		var c charter.Count
		if err := rows.Scan(&c.Version, (*string)(&c.Group), &c.N); err != nil {
			return nil, fmt.Errorf("acknowledgements in %s: %w", uai, err)
		}
		out = append(out, c)
	}
	return out, rows.Err()
}

// Attest implements charter.Store.
func (s *Charters) Attest(ctx context.Context, list []charter.Attestation, entry audit.Entry) error {
	return s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		for _, a := range list {
			if err := putAttestation(ctx, tx, a); err != nil {
				return err
			}
		}
		return nil
	})
}

func putAttestation(ctx context.Context, tx *sql.Tx, a charter.Attestation) error {
	_, err := tx.ExecContext(ctx, `
INSERT INTO charter_attestations (uai, year, class, version, read_on, told, signed, document, office, author, at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (uai, year, class) DO UPDATE SET version = excluded.version, read_on = excluded.read_on, told = excluded.told,
signed = excluded.signed, document = excluded.document, office = excluded.office, author = excluded.author, at = excluded.at`,
		string(a.UAI), a.Year, a.Class, a.Version, a.On.String(), a.Read, a.Signed, a.Document, a.Office, a.By, milli(a.At))
	return err
}

// Attested implements charter.Store.
func (s *Charters) Attested(ctx context.Context, uai person.UAI, year int) ([]charter.Attestation, error) {
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT class, version, read_on, told, signed, document, office, author, at FROM charter_attestations
WHERE uai = $1 AND year = $2 ORDER BY class`, string(uai), year)
	if err != nil {
		return nil, fmt.Errorf("attestations of %s: %w", uai, err)
	}
	defer rows.Close()
	var out []charter.Attestation
	for rows.Next() {
		a := charter.Attestation{UAI: uai, Year: year}
		var on string
		var at int64
		err := rows.Scan(&a.Class, &a.Version, &on, &a.Read, &a.Signed, &a.Document, &a.Office, &a.By, &at)
		if err == nil {
			a.On, err = registry.ParseDate(on)
		}
		if err != nil {
			return nil, fmt.Errorf("attestations of %s: %w", uai, err)
		}
		a.At = instant(at)
		out = append(out, a)
	}
	return out, rows.Err()
}

// Purge implements charter.Store. Of two replicas that purge at once, the second finds nothing.
func (s *Charters) Purge(ctx context.Context, before time.Time, entry audit.Entry) (int, error) {
	for total := 0; ; {
		n, err := s.purgeSome(ctx, before, entry)
		if total += n; err != nil || n < mostForgotten {
			return total, err
		}
	}
}

// mostForgotten is how many acknowledgements one transaction removes.
const mostForgotten = 5000

func (s *Charters) purgeSome(ctx context.Context, before time.Time, entry audit.Entry) (int, error) {
	const some = `SELECT handle, version FROM charter_acknowledgements WHERE at < $1 ORDER BY handle, version LIMIT $2`
	var n int
	err := s.DB.reader().QueryRowContext(ctx, `SELECT COUNT(*) FROM (`+some+`) AS old`, milli(before), mostForgotten).Scan(&n)
	if err != nil || n == 0 {
		return 0, err
	}
	entry.Detail = map[string]string{"acknowledgements": fmt.Sprint(n)}
	err = s.journaled(ctx, entry, func(ctx context.Context, tx *sql.Tx) error {
		result, err := tx.ExecContext(ctx, `DELETE FROM charter_acknowledgements WHERE (handle, version) IN (`+some+`)`, milli(before), mostForgotten)
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
		return 0, err
	}
	return n, nil
}

func (s *Charters) journaled(ctx context.Context, entry audit.Entry, write func(context.Context, *sql.Tx) error) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	if _, err := s.DB.AppendAudit(ctx, draft, write); err != nil {
		return fmt.Errorf("charter: %w", err)
	}
	return nil
}
