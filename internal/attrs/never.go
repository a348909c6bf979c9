package attrs

import (
	"bytes"
	"slices"
	"strings"

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

func (v *values) forbidden(entry *dictionary.Entry, value string) bool {
	if dictionary.LooksLikeNIR(value) {
		return true
	}
	if entry.Attr == person.INE {
		return false
	}
	if entry.Names && entry.Reveals == dictionary.NoLabel && looksLikeINE(value) {
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
