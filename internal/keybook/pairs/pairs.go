// Package pairs reads lists of keys that mean one person: former_authority;former_id;authority;id. A list is taken whole
// or not at all, so every mistake is told at once, by its line and column. No mistake repeats an identifier.
package pairs

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"

	"ecluse/internal/keybook"
	"ecluse/internal/person"
	"ecluse/internal/registry/annuaire"
)

// What a list may hold at most. While one is written, everybody else who writes waits: longer ones are parted.
const (
	MostBytes = 4 << 20
	MostPairs = 10_000
	MostKeys  = 16 // of one person
	mostText  = 256
)

// List is what a file held.
type List struct {
	Separator rune
	Pairs     []keybook.Pair
	Lines     []int // of each pair, in the file, from 1
	Problems  []Problem
}

// Problem is something wrong with a line. Column is empty when it is the line as a whole.
type Problem struct {
	Line               int
	Column, What, Mend string
}

// Error is the problem in one line.
func (p Problem) Error() string {
	out := fmt.Sprintf("line %d", p.Line)
	if p.Column != "" {
		out += ", " + p.Column
	}
	out += ": " + p.What
	if p.Mend != "" {
		out += " (" + p.Mend + ")"
	}
	return out
}

func columns() []string { return []string{"former_authority", "former_id", "authority", "id"} }

// Read reads a list. Its error is for a file that is no such list at all; what is wrong with its lines is in Problems.
func Read(r io.Reader) (List, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return List{}, err
	}
	if len(data) > MostBytes {
		return List{}, fmt.Errorf("the list is larger than %d MiB", MostBytes>>20)
	}
	text, encoding, comma, broken := annuaire.Text(data)
	l := List{Separator: comma}
	for _, bad := range broken {
		l.Problems = append(l.Problems, Problem{bad.Line, "", bad.What, bad.Mend})
	}
	switch {
	case broken != nil:
		return l, nil
	case encoding != annuaire.UTF8:
		return l, errors.New("the list is not written in UTF-8")
	case comma != ';' && comma != ',':
		return l, errors.New("the fields are parted by neither ; nor ,")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = comma, -1
	header, err := in.Read()
	if err != nil || !slices.Equal(header, columns()) {
		return l, fmt.Errorf("the first line is not %s", strings.Join(columns(), ";"))
	}
	l.rows(in)
	if len(l.Problems) == 0 {
		l.contradictions()
	}
	return l, nil
}

func (l *List) bad(line int, column, what, mend string) {
	l.Problems = append(l.Problems, Problem{line, column, what, mend})
}

func (l *List) rows(in *csv.Reader) {
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			l.bad(wrong.Line, fmt.Sprintf("byte %d", wrong.Column), wrong.Err.Error(), "what follows it was not read")
			return
		}
		line, _ := in.FieldPos(0)
		if len(l.Pairs) == MostPairs {
			l.bad(line, "", fmt.Sprintf("the list has more than %d lines", MostPairs), "part it, with all lines of one person in one list")
			return
		}
		l.row(line, row)
	}
}

// row reads one line, and tells everything that is wrong with it.
func (l *List) row(line int, row []string) {
	if len(row) != len(columns()) {
		l.bad(line, "", fmt.Sprintf("%d fields instead of %d", len(row), len(columns())), "")
		return
	}
	before := len(l.Problems)
	for i, column := range columns() {
		if what := wrong(row[i]); what != "" {
			l.bad(line, column, what, "")
		}
	}
	pair := keybook.Pair{Former: person.Key{Authority: row[0], ID: row[1]}, Now: person.Key{Authority: row[2], ID: row[3]}}
	if len(l.Problems) == before && pair.Former == pair.Now {
		l.bad(line, "", "it names one identifier twice", "leave it out")
	}
	l.Pairs, l.Lines = append(l.Pairs, pair), append(l.Lines, line)
}

// wrong says what is wrong with a field.
func wrong(text string) string {
	switch {
	case text == "":
		return "it is empty"
	case len(text) > mostText:
		return fmt.Sprintf("it is longer than %d bytes", mostText)
	case strings.TrimSpace(text) != text:
		return "there is a space around it"
	case strings.ContainsFunc(text, func(c rune) bool { return !unicode.IsGraphic(c) }):
		return "there is a sign in it that cannot be seen"
	}
	return ""
}
