package oidcop

import (
	"context"
	"strings"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
)

// strategy gives fosite the kinds of token; those of refresh tokens stand with them. Ends are kept by the tickets, which go
// by our clock; fosite's own strategy would ask the machine's.
type strategy struct{ *exchange }

var _ oauth2.CoreStrategy = strategy{}

func (s strategy) AuthorizeCodeSignature(_ context.Context, token string) string {
	return signatureOf(token)
}

func (s strategy) GenerateAuthorizeCode(context.Context, fosite.Requester) (token, signature string, err error) {
	token, signature = s.codes.generate()
	return token, signature, nil
}

func (s strategy) ValidateAuthorizeCode(_ context.Context, _ fosite.Requester, token string) error {
	return s.codes.validate(token)
}

// AccessTokenSignature is the name of a token's record. A JWT has none unless it is an access token that we signed.
func (s strategy) AccessTokenSignature(_ context.Context, token string) string {
	if !isJWT(token) {
		return signatureOf(token)
	}
	handle, err := s.accessHandle(token)
	if err != nil {
		return ""
	}
	return handle
}

func (s strategy) GenerateAccessToken(context.Context, fosite.Requester) (token, signature string, err error) {
	if s.only.settings.AccessToken == accessJWT {
		token, signature, err = s.accessJWT()
		_ = s.fail(err)
	} else {
		token, signature = s.opaque()
	}
	s.token = token
	return token, signature, err
}

func (s strategy) ValidateAccessToken(_ context.Context, _ fosite.Requester, token string) error {
	if isJWT(token) {
		return nil // its record would not have been found
	}
	return s.access.validate(token)
}

// isJWT tells the two forms apart: ours have one dot.
func isJWT(token string) bool { return strings.Count(token, ".") == 2 }
