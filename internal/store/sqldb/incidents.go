package sqldb

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/incident"
)

// Incidents counts in the journal of a database.
type Incidents struct{ DB *DB }

var _ incident.Counter = (*Incidents)(nil)

// mostKinds bounds how many different lists of attributes one count looks at.
const mostKinds = 10_000

// Count implements incident.Counter. The database counts; what comes here is one row for each service, each establishment of
// it and each name that was sent, however many entries there are. All of it is as of one instant.
func (s *Incidents) Count(ctx context.Context, what incident.Span) (out []incident.Counted, err error) {
	err = s.DB.read(ctx, func(ctx context.Context, tx *sql.Tx) error {
		out = nil
		err := eachRow(ctx, tx, `SELECT service, COUNT(DISTINCT subject), COUNT(*) FROM audit_entries `+spanned(what).where()+` GROUP BY service ORDER BY service`,
			spanned(what).args, func(rows *sql.Rows) error {
				var c incident.Counted
				err := rows.Scan(&c.Service, &c.People, &c.Messages)
				out = append(out, c)
				return err
			})
		if err != nil {
			return err
		}
		for i := range out {
			if err := detailed(ctx, tx, what, &out[i]); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("count what was sent: %w", err)
	}
	return out, nil
}

// spanned is the condition of a span: what was released, to whom it was.
func spanned(what incident.Span) *conditions {
	var c conditions
	c.add("class = $%d", "release")
	c.add("outcome = $%d", "released")
	if !what.From.IsZero() {
		c.add("at >= $%d", milli(what.From))
	}
	if !what.Until.IsZero() {
		c.add("at < $%d", milliUp(what.Until))
	}
	if len(what.Services) > 0 {
		c.among("service", what.Services)
	}
	if len(what.Sources) > 0 {
		c.among("source", what.Sources)
	}
	if len(what.UAIs) > 0 {
		uais := make([]string, len(what.UAIs))
		for i, uai := range what.UAIs {
			uais[i] = string(uai)
		}
		c.among("uai", uais)
	}
	return &c
}

// detailed adds, of one service, the establishments and what was sent to it.
func detailed(ctx context.Context, tx *sql.Tx, what incident.Span, c *incident.Counted) error {
	what.Services = []string{c.Service}
	in := spanned(what)
	err := eachRow(ctx, tx, `SELECT uai, COUNT(DISTINCT subject) FROM audit_entries `+in.where()+` GROUP BY uai ORDER BY uai`, in.args, func(rows *sql.Rows) error {
		var there incident.School
		err := rows.Scan((*string)(&there.UAI), &there.People)
		if there.UAI != "" {
			c.Schools = append(c.Schools, there)
		}
		return err
	})
	if err != nil {
		return err
	}
	names, err := sentNames(ctx, tx, in)
	if err != nil {
		return err
	}
	for _, name := range names {
		in := spanned(what)
		in.add(`attributes LIKE $%d ESCAPE '\'`, `%"`+strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(name)+`"%`)
		sent := incident.Sent{Name: name}
		err := tx.QueryRowContext(ctx, `SELECT COUNT(DISTINCT subject) FROM audit_entries `+in.where(), in.args...).Scan(&sent.People)
		if err != nil {
			return err
		}
		c.Sent = append(c.Sent, sent)
	}
	slices.SortStableFunc(c.Sent, func(a, b incident.Sent) int { return b.People - a.People })
	return nil
}

// sentNames lists each name that was sent once, sorted: there are as many lists of names as versions of declarations and kinds
// of people.
func sentNames(ctx context.Context, tx *sql.Tx, in *conditions) ([]string, error) {
	var names []string
	kinds := fmt.Sprintf(` LIMIT %d`, mostKinds)
	err := eachRow(ctx, tx, `SELECT DISTINCT attributes FROM audit_entries `+in.where()+kinds, in.args, func(rows *sql.Rows) error {
		var list string
		if err := rows.Scan(&list); err != nil {
			return err
		}
		var some []string
		if err := json.Unmarshal([]byte(list), &some); err != nil {
			return nil // what nobody could have written is the check of the journal's to say
		}
		names = append(names, some...)
		slices.Sort(names)
		names = slices.Compact(names)
		return nil
	})
	return names, err
}

func eachRow(ctx context.Context, tx *sql.Tx, query string, args []any, do func(*sql.Rows) error) (err error) {
	rows, err := tx.QueryContext(ctx, query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		if err := do(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
