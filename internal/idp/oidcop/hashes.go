package oidcop

import (
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"

	"ecluse/internal/keys"
)

// halfHash is what at_hash and c_hash say of a token or a code: the left half of its hash, by the hash of the id token's
// algorithm (OpenID Connect Core 3.1.3.6, 3.3.2.11). Ed25519 hashes with SHA-512 (RFC 8032 5.1).
func halfHash(alg, value string) string {
	if alg == algEdDSA {
		sum := sha512.Sum512([]byte(value))
		return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
	}
	sum := sha256.Sum256([]byte(value))
	return base64.RawURLEncoding.EncodeToString(sum[:len(sum)/2])
}

// signingAlgs are the algorithms in which we sign what a client reads. RS256 is the one that every client knows (OpenID
// Connect Core 15.1).
func signingAlgs() []string { return []string{algRS256, algES256, algPS256, algEdDSA} }

// useOf is the key for an algorithm.
func useOf(alg string) keys.Use {
	switch alg {
	case algRS256:
		return keys.UseOIDCRS256
	case algPS256:
		return keys.UseOIDCPS256
	case algEdDSA:
		return keys.UseOIDCEdDSA
	default:
		return keys.UseOIDCES256
	}
}
