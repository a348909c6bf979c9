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
)

// engine is what fosite is told for one request: the configuration that all requests share, and what is this one's own, the
// handlers of what it asks for included. A handler that has nothing to do with a request would say so each time by an error
// with a stack.
type engine struct {
	*fosite.Config
	x *exchange

	explicit oauth2.AuthorizeExplicitGrantHandler
	connect  openid.OpenIDConnectExplicitHandler
	proof    pkce.Handler
	ids      openid.IDTokenHandleHelper
}

// sharedConfig is what is the same for all requests. Every default that fosite would fill in at first use is given, so that
// it writes into nothing.
func sharedConfig(issuer string) *fosite.Config {
	return &fosite.Config{
		AuthorizeCodeLifespan:         codeLife,
		AccessTokenLifespan:           maxTokenLife,
		RefreshTokenLifespan:          -1,
		IDTokenLifespan:               idTokenLife,
		IDTokenIssuer:                 issuer,
		EnforcePKCE:                   true,
		EnforcePKCEForPublicClients:   true,
		ScopeStrategy:                 fosite.ExactScopeStrategy,
		AudienceMatchingStrategy:      fosite.ExactAudienceMatchingStrategy,
		RedirectSecureChecker:         fosite.IsRedirectURISecureStrict,
		ClientSecretsHasher:           noSecrets{},
		JWKSFetcherStrategy:           noFetch{},
		DisableRefreshTokenValidation: true,
		RefreshTokenScopes:            []string{scopeOffline},
	}
}

// engine is fosite for this request.
func (x *exchange) engine() *fosite.Fosite {
	s, e := strategy{x}, &engine{Config: x.shared, x: x}
	e.ids.IDTokenStrategy = x
	e.explicit = oauth2.AuthorizeExplicitGrantHandler{
		AccessTokenStrategy: s, RefreshTokenStrategy: s, AuthorizeCodeStrategy: s,
		CoreStorage: x, TokenRevocationStorage: x, Config: e,
	}
	e.connect = openid.OpenIDConnectExplicitHandler{
		OpenIDConnectRequestStorage: x, OpenIDConnectRequestValidator: x.prompts, Config: e, IDTokenHandleHelper: &e.ids,
	}
	e.proof = pkce.Handler{AuthorizeCodeStrategy: s, Storage: x, Config: e}
	return fosite.NewOAuth2Provider(x, e)
}

// GetEnforcePKCE is as the client is registered: always where none is known.
func (e *engine) GetEnforcePKCE(context.Context) bool {
	return e.x.only == nil || e.x.only.settings.needsPKCE()
}

// GetAccessTokenLifespan is as long as the grant and the client allow.
func (e *engine) GetAccessTokenLifespan(context.Context) time.Duration { return e.x.life }

// GetClientAuthenticationStrategy gives the client that has already proved itself: see credentials.
func (e *engine) GetClientAuthenticationStrategy(context.Context) fosite.ClientAuthenticationStrategy {
	return func(context.Context, *http.Request, url.Values) (fosite.Client, error) { return e.x.only, nil }
}

// GetAuthorizeEndpointHandlers are those that make a code: fosite wants them in this order.
func (e *engine) GetAuthorizeEndpointHandlers(context.Context) fosite.AuthorizeEndpointHandlers {
	return fosite.AuthorizeEndpointHandlers{&e.explicit, &e.connect, &e.proof}
}

// GetTokenEndpointHandlers are those of the grant type that is asked for, and of no other.
func (e *engine) GetTokenEndpointHandlers(context.Context) fosite.TokenEndpointHandlers {
	s := strategy{e.x}
	switch e.x.asks {
	case grantCode:
		return fosite.TokenEndpointHandlers{&e.explicit, &e.connect, &e.proof}
	case grantRefresh:
		return fosite.TokenEndpointHandlers{
			&oauth2.RefreshTokenGrantHandler{AccessTokenStrategy: s, RefreshTokenStrategy: s, TokenRevocationStorage: e.x, Config: e},
			&openid.OpenIDConnectRefreshHandler{IDTokenHandleHelper: &e.ids, Config: e},
		}
	case grantDevice:
		return fosite.TokenEndpointHandlers{
			deviceHandler{e.x, &oauth2.HandleHelper{AccessTokenStrategy: s, AccessTokenStorage: e.x, Config: e}, &e.ids},
		}
	}
	return nil
}

// GetTokenIntrospectionHandlers are those that find an access token.
func (e *engine) GetTokenIntrospectionHandlers(context.Context) fosite.TokenIntrospectionHandlers {
	return fosite.TokenIntrospectionHandlers{&oauth2.CoreValidator{CoreStrategy: strategy{e.x}, CoreStorage: e.x, Config: e}}
}

// noSecrets and noFetch stand where fosite would put bcrypt and an HTTP client.
type (
	noSecrets struct{}
	noFetch   struct{ fosite.JWKSFetcherStrategy }
)

var errUnused = errors.New("not used here")

func (noSecrets) Compare(context.Context, []byte, []byte) error { return errUnused }
func (noSecrets) Hash(context.Context, []byte) ([]byte, error)  { return nil, errUnused }
