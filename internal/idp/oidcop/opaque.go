package oidcop

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha512"
	"encoding/base64"
	"hash"
	"strings"
	"sync"

	"github.com/ory/fosite"
)

// Opaque tokens have the form of fosite's own strategy, which takes its keys anew for each: 32 random bytes, a dot, and their
// HMAC-SHA-512/256, both in base64url.
const (
	halfBytes   = 32
	halfToken   = 43 // 32 bytes in base64url
	opaqueToken = halfToken + 1 + halfToken
)

// tokens makes and checks opaque tokens of one use: 256 random bits and their MAC, under a key of that use alone, so
// that a code is no access token already by its form. It is safe for concurrent use.
type tokens struct{ macs sync.Pool }

func newTokens(secret []byte) *tokens {
	key := secret[:32]
	return &tokens{macs: sync.Pool{New: func() any { return hmac.New(sha512.New512_256, key) }}}
}

// generate draws a token. Its signature is its second half, and the name of its record.
func (t *tokens) generate() (token, signature string) {
	var random [halfBytes]byte
	_, _ = rand.Read(random[:]) // never fails
	text := make([]byte, 0, opaqueToken)
	text = append(base64.RawURLEncoding.AppendEncode(text, random[:]), '.')
	token = string(t.appendMAC(text, random[:]))
	return token, token[halfToken+1:]
}

func (t *tokens) appendMAC(text, random []byte) []byte {
	mac := t.macs.Get().(hash.Hash)
	defer t.macs.Put(mac)
	mac.Reset()
	mac.Write(random)
	var sum [halfBytes]byte
	return base64.RawURLEncoding.AppendEncode(text, mac.Sum(sum[:0]))
}

// validate refuses what generate did not make, byte for byte.
func (t *tokens) validate(token string) error {
	if len(token) != opaqueToken || token[halfToken] != '.' {
		return fosite.ErrInvalidTokenFormat
	}
	var random [halfBytes + 1]byte // base64 wants room for a group of four
	n, err := base64.RawURLEncoding.Strict().Decode(random[:], []byte(token[:halfToken]))
	if err != nil || n != halfBytes {
		return fosite.ErrInvalidTokenFormat
	}
	if !hmac.Equal(t.appendMAC(nil, random[:n]), []byte(token[halfToken+1:])) {
		return fosite.ErrTokenSignatureMismatch
	}
	return nil
}

// signatureOf is the second half of a token with two of them, and nothing of any other.
func signatureOf(token string) string {
	_, signature, found := strings.Cut(token, ".")
	if !found || strings.Contains(signature, ".") {
		return ""
	}
	return signature
}
