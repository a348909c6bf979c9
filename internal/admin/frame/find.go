package frame

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ecluse/internal/registry"
)

// Sought is a text that somebody looks for in names: its words, whatever their case and accents.
type Sought []string

// Seek reads what was typed.
func Seek(typed string) Sought { return strings.Fields(plain(typed)) }

// In tells whether every word stands in one of the texts. Nothing that is looked for stands in all.
func (s Sought) In(texts ...string) bool {
	if len(s) == 0 {
		return true
	}
	where := plain(strings.Join(texts, " "))
	for _, word := range s {
		if !strings.Contains(where, word) {
			return false
		}
	}
	return true
}

// plain is small letters without accents and numbers, in words.
func plain(text string) string {
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch written := registry.Spelled(r); {
		case unicode.Is(unicode.Mn, r):
		case written != "":
			b.WriteString(strings.ToLower(written))
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	return b.String()
}
