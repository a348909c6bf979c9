package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
)

// SigningKey is a key pair of the ring. It is a crypto.Signer that never gives
// its private part away and prints nothing. The zero value signs nothing.
type SigningKey struct {
	conceal
	signer      func() crypto.Signer // see Master.secret
	id          string
	use         Use
	algorithm   Algorithm
	state       State
	certificate []byte
}

// KeyID is the JWK thumbprint of the public key (RFC 7638 section 3): the kid of a JWK.
func (k SigningKey) KeyID() string { return k.id }

// Use says what the key is for.
func (k SigningKey) Use() Use { return k.use }

// Algorithm is the only one that Sign computes with this key.
func (k SigningKey) Algorithm() Algorithm { return k.algorithm }

// State is where the key stands in its rotation.
func (k SigningKey) State() State { return k.state }

// Certificate is the DER of the key's certificate, nil where it has none. It
// must not be altered.
func (k SigningKey) Certificate() []byte { return k.certificate }

// Public returns the public key: *rsa.PublicKey or *ecdsa.PublicKey, nil for the
// zero value.
func (k SigningKey) Public() crypto.PublicKey {
	if k.signer == nil {
		return nil
	}
	return k.signer().Public()
}

// Sign signs a SHA-256 digest: PKCS #1 v1.5 with RS256, ASN.1 with ES256. Other
// hashes and paddings are refused, so that a caller's slip or a hostile request
// cannot turn the key to another algorithm.
func (k SigningKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.signer == nil {
		return nil, errors.New("signing: there is no such key")
	}
	if _, pss := opts.(*rsa.PSSOptions); pss || opts == nil || opts.HashFunc() != crypto.SHA256 {
		return nil, fmt.Errorf("signing: key %s only computes %s", k.id, k.algorithm)
	}
	return k.signer().Sign(random, digest, crypto.SHA256)
}

// signingKey turns a row and its unsealed private part into a key, and refuses a pair
// that does not belong together.
func signingKey(row Row, private []byte) (SigningKey, error) {
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return SigningKey{}, fmt.Errorf("%w: key %s does not parse", ErrDamaged, row.ID)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return SigningKey{}, fmt.Errorf("%w: key %s does not sign", ErrDamaged, row.ID)
	}
	alg, id, err := describe(signer.Public())
	if err != nil || alg != row.Algorithm || id != row.ID {
		return SigningKey{}, fmt.Errorf("%w: key %s is not what its row says", ErrDamaged, row.ID)
	}
	return SigningKey{
		signer: func() crypto.Signer { return signer }, id: row.ID, use: row.Use, algorithm: row.Algorithm,
		state: row.State, certificate: row.Certificate,
	}, nil
}

// describe gives the algorithm that we use a public key with and its thumbprint.
// Only the two kinds that we make are known.
func describe(public crypto.PublicKey) (Algorithm, string, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	switch p := public.(type) {
	case *rsa.PublicKey:
		e := []byte{byte(p.E >> 16), byte(p.E >> 8), byte(p.E)}
		for len(e) > 1 && e[0] == 0 {
			e = e[1:]
		}
		return RS256, thumbprint(`{"e":"` + b64(e) + `","kty":"RSA","n":"` + b64(p.N.Bytes()) + `"}`), nil
	case *ecdsa.PublicKey:
		if p.Curve != elliptic.P256() {
			break
		}
		point, err := p.Bytes() // 0x04, X, Y
		if err != nil {
			return "", "", err
		}
		return ES256, thumbprint(`{"crv":"P-256","kty":"EC","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}`), nil
	}
	return "", "", fmt.Errorf("keys of type %T are not used here", public)
}

func thumbprint(jwk string) string {
	sum := sha256.Sum256([]byte(jwk))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}
