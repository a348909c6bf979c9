package sqldb

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ecluse/internal/audit"
)

var _ audit.Reader = (*Audit)(nil)

// List implements audit.Reader.
func (a *Audit) List(ctx context.Context, q audit.Query) (audit.Page, error) {
	text, args, err := listing(q)
	if err != nil {
		return audit.Page{}, err
	}
	rows, err := a.entries(ctx, text, args...)
	if err != nil {
		return audit.Page{}, err
	}
	return page(rows, q), nil
}

// listing is the query's text after FROM.
func listing(q audit.Query) (text string, args []any, err error) {
	var c conditions
	if !q.From.IsZero() {
		c.add("at >= $%d", milliUp(q.From))
	}
	if !q.Until.IsZero() {
		c.add("at < $%d", milliUp(q.Until))
	}
	for _, f := range []struct{ column, value string }{
		{"class", string(q.Class)},
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
		if len(q.AnyOf) == 0 {
			c.add("1 = 0")
		} else {
			c.among("subject", q.AnyOf)
		}
	}
	if q.After != "" {
		p, err := q.After.Place()
		if err != nil {
			return "", nil, err
		}
		c.add("(at, writer, class, sequence) < ($%d, $%d, $%d, $%d)", milli(p.At), p.Writer, string(p.Class), p.Sequence)
	}
	text = fmt.Sprintf("%s ORDER BY at DESC, writer DESC, class DESC, sequence DESC LIMIT $%d", c.where(), len(c.args)+1)
	return text, append(c.args, q.Size()+1), nil // one more shows whether there is more
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
		p.Entries = append(p.Entries, r.Entry)
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
