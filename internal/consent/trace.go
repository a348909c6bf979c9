package consent

import (
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
	return hex.EncodeToString(keys.Derive("journal subject", key.Authority, key.ID, service)[:32])
}

// Vault derives, and hides what only this gateway may read again.
type Vault interface {
	attrs.Deriver
	Seal(ad, plain []byte) ([]byte, error)
	Open(ad, sealed []byte) ([]byte, error)
}

// Trace hides whom an inquiry is about, and finds them in the journal.
type Trace struct{ Keys Vault }

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

// Subjects gives the person's subject in the journal at each service, in the services' order.
func (t Trace) Subjects(inquiry, hidden string, services []string) ([]string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil {
		return nil, errTrace
	}
	plain, err := t.Keys.Open([]byte("inquiry "+inquiry), sealed)
	if err != nil {
		return nil, errTrace
	}
	var parts [2]string
	if err := json.Unmarshal(plain, &parts); err != nil || parts[0] == "" || parts[1] == "" {
		return nil, errTrace
	}
	var out []string
	for _, service := range services {
		out = append(out, JournalSubject(t.Keys, person.Key{Authority: parts[0], ID: parts[1]}, service))
	}
	return out, nil
}
