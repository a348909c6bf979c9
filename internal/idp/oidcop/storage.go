package oidcop

import (
	"context"
	"errors"
	"fmt"

	"github.com/ory/fosite"
)

// This file is what fosite asks of a storage. While a code is made, the three Create methods only collect; issue then
// makes the one record, which is written with the sign-in's own before the code leaves. While a code is redeemed, the first
// look at it takes it, and everything after reads the taken grant. So a wrong verifier, a foreign client or a wrong return
// address costs the code, and PKCE cannot be burnt off. What else has to be written is written when all is made.

func (x *exchange) CreateAuthorizeCodeSession(_ context.Context, signature string, r fosite.Requester) error {
	x.signature = signature
	x.grant.ID = r.GetID()
	x.grant.RedirectURI = r.GetRequestForm().Get("redirect_uri")
	x.grant.Scopes = r.GetGrantedScopes()
	return nil
}

func (x *exchange) CreatePKCERequestSession(_ context.Context, signature string, r fosite.Requester) error {
	if signature != x.signature {
		return errUnused
	}
	x.grant.Challenge = r.GetRequestForm().Get("code_challenge")
	return nil
}

func (x *exchange) CreateOpenIDConnectSession(context.Context, string, fosite.Requester) error {
	x.openid = true
	return nil
}

func (x *exchange) GetAuthorizeCodeSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	if x.taken {
		return x.known(signature)
	}
	g, err := x.grants.take(ctx, signature, x.plan)
	switch {
	case errors.Is(err, fosite.ErrInvalidatedAuthorizeCode):
		x.grant = g
		return x.requester(), fosite.ErrInvalidatedAuthorizeCode
	case errors.Is(err, fosite.ErrNotFound):
		return nil, fosite.ErrNotFound
	case err != nil:
		x.failed = err
		return nil, err
	}
	x.grant, x.signature, x.taken = g, signature, true
	return x.requester(), nil
}

// known answers about the code that was taken, and no other.
func (x *exchange) known(signature string) (fosite.Requester, error) {
	if !x.taken || signature != x.signature {
		return nil, fosite.ErrNotFound
	}
	return x.requester(), nil
}

// InvalidateAuthorizeCodeSession has nothing left to do: taking the code did it, before anything was looked at.
func (x *exchange) InvalidateAuthorizeCodeSession(_ context.Context, signature string) error {
	if !x.taken || signature != x.signature {
		return fosite.ErrNotFound
	}
	return nil
}

// GetPKCERequestSession always finds the request that the code belongs to, with or without a challenge: fosite then
// refuses a verifier that is missing, wrong or unexpected.
func (x *exchange) GetPKCERequestSession(_ context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	return x.known(signature)
}

func (x *exchange) DeletePKCERequestSession(context.Context, string) error { return nil }

func (x *exchange) GetOpenIDConnectSession(ctx context.Context, code string, _ fosite.Requester) (fosite.Requester, error) {
	return x.known(strategy{x}.AuthorizeCodeSignature(ctx, code))
}

func (x *exchange) DeleteOpenIDConnectSession(context.Context, string) error { return nil }

func (x *exchange) CreateAccessTokenSession(_ context.Context, signature string, _ fosite.Requester) error {
	ops, err := x.record(signature)
	x.before = append(x.before, ops...)
	return x.fail(err)
}

func (x *exchange) GetAccessTokenSession(ctx context.Context, signature string, _ fosite.Session) (fosite.Requester, error) {
	g, ticket, err := x.grants.get(ctx, kindToken, signature)
	if err != nil {
		return nil, x.lost(err)
	}
	x.grant, x.ends = g, ticket.Expires
	return x.requester(), nil
}

func (x *exchange) DeleteAccessTokenSession(ctx context.Context, signature string) error {
	return x.grants.tickets.Delete(ctx, kindToken, signature)
}

// RevokeAccessToken is called when a code is shown again. It marks the grant rather than ending the right to later
// answers, so that of two showings at once one is still answered, and its access token is worth nothing.
func (x *exchange) RevokeAccessToken(ctx context.Context, grantID string) error {
	if err := x.grants.revoke(ctx, grantID, x.grant.Ends); err != nil {
		x.failed = fmt.Errorf("replayed code: %w", err)
		return err
	}
	return nil
}
