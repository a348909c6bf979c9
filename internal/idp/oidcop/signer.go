package oidcop

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/go-jose/go-jose/v4"
	"golang.org/x/crypto/cryptobyte"
	"golang.org/x/crypto/cryptobyte/asn1"

	"ecluse/internal/keys"
)

// signer writes JWS in compact form (RFC 7515 3.1) with the active keys, and reads back what any published key signed.
type signer struct{ keys Keys }

// oidcUses are the uses whose keys are published, in the order of the published set.
func oidcUses() []keys.Use {
	return []keys.Use{keys.UseOIDCES256, keys.UseOIDCRS256, keys.UseOIDCPS256, keys.UseOIDCEdDSA}
}

// sign signs an id token with the active key of a use; the algorithm is the key's own.
func (s signer) sign(use keys.Use, payload []byte) (string, error) {
	return s.signAs(typeIDToken, use, payload)
}

// The types of what is signed (RFC 7515 4.1.9). One is never taken for another (RFC 8725 3.11).
const (
	typeIDToken = "JWT"
	typeLogout  = "logout+jwt" // OpenID Connect Back-Channel Logout 2.4
)

// signAs signs a token of another type.
func (s signer) signAs(typ string, use keys.Use, payload []byte) (string, error) {
	key := s.keys.Signer(use)
	if key.Public() == nil {
		return "", fmt.Errorf("id token: there is no active %s key", use)
	}
	header, err := json.Marshal(joseHeader{string(key.Algorithm()), key.KeyID(), typ})
	if err != nil {
		return "", fmt.Errorf("id token: %w", err)
	}
	b64 := base64.RawURLEncoding
	token := make([]byte, 0, b64.EncodedLen(len(header)+len(payload))+b64.EncodedLen(256)+8)
	token = b64.AppendEncode(token, header)
	token = b64.AppendEncode(append(token, '.'), payload)
	signature, err := signature(key, token)
	if err != nil {
		return "", fmt.Errorf("id token: %w", err)
	}
	return string(b64.AppendEncode(append(token, '.'), signature)), nil
}

// joseHeader says how a token is signed (RFC 7515 4.1).
type joseHeader struct {
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid"`
	Type      string `json:"typ"`
}

// signature is that of the key's one algorithm (RFC 7518 3, RFC 8037 3.1).
func signature(key keys.SigningKey, input []byte) ([]byte, error) {
	digest := sha256.Sum256(input)
	switch key.Algorithm() {
	case keys.EdDSA:
		return key.Sign(rand.Reader, input, crypto.Hash(0))
	case keys.PS256:
		return key.Sign(rand.Reader, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	case keys.ES256:
		der, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
		if err != nil {
			return nil, err
		}
		return rawSignature(der)
	default:
		return key.Sign(rand.Reader, digest[:], crypto.SHA256)
	}
}

// rawSignature turns an ASN.1 ECDSA signature on P-256 into the two numbers side by side (RFC 7518 3.4).
func rawSignature(der []byte) ([]byte, error) {
	var r, s []byte
	input, inner := cryptobyte.String(der), cryptobyte.String(nil)
	if !input.ReadASN1(&inner, asn1.SEQUENCE) || !input.Empty() ||
		!inner.ReadASN1Integer(&r) || !inner.ReadASN1Integer(&s) || !inner.Empty() ||
		len(r) > 32 || len(s) > 32 {
		return nil, errors.New("signature is not what P-256 gives")
	}
	raw := make([]byte, 64)
	copy(raw[32-len(r):], r)
	copy(raw[64-len(s):], s)
	return raw, nil
}

var errHint = errors.New("not an id token of ours")

// hint is what an id_token_hint says, once it verifies.
type hint struct {
	Issuer   string `json:"iss"`
	Subject  string `json:"sub"`
	Audience string `json:"aud"` // ours name one client
	Session  string `json:"sid"`
}

// verify reads an id token that we signed, expired or not (OpenID Connect Core 3.1.2.1).
func (s signer) verify(token string) (hint, error) {
	payload, err := s.read(token, typeIDToken)
	if err != nil {
		return hint{}, err
	}
	var h hint
	if err := json.Unmarshal(payload, &h); err != nil || h.Subject == "" {
		return hint{}, errHint
	}
	return h, nil
}

// read gives the content of a token that we signed as one of a type. The header only chooses among our own published keys;
// the algorithm is the chosen key's.
func (s signer) read(token, typ string) ([]byte, error) {
	jws, err := parseProof(token, signingAlgs()...)
	if err != nil {
		return nil, errHint
	}
	header := jws.Signatures[0].Protected
	if is, _ := header.ExtraHeaders[jose.HeaderType].(string); is != typ {
		return nil, errHint
	}
	published := s.keys.All(oidcUses()...)
	i := slices.IndexFunc(published, func(k keys.SigningKey) bool {
		return k.KeyID() == header.KeyID && string(k.Algorithm()) == header.Algorithm
	})
	if i < 0 {
		return nil, errHint
	}
	payload, err := jws.Verify(published[i].Public())
	if err != nil {
		return nil, errHint
	}
	return payload, nil
}
