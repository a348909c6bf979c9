package attrs

import (
	"bytes"
	"slices"
	"strings"
	"unicode"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

// permitted takes out the numbers that may not leave under any word: a social security number never, and the national
// pupil number under no other word than its own, where the rules cite a text (RGPD art. 87). A source may have put one
// where a login belongs.
func (v *values) permitted(entry *dictionary.Entry, f finding) finding {
	if f.rule == Numbered || f.rule == Registered {
		return f // ours
	}
	forbidden := func(value string) bool { return v.forbidden(entry, value) }
	if !slices.ContainsFunc(f.values, forbidden) {
		return f
	}
	f.why = NotAllowed
	f.shaped(slices.DeleteFunc(slices.Clone(f.values), forbidden), "without numbers that may not be sent")
	return f
}

// forbidden looks at a value as it is said and, where that may tell something else, as a service gets it that reads nothing
// but ASCII: signs that are left out there may part a number here.
func (v *values) forbidden(entry *dictionary.Entry, value string) bool {
	return weight(value) >= v.fewest && v.forbiddenClosely(entry, value)
}

func (v *values) forbiddenClosely(entry *dictionary.Entry, value string) bool {
	return v.forbids(entry, value) || rewritten(value) && v.forbids(entry, plain(value))
}

// fewestDigits is how many digits stand in the shortest code that is looked for: an establishment's.
const fewestDigits = lengthOfUAI - 1

// weight tells from one look at each byte whether a value can hold a number: each that is looked for has more digits than
// most values, whatever is done to them. A digit weighs 1. The sign @, and the first byte of what is no letter of ours and
// may be a digit elsewhere, weigh more than the digits that are needed.
func weight(value string) (sum int) {
	const (
		none = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		much = "\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10"

		digits  = "\x01\x01\x01\x01\x01\x01\x01\x01\x01\x01\x00\x00\x00\x00\x00\x00"
		at      = "\x10\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"
		behind  = none + none + none + none                                          // the rest of a sign of several bytes
		letters = "\x10\x10\x10\x00\x00\x00\x10\x10\x10\x10\x10\x10\x10\x10\x10\x10" // À to ſ begin with C3 to C5

		weights = none + none + none + digits + at + none + none + none + behind + letters + much + much + much
	)
	for i := range len(value) {
		sum += int(weights[value[i]])
	}
	return sum
}

// fewest is how many digits stand at least in what is looked for with somebody who has these national numbers.
func fewest(ines [][]byte) int {
	n := fewestDigits
	for _, ine := range ines {
		n = min(n, weight(string(ine)))
	}
	return n
}

// rewritten tells whether more than accents may be lost when a value is written in ASCII, or enough digits come together.
func rewritten(value string) bool {
	digits, beyond := 0, false
	for _, r := range value {
		switch {
		case r >= '0' && r <= '9':
			digits++
		case r > 'ſ', r > unicode.MaxASCII && r < 'À':
			return true // no letter of ours
		case r > unicode.MaxASCII:
			beyond = true
		}
	}
	return beyond && digits >= fewestDigits
}

func (v *values) forbids(entry *dictionary.Entry, value string) bool {
	if dictionary.LooksLikeNIR(value) {
		return true
	}
	if entry.Attr == person.INE {
		return false
	}
	if v.misplaced(entry, value) {
		return true
	}
	if len(v.ine) == 0 {
		return false
	}
	var room [64]byte
	compared := compare(room[:0], value)
	return slices.ContainsFunc(v.ine, func(ine []byte) bool {
		return bytes.Equal(compared, ine) || len(ine) >= lengthOfINE && bytes.Contains(compared, ine)
	})
}

// misplaced tells values that belong to no word of this kind: a national pupil number where no national code stands, an
// address where a name does, another establishment's code where none is said. Whoever may name a group or write a name
// down could otherwise make a message say what its declaration does not cover, and so bring a whole service to a stop.
func (v *values) misplaced(entry *dictionary.Entry, value string) bool {
	n := entry.Attr
	named := entry.Names && entry.Reveals == dictionary.NoLabel
	switch {
	case looksLikeINE(value):
		return !nationalCode(n)
	case named && !entry.Derived && !addressed(n) && strings.Contains(value, "@"):
		return true
	case len(value) == lengthOfUAI && strings.Trim(value[:lengthOfUAI-1], "0123456789") == "":
		uai, err := person.ParseUAI(value)
		return err == nil && string(uai) == value && uai != v.grant.Place().UAI && n != person.HeadsOf && n != person.ActsFor
	}
	return false
}

const lengthOfUAI = 8

// nationalCode tells words whose values may look like a national pupil number: codes of levels and subjects.
func nationalCode(n Name) bool {
	switch n {
	case person.LevelCode, "level_stat1", "level_stat2", "level_stat3", "level_stat4", person.Courses, person.SubjectCodes,
		person.TaughtLevelCodes, "taught_stat1", "taught_stat2", "taught_stat3", "taught_stat4":
		return true
	}
	return false
}

// addressed tells words whose values are addresses, or may be: a source uses one for a login.
func addressed(n Name) bool {
	switch n {
	case person.Mail, person.Login, person.Anchor, person.PrincipalName, "subject_id":
		return true
	}
	return false
}

// lengthOfINE is how many characters a national pupil number has: ten digits and a letter, or nine and two.
const lengthOfINE = 11

func looksLikeINE(value string) bool {
	value = strings.TrimSpace(value)
	if len(value) != lengthOfINE {
		return false
	}
	for i := range lengthOfINE {
		c := value[i] | 0x20
		digit, letter := value[i] >= '0' && value[i] <= '9', c >= 'a' && c <= 'z'
		if i < 9 && !digit || i == 9 && !digit && !letter || i == 10 && !letter {
			return false
		}
	}
	return true
}

// ines are the national numbers that the source gives, as they are compared.
func ines(p *person.Person, a *person.Affiliation) [][]byte {
	var out [][]byte
	for _, said := range [...][]string{p.Values[person.INE], a.Values[person.INE]} {
		for _, ine := range said {
			if number := compare(nil, ine); len(number) > 0 {
				out = append(out, number)
			}
		}
	}
	return out
}

// compare writes a number without spaces and in capitals.
func compare(out []byte, s string) []byte {
	for i := range len(s) {
		switch c := s[i]; {
		case c == ' ' || c == '\t':
		case c >= 'a' && c <= 'z':
			out = append(out, c-'a'+'A')
		default:
			out = append(out, c)
		}
	}
	return out
}
