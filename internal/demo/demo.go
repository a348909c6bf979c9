// Package demo is the outside world of the demonstration: small relying
// parties, an ENT (espace numérique de travail, the portal of a school) and a
// start page, each on a host of its own under localhost.
//
// It owns those sites, their pages and their sessions, and the format of the
// hop between the ENT and the gateway (hop.go). It does not own the listener,
// the gateway, the people or the declarations: the demo command hands in the
// people, dispatches requests by Host to World.Handler, and registers the
// sites with the gateway from World.Sites and World.SPMetadata.
//
// The sites speak to the gateway only over HTTP, through Config.Client, and
// learn its endpoints from its SAML metadata and its discovery document. The
// package imports nothing else of this module, so what the sites show is what
// any stranger would have received.
//
//	demo.localhost     start page: services, people, guided tour
//	ent.localhost      ENT with a sign-in of its own; /hop answers the gateway
//	lire.localhost     reading, SAML 2.0, pseudonymous
//	calcul.localhost   maths, OpenID Connect (public client), pseudonymous
//	suite.localhost    office suite, SAML 2.0, nominative
//	classe.localhost   class tool, OpenID Connect (confidential), nominative
//	discute.localhost  chat, OpenID Connect, without a valid declaration
//	ancien.localhost   SAML 2.0, declaration expired yesterday
//	carte.localhost    maps, CAS 3.0, pseudonymous
//	chorale.localhost  choir, OpenID Connect, initials, once parents agreed
package demo

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// Config says where the demonstration stands and who lives in it. Every field
// is required unless its comment says otherwise.
type Config struct {
	// Gateway is the public base URL of the gateway, as http://localhost:8080.
	Gateway string
	// Scheme and Port are those of the listener that serves every host; the
	// scheme is http when empty, and an empty port is the scheme's own.
	Scheme string
	Port   string
	// Client reaches the gateway; it must dial the listener for localhost and
	// every name below it, since resolvers do not agree on those names.
	Client *http.Client
	// Now is the clock of the sites. The SAML library reads the system clock
	// when it judges the dates of an assertion.
	Now func() time.Time
	// Secret is shared with the gateway's demo connector and authenticates the
	// answers of the ENT; 32 bytes at least.
	Secret []byte
	// ClasseSecret is the client secret of the confidential client classe.
	ClasseSecret string
	// Source is the id under which the gateway knows the ENT; "ent" when empty.
	Source string
	Log    *slog.Logger
	// People are those who can sign in, in the order in which they are shown.
	People []Visitor
}

// String hides the configuration, which carries secrets.
func (Config) String() string { return "demo.Config(hidden)" }

// GoString hides the configuration, which carries secrets.
func (Config) GoString() string { return "demo.Config(hidden)" }

// LogValue hides the configuration, which carries secrets.
func (Config) LogValue() slog.Value { return slog.StringValue("demo.Config(hidden)") }

// Visitor is an invented person as the demonstration presents them: the id
// under which the gateway's demo source knows them, the name to show, who they
// are in French and English, and the UAI codes of their establishments.
type Visitor struct {
	ID     string
	Name   string
	What   string
	WhatEN string
	UAIs   []string
}

// String hides the person.
func (Visitor) String() string { return "demo.Visitor(hidden)" }

// GoString hides the person.
func (Visitor) GoString() string { return "demo.Visitor(hidden)" }

// LogValue hides the person.
func (Visitor) LogValue() slog.Value { return slog.StringValue("demo.Visitor(hidden)") }

// World holds every site of the demonstration. It is safe for concurrent use.
type World struct {
	cfg   Config
	pages *pages
	sites []Site
	hosts map[string]http.Handler
	start http.Handler
}

// New builds the sites; it contacts nobody. The error names every field of the
// configuration that cannot be used.
func New(cfg Config) (*World, error) {
	cfg.Gateway = strings.TrimRight(cfg.Gateway, "/")
	if cfg.Scheme == "" {
		cfg.Scheme = "http"
	}
	if cfg.Source == "" {
		cfg.Source = "ent"
	}
	if err := cfg.check(); err != nil {
		return nil, fmt.Errorf("demo configuration: %w", err)
	}
	cfg.Client = patient(cfg.Client)
	w := &World{cfg: cfg, hosts: make(map[string]http.Handler)}
	w.sites = describe(cfg)
	p, err := newPages(cfg, w.url(startID))
	if err != nil {
		return nil, fmt.Errorf("demo pages: %w", err)
	}
	w.pages = p
	w.build()
	return w, nil
}

func (c Config) check() error {
	var errs []error
	need := func(ok bool, what string) {
		if !ok {
			errs = append(errs, errors.New(what))
		}
	}
	u, err := url.Parse(c.Gateway)
	need(err == nil && (u.Scheme == "http" || u.Scheme == "https") && u.Host != "" && u.RawQuery == "" && u.Fragment == "",
		"the gateway must be an http or https base URL")
	need(c.Scheme == "http" || c.Scheme == "https", "the scheme must be http or https")
	need(c.Client != nil, "a client is missing")
	need(c.Now != nil, "a clock is missing")
	need(c.Log != nil, "a logger is missing")
	need(len(c.Secret) >= minSecret, "the secret must have 32 bytes at least")
	need(c.ClasseSecret != "", "the client secret of classe is missing")
	need(len(c.People) > 0, "there are no people")
	for i, p := range c.People {
		need(p.ID != "" && p.Name != "" && len(p.UAIs) > 0, fmt.Sprintf("person %d lacks an id, a name or a UAI", i+1))
	}
	return errors.Join(errs...)
}

// patient gives the client a limit of time when it has none: a page must not
// hang because the gateway does.
func patient(c *http.Client) *http.Client {
	copied := *c
	if copied.Timeout == 0 {
		copied.Timeout = 10 * time.Second
	}
	return &copied
}

// build makes one handler per site.
func (w *World) build() {
	idp := &samlGateway{base: w.cfg.Gateway, client: w.cfg.Client, now: w.cfg.Now}
	op := &oidcGateway{issuer: w.cfg.Gateway, client: w.cfg.Client}
	for _, s := range w.sites {
		switch s.Protocol {
		case SAML:
			w.hosts[s.host()] = newSAMLSite(w.cfg, w.pages, s, idp)
		case OIDC:
			w.hosts[s.host()] = newOIDCSite(w.cfg, w.pages, s, op)
		case CAS:
			w.hosts[s.host()] = newCASSite(w.cfg, w.pages, s)
		}
	}
	w.start = newStart(w)
	w.hosts[startID+suffix] = w.start
	w.hosts[entID+suffix] = newENT(w.cfg, w.pages, w.site(entID), w.sites)
}

// Handler returns the site that answers for the host, which may carry a port.
// It reports false for every host that is not a site of the demonstration.
func (w *World) Handler(host string) (http.Handler, bool) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	h, ok := w.hosts[strings.ToLower(host)]
	return h, ok
}

// Start returns the start page. It may be served from any host of the same
// listener: it answers "/" and, below "/_demo/", its style sheet and icons.
func (w *World) Start() http.Handler { return w.start }

// Sites lists every site in the order in which it should be shown.
func (w *World) Sites() []Site { return append([]Site(nil), w.sites...) }

// SPMetadata returns the SAML metadata of the named service, the bytes it also
// serves at its entity id, or nil when that service does not speak SAML. The
// bytes are the same at every start with the same addresses.
func (w *World) SPMetadata(id string) []byte {
	s := w.site(id)
	if s.Protocol != SAML {
		return nil
	}
	return spMetadata(s)
}

func (w *World) site(id string) Site {
	for _, s := range w.sites {
		if s.ID == id {
			return s
		}
	}
	return Site{}
}

func (w *World) url(id string) string { return w.site(id).URL }
