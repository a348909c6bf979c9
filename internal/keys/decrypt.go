package keys

import (
	"crypto"
	"crypto/rsa"
	"errors"
	"fmt"
	"io"
)

// DecryptionKey is a key pair that others encrypt to. It is a crypto.Decrypter that never gives its private part away and
// prints nothing. The zero value decrypts nothing.
type DecryptionKey struct {
	conceal
	decrypter   func() crypto.Decrypter // see Master.secret
	id          string
	state       State
	mark        string
	certificate []byte
}

// KeyID is the JWK thumbprint of the public key (RFC 7638 section 3).
func (k DecryptionKey) KeyID() string { return k.id }

// State is where the key stands in its rotation. What we publish names the active one alone; the others decrypt what was
// encrypted by whoever has read an older or a newer document.
func (k DecryptionKey) State() State { return k.state }

// Mark is another text whenever what is published of the key is.
func (k DecryptionKey) Mark() string { return k.mark }

// Certificate is the DER of the key's certificate. It must not be altered.
func (k DecryptionKey) Certificate() []byte { return k.certificate }

// Public returns the public key, an *rsa.PublicKey; nil for the zero value.
func (k DecryptionKey) Public() crypto.PublicKey {
	if k.decrypter == nil {
		return nil
	}
	return k.decrypter().Public()
}

// Decrypt opens what was encrypted with RSA-OAEP (RFC 8017 section 7.1). PKCS #1 v1.5 is refused whoever asks for it: its
// failures tell an attacker what he needs to read messages that are not his (XML Encryption 1.1 section 5.5.1).
func (k DecryptionKey) Decrypt(random io.Reader, ciphertext []byte, opts crypto.DecrypterOpts) ([]byte, error) {
	if k.decrypter == nil {
		return nil, errors.New("decrypting: there is no such key")
	}
	oaep, ok := opts.(*rsa.OAEPOptions)
	if !ok || oaep == nil {
		return nil, fmt.Errorf("decrypting: key %s only computes %s", k.id, RSAOAEP)
	}
	return k.decrypter().Decrypt(random, ciphertext, oaep)
}
