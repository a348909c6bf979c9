package registry

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold writes a text as words of letters and numbers of digits, without case or accents, each between two spaces: " 6 b ".
// The ordinal ending of a number is left out: 6e, 5ème, 4ÈME. A word that follows a number and begins like such an ending
// stands there twice, whole and without it: "6 eulis ulis" may be 6e ULIS. A text with signs that nobody sees is written
// twice, one behind the other: parted by them, and as it is seen.
func fold(text string) string {
	out := append(make([]byte, 0, len(text)+16), ' ')
	f := folder{start: 1, kind: ' '}
	for _, r := range apart(text) {
		out = f.add(out, r)
	}
	out = f.finish(out)
	if seen := visible(text); seen != text {
		return string(out) + fold(seen)[1:]
	}
	return string(out)
}

// visible leaves out what nobody sees: a hyphen that is only for the end of a line, a joiner, a mark of direction.
func visible(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}
		return r
	}, text)
}

// apart takes letters and their accents apart, and leaves the accents out. Letters that have none are written out, as on a
// machine that does not have them: Lebœuf is LEBOEUF there.
func apart(text string) string {
	if strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf }) < 0 {
		return text
	}
	var b strings.Builder
	b.Grow(len(text))
	for _, r := range norm.NFKD.String(text) {
		switch written := Spelled(r); {
		case unicode.In(r, unicode.Mn, unicode.Me):
		case written != "":
			b.WriteString(written)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Spelled writes out a letter of our neighbours, or two that grew together, for whoever does not have it: oe for œ. It is
// empty for every other sign, and for letters that only have to lose an accent.
func Spelled(r rune) string {
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
	default:
		return ""
	}
}

// folder writes folded words one letter at a time, behind what was written so far.
type folder struct {
	start       int  // where the present word begins
	kind        rune // what it is made of
	afterNumber bool
}

func (f *folder) add(out []byte, r rune) []byte {
	if k := kindOf(r); k != f.kind {
		out = f.finish(out)
		f.kind = k
	}
	switch {
	case f.kind == ' ':
		return out
	case r < utf8.RuneSelf:
		if 'A' <= r && r <= 'Z' {
			r += 'a' - 'A'
		}
		return append(out, byte(r))
	default:
		return utf8.AppendRune(out, unicode.ToLower(r))
	}
}

// finish ends the present word.
func (f *folder) finish(out []byte) []byte {
	if word := out[f.start:]; len(word) > 0 {
		ending := 0
		if f.afterNumber {
			ending = ordinal(word)
		}
		switch rest := out[f.start+ending:]; {
		case len(rest) == 0:
			out = out[:f.start]
		case ending > 0:
			out = append(append(append(out, ' '), rest...), ' ')
		default:
			out = append(out, ' ')
		}
		f.afterNumber = f.kind == '0'
	}
	f.start = len(out)
	return out
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

// ordinal is how many bytes at the beginning of a word are the ending of an ordinal number.
func ordinal(word []byte) int {
	if word[0] != 'i' && word[0] != 'e' {
		return 0
	}
	for _, ending := range [...]string{"ieme", "eme", "e"} {
		if len(word) >= len(ending) && string(word[:len(ending)]) == ending {
			return len(ending)
		}
	}
	return 0
}
