package registry

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// SameName tells whether two names of an organisation are one, whatever their case, accents, spaces and signs: a service
// must not outlive an instrument because somebody wrote Editeur for Éditeur.
func SameName(a, b string) bool { return a == b || plainName(a) == plainName(b) }

func plainName(s string) string {
	folded := strings.Map(func(r rune) rune {
		switch {
		case unicode.Is(unicode.Mn, r):
			return -1
		case unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		default:
			return ' '
		}
	}, norm.NFKD.String(s))
	return strings.Join(strings.Fields(folded), " ")
}
