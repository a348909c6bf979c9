// Package samlsp is the identity source of a SAML 2.0 identity provider: an ENT, an academy's counter, EduConnect, or an
// establishment of a federation. Toward it the gateway is a service (SAML Profiles 4.1).
//
// Routes, below the source's prefix (/source/{id}):
//
//	POST /acs       an answer by HTTP-POST
//	GET  /acs/artifact, POST   an answer by HTTP-Artifact
//	GET  /metadata  our signed metadata for this source; its address is our entityID there
//	GET  /logout    a request to sign out, or an answer to ours, by HTTP-Redirect
//	POST /logout    the same by HTTP-POST
//
// One sign-in:
//
//	Begin     a signed request by HTTP-Redirect or HTTP-POST; what we asked is kept under its ID
//	acs       verified? to whom of ours, when, for which question, of this browser?   judge.go has the list, in order
//	          -> Host.Finished with what the verified bytes say, or Host.Failed with why not
//
// One sign-out, which they begin: a signed request, good once, names sessions there, ours that rest on them end, and they are
// told. One that is begun here names the one session there on which ours rested; what it says of it was kept sealed since the
// sign-in.
//
// An answer is read with the keys of the metadata that was configured for this source and of nobody else: which provider
// answers follows from the address, never from the message. It is good once, for one question of one browser. An answer
// that nobody asked for signs nobody in.
//
// The package does not own what an attribute means (person.Mapping), XML (package saml), or how a document is fetched
// (package fetch). It logs no value.
//
// The settings of a source, most of which need not be said:
//
//	connector: saml
//	settings:
//	  idp: https://ent.example/idp          # the entityID of theirs
//	  metadata_url: https://ent.example/idp/metadata   # or metadata_file, metadata, or metadata_from: a federation's name
//	  metadata_keys_file: federation.pem    # whose signature the metadata must have
//	  metadata_folder: /var/lib/ecluse/metadata        # keeps the last good copy over a restart
package samlsp

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Name is the connector's word in the registry.
const Name = "saml"

const (
	answerPath   = "/acs"
	artifactPath = "/acs/artifact"
	metadataPath = "/metadata"
	logoutPath   = "/logout"

	answerBodyLimit = 512 << 10 // a message of 256 kB in base64, and its RelayState
)

// Keys is what the connector asks of the key ring, which implements it.
type Keys interface {
	// Signer returns the active key of a use.
	Signer(use keys.Use) keys.SigningKey
	// All returns the keys to publish for the given uses.
	All(uses ...keys.Use) []keys.SigningKey
	// Decrypters returns the keys for what is encrypted to us.
	Decrypters() []keys.DecryptionKey
}

// Config is what a connector is made of; every field is required but Entities.
type Config struct {
	Source  registry.Source
	Kit     *web.Kit
	Tickets store.Tickets // shared by all replicas, so that an answer is good once
	Keys    Keys
	Now     func() time.Time
	Log     *slog.Logger
	Path    func(string) string // resolves the names of files in the settings
	Home    string              // the local path, with a query, of whoever comes without having been asked; it takes a source
	About   saml.About          // what our metadata says of us; without display names those of the program

	Entities Entities // the metadata that others publish; nil where none is kept
}

// Connector is one SAML identity provider as an identity source. It is safe for concurrent use once mounted.
type Connector struct {
	id       string
	mapping  person.Mapping
	settings Settings
	kit      *web.Kit
	tickets  store.Tickets
	now      func() time.Time
	log      *slog.Logger
	home     string

	theirs *theirs
	ours   ours
	host   upstream.Host
}

var _ upstream.Connector = (*Connector)(nil)

// New sets a connector up from the settings of its source and names every mistake in them. It asks nobody for metadata: a
// gateway starts while a source is away.
func New(c Config) (*Connector, error) {
	settings, findings := ReadSettings(c.Source, c.Path, c.Now())
	from := settings.MetadataFrom
	if from != "" && (c.Entities == nil || !c.Entities.Has(from)) {
		findings = append(findings, NoSuchMetadata(from))
	}
	if len(findings) > 0 {
		lines := make([]error, len(findings))
		for i, f := range findings {
			lines[i] = errors.New(f.String())
		}
		return nil, fmt.Errorf("source %s: %w", c.Source.ID, errors.Join(lines...))
	}
	entities := c.Entities
	if from == "" {
		entities = nil
	}
	log := c.Log.With("source", c.Source.ID)
	connector := &Connector{
		id: c.Source.ID, mapping: c.Source.Reading(), settings: settings, kit: c.Kit, tickets: c.Tickets, now: c.Now, log: log,
		home: c.Home, theirs: newTheirs(&settings, entities, fetch.New(settings.outside()), c.Now, log),
	}
	connector.ours.set(c.Keys, &settings, connector.mapping, c.Now)
	connector.ours.about = c.About
	// The mark is made before the first request, which would otherwise be older than it. A store that is away now is asked
	// again by every request.
	_, _ = c.Tickets.Epoch(context.Background())
	return connector, nil
}

// Mount implements upstream.Connector. From then on metadata that is found by address is kept fresh. An answer comes from
// the source's page by design; it carries no credential of ours, and the message itself is checked.
func (c *Connector) Mount(mux *web.Mux, prefix string, host upstream.Host) {
	c.routes(mux, prefix, host)
	c.theirs.follow()
}

func (c *Connector) routes(mux *web.Mux, prefix string, host upstream.Host) {
	c.host = host
	c.ours.at(c.kit.URL(prefix))
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + answerPath, Handler: c.answered, CrossSite: true, BodyLimit: answerBodyLimit})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + artifactPath, Handler: c.artifactAnswered})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + artifactPath, Handler: c.artifactAnswered, CrossSite: true})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + metadataPath, Handler: c.serveMetadata})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + discoveryPath, Handler: c.discovered})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: prefix + logoutPath, Handler: c.logoutAsked})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: prefix + logoutPath, Handler: c.logoutPosted, CrossSite: true, BodyLimit: answerBodyLimit})
}

var (
	_ upstream.Strong = (*Connector)(nil)
	_ upstream.Asking = (*Connector)(nil)
)

// Contexts implements upstream.Asking: classes go through as they are.
func (c *Connector) Contexts(needs, registered []string) []string {
	var out []string
	for _, class := range slices.Concat(registered, c.settings.StrongFactor) {
		if strings.Contains(class, ":") && slices.Contains(needs, class) && !slices.Contains(out, class) {
			out = append(out, class)
		}
	}
	return out
}

// StrongFactor implements upstream.Strong.
func (c *Connector) StrongFactor() []string { return c.settings.StrongFactor }

// SignOut implements upstream.Connector: without the name of a session it is not known whose would be meant (SignOutOf).
func (c *Connector) SignOut(context.Context, person.Authn) (string, error) { return "", nil }

// Close implements upstream.Connector.
func (c *Connector) Close() error {
	c.theirs.close()
	return nil
}

// refused is why an answer may not be used. The text is ours: it repeats nothing that came from outside.
func refused(why string) error { return fmt.Errorf("%w: %s", upstream.ErrRejected, why) }

// away is why the source cannot be asked.
func away(why string) error { return fmt.Errorf("%w: %s", upstream.ErrUnavailable, why) }
