// Package oidcop speaks OpenID Connect to services: authorization code with PKCE S256, and userinfo.
//
// Routes, all below the issuer, which is the public address without trailing slash:
//
//	GET  POST  /oidc/authorize                     OpenID Connect Core 3.1.2
//	POST       /oidc/par                           RFC 9126 2
//	POST       /oidc/token                         RFC 6749 3.2
//	POST       /oidc/introspect                    RFC 7662 2
//	POST       /oidc/revoke                        RFC 7009 2
//	GET  POST  /oidc/userinfo                      OpenID Connect Core 5.3
//	GET        /.well-known/openid-configuration   OpenID Connect Discovery 4
//	GET        /.well-known/oauth-authorization-server   RFC 8414 3, the same
//	GET        /oidc/jwks                          RFC 7517 5
//	GET  POST  /oidc/logout                        OpenID Connect RP-Initiated Logout 2
//	POST       /oidc/register                      RFC 7591 3, with a token of the desk
//	GET  PUT  DELETE  /oidc/register/{client}      RFC 7592 2, while the client is a draft
//	POST       /oidc/device                        RFC 8628 3.1
//	GET  POST  /appareil and below                 where somebody types the code of a screen (RFC 8628 3.3)
//
// One sign-in:
//
//	authorize  check client and return address, then everything else   -> Gateway.Start
//	Answer     write one record per code                               -> redirect or form with code, state, iss
//	token      take the code (once), check client, address, verifier   -> Gateway.Resume -> tokens
//	userinfo   find the access token                                   -> Gateway.Resume -> claims
//
// Both later answers print a release that was decided again at that moment, so what is suspended between two of them
// stops the next one. A code works once; showing it again is remembered and takes back what the first showing issued.
//
// The protocol engine is fosite, one for each request: its storage is then a plain value that holds that request's one
// grant, and two requests share nothing but a configuration that nobody writes into. What fosite does not do, or not
// safely enough, stands here: reading parameters, client authentication, the claims parameter, the device grant, id
// tokens and their signature, discovery, userinfo.
//
// The package does not own who may enter, what is released, or the keys. It logs nothing.
package oidcop

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/openid"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/fetch"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Name is the word for this protocol in registry.Binding.Protocol.
const Name = "oidc"

// Lives of what is issued. An access token also ends with the declaration that it rests on.
const (
	codeLife     = 60 * time.Second // RFC 6749 4.1.2 allows ten minutes; a redirect needs seconds
	idTokenLife  = 10 * time.Minute
	maxTokenLife = 10 * time.Minute
)

// Keys is what the provider asks of the key ring, which implements it.
type Keys interface {
	// Signer returns the active key of a use.
	Signer(use keys.Use) keys.SigningKey
	// All returns the keys to publish for the given uses.
	All(uses ...keys.Use) []keys.SigningKey
	// Derive returns 64 bytes, always the same for the same purpose and parts.
	Derive(purpose string, parts ...string) []byte
}

// Config is what a provider is made of. Issuer, Keys, Tickets, Dictionary, Kit and Now are required.
type Config struct {
	Issuer      string // the public address, without trailing slash
	Keys        Keys
	Tickets     store.Tickets // already sealed: records hold pseudonyms and resume ids
	Dictionary  *dictionary.Dictionary
	Kit         *web.Kit
	Now         func() time.Time
	Development bool // plain http return addresses on loopback and *.localhost are allowed
	// Watch is told each id token and each userinfo answer; nobody is when nil.
	Watch idp.Watcher
	// Outside asks the addresses of clients' key sets; without it such clients cannot prove themselves.
	Outside *fetch.Client
	// Client posts sign-outs to services; none is posted when nil. What a service does not take is told again from Queue,
	// sealed by Sealer; without the two it is not.
	Client *http.Client
	Queue  store.Queue
	Sealer store.Sealer
	// Drafts keeps clients that register themselves; none can when nil.
	Drafts Drafts
	// Certificates has clients known by those of their connections (RFC 8705); none is asked for when nil.
	Certificates *Certificates
	// Failed is told what went wrong on our side at the endpoints that answer in JSON and so show no error page.
	Failed func(ctx context.Context, err error)
}

// Provider implements idp.Protocol. It is safe for concurrent use.
type Provider struct {
	cfg       Config
	codes     *tokens
	devices   *tokens
	access    *tokens
	refreshes refreshTokens
	nonces    []byte
	remote    *remoteKeys // nil where no address may be asked
	known     readSettings
	shared    *fosite.Config                        // nobody writes into it
	prompts   *openid.OpenIDConnectRequestValidator // likewise; no hint reaches it
	scoped    []string                              // what scopes() says, once
	discovery web.Document                          // before the register was looked at
	levels    atomic.Pointer[levels]
	jwks      jwks
	signer    signer
	gateway   idp.Gateway // set by Mount, before anything is served
}

var _ idp.Protocol = (*Provider)(nil)

// New checks the configuration and prepares what never changes.
func New(cfg Config) (*Provider, error) {
	if cfg.Keys == nil || cfg.Tickets == nil || cfg.Dictionary == nil || cfg.Kit == nil || cfg.Now == nil {
		return nil, errors.New("oidc provider: keys, tickets, dictionary, kit and clock are required")
	}
	u, err := url.Parse(cfg.Issuer)
	if err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http") || u.RawQuery != "" || u.Fragment != "" ||
		strings.HasSuffix(cfg.Issuer, "/") {
		return nil, fmt.Errorf("oidc provider: issuer %q is not https://host without trailing slash", cfg.Issuer)
	}
	if cfg.Failed == nil {
		cfg.Failed = func(context.Context, error) {}
	}
	p := &Provider{cfg: cfg, signer: signer{keys: cfg.Keys}}
	p.shared = sharedConfig(cfg.Issuer)
	p.prompts = openid.NewOpenIDConnectRequestValidator(nil, p.shared)
	p.codes = newTokens(cfg.Keys.Derive("oidc authorization codes"))
	p.devices = newTokens(cfg.Keys.Derive("oidc device codes"))
	p.access = newTokens(cfg.Keys.Derive("oidc access tokens"))
	p.refreshes = refreshTokens{secret: cfg.Keys.Derive("oidc refresh tokens")[:32]}
	p.nonces = cfg.Keys.Derive("oidc dpop nonces")[:32]
	if cfg.Outside != nil {
		p.remote = newRemoteKeys(cfg.Outside, cfg.Now)
	}
	_, _ = cfg.Tickets.Epoch(context.Background()) // what is shown one time counts from here; a failure is met again there
	p.jwks.keys = cfg.Keys
	p.scoped = p.scopes()
	if p.discovery, err = newDocument(p.metadata()); err != nil {
		return nil, fmt.Errorf("oidc provider: discovery: %w", err)
	}
	return p, nil
}

// Name is "oidc".
func (p *Provider) Name() string { return Name }

// Mount declares the routes. The token and userinfo endpoints are called by other sites by design and are protected by
// credentials that no browser adds by itself; an authorization request may be posted from a service's page.
func (p *Provider) Mount(mux *web.Mux, gateway idp.Gateway) {
	p.gateway = gateway
	e := &endpoints{Provider: p, gateway: gateway}
	for _, route := range []web.Route{
		{Method: "GET", Pattern: authorizePath, Handler: e.authorize},
		{Method: "POST", Pattern: authorizePath, Handler: e.authorize, CrossSite: true},
		{Method: "POST", Pattern: tokenPath, Handler: e.token, CrossSite: true},
		{Method: "OPTIONS", Pattern: tokenPath, Handler: e.tokenPreflight, CrossSite: true},
		{Method: "POST", Pattern: introspectPath, Handler: e.introspect, CrossSite: true},
		{Method: "POST", Pattern: revokePath, Handler: e.revoke, CrossSite: true},
		{Method: "OPTIONS", Pattern: revokePath, Handler: e.tokenPreflight, CrossSite: true},
		{Method: "GET", Pattern: userinfoPath, Handler: e.userinfo},
		{Method: "POST", Pattern: userinfoPath, Handler: e.userinfo, CrossSite: true},
		{Method: "OPTIONS", Pattern: userinfoPath, Handler: e.userinfoPreflight, CrossSite: true},
		{Method: "GET", Pattern: discoveryPath, Handler: e.serveDiscovery},
		{Method: "GET", Pattern: jwksPath, Handler: e.serveJWKS},
		{Method: "POST", Pattern: parPath, Handler: e.push, BodyLimit: pushedLimit, CrossSite: true},
		{Method: "OPTIONS", Pattern: parPath, Handler: e.tokenPreflight, CrossSite: true},
		{Method: "GET", Pattern: serverPath, Handler: e.serveDiscovery},
		{Method: "GET", Pattern: logoutPath, Handler: e.logout},
		{Method: "POST", Pattern: logoutPath, Handler: e.logout, CrossSite: true},
	} {
		mux.Handle(route)
	}
	e.mountRegister(mux)
	e.mountScreens(mux)
}

// endpoints are the handlers: the provider, and the gateway that they hand requests to.
type endpoints struct {
	*Provider
	gateway idp.Gateway
}
