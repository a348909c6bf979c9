package saml

import (
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// reader walks a document by recursive descent over the tokenizer. A reader
// stands on a start tag whenever a callback of each is called, and whatever the
// callback leaves unread of that element is skipped.
type reader struct{ *tokenizer }

// openRoot checks doc and stands the reader on its root element.
func openRoot(doc []byte, limits Limits) (reader, error) {
	t, err := newTokenizer(doc, limits)
	if err != nil {
		return reader{}, err
	}
	return reader{t}, t.next()
}

// reopenRoot does the same for bytes this package wrote or canonicalised, which nobody alters any more: what is read of them
// stands in one copy of them all.
func reopenRoot(doc []byte, limits Limits) (reader, error) {
	t := reopen(doc, limits)
	t.said = string(doc)
	return reader{t}, t.next()
}

func (r reader) is(space, local string) bool {
	return string(r.local) == local && string(r.space) == space
}

// each calls fn on every child element of the current one and stops behind its
// end. Text between children is refused: no SAML element has mixed content.
func (r reader) each(fn func() error) error {
	depth := r.depth()
	for {
		if err := r.next(); err != nil {
			return err
		}
		switch r.kind {
		case tokEnd:
			return nil
		case tokText:
			if len(trimSpace(decoded(r.text, r.textKind))) > 0 {
				return r.fail("text between elements")
			}
		case tokStart:
			if err := fn(); err != nil {
				return err
			}
			if err := r.leave(depth); err != nil {
				return err
			}
		}
	}
}

// leave reads on until no more than depth elements are open.
func (r reader) leave(depth int) error {
	for r.depth() > depth {
		if err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// finish makes sure that nothing follows the root element.
func (r reader) finish() error {
	if err := r.leave(0); err != nil {
		return err
	}
	for r.kind != tokEOF {
		if err := r.next(); err != nil {
			return err
		}
	}
	return nil
}

// content returns the whole text of the current element, which must have no
// child elements, and stops behind its end.
func (r reader) content() (string, error) {
	text, plain, err := r.plainContent()
	if err == nil && !plain {
		err = r.fail("an element stands where text is expected")
	}
	return text, err
}

// plainContent is content that tells of child elements instead of refusing
// them; text is then of no use. It stops behind the element either way.
func (r reader) plainContent() (text string, plain bool, err error) {
	var all []byte // aliases the document while there is one piece only
	outside, pieces := r.depth()-1, 0
	for plain = true; ; {
		if err := r.next(); err != nil {
			return "", false, err
		}
		switch {
		case r.depth() == outside:
			return r.word(all), plain, nil
		case r.kind == tokStart:
			plain = false
		case r.kind == tokText:
			piece := decoded(r.text, r.textKind)
			if pieces++; pieces == 1 {
				all = piece
			} else {
				all = append(all[:len(all):len(all)], piece...)
			}
		}
	}
}

// trimmed is content without surrounding white space, for values whose XML
// Schema type collapses it (anyURI, dateTime, base64Binary).
func (r reader) trimmed() (string, error) {
	s, err := r.content()
	return strings.Trim(s, " \t\r\n"), err
}

// attr returns an attribute without namespace.
func (r reader) attr(name string) (string, bool) {
	for _, a := range r.attrs {
		if len(a.space) == 0 && string(a.local) == name {
			return r.word(decoded(a.raw, rawAttr)), true
		}
	}
	return "", false
}

func (r reader) value(name string) string {
	v, _ := r.attr(name)
	return v
}

func (r reader) lang() string {
	for _, a := range r.attrs {
		if string(a.space) == nsXML && string(a.local) == "lang" {
			return string(decoded(a.raw, rawAttr))
		}
	}
	return ""
}

// boolean reads an xs:boolean; a missing attribute is false.
func (r reader) boolean(name string) (bool, error) {
	switch v, ok := r.attr(name); {
	case !ok, v == "false", v == "0":
		return false, nil
	case v == "true", v == "1":
		return true, nil
	}
	return false, r.fail("%s of <%s> is not a boolean", name, r.local)
}

// index reads an xs:unsignedShort; ok tells whether it is there.
func (r reader) index(name string) (n int, ok bool, err error) {
	v, ok := r.attr(name)
	if !ok {
		return 0, false, nil
	}
	u, err := strconv.ParseUint(v, 10, 16)
	if err != nil {
		return 0, false, r.fail("%s of <%s> is not a number up to 65535", name, r.local)
	}
	return int(u), true, nil
}

// instant reads an xs:dateTime attribute; a missing one is the zero time.
func (r reader) instant(name string) (time.Time, error) {
	v, ok := r.attr(name)
	if !ok {
		return time.Time{}, nil
	}
	at, err := parseInstant(v)
	if err != nil {
		return time.Time{}, r.fail("%s of <%s> is not a UTC time", name, r.local)
	}
	return at, nil
}

// parseInstant reads an xs:dateTime. SAML Core 1.3.3 wants UTC; an offset says
// the same instant and is harmless, a missing zone is not.
func parseInstant(v string) (time.Time, error) {
	at, err := time.Parse(time.RFC3339Nano, strings.Trim(v, " \t\r\n"))
	if err != nil || strings.ContainsRune(v, ',') {
		return time.Time{}, fmt.Errorf("%q is not a time with a zone", v)
	}
	return at.UTC(), nil
}

// decodeBase64 ignores the line breaks that MIME writers leave and refuses
// everything else that is not base64, padding included.
func decodeBase64(s string) ([]byte, error) {
	return base64.StdEncoding.Strict().DecodeString(s)
}

// decodeBase64Text is decodeBase64 for element content, which people indent.
func decodeBase64Text(s string) ([]byte, error) {
	return decodeBase64(strings.ReplaceAll(strings.ReplaceAll(s, " ", ""), "\t", ""))
}
