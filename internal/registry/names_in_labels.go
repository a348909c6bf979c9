package registry

import "slices"

// Names looks for what one person is called in many labels. It is made once for the person, and prints nothing of it.
type Names struct {
	whole []string
	parts []part // their words; a label with none of them, by itself or glued to one letter, names nobody
}

// part is a word of a name, by its sound and by the letters that it is written with.
type part struct {
	sound    sound
	spelling spelling
}

// NewNames prepares names. What is empty is left out.
func NewNames(names ...[]string) Names {
	n := Names{whole: make([]string, 0, usualNames), parts: make([]part, 0, 2*usualNames)}
	for _, list := range names {
		for _, name := range list {
			if n.hear(name) {
				n.whole = append(n.whole, name)
			}
		}
	}
	return n
}

// usualNames is how many names a person has as a rule.
const usualNames = 4

// hear adds the sounds of a name; false where it has no word.
func (n *Names) hear(name string) bool {
	before := len(n.parts)
	w := walker{label: name}
	for w.next() {
		n.parts = append(n.parts, part{w.word, lettersBegun(w.head)})
	}
	if w.lost {
		n.parts = n.parts[:before]
		for _, word := range Words(visible(name)) {
			spelled, _ := lettersIn(word) // those before one that is not told are some of them
			n.parts = append(n.parts, part{soundOf(word), spelled})
		}
	}
	return len(n.parts) > before
}

// In tells whether a label names the person, as NamesSomebody does. A label that sounds like none of the names costs no
// memory.
func (n Names) In(label string) bool {
	return n.spelled(label) && n.sounds(label) && NamesSomebody(label, n.whole...)
}

// spelled tells whether a label has all the letters of one of the words, which few labels of a school have: wherever it
// holds the word it has them.
func (n *Names) spelled(label string) bool {
	spelled, told := lettersIn(label)
	return slices.ContainsFunc(n.parts, func(p part) bool { return !told || p.spelling&^spelled == 0 })
}

// sounds tells whether a label has a word that sounds like one of the words.
func (n *Names) sounds(label string) bool {
	w := walker{label: label}
	for w.next() {
		glued := w.letters > 4 // names of four letters at least are looked for beside another
		for _, p := range n.parts {
			if p.sound == w.word || glued && (p.sound == w.butLast || p.sound == w.butFirst()) {
				return true
			}
		}
	}
	return w.lost
}

// spelling is a set of letters of ASCII, small ones; digits do not count.
type spelling uint32

func (s spelling) and(letter byte) spelling { return s | 1<<(letter-'a') } // a digit is before a, and is far beyond the set

// lettersIn are those that fold would write of a label; told is false where it has signs that letterOf does not know, and
// then they are not all.
func lettersIn(label string) (s spelling, told bool) {
	for i := 0; i < len(label); {
		c, size := letterAt(label, i)
		if c == '?' {
			return s, false
		}
		s = s.and(c)
		i += size
	}
	return s, true
}

// lettersBegun are those of a walker's head, with which a word begins.
func lettersBegun(head uint64) (s spelling) {
	for ; head != 0; head >>= 8 {
		s = s.and(byte(head))
	}
	return s
}

// String shows nothing of the person.
func (n Names) String() string { return "[names]" }

// GoString shows what String shows.
func (n Names) GoString() string { return n.String() }
