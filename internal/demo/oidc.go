package demo

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// oidcGateway reads the gateway's discovery document when it is first needed.
// Keys are fetched by the library when a token names one it does not know.
type oidcGateway struct {
	issuer string
	client *http.Client

	mu       sync.Mutex
	provider *oidc.Provider
}

func (g *oidcGateway) discover() (*oidc.Provider, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.provider != nil {
		return g.provider, nil
	}
	// The provider keeps this context for later key fetches, so it must not be
	// that of one request; the client has its own limit of time.
	p, err := oidc.NewProvider(g.context(context.Background()), g.issuer)
	if err != nil {
		return nil, fmt.Errorf("gateway discovery: %w", err)
	}
	g.provider = p
	return p, nil
}

func (g *oidcGateway) context(ctx context.Context) context.Context {
	return oidc.ClientContext(ctx, g.client)
}

// oidcSite is a relying party over OpenID Connect: authorization code with
// PKCE S256, built on go-oidc and x/oauth2.
type oidcSite struct {
	relyingParty
	gateway *oidcGateway
	now     func() time.Time
	secret  string // empty for a public client
}

func newOIDCSite(cfg Config, p *pages, s Site, g *oidcGateway) http.Handler {
	site := &oidcSite{relyingParty: relyingParty{site: s, pages: p, visits: newVisits(cfg)}, gateway: g, now: cfg.Now}
	if s.Confidential {
		site.secret = cfg.ClasseSecret
	}
	mux := http.NewServeMux()
	site.mount(mux)
	mux.HandleFunc("GET /connexion", site.signIn)
	mux.HandleFunc("GET /cb", site.answer)
	return http.NewCrossOriginProtection().Handler(mux)
}

// client returns the OAuth client: client_secret_basic when there is a secret,
// no authentication when there is none.
func (s *oidcSite) client(p *oidc.Provider) *oauth2.Config {
	endpoint := p.Endpoint()
	endpoint.AuthStyle = oauth2.AuthStyleInParams
	if s.secret != "" {
		endpoint.AuthStyle = oauth2.AuthStyleInHeader
	}
	return &oauth2.Config{
		ClientID: s.site.ClientID, ClientSecret: s.secret, Endpoint: endpoint,
		RedirectURL: s.site.Callback, Scopes: s.site.Scopes,
	}
}

// signIn starts a sign-in at once; it is also the address for a sign-in that
// another party starts (OpenID Connect Core 4), which may only name our issuer.
func (s *oidcSite) signIn(w http.ResponseWriter, r *http.Request) {
	if iss := r.URL.Query().Get("iss"); iss != "" && iss != s.gateway.issuer {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted("iss"))
		return
	}
	provider, err := s.gateway.discover()
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo sign-in", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadGateway, gatewaySilent())
		return
	}
	p := pending{nonce: rand.Text(), verifier: oauth2.GenerateVerifier()}
	options := []oauth2.AuthCodeOption{oidc.Nonce(p.nonce), oauth2.S256ChallengeOption(p.verifier)}
	if r.URL.Query().Get("passif") == "1" {
		options = append(options, oauth2.SetAuthURLParam("prompt", "none"))
	}
	state := s.visits.begin(w, r, p)
	redirect(w, r, s.client(provider).AuthCodeURL(state, options...), http.StatusFound)
}

// answer is the redirect URI.
func (s *oidcSite) answer(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	asked, ok := s.visits.claim(r, q.Get("state"))
	if !ok {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notAsked())
		return
	}
	// RFC 9207: an answer that names another issuer is not for this request.
	if iss := q.Get("iss"); iss != "" && iss != s.gateway.issuer {
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted("iss"))
		return
	}
	if code := q.Get("error"); code != "" {
		s.arrive(w, r, outcome{refusal: newRefusal(limitText(code), limitText(q.Get("error_description")))})
		return
	}
	o, err := s.redeem(r.Context(), q.Get("code"), asked)
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo answer refused", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadRequest, notTrusted("OpenID Connect"))
		return
	}
	s.arrive(w, r, o)
}

// redeem exchanges the code, verifies the id token and asks for userinfo. A
// refusal of the gateway is an outcome; whatever does not verify is an error.
func (s *oidcSite) redeem(ctx context.Context, code string, asked pending) (outcome, error) {
	provider, err := s.gateway.discover()
	if err != nil {
		return outcome{}, err
	}
	ctx = s.gateway.context(ctx)
	token, err := s.client(provider).Exchange(ctx, code, oauth2.VerifierOption(asked.verifier))
	var no *oauth2.RetrieveError
	if errors.As(err, &no) && no.ErrorCode != "" {
		return outcome{refusal: newRefusal(limitText(no.ErrorCode), limitText(no.ErrorDescription))}, nil
	}
	if err != nil {
		return outcome{}, errors.New("the code could not be exchanged")
	}
	compact, _ := token.Extra("id_token").(string)
	idToken, err := provider.Verifier(&oidc.Config{ClientID: s.site.ClientID, Now: s.now}).Verify(ctx, compact)
	if err != nil {
		return outcome{}, fmt.Errorf("id token: %w", err)
	}
	if !sameText(asked.nonce, idToken.Nonce) {
		return outcome{}, errors.New("id token: the nonce is not ours")
	}
	if idToken.AccessTokenHash != "" {
		if err := idToken.VerifyAccessToken(token.AccessToken); err != nil {
			return outcome{}, fmt.Errorf("id token: %w", err)
		}
	}
	return s.userInfo(ctx, provider, token, compact, idToken)
}

func (s *oidcSite) userInfo(
	ctx context.Context, provider *oidc.Provider, token *oauth2.Token, compact string, idToken *oidc.IDToken,
) (outcome, error) {
	info, err := provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		// The library's error repeats the answer's body, which is not for a log.
		return outcome{}, errors.New("userinfo was not given")
	}
	// OpenID Connect Core 5.3.2: claims about another subject must not be used.
	if info.Subject != idToken.Subject {
		return outcome{}, errors.New("userinfo is about another subject")
	}
	return describeTokens(compact, idToken, info)
}
