// Package samlidp is the SAML 2.0 identity provider toward services: Web Browser SSO that a service begins (SAML Profiles
// 4.1), its request by HTTP-Redirect or HTTP-POST, our answer by HTTP-POST, and the one that begins here (4.1.5).
//
// Routes, all below the public address:
//
//	GET  /saml/sso          an AuthnRequest by HTTP-Redirect
//	POST /saml/sso          an AuthnRequest by HTTP-POST
//	GET  /saml/unsolicited  a sign-in that nobody asked for, where the service's settings allow it
//	GET  /saml/slo          a LogoutRequest, or the answer to one of ours, by HTTP-Redirect (SAML Profiles 4.4)
//	POST /saml/slo          the same by HTTP-POST
//	POST /saml/slo/soap     a LogoutRequest by SOAP, without a browser
//	POST /saml/ecp          an AuthnRequest by SOAP from a program, with a password, where the operator wants it (4.2)
//	POST /saml/artifact     an ArtifactResolve by SOAP: the answer that an artifact stands for, once (SAML Bindings 3.6)
//	GET  /saml/metadata     our signed metadata; its address is our entityID
//
// One sign-in:
//
//	sso     who asks? is it theirs? is it for us, and new? where would the answer go?   our page alone says no
//	        can we give what it wants?                                                  a status to the ACS says no
//	        -> Gateway.Start
//	Answer  a cleared release -> one signed assertion                                   -> a form for the ACS
//	Refuse  a failure -> one status, signed                                             -> a form for the ACS
//
// As long as sender or return address are in doubt, nothing is sent to a service. An unsigned request is as authentic as
// the service's own policy lets it be: the answer goes to an address from its registered metadata in any case.
//
// The package does not own who may enter, what is released, the keys, or XML, which is package saml's. It logs nothing.
package samlidp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Name is the word for this protocol in registry.Binding.Protocol.
const Name = "saml"

const (
	ssoPath         = "/saml/sso"
	unsolicitedPath = "/saml/unsolicited"
	metadataPath    = "/saml/metadata"
	ecpPath         = "/saml/ecp"

	ssoBodyLimit = 512 << 10 // a message of 256 kB in base64, and its RelayState

	defaultAhead  = 3 * time.Minute
	defaultBehind = 10 * time.Minute
)

// Keys is what the provider asks of the key ring, which implements it.
type Keys interface {
	// Signer returns the active key of a use.
	Signer(use keys.Use) keys.SigningKey
	// All returns the keys to publish for the given uses.
	All(uses ...keys.Use) []keys.SigningKey
}

// Config is what a provider is made of. Kit, Keys, Tickets and Now are required. The public address is the kit's.
type Config struct {
	Kit         *web.Kit
	Keys        Keys
	Tickets     store.Tickets
	Now         func() time.Time
	Development bool // plain http return addresses on loopback and *.localhost are allowed

	// Dictionary says which words a service means by the attributes of its metadata. Without it a request that chooses among
	// them is refused.
	Dictionary *dictionary.Dictionary

	// About is what our metadata says of us beside keys and addresses; it must not be altered.
	About saml.About

	// Entities are the metadata that others publish; without any, services bring their own in their settings.
	Entities Entities

	// Client asks services to end their sessions, at addresses from their metadata; it must be guarded against what such an
	// address may be (package fetch). Without it services are asked through the browser alone.
	Client *http.Client

	// ECP answers programs that show no page and send a password (SAML Profiles 4.2), for services whose settings name the
	// source that checks it.
	ECP bool

	// Failed is told what went wrong where no page of ours shows it; nobody is when nil.
	Failed func(context.Context, error)

	// Watch is told each answer that carries data; nobody is when nil.
	Watch idp.Watcher

	Ahead  time.Duration // how far in the future a request may be dated; 3 minutes when zero
	Behind time.Duration // how old a request may be; 10 minutes when zero
}

// Provider implements idp.Protocol. It is safe for concurrent use.
type Provider struct {
	cfg      Config
	entityID string
	sso      string
	signers  signers
	kept     kept
	metadata metadata
	parties  parties
	gateway  idp.Gateway // set by Mount
}

var _ idp.Protocol = (*Provider)(nil)

// New checks the configuration and prepares signer and metadata.
func New(cfg Config) (*Provider, error) {
	if cfg.Kit == nil || cfg.Keys == nil || cfg.Tickets == nil || cfg.Now == nil {
		return nil, errors.New("saml provider: kit, keys, tickets and clock are required")
	}
	if cfg.Ahead < 0 || cfg.Behind < 0 {
		return nil, errors.New("saml provider: a negative age of requests")
	}
	if cfg.Ahead == 0 {
		cfg.Ahead = defaultAhead
	}
	if cfg.Behind == 0 {
		cfg.Behind = defaultBehind
	}
	p := &Provider{cfg: cfg, entityID: cfg.Kit.URL(metadataPath), sso: cfg.Kit.URL(ssoPath)}
	p.signers.keys = cfg.Keys
	if _, err := p.document(); err != nil {
		return nil, fmt.Errorf("saml provider: %w", err)
	}
	// The mark is made before the first request, which would otherwise be older than it. A store that is away now is
	// asked again by every request.
	_, _ = cfg.Tickets.Epoch(context.Background())
	return p, nil
}

// Name is "saml".
func (p *Provider) Name() string { return Name }

// Mount declares the routes. A request by HTTP-POST comes from a service's page by design; it carries no credential of
// ours, and what it may start is checked in the message itself.
func (p *Provider) Mount(mux *web.Mux, gateway idp.Gateway) {
	p.gateway = gateway
	e := &endpoints{Provider: p}
	mux.Handle(web.Route{Method: "GET", Pattern: ssoPath, Handler: e.byRedirect})
	mux.Handle(web.Route{Method: "POST", Pattern: ssoPath, Handler: e.byPost, CrossSite: true, BodyLimit: ssoBodyLimit})
	mux.Handle(web.Route{Method: "GET", Pattern: unsolicitedPath, Handler: e.unsolicited})
	mux.Handle(web.Route{Method: "GET", Pattern: metadataPath, Handler: e.serveMetadata})
	if p.cfg.ECP {
		mux.Handle(web.Route{Method: "POST", Pattern: ecpPath, Handler: e.ecp, BodyLimit: soapBodyLimit})
	}
	e.mountSignOut(mux)
}

type endpoints struct{ *Provider }
