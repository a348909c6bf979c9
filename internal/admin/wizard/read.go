package wizard

import (
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// mostRows bounds how many rows of a table are read.
const mostRows = 500

// clean is a text as it is kept: without the blanks around it, and with one kind of line end.
func clean(s string) string { return strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")) }

// typed reads what a form says of a field.
func (f field) typed(d registry.Declaration, form url.Values) [][]string {
	switch f.kind {
	case ticks:
		return [][]string{form[f.key]}
	case words:
		return itemsTyped(d, form)
	case table, answersKind:
		return f.typedRows(form)
	default:
		return one(clean(form.Get(f.key)))
	}
}

// typedRows reads a table. A row that is taken out is read as an empty one, so that the others keep their places.
func (f field) typedRows(form url.Values) [][]string {
	var out [][]string
	n, _ := strconv.Atoi(form.Get(f.key + ".rows"))
	for i := range min(n, mostRows) {
		row := make([]string, len(f.columns))
		for j, c := range f.columns {
			if form.Get(f.cell(i, "out")) == "" {
				row[j] = clean(form.Get(f.cell(i, c.key)))
			}
		}
		out = append(out, row)
	}
	return out
}

// cell is the name of an input in a table.
func (f field) cell(row int, column string) string {
	return f.key + "." + strconv.Itoa(row) + "." + column
}

// amiss says what cannot be kept as it was typed: days and numbers that are none, words that were no choice.
func (f field) amiss(s *scene, rows [][]string) []registry.Finding {
	var out []registry.Finding
	for i, row := range rows {
		switch f.kind {
		case table:
			for j, c := range f.columns {
				if wrong := c.unread(s, row[j]); wrong != "" {
					out = append(out, registry.Finding{Where: f.where[0] + "[" + strconv.Itoa(i) + "]." + c.where[0], What: wrong, Rule: typing})
				}
			}
		case ticks:
			for _, value := range row {
				if wrong := f.unread(s, value); wrong != "" {
					out = append(out, registry.Finding{Where: f.where[0], What: wrong, Rule: typing})
				}
			}
		case words, answersKind:
		default:
			if wrong := f.unread(s, row[0]); wrong != "" {
				out = append(out, registry.Finding{Where: f.where[0], What: wrong, Rule: typing})
			}
		}
	}
	return out
}

// typing is the word for what was typed and cannot be read.
const typing = "typing"

// unread says in words why a single value cannot be read; empty when it can.
func (f field) unread(s *scene, value string) string {
	if value == "" {
		return ""
	}
	switch f.kind {
	case day:
		if _, err := registry.ParseDate(value); err != nil {
			return s.Say("typing.day")
		}
	case number:
		if n, err := strconv.Atoi(value); err != nil || n < 0 || n > 1e6 {
			return s.Say("typing.number")
		}
	case choice, ticks:
		if !slices.ContainsFunc(f.options(s), func(o web.Option) bool { return o.Value == value }) {
			return s.Say("typing.choice")
		}
	}
	return ""
}

// part is a word for the part of a text that a step shows: another one means that somebody else has changed that step.
func part(step int, d registry.Declaration) string {
	var all [][][]string
	for _, f := range fieldsOf(step) {
		all = append(all, f.get(d))
	}
	return desk.Tag(all)
}

// change is what a form makes of a text.
func change(step int, form url.Values) func(*registry.Declaration) {
	return func(d *registry.Declaration) {
		for _, f := range fieldsOf(step) {
			f.set(d, f.typed(*d, form))
		}
	}
}
