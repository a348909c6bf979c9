package keys

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
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
	mark        string
	certificate []byte
}

// KeyID is the JWK thumbprint of the public key (RFC 7638 section 3): the kid of a JWK.
func (k SigningKey) KeyID() string { return k.id }

// Use says what the key is for.
func (k SigningKey) Use() Use { return k.use }

// Algorithm is the only one that Sign computes with this key.
func (k SigningKey) Algorithm() Algorithm { return k.algorithm }

// Mark is another text whenever what is published of the key is: its state or its
// certificate.
func (k SigningKey) Mark() string { return k.mark }

// Certificate is the DER of the key's certificate, nil where it has none. It
// must not be altered.
func (k SigningKey) Certificate() []byte { return k.certificate }

// Public returns the public key: *rsa.PublicKey, *ecdsa.PublicKey or
// ed25519.PublicKey, nil for the zero value.
func (k SigningKey) Public() crypto.PublicKey {
	if k.signer == nil {
		return nil
	}
	return k.signer().Public()
}

// Sign signs a SHA-256 digest: PKCS #1 v1.5 with RS256, ASN.1 with ES256, PSS with
// a salt of the digest's length with PS256 (RFC 7518 section 3.5). The keys for
// SAML sign a SHA-512 digest as well, which a service may want, and the RSA key
// for SAML a SHA-1 digest, for a service with a dated exception; EdDSA signs the
// message itself, with crypto.Hash(0). Other hashes and paddings are refused, so
// that a caller's slip or a hostile request cannot turn the key to another
// algorithm.
func (k SigningKey) Sign(random io.Reader, digest []byte, opts crypto.SignerOpts) ([]byte, error) {
	if k.signer == nil {
		return nil, errors.New("signing: there is no such key")
	}
	if !k.computes(opts) || opts.HashFunc() != 0 && len(digest) != opts.HashFunc().Size() {
		return nil, fmt.Errorf("signing: key %s only computes %s", k.id, k.algorithm)
	}
	return k.signer().Sign(random, digest, opts)
}

func (k SigningKey) computes(opts crypto.SignerOpts) bool {
	switch o := opts.(type) {
	case crypto.Hash:
		switch k.algorithm {
		case EdDSA:
			return o == 0
		case RS256, ES256:
			return o == crypto.SHA256 || o == crypto.SHA512 && (k.use == UseSAML || k.use == UseSAMLECDSA) ||
				o == crypto.SHA1 && k.use == UseSAML
		}
	case *rsa.PSSOptions:
		return o != nil && k.algorithm == PS256 && o.Hash == crypto.SHA256 &&
			(o.SaltLength == rsa.PSSSaltLengthEqualsHash || o.SaltLength == sha256.Size)
	}
	return false
}

// pair is a row's key pair, private part and all; whatever does not belong
// together is refused.
func pair(row Row, private []byte) (crypto.Signer, kind, error) {
	k, _ := kindOf(row.Use)
	parsed, err := x509.ParsePKCS8PrivateKey(private)
	if err != nil {
		return nil, k, fmt.Errorf("%w: key %s does not parse", ErrDamaged, row.ID)
	}
	signer, ok := parsed.(crypto.Signer)
	if !ok {
		return nil, k, fmt.Errorf("%w: key %s is no key pair", ErrDamaged, row.ID)
	}
	id, err := thumbprint(signer.Public())
	if err != nil || k.algorithm != row.Algorithm || !k.fits(signer.Public()) || id != row.ID {
		return nil, k, fmt.Errorf("%w: key %s is not what its row says", ErrDamaged, row.ID)
	}
	return signer, k, nil
}

// markOf tells what is published of a row from what was.
func markOf(row Row) string {
	sum := sha256.Sum256([]byte(row.name()))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// thumbprint names a public key of one of the three sorts that we make (RFC 7638
// section 3.2, RFC 8037 section 2).
func thumbprint(public crypto.PublicKey) (string, error) {
	b64 := base64.RawURLEncoding.EncodeToString
	jwk := ""
	switch p := public.(type) {
	case *rsa.PublicKey:
		e := []byte{byte(p.E >> 16), byte(p.E >> 8), byte(p.E)}
		for len(e) > 1 && e[0] == 0 {
			e = e[1:]
		}
		jwk = `{"e":"` + b64(e) + `","kty":"RSA","n":"` + b64(p.N.Bytes()) + `"}`
	case *ecdsa.PublicKey:
		point, err := p.Bytes() // 0x04, X, Y
		if err != nil || p.Curve != elliptic.P256() {
			return "", errors.Join(errors.New("only P-256 is used here"), err)
		}
		jwk = `{"crv":"P-256","kty":"EC","x":"` + b64(point[1:33]) + `","y":"` + b64(point[33:]) + `"}`
	case ed25519.PublicKey:
		jwk = `{"crv":"Ed25519","kty":"OKP","x":"` + b64(p) + `"}`
	default:
		return "", fmt.Errorf("keys of type %T are not used here", public)
	}
	sum := sha256.Sum256([]byte(jwk))
	return b64(sum[:]), nil
}
