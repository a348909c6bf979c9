package annuaire

import (
	"errors"
	"fmt"
	"strings"

	"ecluse/internal/person"
)

// Told is what is wrong for whoever says it in another language: a stable word, and its particulars by name and value in
// turn. It is empty where there is no such word.
type Told struct {
	Word string
	With []any
}

// mistake is something wrong with a value of a row.
type mistake struct {
	told Told
	what string
}

func (m mistake) Error() string { return m.what }

// wrongly makes a mistake about a value, of which what says something.
func wrongly(word, value, what string) error {
	return mistake{Told{word, []any{"value", value}}, fmt.Sprintf("%q %s", value, what)}
}

// lacking makes a mistake of a value that is not there.
func lacking(word, what string) error { return mistake{Told{Word: word}, what} }

// TellUAI says what is wrong with a code of an establishment that person.ParseUAI refuses.
func TellUAI(code string) Told {
	code = strings.ToUpper(strings.TrimSpace(code))
	if len(code) == 8 {
		for _, letter := range "ABCDEFGHJKLMNPRSTUVWXYZ" {
			if right, err := person.ParseUAI(code[:7] + string(letter)); err == nil {
				return Told{"uai_letter", []any{"value", code, "right", string(right)}}
			}
		}
	}
	return Told{"uai", []any{"value", code}}
}

// TellFields says that a row has too many fields, or too few.
func TellFields(row, header int) Told { return Told{"fields", []any{"row", row, "header", header}} }

// TellColumn says that a column stands twice, or is missing.
func TellColumn(twice bool, name string) Told {
	if twice {
		return Told{"column_twice", []any{"name", name}}
	}
	return Told{"column", []any{"name", name}}
}

// TellSigns says that a row is no CSV.
func TellSigns() Told { return Told{Word: "signs"} }

// toldBy is what an error of a row tells.
func toldBy(err error) Told {
	var m mistake
	if errors.As(err, &m) {
		return m.told
	}
	return Told{}
}
