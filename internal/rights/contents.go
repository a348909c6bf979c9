package rights

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"log/slog"
	"time"
)

// Vault derives, and hides what only this gateway may read again.
type Vault interface {
	Derive(purpose string, parts ...string) []byte
	Seal(ad, plain []byte) ([]byte, error)
	Open(ad, sealed []byte) ([]byte, error)
}

// HandleOf is under which requests of whoever has a handle (person.Key.Handle) are filed, and how the journal names them. It
// is derived for requests alone: no receipt, no release and no look can be joined to it.
func HandleOf(keys Vault, handle string) string {
	return hex.EncodeToString(keys.Derive("rights request", handle)[:32])
}

// WhomOf says whom a request is about. It is apart from HandleOf: what a guardian asks for a child is not among what the
// child asks, and that the two are about one person is all that can be seen.
func WhomOf(keys Vault, handle string) string {
	return hex.EncodeToString(keys.Derive("rights request about", handle)[:32])
}

func whom(keys Vault, handles []string) []string {
	out := make([]string, len(handles))
	for i, h := range handles {
		out[i] = WhomOf(keys, h)
	}
	return out
}

// Contents is what is sealed of a request: who it is about, and everything that people wrote.
type Contents struct {
	Who      []string `json:"who,omitempty"` // the handles of the person whom it is about, that of today first
	Contact  string   `json:"contact,omitempty"`
	Words    string   `json:"words,omitempty"`
	Lines    []string `json:"lines,omitempty"`  // of an incident: the references of the releases
	Longer   string   `json:"longer,omitempty"` // why more time was taken; the person reads it
	Answer   string   `json:"answer,omitempty"` // the answer, or why it is refused; the person reads it
	Instead  Instead  `json:"instead,omitzero"` // what the person does in the place of the service
	Comments []Remark `json:"comments,omitempty"`
}

// Instead is an equivalent activity: another service, or something else in words.
type Instead struct {
	Service string `json:"service,omitempty"`
	Text    string `json:"text,omitempty"`
}

// Remark is what one of those who answer says to the others. The person does not read it here.
type Remark struct {
	At     time.Time `json:"at"`
	Office string    `json:"office"`
	Text   string    `json:"text"`
}

// String shows nothing of the people.
func (c Contents) String() string { return "[contents of a request]" }

// GoString shows nothing of the people.
func (c Contents) GoString() string { return c.String() }

// LogValue shows nothing of the people.
func (c Contents) LogValue() slog.Value { return slog.StringValue(c.String()) }

// left is what stays sealed once a request is closed: as long as a door is shut, what to do in its place.
func (c Contents) left(r Request) Contents {
	var out Contents
	if r.Stands() {
		out.Instead = c.Instead
	}
	if !r.Settled {
		out.Who = c.Who // the door still has to be found
	}
	return out
}

func (c Contents) empty() bool {
	return len(c.Who) == 0 && c.Contact == "" && c.Words == "" && len(c.Lines) == 0 && c.Longer == "" && c.Answer == "" && c.Instead == (Instead{}) && len(c.Comments) == 0
}

// errContents says nothing of what could not be read.
var errContents = errors.New("what the request says cannot be read")

// hide seals contents for one request; sealed for one they open for no other. Nothing is an empty text.
func hide(keys Vault, ref string, c Contents) (string, error) {
	if c.empty() {
		return "", nil
	}
	plain, err := json.Marshal(c)
	if err != nil {
		return "", errContents
	}
	sealed, err := keys.Seal([]byte("rights request "+ref), plain)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// read opens what hide sealed.
func read(keys Vault, ref, hidden string) (Contents, error) {
	var c Contents
	if hidden == "" {
		return c, nil
	}
	sealed, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil {
		return c, errContents
	}
	plain, err := keys.Open([]byte("rights request "+ref), sealed)
	if err != nil || json.Unmarshal(plain, &c) != nil {
		return Contents{}, errContents
	}
	return c, nil
}
