package oidcop

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ory/fosite"

	"ecluse/internal/attrs"
	"ecluse/internal/store"
)

// Refresh tokens. All those of one grant are a family, and have one record together: what was granted, and the number of the
// one that is good. A token is the family's name, its own number, and the MAC of both.
//
// Each use gives the next number (RFC 9700 4.14.2). An answer may be lost on the way, and a client may ask twice at once:
// for a short time the number before is answered too, with the very same next token, so that a family never has two lines.
// Whatever older number is shown after that, by whomever, ends the family and every later answer of its sign-in: thief and
// client cannot be told apart.
//
// A token that is bound to a key, or that only a client can use that a key is known by and its certificate binds tokens to, is
// not exchanged (FAPI 2.0 Security Profile 5.3.2.1): a thief could do nothing with it, and exchanging loses more honest clients
// than it stops thieves.
const (
	kindRefresh  store.Kind = "oidc-refresh"
	refreshGrace            = 30 * time.Second // longer than clients wait for an answer
	scopeOffline            = "offline_access"
)

// longestUndeclared bounds what is kept where a declaration says no maximum; the gateway's own default ends it before.
const longestUndeclared = 24 * time.Hour

// family is the record.
type family struct {
	Grant  grant     `json:"grant"`
	Serial int       `json:"serial"` // of the token that is good
	Since  time.Time `json:"since"`  // when it became so
}

// refreshing is what an exchange knows of the refresh token that it is about.
type refreshing struct {
	name   string
	serial int // as shown
	next   int // as answered
	record family
	ticket store.Ticket
}

// refreshTokens writes and reads them.
type refreshTokens struct{ secret []byte }

func (t refreshTokens) token(name string, serial int) string {
	body := name + "." + strconv.Itoa(serial)
	return body + "." + t.mac(body)
}

func (t refreshTokens) mac(body string) string {
	mac := hmac.New(sha256.New, t.secret)
	mac.Write([]byte(body))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

func (t refreshTokens) parse(token string) (name string, serial int, ok bool) {
	if len(token) > maxID {
		return "", 0, false
	}
	last := strings.LastIndexByte(token, '.')
	if last < 0 || !hmac.Equal([]byte(t.mac(token[:last])), []byte(token[last+1:])) {
		return "", 0, false
	}
	name, number, _ := strings.Cut(token[:last], ".")
	serial, err := strconv.Atoi(number)
	return name, serial, err == nil
}

// endOf bounds what is kept for later answers of a release. The gateway's own record decides.
func endOf(r attrs.Release, now time.Time) time.Time {
	span := r.Declaration().MaxSession
	if span <= 0 {
		span = longestUndeclared
	}
	if end := now.Add(span); end.Before(r.NotAfter()) {
		return end
	}
	return r.NotAfter()
}

// offline tells a grant with refresh tokens.
func (g grant) offline() bool { return slices.Contains(g.Scopes, scopeOffline) }

func (s grants) family(ctx context.Context, name string) (family, store.Ticket, error) {
	ticket, err := s.tickets.Get(ctx, kindRefresh, name)
	if errors.Is(err, store.ErrNotFound) {
		return family{}, store.Ticket{}, fosite.ErrNotFound
	}
	var f family
	if err == nil {
		err = json.Unmarshal(ticket.Value, &f)
	}
	if err != nil {
		return family{}, store.Ticket{}, fmt.Errorf("%s: %w", kindRefresh, err)
	}
	return f, ticket, nil
}

// GenerateRefreshToken gives a new family its first token, and an old one its next: which is the same one whoever asks.
func (x *exchange) GenerateRefreshToken(ctx context.Context, _ fosite.Requester) (token, signature string, err error) {
	if x.refresh == nil {
		x.refresh = &refreshing{name: rand.Text() + rand.Text()}
	}
	token = x.refreshes.token(x.refresh.name, x.refresh.next)
	return token, x.RefreshTokenSignature(ctx, token), nil
}

// RefreshTokenSignature is the token: it goes nowhere but back into this file.
func (x *exchange) RefreshTokenSignature(_ context.Context, token string) string { return token }

// ValidateRefreshToken has nothing left to do: a token whose MAC is wrong was not looked up.
func (x *exchange) ValidateRefreshToken(_ context.Context, _ fosite.Requester, token string) error {
	if _, _, ok := x.refreshes.parse(token); !ok {
		return fosite.ErrTokenSignatureMismatch
	}
	return nil
}

// CreateRefreshTokenSession makes the record of a new family.
func (x *exchange) CreateRefreshTokenSession(_ context.Context, _, _ string, _ fosite.Requester) error {
	if x.asks == grantRefresh {
		return nil // RotateRefreshToken did it
	}
	g := x.grant
	g.RedirectURI, g.Challenge, g.Nonce, g.Audience = "", "", "", ""
	value, err := json.Marshal(family{Grant: g, Since: x.cfg.Now()})
	x.before = append(x.before, store.Op{
		Do: store.Create, Ticket: store.Ticket{Kind: kindRefresh, Name: x.refresh.name, Value: value, Expires: g.Ends},
	})
	return x.fail(err)
}

// GetRefreshTokenSession finds the family of a token that is shown at the token endpoint. Nobody else gets an answer.
func (x *exchange) GetRefreshTokenSession(ctx context.Context, token string, _ fosite.Session) (fosite.Requester, error) {
	name, serial, ok := x.refreshes.parse(token)
	if !ok || x.asks != grantRefresh {
		return nil, fosite.ErrNotFound
	}
	f, ticket, err := x.grants.family(ctx, name)
	if err != nil {
		return nil, x.lost(err)
	}
	if f.Grant.Client != x.only.GetID() {
		return nil, fosite.ErrNotFound
	}
	x.grant = f.Grant
	x.refresh = &refreshing{name: name, serial: serial, record: f, ticket: ticket}
	if revoked, err := x.grants.revoked(ctx, f.Grant.ID); err != nil || revoked {
		if err != nil {
			return nil, x.fail(err)
		}
		return x.requester(), fosite.ErrInactiveToken
	}
	if x.refresh.next, ok = f.answers(serial, x.constrained(f.Grant), x.cfg.Now()); !ok {
		return x.requester(), fosite.ErrInactiveToken
	}
	return x.requester(), nil
}

// constrained tells a token with which nobody but its client can do anything.
func (x *exchange) constrained(g grant) bool {
	s := x.only.settings
	return g.DPoPKeyThumbprint != "" || s.CertBound && slices.Contains(keyMethods(), s.AuthMethod)
}

// answers says which number answers one that is shown, and whether any does.
func (f family) answers(serial int, bound bool, now time.Time) (next int, ok bool) {
	switch {
	case bound && serial == f.Serial:
		return serial, true
	case serial == f.Serial:
		return serial + 1, true
	case !bound && serial == f.Serial-1 && now.Sub(f.Since) <= refreshGrace:
		return f.Serial, true
	}
	return 0, false
}

// RotateRefreshToken makes the next number the good one, as one write with what is issued.
func (x *exchange) RotateRefreshToken(context.Context, string, string) error {
	f := x.refresh.record
	if x.refresh.next == f.Serial {
		return nil
	}
	f.Serial, f.Since = x.refresh.next, x.cfg.Now()
	ticket := x.refresh.ticket
	var err error
	ticket.Value, err = json.Marshal(f)
	x.before = append(x.before, store.Op{Do: store.Replace, Ticket: ticket})
	return x.fail(err)
}

// rotated answers a write that came too late to make the next number the good one. Of several refreshes at once one does it;
// the others find that it is done, and write the rest.
func (x *exchange) rotated(ctx context.Context) error {
	meanwhile, _, err := x.grants.family(ctx, x.refresh.name)
	if err != nil || meanwhile.Serial != x.refresh.next {
		return errOver()
	}
	x.before = slices.DeleteFunc(x.before, func(op store.Op) bool { return op.Do == store.Replace })
	return x.grants.tickets.Write(ctx, x.before...)
}

// errOver says that a refresh token stopped being good while it was being used.
func errOver() error {
	return &answerError{http.StatusBadRequest, "invalid_grant", "the refresh token is no longer good"}
}

// DeleteRefreshTokenSession ends a family whose old token was shown again.
func (x *exchange) DeleteRefreshTokenSession(ctx context.Context, _ string) error {
	return x.fail(x.grants.tickets.Delete(ctx, kindRefresh, x.refresh.name))
}

// RevokeRefreshToken ends the right to later answers of a sign-in whose old token was shown again. A code that was shown
// again marks its grant instead: see RevokeAccessToken.
func (x *exchange) RevokeRefreshToken(ctx context.Context, _ string) error {
	if x.asks != grantRefresh {
		return nil
	}
	return x.fail(x.gateway.Forget(ctx, x.grant.Resume))
}

// fail keeps what the store or the gateway said, which fosite would swallow.
func (x *exchange) fail(err error) error {
	if err != nil {
		x.failed = err
	}
	return err
}

// lost keeps it too, unless nothing was there.
func (x *exchange) lost(err error) error {
	if errors.Is(err, fosite.ErrNotFound) {
		return err
	}
	return x.fail(err)
}

// narrow gives the access token fewer scopes than were granted (RFC 6749 6), and so fewer claims: those that came with the
// scopes that are left out. What the claims parameter named stays.
func (x *exchange) narrow(wanted []string) error {
	if len(wanted) == 0 {
		return nil
	}
	granted := x.grant.Scopes
	for _, scope := range wanted {
		if !slices.Contains(granted, scope) {
			return &answerError{http.StatusBadRequest, "invalid_scope", "a scope was not granted"}
		}
	}
	left, all := x.wordsOf(wanted), x.wordsOf(granted)
	gone := func(word attrs.Name) bool { return slices.Contains(all, word) && !slices.Contains(left, word) }
	x.grant.Scopes = slices.Compact(slices.Sorted(slices.Values(wanted)))
	x.grant.InUserinfo = slices.DeleteFunc(slices.Clone(x.grant.InUserinfo), gone)
	return nil
}

// bind ties what is about to be issued to the key that the client proved, if it proved one. A code that was asked for with a
// key, and a public client's refresh token that was issued for one, are good with that key alone (RFC 9449 5, 10).
func (x *exchange) bind(thumbprint string) error {
	bound := x.grant.DPoPKeyThumbprint
	switch {
	case bound != "" && thumbprint == "":
		return &answerError{http.StatusBadRequest, "invalid_grant", "the grant is bound to a key: a DPoP proof is missing"}
	case bound != "" && bound != thumbprint && (x.asks != grantRefresh || x.only.IsPublic()):
		return &answerError{http.StatusBadRequest, "invalid_grant", "the grant is bound to another key"}
	}
	x.grant.DPoPKeyThumbprint = thumbprint
	return nil
}
