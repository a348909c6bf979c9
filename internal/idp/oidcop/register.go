package oidcop

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Clients register themselves (RFC 7591, RFC 7592) as drafts: the desk has registered their service first, with a binding
// whose registration is awaited, and has made a token for that one client. What comes in are the technical settings; until
// a declaration of the service was approved they make no client, and from when one is handed in they are changed at the
// desk.
const (
	registerPath  = "/oidc/register"
	registerLimit = 32 << 10

	// kindRegistering counts what is asked with one token, for all replicas together: each may have us ask addresses.
	kindRegistering  store.Kind = "oidc-register"
	mostRegistering             = 30
	registeringReset            = time.Hour
)

// Drafts keeps the settings of clients that register themselves. Tokens are secrets that whoever looks after the register
// gave out, each for one client.
type Drafts interface {
	// Client finds the binding that a token is for, and whether the token changes what was registered with another before.
	// ErrDraftToken for any other token.
	Client(ctx context.Context, token string) (binding registry.Binding, manages bool, err error)
	// Register replaces the settings that were looked at, uses the token up, and gives the one to change them with.
	Register(ctx context.Context, token string, was, next json.RawMessage) (manage string, err error)
	// Change replaces settings again; over ends the token.
	Change(ctx context.Context, token string, was, next json.RawMessage, over bool) error
}

var (
	// ErrDraftToken says that a token is not known, used up, or over.
	ErrDraftToken = errors.New("no such registration token")
	// ErrDraftClosed says that a client is not, or no longer, registered from outside.
	ErrDraftClosed = errors.New("this client is changed at the desk")
)

// mountRegister declares the routes, where drafts are kept. Only a token in a header opens them, which no browser adds by
// itself.
func (e *endpoints) mountRegister(mux *web.Mux) {
	if e.cfg.Drafts == nil {
		return
	}
	for _, route := range []web.Route{
		{Method: "POST", Pattern: registerPath, Handler: e.register, BodyLimit: registerLimit, CrossSite: true},
		{Method: "GET", Pattern: registerPath + "/{client}", Handler: e.readClient},
		{Method: "PUT", Pattern: registerPath + "/{client}", Handler: e.changeClient, BodyLimit: registerLimit, CrossSite: true},
		{Method: "DELETE", Pattern: registerPath + "/{client}", Handler: e.removeClient, CrossSite: true},
	} {
		mux.Handle(route)
	}
}

// drafting is one request about a draft: who shows which token, and what is registered now.
type drafting struct {
	token   string
	binding registry.Binding
	now     Settings
}

// register takes the metadata of a client (RFC 7591 3.1).
func (e *endpoints) register(w http.ResponseWriter, r *http.Request) error {
	answer, err := e.registered(r)
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	return writeJSON(w, http.StatusCreated, answer)
}

func (e *endpoints) registered(r *http.Request) (map[string]any, error) {
	d, err := e.drafting(r, false)
	if err != nil {
		return nil, err
	}
	next, secret, err := e.draft(r, d)
	if err != nil {
		return nil, err
	}
	raw, err := json.Marshal(next)
	if err != nil {
		return nil, fmt.Errorf("client %s: %w", d.binding.Handle, err)
	}
	if d.token, err = e.cfg.Drafts.Register(r.Context(), d.token, d.binding.Settings, raw); err != nil {
		return nil, err
	}
	answer := e.said(d, next, secret)
	answer["client_id_issued_at"] = e.cfg.Now().Unix()
	return answer, nil
}

// readClient tells an integrator what is registered (RFC 7592 2.1), without the secret, of which only a hash is kept.
func (e *endpoints) readClient(w http.ResponseWriter, r *http.Request) error {
	d, err := e.drafting(r, true)
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	return writeJSON(w, http.StatusOK, e.said(d, d.now, ""))
}

// changeClient replaces what is registered, all of it (RFC 7592 2.2).
func (e *endpoints) changeClient(w http.ResponseWriter, r *http.Request) error {
	d, err := e.drafting(r, true)
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	next, secret, err := e.draft(r, d)
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	raw, err := json.Marshal(next)
	if err == nil {
		err = e.cfg.Drafts.Change(r.Context(), d.token, d.binding.Settings, raw, false)
	}
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	return writeJSON(w, http.StatusOK, e.said(d, next, secret))
}

// removeClient takes the registration back (RFC 7592 2.3): the binding waits again, and the token is over.
func (e *endpoints) removeClient(w http.ResponseWriter, r *http.Request) error {
	d, err := e.drafting(r, true)
	if err == nil {
		awaited := json.RawMessage(`{"registration":"` + registrationAwaited + `"}`)
		err = e.cfg.Drafts.Change(r.Context(), d.token, d.binding.Settings, awaited, true)
	}
	if err != nil {
		return e.notRegistered(w, r, err)
	}
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusNoContent)
	return nil
}

// drafting finds what the token of a request is for. Nothing else of the request is looked at before, and no address asked.
func (e *endpoints) drafting(r *http.Request, manages bool) (drafting, error) {
	scheme, token, err := bearer(r)
	if err != nil || token == "" || scheme != schemeBearer {
		return drafting{}, ErrDraftToken
	}
	b, may, err := e.cfg.Drafts.Client(r.Context(), token)
	if err != nil {
		return drafting{}, err
	}
	if may != manages || (manages && b.Handle != r.PathValue("client")) {
		return drafting{}, ErrDraftToken
	}
	n, err := e.cfg.Tickets.Increment(r.Context(), kindRegistering, HashSecret(token), registeringReset)
	if err != nil {
		return drafting{}, fmt.Errorf("count of registrations: %w", err)
	}
	if n > mostRegistering {
		return drafting{}, &answerError{http.StatusTooManyRequests, "temporarily_unavailable", "this token was shown too often within an hour"}
	}
	now, err := parseSettings(b.Settings)
	awaits := registrationAwaited
	if manages {
		awaits = registrationMade
	}
	if err != nil || now.Registration != awaits {
		return drafting{}, ErrDraftClosed
	}
	return drafting{token: token, binding: b, now: now}, nil
}

// notRegistered answers in the words of RFC 7591 3.2.2 and RFC 6750 3.1, with every mistake at once.
func (e *endpoints) notRegistered(w http.ResponseWriter, r *http.Request, err error) error {
	var no *draftError
	switch {
	case errors.As(err, &no):
		return writeJSON(w, http.StatusBadRequest, no.said())
	case errors.Is(err, ErrDraftToken):
		challenge := "Bearer"
		if r.Header.Get("Authorization") != "" {
			challenge = `Bearer error="invalid_token"`
		}
		w.Header().Set("WWW-Authenticate", challenge)
		return writeJSON(w, http.StatusUnauthorized, map[string]any{"error": "invalid_token", "error_description": "a token that the desk makes for this client is needed"})
	case errors.Is(err, ErrDraftClosed):
		return writeJSON(w, http.StatusForbidden, map[string]any{"error": "access_denied", "error_description": "this client is changed at the desk"})
	}
	return e.sayNo(w, r, err)
}

// newSecret draws a secret of 256 bits.
func newSecret() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // never fails
	return base64.RawURLEncoding.EncodeToString(raw)
}

// said is what the client is told of its registration (RFC 7591 3.2.1, RFC 7592 3): what is registered, not what was sent.
func (e *endpoints) said(d drafting, s Settings, secret string) map[string]any {
	answer := metadataOf(s)
	answer["client_id"] = d.binding.Handle
	answer["registration_access_token"] = d.token
	answer["registration_client_uri"] = e.cfg.Issuer + registerPath + "/" + url.PathEscape(d.binding.Handle)
	if secret != "" {
		answer["client_secret"], answer["client_secret_expires_at"] = secret, 0
	}
	return answer
}
