package sqldb

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
)

// refusalsToEnablings is migration 52. Before it a school's refusal stood in the scope of a declaration; since then it is
// an object of its own, and the old place is not read any more: what was closed must not open by that. It knows the forms
// of its day by itself, so that later changes of the nouns do not reach it.
func refusalsToEnablings(ctx context.Context, tx *sql.Tx) error {
	type refusal struct {
		Service string `json:"service"`
		UAI     string `json:"uai"`
		State   string `json:"state"`
		Since   string `json:"since"`
	}
	rows, err := tx.QueryContext(ctx, `SELECT body FROM registry_objects WHERE kind = 'declaration'`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var found []refusal
	for rows.Next() {
		var body sql.RawBytes
		if err := rows.Scan(&body); err != nil {
			return err
		}
		var d struct {
			Service string `json:"service"`
			Since   string `json:"since"`
			Scope   struct {
				Refused []string `json:"refused"`
			} `json:"scope"`
		}
		if err := json.Unmarshal(body, &d); err != nil {
			return fmt.Errorf("a declaration: %w", err)
		}
		for _, uai := range d.Scope.Refused {
			found = append(found, refusal{d.Service, uai, "refused", cmp.Or(d.Since, "0001-01-01T00:00:00Z")})
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	for _, r := range found {
		body, err := json.Marshal(r)
		if err != nil {
			return err
		}
		_, err = tx.ExecContext(ctx, `
INSERT INTO registry_objects (kind, id, version, revision, body)
VALUES ('enabling', $1, 0, (SELECT revision FROM registry_revision WHERE id = 1), $2) ON CONFLICT (kind, id, version) DO NOTHING`,
			r.Service+"@"+r.UAI, string(body))
		if err != nil {
			return err
		}
	}
	return nil
}
