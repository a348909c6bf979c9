package samlsp

import (
	"strings"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/settings"
)

// decryption is how an answer may be encrypted today: to any of our keys, whatever our metadata publishes at the moment,
// and with AES-CBC as long as the source has its exception.
func (o *ours) decryption() saml.Decryption {
	d := saml.Decryption{EntityID: o.entityID, CBC: o.cbc()}
	for _, key := range o.keys.Decrypters() {
		d.Keys = append(d.Keys, key)
	}
	return d
}

// cbc tells whether the exception holds: until its last day is over, in UTC.
func (o *ours) cbc() bool {
	return !o.cbcUntil.IsZero() && o.now().Before(o.cbcUntil.Ends(time.UTC))
}

// published gives the certificate to encrypt to, that of the active key, and a mark of it; none where the source is not to
// encrypt.
func (o *ours) published() (certificates [][]byte, mark string) {
	if !o.encryption {
		return nil, ""
	}
	for _, key := range o.keys.Decrypters() {
		if key.State() == keys.Active && key.Certificate() != nil {
			mark = " " + key.Mark()
			if o.cbc() {
				mark += " cbc"
			}
			return [][]byte{key.Certificate()}, mark
		}
	}
	return nil, ""
}

const cbcDays = 400 // how far ahead the exception may be dated: a school year and the summer behind it

// checkEncryption holds the exception for AES-CBC to a day and a reason. One that has ended is none: what is sent otherwise
// is still read.
func (s *Settings) checkEncryption(d *settings.Reader, now time.Time) {
	reason := strings.TrimSpace(s.CBCReason) != ""
	switch {
	case s.CBCUntil.IsZero() && reason:
		d.Say("cbc_until", "it is missing", "the last day of the exception, as 2027-07-07")
	case s.CBCUntil.IsZero():
	case !reason:
		d.Say("cbc_reason", "it is missing", "why this source cannot encrypt with AES-GCM")
	case !s.Encryption:
		d.Say("cbc_until", "no key to encrypt to is given to this source", "leave out cbc_until, or encryption")
	case s.CBCUntil.Starts(time.UTC).After(now.AddDate(0, 0, cbcDays)):
		d.Say("cbc_until", "it is more than 400 days away", "a nearer day; it can be dated anew")
	}
}
