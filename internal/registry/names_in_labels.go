package registry

// Names looks for what one person is called in many labels. It is made once for the person, and prints nothing of it.
type Names struct {
	whole []string
	parts []sound // of their words; a label with none of them, by itself or glued to one letter, names nobody
}

// NewNames prepares names. What is empty is left out.
func NewNames(names ...[]string) Names {
	n := Names{whole: make([]string, 0, usualNames), parts: make([]sound, 0, 2*usualNames)}
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
		n.parts = append(n.parts, w.word)
	}
	if w.lost {
		n.parts = n.parts[:before]
		for _, part := range Words(visible(name)) {
			n.parts = append(n.parts, soundOf(part))
		}
	}
	return len(n.parts) > before
}

// In tells whether a label names the person, as NamesSomebody does. A label that sounds like none of the names costs no
// memory.
func (n Names) In(label string) bool { return n.may(label) && NamesSomebody(label, n.whole...) }

func (n *Names) may(label string) bool {
	if len(n.parts) == 0 {
		return false
	}
	w := walker{label: label}
	for w.next() {
		glued := w.letters > 4 // names of four letters at least are looked for beside another
		for _, part := range n.parts {
			if part == w.word || glued && (part == w.butLast || part == w.butFirst()) {
				return true
			}
		}
	}
	return w.lost
}

// String shows nothing of the person.
func (n Names) String() string { return "[names]" }

// GoString shows what String shows.
func (n Names) GoString() string { return n.String() }
