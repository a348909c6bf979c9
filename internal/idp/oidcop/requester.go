package oidcop

import (
	"net/url"
	"slices"
	"time"

	"github.com/ory/fosite"
	"github.com/ory/fosite/handler/openid"
	"github.com/ory/fosite/token/jwt"
)

// granted is what a grant says in fosite's words, with its session, in one piece of memory: several are made for each answer.
type granted struct {
	fosite.Request
	redirectURI, challenge string
	state                  state
}

// requester is a fresh copy of what the grant says. Its client is the one the grant was made for. Scopes are clipped: to add
// one makes a copy.
func (x *exchange) requester() fosite.Requester {
	c := x.only
	if c == nil || c.GetID() != x.grant.Client {
		c = &client{settings: new(Settings)} // what is not known is strict
		c.binding.Handle = x.grant.Client
	}
	scopes := fosite.Arguments(slices.Clip(x.grant.Scopes))
	g := &granted{redirectURI: x.grant.RedirectURI, challenge: x.grant.Challenge}
	g.Request = fosite.Request{
		ID: x.grant.ID, RequestedAt: x.cfg.Now(), Client: c, Session: &g.state, RequestedScope: scopes, GrantedScope: scopes,
	}
	g.state.claims.Subject = x.grant.Subject
	return g
}

// GetRequestForm is made for whoever looks at it, which few do.
func (g *granted) GetRequestForm() url.Values {
	if g.Form == nil {
		g.Form = grantForm(g.redirectURI, g.challenge)
	}
	return g.Form
}

// grantForm is what fosite looks for in the form of an authorization request.
func grantForm(redirectURI, challenge string) url.Values {
	form := url.Values{"redirect_uri": {redirectURI}}
	if challenge != "" {
		form["code_challenge"], form["code_challenge_method"] = []string{challenge}, []string{"S256"}
	}
	return form
}

// asking and redeeming are requests of which nothing has to be taken away before storage: the storage here keeps what the
// grant says and nothing of the form.
type (
	asking    struct{ *fosite.AuthorizeRequest }
	redeeming struct{ fosite.AccessRequester }
)

// Sanitize is the request.
func (r asking) Sanitize([]string) fosite.Requester { return r }

// Sanitize is the request.
func (r redeeming) Sanitize([]string) fosite.Requester { return r }

// state is fosite's session. It lives as long as the request.
type state struct {
	claims  jwt.IDTokenClaims
	headers jwt.Headers
	ends    []ending
}

// ending is when what is issued under one name ends.
type ending struct {
	of fosite.TokenType
	at time.Time
}

var _ openid.Session = (*state)(nil)

func newState(subject string) *state { return &state{claims: jwt.IDTokenClaims{Subject: subject}} }

func (s *state) IDTokenClaims() *jwt.IDTokenClaims { return &s.claims }
func (s *state) IDTokenHeaders() *jwt.Headers      { return &s.headers }
func (s *state) GetUsername() string               { return "" }
func (s *state) GetSubject() string                { return s.claims.Subject }
func (s *state) Clone() fosite.Session             { return newState(s.claims.Subject) }

func (s *state) SetExpiresAt(t fosite.TokenType, end time.Time) {
	for i := range s.ends {
		if s.ends[i].of == t {
			s.ends[i].at = end
			return
		}
	}
	s.ends = append(s.ends, ending{t, end})
}

func (s *state) GetExpiresAt(t fosite.TokenType) time.Time {
	for _, e := range s.ends {
		if e.of == t {
			return e.at
		}
	}
	return time.Time{}
}
