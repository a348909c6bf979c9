package saml

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// ErrSyntax is wrapped by every refusal of the tokenizer: the document is not
// well-formed, not namespace-well-formed, or uses what SAML has no use for.
var ErrSyntax = errors.New("xml refused")

type tokenKind uint8

const (
	tokEOF tokenKind = iota
	tokStart
	tokEnd
	tokText
)

// attribute is one attribute of a start tag, namespace declarations left out.
// raw is its value as written between the quotes.
type attribute struct {
	prefix, local, space, raw []byte
}

type openElement struct {
	qname    []byte
	bindings int // length of the namespace stack outside the element
}

// tokenizer is a strict pull parser over one byte slice: every name and value
// is a slice of the document. It refuses document types, processing
// instructions, other encodings than UTF-8, duplicate attributes (by expanded
// name too), undeclared prefixes, malformed names, several roots and every
// reference but the predefined and numeric ones.
type tokenizer struct {
	doc    []byte
	limits Limits
	pos    int
	base   int64 // bytes of the document before doc: none but in a stream
	lines  int   // lines of it that end there

	// The current token.
	kind          tokenKind
	start         int // where it begins in doc
	prefix, local []byte
	space         []byte
	attrs         []attribute
	text          []byte
	textKind      rawKind
	ended         []byte // qualified name of the element that just ended

	open       []openElement
	ns         []binding
	selfClosed bool
	rooted     bool

	said string // doc once more, where what is read shares its memory instead of being copied (word)
	room room
}

// room is where the stacks of a tokenizer begin, so that an ordinary document needs no memory for them.
type room struct {
	attrs [8]attribute
	open  [12]openElement
	ns    [12]binding
}

// newTokenizer checks shape and characters of the whole document, so that no
// later step meets a byte that XML forbids.
func newTokenizer(doc []byte, limits Limits) (*tokenizer, error) {
	if err := limits.Check(doc); err != nil {
		return nil, err
	}
	if !validChars(doc) {
		return nil, fmt.Errorf("%w: invalid UTF-8 or a forbidden character", ErrSyntax)
	}
	return reopen(doc, limits), nil
}

// reopen starts again on a document that newTokenizer accepted before, or that
// this package wrote itself.
func reopen(doc []byte, limits Limits) *tokenizer {
	t := &tokenizer{doc: doc, limits: limits, pos: len(prolog(doc))}
	t.attrs, t.open, t.ns = t.room.attrs[:0], t.room.open[:0], t.room.ns[:0]
	return t
}

// word is b as a string, without a copy where b stands in the document as it is.
func (t *tokenizer) word(b []byte) string {
	if at := cap(t.doc) - cap(b); len(b) > 0 && at >= 0 && at+len(b) <= len(t.said) && &t.doc[at] == &b[0] {
		return t.said[at : at+len(b)]
	}
	return string(b)
}

// jump leaves the current element, whose end is known from an earlier reading of the same document.
func (t *tokenizer) jump(to int) {
	t.pos, t.selfClosed = to, false
	t.close()
}

// prolog returns the byte order mark, if any: it is no part of the document.
func prolog(doc []byte) []byte {
	bom := []byte("\uFEFF")
	if bytes.HasPrefix(doc, bom) {
		return bom
	}
	return nil
}

func (t *tokenizer) depth() int { return len(t.open) }

func (t *tokenizer) fail(format string, args ...any) error {
	said := fmt.Sprintf(format, args...)
	if len(said) > maxSaid {
		said = strings.ToValidUTF8(said[:maxSaid], "") + "…"
	}
	return fmt.Errorf("%w: line %d: %s", ErrSyntax, t.line(), said)
}

// maxSaid bounds what an error repeats of a document, in bytes: a name may be as long as the document, and a little data
// inflates to a long one.
const maxSaid = 256

// line is where the current token begins, counted from 1.
func (t *tokenizer) line() int {
	return 1 + t.lines + bytes.Count(t.doc[:min(t.start, len(t.doc))], []byte("\n"))
}

// next reads the next token. Text may come in several pieces, around comments
// and CDATA sections.
func (t *tokenizer) next() error {
	if t.selfClosed {
		t.selfClosed = false
		t.close()
		return nil
	}
	for {
		t.start = t.pos
		if t.pos == len(t.doc) {
			return t.end()
		}
		if t.doc[t.pos] != '<' {
			if err := t.readText(); err != nil || t.kind == tokText {
				return err
			}
			continue
		}
		if again, err := t.readMarkup(); err != nil || !again {
			return err
		}
	}
}

func (t *tokenizer) end() error {
	if len(t.open) > 0 || !t.rooted {
		return t.fail("document ends too early")
	}
	t.kind = tokEOF
	return nil
}

// readMarkup reads what a '<' starts; again is true when it was nothing that
// makes a token.
func (t *tokenizer) readMarkup() (again bool, err error) {
	rest := t.doc[t.pos:]
	if len(rest) > 1 && isASCIINameChar(rest[1]) {
		return false, t.readStart() // by far the most frequent
	}
	switch {
	case bytes.HasPrefix(rest, []byte("</")):
		return false, t.readEnd()
	case bytes.HasPrefix(rest, []byte("<![CDATA[")) && len(t.open) > 0:
		return false, t.readCDATA()
	case bytes.HasPrefix(rest, []byte("<!--")) && t.limits.Comments:
		return true, t.skipComment()
	case bytes.HasPrefix(rest, []byte("<?xml")) && t.base == 0 && t.pos == len(prolog(t.doc)):
		return true, t.readDeclaration()
	case bytes.HasPrefix(rest, []byte("<!")), bytes.HasPrefix(rest, []byte("<?")):
		return false, t.fail("declaration, comment or processing instruction")
	}
	return false, t.readStart()
}

func (t *tokenizer) readText() error {
	n := bytes.IndexByte(t.doc[t.pos:], '<')
	if n < 0 {
		n = len(t.doc) - t.pos
	}
	raw := t.doc[t.pos : t.pos+n]
	t.pos += n
	if len(t.open) == 0 {
		if len(trimSpace(raw)) > 0 {
			return t.fail("text outside the root element")
		}
		t.kind = tokEOF
		return nil
	}
	if bytes.Contains(raw, []byte("]]>")) || !validReferences(raw) {
		return t.fail("forbidden character sequence or unknown reference")
	}
	t.kind, t.text, t.textKind = tokText, raw, rawText
	return nil
}

func (t *tokenizer) readCDATA() error {
	body := t.doc[t.pos+len("<![CDATA["):]
	n := bytes.Index(body, []byte("]]>"))
	if n < 0 {
		return t.fail("open CDATA section")
	}
	t.kind, t.text, t.textKind = tokText, body[:n], rawCDATA
	t.pos += len("<![CDATA[") + n + len("]]>")
	return nil
}

// skipComment enforces XML 2.5: no "--" inside a comment.
func (t *tokenizer) skipComment() error {
	body := t.doc[t.pos+len("<!--"):]
	n := bytes.Index(body, []byte("--"))
	if n < 0 || n+2 >= len(body) || body[n+2] != '>' {
		return t.fail("malformed comment")
	}
	t.pos += len("<!--") + n + len("-->")
	return nil
}

// readDeclaration accepts the XML declaration of a UTF-8 document (XML 2.8).
func (t *tokenizer) readDeclaration() error {
	n := bytes.Index(t.doc[t.pos:], []byte("?>"))
	if n < 0 {
		return t.fail("open XML declaration")
	}
	words := bytes.Fields(t.doc[t.pos+len("<?xml") : t.pos+n])
	for i, w := range words {
		name, value, _ := bytes.Cut(w, []byte("="))
		value = bytes.ToLower(unquote(value))
		ok := false
		switch string(name) {
		case "version":
			ok = i == 0 && string(value) == "1.0"
		case "encoding":
			ok = i == 1 && string(value) == "utf-8"
		case "standalone":
			ok = i > 0 && i == len(words)-1 && (string(value) == "yes" || string(value) == "no")
		}
		if !ok {
			return t.fail("unsupported XML declaration")
		}
	}
	if len(words) == 0 {
		return t.fail("unsupported XML declaration")
	}
	t.pos += n + len("?>")
	return nil
}

func unquote(v []byte) []byte {
	if len(v) < 2 || v[0] != v[len(v)-1] || v[0] != '"' && v[0] != '\'' {
		return nil
	}
	return v[1 : len(v)-1]
}

func (t *tokenizer) readEnd() error {
	if len(t.open) == 0 {
		return t.fail("end tag without start")
	}
	qname := t.open[len(t.open)-1].qname
	rest := t.doc[t.pos+2:]
	if !bytes.HasPrefix(rest, qname) {
		return t.fail("end tag does not match <%s>", qname)
	}
	i := len(qname)
	for i < len(rest) && isSpace(rest[i]) {
		i++
	}
	if i == len(rest) || rest[i] != '>' {
		return t.fail("end tag does not match <%s>", qname)
	}
	t.pos += 2 + i + 1
	t.close()
	return nil
}

// close turns the current token into the end of the innermost element.
func (t *tokenizer) close() {
	top := len(t.open) - 1
	t.ended = t.open[top].qname
	t.ns = t.ns[:t.open[top].bindings]
	t.open = t.open[:top]
	t.kind = tokEnd
}
