package demo

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
)

// samlSite is a relying party over SAML 2.0, built on crewjam's service
// provider. Its requests are not signed; they go out by HTTP-Redirect, or by
// HTTP-POST with ?par=post, and answers come in by HTTP-POST.
type samlSite struct {
	relyingParty
	gateway *samlGateway
	now     func() time.Time
	acs     url.URL
}

func newSAMLSite(cfg Config, p *pages, s Site, g *samlGateway) http.Handler {
	acs, entity := mustParse(s.Callback), mustParse(s.EntityID)
	site := &samlSite{relyingParty: relyingParty{site: s, pages: p, visits: newVisits(cfg)}, gateway: g, now: cfg.Now, acs: acs}
	mux := http.NewServeMux()
	site.mount(mux)
	mux.HandleFunc("GET /connexion", site.signIn)
	mux.HandleFunc("GET /arrivee", site.arrival)
	mux.HandleFunc("GET "+entity.Path, site.serveMetadata)
	mux.HandleFunc("POST "+acs.Path, site.answer)
	guard := http.NewCrossOriginProtection()
	guard.AddInsecureBypassPattern("POST " + acs.Path) // the gateway posts there; visits.go binds the answer
	return guard.Handler(mux)
}

// mustParse reads an address that describe made.
func mustParse(address string) url.URL {
	u, err := url.Parse(address)
	if err != nil {
		panic("demo: " + err.Error())
	}
	return *u
}

func (s *samlSite) serveMetadata(w http.ResponseWriter, _ *http.Request) {
	safeHeaders(w.Header())
	w.Header().Set("Content-Type", "application/samlmetadata+xml")
	_, _ = w.Write(spMetadata(s.site))
}

// provider returns the library's service provider for the gateway as its
// metadata describes it now.
func (s *samlSite) provider(ctx context.Context) (*saml.ServiceProvider, error) {
	idp, err := s.gateway.metadata(ctx)
	if err != nil {
		return nil, err
	}
	return &saml.ServiceProvider{
		EntityID: s.site.EntityID, MetadataURL: mustParse(s.site.EntityID), AcsURL: s.acs, IDPMetadata: idp,
		AuthnNameIDFormat:           saml.NameIDFormat(s.site.NameIDFormat),
		ValidateAudienceRestriction: func(a *saml.Assertion) error { return forUs(a, s.site.EntityID) },
	}, nil
}

// forUs requires what SAML Core 2.5.1.4 says and the library does not: every
// restriction must name us, and SAML Profiles 4.1.4.2 wants one at least.
func forUs(a *saml.Assertion, entityID string) error {
	if len(a.Conditions.AudienceRestrictions) == 0 {
		return errors.New("the assertion names no audience")
	}
	for _, restriction := range a.Conditions.AudienceRestrictions {
		if restriction.Audience.Value != entityID {
			return errors.New("the assertion is for another audience")
		}
	}
	return nil
}

// signIn starts a sign-in: it is the launch address, so it shows no page of
// its own unless the request must travel by POST.
func (s *samlSite) signIn(w http.ResponseWriter, r *http.Request) {
	binding := saml.HTTPRedirectBinding
	if r.URL.Query().Get("par") == "post" {
		binding = saml.HTTPPostBinding
	}
	sp, err := s.provider(r.Context())
	if err == nil {
		err = s.send(w, r, sp, binding)
	}
	if err != nil {
		s.pages.log.WarnContext(r.Context(), "demo sign-in", "site", s.site.ID, "error", err)
		s.pages.problem(w, r, s.site, http.StatusBadGateway, gatewaySilent())
	}
}

func (s *samlSite) send(w http.ResponseWriter, r *http.Request, sp *saml.ServiceProvider, binding string) error {
	location := sp.GetSSOBindingLocation(binding)
	if location == "" {
		return fmt.Errorf("the gateway offers no sign-on by %s", binding)
	}
	req, err := sp.MakeAuthenticationRequest(location, binding, saml.HTTPPostBinding)
	if err != nil {
		return fmt.Errorf("authentication request: %w", err)
	}
	req.IssueInstant = s.now().UTC()
	if r.URL.Query().Get("passif") == "1" {
		passive := true
		req.IsPassive = &passive
	}
	relay := s.visits.begin(w, r, pending{requestID: req.ID})
	if binding == saml.HTTPPostBinding {
		return s.sendByPost(w, r, req, relay)
	}
	target, err := req.Redirect(relay, sp)
	if err != nil {
		return fmt.Errorf("authentication request: %w", err)
	}
	redirect(w, r, target.String(), http.StatusFound)
	return nil
}

// postForm is the form of SAML Bindings 3.5.4.
type postForm struct {
	Target, Request, RelayState string
}

func (s *samlSite) sendByPost(w http.ResponseWriter, r *http.Request, req *saml.AuthnRequest, relay string) error {
	doc := etree.NewDocument()
	doc.SetRoot(req.Element())
	body, err := doc.WriteToBytes()
	if err != nil {
		return fmt.Errorf("authentication request: %w", err)
	}
	s.pages.show(w, r, s.site, page{
		name: "post", title: "En route vers la passerelle", policy: postPolicy,
		data: postForm{Target: req.Destination, Request: base64.StdEncoding.EncodeToString(body), RelayState: relay},
	})
	return nil
}
