package consent

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
)

// JournalSubject is how the journal files what a person did at a service, so that the entries of two services do not tell
// that it was one person; the empty service is for what concerns none.
func JournalSubject(keys attrs.Deriver, key person.Key, service string) string {
	return SubjectOf(keys, key.Handle(keys), service)
}

// SubjectOf is JournalSubject from the handle of a key, which is all that the key book keeps of one: so a person whose key
// has changed finds what was filed under the former one.
func SubjectOf(keys attrs.Deriver, handle, service string) string {
	return hex.EncodeToString(keys.Derive("journal subject", handle, service)[:32])
}

// Vault derives, and hides what only this gateway may read again.
type Vault interface {
	attrs.Deriver
	Seal(ad, plain []byte) ([]byte, error)
	Open(ad, sealed []byte) ([]byte, error)
}

// Trace hides whom an inquiry is about, and finds them in the journal.
type Trace struct {
	Keys Vault
	Book Handles // nil looks under the given key alone
}

// Handles lists the keys under which a person was ever known, as the key book does.
type Handles interface {
	Handles(ctx context.Context, own person.Key) ([]string, error)
}

// errTrace says nothing of what could not be read.
var errTrace = errors.New("whom the inquiry is about cannot be read")

// Hide seals a person's key for one inquiry; sealed for one it opens for no other.
func (t Trace) Hide(inquiry string, key person.Key) (string, error) {
	plain, err := json.Marshal([2]string{key.Authority, key.ID})
	if err != nil {
		return "", errTrace
	}
	sealed, err := t.Keys.Seal([]byte("inquiry "+inquiry), plain)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Subjects gives, for each service in the services' order, the subjects under which the journal has the person: one for
// each key under which they were ever known.
func (t Trace) Subjects(ctx context.Context, inquiry, hidden string, services []string) ([][]string, error) {
	key, err := t.key(inquiry, hidden)
	if err != nil {
		return nil, err
	}
	handles := []string{key.Handle(t.Keys)}
	if t.Book != nil {
		if handles, err = t.Book.Handles(ctx, key); err != nil {
			return nil, err
		}
	}
	out := make([][]string, len(services))
	for i, service := range services {
		for _, handle := range handles {
			out[i] = append(out[i], SubjectOf(t.Keys, handle, service))
		}
	}
	return out, nil
}

// key opens what Hide sealed.
func (t Trace) key(inquiry, hidden string) (person.Key, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil {
		return person.Key{}, errTrace
	}
	plain, err := t.Keys.Open([]byte("inquiry "+inquiry), sealed)
	if err != nil {
		return person.Key{}, errTrace
	}
	var parts [2]string
	if err := json.Unmarshal(plain, &parts); err != nil || parts[0] == "" || parts[1] == "" {
		return person.Key{}, errTrace
	}
	return person.Key{Authority: parts[0], ID: parts[1]}, nil
}

// HideMatch seals what a match is asked about; sealed for one inquiry it opens for no other, and for no other kind.
func (t Trace) HideMatch(inquiry string, text []byte) (string, error) {
	sealed, err := t.Keys.Seal([]byte("match "+inquiry), text)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// ReadMatch gives back what HideMatch sealed. The error says nothing of it.
func (t Trace) ReadMatch(inquiry, hidden string) ([]byte, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil {
		return nil, errTrace
	}
	text, err := t.Keys.Open([]byte("match "+inquiry), sealed)
	if err != nil {
		return nil, errTrace
	}
	return text, nil
}
