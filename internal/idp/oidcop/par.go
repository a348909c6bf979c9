package oidcop

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"ecluse/internal/store"
)

const (
	parPath = "/oidc/par"

	// kindPushed are requests that were pushed and not used yet.
	kindPushed store.Kind = "oidc-pushed"

	pushedPrefix = "urn:ietf:params:oauth:request_uri:"
	pushedLife   = 90 * time.Second // for a redirect, on a slow line (RFC 9126 2.2)
	pushedLimit  = 48 << 10
)

// pushed is a request that waits for its browser. It is kept sealed: it may hold a hint of who the person is.
type pushed struct {
	Client string     `json:"client"`
	Form   parameters `json:"form"`
}

// push takes an authorization request from the client itself (RFC 9126 2).
func (e *endpoints) push(w http.ResponseWriter, r *http.Request) error {
	answer, err := e.pushed(w, r)
	var no *refusal
	if errors.As(err, &no) {
		err = &answerError{http.StatusBadRequest, no.code, no.description}
	}
	if err != nil {
		return e.sayNo(w, r, err)
	}
	return writeJSON(w, http.StatusCreated, answer)
}

// pushed checks the request as the authorization endpoint would, so that a mistake is told to whoever made it.
func (e *endpoints) pushed(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	form, err := readParameters(r)
	if err != nil {
		return nil, &answerError{http.StatusBadRequest, "invalid_request", "the form cannot be read"}
	}
	if name := form.spoilt(append(credentialNames(), used()...)...); name != "" {
		return nil, badRequest("the parameter " + name + " stands more than once, or is no text")
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
	if form.get("request_uri") != "" {
		return nil, badRequest("a request that is pushed is not pushed elsewhere before (RFC 9126 2.1)")
	}
	wanted, err := e.wanted(r.Context(), c, form)
	if err != nil {
		return nil, err
	}
	if err := e.boundTo(r, c, wanted); err != nil {
		return nil, err
	}
	if !slices.Contains(c.settings.RedirectURIs, wanted.get("redirect_uri")) {
		return nil, badRequest("the return address is not registered")
	}
	a := asked{RedirectURI: wanted.get("redirect_uri"), Mode: mode(wanted), pushed: true}
	if _, err := e.read(r.Context(), snapshot, c, wanted, &a); err != nil {
		return nil, err
	}
	name, err := e.keepPushed(r.Context(), c, wanted)
	return map[string]any{"request_uri": pushedPrefix + name, "expires_in": int64(pushedLife / time.Second)}, err
}

// wanted gives the parameters of a form, or those of the request object in it.
func (e *endpoints) wanted(ctx context.Context, c *client, form parameters) (parameters, error) {
	if token := form.get("request"); token != "" {
		return e.object(ctx, c, token)
	}
	return form, nil
}

// boundTo takes the key of a DPoP proof that came with a pushed request for the one that the code will be bound to (RFC
// 9449 10.1).
func (e *endpoints) boundTo(r *http.Request, c *client, form parameters) error {
	shown, err := e.proofOf(r, parPath, "")
	if err != nil || shown.thumbprint == "" {
		return err
	}
	if named := form.get("dpop_jkt"); named != "" && named != shown.thumbprint {
		return badRequest("the proof is not made with the key that dpop_jkt names")
	}
	form["dpop_jkt"] = []string{shown.thumbprint}
	return e.spend(r.Context(), c, shown)
}

// keepPushed stores what is looked at of a request, and so no credentials.
func (e *endpoints) keepPushed(ctx context.Context, c *client, form parameters) (string, error) {
	kept := pushed{Client: c.GetID(), Form: parameters{"client_id": {c.GetID()}}}
	for _, name := range used() {
		if v := form.get(name); v != "" && name != "client_id" && name != "request" {
			kept.Form[name] = []string{v}
		}
	}
	value, err := json.Marshal(kept)
	if err != nil {
		return "", fmt.Errorf("pushed request: %w", err)
	}
	name := rand.Text()
	end := e.cfg.Now().Add(pushedLife)
	return name, e.cfg.Tickets.Create(ctx, store.Ticket{Kind: kindPushed, Name: name, Value: value, Expires: end})
}

// errPushed says that a request_uri leads to no request of this client, or no longer.
var errPushed = errors.New("no such pushed request")

// takePushed gives a pushed request to the browser that brings its name, one time (RFC 9126 4). A name in another client's
// request takes nothing away from the client whose it is.
func (e *endpoints) takePushed(ctx context.Context, c *client, uri string) (parameters, error) {
	name := strings.TrimPrefix(uri, pushedPrefix)
	if name == "" || len(name) > store.MaxName {
		return nil, errPushed
	}
	ticket, err := e.cfg.Tickets.Get(ctx, kindPushed, name)
	var p pushed
	if err == nil {
		if err = json.Unmarshal(ticket.Value, &p); err == nil && p.Client != c.GetID() {
			return nil, errPushed
		}
	}
	if err == nil {
		_, err = e.cfg.Tickets.Take(ctx, kindPushed, name)
	}
	if errors.Is(err, store.ErrNotFound) {
		return nil, errPushed
	}
	if err != nil {
		return nil, fmt.Errorf("pushed request: %w", err)
	}
	return p.Form, nil
}

// resolved gives the parameters that count: those that were pushed, those in a request object, or else those that came with
// the browser. Beside the first two nothing but client_id is looked at.
func (e *endpoints) resolved(r *http.Request, c *client, form parameters) (parameters, bool, error) {
	uri := form.get("request_uri")
	switch {
	case uri != "" && form.get("request") != "":
		return nil, false, badRequest("request and request_uri stand together")
	case strings.HasPrefix(uri, pushedPrefix):
		if r.Method == http.MethodHead {
			return nil, false, errPushed // it shows nobody anything, and would use the request up
		}
		p, err := e.takePushed(r.Context(), c, uri)
		return p, true, err
	case uri != "":
		return nil, false, &refusal{"request_uri_not_supported", "nothing is fetched while a person waits: push the request"}
	}
	wanted, err := e.wanted(r.Context(), c, form)
	return wanted, false, err
}

// checkPushed insists on requests that were pushed, where the client is registered so (RFC 9126 6).
func checkPushed(c *client, a *asked) error {
	if c.settings.pushes() && !a.pushed {
		return badRequest("the client is registered to push its requests")
	}
	return nil
}
