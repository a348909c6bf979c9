package attrs

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"ecluse/internal/registry"
)

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plain writes a text in ASCII: letters lose their accents, ligatures and letters of our neighbours are written out, and
// what has no ASCII letter is left out. It is for services that can read nothing else; everybody else gets UTF-8.
func plain(s string) string {
	if isASCII(s) {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for _, r := range norm.NFKD.String(s) {
		switch {
		case r < utf8.RuneSelf:
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // the accent that was taken off its letter
		default:
			b.WriteString(letter(r))
		}
	}
	return strings.TrimSpace(b.String())
}

// letter writes out what has no accent to lose.
func letter(r rune) string {
	switch r {
	case '’', '‘', 'ʼ', '′':
		return "'"
	case '‐', '‑', '‒', '–', '—':
		return "-"
	case '«', '»', '“', '”':
		return `"`
	default:
		return registry.Spelled(r)
	}
}
