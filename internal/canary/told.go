package canary

import (
	"errors"
	"fmt"
	"log/slog"
)

// told is what a message says of a person, whatever its protocol.
type told struct {
	subject   string
	transient bool // the subject is made for this message alone (SAML transient)
	items     []item
	strange   []string // fields that are neither the protocol's own nor an attribute
	asides    []string // values of the protocol's own fields that are ours to fill, and so must say nothing of the person
}

// item is one attribute as it stands in the message.
type item struct {
	name, friendly string
	values         []string
}

// String shows nothing of the person.
func (t told) String() string { return fmt.Sprintf("[%d attributes]", len(t.items)) }

// GoString shows what String shows.
func (t told) GoString() string { return t.String() }

// LogValue shows what String shows.
func (t told) LogValue() slog.Value { return slog.StringValue(t.String()) }

// String shows the name and no value.
func (i item) String() string { return "[" + plain(i.name) + "]" }

// GoString shows what String shows.
func (i item) GoString() string { return i.String() }

// LogValue shows what String shows.
func (i item) LogValue() slog.Value { return slog.StringValue(i.String()) }

// errUnreadable says that a message does not parse. It holds nothing of the message.
var errUnreadable = errors.New("the message cannot be read")

// mostBytes is the length of the longest message that is read. The longest honest one has a tenth of it.
const mostBytes = 1 << 20

// read parses a message by its kind. The error is errUnreadable.
func (c *Canary) read(m *Message) (told, error) {
	if len(m.Body) == 0 || len(m.Body) > mostBytes {
		return told{}, errUnreadable
	}
	switch m.Kind {
	case "saml-response":
		return readSAML(c.saml, m.Body)
	case "id-token":
		return readToken(m.Body, idTokenClaims())
	case "userinfo":
		return readUserinfo(m.Body)
	case "cas":
		return readCAS(c.cas, m.Body)
	default:
		return told{}, errUnreadable
	}
}
