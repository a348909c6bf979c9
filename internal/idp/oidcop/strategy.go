package oidcop

import (
	"context"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/token/hmac"
)

// tokens makes and checks opaque tokens of one use: 256 random bits and their MAC, under a key of that use alone, so
// that a code is no access token already by its form.
type tokens struct{ enigma *hmac.HMACStrategy }

func newTokens(secret []byte) *tokens {
	return &tokens{enigma: &hmac.HMACStrategy{Config: &fosite.Config{GlobalSecret: secret[:32]}}}
}

// strategy gives fosite the kinds of token; those of refresh tokens stand with them. Ends are kept by the tickets, which go
// by our clock; fosite's own strategy would ask the machine's.
type strategy struct{ *exchange }

var _ oauth2.CoreStrategy = strategy{}

func (s strategy) AuthorizeCodeSignature(_ context.Context, token string) string {
	return s.codes.enigma.Signature(token)
}

func (s strategy) GenerateAuthorizeCode(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	return s.codes.enigma.Generate(ctx)
}

func (s strategy) ValidateAuthorizeCode(ctx context.Context, _ fosite.Requester, token string) error {
	return s.codes.enigma.Validate(ctx, token)
}

// AccessTokenSignature is the name of a token's record. A JWT has none unless it is an access token that we signed.
func (s strategy) AccessTokenSignature(_ context.Context, token string) string {
	if !isJWT(token) {
		return s.access.enigma.Signature(token)
	}
	handle, err := s.accessHandle(token)
	if err != nil {
		return ""
	}
	return handle
}

func (s strategy) GenerateAccessToken(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	if s.only.settings.AccessToken == accessJWT {
		token, signature, err = s.accessJWT()
		_ = s.fail(err)
	} else {
		token, signature, err = s.opaque(ctx)
	}
	s.token = token
	return token, signature, err
}

func (s strategy) ValidateAccessToken(ctx context.Context, _ fosite.Requester, token string) error {
	if isJWT(token) {
		return nil // its record would not have been found
	}
	return s.access.enigma.Validate(ctx, token)
}

// isJWT tells the two forms apart: ours have one dot.
func isJWT(token string) bool { return strings.Count(token, ".") == 2 }
