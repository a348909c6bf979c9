package saml

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"time"
)

// writer appends XML in exclusive canonical form: namespace declarations first,
// attributes in byte order of their names, no empty-element tags, canonical
// escapes. Callers keep the order; writer keeps the escapes. The first value
// that XML cannot carry makes it fail for good, and nothing is handed out.
type writer struct {
	b   []byte
	err error
}

// raw appends markup, which is never a value from outside.
func (w *writer) raw(s string) { w.b = append(w.b, s...) }

// attr appends one attribute; its name is written with the leading space.
func (w *writer) attr(name, value string) {
	w.check(name, value)
	w.b = append(append(w.b, name...), `="`...)
	w.b = append(appendAttrValue(w.b, value), '"')
}

// optional appends the attribute unless it is empty.
func (w *writer) optional(name, value string) {
	if value != "" {
		w.attr(name, value)
	}
}

// instant appends a time as SAML wants it: UTC, here with milliseconds (SAML
// Core 1.3.3).
func (w *writer) instant(name string, at time.Time) {
	if y := at.UTC().Year(); y < 1970 || y > 9999 {
		w.refuse("no time for%s", name)
	}
	w.b = append(append(w.b, name...), `="`...)
	w.b = append(at.UTC().AppendFormat(w.b, "2006-01-02T15:04:05.000Z"), '"')
}

// text appends character data; what names it in an error.
func (w *writer) text(what, value string) {
	w.check(what, value)
	w.b = appendText(w.b, value)
}

// element appends an element of the given name that holds only text.
func (w *writer) element(name, value string) {
	w.b = append(append(append(w.b, '<'), name...), '>')
	w.text(name, value)
	w.b = append(append(append(w.b, "</"...), name...), '>')
}

func (w *writer) check(what, value string) {
	if !validChars(value) {
		w.refuse("%s holds invalid UTF-8 or a character XML forbids", what)
	}
}

// require refuses an empty mandatory value. The value itself is never part of
// the error: it may be personal.
func (w *writer) require(what, value string) {
	if value == "" {
		w.refuse("no %s", what)
	}
}

func (w *writer) id(what, value string) {
	if !isNCName(value) {
		w.refuse("%s is not an xs:ID", what)
	}
}

func (w *writer) refuse(format string, args ...any) {
	if w.err == nil {
		w.err = fmt.Errorf("write saml: "+format, args...)
	}
}

// NewID returns a fresh identifier with 128 random bits, as SAML Core 1.3.4
// asks, in the form of an xs:ID.
func NewID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // it never returns an error
	return "_" + hex.EncodeToString(b[:])
}
