package annuaire

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// MostBytes bounds a list. The whole country's is about 40 MB.
const MostBytes = 128 << 20

// Problem is something wrong with a row.
type Problem struct {
	Line int        `json:"line"` // in the file, from 1
	UAI  person.UAI `json:"uai,omitempty"`
	What string     `json:"what"`
	Mend string     `json:"mend,omitempty"`
	Told Told       `json:"-"`
}

// Error is the problem in one line.
func (p Problem) Error() string {
	out := fmt.Sprintf("line %d: %s", p.Line, p.What)
	if p.Mend != "" {
		out += " (" + p.Mend + ")"
	}
	return out
}

// Only narrows a list. Empty fields do not.
type Only struct {
	Academy    string // as declarations know it: orleans-tours
	Department string // three characters
}

func (o Only) wants(e registry.Establishment) bool {
	return (o.Academy == "" || o.Academy == e.Academy) && (o.Department == "" || o.Department == e.Department)
}

// List is what a file held.
type List struct {
	Encoding  Encoding
	Separator rune
	Rows      int            // read, the header aside
	Skipped   map[string]int // rows of kinds that are not registered here, by the list's word
	Schools   []School
	Problems  []Problem // rows that are in no Schools
	Cut       bool      // a row's end was not found: what follows it was not read
}

// School is one row that was understood.
type School struct {
	Line int
	registry.Establishment
}

// Read reads a list. Its error is for a file that is no such list at all; what is wrong with single rows is in Problems.
func Read(r io.Reader, only Only) (List, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return List{}, err
	}
	if len(data) > MostBytes {
		return List{}, fmt.Errorf("the list is larger than %d MiB", MostBytes>>20)
	}
	text, encoding, broken := decode(data)
	if broken != nil {
		return List{Problems: broken}, nil
	}
	l := List{Encoding: encoding, Separator: separator(text), Skipped: map[string]int{}}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.ReuseRecord, in.FieldsPerRecord = l.Separator, true, -1
	header, err := in.Read()
	if err != nil {
		return l, fmt.Errorf("the list has no header: %w", err)
	}
	width := len(header)
	at, problems := readHeader(header)
	if len(problems) > 0 {
		l.Problems = problems
		return l, nil
	}
	l.rows(in, at, width, only)
	l.twice()
	return l, nil
}

func (l *List) rows(in *csv.Reader, at columns, width int, only Only) {
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		l.Rows++
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			l.Problems = append(l.Problems, Problem{Line: wrong.StartLine, What: wrong.Err.Error(), Told: TellSigns()})
			l.Cut = true
			return
		}
		line, _ := in.FieldPos(0)
		if len(row) != width {
			l.Problems = append(l.Problems, Problem{Line: line, What: fmt.Sprintf("%d fields, and the header has %d", len(row), width), Told: TellFields(len(row), width)})
			continue
		}
		l.row(line, at, row, only)
	}
}

func (l *List) row(line int, at columns, row []string, only Only) {
	e, wrong, err := at.school(row)
	if errors.Is(err, errNotOurs) {
		l.Skipped[at.of(row, colType)]++
		return
	}
	if err != nil {
		wrong = append(wrong, err)
	}
	if len(wrong) == 0 && !only.wants(e) {
		return
	}
	code := person.UAI(at.of(row, colUAI))
	for _, what := range wrong {
		l.Problems = append(l.Problems, Problem{Line: line, UAI: code, What: what.Error(), Told: toldBy(what)})
	}
	if len(wrong) == 0 {
		l.Schools = append(l.Schools, School{Line: line, Establishment: e})
	}
}

// twice keeps one of two rows that say the same of a school, and none of two that differ.
func (l *List) twice() {
	first := map[person.UAI]int{}
	bad := map[person.UAI]bool{}
	kept := l.Schools[:0:0]
	for _, s := range l.Schools {
		i, known := first[s.UAI]
		if !known {
			first[s.UAI] = len(kept)
			kept = append(kept, s)
			continue
		}
		if !same(kept[i].Establishment, s.Establishment) {
			bad[s.UAI] = true
			l.Problems = append(l.Problems, Problem{
				Line: s.Line, UAI: s.UAI, What: fmt.Sprintf("line %d says something else of this school", kept[i].Line), Mend: "one row for each school",
				Told: Told{"contradicts", []any{"line", kept[i].Line}},
			})
		}
	}
	l.Schools = l.Schools[:0:0]
	for _, s := range kept {
		if !bad[s.UAI] {
			l.Schools = append(l.Schools, s)
		}
	}
}
