package audit

import "context"

// Fits tells whether the entry at a place of a chain is there and follows the one before it as it was written. It looks at
// these two alone; Verify looks at all.
func Fits(ctx context.Context, s Store, c Chain, sequence int64) (bool, error) {
	if sequence < 1 {
		return false, nil
	}
	rows, err := s.Rows(ctx, c, sequence-2, int(min(sequence, 2))) // none stands before the first
	if err != nil || len(rows) == 0 {
		return false, err
	}
	row := rows[len(rows)-1]
	if row.Sequence != sequence {
		return false, nil
	}
	if len(rows) == 2 {
		return rows[0].Sequence == sequence-1 && row.Link(rows[0].Hash) == row.Hash, nil
	}
	if sequence == 1 {
		return row.Link(c.Genesis()) == row.Hash, nil
	}
	head, err := s.Head(ctx, c)
	return err == nil && head.Base == sequence-1 && row.Link(head.BaseHash) == row.Hash, err
}
