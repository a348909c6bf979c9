package headcounts

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

// MostBytes bounds a list. A whole academy's is about 5 MB.
const MostBytes = 32 << 20

// List is what a file held.
type List struct {
	Encoding  annuaire.Encoding
	Separator rune
	Rows      int                  // read, the header aside
	Counts    []registry.Headcount // one for each establishment, by UAI; their day is nobody's yet
	Problems  []annuaire.Problem
	Named     []annuaire.Problem // rows whose label is written as a person is called: read all the same
	Cut       bool               // a row's end was not found: what follows it was not read
	lines     map[person.UAI]int // the first line of each establishment
}

// column is a column of the list by its usual name.
type column string

const (
	colUAI   column = "uai"
	colType  column = "type"
	colLabel column = "libelle"
	colCount column = "effectif"
)

// Read reads a list. Its error is for a file that is no such list at all; what is wrong with single rows is in Problems.
func Read(r io.Reader) (List, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return List{}, err
	}
	if len(data) > MostBytes {
		return List{}, fmt.Errorf("the list is larger than %d MiB", MostBytes>>20)
	}
	text, encoding, comma, broken := annuaire.Text(data)
	if broken != nil {
		return List{Problems: broken}, nil
	}
	l := List{Encoding: encoding, Separator: comma, lines: map[person.UAI]int{}}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.ReuseRecord, in.FieldsPerRecord = comma, true, -1
	header, err := in.Read()
	if err != nil {
		return l, fmt.Errorf("the list has no header: %w", err)
	}
	width := len(header)
	at, problems := columns(header)
	if l.Problems = problems; len(problems) == 0 {
		l.rows(in, at, width)
	}
	return l, nil
}

// columns finds each column once. Accents and capitals do not matter.
func columns(header []string) (map[column]int, []annuaire.Problem) {
	at := map[column]int{}
	var problems []annuaire.Problem
	say := func(what, mend string, told annuaire.Told) {
		problems = append(problems, annuaire.Problem{Line: 1, What: what, Mend: mend, Told: told})
	}
	for i, name := range header {
		name := column(strings.Join(registry.Words(name), " "))
		if _, twice := at[name]; twice && name != "" {
			say(fmt.Sprintf("the column %s stands twice", name), "each column once", annuaire.TellColumn(true, string(name)))
		}
		at[name] = i
	}
	for _, name := range []column{colUAI, colType, colLabel, colCount} {
		if _, ok := at[name]; !ok {
			say(fmt.Sprintf("the column %s is missing", name), "uai;type;libellé;effectif", annuaire.TellColumn(false, string(name)))
		}
	}
	return at, problems
}

func (l *List) rows(in *csv.Reader, at map[column]int, width int) {
	byUAI := map[person.UAI]*registry.Headcount{}
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		l.Rows++
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			l.Problems = append(l.Problems, annuaire.Problem{Line: wrong.StartLine, What: wrong.Err.Error(), Told: annuaire.TellSigns()})
			l.Cut = true
			break
		}
		line, _ := in.FieldPos(0)
		if len(row) != width {
			uai, _ := person.ParseUAI(strings.TrimSpace(row[min(at[colUAI], len(row)-1)]))
			l.bad(line, uai, fmt.Sprintf("%d fields, and the header has %d", len(row), width), "", annuaire.TellFields(len(row), width))
			continue
		}
		l.row(line, at, row, byUAI)
	}
	for _, h := range byUAI {
		l.Counts = append(l.Counts, *h)
	}
	slices.SortFunc(l.Counts, func(a, b registry.Headcount) int { return strings.Compare(string(a.UAI), string(b.UAI)) })
}

func (l *List) bad(line int, uai person.UAI, what, mend string, told annuaire.Told) {
	l.Problems = append(l.Problems, annuaire.Problem{Line: line, UAI: uai, What: what, Mend: mend, Told: told})
}

// row reads one row, and tells everything that is wrong with it.
func (l *List) row(line int, at map[column]int, row []string, byUAI map[person.UAI]*registry.Headcount) {
	field := func(c column) string { return strings.TrimSpace(row[at[c]]) }
	before := len(l.Problems)
	uai, err := person.ParseUAI(field(colUAI))
	if err != nil {
		l.bad(line, person.UAI(field(colUAI)), err.Error(), "", annuaire.TellUAI(field(colUAI)))
		uai = person.UAI(field(colUAI))
	}
	n, err := strconv.Atoi(field(colCount))
	if err != nil || n < 0 || n > registry.MostPupils {
		l.bad(line, uai, "effectif is no number of pupils", fmt.Sprintf("0 to %d", registry.MostPupils), annuaire.Told{Word: "count", With: []any{"most", registry.MostPupils}})
	}
	kind := strings.Join(registry.Words(field(colType)), " ")
	if !slices.Contains([]string{"classe", "groupe"}, kind) {
		l.bad(line, uai, "the type is not known", "classe or groupe", annuaire.Told{Word: "kind"})
	}
	label := field(colLabel)
	if label == "" {
		l.bad(line, uai, "the label is missing", "as the source of identities writes it", annuaire.Told{Word: "label"})
	}
	if len(l.Problems) > before {
		return
	}
	h, known := byUAI[uai]
	if !known {
		h = &registry.Headcount{UAI: uai, Classes: map[string]int{}, Groups: map[string]int{}}
		byUAI[uai], l.lines[uai] = h, line
	}
	counts := h.Classes
	if kind == "groupe" {
		counts = h.Groups
	}
	if other, twice := counts[label]; twice && other != n {
		l.bad(line, uai, "this label stands there already with another number", "one row for each class and group", annuaire.Told{Word: "label_twice"})
		return
	}
	if counts[label] = n; registry.LooksNamed(label) {
		l.Named = append(l.Named, annuaire.Problem{Line: line, UAI: uai, What: "the label is written as a person is called", Mend: "another label at the source"})
	}
}
