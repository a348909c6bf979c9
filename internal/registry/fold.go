package registry

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// fold writes a text as words of letters and numbers of digits, without case or accents, each between two spaces: " 6 b ".
// The ordinal ending of a number is left out: 6e, 5ème, 4ÈME. A word that follows a number and begins like such an ending
// stands there twice, whole and without it: "6 eulis ulis" may be 6e ULIS.
func fold(text string) string {
	out := append(make([]byte, 0, len(text)+16), ' ')
	f := folder{start: 1, kind: ' '}
	for _, r := range apart(text) {
		out = f.add(out, r)
	}
	return string(f.finish(out))
}

// apart takes letters and their accents apart, and leaves the accents out.
func apart(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return r
	}, norm.NFKD.String(text))
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
