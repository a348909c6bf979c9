package sqldb

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"ecluse/internal/audit"
)

var _ audit.Reader = (*Audit)(nil)

// List implements audit.Reader.
func (a *Audit) List(ctx context.Context, q audit.Query) (audit.Page, error) {
	text, args, err := listing(q, a.d.engine.officeOf)
	if err != nil {
		return audit.Page{}, err
	}
	rows, err := a.selected(ctx, text, args...)
	if err != nil {
		return audit.Page{}, err
	}
	return page(rows, q), nil
}

const newestFirst = ` ORDER BY at DESC, writer DESC, class DESC, sequence DESC`

// mostBranches bounds the parts of one query: PostgreSQL plans each of them, which takes longer than reading where they are
// many.
const mostBranches = 24

// listing is the query's text.
func listing(q audit.Query, officeOf string) (text string, args []any, err error) {
	c, err := chosenBy(q, officeOf)
	if err != nil {
		return "", nil, err
	}
	limit := fmt.Sprintf("%s LIMIT $%d", newestFirst, len(c.args)+1)
	args = append(c.args, q.Size()+1) // one more shows whether there is more
	// Each value has its index, in which the newest stand together; of several the newest of all are chosen.
	var parts []string
	part := func(condition string, more ...any) {
		one := c
		one.texts = append(slices.Clone(c.texts), condition)
		args = append(args, more...)
		parts = append(parts, `SELECT * FROM (SELECT `+entryColumns+` FROM audit_entries `+one.where()+limit+`) AS part`)
	}
	column, values := branches(q)
	if column == byOffice {
		in := fmt.Sprintf("%s = $%d", officeOf, len(args)+1)
		part(in, q.Role)
		in = fmt.Sprintf("%s <> $%d", officeOf, len(args)) // an entry that has both is listed once
		for _, v := range values {
			part(fmt.Sprintf("%s AND actor = $%d AND actor <> ''", in, len(args)+1), v)
		}
	} else {
		for _, v := range values {
			part(fmt.Sprintf("%s = $%d AND %s <> ''", column, len(args)+1, column), v)
		}
	}
	if len(parts) == 0 && q.AnyOf != nil { // a person's are few: they are found first, and nobody goes through the newest of all
		return `WITH theirs AS MATERIALIZED (SELECT ` + entryColumns + ` FROM audit_entries ` + c.where() + `) SELECT ` + entryColumns + ` FROM theirs` + limit, args, nil
	}
	if len(parts) == 0 {
		return `SELECT ` + entryColumns + ` FROM audit_entries ` + c.where() + limit, args, nil
	}
	return `SELECT ` + entryColumns + ` FROM (` + strings.Join(parts, ` UNION ALL `) + `) AS parts` + limit, args, nil
}

// branches is the column for each of whose values the newest entries are looked for apart, and those values, each once.
func branches(q audit.Query) (column string, values []string) {
	for _, one := range []struct {
		column string
		values []string
	}{{"uai", q.UAIs}, {"action", q.Actions}} {
		values := slices.Compact(slices.Sorted(slices.Values(one.values)))
		if len(values) > 0 && len(values) <= mostBranches {
			return one.column, values
		}
	}
	if q.Role != "" && q.Class == audit.ClassAdmin && len(q.Holders) < mostBranches {
		return byOffice, slices.DeleteFunc(slices.Compact(slices.Sorted(slices.Values(q.Holders))), func(h string) bool { return h == "" })
	}
	return "", nil
}

// byOffice stands for the column that officeOf would be.
const byOffice = "office"

// chosenBy are the conditions of a query, but for its branches.
func chosenBy(q audit.Query, officeOf string) (conditions, error) {
	var c conditions
	if !q.From.IsZero() {
		c.add("at >= $%d", milliUp(q.From))
	}
	if !q.Until.IsZero() {
		c.add("at < $%d", milliUp(q.Until))
	}
	if q.Class == audit.ClassAdmin {
		c.add("class = 'admin'") // as the indexes of what was done at the desk have it
	} else if q.Class != "" {
		c.add("class = $%d", string(q.Class))
	}
	for _, f := range []struct{ column, value string }{
		{"action", q.Action},
		{"outcome", string(q.Outcome)},
		{"actor", q.Actor},
		{"ref", q.Ref},
		{"service", q.Service},
		{"declaration", q.Declaration},
		{"uai", q.UAI},
		{"subject", q.Subject},
	} {
		if f.value != "" { // the second half is the one that the partial indexes have
			c.add(f.column+" = $%d AND "+f.column+" <> ''", f.value)
		}
	}
	if q.AnyOf != nil {
		c.amongOrNone("subject", q.AnyOf)
	}
	c.further(q, officeOf)
	return c, c.after(q.After)
}

func (c *conditions) further(q audit.Query, officeOf string) {
	column, _ := branches(q)
	if len(q.UAIs) > 0 && column != "uai" {
		c.among("uai", q.UAIs)
	}
	if len(q.Actions) > 0 && column != "action" {
		c.among("action", q.Actions)
	}
	if q.Sequence != 0 {
		c.add("writer = $%d AND class = $%d AND sequence = $%d", q.Of.Writer, string(q.Of.Class), q.Sequence)
	}
	if q.Role == "" || column == byOffice {
		return
	}
	var held conditions
	held.args = append(c.args, q.Role)
	text := fmt.Sprintf(`%s = $%d`, officeOf, len(held.args))
	if len(q.Holders) > 0 {
		held.among("actor", q.Holders)
		text += " OR " + held.texts[0]
	}
	c.texts, c.args = append(c.texts, "("+text+")"), held.args
}

// after goes on after a place.
func (c *conditions) after(place audit.Cursor) error {
	if place == "" {
		return nil
	}
	p, err := place.Place()
	if err != nil {
		return err
	}
	c.add("(at, writer, class, sequence) < ($%d, $%d, $%d, $%d)", milli(p.At), p.Writer, string(p.Class), p.Sequence)
	return nil
}

func (c *conditions) amongOrNone(column string, values []string) {
	if len(values) == 0 {
		c.add("1 = 0")
		return
	}
	c.among(column, values)
}

// page cuts off the row that only showed that there is more.
func page(rows []audit.Row, q audit.Query) audit.Page {
	var p audit.Page
	if len(rows) > q.Size() {
		rows = rows[:q.Size()]
		p.Next = rows[len(rows)-1].Cursor()
	}
	for _, r := range rows {
		if !q.Subjects {
			r.Subject = ""
		}
		p.Entries, p.Hashes = append(p.Entries, r.Entry), append(p.Hashes, r.Hash)
	}
	return p
}

// milliUp is the first whole millisecond that is not before t.
func milliUp(t time.Time) int64 { return milli(t.Add(time.Millisecond - 1)) }

// conditions is a WHERE on its way. Texts are this file's own; values only ever are parameters.
type conditions struct {
	texts []string
	args  []any
}

func (c *conditions) add(text string, args ...any) {
	numbers := make([]any, len(args))
	for i := range args {
		numbers[i] = len(c.args) + i + 1
	}
	c.texts, c.args = append(c.texts, fmt.Sprintf(text, numbers...)), append(c.args, args...)
}

// among is for a column that has a partial index of what is not empty.
func (c *conditions) among(column string, values []string) {
	numbers, args := make([]string, len(values)), make([]any, len(values))
	for i, v := range values {
		numbers[i], args[i] = "$%d", v
	}
	c.add(column+" IN ("+strings.Join(numbers, ", ")+") AND "+column+" <> ''", args...)
}

func (c *conditions) where() string {
	if len(c.texts) == 0 {
		return ""
	}
	return "WHERE " + strings.Join(c.texts, " AND ")
}
