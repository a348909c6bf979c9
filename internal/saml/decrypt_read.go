package saml

import (
	"bytes"
	"crypto"
	"crypto/rsa"
	"fmt"
)

// ReadResponse is the function of this name, for responses that may be encrypted to us. There is one assertion, encrypted or
// not; encrypted, it is signed inside, or the response is signed around what is then decrypted.
func (d Decryption) ReadResponse(msg []byte, keys []crypto.PublicKey) (Facts, error) {
	facts, err := d.readResponse(msg, keys)
	if err != nil {
		return Facts{}, fmt.Errorf("response: %w", err)
	}
	return facts, nil
}

// sealedAssertion reads the one encrypted assertion, of the verified bytes of the response where that is signed. All that
// is wrong behind its encryption is one error.
func (d Decryption) sealedAssertion(s *outline, outer []byte, responseSigned bool, keys []crypto.PublicKey) (*AssertionFacts, error) {
	r, err := reopenRoot(outer, s.limits)
	if err != nil {
		return nil, err
	}
	var locked *sealed
	err = r.each(func() (err error) {
		if r.is(nsAssertion, "EncryptedAssertion") {
			locked, err = r.sealed()
		}
		return err
	})
	if err == nil && locked == nil {
		err = refuseSealed("it is not where it was")
	}
	if err != nil {
		return nil, err
	}
	plain, good, err := d.open(locked)
	if err != nil {
		return nil, err
	}
	found, err := openedAssertion(plain, s.ids, responseSigned, keys)
	if err != nil || !good {
		return nil, ErrDecryption
	}
	return found, nil
}

// openedAssertion treats what was decrypted as a document of its own, from the shape check on; IDs of the response are no
// IDs for it. It must stand by itself: prefixes that are declared around its ciphertext mean nothing in it.
func openedAssertion(plain []byte, taken map[string]bool, trusted bool, keys []crypto.PublicKey) (*AssertionFacts, error) {
	s, err := surveyBeside(plain, MessageLimits(), taken)
	if err == nil && (s.rootSpace != nsAssertion || s.rootName != "Assertion") {
		err = fmt.Errorf("%w: no Assertion", ErrSyntax)
	}
	if err != nil {
		spend(keys)
		return nil, err
	}
	body := plain
	if !trusted || !s.root.signature.empty() {
		if body, err = s.verify(s.root, keys); err != nil {
			return nil, err
		}
	}
	r, err := reopenRoot(body, s.limits)
	if err != nil {
		return nil, err
	}
	return r.assertion()
}

// spend costs what it would to look at a signature, which nobody came to.
func spend(keys []crypto.PublicKey) {
	for _, key := range keys {
		size, algorithm := ecdsaBytes, algECDSA256
		if k, ok := key.(*rsa.PublicKey); ok {
			size, algorithm = k.Size(), algRSA256
		}
		verifySignature([]crypto.PublicKey{key}, algorithm, nil, bytes.Repeat([]byte{1}, size))
	}
}

const ecdsaBytes = 64 // on P-256

// openName reads an encrypted name identifier (SAML Core 2.2.4) of a verified assertion.
func (d Decryption) openName(a *AssertionFacts) error {
	if a.sealedName == nil {
		return nil
	}
	plain, good, err := d.open(a.sealedName)
	if err != nil {
		return err
	}
	a.sealedName = nil
	name, err := openedName(plain)
	if err != nil || !good {
		return ErrDecryption
	}
	a.NameID = name
	return nil
}

func openedName(plain []byte) (NameID, error) {
	r, err := openRoot(plain, MessageLimits())
	if err != nil {
		return NameID{}, err
	}
	if !r.is(nsAssertion, "NameID") {
		return NameID{}, r.fail("no NameID")
	}
	name, err := r.nameID()
	if err == nil {
		err = r.finish()
	}
	return name, err
}

// nameID reads the current NameID.
func (r reader) nameID() (n NameID, err error) {
	n = NameID{
		Format: r.value("Format"), NameQualifier: r.value("NameQualifier"),
		SPNameQualifier: r.value("SPNameQualifier"),
	}
	n.Value, err = r.content()
	return n, err
}
