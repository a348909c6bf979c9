package oidcop

import (
	"context"
	"errors"

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

// strategy gives fosite the two kinds. Ends are kept by the tickets, which go by our clock; fosite's own strategy would
// ask the machine's.
type strategy struct{ codes, access *tokens }

var _ oauth2.CoreStrategy = strategy{}

// errNoRefresh answers whoever asks about refresh tokens, which are not issued.
var errNoRefresh = errors.New("refresh tokens are not served")

func (s strategy) AuthorizeCodeSignature(_ context.Context, token string) string {
	return s.codes.enigma.Signature(token)
}

func (s strategy) GenerateAuthorizeCode(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	return s.codes.enigma.Generate(ctx)
}

func (s strategy) ValidateAuthorizeCode(ctx context.Context, _ fosite.Requester, token string) error {
	return s.codes.enigma.Validate(ctx, token)
}

func (s strategy) AccessTokenSignature(_ context.Context, token string) string {
	return s.access.enigma.Signature(token)
}

func (s strategy) GenerateAccessToken(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	return s.access.enigma.Generate(ctx)
}

func (s strategy) ValidateAccessToken(ctx context.Context, _ fosite.Requester, token string) error {
	return s.access.enigma.Validate(ctx, token)
}

func (strategy) RefreshTokenSignature(context.Context, string) string { return "" }

func (strategy) GenerateRefreshToken(context.Context, fosite.Requester) (token, signature string, err error) {
	return "", "", errNoRefresh
}

func (strategy) ValidateRefreshToken(context.Context, fosite.Requester, string) error {
	return errNoRefresh
}
