package sqldb

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"ecluse/internal/audit"
)

const headColumns = `writer, class, number, base, base_hash, last, hash, seal`

// Chains implements audit.Store. It reads the whole index.
func (a *Audit) Chains(ctx context.Context) ([]audit.Chain, error) {
	rows, err := a.d.reader().QueryContext(ctx, `SELECT DISTINCT writer, class FROM audit_entries ORDER BY writer, class`)
	if err != nil {
		return nil, fmt.Errorf("read the journal's chains: %w", err)
	}
	defer rows.Close()
	var all []audit.Chain
	for rows.Next() {
		var c audit.Chain
		if err := rows.Scan(&c.Writer, &c.Class); err != nil {
			return nil, fmt.Errorf("read the journal's chains: %w", err)
		}
		all = append(all, c)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal's chains: %w", err)
	}
	return all, nil
}

// Heads implements audit.Store: in the order in which the chains were opened.
func (a *Audit) Heads(ctx context.Context) ([]audit.Head, error) {
	rows, err := a.d.reader().QueryContext(ctx, `SELECT `+headColumns+` FROM audit_heads ORDER BY number`)
	if err != nil {
		return nil, fmt.Errorf("read the journal's heads: %w", err)
	}
	defer rows.Close()
	var all []audit.Head
	for rows.Next() {
		h, err := scanHead(rows)
		if err != nil {
			return nil, fmt.Errorf("read the journal's heads: %w", err)
		}
		all = append(all, h)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the journal's heads: %w", err)
	}
	return all, nil
}

// Head implements audit.Store.
func (a *Audit) Head(ctx context.Context, c audit.Chain) (audit.Head, error) {
	return readHead(ctx, a.d.reader(), c)
}

// Root implements audit.Store.
func (a *Audit) Root(ctx context.Context) (audit.Root, error) {
	return readRoot(ctx, a.d.reader())
}

func readHead(ctx context.Context, q querier, c audit.Chain) (audit.Head, error) {
	h, err := scanHead(q.QueryRowContext(ctx,
		`SELECT `+headColumns+` FROM audit_heads WHERE writer = $1 AND class = $2`, c.Writer, string(c.Class)))
	if errors.Is(err, sql.ErrNoRows) {
		return audit.Head{}, audit.ErrNoHead
	}
	if err != nil {
		return audit.Head{}, fmt.Errorf("read the head of %s: %w", c, err)
	}
	return h, nil
}

func readRoot(ctx context.Context, q querier) (audit.Root, error) {
	var r audit.Root
	err := q.QueryRowContext(ctx, `SELECT chains, seal FROM audit_root WHERE id = 1`).Scan(&r.Chains, &r.Seal)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return audit.Root{}, fmt.Errorf("read the journal's root: %w", err)
	}
	return r, nil
}

// scanHead reads one head. Hashes of another length stay zero, which no seal
// fits.
func scanHead(row interface{ Scan(...any) error }) (audit.Head, error) {
	var h audit.Head
	var base, hash []byte
	err := row.Scan(&h.Writer, &h.Class, &h.Number, &h.Base, &base, &h.Last, &hash, &h.Seal)
	if err != nil {
		return audit.Head{}, err
	}
	if len(base) == len(h.BaseHash) && len(hash) == len(h.Hash) {
		copy(h.BaseHash[:], base)
		copy(h.Hash[:], hash)
	}
	return h, nil
}
