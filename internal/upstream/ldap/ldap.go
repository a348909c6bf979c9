// Package ldap is the identity source of a directory: a page that asks for login and password, a bind that proves
// them, and the attributes of whoever was proved, with the names of the SDET.
//
// It owns the password page, the limits on guesses, the connections to the directory, and the two things that a
// directory writes and person.Mapping does not read: names of structures in the place of a UAI, and the children of a
// guardian, who stand in the children's entries. It does not own what an attribute means (person.Mapping) nor what
// follows from it.
//
// Routes, below the source's prefix:
//
//	GET  /password  the page
//	POST /password  login and password
//
// A person is looked for by a service account, proves the password by a bind on another connection, and is then read
// by the service account again: what an account may read of itself differs from directory to directory, what the
// service account may read was agreed. Only the attributes that the source's mapping reads are asked for.
//
// A login that nobody has, or that several entries share, takes the same way as a wrong password: one search, one
// bind, one answer, given no earlier than Settings.RefusalTime. The bind is against an entry that is not there, or
// against Settings.DecoyDN where the directory keeps passwords under a slow hash.
//
// The settings of a source, most of which need not be said:
//
//	connector: ldap
//	settings:
//	  url: ldaps://annuaire.example:636   # or ldap:// with start_tls: true
//	  ca_file: annuaire-ca.pem
//	  bind_dn: cn=passerelle,dc=ent,dc=example
//	  bind_password_file: annuaire-password
//	  base_dn: ou=people,dc=ent,dc=example
//	  structures_base_dn: ou=structures,dc=ent,dc=example
package ldap

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the password page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "ldap", Files: files} }

// Method is the authentication context of a password typed into a page under TLS (SAML 2.0 Authentication Context
// 3.4.6).
const Method = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"

// Config is what a connector is made of; every field is required.
type Config struct {
	Source  registry.Source
	Kit     *web.Kit
	Tickets store.Tickets  // shared by all replicas, as the limits on guesses are
	Keys    upstream.Namer // names the counters, so that no login stands in the store
	Now     func() time.Time
	Log     *slog.Logger
	Path    func(string) string // resolves the names of files in the settings
}

// Connector is one directory as an identity source. It is safe for concurrent use once mounted.
type Connector struct {
	source   string
	mapping  person.Mapping
	settings Settings
	kit      *web.Kit
	now      func() time.Time
	log      *slog.Logger

	guesses    upstream.Guesses
	directory  *directory
	structures *structures

	prefix string
	host   upstream.Host
}

var _ upstream.Connector = (*Connector)(nil)

// New sets a connector up from the settings of its source and names every mistake in them. It does not speak with the
// directory: a gateway starts while a directory is away.
func New(c Config) (*Connector, error) {
	settings, findings := ReadSettings(c.Source, c.Path)
	if len(findings) > 0 {
		lines := make([]error, len(findings))
		for i, f := range findings {
			lines[i] = errors.New(f.String())
		}
		return nil, fmt.Errorf("directory %s: %w", c.Source.ID, errors.Join(lines...))
	}
	d := newDirectory(settings, c.Now)
	structures, err := newStructures(d, c.Now)
	if err != nil {
		return nil, fmt.Errorf("directory %s: structures_base_dn: %w", c.Source.ID, err)
	}
	return &Connector{
		source: c.Source.ID, mapping: c.Source.Reading(), settings: settings,
		kit: c.Kit, now: c.Now, log: c.Log.With("source", c.Source.ID),
		guesses: upstream.NewGuesses("ldap", c.Tickets, c.Keys, c.Now), directory: d, structures: structures,
	}, nil
}

// Mount implements upstream.Connector.
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.prefix, c.host = strings.TrimSuffix(prefix, "/"), host
	at := c.prefix + "/password"
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: at, Handler: c.ask})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: at, BodyLimit: 8 << 10, Handler: c.answer})
}

// Begin implements upstream.Connector. There is no session at a directory: whoever is sent here is asked, and a passive
// challenge finds nobody.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	if challenge.Passive {
		return upstream.ErrNoSession
	}
	return c.kit.Redirect(w, r, c.page(challenge.ID), http.StatusSeeOther)
}

// page is the local address of the password page of a challenge.
func (c *Connector) page(challenge string) string {
	return c.prefix + "/password?" + url.Values{"challenge": {challenge}}.Encode()
}

// SignOut implements upstream.Connector: a directory keeps no session.
func (c *Connector) SignOut(context.Context, person.Authn) (string, error) { return "", nil }
