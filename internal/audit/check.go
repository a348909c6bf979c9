package audit

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

const (
	maxText       = 4096
	maxWord       = 128
	maxAttributes = 256
	maxDetail     = 64
	minHandle     = 22 // characters of base64 that hold 128 bits
)

// check refuses what the store could not give back unchanged, and what looks
// like a name or a value where a handle or a name of an attribute belongs.
func (e Entry) check() error {
	for field, word := range map[string]string{
		"writer": e.Writer, "class": string(e.Class), "action": e.Action, "outcome": string(e.Outcome),
	} {
		if !isWord(word) {
			return fmt.Errorf("%w: %s %q is no word", ErrEntry, field, word)
		}
	}
	for field, word := range map[string]string{"reason": e.Reason, "actor": e.Actor} {
		if word != "" && !isWord(word) {
			return fmt.Errorf("%w: %s is no word", ErrEntry, field) // it may name somebody: not repeated
		}
	}
	if e.Subject != "" && !isHandle(e.Subject) {
		return fmt.Errorf("%w: subject is not a derived handle", ErrEntry)
	}
	if len(e.Attributes) > maxAttributes || len(e.Detail) > maxDetail {
		return fmt.Errorf("%w: %d attributes, %d details", ErrEntry, len(e.Attributes), len(e.Detail))
	}
	for _, name := range e.Attributes {
		if !isWord(name) {
			return fmt.Errorf("%w: an attribute's name is no word", ErrEntry)
		}
	}
	return e.checkTexts()
}

func (e Entry) checkTexts() error {
	for field, text := range map[string]string{
		"ref": e.Ref, "service": e.Service, "declaration": e.Declaration, "uai": e.UAI,
		"source": e.Source, "protocol": e.Protocol,
	} {
		if !isText(text) {
			return fmt.Errorf("%w: %s is too long or no text", ErrEntry, field)
		}
	}
	for key, value := range e.Detail {
		if !isWord(key) {
			return fmt.Errorf("%w: a detail's name is no word", ErrEntry)
		}
		if !isText(value) {
			return fmt.Errorf("%w: detail %s is too long or no text", ErrEntry, key)
		}
	}
	if e.Version < 0 {
		return fmt.Errorf("%w: version %d", ErrEntry, e.Version)
	}
	return nil
}

// isText accepts what every store gives back byte for byte: UTF-8 without NUL,
// which PostgreSQL refuses.
func isText(s string) bool {
	return len(s) <= maxText && utf8.ValidString(s) && !strings.ContainsRune(s, 0)
}

// isWord accepts ASCII letters, digits and "._:/-": no blank, no at-sign.
func isWord(s string) bool { return s != "" && len(s) <= maxWord && only(s, "._:/-") }

// isHandle accepts the hexadecimal and URL-safe base64 forms of at least 128 bits.
func isHandle(s string) bool { return len(s) >= minHandle && len(s) <= maxWord && only(s, "_-") }

func only(s, more string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte(more, c) < 0 {
			return false
		}
	}
	return true
}
