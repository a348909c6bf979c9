package oidcop

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/idp"
)

const (
	introspectPath = "/oidc/introspect"
	revokePath     = "/oidc/revoke"
)

// aboutToken reads a request that is about one token (RFC 7662 2.1, RFC 7009 2.1). The hint is of no use: a token says by its
// form what it is.
func (e *endpoints) aboutToken(w http.ResponseWriter, r *http.Request) (*client, string, error) {
	form, err := readParameters(r)
	if err != nil {
		return nil, "", &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	if name := form.spoilt(append(credentialNames(), "token", "token_type_hint")...); name != "" {
		return nil, "", &answerError{http.StatusBadRequest, "invalid_request", "the parameter " + name + " stands more than once"}
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, "", err
	}
	c, err := e.authenticate(snapshot, r, form)
	if err != nil {
		return nil, "", err
	}
	allowScripts(w, r, c)
	if form.get("token") == "" {
		return nil, "", &answerError{http.StatusBadRequest, "invalid_request", "the token is missing"}
	}
	return c, form.get("token"), nil
}

// credentialNames are the parameters with which a client shows who it is.
func credentialNames() []string {
	return []string{"client_id", "client_secret", "client_assertion", "client_assertion_type"}
}

// introspect says of a token whether it is good at this moment (RFC 7662). Only a client that proves itself is answered, and
// about what was issued to it, or in its service for the resource that it is: a pseudonym stays within its service. Of any
// other token it learns nothing. The gate is asked again, so that what is suspended is not active.
func (e *endpoints) introspect(w http.ResponseWriter, r *http.Request) error {
	c, token, err := e.aboutToken(w, r)
	if err == nil && c.IsPublic() {
		err = noClient("a public client is not told about tokens")
	}
	if err != nil {
		return e.sayNo(w, r, err)
	}
	said, err := e.about(r.Context(), c, token)
	var failure *idp.Failure
	switch {
	case errors.Is(err, errToken), errors.As(err, &failure) && failure.Kind != idp.Internal:
		return writeJSON(w, http.StatusOK, map[string]any{"active": false})
	case err != nil:
		return e.sayNo(w, r, err)
	}
	return writeJSON(w, http.StatusOK, said)
}

// about is what the answer says of a token that is active (RFC 7662 2.2).
func (e *endpoints) about(ctx context.Context, asking *client, token string) (map[string]any, error) {
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, err
	}
	x, end, access, err := e.found(ctx, token)
	if err != nil {
		return nil, err
	}
	if x.only, err = e.client(snapshot, x.grant.Client); err != nil || !mayAsk(asking, x.only, x.grant) {
		return nil, errToken
	}
	x.life = x.only.settings.tokenLife()
	if err := x.resume(ctx); err != nil {
		return nil, err
	}
	said := map[string]any{
		"active": true, "iss": e.cfg.Issuer, "client_id": x.grant.Client, "sub": x.grant.Subject,
		"scope": strings.Join(x.grant.Scopes, " "), "exp": end.Unix(),
	}
	if !access {
		return said, nil
	}
	said["iat"], said["token_type"] = x.grant.Issued.Unix(), tokenType(x.grant)
	if x.grant.Audience != "" {
		said["aud"] = []string{x.grant.Audience, e.cfg.Issuer}
	}
	if key := x.grant.confirmation(); key != nil {
		said["cnf"] = key
	}
	return said, nil
}

// mayAsk: about its own tokens, and about those of the same service that are for the resource that it is.
func mayAsk(asking, owner *client, g grant) bool {
	return asking.GetID() == g.Client ||
		(g.Audience != "" && asking.settings.Resource == g.Audience && asking.service.ID == owner.service.ID)
}

func tokenType(g grant) string {
	if g.DPoPKeyThumbprint != "" {
		return "DPoP"
	}
	return "Bearer"
}

// found looks a token up without using it: no refresh token is exchanged here, and no family ended.
func (e *endpoints) found(ctx context.Context, token string) (x *exchange, end time.Time, access bool, err error) {
	x = e.exchange(nil, e.gateway)
	if name, serial, ok := e.refreshes.parse(token); ok {
		f, _, err := x.grants.family(ctx, name)
		if errors.Is(err, fosite.ErrNotFound) || (err == nil && serial != f.Serial) {
			return nil, time.Time{}, false, errToken
		}
		x.grant = f.Grant
		return x, f.Grant.Ends, false, errors.Join(err, x.unrevoked(ctx))
	}
	if err := x.introspect(ctx, token); err != nil {
		return nil, time.Time{}, false, err
	}
	return x, x.ends, true, nil
}

// unrevoked refuses a grant whose code was shown twice, and ends it.
func (x *exchange) unrevoked(ctx context.Context) error {
	if x.grant.ID == "" {
		return nil
	}
	revoked, err := x.grants.revoked(ctx, x.grant.ID)
	if err != nil || !revoked {
		return err
	}
	return x.die(ctx, errToken)
}

// revoke ends a token that its client no longer wants (RFC 7009). A refresh token ends with everything of its sign-in; an
// access token alone. What is not known is no error: it is over. What is another client's stays.
func (e *endpoints) revoke(w http.ResponseWriter, r *http.Request) error {
	c, token, err := e.aboutToken(w, r)
	if err == nil {
		err = e.end(r.Context(), c, token)
	}
	if err != nil {
		return e.sayNo(w, r, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusOK)
	return nil
}

// errForeign answers whoever shows somebody else's token (RFC 7009 2.1).
func errForeign() error {
	return &answerError{http.StatusBadRequest, "invalid_grant", "the token was not issued to this client"}
}

func (e *endpoints) end(ctx context.Context, c *client, token string) error {
	x := e.exchange(c, e.gateway)
	if name, _, ok := e.refreshes.parse(token); ok {
		f, _, err := x.grants.family(ctx, name)
		switch {
		case errors.Is(err, fosite.ErrNotFound):
			return nil
		case err != nil:
			return err
		case f.Grant.Client != c.GetID():
			return errForeign()
		}
		x.grant = f.Grant
		return errors.Join(
			x.grants.revoke(ctx, f.Grant.ID, f.Grant.Ends), e.gateway.Forget(ctx, f.Grant.Resume), x.grants.tickets.Delete(ctx, kindRefresh, name),
		)
	}
	signature := strategy{x}.AccessTokenSignature(ctx, token)
	g, _, err := x.grants.get(ctx, kindToken, signature)
	switch {
	case errors.Is(err, fosite.ErrNotFound):
		return nil
	case err != nil:
		return err
	case strategy{x}.ValidateAccessToken(ctx, nil, token) != nil:
		return nil
	case g.Client != c.GetID():
		return errForeign()
	}
	return x.grants.tickets.Delete(ctx, kindToken, signature)
}
