package oidcop

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// The grant types (RFC 6749 4.1.3, 6).
const (
	grantCode    = "authorization_code"
	grantRefresh = "refresh_token"
)

// answerError is a refusal of the endpoints that answer in JSON.
type answerError struct {
	status            int
	code, description string
}

func (e *answerError) Error() string { return e.code + ": " + e.description }

// token exchanges a code or a refresh token for tokens (RFC 6749 4.1.3 and 6, OpenID Connect Core 3.1.3 and 12).
func (e *endpoints) token(w http.ResponseWriter, r *http.Request) error {
	answer, err := e.redeem(w, r)
	if err != nil {
		return e.sayNo(w, r, err)
	}
	return writeJSON(w, http.StatusOK, answer)
}

// tokenAnswer is what is issued (RFC 6749 5.1, OpenID Connect Core 3.1.3.3).
type tokenAnswer struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Seconds int64  `json:"expires_in"`
	Scope   string `json:"scope"`
	ID      string `json:"id_token,omitempty"`
	Refresh string `json:"refresh_token,omitempty"`
}

func (e *endpoints) redeem(w http.ResponseWriter, r *http.Request) (*tokenAnswer, error) {
	form, err := e.tokenForm(r)
	if err != nil {
		return nil, err
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return nil, err
	}
	c, err := e.authenticate(snapshot, r, form)
	if err != nil {
		return nil, err
	}
	allowScripts(w, r, c)
	ctx := r.Context()
	x := e.exchange(c, e.gateway)
	x.life, x.asks = c.settings.tokenLife(), form.get("grant_type")
	if !c.grants.Has(x.asks) {
		return nil, &answerError{http.StatusBadRequest, "unauthorized_client", "the client is not registered with this grant_type"}
	}
	shown, err := e.possession(w, r, c)
	if err != nil {
		return nil, err
	}
	x.key = shown.thumbprint
	if err := x.bindCertificate(r); err != nil {
		return nil, err
	}
	engine := x.engine()
	plain := &http.Request{
		Method: http.MethodPost, URL: new(url.URL), Header: http.Header{}, Form: url.Values(form), PostForm: url.Values(form),
	}
	request, err := engine.NewAccessRequest(ctx, plain, newState(""))
	if err == nil {
		err = x.grantTo(ctx, shown.thumbprint, form)
	}
	if err != nil {
		return nil, x.explain(err)
	}
	request.GetSession().SetExpiresAt(fosite.AccessToken, time.Now().Add(x.life)) // fosite subtracts the machine's clock
	response, err := engine.NewAccessResponse(ctx, redeeming{request})
	if err == nil {
		err = x.write(ctx)
	}
	if err != nil {
		return nil, x.explain(err)
	}
	return x.issued(response), nil
}

// issued is the answer with what fosite made.
func (x *exchange) issued(response fosite.AccessResponder) *tokenAnswer {
	answer := &tokenAnswer{
		Access: response.GetAccessToken(), Type: tokenType(x.grant), Seconds: int64(x.life / time.Second), Scope: strings.Join(x.grant.Scopes, " "),
	}
	answer.Refresh, _ = response.GetExtra("refresh_token").(string)
	if slices.Contains(x.grant.Scopes, "openid") {
		answer.ID, _ = response.GetExtra("id_token").(string)
	}
	if answer.ID != "" {
		x.watch("id-token", answer.ID)
	}
	return answer
}

// possession checks the proof of the client's key, which some clients have to show. It is used up before the grant is looked
// at, and the client's own proof before it: nothing that comes after can be tried twice with them.
func (e *endpoints) possession(w http.ResponseWriter, r *http.Request, c *client) (proof, error) {
	if c.settings.DPoPNonce {
		e.offerNonce(w)
	}
	shown, err := e.proofOf(r, tokenPath, "")
	switch {
	case err != nil:
		return proof{}, err
	case shown.thumbprint == "" && c.settings.DPoP == dpopRequired:
		return proof{}, &answerError{http.StatusBadRequest, "invalid_request", "the client is registered with DPoP: the proof is missing"}
	}
	return shown, e.spend(r.Context(), c, shown)
}

// grantTo checks the key that the grant may be bound to, asks the gateway again, and narrows what a refresh asks less of.
func (x *exchange) grantTo(ctx context.Context, thumbprint string, form parameters) error {
	if err := x.bind(thumbprint); err != nil {
		return err
	}
	x.grant.Certificate = x.certificate
	if x.asks == grantRefresh {
		if err := x.narrow(form.list("scope")); err != nil {
			return err
		}
	}
	return x.resume(ctx)
}

// watch tells what is about to be sent of the release of the exchange.
func (x *exchange) watch(kind, body string) {
	if x.cfg.Watch == nil {
		return
	}
	r := x.release
	d := r.Declaration()
	x.cfg.Watch.Sent(idp.Sent{
		Protocol: Name, Kind: kind, Service: r.Service().ID, Handle: x.only.GetID(), Declaration: d.ID, Version: d.Version,
		UAI: string(r.Establishment().UAI), Profile: string(r.Profile()), At: x.cfg.Now(), Body: []byte(body),
	})
}

// tokenForm reads the form and the grant type, which fosite would report in words of its own.
func (e *endpoints) tokenForm(r *http.Request) (parameters, error) {
	form, err := readParameters(r)
	if err != nil {
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	if name := form.spoilt(append(credentialNames(), "grant_type", "code", "redirect_uri", "code_verifier", "refresh_token", "scope", "device_code")...); name != "" {
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "the parameter " + name + " stands more than once"}
	}
	switch form.get("grant_type") {
	case "":
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "grant_type is missing"}
	case grantCode, grantRefresh, grantDevice:
		return form, nil
	default:
		return nil, &answerError{http.StatusBadRequest, "unsupported_grant_type", "authorization_code, refresh_token and device_code are served"}
	}
}

// resume asks the gateway again, now, and refuses an answer about somebody or something else than the grant was for:
// such a grant dies.
func (x *exchange) resume(ctx context.Context) error {
	if x.only.service.ID != x.grant.Service {
		return x.die(ctx, errors.New("the client has another service now"))
	}
	cleared, err := x.gateway.Resume(ctx, x.grant.Resume)
	if err != nil {
		return err
	}
	release := cleared.Release()
	output := release.As(attrs.ForOIDC, x.only.binding)
	left := release.NotAfter().Sub(x.cfg.Now())
	if !x.grant.Ends.IsZero() {
		left = min(left, x.grant.Ends.Sub(x.cfg.Now()))
	}
	if cleared.Empty() || release.Service().ID != x.grant.Service || output.Subject == "" || output.Subject != x.grant.Subject || left <= 0 {
		return x.die(ctx, errors.New("the release is not for the same subject at the same service"))
	}
	x.release, x.output, x.life = release, output, min(x.life, left)
	return nil
}

// die ends the right to later answers. That it could not be ended is our failure; the grant is refused either way.
func (x *exchange) die(ctx context.Context, why error) error {
	if err := x.gateway.Forget(ctx, x.grant.Resume); err != nil {
		return fmt.Errorf("grant of client %s: %w: %w", x.grant.Client, why, err)
	}
	return &idp.Failure{Kind: idp.Denied}
}

// explain puts back what fosite swallowed: a store that failed is no fault of the client.
func (x *exchange) explain(err error) error {
	if x.failed != nil {
		return fmt.Errorf("client %s: %w", x.grant.Client, x.failed)
	}
	return err
}

// sayNo answers an error in JSON (RFC 6749 5.2). Whatever the gateway refuses is an invalid_grant, a page that would be
// needed too: the only thing that helps is a new authorization request, and that is what clients do on it. Our own
// failures are reported and say nothing.
func (e *endpoints) sayNo(w http.ResponseWriter, r *http.Request, err error) error {
	no := e.tokenError(r.Context(), err)
	if no.code == "use_dpop_nonce" {
		e.offerNonce(w)
	}
	if no.status == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", `Basic realm="oidc"`)
	}
	return writeJSON(w, no.status, map[string]any{"error": no.code, "error_description": printable(no.description)})
}

func (e *endpoints) tokenError(ctx context.Context, err error) *answerError {
	var ours *answerError
	var failure *idp.Failure
	var theirs *fosite.RFC6749Error
	switch {
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &failure) && failure.Kind != idp.Internal:
		return &answerError{http.StatusBadRequest, "invalid_grant", withRef("the grant is no longer good", failure.Ref)}
	case errors.As(err, &failure):
		return &answerError{http.StatusInternalServerError, "server_error", withRef("the gateway could not answer", failure.Ref)}
	case errors.Is(err, registry.ErrStale):
		e.cfg.Failed(ctx, err)
		return &answerError{http.StatusServiceUnavailable, "temporarily_unavailable", "the gateway cannot answer now"}
	case errors.As(err, &theirs) && slices.Contains([]string{"invalid_request", "invalid_grant", "unauthorized_client"}, theirs.ErrorField):
		return &answerError{http.StatusBadRequest, theirs.ErrorField, theirs.DescriptionField}
	}
	e.cfg.Failed(ctx, fmt.Errorf("oidc: %w", err))
	return &answerError{http.StatusInternalServerError, "server_error", "the gateway could not answer"}
}

// allowScripts lets a public client that runs in a browser read the answer, if the script comes from where one of its
// return addresses is. Confidential clients have no business in a browser.
func allowScripts(w http.ResponseWriter, r *http.Request, c *client) {
	w.Header().Add("Vary", "Origin")
	origin := r.Header.Get("Origin")
	if origin == "" || !c.IsPublic() {
		return
	}
	for _, address := range c.settings.RedirectURIs {
		if address == origin || strings.HasPrefix(address, origin+"/") || strings.HasPrefix(address, origin+"?") {
			w.Header().Set("Access-Control-Allow-Origin", origin)
			w.Header().Set("Access-Control-Expose-Headers", "DPoP-Nonce")
			w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
			return
		}
	}
}

// tokenPreflight lets scripts send a DPoP proof. Who may read the answer is said with the answer.
func (e *endpoints) tokenPreflight(w http.ResponseWriter, _ *http.Request) error {
	w.Header().Set("Access-Control-Allow-Origin", "*")
	w.Header().Set("Access-Control-Allow-Methods", "POST")
	w.Header().Set("Access-Control-Allow-Headers", "DPoP")
	w.Header().Set("Access-Control-Max-Age", "600")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// writeJSON answers with something that must not be kept (RFC 6749 5.1).
func writeJSON(w http.ResponseWriter, status int, content any) error {
	body, err := json.Marshal(content)
	if err != nil {
		return fmt.Errorf("json answer: %w", err)
	}
	return sendJSON(w, status, body)
}

func sendJSON(w http.ResponseWriter, status int, body []byte) error {
	return send(w, status, "application/json", body)
}

func send(w http.ResponseWriter, status int, kind string, body []byte) error {
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // nothing to be done when the client is gone
	return nil
}
