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
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the password page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "ldap", Files: files} }

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
	pages    typed.Pages
	now      func() time.Time
	log      *slog.Logger

	guesses    upstream.Guesses
	directory  *directory
	structures *structures
}

var (
	_ upstream.Connector = (*Connector)(nil)
	_ upstream.Assuring  = (*Connector)(nil)
)

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
	log := c.Log.With("source", c.Source.ID)
	return &Connector{
		source: c.Source.ID, mapping: c.Source.Reading(), settings: settings, now: c.Now, log: log,
		pages:   typed.Pages{Kit: c.Kit, Texts: "ldap", Pause: breakerPause, Log: log},
		guesses: upstream.NewGuesses("ldap", c.Tickets, c.Keys, c.Now), directory: d, structures: structures,
	}, nil
}

// Mount implements upstream.Connector. What was left out never reaches the directory, which would take an empty password
// for an anonymous bind and call it a success (RFC 4513 section 5.1.2).
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.pages.Mount(mux, prefix, host, typed.Question{
		Name: "password", Fields: typed.LoginAndPassword(),
		Take: func(ctx context.Context, at upstream.Where, said map[string]string) (upstream.Assertion, error) {
			raw, err := c.signIn(ctx, at, said["login"], said["password"])
			return upstream.Assertion{Raw: raw}, err
		},
	})
}

// Begin implements upstream.Connector.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	return c.pages.Begin(w, r, "password", challenge)
}

// Assurance implements upstream.Assuring: a password, typed under TLS.
func (c *Connector) Assurance() []string { return []string{typed.Method} }

// SignOut implements upstream.Connector: a directory keeps no session.
func (c *Connector) SignOut(context.Context, person.Authn) (string, error) {
	return "", upstream.ErrNoSession
}
