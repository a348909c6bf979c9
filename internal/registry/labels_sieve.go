package registry

import (
	"slices"
	"unicode/utf8"
)

// sieve tells from one look at each letter that a label holds none of some words, each as a whole: most labels hold nothing
// that anybody looks for. It reads labels as fold does. It may let one pass that holds no such word: whatever passes is
// looked at closely. It is a deterministic automaton, and is made once.
type sieve struct {
	kinds [len(letterOf)]byte // the symbol of each letter
	next  []uint32            // where each symbol leads, for each state: states are named by where their symbols begin
}

// The symbols: a space, ten digits, 26 letters. One more stands for what is written in another way.
const (
	digitsFrom  = 1
	lettersFrom = 11
	symbols     = 37
	unknown     = 0xff
)

// Two states by name: before a word, and after a word that is looked for, from which nothing leads away.
const (
	betweenWords = 0
	caught       = symbols
)

func symbol(letter byte) byte {
	switch {
	case letter == '?':
		return unknown
	case letter >= 'a':
		return lettersFrom + letter - 'a'
	case letter >= '0':
		return digitsFrom + letter - '0'
	default:
		return 0
	}
}

// passes tells whether a label may hold one of the words.
func (s *sieve) passes(label string) bool {
	at := uint32(betweenWords)
	for i := 0; i < len(label); {
		sign := int(label[i])
		if sign >= utf8.RuneSelf {
			if sign = twoBytes(label, i, label[i]); sign == 0 {
				return true
			}
			i++
		}
		i++
		k := s.kinds[sign]
		if k == unknown {
			return true
		}
		at = s.next[at+uint32(k)]
	}
	return s.next[at] == caught // a space ends the last word
}

// newSieve makes the sieve of folded words.
func newSieve(words []string) *sieve {
	b := sieveMaker{states: map[place]uint32{}, ends: []bool{false}, tree: [][symbols]int{{}}}
	for _, word := range words {
		b.plant(word)
	}
	s := &sieve{}
	for c := range s.kinds {
		s.kinds[c] = symbol(letterOf[c])
	}
	b.next = make([]uint32, 2*symbols)
	for k := range symbols {
		b.next[caught+k] = caught
	}
	for k := digitsFrom; k < symbols; k++ {
		b.next[k] = b.state(b.step(place{count: 1, letters: k >= lettersFrom, fresh: true}, k))
	}
	for len(b.waiting) > 0 {
		p := b.waiting[0]
		b.waiting = b.waiting[1:]
		b.leads(p)
	}
	s.next = b.next
	return s
}

// place is where somebody is who reads a word: at some nodes of the tree of words at once, from which the rest of it leads on. A word that begins as an ordinal
// number ends may begin behind that ending; that it follows a number is not asked.
type place struct {
	nodes   [4]int // from the beginning, behind e, behind eme or ieme, and where one such ends: no more than that
	count   int    // of nodes; 0 where no word is left
	letters bool   // rather than digits
	ending  string
	fresh   bool // nothing of the word was read yet
}

func (p *place) at(node int) {
	p.nodes[p.count] = node
	p.count++
}

type sieveMaker struct {
	tree    [][symbols]int // the words by their letters, from node 0
	ends    []bool         // where a word ends
	states  map[place]uint32
	waiting []place
	next    []uint32
	lost    [2]uint32 // the states of digits and of letters that begin no word; 0 before anybody was there
}

// plant adds a word. One with other letters than ours is in no label that is looked at here.
func (b *sieveMaker) plant(word string) {
	for i := range len(word) {
		if word[i] >= utf8.RuneSelf {
			return
		}
	}
	n := 0
	for i := range len(word) {
		k := symbol(letterOf[word[i]])
		if b.tree[n][k] == 0 {
			b.tree, b.ends = append(b.tree, [symbols]int{}), append(b.ends, false)
			b.tree[n][k] = len(b.tree) - 1
		}
		n = b.tree[n][k]
	}
	b.ends[n] = true
}

// step reads one more letter or digit of a word.
func (b *sieveMaker) step(p place, k int) place {
	to := place{letters: p.letters}
	for _, n := range p.nodes[:p.count] {
		if child := b.tree[n][k]; child != 0 {
			to.at(child)
		}
	}
	if p.letters && (p.fresh || p.ending != "") {
		switch read := p.ending + string(rune('a'+k-lettersFrom)); read {
		case "e", "eme", "ieme":
			to.at(0)
			to.ending = read
		case "em", "i", "ie", "iem":
			to.ending = read
		}
	}
	return to
}

// state is the name of a place, which is new where nobody was there before.
func (b *sieveMaker) state(p place) uint32 {
	of := 0
	if p.letters {
		of = 1
	}
	lost := p.count == 0 && p.ending == "" // nearly always
	if lost && b.lost[of] != 0 {
		return b.lost[of]
	}
	if at, known := b.states[p]; known {
		return at
	}
	at := uint32(len(b.next)) //nolint:gosec // there are few words
	b.states[p] = at
	b.next = append(b.next, make([]uint32, symbols)...)
	b.waiting = append(b.waiting, p)
	if lost {
		b.lost[of] = at
	}
	return at
}

// leads tells where each symbol leads from a place.
func (b *sieveMaker) leads(p place) {
	at, ended := b.states[p], slices.ContainsFunc(p.nodes[:p.count], func(n int) bool { return b.ends[n] })
	for k := range symbols {
		to := uint32(caught)
		switch {
		case k > 0 && p.letters == (k >= lettersFrom):
			to = b.state(b.step(p, k))
		case !ended:
			to = b.next[k] // a space, or the first of another word
		}
		b.next[at+uint32(k)] = to //nolint:gosec // likewise
	}
}
