package oidcop

import (
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/oauth2"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/handler/pkce"

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
	output  attrs.Output  // the same in the client's words
	life    time.Duration // of the access token
	token   string        // the access token that was made
	ends    time.Time     // of the access token that was found

	asks    string      // the grant type
	refresh *refreshing // nil until a refresh token is shown or made
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
