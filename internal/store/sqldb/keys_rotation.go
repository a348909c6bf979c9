package sqldb

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"ecluse/internal/audit"
	"ecluse/internal/keys"
)

// Rotation is the keys.Changer of a database. Journal is that of this process; each act stands in it, with the change or
// not at all.
type Rotation struct {
	*Keys
	Journal *audit.Journal
}

var _ keys.Changer = (*Rotation)(nil)

// Change implements keys.Changer.
func (s *Rotation) Change(ctx context.Context, act keys.Act, was, now []keys.Row) error {
	draft, err := s.Journal.Draft(keyEntry(act))
	if err != nil {
		return err
	}
	old := map[string][]byte{}
	for _, r := range was {
		old[r.ID] = r.Sealed
	}
	_, err = s.d.AppendAudit(ctx, draft, func(ctx context.Context, tx *sql.Tx) error {
		for _, r := range now {
			if err := putKey(ctx, tx, r, old[r.ID]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("%s of the %s key: %w", act.Step, act.Use, err)
	}
	return nil
}

// keyEntry is an act as the journal has it.
func keyEntry(act keys.Act) audit.Entry {
	e := audit.Entry{
		Class: audit.ClassSystem, Action: string(act.Step), Outcome: audit.Done, Actor: "command:keys",
		Detail: map[string]string{"use": string(act.Use), "key": act.Key, "early": strconv.FormatBool(act.Early)},
	}
	for name, text := range map[string]string{"former": act.Former, "by": act.By, "reason": act.Reason} {
		if text != "" {
			e.Detail[name] = text
		}
	}
	return e
}

// putKey writes a row over the one that was read, whose sealed part no other row ever has, or beside the others where none
// was. The unique indexes leave one active and one next key of a use.
func putKey(ctx context.Context, tx *sql.Tx, r keys.Row, was []byte) error {
	query, args := `
INSERT INTO keys (state, certificate, sealed, changed, id, use, algorithm, public_part, created)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`, []any{
		string(r.State), blob(r.Certificate), blob(r.Sealed), milli(r.Changed), r.ID,
		string(r.Use), string(r.Algorithm), blob(r.Public), milli(r.Created),
	}
	if was != nil {
		query, args = `UPDATE keys SET state = $1, certificate = $2, sealed = $3, changed = $4 WHERE id = $5 AND sealed = $6`,
			append(args[:5:5], blob(was))
	}
	result, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return err
	}
	n, err := result.RowsAffected()
	if err == nil && n != 1 {
		return keys.ErrRaced
	}
	return err
}
