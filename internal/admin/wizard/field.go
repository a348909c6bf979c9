package wizard

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// kind is how a field is shown and typed.
type kind string

// The kinds of fields.
const (
	line   kind = "line"
	area   kind = "area"
	choice kind = "choice"
	ticks  kind = "ticks" // any of several
	tick   kind = "tick"  // yes, or nothing
	day    kind = "day"
	number kind = "number"
	fixed  kind = "fixed" // shown, and given back as it is
	table  kind = "table" // rows of columns
	words  kind = "words" // the items of a declaration
)

// field is one part of a declaration's text, as a form has it. Values are rows of texts: a single value is one row of one.
// A table has a row for each entry, with a text for each column.
type field struct {
	key     string
	kind    kind
	where   []string                  // as findings name it; the first is what a mistake in what was typed is about
	options func(*scene) []web.Option // of choice and ticks
	columns []field                   // of a table; get and set are the table's
	grows   int                       // how many empty rows a table shows
	get     func(registry.Declaration) [][]string
	set     func(*registry.Declaration, [][]string)
}

// scene is what options depend on.
type scene struct {
	*frame.Visit
	text    registry.Declaration
	service registry.Service
}

func one(s string) [][]string { return [][]string{{s}} }

func first(rows [][]string) string {
	if len(rows) == 0 || len(rows[0]) == 0 {
		return ""
	}
	return rows[0][0]
}

func all(rows [][]string) []string {
	if len(rows) == 0 {
		return nil
	}
	return rows[0]
}

// read gives what at points to in a copy of the text.
func read[T any](at func(*registry.Declaration) *T) func(registry.Declaration) T {
	return func(d registry.Declaration) T { return *at(&d) }
}

// text is a field of one line.
func text(key, where string, at func(*registry.Declaration) *string) field {
	return field{
		key: key, kind: line, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(read(at)(d)) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = first(rows) },
	}
}

// long is a field of several lines.
func (f field) long() field {
	f.kind = area
	return f
}

// said is a text in French, and the same in English.
func said(key, where string, at func(*registry.Declaration) *registry.Text) []field {
	return []field{
		text(key, where, func(d *registry.Declaration) *string { return &at(d).FR }).long(),
		text(key+"_en", where+".en", func(d *registry.Declaration) *string { return &at(d).EN }).long(),
	}
}

// pick is a choice among the words of a list.
func pick[T ~string](key, where, list string, at func(*registry.Declaration) *T, among ...T) field {
	return field{
		key: key, kind: choice, where: []string{where}, options: listed(list, among...),
		get: func(d registry.Declaration) [][]string { return one(string(read(at)(d))) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = T(first(rows)) },
	}
}

// listed are options with the texts of a list; the one without a value stands first.
func listed[T ~string](list string, among ...T) func(*scene) []web.Option {
	return func(s *scene) []web.Option {
		out := []web.Option{{Label: s.Say("choice.none")}}
		for _, word := range among {
			out = append(out, web.Option{Value: string(word), Label: s.Say("choice." + list + "." + string(word))})
		}
		return out
	}
}

func answer(key, where string, at func(*registry.Declaration) *registry.Answer) field {
	return pick(key, where, "answer", at, registry.AnswerYes, registry.AnswerNo)
}

// date is a day.
func date(key, where string, at func(*registry.Declaration) *registry.Date) field {
	return field{
		key: key, kind: day, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(read(at)(d).String()) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = dated(first(rows)) },
	}
}

func dated(s string) registry.Date {
	d, err := registry.ParseDate(s)
	if err != nil {
		return registry.Date{} // what is no date was refused before
	}
	return d
}

// count is a whole number; nothing is 0.
func count(key, where string, at func(*registry.Declaration) *int) field {
	return field{
		key: key, kind: number, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(written(read(at)(d))) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = counted(first(rows)) },
	}
}

func written(n int) string {
	if n == 0 {
		return ""
	}
	return strconv.Itoa(n)
}

func counted(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return 0 // what is no number was refused before
	}
	return n
}

// minutes is a span.
func minutes(key, where string, at func(*registry.Declaration) *time.Duration) field {
	return field{
		key: key, kind: number, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(written(int(read(at)(d) / time.Minute))) },
		set: func(d *registry.Declaration, rows [][]string) {
			n := counted(first(rows))
			if int(*at(d)/time.Minute) != n { // what was set to the second elsewhere stays
				*at(d) = time.Duration(n) * time.Minute
			}
		},
	}
}

// yes is a box to tick.
func yes(key, where string, at func(*registry.Declaration) *bool) field {
	return field{
		key: key, kind: tick, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(ticked(read(at)(d))) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = first(rows) != "" },
	}
}

func ticked(b bool) string {
	if b {
		return "1"
	}
	return ""
}

// several is any of a list.
func several[T ~string](key, where string, at func(*registry.Declaration) *[]T, options func(*scene) []web.Option) field {
	return field{
		key: key, kind: ticks, where: []string{where}, options: options,
		get: func(d registry.Declaration) [][]string { return [][]string{asStrings(read(at)(d))} },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = asWords[T](all(rows)) },
	}
}

// codes is a list of short words, written with commas or blanks between.
func codes[T ~string](key, where string, at func(*registry.Declaration) *[]T) field {
	return field{
		key: key, kind: line, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(strings.Join(asStrings(read(at)(d)), ", ")) },
		set: func(d *registry.Declaration, rows [][]string) {
			*at(d) = asWords[T](strings.FieldsFunc(first(rows), func(r rune) bool { return strings.ContainsRune(", ;\n\t", r) }))
		},
	}
}

// names is a list of words that hold blanks, one on each line.
func names(key, where string, at func(*registry.Declaration) *[]string) field {
	return field{
		key: key, kind: area, where: []string{where},
		get: func(d registry.Declaration) [][]string { return one(strings.Join(read(at)(d), "\n")) },
		set: func(d *registry.Declaration, rows [][]string) { *at(d) = lines(first(rows)) },
	}
}

func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func asStrings[T ~string](list []T) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}

func asWords[T ~string](list []string) []T {
	var out []T
	for _, w := range list {
		if w != "" {
			out = append(out, T(w))
		}
	}
	return out
}

// texts is a list of texts in French and English, as a table.
func texts(key, where string, at func(*registry.Declaration) *[]registry.Text) field {
	return rows(key, where, at, 1, []column[registry.Text]{
		cell("fr", "fr", line, func(t *registry.Text) *string { return &t.FR }),
		cell("en", "en", line, func(t *registry.Text) *string { return &t.EN }),
	})
}

// column is one field of the entries of a table.
type column[E any] struct {
	field
	get func(E) string
	set func(*E, string)
}

// cell is a column that is a text.
func cell[E any, T ~string](key, where string, k kind, at func(*E) *T) column[E] {
	return column[E]{
		field: field{key: key, kind: k, where: []string{where}},
		get:   func(e E) string { return string(*at(&e)) },
		set:   func(e *E, s string) { *at(e) = T(s) },
	}
}

// among is a column that is a choice.
func among[E any, T ~string](key, where, list string, at func(*E) *T, words ...T) column[E] {
	c := cell(key, where, choice, at)
	c.options = listed(list, words...)
	return c
}

// dateCell is a column that is a day.
func dateCell[E any](key, where string, at func(*E) *registry.Date) column[E] {
	return column[E]{
		field: field{key: key, kind: day, where: []string{where}},
		get:   func(e E) string { return at(&e).String() },
		set:   func(e *E, s string) { *at(e) = dated(s) },
	}
}

// yesCell is a column that is a box to tick.
func yesCell[E any](key, where string, at func(*E) *bool) column[E] {
	return column[E]{
		field: field{key: key, kind: tick, where: []string{where}},
		get:   func(e E) string { return ticked(*at(&e)) },
		set:   func(e *E, s string) { *at(e) = s != "" },
	}
}

// rows is a list of entries as a table. What a form does not show of an entry stays with it: rows keep their order.
func rows[E any](key, where string, at func(*registry.Declaration) *[]E, grows int, columns []column[E]) field {
	f := field{key: key, kind: table, where: []string{where}, grows: grows}
	for _, c := range columns {
		f.columns = append(f.columns, c.field)
	}
	f.get = func(d registry.Declaration) [][]string {
		var out [][]string
		for _, e := range read(at)(d) {
			row := make([]string, len(columns))
			for i, c := range columns {
				row[i] = c.get(e)
			}
			out = append(out, row)
		}
		return out
	}
	f.set = func(d *registry.Declaration, typed [][]string) {
		old, next := *at(d), []E(nil)
		for i, row := range typed {
			if blank(row) {
				continue
			}
			var e E
			if i < len(old) {
				e = old[i]
			}
			for j, c := range columns {
				c.set(&e, row[j])
			}
			next = append(next, e)
		}
		*at(d) = next
	}
	return f
}

func blank(row []string) bool {
	return !slices.ContainsFunc(row, func(s string) bool { return s != "" })
}
