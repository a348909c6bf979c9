package samlidp

import (
	"fmt"
	"time"

	"ecluse/internal/saml"
)

// The values of encrypt.
const (
	encryptWhenPossible = "when_possible" // the default (SAML2int SDP-IDP11): where the metadata has a key to encrypt to
	encryptRequired     = "required"
	encryptNever        = "never"
)

// recipient is whom what the service receives is encrypted to; nil where it is sent in clear, inside TLS. A service for
// which encryption is required and not possible has none either: its settings are refused.
func recipient(s Settings, md saml.SPMetadata, now time.Time) *saml.Recipient {
	if s.Encrypt == encryptNever {
		return nil
	}
	to, err := saml.NewRecipient(md.EncryptionKeys, now)
	if err != nil {
		return nil
	}
	return to
}

// write signs a response, and encrypts the assertion where the service has whom to encrypt to. read is what the service
// reads.
func (s *party) write(signer *saml.Signer, response *saml.Response) (document, read []byte, err error) {
	if s.to != nil {
		return signer.AppendEncrypted(nil, response, signings()[s.Sign], s.to)
	}
	if s.Encrypt == encryptRequired {
		return nil, nil, saml.ErrNoRecipient
	}
	document, err = signer.AppendResponse(nil, response, signings()[s.Sign])
	return document, document, err
}

func (c *checker) encryptWord(s Settings) {
	switch s.Encrypt {
	case "", encryptWhenPossible, encryptRequired, encryptNever:
	default:
		c.say("settings.encrypt", fmt.Sprintf("%q is not known here", s.Encrypt), "when_possible, required or never")
	}
}

// encryption tells what becomes of assertions, where that is not what one would wish.
func (c *checker) encryption(s Settings, md saml.SPMetadata, now time.Time) {
	to, err := saml.NewRecipient(md.EncryptionKeys, now)
	switch {
	case s.Encrypt == encryptRequired && err != nil:
		c.say("settings.encrypt", err.Error(), "metadata with such a key, or when_possible")
	case s.Encrypt == encryptNever && err == nil:
		c.note("settings.encrypt", "the service could read assertions that are encrypted, and receives them in clear inside TLS", "leave it out")
	case s.Encrypt == encryptNever:
	case err != nil && len(md.EncryptionKeys) > 0:
		c.note("settings.metadata", "assertions are not encrypted: "+err.Error(), "ask the service for metadata that lists AES-GCM and RSA-OAEP")
	case err == nil && !to.Authenticated():
		c.note("settings.metadata", "assertions are encrypted with AES-128-CBC: the metadata lists nothing better", "ask the service for metadata that lists AES-256-GCM, where it reads that")
	}
}
