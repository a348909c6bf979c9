package registry

import (
	"strings"
	"unicode/utf8"
)

// Names looks for what one person is called in many labels. It is made once for the person, and prints nothing of it.
type Names struct {
	whole []string
	parts []string // folded; a label that holds none of them names nobody
}

// NewNames prepares names. What is empty is left out.
func NewNames(names ...[]string) Names {
	var n Names
	for _, list := range names {
		for _, name := range list {
			if parts := Words(name); len(parts) > 0 {
				n.whole, n.parts = append(n.whole, name), append(n.parts, parts...)
			}
		}
	}
	return n
}

// In tells whether a label names the person, as NamesSomebody does. A label in ASCII that holds no part of a name costs no
// memory.
func (n Names) In(label string) bool { return n.may(label) && NamesSomebody(label, n.whole...) }

func (n Names) may(label string) bool {
	for i := range len(label) {
		if label[i] >= utf8.RuneSelf {
			return true
		}
	}
	for _, part := range n.parts {
		if holdsFolded(label, part) {
			return true
		}
	}
	return false
}

// holdsFolded tells whether an ASCII label holds a lower-case part, whatever its case.
func holdsFolded(label, part string) bool {
	for i := 0; i+len(part) <= len(label); i++ {
		if strings.EqualFold(label[i:i+len(part)], part) {
			return true
		}
	}
	return false
}

// String shows nothing of the person.
func (n Names) String() string { return "[names]" }

// GoString shows what String shows.
func (n Names) GoString() string { return n.String() }
