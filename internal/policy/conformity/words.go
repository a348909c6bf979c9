package conformity

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"ecluse/internal/registry"
)

// Reveals tells whether a label of a class, a group, an option or a function holds a word that reveals more than it should
// (RGPD art. 9), and which. Words are compared whole, without case or accents; a word of several matches where they
// follow each other. What stands glued to a number is a word of its own: 6EULIS2 holds ULIS.
func Reveals(label string, r registry.Rules) (registry.SensitiveWord, bool) {
	told := tokens(label)
	for _, w := range r.Sensitive {
		if holds(told, tokens(w.Word)) {
			return w, true
		}
	}
	return registry.SensitiveWord{}, false
}

// mentions tells whether a text holds one of some words or sequences of words.
func mentions(text string, words ...string) bool {
	told := tokens(text)
	return slices.ContainsFunc(words, func(w string) bool { return holds(told, tokens(w)) })
}

func holds(told, word []string) bool {
	for i := 0; len(word) > 0 && i+len(word) <= len(told); i++ {
		if slices.Equal(told[i:i+len(word)], word) {
			return true
		}
	}
	return false
}

// tokens splits a text into words of letters and numbers of digits, without case or accents. The ordinal ending of a
// number is left out: 6e, 5ème, 4ÈME, 6EULIS.
func tokens(text string) []string {
	var out []string
	var kind, last rune
	for _, r := range norm.NFKD.String(text) {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		last, kind = kind, kindOf(r)
		switch {
		case kind == ' ':
		case kind == last:
			out[len(out)-1] += string(unicode.ToLower(r))
		default:
			out = append(out, string(unicode.ToLower(r)))
		}
	}
	return withoutOrdinals(out)
}

func kindOf(r rune) rune {
	switch {
	case unicode.IsLetter(r):
		return 'a'
	case unicode.IsDigit(r):
		return '0'
	default:
		return ' '
	}
}

// withoutOrdinals adds, to a word that follows a number, what is left of it without an ordinal ending: "6", "eulis" may
// be 6e ULIS. The ending alone says nothing and is left out.
func withoutOrdinals(words []string) []string {
	var out []string
	for i, w := range words {
		rest := w
		if i > 0 && unicode.IsDigit(rune(words[i-1][0])) {
			rest = ordinal(w)
		}
		if rest != "" {
			out = append(out, w)
		}
		if rest != "" && rest != w {
			out = append(out, rest)
		}
	}
	return out
}

func ordinal(word string) string {
	for _, ending := range []string{"ieme", "eme", "e"} {
		if rest, ok := strings.CutPrefix(word, ending); ok {
			return rest
		}
	}
	return word
}
