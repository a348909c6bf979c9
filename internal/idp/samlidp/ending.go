package samlidp

import (
	"fmt"
	"time"

	"ecluse/internal/saml"
)

const (
	soonKeys     = 60 * 24 * time.Hour // a service's people need weeks to change a key
	soonMetadata = 30 * 24 * time.Hour // longer than any holiday but the summer's
)

// ending announces what will end: metadata, which then answers nobody, and certificates, whose dates decide nothing here
// (SAML V2.0 Metadata Interoperability Profile 2.6.1) but tell that the service is about to change its key.
func (c *checker) ending(md saml.SPMetadata, now time.Time) {
	if end := md.ValidUntil; !end.IsZero() && end.Before(now.Add(soonMetadata)) {
		c.note("settings.metadata", "it ends on "+end.UTC().Format(time.DateOnly)+", and nobody can sign in from then on",
			"ask the service for newer metadata")
	}
	say := func(use string, certificates []saml.Certificate) {
		for i, one := range certificates {
			if one.NotAfter.Before(now.Add(soonKeys)) {
				c.note("settings.metadata", fmt.Sprintf("the certificate of %s key %d of %d (%.16s…) ends on %s; the key still counts",
					use, i+1, len(certificates), one.Fingerprint, one.NotAfter.UTC().Format(time.DateOnly)), "ask the service for metadata with its next certificate beside this one")
			}
		}
	}
	say("signing", md.SigningKeys)
	say("encryption", md.EncryptionKeys)
}
