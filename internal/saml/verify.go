package saml

import (
	"crypto"
	"crypto/subtle"
	"fmt"
	"maps"
)

// VerifyRoot verifies the enveloped signature of the document's root element
// and returns that element in canonical form without the signature. A caller
// reads those bytes and nothing else of the document. The keys are the ones
// registered for the sender; KeyInfo in the message is not looked at.
func VerifyRoot(doc []byte, limits Limits, keys []crypto.PublicKey) ([]byte, error) {
	s, err := survey(doc, limits)
	if err != nil {
		return nil, err
	}
	return s.verify(s.root, keys)
}

// target is an element that may carry an enveloped signature.
type target struct {
	span
	id         string
	signature  span
	signedInfo span
	value      string // SignatureValue, base64
}

// outline is what one pass over a document finds: where the root and its
// assertions stand and where their signatures are.
type outline struct {
	doc        []byte
	limits     Limits
	rootName   string // local name
	rootSpace  string
	root       *target
	assertions []*target
	encrypted  int // EncryptedAssertions directly below the root

	r   reader
	ids map[string]bool
}

// survey reads the whole document once. It refuses duplicate IDs, a signature
// anywhere but as a direct child of the root or of an assertion directly below
// the root, and an assertion anywhere else: what is not there cannot be
// confused with what was signed.
func survey(doc []byte, limits Limits) (*outline, error) {
	return surveyBeside(doc, limits, nil)
}

// surveyBeside is survey with IDs that are taken.
func surveyBeside(doc []byte, limits Limits, taken map[string]bool) (*outline, error) {
	r, err := openRoot(doc, limits)
	if err != nil {
		return nil, err
	}
	s := &outline{doc: doc, limits: limits, r: r, ids: make(map[string]bool, 4)}
	maps.Copy(s.ids, taken)
	s.rootName, s.rootSpace = string(r.local), string(r.space)
	s.root, err = s.signable(true)
	if err != nil {
		return nil, err
	}
	return s, r.finish()
}

// signable reads the current element and its direct-child signature.
func (s *outline) signable(root bool) (*target, error) {
	t := &target{span: span{from: s.r.start}, id: s.r.value("ID")}
	if err := s.takeIDs(); err != nil {
		return nil, err
	}
	protocol := s.rootSpace == nsProtocol
	err := s.r.each(func() error {
		switch {
		case s.r.is(nsDSig, "Signature"):
			return s.readSignature(t)
		case root && protocol && s.r.is(nsAssertion, "Assertion"):
			a, err := s.signable(false)
			s.assertions = append(s.assertions, a)
			return err
		case root && protocol && s.r.is(nsAssertion, "EncryptedAssertion"):
			s.encrypted++
		}
		return s.inside()
	})
	t.to = s.r.pos
	return t, err
}

// inside walks an element in which neither assertion nor signature may stand.
func (s *outline) inside() error {
	outside := s.r.depth() - 1
	for {
		if s.r.kind == tokStart {
			encrypted := s.r.is(nsAssertion, "EncryptedAssertion") && s.r.depth() != 2
			if encrypted || s.r.is(nsDSig, "Signature") || s.r.is(nsAssertion, "Assertion") {
				return fmt.Errorf("%w: <%s> in an unexpected place", ErrSignature, s.r.local)
			}
			if err := s.takeIDs(); err != nil {
				return err
			}
		}
		if err := s.r.next(); err != nil {
			return err
		}
		if s.r.depth() == outside {
			return nil
		}
	}
}

// takeIDs notes every attribute that somebody may take for an identifier.
func (s *outline) takeIDs() error {
	for _, a := range s.r.attrs {
		switch string(a.local) {
		case "ID", "Id", "id":
			id := string(decoded(a.raw, rawAttr))
			if s.ids[id] {
				return fmt.Errorf("%w: an ID is used twice", ErrSignature)
			}
			s.ids[id] = true
		}
	}
	return nil
}

// readSignature reads the outer frame of a signature (XML Signature 4.1):
// SignedInfo, SignatureValue and at most one KeyInfo, in this order, no Object.
func (s *outline) readSignature(t *target) error {
	if !t.signature.empty() {
		return fmt.Errorf("%w: two signatures on one element", ErrSignature)
	}
	if err := s.takeIDs(); err != nil {
		return err
	}
	at, step := s.r.start, 0
	err := s.r.each(func() error {
		step++
		switch {
		case step == 1 && s.r.is(nsDSig, "SignedInfo"):
			from := s.r.start
			err := s.inside()
			t.signedInfo = span{from, s.r.pos}
			return err
		case step == 2 && s.r.is(nsDSig, "SignatureValue"):
			var err error
			t.value, err = s.r.content()
			return err
		case step == 3 && s.r.is(nsDSig, "KeyInfo"):
			return s.inside()
		}
		return fmt.Errorf("%w: unexpected <%s> in a signature", ErrSignature, s.r.local)
	})
	t.signature = span{at, s.r.pos}
	if err == nil && step < 2 {
		return fmt.Errorf("%w: incomplete", ErrSignature)
	}
	return err
}

// verify checks the signature over SignedInfo first, so that everything read
// from it is the signer's word, then the digest of the element.
func (s *outline) verify(t *target, keys []crypto.PublicKey) ([]byte, error) {
	info, hash, err := s.signed(t, keys)
	if err != nil {
		return nil, err
	}
	body, err := canonical(make([]byte, 0, (t.to-t.from)*5/4), s.doc, s.limits, t.span, t.signature, info.inclusive)
	if err != nil {
		return nil, err
	}
	h := hash.New()
	h.Write(body)
	if subtle.ConstantTimeCompare(h.Sum(nil), info.digest) != 1 {
		return nil, fmt.Errorf("%w: digest differs", ErrSignature)
	}
	return body, nil
}

// signed checks everything about a signature but the digest of what it covers, and gives what it says and how it digests.
func (s *outline) signed(t *target, keys []crypto.PublicKey) (signedInfo, crypto.Hash, error) {
	no := func(why string) (signedInfo, crypto.Hash, error) {
		return signedInfo{}, 0, fmt.Errorf("%w: %s", ErrSignature, why)
	}
	switch {
	case t.signature.empty():
		return no("element is not signed")
	case !isNCName(t.id):
		return no("element has no well-formed ID")
	}
	info, raw, err := s.signedInfo(t)
	if err != nil {
		return signedInfo{}, 0, err
	}
	value, err := decodeBase64Text(t.value)
	if err != nil || !verifySignature(keys, info.signatureMethod, raw, value) {
		return no("made by none of the registered keys")
	}
	if info.uri != "#"+t.id {
		return no("reference names another element than its parent")
	}
	hash, ok := digestAlgorithm(info.digestMethod)
	if !ok {
		return no("digest algorithm")
	}
	return info, hash, nil
}
