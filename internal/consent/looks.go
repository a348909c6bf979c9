package consent

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
)

// HistorySubject is how the journal files who looked at a person's data at the desk, so that the person finds it in their
// own history. It is apart from JournalSubject: who reads the one cannot follow the other.
func HistorySubject(keys attrs.Deriver, key person.Key) string {
	return HistoryOf(keys, key.Handle(keys))
}

// HistoryOf is HistorySubject from the handle of a key, as the key book keeps it.
func HistoryOf(keys attrs.Deriver, handle string) string {
	return hex.EncodeToString(keys.Derive("history subject", handle)[:32])
}

// Looks hides the reasons that people type when they look at somebody's data: such a reason may hold a name, and the
// journal holds none in the clear.
type Looks struct{ Keys Vault }

var errReason = errors.New("the reason cannot be read")

// Subject is HistorySubject under the vault's keys.
func (l Looks) Subject(key person.Key) string { return HistorySubject(l.Keys, key) }

// Hide seals a text for one subject's history; sealed for one it opens for no other.
func (l Looks) Hide(subject, text string) (string, error) {
	sealed, err := l.Keys.Seal([]byte("look "+subject), []byte(text))
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(sealed), nil
}

// Reason opens what Hide sealed for the subject. The error says nothing of the text.
func (l Looks) Reason(subject, hidden string) (string, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(hidden)
	if err != nil {
		return "", errReason
	}
	plain, err := l.Keys.Open([]byte("look "+subject), sealed)
	if err != nil {
		return "", errReason
	}
	return string(plain), nil
}

// First is what comes before a release to somebody who was never told or asked anything: the act that is needed. It is for
// explanations; nothing is cleared by it. ErrParents means that nothing may leave.
func First(p person.Person, r attrs.Release, past Versions, now time.Time) (Need, error) {
	q := Asks(p, r.Profile(), r.Declaration(), r.Rules(), past, now.In(r.At().Location()))
	return asked{Question: q}.need(nil, past)
}
