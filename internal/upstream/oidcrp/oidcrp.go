// Package oidcrp is the identity source of an OpenID provider: EduConnect, ProConnect, FranceConnect, a Keycloak, an ENT.
// The gateway is its client, as OpenID Connect Core 1.0 section 3.1 has it: authorization code, and nothing else.
//
// It owns the request that the browser carries there, the answer that it brings back, the tokens, the keys of the source,
// and how claims become attributes. It does not own what an attribute means (person.Mapping) nor what follows from it.
//
// Routes, below the source's prefix:
//
//	GET, POST /callback     the answer (query, or form_post)
//	POST      /logout       a sign-out that the source tells (OpenID Connect Back-Channel Logout 1.0)
//	GET       /signed-out   back from the source's own sign-out page
//
// Every source has a callback address of its own, so that an answer of one is never taken for another's (RFC 9700 section
// 4.4). State, nonce and the PKCE verifier are made for one challenge and stand sealed in a ticket; the challenge is tied
// to the browser by package login, and is asked for before a code is spent. A state is good once, also between replicas.
//
// What arrives is never repeated in an error or a log: no code, no token, no claim, no description of an error. Everything
// that is asked outward goes through package fetch.
//
// The settings of a source, most of which need not be said; a preset says the rest:
//
//	connector: oidc
//	settings:
//	  preset: keycloak
//	  issuer: https://connexion.example/realms/ent
//	  client_id: ecluse
//	  client_secret_file: keycloak-secret
package oidcrp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Name is the connector's word in the registry.
const Name = "oidc"

// Keys are what the connector needs of the key ring: names for tickets that tell nothing, and the keys of private_key_jwt.
// Those are the ones that sign ID tokens, whose public halves stand at /oidc/jwks with their rotation: a source is given that
// one address. What they sign here has the client's identifier as issuer, so that nobody takes it for an ID token of ours.
type Keys interface {
	upstream.Namer
	Signer(use keys.Use) keys.SigningKey
}

// Config is what a connector is made of; every field is required.
type Config struct {
	Source  registry.Source
	Kit     *web.Kit
	Tickets store.Tickets // shared by all replicas
	Keys    Keys
	Now     func() time.Time
	Log     *slog.Logger
	Path    func(string) string // resolves the names of files in the settings
	After   string              // the local path shown to whoever comes back from the source's sign-out
}

// Connector is one OpenID provider as an identity source. It is safe for concurrent use once mounted.
type Connector struct {
	source   string
	settings Settings
	kit      *web.Kit
	tickets  store.Tickets
	keys     Keys
	now      func() time.Time
	log      *slog.Logger
	after    string

	outside  *fetch.Client
	provider *provider
	breaker  breaker

	prefix string
	host   upstream.Host
}

var (
	_ upstream.Connector = (*Connector)(nil)
	_ upstream.Strong    = (*Connector)(nil)
	_ upstream.Asking    = (*Connector)(nil)
)

// Contexts implements upstream.Asking: the values of acr that are believed, and mean what is needed or are it. What the
// register says besides has no acr.
func (c *Connector) Contexts(needs, _ []string) []string {
	var out []string
	for _, acr := range slices.Sorted(maps.Keys(c.settings.Assurance)) {
		if slices.Contains(needs, c.settings.Assurance[acr]) || isClass(acr) && slices.Contains(needs, acr) {
			out = append(out, acr)
		}
	}
	return out
}

// StrongFactor implements upstream.Strong.
func (c *Connector) StrongFactor() []string { return c.settings.StrongFactor }

// New sets a connector up from the settings of its source and names every mistake in them. It does not speak with the
// source: a gateway starts while a source is away.
func New(c Config) (*Connector, error) {
	settings, findings := ReadSettings(c.Source, c.Path)
	if len(findings) > 0 {
		lines := make([]error, len(findings))
		for i, f := range findings {
			lines[i] = errors.New(f.String())
		}
		return nil, fmt.Errorf("source %s: %w", c.Source.ID, errors.Join(lines...))
	}
	outside := fetch.New(settings.outside())
	return &Connector{
		source: c.Source.ID, settings: settings, kit: c.Kit, tickets: c.Tickets, keys: c.Keys, now: c.Now,
		log: c.Log.With("source", c.Source.ID), after: c.After,
		outside: outside, provider: newProvider(settings, outside, c.Now), breaker: breaker{now: c.Now},
	}, nil
}

// Mount implements upstream.Connector.
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.prefix, c.host = prefix, host
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + callbackPath, Handler: c.answered})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + callbackPath, Handler: c.posted, CrossSite: true})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + logoutPath, Handler: c.loggedOut, CrossSite: true})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + signedOutPath, Handler: c.back})
}

// Close implements upstream.Connector.
func (c *Connector) Close() error {
	c.outside.Close()
	return nil
}

// The paths below a source's prefix.
const (
	callbackPath  = "/callback"
	logoutPath    = "/logout"
	signedOutPath = "/signed-out"
)

// refused is why an answer may not be used. The text is ours: it repeats nothing that came from outside.
func refused(why string) error { return fmt.Errorf("%w: %s", upstream.ErrRejected, why) }

// away is why the source could not be asked.
func away(why string) error { return fmt.Errorf("%w: %s", upstream.ErrUnavailable, why) }

// within ends a context that belongs to one exchange with the source.
func (c *Connector) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, c.settings.Timeout)
}
