package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/ory/fosite"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// userinfo answers the claims of an access token (OpenID Connect Core 5.3), decided again at this moment.
func (e *endpoints) userinfo(w http.ResponseWriter, r *http.Request) error {
	openToScripts(w.Header())
	body, signed, err := e.informed(w, r)
	if err != nil {
		return e.sayNoToBearer(w, r, err)
	}
	if signed {
		return send(w, http.StatusOK, "application/jwt", body)
	}
	return sendJSON(w, http.StatusOK, body)
}

// userinfoPreflight lets scripts send the access token, which no browser adds by itself (OpenID Connect Core 5.3).
func (e *endpoints) userinfoPreflight(w http.ResponseWriter, _ *http.Request) error {
	openToScripts(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization, DPoP")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func openToScripts(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "WWW-Authenticate, DPoP-Nonce")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// errToken says that the token is none of ours, or no longer, or no access token.
var errToken = errors.New("no good access token")

// errScope says that the token is good, and not for this.
func errScope() error {
	return &answerError{http.StatusForbidden, "insufficient_scope", "the access token has not the scope openid"}
}

// held finds the exchange of the access token that a request shows, once it is clear that whoever shows it may.
func (e *endpoints) held(w http.ResponseWriter, r *http.Request) (*exchange, error) {
	scheme, token, err := bearer(r)
	if err != nil {
		return nil, err
	}
	shown := proof{}
	if scheme == schemeDPoP {
		if shown, err = e.proofOf(r, userinfoPath, token); err != nil {
			return nil, err
		}
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, err
	}
	x := e.exchange(nil, e.gateway)
	if err := x.introspect(r.Context(), token); err != nil {
		return nil, err
	}
	if x.only, err = e.client(snapshot, x.grant.Client); err != nil {
		return nil, errToken
	}
	if err := x.grant.holderOf(scheme, shown); err != nil {
		return nil, err
	}
	if err := x.grant.shownBy(e.shownCertificate(r)); err != nil {
		return nil, err
	}
	if x.only.settings.DPoPNonce && scheme == schemeDPoP {
		e.offerNonce(w)
	}
	if !slices.Contains(x.grant.Scopes, "openid") {
		return nil, errScope()
	}
	return x, e.spend(r.Context(), x.only, shown)
}

// informed writes the answer, which is what is watched. signed tells a JWT.
func (e *endpoints) informed(w http.ResponseWriter, r *http.Request) (body []byte, signed bool, err error) {
	x, err := e.held(w, r)
	if err != nil {
		return nil, false, err
	}
	x.life = x.only.settings.tokenLife()
	if err := x.resume(r.Context()); err != nil {
		return nil, false, err
	}
	out := x.output
	claims := e.wording(x.only.binding).pick(out, x.grant.InUserinfo)
	claims["sub"] = out.Subject
	alg := x.only.settings.UserinfoAlg
	if alg != "" { // OpenID Connect Core 5.3.2
		claims["iss"], claims["aud"] = e.cfg.Issuer, x.only.GetID()
	}
	if body, err = json.Marshal(claims); err != nil {
		return nil, false, fmt.Errorf("claims: %w", err)
	}
	if alg != "" {
		token, err := e.signer.signAs(typeUserinfo, useOf(alg), body)
		if err != nil {
			return nil, false, err
		}
		body = []byte(token)
	}
	x.watch("userinfo", string(body))
	return body, alg != "", nil
}

// typeUserinfo is the type of a signed answer. It names none of ours that would be taken elsewhere.
const typeUserinfo = "userinfo+jwt"

// introspect finds the grant of an access token. What fosite says the token is gets looked at, because it would take
// other kinds too.
func (x *exchange) introspect(ctx context.Context, token string) error {
	use, _, err := x.engine().IntrospectToken(ctx, token, fosite.AccessToken, newState(""))
	switch {
	case x.failed != nil:
		return x.failed
	case err != nil || use != fosite.AccessToken || x.grant.Client == "":
		return errToken
	}
	return x.unrevoked(ctx)
}

// bearer reads the access token from the header or the form (RFC 6750 2.1, 2.2, RFC 9449 7.1), never from the address, and
// how it is shown.
func bearer(r *http.Request) (scheme, token string, err error) {
	inBody := ""
	if r.Method == http.MethodPost && isForm(r) {
		form, err := readParameters(r)
		if err != nil || form.spoilt("access_token") != "" {
			return "", "", &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
		}
		inBody = form.get("access_token")
	}
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0 && inBody == "":
		return "", "", &answerError{status: http.StatusUnauthorized}
	case len(headers) == 0:
		return schemeBearer, inBody, nil
	case len(headers) > 1 || inBody != "":
		return "", "", &answerError{http.StatusBadRequest, "invalid_request", "the access token stands in two places"}
	}
	scheme, token, _ = strings.Cut(headers[0], " ")
	scheme, token = strings.ToLower(scheme), strings.TrimSpace(token)
	if (scheme != schemeBearer && scheme != schemeDPoP) || token == "" {
		return "", "", &answerError{status: http.StatusUnauthorized}
	}
	return scheme, token, nil
}

// sayNoToBearer answers by RFC 6750 3: without a token only the scheme is named; a token whose grant is refused is an
// invalid one, whatever the gateway's reason.
func (e *endpoints) sayNoToBearer(w http.ResponseWriter, r *http.Request, err error) error {
	no := e.bearerError(r.Context(), err)
	challenge := `Bearer realm="oidc"`
	if scheme, _, _ := strings.Cut(r.Header.Get("Authorization"), " "); strings.EqualFold(scheme, schemeDPoP) {
		challenge = `DPoP algs="` + strings.Join(proofAlgs(), " ") + `"`
		if no.status == http.StatusBadRequest {
			no = &answerError{http.StatusUnauthorized, no.code, no.description} // RFC 9449 7.1, 9
		}
	}
	if no.code == "use_dpop_nonce" {
		e.offerNonce(w)
	}
	if no.code == "" {
		w.Header().Set("WWW-Authenticate", challenge)
		w.WriteHeader(no.status)
		return nil
	}
	if no.status < http.StatusInternalServerError {
		w.Header().Set("WWW-Authenticate", fmt.Sprintf(`%s, error="%s", error_description="%s"`, challenge, no.code, printable(no.description)))
	}
	return writeJSON(w, no.status, map[string]any{"error": no.code, "error_description": printable(no.description)})
}

func (e *endpoints) bearerError(ctx context.Context, err error) *answerError {
	var ours *answerError
	var failure *idp.Failure
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.Is(err, errToken):
		return &answerError{http.StatusUnauthorized, "invalid_token", "the access token is not good"}
	case errors.As(err, &failure) && failure.Kind != idp.Internal:
		return &answerError{http.StatusUnauthorized, "invalid_token", withRef("the access token is no longer good", failure.Ref)}
	case errors.As(err, &failure):
		return &answerError{http.StatusInternalServerError, "server_error", withRef("the gateway could not answer", failure.Ref)}
	}
	e.cfg.Failed(ctx, fmt.Errorf("oidc userinfo: %w", err))
	if errors.Is(err, registry.ErrStale) {
		return &answerError{http.StatusServiceUnavailable, "temporarily_unavailable", "the gateway cannot answer now"}
	}
	return &answerError{http.StatusInternalServerError, "server_error", "the gateway could not answer"}
}
