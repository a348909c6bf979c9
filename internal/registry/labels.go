package registry

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Labels finds the words of some rules in labels. It is made once for the rules and used for every label. It is
// immutable; a nil one knows no word and finds none.
type Labels struct {
	words   []SensitiveWord
	codes   []SensitiveCode
	phrases map[string][]phrase // by their first word
	begin   [256]uint64         // by the first byte of a phrase's first word: the lengths of those words, as bits
	letters *alphabet           // nil where nobody asks often enough
	sieve   *sieve              // of the first words of phrases; nil likewise
}

type phrase struct {
	folded []byte // every word between two spaces
	word   int
}

// Labels prepares the sensitive words of the rules.
func (r Rules) Labels() *Labels {
	l := r.phrases()
	l.letters, l.sieve = newAlphabet(), newSieve(slices.Sorted(maps.Keys(l.phrases)))
	return l
}

func (r Rules) phrases() *Labels {
	l := &Labels{words: r.Sensitive, codes: r.SensitiveCodes, phrases: map[string][]phrase{}}
	for i, w := range r.Sensitive {
		if folded := fold(visible(w.Word)); folded != " " {
			first, _, _ := strings.Cut(folded[1:], " ")
			l.phrases[first] = append(l.phrases[first], phrase{[]byte(folded), i})
			l.begin[first[0]] |= 1 << min(len(first), 63)
		}
	}
	return l
}

// room is how many bytes of a folded label need no memory of their own.
const room = 160

// Reveals tells whether a label of a class, a group, an option or a function holds a word that reveals more than it should
// (RGPD art. 9), and which: the first of the rules where it holds several. Words are compared whole, without case or
// accents; a word of several matches where they follow each other. What stands glued to a number is a word of its own:
// 6EULIS2 holds ULIS.
func (l *Labels) Reveals(label string) (SensitiveWord, bool) {
	if l == nil || len(l.phrases) == 0 {
		return SensitiveWord{}, false
	}
	if l.sieve != nil && !l.sieve.passes(label) {
		return SensitiveWord{}, false
	}
	var buffer [room]byte
	if folded, ok := l.letters.fold(buffer[:0], label); ok {
		return l.find(folded)
	}
	return l.find([]byte(fold(label)))
}

// find looks for the first of the rules' words in a folded label.
func (l *Labels) find(folded []byte) (SensitiveWord, bool) {
	found := len(l.words)
	for i := 0; i+1 < len(folded); {
		end := i + 1
		for folded[end] != ' ' {
			end++
		}
		if first := folded[i+1 : end]; l.begin[first[0]]&(1<<min(len(first), 63)) != 0 {
			for _, p := range l.phrases[string(first)] {
				if p.word < found && bytes.HasPrefix(folded[i:], p.folded) {
					found = p.word
				}
			}
		}
		i = end
	}
	if found == len(l.words) {
		return SensitiveWord{}, false
	}
	return l.words[found], true
}

// RevealsCode says the same of the code of a level (MEF): the rules name the beginnings of codes whose label would say too
// much. Spaces and case do not count.
func (l *Labels) RevealsCode(code string) (SensitiveCode, bool) {
	if l == nil {
		return SensitiveCode{}, false
	}
	code = strings.TrimSpace(code)
	for _, c := range l.codes {
		if c.Code != "" && len(code) >= len(c.Code) && strings.EqualFold(code[:len(c.Code)], c.Code) {
			return c, true
		}
	}
	return SensitiveCode{}, false
}

// Reveals says of one label what Labels says. Who asks about many prepares the words once.
func (r Rules) Reveals(label string) (SensitiveWord, bool) { return r.phrases().Reveals(label) }

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
		if folded := fold(visible(w)); folded != " " && strings.Contains(told, folded) {
			return true
		}
	}
	return false
}

// Words splits a text into words of letters and numbers of digits, as Labels compares them.
func Words(text string) []string { return strings.Fields(fold(text)) }

// alphabet is how the letters of the languages of Europe are taken apart, and the marks that stand above them: what fold
// asks of Unicode's tables for every label, asked once.
type alphabet struct {
	apart [0x370]string
	kinds [utf8.RuneSelf]byte // what an ASCII letter is: kindOf
}

// border stands between letters and is none.
const border = "\U0010FFFF"

// softHyphen is the one sign below those of the alphabet's end that nobody sees: fold writes a text with it twice.
const softHyphen = '\u00ad'

func newAlphabet() *alphabet {
	var a alphabet
	all := make([]string, len(a.apart))
	for r := range all {
		all[r] = string(rune(r))
	}
	copy(a.apart[:], strings.Split(apart(strings.Join(all, border)), border)) // at once, which costs far less than one by one
	for r := range a.kinds {
		a.kinds[r] = byte(kindOf(rune(r)))
	}
	return &a
}

// fold does what the function fold does, without memory of its own where out has room. ok is false for a label with a
// letter that is not in the alphabet, or with signs that nobody sees.
func (a *alphabet) fold(out []byte, label string) (folded []byte, ok bool) {
	if a == nil {
		return nil, false
	}
	out = append(out, ' ')
	f := folder{start: len(out), kind: ' '}
	for i := 0; i < len(label); {
		if c := label[i]; c < utf8.RuneSelf {
			if k := rune(a.kinds[c]); k != f.kind {
				out = f.finish(out)
				f.kind = k
			}
			if f.kind != ' ' {
				if 'A' <= c && c <= 'Z' {
					c += 'a' - 'A'
				}
				out = append(out, c)
			}
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(label[i:])
		if r >= rune(len(a.apart)) || r == softHyphen {
			return nil, false
		}
		for _, part := range a.apart[r] {
			out = f.add(out, part)
		}
		i += size
	}
	return f.finish(out), true
}
