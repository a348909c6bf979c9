package oidcop

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/handler/pkce"
	"github.com/ory/fosite/token/jwt"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/store"
)

// exchange is one request on its way through fosite, and the storage that fosite sees: it knows one client and one
// grant. Nothing in it is shared with another request, and every requester it hands out is a fresh copy, because fosite
// writes into sessions.
type exchange struct {
	clients
	*Provider
	gateway idp.Gateway // nil while a code is made
	grants  grants

	grant     grant
	signature string // of the code that was taken or made
	taken     bool
	openid    bool
	failed    error // what store or gateway said, which fosite would swallow

	before []store.Op // what is to be written before anything leaves
	key    string     // the thumbprint of the key that the client proved
	// certificate is the thumbprint of the one that the client's tokens are bound to
	certificate string
	planned     plan // of the access token

	release attrs.Release // what the id token is printed from
	life    time.Duration // of the access token
	token   string        // the access token that was made
	ends    time.Time     // of the access token that was found

	asks    string // the grant type
	refresh refreshing
}

var (
	_ fosite.Storage                     = (*exchange)(nil)
	_ oauth2.CoreStorage                 = (*exchange)(nil)
	_ oauth2.TokenRevocationStorage      = (*exchange)(nil)
	_ pkce.PKCERequestStorage            = (*exchange)(nil)
	_ openid.OpenIDConnectRequestStorage = (*exchange)(nil)
	_ openid.OpenIDConnectTokenStrategy  = (*exchange)(nil)
)

func (p *Provider) exchange(c *client, gateway idp.Gateway) *exchange {
	return &exchange{
		clients: clients{c}, Provider: p, gateway: gateway,
		grants: grants{tickets: p.cfg.Tickets, now: p.cfg.Now},
	}
}

// engine is fosite for this request. Every default that fosite would fill in at first use is given, so that it writes
// into nothing.
func (x *exchange) engine() *fosite.Fosite {
	s := strategy{x}
	cfg := &fosite.Config{
		AuthorizeCodeLifespan:         codeLife,
		AccessTokenLifespan:           x.life,
		RefreshTokenLifespan:          -1,
		IDTokenLifespan:               idTokenLife,
		IDTokenIssuer:                 x.cfg.Issuer,
		EnforcePKCE:                   x.only == nil || x.only.settings.needsPKCE(),
		EnforcePKCEForPublicClients:   true,
		ScopeStrategy:                 fosite.ExactScopeStrategy,
		AudienceMatchingStrategy:      fosite.ExactAudienceMatchingStrategy,
		RedirectSecureChecker:         fosite.IsRedirectURISecureStrict,
		ClientSecretsHasher:           noSecrets{},
		JWKSFetcherStrategy:           noFetch{},
		DisableRefreshTokenValidation: true,
		RefreshTokenScopes:            []string{scopeOffline},
		ClientAuthenticationStrategy: func(context.Context, *http.Request, url.Values) (fosite.Client, error) {
			return x.only, nil // already authenticated: see credentials
		},
	}
	explicit := &oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: s, RefreshTokenStrategy: s, AuthorizeCodeStrategy: s,
		CoreStorage: x, TokenRevocationStorage: x, Config: cfg,
	}
	connect := &openid.OpenIDConnectExplicitHandler{
		OpenIDConnectRequestStorage:   x,
		OpenIDConnectRequestValidator: openid.NewOpenIDConnectRequestValidator(nil, cfg), // no hint reaches it
		Config:                        cfg,
		IDTokenHandleHelper:           &openid.IDTokenHandleHelper{IDTokenStrategy: x},
	}
	again := &oauth2.RefreshTokenGrantHandler{AccessTokenStrategy: s, RefreshTokenStrategy: s, TokenRevocationStorage: x, Config: cfg}
	connectAgain := &openid.OpenIDConnectRefreshHandler{IDTokenHandleHelper: connect.IDTokenHandleHelper, Config: cfg}
	proof := &pkce.Handler{AuthorizeCodeStrategy: s, Storage: x, Config: cfg}
	screens := deviceHandler{x, &oauth2.HandleHelper{AccessTokenStrategy: s, AccessTokenStorage: x, Config: cfg}, connect.IDTokenHandleHelper}
	cfg.AuthorizeEndpointHandlers = fosite.AuthorizeEndpointHandlers{explicit, connect, proof}
	cfg.TokenEndpointHandlers = fosite.TokenEndpointHandlers{explicit, connect, proof, again, connectAgain, screens}
	cfg.TokenIntrospectionHandlers = fosite.TokenIntrospectionHandlers{
		&oauth2.CoreValidator{CoreStrategy: s, CoreStorage: x, Config: cfg},
	}
	return fosite.NewOAuth2Provider(x, cfg)
}

// noSecrets and noFetch stand where fosite would put bcrypt and an HTTP client.
type (
	noSecrets struct{}
	noFetch   struct{ fosite.JWKSFetcherStrategy }
)

var errUnused = errors.New("not used here")

func (noSecrets) Compare(context.Context, []byte, []byte) error { return errUnused }
func (noSecrets) Hash(context.Context, []byte) ([]byte, error)  { return nil, errUnused }

// requester is a fresh copy of what the grant says, in fosite's words. Its client is the one the grant was made for.
func (x *exchange) requester() fosite.Requester {
	c := x.only
	if c == nil || c.GetID() != x.grant.Client {
		c = &client{}
		c.binding.Handle = x.grant.Client
	}
	form := url.Values{"redirect_uri": {x.grant.RedirectURI}}
	if x.grant.Challenge != "" {
		form.Set("code_challenge", x.grant.Challenge)
		form.Set("code_challenge_method", "S256")
	}
	return &fosite.Request{
		ID: x.grant.ID, RequestedAt: x.cfg.Now(), Client: c, Form: form, Session: newState(x.grant.Subject),
		RequestedScope: append(fosite.Arguments(nil), x.grant.Scopes...),
		GrantedScope:   append(fosite.Arguments(nil), x.grant.Scopes...),
	}
}

// state is fosite's session. It lives as long as the request.
type state struct {
	claims  jwt.IDTokenClaims
	headers jwt.Headers
	ends    map[fosite.TokenType]time.Time
}

var _ openid.Session = (*state)(nil)

func newState(subject string) *state {
	return &state{claims: jwt.IDTokenClaims{Subject: subject}, ends: map[fosite.TokenType]time.Time{}}
}

func (s *state) IDTokenClaims() *jwt.IDTokenClaims              { return &s.claims }
func (s *state) IDTokenHeaders() *jwt.Headers                   { return &s.headers }
func (s *state) SetExpiresAt(t fosite.TokenType, end time.Time) { s.ends[t] = end }
func (s *state) GetExpiresAt(t fosite.TokenType) time.Time      { return s.ends[t] }
func (s *state) GetUsername() string                            { return "" }
func (s *state) GetSubject() string                             { return s.claims.Subject }
func (s *state) Clone() fosite.Session                          { return newState(s.claims.Subject) }
