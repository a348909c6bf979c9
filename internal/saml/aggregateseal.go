package saml

import (
	"bytes"
	"crypto"
	"fmt"
)

// unseal reads the head of the document, up to the end of its signature, and holds that to everything but the digest. The
// signature must be the first child of the root (SAML Metadata 2.3.1 and 2.3.2 want it there) and stand whole in the first
// window. KeyInfo is not looked at: each of the signers' keys is tried.
func (a *aggregator) unseal() error {
	head, err := sealedHead(a.doc, a.limits)
	if err != nil {
		return err
	}
	limits := a.limits
	limits.Bytes, limits.Elements = len(head), MetadataLimits().Elements
	s, err := survey(head, limits)
	if err != nil {
		return err
	}
	for _, signer := range a.rules.Signers {
		var info signedInfo
		var digest crypto.Hash
		if info, digest, err = s.signed(s.root, []crypto.PublicKey{signer.Key}); err != nil {
			continue
		}
		a.found.Signer = signer.Fingerprint
		a.seal = &seal{
			canonicalizer: canonicalizer{t: a.tokenizer, inclusive: info.inclusive},
			rootID:        s.root.id, signature: int64(s.root.signature.from), digest: digest.New(), want: info.digest,
		}
		a.rendered = &a.seal.rendered
		return nil
	}
	return err
}

// sealedHead is the document up to the end of its signature, with the root closed behind it.
func sealedHead(doc []byte, limits Limits) ([]byte, error) {
	r := reader{reopen(doc, limits)}
	if err := r.next(); err != nil {
		return nil, err
	}
	root := bytes.Clone(r.open[0].qname)
	for {
		if err := r.next(); err != nil {
			return nil, fmt.Errorf("%w: no signature at the head of the document: %w", ErrSignature, err)
		}
		if r.kind != tokText {
			break
		}
	}
	if r.kind != tokStart || !r.is(nsDSig, "Signature") {
		return nil, fmt.Errorf("%w: the first child of the root is no signature", ErrSignature)
	}
	if err := r.leave(1); err != nil {
		return nil, fmt.Errorf("%w: no whole signature at the head of the document: %w", ErrSignature, err)
	}
	head := append(bytes.Clone(doc[:r.pos]), "</"...)
	return append(append(head, root...), '>'), nil
}

// write puts the current token into the canonical form that is digested.
func (a *aggregator) write() error {
	if a.seal == nil {
		return nil
	}
	switch a.kind {
	case tokStart:
		a.seal.startTag()
	case tokEnd:
		a.seal.endTag()
	case tokText:
		a.seal.text()
	}
	if len(a.seal.out) > window/8 {
		a.seal.flush()
	}
	return nil
}

func (s *seal) flush() {
	s.digest.Write(s.out)
	s.out = s.out[:0]
}

// skipSignature steps over the signature, which covers everything but itself.
func (a *aggregator) skipSignature() error {
	for outside := a.depth() - 1; a.depth() > outside; {
		if err := a.step(); err != nil {
			return err
		}
	}
	return nil
}
