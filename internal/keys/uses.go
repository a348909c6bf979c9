package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"slices"
)

// kind is what the key pairs of one use are.
type kind struct {
	use         Use
	algorithm   Algorithm
	bits        int  // of an RSA key
	certificate bool // X.509 is what the peers of this use read keys from
	first       bool // made with the first set: missing later, the keys are damaged
}

// kinds lists the uses that have key pairs, in the order in which they are made. A use that came after the first set is
// made at the start of the first version that knows it.
func kinds() []kind {
	return []kind{
		{UseSAML, RS256, 2048, true, true},
		{UseOIDCES256, ES256, 0, false, true},
		{UseOIDCRS256, RS256, 2048, false, true},
		{UseSAMLECDSA, ES256, 0, true, false},
		{UseSAMLEncryption, RSAOAEP, 3072, true, false},
		{UseOIDCPS256, PS256, 2048, false, false},
		{UseOIDCEdDSA, EdDSA, 0, false, false},
	}
}

func kindOf(use Use) (kind, bool) {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.use == use })
	if i < 0 {
		return kind{}, false
	}
	return all[i], true
}

// generate makes a key pair. The standard library draws it from the system's random source, whatever the caller offers.
func (k kind) generate() (crypto.Signer, error) {
	switch k.algorithm {
	case ES256:
		return ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	case EdDSA:
		_, private, err := ed25519.GenerateKey(rand.Reader)
		return private, err
	default:
		return rsa.GenerateKey(rand.Reader, k.bits)
	}
}

// fits reports whether a public key is of the sort that the kind's algorithm computes with.
func (k kind) fits(public crypto.PublicKey) bool {
	switch p := public.(type) {
	case *rsa.PublicKey:
		return k.algorithm == RS256 || k.algorithm == PS256 || k.algorithm == RSAOAEP
	case *ecdsa.PublicKey:
		return k.algorithm == ES256 && p.Curve == elliptic.P256()
	case ed25519.PublicKey:
		return k.algorithm == EdDSA
	}
	return false
}
