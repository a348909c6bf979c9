// Package local is the identity source of temporary accounts: people whom no other source knows, for whom their
// establishment opened an account at the desk until a last day.
//
// It owns the page that asks for login and password, the page of the first use, where the holder proves the one-time word
// and chooses the password, how passwords are kept, and what is said of a holder: an identifier, names, one establishment
// with one profile, and the instant at which that ends. It says of nobody that they head anything or act for anybody. It
// does not own what an account may be (accounts) nor who opens one (desk).
//
// Routes, below the source's prefix:
//
//	GET  /password  the page       POST /password  login and password
//	GET  /first     the first use  POST /first     login, one-time word, and the new password twice
//
// An account is one person's: the word works once, a new one ends the password, and a sign-in ends the one before it. A
// login that nobody has takes the same way as a wrong password: one look into the store, one computation, one answer.
//
// A source of this kind has no settings and no mapping of its own:
//
//	connector: local
//	authority: local:comptes   # "local:" and the source's id
package local

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/accounts"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/typed"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the two pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: "local", Files: files} }

// Config is what a connector is made of; every field is required.
type Config struct {
	Source   registry.Source
	Accounts accounts.Store
	Kit      *web.Kit
	Tickets  store.Tickets  // shared by all replicas, as the limits on guesses are
	Keys     upstream.Namer // names the counters, so that no login stands in the store
	Zone     *time.Location // the academy's, in which days begin and end
	Now      func() time.Time
	Log      *slog.Logger
}

// Connector is one source of temporary accounts. It is safe for concurrent use once mounted.
type Connector struct {
	source    string
	accounts  accounts.Store
	pages     typed.Pages
	zone      *time.Location
	now       func() time.Time
	log       *slog.Logger
	guesses   upstream.Guesses
	passwords *passwords

	host upstream.Host
}

var (
	_ upstream.Connector = (*Connector)(nil)
	_ upstream.Assuring  = (*Connector)(nil)
)

// Check names every mistake in a source of this kind, which has nothing to set.
func Check(source registry.Source) []registry.Finding {
	var found []registry.Finding
	if source.Authority != accounts.Authority(source.ID) {
		found = append(found, registry.Finding{Where: "authority", What: "temporary accounts are guaranteed by nobody else", Mend: accounts.Authority(source.ID)})
	}
	if source.Mapping != nil {
		found = append(found, registry.Finding{Where: "mapping", What: "there is nothing to map", Mend: "leave it out"})
	}
	for _, name := range slices.Sorted(maps.Keys(source.Settings)) {
		found = append(found, registry.Finding{Where: "settings." + name, What: "there is nothing to set", Mend: "leave it out"})
	}
	return found
}

// New sets a connector up and names every mistake in its source.
func New(c Config) (*Connector, error) {
	if found := Check(c.Source); len(found) > 0 {
		lines := make([]error, len(found))
		for i, f := range found {
			lines[i] = errors.New(f.String())
		}
		return nil, fmt.Errorf("temporary accounts %s: %w", c.Source.ID, errors.Join(lines...))
	}
	log := c.Log.With("source", c.Source.ID)
	return &Connector{
		source: c.Source.ID, accounts: c.Accounts, zone: c.Zone, now: c.Now, log: log,
		pages:   typed.Pages{Kit: c.Kit, Texts: "local", Pause: mostWait, Log: log},
		guesses: upstream.NewGuesses("local", c.Tickets, c.Keys, c.Now), passwords: newPasswords(),
	}, nil
}

// Mount implements upstream.Connector.
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.host = host
	c.pages.Mount(mux, prefix, host, c.password(), c.first())
}

// Begin implements upstream.Connector.
func (c *Connector) Begin(w http.ResponseWriter, r *http.Request, challenge upstream.Challenge) error {
	return c.pages.Begin(w, r, "password", challenge)
}

// Assurance implements upstream.Assuring: a password, typed under TLS.
func (c *Connector) Assurance() []string { return []string{typed.Method} }

// SignOut implements upstream.Connector: there is no session of the source's to end.
func (c *Connector) SignOut(context.Context, person.Authn) (string, error) {
	return "", upstream.ErrNoSession
}

// Ended signs out whoever is signed in by an account: it was closed, or its password ended.
func (c *Connector) Ended(ctx context.Context, account string) error {
	if c.host == nil {
		return nil
	}
	return c.host.SignedOut(ctx, c.source, account)
}

// Probe implements upstream.Connector.
func (c *Connector) Probe(ctx context.Context) []registry.Finding {
	if _, _, err := c.accounts.ByLogin(ctx, c.source, ""); err != nil {
		return []registry.Finding{{Where: "accounts", What: "the accounts cannot be read"}}
	}
	return nil
}

// Close implements upstream.Connector.
func (c *Connector) Close() error { return nil }
