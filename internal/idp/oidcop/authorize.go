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
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// asked is what an authorization request leaves for the answer. It travels as idp.Request.State.
type asked struct {
	RedirectURI string       `json:"redirect_uri"`
	Mode        string       `json:"mode"`
	Type        string       `json:"type"` // the response type, in its one order
	State       string       `json:"state,omitempty"`
	Nonce       string       `json:"nonce,omitempty"`
	Challenge   string       `json:"challenge,omitempty"`
	Scopes      []string     `json:"scopes,omitempty"`
	InIDToken   []attrs.Name `json:"in_id_token,omitempty"`
	InUserinfo  []attrs.Name `json:"in_userinfo,omitempty"`
	Subject     string       `json:"sub,omitempty"`      // whom the service expects
	Assurance   []string     `json:"acr,omitempty"`      // one of them or no answer
	DPoP        string       `json:"dpop_jkt,omitempty"` // the key that the code is bound to (RFC 9449 10)
	Device      string       `json:"device,omitempty"`   // the screen that waits for it, instead of an address
	Pushed      *pushedName  `json:"pushed,omitempty"`   // the pushed request that it is
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
		"request", "request_uri", "registration", "dpop_jkt",
	}
}

// kept lists the parameters that are stored until the person has signed in, which anybody may ask for; maxKept bounds
// each of them, in bytes: more than any service's own server reads of an address, and so of an answer of ours.
func kept() []string { return []string{"state", "nonce", "claims", "acr_values"} }

const maxKept = 8 << 10

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
		return &web.Fault{Status: http.StatusBadRequest, Code: "OIC-401", Kind: "oidc/client", Told: "client_id: no such client is registered, or its registration cannot be used", Cause: err}
	}
	form, a, no, err := e.settled(r, c, form)
	if err != nil {
		return err
	}
	address := form.get("redirect_uri")
	if no != nil && !slices.Contains(c.settings.RedirectURIs, address) {
		return e.spent(r, c, no)
	}
	if address == "" || !slices.Contains(c.settings.RedirectURIs, address) {
		return &web.Fault{
			Status: http.StatusBadRequest, Code: "OIC-402", Kind: "oidc/address",
			Args:  map[string]string{"service": c.service.Name.In(string(e.cfg.Kit.Lang(r)))},
			Told:  "redirect_uri: it is missing, or none of those that the client has registered, letter for letter",
			Cause: fmt.Errorf("client %s: the return address is not registered", c.GetID()),
		}
	}
	a.RedirectURI, a.Mode, a.State = address, mode(form), form.get("state")
	var request idp.Request
	if no == nil {
		request, err = e.read(r.Context(), snapshot, c, form, &a)
	}
	if no != nil || errors.As(err, &no) {
		return e.deliver(w, r, a.handoff(e.refused(no.code, no.description, a.State)))
	}
	if err != nil {
		return err
	}
	return e.gateway.Start(w, r, request)
}

// settled finds the parameters that count. A refusal comes with those that came with the browser, which then say where it
// may be told, and nothing else.
func (e *endpoints) settled(r *http.Request, c *client, form parameters) (parameters, asked, *refusal, error) {
	wanted, pushed, err := e.resolved(r, c, form)
	var no *refusal
	switch {
	case err == nil:
		return wanted, asked{Pushed: pushed}, nil, nil
	case errors.As(err, &no):
		return form, asked{}, no, nil
	case errors.Is(err, errPushed):
		return nil, asked{}, nil, e.spent(r, c, err)
	}
	return nil, asked{}, nil, err
}

// spent is our page for a request that cannot be read, or no longer, and names no address to answer at.
func (e *endpoints) spent(r *http.Request, c *client, cause error) error {
	return &web.Fault{
		Status: http.StatusBadRequest, Code: "OIC-403", Kind: "oidc/request",
		Args:  map[string]string{"service": c.service.Name.In(string(e.cfg.Kit.Lang(r)))},
		Told:  toldOf(cause),
		Cause: fmt.Errorf("client %s: %w", c.GetID(), cause),
	}
}

// toldOf is what a service would read as the description of an error, if there were an address for it.
func toldOf(err error) string {
	var no *refusal
	if errors.As(err, &no) {
		return no.Error()
	}
	return idp.ToldOf(err)
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
func (e *endpoints) read(ctx context.Context, snapshot *registry.Snapshot, c *client, form parameters, a *asked) (idp.Request, error) {
	if name := form.spoilt(used()...); name != "" {
		return idp.Request{}, badRequest("the parameter " + name + " stands more than once, or is no text")
	}
	for _, name := range kept() {
		if len(form.get(name)) > maxKept {
			return idp.Request{}, badRequest("the parameter " + name + " is too long")
		}
	}
	if form.get("registration") != "" {
		return idp.Request{}, &refusal{"registration_not_supported", "the parameter registration is not supported"}
	}
	if err := checkPushed(c, a); err != nil {
		return idp.Request{}, err
	}
	if err := readType(c, form, a, e.cfg.Now(), snapshot.Zone()); err != nil {
		return idp.Request{}, err
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
	a.narrow(&request)
	var err error
	request.State, err = json.Marshal(a)
	return request, err
}

// checkByFosite has client, address, scopes, response type and mode checked. It is given only the parameters that it is
// to judge: scopes that nobody here understands are left out (OpenID Connect Core 3.1.2.1), and so is the state, which
// fosite would want to be eight characters long.
func (e *endpoints) checkByFosite(ctx context.Context, c *client, form parameters, a *asked) error {
	scopes, no := c.understood(form.list("scope"))
	if no != nil {
		return no
	}
	a.Scopes = scopes
	values := url.Values{
		"client_id": {c.GetID()}, "redirect_uri": {a.RedirectURI}, "scope": {strings.Join(a.Scopes, " ")},
		"response_type": {typeCode}, "response_mode": {form.get("response_mode")}, // the type was read already
		"state": {"state is ours to repeat"},
	}
	plain := &http.Request{Method: http.MethodGet, URL: new(url.URL), Header: http.Header{}, Form: values}
	_, err := fosite.NewOAuth2Provider(clients{c}, e.shared).NewAuthorizeRequest(ctx, plain)
	if err == nil {
		return nil
	}
	theirs := fosite.ErrorToRFC6749Error(err)
	switch theirs.ErrorField {
	case "invalid_request", "unauthorized_client", "unsupported_response_type", "unsupported_response_mode", "invalid_scope":
		return &refusal{theirs.ErrorField, theirs.DescriptionField}
	}
	return fmt.Errorf("client %s: authorization request: %w", c.GetID(), err)
}

// understood gives those of the scopes that the client has, openid among them, each once.
func (c *client) understood(wanted []string) (scopes []string, _ *refusal) {
	for _, scope := range wanted {
		if slices.Contains(c.scopes, scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	if !slices.Contains(scopes, "openid") {
		return nil, &refusal{"invalid_scope", "the scope openid is needed"}
	}
	return scopes, nil
}

// readChallenge insists on PKCE with S256 (RFC 7636 4.3), unless the client is registered as one that sends none.
func readChallenge(c *client, form parameters, a *asked) error {
	challenge, method := form.get("code_challenge"), form.get("code_challenge_method")
	a.DPoP = form.get("dpop_jkt")
	switch {
	case a.DPoP != "" && len(a.DPoP) != 43:
		return badRequest("dpop_jkt is no thumbprint")
	case !a.coded() || (challenge == "" && method == "" && !c.settings.needsPKCE()):
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
