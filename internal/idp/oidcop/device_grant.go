package oidcop

import (
	"context"
	"errors"
	"net/http"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"

	"ecluse/internal/store"
)

// grantDevice is the grant type of a screen (RFC 8628 3.4).
const grantDevice = "urn:ietf:params:oauth:grant-type:device_code"

// deviceHandler gives fosite the grant, of which this version has none: it finds what a screen was allowed, and has fosite's
// own helpers issue the tokens.
type deviceHandler struct {
	*exchange
	tokens *oauth2.HandleHelper
	ids    *openid.IDTokenHandleHelper
}

var _ fosite.TokenEndpointHandler = deviceHandler{}

// CanSkipClientAuth is no: who asks was authenticated before.
func (deviceHandler) CanSkipClientAuth(context.Context, fosite.AccessRequester) bool { return false }

// CanHandleTokenEndpointRequest is for the one grant type.
func (deviceHandler) CanHandleTokenEndpointRequest(_ context.Context, r fosite.AccessRequester) bool {
	return r.GetGrantTypes().ExactOne(grantDevice)
}

// HandleTokenEndpointRequest takes what a screen was allowed, once.
func (h deviceHandler) HandleTokenEndpointRequest(ctx context.Context, r fosite.AccessRequester) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	if err := h.takeScreen(ctx, r.GetRequestForm().Get("device_code")); err != nil {
		return h.fail(err)
	}
	r.SetRequestedScopes(h.grant.Scopes)
	for _, scope := range h.grant.Scopes {
		r.GrantScope(scope)
	}
	return nil
}

// PopulateTokenEndpointResponse issues the tokens.
func (h deviceHandler) PopulateTokenEndpointResponse(ctx context.Context, r fosite.AccessRequester, answer fosite.AccessResponder) error {
	if !h.CanHandleTokenEndpointRequest(ctx, r) {
		return fosite.ErrUnknownRequest
	}
	if _, err := h.tokens.IssueAccessToken(ctx, h.life, r, answer); err != nil {
		return err
	}
	if h.grant.offline() {
		token, signature, err := h.GenerateRefreshToken(ctx, r)
		if err == nil {
			err = h.CreateRefreshTokenSession(ctx, signature, "", r)
		}
		if err != nil {
			return err
		}
		answer.SetExtra("refresh_token", token)
	}
	return h.ids.IssueExplicitIDToken(ctx, idTokenLife, r, answer)
}

// The answers to a screen that asks (RFC 8628 3.5).
func notYet(code, description string) error {
	return &answerError{http.StatusBadRequest, code, description}
}

// takeScreen turns what a screen was allowed into the grant of this exchange. Of several that ask at once exactly one gets
// it, whichever replica they ask.
func (x *exchange) takeScreen(ctx context.Context, code string) error {
	if code == "" || x.devices.validate(code) != nil {
		return notYet("invalid_grant", "the device code is none of ours")
	}
	found, ticket, err := x.grants.screen(ctx, signatureOf(code))
	switch {
	case errors.Is(err, fosite.ErrNotFound):
		return notYet("expired_token", "nobody typed the code in time")
	case err != nil:
		return err
	case found.Grant.Client != x.only.GetID():
		return notYet("invalid_grant", "the device code is another client's")
	}
	switch found.State {
	case deviceWaits:
		return x.patience(ctx, ticket.Name)
	case deviceDenied:
		return notYet("access_denied", "the request was denied")
	case deviceAllowed:
		return x.takeAllowed(ctx, found, ticket)
	}
	return notYet("invalid_grant", "the device code was used")
}

// patience asks a screen to go on waiting, and to ask less often when it asks too often.
func (x *exchange) patience(ctx context.Context, name string) error {
	n, err := x.grants.tickets.Increment(ctx, kindPolled, name, deviceHurried)
	switch {
	case err != nil:
		return err
	case n > 1:
		return notYet("slow_down", "add five seconds to the interval")
	}
	return notYet("authorization_pending", "nobody has typed the code yet")
}

func (x *exchange) takeAllowed(ctx context.Context, found screen, ticket store.Ticket) error {
	g := found.Grant
	used, err := screen{Grant: grant{Client: g.Client}}.become(deviceUsed, ticket)
	if err != nil {
		return err
	}
	ops, err := x.plan(g)
	if err != nil {
		return err
	}
	switch err := x.grants.tickets.Write(ctx, append(ops, used)...); {
	case errors.Is(err, store.ErrConflict), errors.Is(err, store.ErrNotFound):
		return notYet("invalid_grant", "the device code was used")
	case err != nil:
		return err
	}
	x.grant, x.taken = g, true
	return nil
}
