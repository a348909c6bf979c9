package saml

import (
	"fmt"
	"slices"
	"strings"
)

// maxSignedInfo bounds what is canonicalised and hashed before any signature
// has been checked; an honest SignedInfo has less than a kilobyte.
const maxSignedInfo = 8 << 10

// signedInfo is what a signature says about itself (XML Signature 4.4).
type signedInfo struct {
	c14nInclusive   []string
	signatureMethod string
	uri             string
	transforms      []string
	inclusive       []string
	digestMethod    string
	digest          []byte
}

// signedInfo returns the canonical form of SignedInfo and what that form says.
func (s *outline) signedInfo(t *target) (signedInfo, []byte, error) {
	if t.signedInfo.to-t.signedInfo.from > maxSignedInfo {
		return signedInfo{}, nil, fmt.Errorf("%w: SignedInfo is too long", ErrSignature)
	}
	var info signedInfo
	for range 2 {
		raw, err := canonical(make([]byte, 0, 1<<10), s.doc, s.limits, t.signedInfo, span{}, info.c14nInclusive)
		if err != nil {
			return signedInfo{}, nil, err
		}
		said := info.c14nInclusive
		if info, err = parseSignedInfo(raw, s.limits); err != nil {
			return signedInfo{}, nil, err
		}
		if slices.Equal(said, info.c14nInclusive) {
			return info, raw, nil
		}
	}
	return signedInfo{}, nil, fmt.Errorf("%w: canonicalization method", ErrSignature)
}

// parseSignedInfo holds the document to the SAML profile of XML Signature (SAML
// Core 5.4): one Reference, the two transforms in their order, algorithms from
// the allow lists.
func parseSignedInfo(raw []byte, limits Limits) (signedInfo, error) {
	var info signedInfo
	r, err := reopenRoot(raw, limits)
	if err != nil {
		return info, err
	}
	step := 0
	err = r.each(func() (err error) {
		step++
		switch {
		case step == 1 && r.is(nsDSig, "CanonicalizationMethod"):
			if r.value("Algorithm") != nsExcC14N {
				return fmt.Errorf("%w: canonicalization method", ErrSignature)
			}
			info.c14nInclusive, err = r.prefixList()
			return err
		case step == 2 && r.is(nsDSig, "SignatureMethod"):
			info.signatureMethod = r.value("Algorithm")
			if _, _, ok := signatureAlgorithm(info.signatureMethod); !ok {
				return fmt.Errorf("%w: signature algorithm", ErrSignature)
			}
			return r.empty()
		case step == 3 && r.is(nsDSig, "Reference"):
			return r.reference(&info)
		}
		return fmt.Errorf("%w: unexpected <%s> in SignedInfo", ErrSignature, r.local)
	})
	if err != nil {
		return info, err
	}
	if step != 3 {
		return info, fmt.Errorf("%w: SignedInfo is incomplete", ErrSignature)
	}
	return info, nil
}

func (r reader) reference(info *signedInfo) error {
	info.uri = r.value("URI")
	step := 0
	err := r.each(func() error {
		step++
		switch {
		case step == 1 && r.is(nsDSig, "Transforms"):
			return r.each(func() error { return r.transform(info) })
		case step == 2 && r.is(nsDSig, "DigestMethod"):
			info.digestMethod = r.value("Algorithm")
			return r.empty()
		case step == 3 && r.is(nsDSig, "DigestValue"):
			v, err := r.content()
			if err != nil {
				return err
			}
			if info.digest, err = decodeBase64Text(v); err != nil {
				return fmt.Errorf("%w: digest is not base64", ErrSignature)
			}
			return nil
		}
		return fmt.Errorf("%w: unexpected <%s> in Reference", ErrSignature, r.local)
	})
	if err != nil {
		return err
	}
	if step != 3 || !slices.Equal(info.transforms, []string{algEnvelope, nsExcC14N}) {
		return fmt.Errorf("%w: transforms or digest of the reference", ErrSignature)
	}
	return nil
}

// transform refuses a third transform before it would be kept.
func (r reader) transform(info *signedInfo) (err error) {
	if !r.is(nsDSig, "Transform") || len(info.transforms) == 2 {
		return fmt.Errorf("%w: transforms", ErrSignature)
	}
	info.transforms = append(info.transforms, r.value("Algorithm"))
	if r.value("Algorithm") == nsExcC14N {
		info.inclusive, err = r.prefixList()
		return err
	}
	return r.empty()
}

// empty refuses any child element of the current one.
func (r reader) empty() error {
	return r.each(func() error {
		return fmt.Errorf("%w: unexpected <%s>", ErrSignature, r.local)
	})
}

// prefixList reads the InclusiveNamespaces child of a method or transform.
func (r reader) prefixList() (prefixes []string, err error) {
	err = r.each(func() error {
		if !r.is(nsExcC14N, "InclusiveNamespaces") || prefixes != nil {
			return fmt.Errorf("%w: unexpected <%s>", ErrSignature, r.local)
		}
		prefixes = strings.Fields(r.value("PrefixList"))
		if len(prefixes) > 16 {
			return fmt.Errorf("%w: too many inclusive prefixes", ErrSignature)
		}
		return nil
	})
	return prefixes, err
}
