package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
)

// Receipts is the consent.Store of a database. Journal is that of this process.
type Receipts struct {
	DB      *DB
	Journal *audit.Journal
}

var _ consent.Store = (*Receipts)(nil)

// Receipt implements consent.Store.
func (s *Receipts) Receipt(ctx context.Context, handle, service string) (consent.Receipt, bool, error) {
	r := consent.Receipt{Handle: handle, Service: service}
	var at int64
	err := s.DB.reader().QueryRowContext(ctx, `
SELECT at, declaration, version, substance, act FROM receipts
WHERE handle = $1 AND service = $2 ORDER BY at DESC LIMIT 1`, handle, service).
		Scan(&at, &r.Declaration, &r.Version, &r.Substance, (*string)(&r.Act))
	if errors.Is(err, sql.ErrNoRows) {
		return consent.Receipt{}, false, nil
	}
	if err != nil {
		return consent.Receipt{}, false, fmt.Errorf("receipt of service %s: %w", service, err)
	}
	r.At = instant(at)
	return r, true, nil
}

// Record implements consent.Store. The same act twice in one millisecond is one
// receipt: a form that was sent twice.
func (s *Receipts) Record(ctx context.Context, entry audit.Entry, receipt *consent.Receipt, left consent.Left) error {
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		if receipt != nil {
			if err := putReceipt(ctx, tx, *receipt); err != nil {
				return err
			}
		}
		return markReleased(ctx, tx, left.Marks, left.Year)
	})
	return err
}

func putReceipt(ctx context.Context, tx *sql.Tx, r consent.Receipt) error {
	_, err := tx.ExecContext(ctx, `
INSERT INTO receipts (handle, service, at, declaration, version, substance, act) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (handle, service, at) DO NOTHING`,
		r.Handle, r.Service, milli(r.At), r.Declaration, r.Version, r.Substance, string(r.Act))
	return err
}
