package oidcrp

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

	"github.com/coreos/go-oidc/v3/oidc"

	"ecluse/internal/store"
	"ecluse/internal/web"
)

const (
	kindSessions   = store.Kind("oidc-sessions") // names of ours for the sessions of one sid, or of one person
	kindLogout     = store.Kind("oidc-logout")   // jti of a logout token that was followed
	longestSession = 24 * time.Hour              // no session of ours lasts longer
	mostSessions   = 50                          // of one person at one source, the latest
	mostTries      = 20                          // of as many browsers at once, each succeeds
	longestLogout  = 15 * time.Minute            // a logout token that claims to last longer is none
)

// remember gives a session of ours a name, and files it under the source's session and under the person, so that a sign-out
// that names either finds it. What it is filed under is derived: nobody reads a subject in the store.
func (c *Connector) remember(ctx context.Context, said claims) (string, error) {
	name := rand.Text()
	for _, key := range c.filed(said.text("sid"), said.text("sub")) {
		if err := c.file(ctx, key, name); err != nil {
			return "", fmt.Errorf("sessions: %w", err)
		}
	}
	return name, nil
}

// filed gives the names under which sessions stand.
func (c *Connector) filed(sid, sub string) []string {
	var out []string
	if sid != "" {
		out = append(out, c.keys.MAC("oidc session", c.source, "sid", sid))
	}
	if sub != "" {
		out = append(out, c.keys.MAC("oidc session", c.source, "sub", sub))
	}
	return out
}

// file adds a name to a list that other replicas may write at the same time.
func (c *Connector) file(ctx context.Context, key, name string) error {
	for range mostTries {
		ticket, err := c.tickets.Get(ctx, kindSessions, key)
		fresh := errors.Is(err, store.ErrNotFound)
		if err != nil && !fresh {
			return err
		}
		var names []string
		if !fresh {
			if err := json.Unmarshal(ticket.Value, &names); err != nil {
				return err
			}
		}
		names = append(names[max(0, len(names)-mostSessions+1):], name)
		value, err := json.Marshal(names)
		if err != nil {
			return err
		}
		next := store.Ticket{Kind: kindSessions, Name: key, Value: value, Version: ticket.Version, Expires: c.now().Add(longestSession)}
		if fresh {
			err = c.tickets.Create(ctx, next)
		} else {
			err = c.tickets.Replace(ctx, next)
		}
		if !errors.Is(err, store.ErrExists) && !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	return store.ErrConflict
}

// loggedOut takes a sign-out that the source tells (OpenID Connect Back-Channel Logout 1.0 section 2.5 to 2.8). It answers
// 200 when whatever it names is over, 400 to a token that is none, and 503 when the source may try again.
func (c *Connector) loggedOut(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Cache-Control", "no-store")
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	if twice(form) || form.Get("logout_token") == "" {
		return c.notLoggedOut(w, r, "there is no logout token, or are two")
	}
	m, err := c.provider.about.current(r.Context())
	if err != nil {
		return web.Unavailable(c.provider.unknown(err))
	}
	token, why, err := c.logoutToken(r.Context(), m, form.Get("logout_token"))
	if err != nil {
		return web.Unavailable(err)
	}
	if why != "" {
		return c.notLoggedOut(w, r, why)
	}
	switch once, err := c.once(r.Context(), token); {
	case err != nil:
		return web.Unavailable(err)
	case !once:
		return c.notLoggedOut(w, r, "the logout token was used")
	}
	if err := c.end(r.Context(), token); err != nil {
		err = errors.Join(err, c.tickets.Delete(r.Context(), kindLogout, c.mark(token))) // the source may try again
		return web.Unavailable(err)
	}
	w.WriteHeader(http.StatusOK)
	return nil
}

func (c *Connector) notLoggedOut(w http.ResponseWriter, r *http.Request, why string) error {
	c.log.WarnContext(r.Context(), "a sign-out was not followed", "reason", why)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	_, err := w.Write([]byte(`{"error":"invalid_request"}`))
	return err
}

// logoutToken verifies a logout token. go-oidc looks at the event, the nonce that must not be there, jti, exp, issuer and
// audience; kind, age and length of life are looked at here. err is a source that does not answer.
func (c *Connector) logoutToken(ctx context.Context, m metadata, raw string) (token *oidc.LogoutToken, why string, err error) {
	keys := &signature{p: c.provider, m: m}
	token, bad := c.verifier(keys).VerifyLogout(ctx, raw)
	switch {
	case keys.away != nil:
		return nil, "", away("its keys cannot be had")
	case keys.good == nil:
		return nil, "the logout token is not signed by the source", nil
	case bad != nil:
		return nil, "the logout token is none, or not for us", nil
	}
	said, unread := readClaims(keys.good)
	now := c.now()
	switch {
	case unread != nil, c.addressed(said) != "":
		return nil, "the logout token is none, or not for us", nil
	case token.IssuedAt.IsZero() || token.IssuedAt.After(now.Add(skew)) || token.IssuedAt.Before(now.Add(-longestLogout)):
		return nil, "the logout token is of another time: compare the clocks", nil
	case token.Expiry.After(now.Add(longestLogout)):
		return nil, "the logout token lasts too long", nil
	}
	return token, "", nil
}

// once marks a logout token as used, on every replica. The store's epoch is read after the mark was made: what a store that
// was emptied meanwhile has forgotten is not followed again.
func (c *Connector) once(ctx context.Context, t *oidc.LogoutToken) (bool, error) {
	err := c.tickets.Create(ctx, store.Ticket{Kind: kindLogout, Name: c.mark(t), Expires: t.Expiry.Add(2 * skew)})
	if errors.Is(err, store.ErrExists) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	epoch, err := c.tickets.Epoch(ctx)
	if err != nil {
		return false, err
	}
	return !t.IssuedAt.Before(epoch.Add(-skew)), nil
}

func (c *Connector) mark(t *oidc.LogoutToken) string {
	return c.keys.MAC("oidc logout token", c.source, t.TokenID)
}

// end ends what the token names: the source's session where it names one, else every session of the person here. What was
// ended goes from the list last, so that the source may try again.
func (c *Connector) end(ctx context.Context, t *oidc.LogoutToken) error {
	sub := t.Subject
	if t.SessionID != "" {
		sub = ""
	}
	for _, key := range c.filed(t.SessionID, sub) {
		ticket, err := c.tickets.Get(ctx, kindSessions, key)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		var names []string
		if err := json.Unmarshal(ticket.Value, &names); err != nil {
			return err
		}
		for _, name := range slices.Backward(names) {
			if err := c.host.SignedOut(ctx, c.source, strings.Clone(name)); err != nil {
				return err
			}
		}
		if err := c.tickets.Delete(ctx, kindSessions, key); err != nil {
			return err
		}
	}
	return nil
}
