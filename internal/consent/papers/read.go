package papers

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"ecluse/internal/consent"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
)

// List is what a file held. At is where each line stands in the file, from 1.
type List struct {
	Lines    []SignedPaper
	At       []int
	Problems []Problem // by place in Lines, except those of lines that could not be read at all
	Broken   []string  // of those: where and what
}

// Columns are the first line of a list. The last two may be left out.
func Columns() []string {
	return []string{"authority", "id", "who", "says", "day", "document", "holder_authority", "holder_id"}
}

// needed is how many of the columns a list must have.
const needed = 6

// Read reads a list (CSV in UTF-8, parted by ; or ,). Its error is for a file that is no such list at all.
func Read(r io.Reader) (List, error) {
	data, err := io.ReadAll(io.LimitReader(r, MostBytes+1))
	if err != nil {
		return List{}, err
	}
	if len(data) > MostBytes {
		return List{}, fmt.Errorf("the list is larger than %d MiB", MostBytes>>20)
	}
	text, encoding, comma, broken := annuaire.Text(data)
	switch {
	case broken != nil || encoding != annuaire.UTF8:
		return List{}, errors.New("the list is not written in UTF-8")
	case comma != ';' && comma != ',':
		return List{}, errors.New("the fields are parted by neither ; nor ,")
	}
	in := csv.NewReader(strings.NewReader(text))
	in.Comma, in.FieldsPerRecord = comma, -1
	header, err := in.Read()
	if err != nil || len(header) < needed || !slices.Equal(header, Columns()[:min(len(header), len(Columns()))]) {
		return List{}, fmt.Errorf("the first line is not %s", strings.Join(Columns(), ";"))
	}
	var l List
	err = l.rows(in, len(header))
	return l, err
}

func (l *List) rows(in *csv.Reader, fields int) error {
	for {
		row, err := in.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if wrong := (*csv.ParseError)(nil); errors.As(err, &wrong) {
			l.Broken = append(l.Broken, fmt.Sprintf("line %d, byte %d: %v (what follows it was not read)", wrong.Line, wrong.Column, wrong.Err))
			return nil
		}
		if err != nil {
			return err
		}
		at, _ := in.FieldPos(0)
		if len(row) != fields {
			l.Broken = append(l.Broken, fmt.Sprintf("line %d: %d fields instead of %d", at, len(row), fields))
			continue
		}
		l.row(at, row)
	}
}

func (l *List) row(at int, row []string) {
	row = append(row, "", "")
	line := SignedPaper{
		Authority: row[0], ID: row[1], Who: Who(row[2]), Says: consent.Act(row[3]), Document: row[5],
		HolderAuthority: row[6], HolderID: row[7],
	}
	if row[4] != "" {
		day, err := registry.ParseDate(row[4])
		if err != nil {
			l.Problems = append(l.Problems, Problem{len(l.Lines), "day", "it is no day", "yyyy-mm-dd"})
			day = registry.Date{Year: 1, Month: 1, Day: 1} // said once
		}
		line.Day = day
	}
	l.Lines, l.At = append(l.Lines, line), append(l.At, at)
}
