package saml

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"errors"
	"fmt"
	"slices"
)

var (
	// ErrEncrypted is wrapped when something encrypted is not read for what anybody can see of it: there is no key of ours,
	// an algorithm is refused, it stands beside another assertion.
	ErrEncrypted = errors.New("encrypted assertion")
	// ErrDecryption is all that is said of whatever cannot be decrypted, or is not what it must be once it is: which of both
	// would tell an attacker about what he cannot read (XML Encryption 1.1, 6.1).
	ErrDecryption = errors.New("encrypted assertion: what is inside cannot be used")
)

// Decryption is how encrypted assertions and name identifiers are read. The zero value reads none.
type Decryption struct {
	Keys     []crypto.Decrypter // ours, of RSA; each is tried
	EntityID string             // ours: a key that is for another Recipient is not tried
	CBC      bool               // AES-CBC is read too, whose ciphertext can be altered
}

// maxSealedKeys bounds what a message costs that anybody may have written: so many keys of it are tried with each of ours.
const maxSealedKeys = 2

// sealed is what an EncryptedAssertion or an EncryptedID holds (SAML Core 2.2.4 and 2.3.4).
type sealed struct {
	data blockCipher
	text []byte
	keys []sealedKey
	refs []string // IDs of keys, by RetrievalMethod
}

type sealedKey struct {
	id, recipient string
	how           transport
	bad           error // an algorithm that is refused, which is nothing to us where the key is another's
	text          []byte
}

func refuseSealed(why string) error { return fmt.Errorf("%w: %s", ErrEncrypted, why) }

// sealed reads the current element: one EncryptedData, and its keys inside it or beside it.
func (r reader) sealed() (*sealed, error) {
	s := &sealed{}
	err := r.each(func() error {
		switch {
		case r.is(nsXEnc, "EncryptedData") && s.data.size == 0:
			return r.encryptedData(s)
		case r.is(nsXEnc, "EncryptedKey"):
			return r.encryptedKey(s)
		}
		return refuseSealed("an unexpected element")
	})
	switch {
	case err != nil:
		return nil, err
	case s.data.size == 0:
		return nil, refuseSealed("no EncryptedData")
	}
	for _, ref := range s.refs {
		if !slices.ContainsFunc(s.keys, func(k sealedKey) bool { return k.id != "" && "#"+k.id == ref }) {
			return nil, refuseSealed("its key is elsewhere")
		}
	}
	return s, nil
}

// encryptedData reads how and what (XML Encryption 1.1, 3.2 and 3.4).
func (r reader) encryptedData(s *sealed) (err error) {
	if kind := r.value("Type"); kind != "" && kind != encElement {
		return refuseSealed("it is no element")
	}
	seen := map[string]bool{}
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] {
			return refuseSealed("an element twice")
		}
		seen[name] = true
		switch {
		case r.is(nsXEnc, "EncryptionMethod"):
			var known bool
			if s.data, known = cipherOf(r.value("Algorithm")); !known {
				return refuseSealed("data encryption algorithm")
			}
			return r.each(func() error { return refuseSealed("a parameter of the data encryption") })
		case r.is(nsDSig, "KeyInfo"):
			return r.each(func() error { return r.keyOf(s) })
		case r.is(nsXEnc, "CipherData"):
			s.text, err = r.cipherValue()
			return err
		}
		return refuseSealed("an unexpected element")
	})
	if err == nil && (s.data.size == 0 || !seen["CipherData"]) {
		return refuseSealed("no algorithm, or no data")
	}
	return err
}

// keyOf reads where the key is: here, or in this element by its ID (XML Encryption 1.1, 3.5). Names and certificates of
// keys are hints, and not needed.
func (r reader) keyOf(s *sealed) error {
	switch {
	case r.is(nsXEnc, "EncryptedKey"):
		return r.encryptedKey(s)
	case r.is(nsDSig, "RetrievalMethod"):
		if kind := r.value("Type"); kind != "" && kind != encKey {
			return refuseSealed("its key is elsewhere")
		}
		s.refs = append(s.refs, r.value("URI"))
		return r.each(func() error { return refuseSealed("its key is to be transformed") })
	}
	return nil
}

func (r reader) encryptedKey(s *sealed) (err error) {
	k := sealedKey{id: r.value("Id"), recipient: r.value("Recipient"), bad: errors.New("no key transport")}
	seen := map[string]bool{}
	err = r.each(func() error {
		name := string(r.local)
		if seen[name] {
			return refuseSealed("an element twice")
		}
		seen[name] = true
		switch {
		case r.is(nsXEnc, "EncryptionMethod"):
			k.how, k.bad, err = r.transport()
			return err
		case r.is(nsXEnc, "CipherData"):
			k.text, err = r.cipherValue()
			return err
		case r.is(nsDSig, "KeyInfo"), r.is(nsXEnc, "ReferenceList"), r.is(nsXEnc, "CarriedKeyName"):
			return nil
		}
		return refuseSealed("an unexpected element")
	})
	s.keys = append(s.keys, k)
	return err
}

// transport reads how a key is encrypted (XML Encryption 1.1, 5.5). A label is refused: nobody here has one.
func (r reader) transport() (how transport, bad, err error) {
	uri, digest, mask := r.value("Algorithm"), "", ""
	set := func(to *string) error {
		if *to != "" {
			return refuseSealed("a parameter of the key transport twice")
		}
		*to = r.value("Algorithm")
		return nil
	}
	err = r.each(func() error {
		switch {
		case r.is(nsDSig, "DigestMethod"):
			return set(&digest)
		case r.is(nsXEnc11, "MGF"):
			return set(&mask)
		}
		return refuseSealed("a parameter of the key transport")
	})
	how, bad = newTransport(uri, digest, mask)
	return how, bad, err
}

// cipherValue reads ciphertext; it is never to be fetched (XML Encryption 1.1, 3.3.1).
func (r reader) cipherValue() (value []byte, err error) {
	found := false
	err = r.each(func() error {
		if found || !r.is(nsXEnc, "CipherValue") {
			return refuseSealed("ciphertext that is elsewhere")
		}
		found = true
		text, err := r.content()
		if err != nil {
			return err
		}
		if value, err = decodeBase64Text(text); err != nil {
			return refuseSealed("ciphertext that is not base64")
		}
		return nil
	})
	if err == nil && !found {
		err = refuseSealed("no ciphertext")
	}
	return value, err
}

// ours are the keys that may be for us. The errors tell what anybody can see.
func (d Decryption) ours(s *sealed) ([]sealedKey, error) {
	switch {
	case len(d.Keys) == 0:
		return nil, refuseSealed("there is no key to read it with")
	case !s.data.gcm && !d.CBC:
		return nil, refuseSealed("AES-CBC, for which there is no exception")
	}
	var keys []sealedKey
	for _, k := range s.keys {
		switch {
		case k.recipient != "" && k.recipient != d.EntityID:
		case k.bad != nil:
			return nil, fmt.Errorf("%w: %w", ErrEncrypted, k.bad)
		default:
			keys = append(keys, k)
		}
	}
	if n := len(keys); n == 0 || n > maxSealedKeys {
		return nil, refuseSealed(fmt.Sprintf("%d keys of it may be for us", n))
	}
	return keys, nil
}

// open decrypts. Whatever goes wrong with a key, the data is decrypted all the same, with a key that is drawn: what a
// failure costs does not tell where it was.
func (d Decryption) open(s *sealed) (plain []byte, good bool, err error) {
	candidates, err := d.ours(s)
	if err != nil {
		return nil, false, err
	}
	key, found := make([]byte, s.data.size), false
	_, _ = rand.Read(key) // it never returns an error
	for _, k := range candidates {
		for _, our := range d.Keys {
			if public, ok := our.Public().(*rsa.PublicKey); !ok || public.Size() != len(k.text) {
				continue
			}
			got, err := our.Decrypt(rand.Reader, k.text, k.how.options())
			if err == nil && len(got) == len(key) && !found {
				key, found = got, true
			}
		}
	}
	plain, good = s.data.open(key, s.text)
	return plain, good && found, nil
}
