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

	"ecluse/internal/idp"
	"ecluse/internal/store"
)

const (
	parPath = "/oidc/par"

	// kindPushed are requests that were pushed, and kindAnswered the marks of those whose code was issued.
	kindPushed   store.Kind = "oidc-pushed"
	kindAnswered store.Kind = "oidc-pushed-answered"

	pushedPrefix = "urn:ietf:params:oauth:request_uri:"
	pushedLife   = 90 * time.Second // for a redirect, on a slow line (RFC 9126 2.2)
	pushedLimit  = 48 << 10
	pushedStays  = time.Hour // from a look at it to its answer, at most: a sign-in that was begun is over before
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
	a := asked{RedirectURI: wanted.get("redirect_uri"), Mode: mode(wanted), Pushed: &pushedName{}}
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
const errPushed = idp.Told("request_uri: it leads to no pushed request of this client, or to one that was used or has ended")

// findPushed gives a pushed request to a browser that brings its name. It may come again, as whoever reloads a page does,
// until a code was issued for it or its time is over (RFC 9126 7.3, FAPI 2.0 5.3.2.2). A name in another client's request
// finds nothing.
func (e *endpoints) findPushed(ctx context.Context, c *client, uri string) (parameters, *pushedName, error) {
	name := strings.TrimPrefix(uri, pushedPrefix)
	if name == "" || len(name) > store.MaxName {
		return nil, nil, errPushed
	}
	ticket, err := e.cfg.Tickets.Get(ctx, kindPushed, name)
	if errors.Is(err, store.ErrNotFound) {
		return nil, nil, errPushed
	}
	var p pushed
	if err == nil {
		err = json.Unmarshal(ticket.Value, &p)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("pushed request: %w", err)
	}
	if p.Client != c.GetID() {
		return nil, nil, errPushed
	}
	return p.Form, &pushedName{Name: name, Until: e.cfg.Now().Add(pushedStays)}, nil
}

// pushedName is what a sign-in keeps of the pushed request that it is for.
type pushedName struct {
	Name  string    `json:"name"`
	Until time.Time `json:"until"` // an answer after it would be one that no mark remembers
}

// answering uses a pushed request up, in the one write that issues its code: of several browsers that brought it, on whichever
// replica, one makes the mark, and the write of any other fails with store.ErrExists.
func (x *exchange) answering(p *pushedName) error {
	now := x.cfg.Now()
	switch {
	case p == nil:
		return nil
	case !now.Before(p.Until):
		return &idp.Failure{Kind: idp.BadRequest}
	}
	x.before = append(x.before,
		store.Op{Do: store.Create, Ticket: store.Ticket{Kind: kindAnswered, Name: p.Name, Expires: now.Add(pushedLife + pushedStays)}},
		store.Op{Do: store.Delete, Ticket: store.Ticket{Kind: kindPushed, Name: p.Name}},
	)
	return nil
}

// resolved gives the parameters that count: those that were pushed, those in a request object, those that were registered, or
// else those that came with the browser. Beside the first two nothing but client_id is looked at.
func (e *endpoints) resolved(r *http.Request, c *client, form parameters) (parameters, *pushedName, error) {
	uri := form.get("request_uri")
	switch {
	case uri != "" && form.get("request") != "":
		return nil, nil, badRequest("request and request_uri stand together")
	case strings.HasPrefix(uri, pushedPrefix):
		if r.Method == http.MethodHead {
			return nil, nil, errPushed // it shows nobody anything, and might use the request up
		}
		return e.findPushed(r.Context(), c, uri)
	case uri != "":
		wanted, err := e.registeredRequest(r.Context(), c, uri, form)
		return wanted, nil, err
	}
	wanted, err := e.wanted(r.Context(), c, form)
	return wanted, nil, err
}

// checkPushed insists on requests that were pushed, where the client is registered so (RFC 9126 6).
func checkPushed(c *client, a *asked) error {
	if c.settings.pushes() && a.Pushed == nil {
		return badRequest("the client is registered to push its requests")
	}
	return nil
}
