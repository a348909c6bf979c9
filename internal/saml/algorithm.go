package saml

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // SHA-256
	_ "crypto/sha512" // SHA-384 and SHA-512
	"errors"
	"math/big"
)

// ErrSignature is wrapped by every refusal of a signature: missing, misplaced,
// of a refused algorithm, or simply wrong.
var ErrSignature = errors.New("signature refused")

const (
	algRSA1     = "http://www.w3.org/2000/09/xmldsig#rsa-sha1" // written by exception, never accepted
	algSHA1     = "http://www.w3.org/2000/09/xmldsig#sha1"     // likewise
	algRSA256   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
	algRSA512   = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
	algECDSA256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256"
	algECDSA512 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
	algSHA256   = "http://www.w3.org/2001/04/xmlenc#sha256"
	algSHA512   = "http://www.w3.org/2001/04/xmlenc#sha512"
	algEnvelope = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"

	minRSABits = 2048
)

// signatureAlgorithm is the allow list of signature methods (RFC 6931 2.3).
// SHA-1, MD5, HMAC and everything unknown are not on it.
func signatureAlgorithm(uri string) (hash crypto.Hash, ec, ok bool) {
	switch uri {
	case algRSA256:
		return crypto.SHA256, false, true
	case "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384":
		return crypto.SHA384, false, true
	case algRSA512:
		return crypto.SHA512, false, true
	case algECDSA256:
		return crypto.SHA256, true, true
	case "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384":
		return crypto.SHA384, true, true
	case algECDSA512:
		return crypto.SHA512, true, true
	}
	return 0, false, false
}

// signingAlgorithms names what is written for a hash, the signature's method and the digest's; neither when there is none
// for that kind of key.
func signingAlgorithms(hashed crypto.Hash, ec bool) (signature, digest string) {
	switch {
	case hashed == crypto.SHA256 && ec:
		return algECDSA256, algSHA256
	case hashed == crypto.SHA256:
		return algRSA256, algSHA256
	case hashed == crypto.SHA512 && ec:
		return algECDSA512, algSHA512
	case hashed == crypto.SHA512:
		return algRSA512, algSHA512
	case hashed == crypto.SHA1 && !ec:
		return algRSA1, algSHA1
	}
	return "", ""
}

// digestAlgorithm is the allow list of digest methods.
func digestAlgorithm(uri string) (crypto.Hash, bool) {
	switch uri {
	case algSHA256:
		return crypto.SHA256, true
	case "http://www.w3.org/2001/04/xmldsig-more#sha384":
		return crypto.SHA384, true
	case algSHA512:
		return crypto.SHA512, true
	}
	return 0, false
}

// verifySignature tells whether one of the keys made the signature over signed.
// A key of another kind than the algorithm's, or too short, never matches.
func verifySignature(keys []crypto.PublicKey, algorithm string, signed, signature []byte) bool {
	hash, ec, ok := signatureAlgorithm(algorithm)
	if !ok {
		return false
	}
	h := hash.New()
	h.Write(signed)
	digest := h.Sum(nil)
	for _, key := range keys {
		switch k := key.(type) {
		case *rsa.PublicKey:
			if !ec && k.N.BitLen() >= minRSABits && rsa.VerifyPKCS1v15(k, hash, digest, signature) == nil {
				return true
			}
		case *ecdsa.PublicKey:
			if ec && verifyECDSA(k, digest, signature) {
				return true
			}
		}
	}
	return false
}

// verifyECDSA reads r and s as two integers of the curve's octet length, one
// behind the other (XML Signature 1.1, 6.4.3).
func verifyECDSA(key *ecdsa.PublicKey, digest, signature []byte) bool {
	n := (key.Curve.Params().N.BitLen() + 7) / 8
	if n < 32 || len(signature) != 2*n {
		return false
	}
	r, s := new(big.Int).SetBytes(signature[:n]), new(big.Int).SetBytes(signature[n:])
	return ecdsa.Verify(key, digest, r, s)
}
