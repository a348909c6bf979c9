package oidcop

import (
	"encoding/json"

	"ecluse/internal/registry"
)

// TokenSettings is the part of Settings about how a client that signs proves itself, and what it is issued.
type TokenSettings struct {
	AuthAlg           string          `json:"auth_alg,omitempty"`           // of a signed proof: ES256 (default), PS256, RS256, EdDSA
	JWKS              json.RawMessage `json:"jwks,omitempty"`               // the public keys of private_key_jwt (RFC 7517 5), or
	JWKSURI           string          `json:"jwks_uri,omitempty"`           // where they are
	AssertionAudience string          `json:"assertion_audience,omitempty"` // issuer (default), or token_endpoint for those who know no other
	SealedSecret      string          `json:"secret_sealed,omitempty"`      // of client_secret_jwt, as SealSecret writes it
	SealedUntil       registry.Date   `json:"secret_sealed_until,omitzero"` // the last day of that exception

	DPoP      string `json:"dpop,omitempty"`       // optional (default), or required (RFC 9449 5.2)
	DPoPNonce bool   `json:"dpop_nonce,omitempty"` // its proofs repeat a nonce of ours (RFC 9449 8)

	Refresh             bool   `json:"refresh,omitempty"`               // it may ask for offline_access
	AccessToken         string `json:"access_token,omitempty"`          // opaque (default), or jwt (RFC 9068)
	AccessTokenAudience string `json:"access_token_audience,omitempty"` // the resource server that reads the jwt
	Resource            string `json:"resource,omitempty"`              // the audience that this client is, for introspection
	UserinfoAlg         string `json:"userinfo_alg,omitempty"`          // signs userinfo; unsigned when empty
}

// The words of TokenSettings, and the two ways of signing among those of Settings.AuthMethod.
const (
	authSecretJWT    = "client_secret_jwt"
	authKeyJWT       = "private_key_jwt"
	algPS256         = "PS256"
	algEdDSA         = "EdDSA"
	algHS256         = "HS256"
	audIssuer        = "issuer"
	audTokenEndpoint = "token_endpoint"
	dpopOptional     = "optional"
	dpopRequired     = "required"
	accessOpaque     = "opaque"
	accessJWT        = "jwt"
)

// filled puts in the defaults of how the client and its tokens prove themselves.
func (s TokenSettings) filled(method string) TokenSettings {
	fill := func(into *string, value string) {
		if *into == "" {
			*into = value
		}
	}
	switch method {
	case authKeyJWT:
		fill(&s.AuthAlg, algES256)
		fill(&s.AssertionAudience, audIssuer)
	case authSecretJWT:
		fill(&s.AuthAlg, algHS256)
		fill(&s.AssertionAudience, audIssuer)
	}
	fill(&s.DPoP, dpopOptional)
	fill(&s.AccessToken, accessOpaque)
	return s
}
