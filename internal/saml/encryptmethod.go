package saml

import (
	"crypto/rsa"
	"errors"
	"slices"
	"time"
)

// EncryptionMethod is one that metadata lists for a key (SAML Metadata 2.4.1.1). Digest and Mask are empty where it does
// not say.
type EncryptionMethod struct{ Algorithm, Digest, Mask string }

func (p *spParser) encryptionMethod() (m EncryptionMethod, err error) {
	m.Algorithm = p.value("Algorithm")
	err = p.each(func() error {
		switch {
		case p.is(nsDSig, "DigestMethod"):
			m.Digest = p.value("Algorithm")
		case p.is(nsXEnc11, "MGF"):
			m.Mask = p.value("Algorithm")
		}
		return nil
	})
	return m, err
}

// ErrNoRecipient is why NewRecipient finds nothing to encrypt to.
var ErrNoRecipient = errors.New("the metadata has no key that can be encrypted to: RSA of 2048 bits or more, with RSA-OAEP and AES")

// NewRecipient chooses among a service's keys: the one whose certificate ends last, certificates that have ended behind all
// others. Those are keys still (SAML V2.0 Metadata Interoperability Profile 2.6.1), and what metadata lists its service can
// read. A key that is not RSA, or for which the metadata lists only what is not written here, is passed over.
func NewRecipient(keys []Certificate, now time.Time) (*Recipient, error) {
	byEnd := slices.Clone(keys)
	slices.SortStableFunc(byEnd, func(a, b Certificate) int {
		if a, b := now.After(a.NotAfter), now.After(b.NotAfter); a != b {
			if a {
				return 1
			}
			return -1
		}
		return b.NotAfter.Compare(a.NotAfter)
	})
	for _, c := range byEnd {
		public, ok := c.Key.(*rsa.PublicKey)
		if !ok || public.N.BitLen() < minRSABits {
			continue
		}
		if data, how, ok := agree(c.Methods); ok {
			return prepareRecipient(public, c, data, how), nil
		}
	}
	return nil, ErrNoRecipient
}

// agree chooses the best of what is listed: authenticated encryption, else AES-128-CBC, which whoever reads XML Encryption
// reads (5.2.2); not where triple DES is all that is listed.
func agree(methods []EncryptionMethod) (blockCipher, transport, bool) {
	listed := func(uri string) bool {
		return slices.ContainsFunc(methods, func(m EncryptionMethod) bool { return m.Algorithm == uri })
	}
	best := algCBC128
	if i := slices.IndexFunc([]string{algGCM256, algGCM192, algGCM128}, listed); i >= 0 {
		best = []string{algGCM256, algGCM192, algGCM128}[i]
	} else if listed(algDES) && !slices.ContainsFunc([]string{algCBC128, algCBC192, algCBC256}, listed) {
		return blockCipher{}, transport{}, false
	}
	data, _ := cipherOf(best)
	how, ok := agreeTransport(methods, data.gcm)
	return data, how, ok
}

// agreeTransport chooses the newer key transport beside authenticated encryption, the older one beside what is as old as it
// is. Where metadata lists none, that is the older one, which is mandatory (5.5.2); where it lists others alone, there is
// none. The newer one without a digest is written with SHA-256 and the mask that is its default.
func agreeTransport(methods []EncryptionMethod, newest bool) (transport, bool) {
	order := []string{algOAEP, algOAEP11}
	if newest {
		slices.Reverse(order)
	}
	for _, uri := range order {
		for _, m := range methods {
			if m.Algorithm != uri {
				continue
			}
			if uri == algOAEP11 && m.Digest == "" {
				m.Digest = algSHA256
			}
			if how, err := newTransport(uri, m.Digest, m.Mask); err == nil {
				return how, true
			}
		}
	}
	if slices.ContainsFunc(methods, func(m EncryptionMethod) bool {
		return m.Algorithm == algRSA15 || m.Algorithm == algOAEP || m.Algorithm == algOAEP11
	}) {
		return transport{}, false
	}
	how, err := newTransport(algOAEP, "", "")
	return how, err == nil
}
