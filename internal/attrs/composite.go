package attrs

import (
	"slices"
	"strings"

	"ecluse/internal/registry"
)

// composite puts several words together in one value, or in one for each value of the one part that has several. It is
// absent when a part is missing that may not be empty, when no part is there at all, and when two parts have several
// values: nobody could say which belongs to which.
func (w *writer) composite(o *registry.Output) ([]string, []Name, error) {
	columns := make([][]string, len(o.Parts))
	var words []Name
	rows, many := 1, false
	for i := range o.Parts {
		values, from, err := w.part(&o.Parts[i], o.Between)
		if err != nil {
			return nil, nil, err
		}
		if len(values) == 0 && !o.Parts[i].Empty || len(values) > 1 && many {
			return nil, nil, nil
		}
		if len(values) > 1 {
			rows, many = len(values), true
		}
		columns[i], words = values, append(words, from...)
	}
	if len(words) == 0 {
		return nil, nil, nil
	}
	slices.Sort(words)
	return rowsOf(columns, rows, o.Between), slices.Compact(words), nil
}

func rowsOf(columns [][]string, rows int, between string) []string {
	out := make([]string, rows)
	row := make([]string, len(columns))
	for r := range rows {
		for i, column := range columns {
			row[i] = ""
			if len(column) > 0 {
				row[i] = column[r%len(column)] // a column has one value, or one for each row
			}
		}
		out[r] = strings.Join(row, between)
	}
	return out
}

// part gives the values of one field, and the words that are in them.
func (w *writer) part(p *registry.Part, between string) ([]string, []Name, error) {
	if p.Attr == "" {
		return []string{p.Text}, nil, nil
	}
	item := w.release.item(p.Attr)
	if item == nil {
		return nil, nil, nil
	}
	values, words := item.Values, append([]Name{p.Attr}, p.With...)
	for _, n := range p.With {
		other := w.release.item(n)
		if other == nil || len(other.Values) != 1 {
			return nil, nil, nil
		}
		together := make([]string, len(values))
		for i, v := range values {
			together[i] = v + " " + other.Values[0]
		}
		values = together
	}
	values, err := w.form(p.Form, values, words)
	if err != nil {
		return nil, nil, err
	}
	if p.Form.Join != "" && len(values) > 0 {
		values = []string{strings.Join(values, p.Form.Join)}
	}
	if values = apart(visible(values), between); len(values) == 0 {
		return nil, nil, nil
	}
	return values, words, nil
}

// visible leaves out values that are only spaces: in a composite they would be a hole.
func visible(values []string) []string {
	blank := func(v string) bool { return strings.TrimSpace(v) == "" }
	if !slices.ContainsFunc(values, blank) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), blank)
}
