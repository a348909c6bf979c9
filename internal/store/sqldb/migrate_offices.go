package sqldb

import (
	"context"
	"database/sql"
)

// officeOf is the function in which somebody acted, as the detail of an entry has it, and nothing where it has none: in each
// engine's own words. An index over it is of no use to a query that says it otherwise. It never fails, whatever a detail
// holds: an entry that cannot be indexed could not be written.
const (
	officeInSQLite   = `CASE WHEN instr(detail, '"as":"') > 0 THEN substr(substr(detail, instr(detail, '"as":"') + 6), 1, instr(substr(detail, instr(detail, '"as":"') + 6), '"') - 1) ELSE '' END`
	officeInPostgres = `split_part(split_part(detail, '"as":"', 2), '"', 1)`
)

// indexOffices is migration 94: what was done at the desk is looked for by the function in which somebody did it, and most
// functions act rarely. Sign-ins stay out of the index, as they stay out of the others of the desk.
func indexOffices(officeOf string) func(context.Context, *sql.Tx) error {
	return func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `CREATE INDEX audit_entries_desk_office ON audit_entries ((`+officeOf+`), at) WHERE class = 'admin'`)
		return err
	}
}
