package sqldb

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/registry"
)

// Receipts is the consent.Store of a database. Journal is that of this process.
type Receipts struct {
	DB      *DB
	Journal *audit.Journal
}

var _ consent.Store = (*Receipts)(nil)

// mostHandles is how many handles one query asks for.
const mostHandles = 200

// Receipts implements consent.Store.
func (s *Receipts) Receipts(ctx context.Context, handles []string) ([]consent.Receipt, error) {
	var out []consent.Receipt
	for len(handles) > 0 {
		n := min(len(handles), mostHandles)
		some, err := s.under(ctx, handles[:n])
		if err != nil {
			return nil, fmt.Errorf("receipts: %w", err)
		}
		out, handles = append(out, some...), handles[n:]
	}
	return out, nil
}

func (s *Receipts) under(ctx context.Context, handles []string) (_ []consent.Receipt, err error) {
	marks, args := make([]string, len(handles)), make([]any, len(handles))
	for i, h := range handles {
		marks[i], args[i] = "$"+strconv.Itoa(i+1), h
	}
	if ctx, err = s.DB.brief(ctx); err != nil {
		return nil, err
	}
	rows, err := s.DB.reader().QueryContext(ctx, `
SELECT handle, service, declaration, voice, speaker, at, act, filed, version, substance, alone, among, more FROM receipts
WHERE handle IN (`+strings.Join(marks, ", ")+`)`, args...)
	if err != nil {
		return nil, err
	}
	defer func() {
		if closed := rows.Close(); err == nil {
			err = closed
		}
	}()
	var out []consent.Receipt
	for rows.Next() {
		r, err := readReceipt(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// further is what few receipts have.
type further struct {
	Paper   *consent.Paper `json:"paper,omitempty"`
	Instead registry.Text  `json:"instead,omitzero"`
}

func readReceipt(rows *sql.Rows) (consent.Receipt, error) {
	var r consent.Receipt
	var at, filed, alone int64
	var more string
	err := rows.Scan(&r.Handle, &r.Service, &r.Declaration, (*string)(&r.Voice), &r.By, &at, (*string)(&r.Act), &filed,
		&r.Version, &r.Substance, &alone, &r.Among, &more)
	if err != nil {
		return r, err
	}
	r.At, r.Filed, r.Alone = instant(at), instant(filed), alone == 1
	if more == "" {
		return r, nil
	}
	var f further
	if err := json.Unmarshal([]byte(more), &f); err != nil {
		return r, fmt.Errorf("what a receipt says further: %w", err)
	}
	r.Paper, r.Instead = f.Paper, f.Instead
	return r, nil
}

// Record implements consent.Store. The same act twice in one millisecond is one receipt: a form that was sent twice. So is
// the same paper, attested twice by one person.
func (s *Receipts) Record(ctx context.Context, entry audit.Entry, receipts []consent.Receipt, left consent.Left) error {
	with, err := s.DB.riding(left.With)
	if err != nil {
		return err
	}
	draft, err := s.Journal.Draft(entry)
	if err != nil {
		return err
	}
	_, err = s.DB.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		if err := with(ctx, tx); err != nil {
			return err
		}
		for _, r := range receipts {
			if err := putReceipt(ctx, tx, r); err != nil {
				return err
			}
		}
		return markReleased(ctx, tx, left.Marks, left.Year)
	})
	return err
}

// RecordAll implements consent.Store: the entries stand in the journal in their order.
func (s *Receipts) RecordAll(ctx context.Context, entries []audit.Entry, receipts []consent.Receipt) error {
	if len(entries) == 0 {
		return errors.New("receipts: nobody answers for them")
	}
	drafts := make([]audit.Draft, len(entries))
	for i, e := range entries {
		var err error
		if drafts[i], err = s.Journal.Draft(e); err != nil {
			return err
		}
	}
	rows := make([]audit.Row, len(drafts))
	_, err := s.DB.AppendAudit(ctx, drafts[0], func(ctx context.Context, tx *sql.Tx) (err error) {
		for i := 1; i < len(drafts); i++ { // may run again: each time from the head as it is
			if rows[i], err = appendEntry(ctx, tx, drafts[i]); err != nil {
				return err
			}
		}
		for _, r := range receipts {
			if err := putReceipt(ctx, tx, r); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for i := 1; i < len(drafts); i++ {
		drafts[i].Durable(rows[i])
	}
	return nil
}

// putReceipt writes a receipt within a transaction that also writes the journal entry of whoever answers for it.
func putReceipt(ctx context.Context, tx *sql.Tx, r consent.Receipt) error {
	more := ""
	if f := (further{Paper: r.Paper, Instead: r.Instead}); f != (further{}) {
		text, err := json.Marshal(f)
		if err != nil {
			return err
		}
		more = string(text)
	}
	alone := 0
	if r.Alone {
		alone = 1
	}
	_, err := tx.ExecContext(ctx, `
INSERT INTO receipts (handle, service, declaration, voice, speaker, at, act, paper, filed, version, substance, alone, among, more)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (handle, service, declaration, voice, speaker, at, act, paper) DO NOTHING`,
		r.Handle, r.Service, r.Declaration, string(r.Voice), r.By, milli(r.At), string(r.Act), paperOf(r, more), milli(r.Filed),
		r.Version, r.Substance, alone, r.Among, more)
	return err
}

// paperOf tells one paper from the others of its day: by all that it says, and the version that it is about. It is empty for
// what was said by sign-in.
func paperOf(r consent.Receipt, more string) string {
	if r.Paper == nil {
		return ""
	}
	sum := sha256.Sum256([]byte(strconv.Itoa(r.Version) + " " + more))
	return hex.EncodeToString(sum[:16])
}
