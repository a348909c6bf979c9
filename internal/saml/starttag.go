package saml

import "bytes"

// binding is one namespace declaration in scope; the empty uri undeclares the
// default namespace.
type binding struct {
	prefix, uri []byte
}

// maxNamespace bounds a namespace name: canonical form repeats it on every
// element that uses it first, so a long one would multiply.
const maxNamespace = 512

// lookup finds what a prefix stands for in a stack of bindings. An unbound
// empty prefix stands for no namespace.
func lookup(stack []binding, prefix []byte) (uri []byte, ok bool) {
	for i := len(stack) - 1; i >= 0; i-- {
		if bytes.Equal(stack[i].prefix, prefix) {
			return stack[i].uri, true
		}
	}
	return nil, len(prefix) == 0
}

func (t *tokenizer) resolve(prefix []byte) ([]byte, error) {
	if string(prefix) == "xml" {
		return []byte(nsXML), nil
	}
	uri, ok := lookup(t.ns, prefix)
	if !ok {
		return nil, t.fail("undeclared prefix %q", prefix)
	}
	return uri, nil
}

func (t *tokenizer) readStart() error {
	if len(t.open) == 0 && t.rooted {
		return t.fail("second root element")
	}
	if len(t.open) >= t.limits.Depth {
		return t.fail("more than %d levels", t.limits.Depth)
	}
	t.pos++
	nameAt := t.pos
	var err error
	if t.prefix, t.local, err = t.readQName(); err != nil {
		return err
	}
	t.open = append(t.open, openElement{qname: t.doc[nameAt:t.pos], bindings: len(t.ns)})
	t.rooted = true
	t.attrs = t.attrs[:0]
	if err := t.readAttributes(); err != nil {
		return err
	}
	if t.space, err = t.resolve(t.prefix); err != nil {
		return err
	}
	t.kind = tokStart
	return t.resolveAttributes()
}

// readQName reads a qualified name (Namespaces in XML 4): at most one colon,
// both sides NCNames.
func (t *tokenizer) readQName() (prefix, local []byte, err error) {
	n := ncNameLen(t.doc[t.pos:])
	local = t.doc[t.pos : t.pos+n]
	t.pos += n
	if n > 0 && t.pos < len(t.doc) && t.doc[t.pos] == ':' {
		prefix = local
		n = ncNameLen(t.doc[t.pos+1:])
		local = t.doc[t.pos+1 : t.pos+1+n]
		t.pos += 1 + n
	}
	if n == 0 || t.pos < len(t.doc) && t.doc[t.pos] == ':' {
		return nil, nil, t.fail("malformed name")
	}
	return prefix, local, nil
}

// readAttributes reads up to and including the '>' of a start tag.
func (t *tokenizer) readAttributes() error {
	for {
		before := t.pos
		for t.pos < len(t.doc) && isSpace(t.doc[t.pos]) {
			t.pos++
		}
		rest := t.doc[t.pos:]
		switch {
		case bytes.HasPrefix(rest, []byte(">")):
			t.pos++
			return nil
		case bytes.HasPrefix(rest, []byte("/>")):
			t.pos += 2
			t.selfClosed = true
			return nil
		case t.pos == before:
			return t.fail("malformed start tag")
		}
		if err := t.readAttribute(); err != nil {
			return err
		}
	}
}

func (t *tokenizer) readAttribute() error {
	prefix, local, err := t.readQName()
	if err != nil {
		return err
	}
	t.skipSpace()
	if t.pos >= len(t.doc) || t.doc[t.pos] != '=' {
		return t.fail("attribute %s without value", local)
	}
	t.pos++
	t.skipSpace()
	if t.pos >= len(t.doc) || t.doc[t.pos] != '"' && t.doc[t.pos] != '\'' {
		return t.fail("attribute %s is not quoted", local)
	}
	body := t.doc[t.pos+1:]
	n := bytes.IndexByte(body, t.doc[t.pos])
	if n < 0 || bytes.IndexByte(body[:n], '<') >= 0 || !validReferences(body[:n]) {
		return t.fail("malformed value of attribute %s", local)
	}
	t.pos += n + 2
	switch {
	case string(prefix) == "xmlns":
		return t.declare(local, body[:n])
	case len(prefix) == 0 && string(local) == "xmlns":
		return t.declare(nil, body[:n])
	}
	if len(t.attrs) >= t.limits.Attributes {
		return t.fail("more than %d attributes", t.limits.Attributes)
	}
	t.attrs = append(t.attrs, attribute{prefix: prefix, local: local, raw: body[:n]})
	return nil
}

func (t *tokenizer) skipSpace() {
	for t.pos < len(t.doc) && isSpace(t.doc[t.pos]) {
		t.pos++
	}
}

// declare puts one namespace declaration on the stack (Namespaces in XML 3 and
// 5). The stack's length is bounded, so look-ups stay linear in the document.
func (t *tokenizer) declare(prefix, raw []byte) error {
	uri := decoded(raw, rawAttr)
	own := t.ns[t.open[len(t.open)-1].bindings:]
	for _, b := range own {
		if bytes.Equal(b.prefix, prefix) {
			return t.fail("namespace prefix %q declared twice", prefix)
		}
	}
	isXML := string(prefix) == "xml"
	switch {
	case len(t.ns) >= t.limits.Attributes:
		return t.fail("more than %d namespaces in scope", t.limits.Attributes)
	case len(uri) > maxNamespace:
		return t.fail("namespace name of %d bytes", len(uri))
	case string(prefix) == "xmlns", isXML != (string(uri) == nsXML), string(uri) == nsXMLNS:
		return t.fail("reserved namespace")
	case len(prefix) > 0 && len(uri) == 0:
		return t.fail("namespace prefix %q undeclared", prefix)
	}
	if !isXML {
		t.ns = append(t.ns, binding{prefix: prefix, uri: uri})
	}
	return nil
}

// resolveAttributes gives every attribute its namespace and refuses two
// attributes of one expanded name (Namespaces in XML 6.3). The default
// namespace does not apply to attributes.
func (t *tokenizer) resolveAttributes() error {
	for i := range t.attrs {
		a := &t.attrs[i]
		if len(a.prefix) > 0 {
			uri, err := t.resolve(a.prefix)
			if err != nil {
				return err
			}
			a.space = uri
		}
		for _, b := range t.attrs[:i] {
			if bytes.Equal(a.local, b.local) && bytes.Equal(a.space, b.space) {
				return t.fail("attribute %s twice", a.local)
			}
		}
	}
	return nil
}
