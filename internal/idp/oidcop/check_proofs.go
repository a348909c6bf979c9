package oidcop

import (
	"fmt"
	"net/url"
	"strings"
)

// authMethods are the ways in which a confidential client may show who it is (OpenID Connect Core 9), beside the two of RFC
// 8705, which are there where certificates are asked for.
func authMethods() []string { return []string{authBasic, authPost, authSecretJWT, authKeyJWT} }

// proofAlgs are the algorithms of a proof that a client signs with a key of its own.
func proofAlgs() []string { return []string{algES256, algPS256, algRS256, algEdDSA} }

// signed tells a client that shows a signature instead of its secret.
func (s Settings) signed() bool { return s.AuthMethod == authKeyJWT || s.AuthMethod == authSecretJWT }

// showsSecret tells a client that shows its secret itself.
func (s Settings) showsSecret() bool {
	return s.Type == typeConfidential && !s.signed() && !s.certified()
}

// proofs says what is wrong with how a client that signs is to be known.
func (c *checker) proofs(s Settings) {
	c.oneOf("settings.dpop", s.DPoP, dpopOptional, dpopRequired)
	switch s.AuthMethod {
	case authKeyJWT:
		c.oneOf("settings.auth_alg", s.AuthAlg, proofAlgs()...)
	case authSecretJWT:
		c.oneOf("settings.auth_alg", s.AuthAlg, algHS256)
	default:
		c.without("settings.auth_alg", s.AuthAlg)
		c.without("settings.assertion_audience", s.AssertionAudience)
	}
	if s.signed() {
		c.oneOf("settings.assertion_audience", s.AssertionAudience, audIssuer, audTokenEndpoint)
	}
	c.keySet(s)
	c.sealedSecret(s)
}

// without refuses a setting that would mean nothing.
func (c *checker) without(where, got string) {
	if got != "" {
		c.say(where, "it means nothing with this auth_method", "remove it")
	}
}

// keySet: keys are registered in exactly one place.
func (c *checker) keySet(s Settings) {
	if s.AuthMethod == authKeyJWT && len(s.JWKS) == 0 && s.JWKSURI == "" {
		c.say("settings.jwks", "a client that signs its proofs needs a public key", "jwks, or jwks_uri")
	}
	if len(s.JWKS) > 0 && s.JWKSURI != "" {
		c.say("settings.jwks_uri", "keys are registered in two places", "jwks or jwks_uri (OpenID Connect Registration 2)")
	}
	if len(s.JWKS) > 0 {
		if _, err := parseKeySet(s.JWKS, true); err != nil {
			c.say("settings.jwks", err.Error(), "a JSON Web Key Set with public signature keys, of RSA 2048 bits and more, P-256 or Ed25519")
		}
	}
	if s.JWKSURI != "" {
		if what := c.address(s.JWKSURI); what != "" {
			c.say("settings.jwks_uri", what, "an https address, complete, without fragment and user name")
		}
	}
}

// sealedSecret: client_secret_jwt needs a secret that can be read again, so that it is an exception with an end.
func (c *checker) sealedSecret(s Settings) {
	if s.AuthMethod != authSecretJWT {
		c.without("settings.secret_sealed", s.SealedSecret)
		if !s.SealedUntil.IsZero() {
			c.without("settings.secret_sealed_until", s.SealedUntil.String())
		}
		return
	}
	if !sealedForm(s.SealedSecret) {
		c.say("settings.secret_sealed", "it is no sealed secret", "what `gateway client-secret --sealed` printed; private_key_jwt needs none")
	}
	if s.SealedUntil.IsZero() {
		c.say("settings.secret_sealed_until", "a secret that the gateway can read is an exception with a last day", "yyyy-mm-dd")
	}
}

// tokens says what is wrong with what the client is to be issued.
func (c *checker) tokens(s Settings) {
	c.oneOf("settings.access_token", s.AccessToken, accessOpaque, accessJWT)
	if s.UserinfoAlg != "" {
		c.oneOf("settings.userinfo_alg", s.UserinfoAlg, signingAlgs()...)
	}
	if s.AccessToken == accessJWT {
		c.audience("settings.access_token_audience", s.AccessTokenAudience)
	} else if s.AccessTokenAudience != "" {
		c.say("settings.access_token_audience", "only a JWT names whom it is for", "remove it, or set access_token to jwt")
	}
	if s.Resource != "" {
		c.audience("settings.resource", s.Resource)
	}
}

// audience: a resource is an absolute address without fragment (RFC 8707 2).
func (c *checker) audience(where, raw string) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || (u.Host == "" && u.Opaque == "") || strings.Contains(raw, "#") {
		c.say(where, fmt.Sprintf("%q is no absolute address", raw), "https://api.example, as the resource server knows itself")
	}
}
