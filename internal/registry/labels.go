package registry

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Labels finds the words of some rules in labels. It is made once for the rules and used for every label. It is
// immutable; a nil one knows no word and finds none.
type Labels struct {
	words   []SensitiveWord
	phrases map[string][]phrase // by their first word
}

type phrase struct {
	folded string // every word between two spaces
	word   int
}

// Labels prepares the sensitive words of the rules.
func (r Rules) Labels() *Labels {
	l := &Labels{words: r.Sensitive, phrases: map[string][]phrase{}}
	for i, w := range r.Sensitive {
		if folded := fold(w.Word); folded != " " {
			first, _, _ := strings.Cut(folded[1:], " ")
			l.phrases[first] = append(l.phrases[first], phrase{folded, i})
		}
	}
	return l
}

// Reveals tells whether a label of a class, a group, an option or a function holds a word that reveals more than it should
// (RGPD art. 9), and which: the first of the rules where it holds several. Words are compared whole, without case or
// accents; a word of several matches where they follow each other. What stands glued to a number is a word of its own:
// 6EULIS2 holds ULIS.
func (l *Labels) Reveals(label string) (SensitiveWord, bool) {
	if l == nil || len(l.phrases) == 0 {
		return SensitiveWord{}, false
	}
	found := len(l.words)
	for rest := fold(label); len(rest) > 1; {
		end := 1 + strings.IndexByte(rest[1:], ' ')
		for _, p := range l.phrases[rest[1:end]] {
			if p.word < found && strings.HasPrefix(rest, p.folded) {
				found = p.word
			}
		}
		rest = rest[end:]
	}
	if found == len(l.words) {
		return SensitiveWord{}, false
	}
	return l.words[found], true
}

// Reveals says of one label what Labels says. Who asks about many prepares the words once.
func (r Rules) Reveals(label string) (SensitiveWord, bool) { return r.Labels().Reveals(label) }

// Labels are those of the rules that hold at now.
func (s *Snapshot) Labels(now time.Time) *Labels {
	if i := s.ruling(now); i >= 0 {
		return s.labels[i]
	}
	return nil
}

// Mentions tells whether a text holds one of some words or sequences of words, compared as Labels compares them.
func Mentions(text string, words ...string) bool {
	told := fold(text)
	for _, w := range words {
		if folded := fold(w); folded != " " && strings.Contains(told, folded) {
			return true
		}
	}
	return false
}

// Words splits a text into words of letters and numbers of digits, as Labels compares them.
func Words(text string) []string { return strings.Fields(fold(text)) }

// fold writes a text as words of letters and numbers of digits, without case or accents, each between two spaces: " 6 b ".
// The ordinal ending of a number is left out: 6e, 5ème, 4ÈME. A word that follows a number and begins like such an ending
// stands there twice, whole and without it: "6 eulis ulis" may be 6e ULIS.
func fold(text string) string {
	text = norm.NFKD.String(text)
	out := append(make([]byte, 0, len(text)+16), ' ')
	start, kind, afterNumber := 1, ' ', false
	finish := func() {
		if len(out) > start {
			out, afterNumber = finished(out, start, afterNumber), kind == '0'
		}
		start = len(out)
	}
	for _, r := range text {
		if unicode.Is(unicode.Mn, r) {
			continue
		}
		if k := kindOf(r); k != kind {
			finish()
			kind = k
		}
		if kind != ' ' {
			out = utf8.AppendRune(out, unicode.ToLower(r))
		}
	}
	finish()
	return string(out)
}

// finished ends the word that begins at start.
func finished(out []byte, start int, afterNumber bool) []byte {
	word := string(out[start:])
	rest := word
	if afterNumber {
		rest = withoutOrdinal(word)
	}
	if rest == "" {
		return out[:start]
	}
	out = append(out, ' ')
	if rest != word {
		out = append(append(out, rest...), ' ')
	}
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

func withoutOrdinal(word string) string {
	for _, ending := range []string{"ieme", "eme", "e"} {
		if rest, ok := strings.CutPrefix(word, ending); ok {
			return rest
		}
	}
	return word
}
