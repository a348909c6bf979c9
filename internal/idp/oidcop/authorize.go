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

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/web"
)

// asked is what an authorization request leaves for the answer. It travels as idp.Request.State.
type asked struct {
	RedirectURI string       `json:"redirect_uri"`
	Mode        string       `json:"mode"`
	State       string       `json:"state,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Challenge   string       `json:"challenge,omitempty"`
	Scopes      []string     `json:"scopes,omitempty"`
	InIDToken   []attrs.Name `json:"in_id_token,omitempty"`
	InUserinfo  []attrs.Name `json:"in_userinfo,omitempty"`
	Subject     string       `json:"sub,omitempty"` // whom the service expects
	Assurance   []string     `json:"acr,omitempty"` // one of them or no answer
}

// refusal is an error of the protocol, addressed to the service.
type refusal struct{ code, description string }

func (r *refusal) Error() string { return r.code + ": " + r.description }

func badRequest(description string) error { return &refusal{"invalid_request", description} }

// used lists the parameters that are looked at.
func used() []string {
	return []string{
		"client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge",
		"code_challenge_method", "prompt", "max_age", "login_hint", "ui_locales", "acr_values", "id_token_hint", "claims",
		"request", "request_uri", "registration",
	}
}

// kept lists the parameters that are stored until the person has signed in, which anybody may ask for; maxKept bounds
// each of them, in bytes. A longer state would not fit into the answer's address at most services either.
func kept() []string { return []string{"state", "nonce", "claims", "acr_values"} }

const maxKept = 4 << 10

// authorize checks who asks and where the answer would go; as long as these two are in doubt, only our page speaks (RFC
// 6749 4.1.2.1). Everything after is answered at the registered address.
func (e *endpoints) authorize(w http.ResponseWriter, r *http.Request) error {
	form, err := readParameters(r)
	if err != nil {
		var tooLarge *http.MaxBytesError
		if errors.As(err, &tooLarge) {
			return err
		}
		return web.BadRequest(err)
	}
	snapshot, err := e.gateway.Registry()
	if err != nil {
		return web.Unavailable(err)
	}
	c, err := e.client(snapshot, form.get("client_id"))
	if err != nil {
		return &web.Fault{Status: http.StatusBadRequest, Code: "OIC-401", Kind: "oidc/client", Cause: err}
	}
	address := form.get("redirect_uri")
	if address == "" || !slices.Contains(c.settings.RedirectURIs, address) {
		return &web.Fault{
			Status: http.StatusBadRequest, Code: "OIC-402", Kind: "oidc/address",
			Args:  map[string]string{"service": c.service.Name.In(string(e.cfg.Kit.Lang(r)))},
			Cause: fmt.Errorf("client %s: the return address is not registered", c.GetID()),
		}
	}
	a := asked{RedirectURI: address, Mode: mode(form), State: form.get("state")}
	request, err := e.read(r.Context(), c, form, &a)
	if err != nil {
		var no *refusal
		if !errors.As(err, &no) {
			return err
		}
		return e.deliver(w, r, a.handoff(e.refused(no.code, no.description, a.State)))
	}
	return e.gateway.Start(w, r, request)
}

// deliver sends the browser on.
func (e *endpoints) deliver(w http.ResponseWriter, r *http.Request, h idp.Handoff) error {
	if h.Action == "" {
		return e.cfg.Kit.Redirect(w, r, h.Location, http.StatusSeeOther)
	}
	params := make([]web.Param, len(h.Fields))
	for i, f := range h.Fields {
		params[i] = web.Param(f)
	}
	return e.cfg.Kit.PostForm(w, r, h.Action, params, web.Frame{})
}

// read turns the parameters into a request in neutral words. The error is a *refusal, or our own failure.
func (e *endpoints) read(ctx context.Context, c *client, form parameters, a *asked) (idp.Request, error) {
	if name := form.spoilt(used()...); name != "" {
		return idp.Request{}, badRequest("the parameter " + name + " stands more than once, or is no text")
	}
	for _, name := range kept() {
		if len(form.get(name)) > maxKept {
			return idp.Request{}, badRequest("the parameter " + name + " is too long")
		}
	}
	for _, no := range [][2]string{
		{"request", "request_not_supported"},
		{"request_uri", "request_uri_not_supported"},
		{"registration", "registration_not_supported"},
	} {
		if form.get(no[0]) != "" {
			return idp.Request{}, &refusal{no[1], "the parameter " + no[0] + " is not supported"}
		}
	}
	if err := e.checkByFosite(ctx, c, form, a); err != nil {
		return idp.Request{}, err
	}
	if err := readChallenge(c, form, a); err != nil {
		return idp.Request{}, err
	}
	a.Nonce = form.get("nonce")
	a.InUserinfo = e.wordsOf(a.Scopes)
	request := idp.Request{Protocol: Name, ServiceID: c.service.ID, Handle: c.GetID(), Later: true}
	if err := e.readWishes(c, form, a, &request); err != nil {
		return idp.Request{}, err
	}
	request.Asked = union(slices.Clone(a.InUserinfo), a.InIDToken)
	var err error
	request.State, err = json.Marshal(a)
	return request, err
}

// checkByFosite has client, address, scopes, response type and mode checked. It is given only the parameters that it is
// to judge: scopes that nobody here understands are left out (OpenID Connect Core 3.1.2.1), and so is the state, which
// fosite would want to be eight characters long.
func (e *endpoints) checkByFosite(ctx context.Context, c *client, form parameters, a *asked) error {
	for _, scope := range form.list("scope") {
		if slices.Contains(c.scopes, scope) && !slices.Contains(a.Scopes, scope) {
			a.Scopes = append(a.Scopes, scope)
		}
	}
	if !slices.Contains(a.Scopes, "openid") {
		return &refusal{"invalid_scope", "the scope openid is needed"}
	}
	values := url.Values{
		"client_id": {c.GetID()}, "redirect_uri": {a.RedirectURI}, "scope": {strings.Join(a.Scopes, " ")},
		"response_type": {form.get("response_type")}, "response_mode": {form.get("response_mode")},
		"state": {"state is ours to repeat"},
	}
	plain := &http.Request{Method: http.MethodGet, URL: new(url.URL), Header: http.Header{}, Form: values}
	_, err := e.exchange(c, e.gateway).engine().NewAuthorizeRequest(ctx, plain)
	if err == nil {
		return nil
	}
	no := fosite.ErrorToRFC6749Error(err)
	switch no.ErrorField {
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "unsupported_response_mode", "invalid_scope":
		return &refusal{no.ErrorField, no.DescriptionField}
	}
	return fmt.Errorf("client %s: authorization request: %w", c.GetID(), err)
}

// readChallenge insists on PKCE with S256 (RFC 7636 4.3), unless the client is registered as one that sends none.
func readChallenge(c *client, form parameters, a *asked) error {
	challenge, method := form.get("code_challenge"), form.get("code_challenge_method")
	switch {
	case challenge == "" && method == "" && !c.settings.needsPKCE():
		return nil
	case challenge == "":
		return badRequest("a code_challenge is needed")
	case method != "S256":
		return badRequest("the code_challenge_method must be S256")
	case len(challenge) != 43 || strings.ContainsFunc(challenge, func(r rune) bool { return !base64URL(r) }):
		return badRequest("the code_challenge is no SHA-256 in base64url")
	}
	a.Challenge = challenge
	return nil
}

func base64URL(r rune) bool {
	return r == '-' || r == '_' || (r >= '0' && r <= '9') || (r >= 'a' && r <= 'z') || (r >= 'A' && r <= 'Z')
}
