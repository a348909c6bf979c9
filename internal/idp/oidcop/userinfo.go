package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// userinfo answers the claims of an access token (OpenID Connect Core 5.3), decided again at this moment.
func (e *endpoints) userinfo(w http.ResponseWriter, r *http.Request) error {
	openToScripts(w.Header())
	body, err := e.informed(r)
	if err != nil {
		return e.sayNoToBearer(w, r, err)
	}
	return sendJSON(w, http.StatusOK, body)
}

// userinfoPreflight lets scripts send the access token, which no browser adds by itself (OpenID Connect Core 5.3).
func (e *endpoints) userinfoPreflight(w http.ResponseWriter, _ *http.Request) error {
	openToScripts(w.Header())
	w.Header().Set("Access-Control-Allow-Methods", "GET, POST")
	w.Header().Set("Access-Control-Allow-Headers", "Authorization")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func openToScripts(h http.Header) {
	h.Set("Access-Control-Allow-Origin", "*")
	h.Set("Access-Control-Expose-Headers", "WWW-Authenticate")
	h.Set("Cross-Origin-Resource-Policy", "cross-origin")
}

// errToken says that the token is none of ours, or no longer, or no access token.
var errToken = errors.New("no good access token")

// informed writes the answer, which is what is watched.
func (e *endpoints) informed(r *http.Request) ([]byte, error) {
	token, err := bearer(r)
	if err != nil {
		return nil, err
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
	x.life = x.only.settings.tokenLife()
	if err := x.resume(r.Context()); err != nil {
		return nil, err
	}
	out := x.release.As(attrs.ForOIDC, x.only.binding)
	claims := e.wording(x.only.binding).pick(out, x.grant.InUserinfo)
	claims["sub"] = out.Subject
	body, err := json.Marshal(claims)
	if err != nil {
		return nil, fmt.Errorf("claims: %w", err)
	}
	x.watch("userinfo", body)
	return body, nil
}

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
	revoked, err := x.grants.revoked(ctx, x.grant.ID)
	if err != nil {
		return err
	}
	if revoked {
		return x.die(ctx, errToken)
	}
	return nil
}

// bearer reads the access token from the header or the form (RFC 6750 2.1, 2.2), never from the address.
func bearer(r *http.Request) (string, error) {
	inBody := ""
	if r.Method == http.MethodPost && isForm(r) {
		form, err := readParameters(r)
		if err != nil || form.spoilt("access_token") != "" {
			return "", &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
		}
		inBody = form.get("access_token")
	}
	headers := r.Header.Values("Authorization")
	switch {
	case len(headers) == 0 && inBody == "":
		return "", &answerError{status: http.StatusUnauthorized}
	case len(headers) == 0:
		return inBody, nil
	case len(headers) > 1 || inBody != "":
		return "", &answerError{http.StatusBadRequest, "invalid_request", "the access token stands in two places"}
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if !strings.EqualFold(scheme, "bearer") || strings.TrimSpace(token) == "" {
		return "", &answerError{status: http.StatusUnauthorized}
	}
	return strings.TrimSpace(token), nil
}

// sayNoToBearer answers by RFC 6750 3: without a token only the scheme is named; a token whose grant is refused is an
// invalid one, whatever the gateway's reason.
func (e *endpoints) sayNoToBearer(w http.ResponseWriter, r *http.Request, err error) error {
	no := e.bearerError(r.Context(), err)
	challenge := `Bearer realm="oidc"`
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
