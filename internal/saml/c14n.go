package saml

import (
	"bytes"
	"slices"
)

// span is a byte range of a document.
type span struct{ from, to int }

func (s span) empty() bool { return s.to == 0 }

// canonicalizer writes one element in exclusive canonical form without comments
// (Exclusive XML Canonicalization 1.0, section 3), straight from the tokens.
type canonicalizer struct {
	t         *tokenizer
	out       []byte
	scratch   []byte
	inclusive []string // PrefixList of InclusiveNamespaces
	rendered  []binding
	marks     []int // length of rendered outside each element written
	nodes     []binding
	order     []*attribute
}

// desk is where the stacks of a canonicalizer begin.
type desk struct {
	scratch         [256]byte
	rendered, nodes [8]binding
	marks           [12]int
	order           [8]*attribute
}

// canonical appends the canonical form of the element that starts at el.from to
// dst, leaving out the direct or indirect child that starts at skip.from. doc
// must have passed the tokenizer before.
func canonical(dst, doc []byte, limits Limits, el, skip span, inclusive []string) ([]byte, error) {
	var d desk
	c := canonicalizer{
		t: reopen(doc, limits), out: dst, inclusive: inclusive,
		scratch: d.scratch[:0], rendered: d.rendered[:0], marks: d.marks[:0], nodes: d.nodes[:0], order: d.order[:0],
	}
	for {
		if err := c.t.next(); err != nil {
			return nil, err
		}
		if c.t.kind == tokEOF {
			return nil, c.t.fail("element to canonicalise not found")
		}
		if c.t.kind == tokStart && c.t.start == el.from {
			return c.out, c.element(skip)
		}
	}
}

// element writes the current element up to its end tag.
func (c *canonicalizer) element(skip span) error {
	outside := c.t.depth() - 1
	c.startTag()
	for c.t.depth() > outside {
		if err := c.t.next(); err != nil {
			return err
		}
		switch c.t.kind {
		case tokStart:
			if !skip.empty() && c.t.start == skip.from {
				if err := (reader{c.t}).leave(c.t.depth() - 1); err != nil {
					return err
				}
				continue
			}
			c.startTag()
		case tokEnd:
			c.endTag()
		case tokText:
			c.text()
		}
	}
	return nil
}

func (c *canonicalizer) startTag() {
	c.marks = append(c.marks, len(c.rendered))
	c.collect()
	c.out = append(c.out, '<')
	c.out = append(c.out, c.t.open[len(c.t.open)-1].qname...)
	for _, n := range c.nodes {
		c.out = append(c.out, " xmlns"...)
		if len(n.prefix) > 0 {
			c.out = append(append(c.out, ':'), n.prefix...)
		}
		c.out = appendAttrValue(append(c.out, `="`...), n.uri)
		c.out = append(c.out, '"')
	}
	for _, a := range c.sortedAttributes() {
		c.out = append(c.out, ' ')
		if len(a.prefix) > 0 {
			c.out = append(append(c.out, a.prefix...), ':')
		}
		c.out = append(append(c.out, a.local...), `="`...)
		if plain(a.raw) && bytes.IndexByte(a.raw, '"') < 0 {
			c.out = append(c.out, a.raw...)
		} else {
			c.scratch = appendDecoded(c.scratch[:0], a.raw, rawAttr)
			c.out = appendAttrValue(c.out, c.scratch)
		}
		c.out = append(c.out, '"')
	}
	c.out = append(c.out, '>')
}

func (c *canonicalizer) endTag() {
	top := len(c.marks) - 1
	c.rendered = c.rendered[:c.marks[top]]
	c.marks = c.marks[:top]
	c.out = append(append(append(c.out, "</"...), c.t.ended...), '>')
}

func (c *canonicalizer) text() {
	raw := c.t.text
	if bytes.IndexByte(raw, '&') >= 0 || bytes.IndexByte(raw, '\r') >= 0 {
		c.scratch = appendDecoded(c.scratch[:0], raw, c.t.textKind)
		raw = c.scratch
	}
	c.out = appendText(c.out, raw)
}

// collect finds the namespace nodes to write on the current element: those
// visibly utilised by it, and those of the PrefixList, unless an output
// ancestor has already written the same.
func (c *canonicalizer) collect() {
	c.nodes = c.nodes[:0]
	c.use(c.t.prefix)
	for i := range c.t.attrs {
		if len(c.t.attrs[i].prefix) > 0 {
			c.use(c.t.attrs[i].prefix)
		}
	}
	for _, p := range c.inclusive {
		if p == "#default" {
			c.use(nil)
		} else {
			c.use([]byte(p))
		}
	}
	slices.SortFunc(c.nodes, func(a, b binding) int { return bytes.Compare(a.prefix, b.prefix) })
}

func (c *canonicalizer) use(prefix []byte) {
	if string(prefix) == "xml" {
		return
	}
	uri, bound := lookup(c.t.ns, prefix)
	written, _ := lookup(c.rendered, prefix)
	if !bound || bytes.Equal(uri, written) {
		return
	}
	node := binding{prefix: prefix, uri: uri}
	c.nodes = append(c.nodes, node)
	c.rendered = append(c.rendered, node)
}

// sortedAttributes orders by namespace, then by local name (Canonical XML 1.0,
// section 2.2, document order of attribute nodes).
func (c *canonicalizer) sortedAttributes() []*attribute {
	c.order = c.order[:0]
	for i := range c.t.attrs {
		c.order = append(c.order, &c.t.attrs[i])
	}
	slices.SortFunc(c.order, func(a, b *attribute) int {
		if n := bytes.Compare(a.space, b.space); n != 0 {
			return n
		}
		return bytes.Compare(a.local, b.local)
	})
	return c.order
}

// appendText escapes the characters of a text node (Canonical XML 1.0, 2.3).
func appendText[T ~string | ~[]byte](dst []byte, s T) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '>':
			esc = "&gt;"
		case '\r':
			esc = "&#xD;"
		default:
			continue
		}
		dst = append(append(dst, s[from:i]...), esc...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}

// appendAttrValue escapes the characters of an attribute value (same section).
func appendAttrValue[T ~string | ~[]byte](dst []byte, s T) []byte {
	from := 0
	for i := 0; i < len(s); i++ {
		var esc string
		switch s[i] {
		case '&':
			esc = "&amp;"
		case '<':
			esc = "&lt;"
		case '"':
			esc = "&quot;"
		case '\t':
			esc = "&#x9;"
		case '\n':
			esc = "&#xA;"
		case '\r':
			esc = "&#xD;"
		default:
			continue
		}
		dst = append(append(dst, s[from:i]...), esc...)
		from = i + 1
	}
	return append(dst, s[from:]...)
}
