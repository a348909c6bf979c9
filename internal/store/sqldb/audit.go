package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"ecluse/internal/audit"
)

// Audit is the audit.Store of a database.
type Audit struct{ d *DB }

// Audit returns the journal of the database.
func (d *DB) Audit() *Audit { return &Audit{d: d} }

// Append implements audit.Store: entries that come at once share a commit.
func (a *Audit) Append(ctx context.Context, draft audit.Draft) (audit.Row, error) {
	return a.d.AppendAudit(ctx, draft, nil)
}

// AppendWith implements audit.Joint: with is a rider of Tickets.Ride.
func (a *Audit) AppendWith(ctx context.Context, draft audit.Draft, with any) (audit.Row, error) {
	also, err := a.d.riding(with)
	if err != nil {
		return audit.Row{}, err
	}
	return a.d.AppendAudit(ctx, draft, also)
}

// AppendAudit writes a journal entry and whatever also writes in one
// transaction, both or neither, and returns when they are durable. It is for the
// other files of this package, whose nouns are written together with the entry
// that answers for them:
//
//	draft, err := journal.Draft(entry)
//	...
//	_, err = d.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
//		_, err := tx.ExecContext(ctx, `INSERT INTO receipts ...`)
//		return err
//	})
//
// The function also is bound by the rules of grouped: it may run more than once
// and shares the transaction with other callers, so it must be short. It may be nil.
func (d *DB) AppendAudit(ctx context.Context, draft audit.Draft, also func(ctx context.Context, tx *sql.Tx) error) (audit.Row, error) {
	var row audit.Row
	err := d.grouped(ctx, func(ctx context.Context, tx *sql.Tx) (err error) {
		if row, err = appendEntry(ctx, tx, draft); err != nil || also == nil {
			return err
		}
		return also(ctx, tx)
	})
	if err != nil {
		return audit.Row{}, fmt.Errorf("append to chain %s: %w", draft.Chain(), err)
	}
	draft.Durable(row)
	return row, nil
}

// appendEntry puts the draft at the end of its chain within a transaction.
func appendEntry(ctx context.Context, tx *sql.Tx, draft audit.Draft) (audit.Row, error) {
	head, err := readHead(ctx, tx, draft.Chain())
	if errors.Is(err, audit.ErrNoHead) {
		head, err = openChain(ctx, tx, draft)
	}
	if err != nil {
		return audit.Row{}, err
	}
	row, head, err := draft.Link(head)
	if err != nil {
		return audit.Row{}, err
	}
	if err := insertEntry(ctx, tx, row); err != nil {
		return audit.Row{}, err
	}
	_, err = tx.ExecContext(ctx, `UPDATE audit_heads SET last = $3, hash = $4, seal = $5 WHERE writer = $1 AND class = $2`,
		head.Writer, string(head.Class), head.Last, head.Hash[:], head.Seal)
	return row, err
}

// openChain counts a new chain in the root and writes its head. The root comes
// first: there two processes that open chains at once meet in a conflict, which
// is tried again, while the heads' unique number would be an error.
func openChain(ctx context.Context, tx *sql.Tx, draft audit.Draft) (audit.Head, error) {
	root, err := readRoot(ctx, tx)
	if err != nil {
		return audit.Head{}, err
	}
	head, root, err := draft.Open(root)
	if err != nil {
		return audit.Head{}, err
	}
	_, err = tx.ExecContext(ctx, `
INSERT INTO audit_root (id, chains, seal) VALUES (1, $1, $2)
ON CONFLICT (id) DO UPDATE SET chains = excluded.chains, seal = excluded.seal`, root.Chains, root.Seal)
	if err != nil {
		return audit.Head{}, err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit_heads (`+headColumns+`) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
		head.Writer, string(head.Class), head.Number, head.Base, head.BaseHash[:], head.Last, head.Hash[:], head.Seal)
	if err != nil {
		return audit.Head{}, fmt.Errorf("open chain number %d: %w", head.Number, err)
	}
	return head, nil
}

const entryColumns = `writer, class, sequence, at, action, outcome, reason, ref, actor, subject, service, declaration,
version, uai, source, protocol, attributes, detail, hash`

func insertEntry(ctx context.Context, tx *sql.Tx, r audit.Row) error {
	attributes, err := json.Marshal(append([]string{}, r.Attributes...))
	if err != nil {
		return err
	}
	detail := []byte("{}")
	if len(r.Detail) > 0 {
		if detail, err = json.Marshal(r.Detail); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO audit_entries (`+entryColumns+`)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)`,
		r.Writer, string(r.Class), r.Sequence, milli(r.At), r.Action, string(r.Outcome), r.Reason, r.Ref, r.Actor,
		r.Subject, r.Service, r.Declaration, r.Version, r.UAI, r.Source, r.Protocol, string(attributes), string(detail),
		r.Hash[:])
	return err
}

// Rows implements audit.Store.
func (a *Audit) Rows(ctx context.Context, c audit.Chain, after int64, limit int) ([]audit.Row, error) {
	return a.entries(ctx, `WHERE writer = $1 AND class = $2 AND sequence > $3 ORDER BY sequence LIMIT $4`,
		c.Writer, string(c.Class), after, limit)
}

// ByRef implements audit.Store.
func (a *Audit) ByRef(ctx context.Context, ref string) ([]audit.Row, error) {
	return a.entries(ctx, `WHERE ref = $1 ORDER BY at, writer, class, sequence`, ref)
}

func (a *Audit) entries(ctx context.Context, where string, args ...any) ([]audit.Row, error) {
	return a.selected(ctx, `SELECT `+entryColumns+` FROM audit_entries `+where, args...)
}

func (a *Audit) selected(ctx context.Context, query string, args ...any) ([]audit.Row, error) {
	rows, err := a.d.reader().QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	defer rows.Close()
	var all []audit.Row
	for rows.Next() {
		r, err := scanEntry(rows)
		if err != nil {
			return nil, fmt.Errorf("read the journal: %w", err)
		}
		all = append(all, r)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal: %w", err)
	}
	return all, nil
}

// scanEntry reads one row. What we could not have written, a hash of another
// length or a list that is no JSON, becomes a row that fits no link: the check
// then says which one it is, where an error would only end it.
func scanEntry(rows *sql.Rows) (audit.Row, error) {
	var r audit.Row
	var at int64
	var attributes, detail string
	var hash []byte
	err := rows.Scan(&r.Writer, &r.Class, &r.Sequence, &at, &r.Action, &r.Outcome, &r.Reason, &r.Ref, &r.Actor,
		&r.Subject, &r.Service, &r.Declaration, &r.Version, &r.UAI, &r.Source, &r.Protocol, &attributes, &detail, &hash)
	if err != nil {
		return audit.Row{}, err
	}
	r.At = instant(at)
	if json.Unmarshal([]byte(attributes), &r.Attributes) != nil || json.Unmarshal([]byte(detail), &r.Detail) != nil ||
		len(hash) != len(r.Hash) {
		r.Detail = map[string]string{"unreadable": attributes + detail}
		return r, nil // the zero hash is nobody's
	}
	if len(r.Attributes) == 0 {
		r.Attributes = nil
	}
	if len(r.Detail) == 0 {
		r.Detail = nil
	}
	copy(r.Hash[:], hash)
	return r, nil
}
