package attrs

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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
	case 'œ':
		return "oe"
	case 'Œ':
		return "OE"
	case 'æ':
		return "ae"
	case 'Æ':
		return "AE"
	case 'ß':
		return "ss"
	case 'ẞ':
		return "SS"
	case 'ø':
		return "o"
	case 'Ø':
		return "O"
	case 'đ', 'ð':
		return "d"
	case 'Đ', 'Ð':
		return "D"
	case 'ħ':
		return "h"
	case 'Ħ':
		return "H"
	case 'ł':
		return "l"
	case 'Ł':
		return "L"
	case 'ŋ':
		return "n"
	case 'Ŋ':
		return "N"
	case 'ŧ':
		return "t"
	case 'Ŧ':
		return "T"
	case 'þ':
		return "th"
	case 'Þ':
		return "TH"
	case 'ı':
		return "i"
	case '’', '‘', 'ʼ', '′':
		return "'"
	case '‐', '‑', '‒', '–', '—':
		return "-"
	case '«', '»', '“', '”':
		return `"`
	default:
		return ""
	}
}
