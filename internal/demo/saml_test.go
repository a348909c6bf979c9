package demo_test

import (
	"encoding/base64"
	"encoding/xml"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/beevik/etree"
	"github.com/crewjam/saml"
	"github.com/crewjam/saml/samlsp"
	dsig "github.com/russellhaering/goxmldsig"
)

// samlStandIn is a gateway over SAML made of crewjam's identity provider. It
// knows the sites only by the metadata that the World hands out.
type samlStandIn struct {
	s   *street
	idp saml.IdentityProvider
}

func newSAMLStandIn(s *street) *samlStandIn {
	key, cert := keyAndCertificate()
	at := func(path string) url.URL {
		u, err := url.Parse(s.gateway + path)
		if err != nil {
			s.t.Fatal(err)
		}
		return *u
	}
	g := &samlStandIn{s: s}
	g.idp = saml.IdentityProvider{
		Key: key, Certificate: cert, SignatureMethod: dsig.RSASHA256SignatureMethod,
		MetadataURL: at("/saml/metadata"), SSOURL: at("/saml/sso"), ServiceProviderProvider: g,
	}
	s.mux.HandleFunc("GET /saml/metadata", g.idp.ServeMetadata)
	return g
}

// GetServiceProvider finds a site by its entity id.
func (g *samlStandIn) GetServiceProvider(_ *http.Request, entityID string) (*saml.EntityDescriptor, error) {
	for _, site := range g.s.world.Sites() {
		if site.EntityID == entityID && entityID != "" {
			return samlsp.ParseMetadata(g.s.world.SPMetadata(site.ID))
		}
	}
	return nil, os.ErrNotExist
}

// asked reads the request as the identity provider would.
func (g *samlStandIn) asked(r *http.Request) *saml.IdpAuthnRequest {
	g.s.t.Helper()
	req, err := saml.NewIdpAuthnRequest(&g.idp, r)
	if err == nil {
		err = req.Validate()
	}
	if err != nil {
		g.s.t.Fatalf("the identity provider refuses the request: %v", err)
	}
	return req
}

func (g *samlStandIn) askedByRedirect(path string) *saml.IdpAuthnRequest {
	g.s.t.Helper()
	to := g.s.get(path).wantTo(g.s.t, g.s.gateway+"/saml/sso?SAMLRequest=")
	return g.asked(httptest.NewRequest(http.MethodGet, to.String(), nil))
}

// answer makes the posted form of a signed answer; change may alter the
// assertion before it is signed.
func (g *samlStandIn) answer(req *saml.IdpAuthnRequest, format, nameID string, attrs []saml.Attribute, change func(*saml.Assertion)) url.Values {
	g.s.t.Helper()
	session := &saml.Session{
		ID: "s", Index: "i", CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour),
		NameID: nameID, NameIDFormat: format, CustomAttributes: attrs,
	}
	req.HTTPRequest.RemoteAddr = "192.0.2.1:1"
	if err := (saml.DefaultAssertionMaker{}).MakeAssertion(req, session); err != nil {
		g.s.t.Fatal(err)
	}
	if change != nil {
		change(req.Assertion)
	}
	form, err := req.PostBinding()
	if err != nil {
		g.s.t.Fatal(err)
	}
	return url.Values{"SAMLResponse": {form.SAMLResponse}, "RelayState": {form.RelayState}}
}

// statusOnly makes the posted form of an answer without assertion.
func (g *samlStandIn) statusOnly(req *saml.IdpAuthnRequest, inResponseTo, inner, message string) url.Values {
	g.s.t.Helper()
	response := &saml.Response{
		Destination: req.ACSEndpoint.Location, ID: "id-refusal", InResponseTo: inResponseTo,
		IssueInstant: time.Now().UTC(), Version: "2.0", Issuer: &saml.Issuer{Value: g.s.gateway + "/saml/metadata"},
		Status: saml.Status{
			StatusCode:    saml.StatusCode{Value: saml.StatusResponder, StatusCode: &saml.StatusCode{Value: inner}},
			StatusMessage: &saml.StatusMessage{Value: message},
		},
	}
	doc := etree.NewDocument()
	doc.SetRoot(response.Element())
	body, err := doc.WriteToBytes()
	if err != nil {
		g.s.t.Fatal(err)
	}
	return url.Values{"SAMLResponse": {base64.StdEncoding.EncodeToString(body)}, "RelayState": {req.RelayState}}
}

func attribute(name, friendly string, values ...string) saml.Attribute {
	a := saml.Attribute{Name: name, FriendlyName: friendly, NameFormat: "urn:oasis:names:tc:SAML:2.0:attrname-format:uri"}
	for _, v := range values {
		a.Values = append(a.Values, saml.AttributeValue{Type: "xs:string", Value: v})
	}
	return a
}

const (
	persistentFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
	mailFormat       = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
)

func TestPseudonymousSAMLSignIn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	req := g.askedByRedirect(s.url("lire", "/connexion"))
	if got := *req.Request.NameIDPolicy.Format; got != persistentFormat {
		t.Errorf("name id format asked: %s", got)
	}
	form := g.answer(req, persistentFormat, "pseudo-17", []saml.Attribute{attribute("UAI", "", "0280001A"), attribute("PRO", "", "National_elv")}, nil)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form).wantTo(t, "/arrivee")
	s.get(s.url("lire", "/arrivee")).wantTo(t, "/")
	page := s.get(s.url("lire", "/"))
	page.want(t, http.StatusOK, "Ce que Lire sait de toi", "pseudo-17", "0280001A", "National_elv", "Ton numéro sur ce site",
		"Ce que Lire ne sait pas", "ton prénom", "ta date de naissance", "Réponse SAML reçue", "SignatureValue", "InResponseTo=&#34;"+req.Request.ID)
	checkPage(t, page)
	s.post(s.url("lire", "/deconnexion"), nil).wantTo(t, "/")
	s.get(s.url("lire", "/")).wantNot(t, "pseudo-17")
}

func TestNominativeSAMLSignInByPost(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	page := s.get(s.url("suite", "/connexion?par=post"))
	page.want(t, http.StatusOK, `action="`+s.gateway+`/saml/sso"`, "Continuer")
	if csp := page.header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action https: http:") || !strings.Contains(csp, "script-src 'self'") {
		t.Errorf("policy %s", csp)
	}
	checkPage(t, page)
	sent := url.Values{}
	for _, e := range elements(t, page.body) {
		if e.attr["type"] == "hidden" {
			sent.Set(e.attr["name"], e.attr["value"])
		}
	}
	r := httptest.NewRequest(http.MethodPost, s.gateway+"/saml/sso", strings.NewReader(sent.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req := g.asked(r)
	form := g.answer(req, mailFormat, "paul@example.org", []saml.Attribute{
		attribute("urn:oid:2.5.4.42", "givenName", "Paul"), attribute("urn:oid:2.5.4.4", "sn", "Petit"),
		attribute("urn:oid:1.2.3", "", "?"),
	}, nil)
	s.postFromElsewhere(s.url("suite", "/acs"), form).wantTo(t, "/arrivee")
	s.get(s.url("suite", "/arrivee")).wantTo(t, "/")
	in := s.get(s.url("suite", "/"))
	in.want(t, http.StatusOK, "Bonjour Paul", "paul@example.org", "Petit", "givenName")
	// One attribute has a name the site does not know: it may not claim ignorance.
	in.wantNot(t, "Ce que Suite ne sait pas")
}

func TestSAMLRefusalIsShownPlainly(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ status, path, want string }{
		{saml.StatusRequestDenied, "/connexion", "n’a pas donné son accord"},
		{saml.StatusNoPassive, "/connexion?passif=1", "te montrer une page d’abord"},
		{saml.StatusAuthnFailed, "/connexion", "La passerelle a répondu non"},
	} {
		t.Run(c.status, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			g := newSAMLStandIn(s)
			req := g.askedByRedirect(s.url("ancien", c.path))
			if passive := req.Request.IsPassive != nil && *req.Request.IsPassive; passive != strings.Contains(c.path, "passif") {
				t.Errorf("IsPassive %v", passive)
			}
			s.postFromElsewhere(s.url("ancien", "/acs"), g.statusOnly(req, req.Request.ID, c.status, "K7Q2 <b>")).wantTo(t, "/arrivee")
			s.get(s.url("ancien", "/arrivee")).wantTo(t, "/refus")
			page := s.get(s.url("ancien", "/refus"))
			page.want(t, http.StatusOK, "Tu ne peux pas entrer", c.want, c.status, "K7Q2 &lt;b&gt;", "Responder")
			checkPage(t, page)
			s.get(s.url("ancien", "/")).want(t, http.StatusOK, "Entrer avec mon compte")
		})
	}
}

func TestSAMLRefusalToAnotherRequestIsNotRead(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	req := g.askedByRedirect(s.url("ancien", "/connexion"))
	form := g.statusOnly(req, "id-other", saml.StatusRequestDenied, "")
	s.postFromElsewhere(s.url("ancien", "/acs"), form).want(t, http.StatusBadRequest, "n’est pas valable")
}

func TestRefusalEndsAnEarlierSession(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	g := newSAMLStandIn(s)
	form := g.answer(g.askedByRedirect(s.url("lire", "/connexion")), persistentFormat, "pseudo-17", nil, nil)
	s.postFromElsewhere(s.url("lire", "/saml/acs"), form)
	s.get(s.url("lire", "/arrivee"))
	earlier := *s.browser
	earlier.Jar = s.cookiesOf("lire")
	req := g.askedByRedirect(s.url("lire", "/connexion"))
	s.postFromElsewhere(s.url("lire", "/saml/acs"), g.statusOnly(req, req.Request.ID, saml.StatusRequestDenied, ""))
	s.get(s.url("lire", "/arrivee")).wantTo(t, "/refus")
	s.get(s.url("lire", "/")).wantNot(t, "pseudo-17")
	s.browser = &earlier // the old cookie, as another holder would send it
	s.get(s.url("lire", "/")).wantNot(t, "pseudo-17")
}

func TestUnusableGatewayMetadataIsNotTrusted(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*saml.EntityDescriptor){
		"nothing spoilt": nil,
		"no entity id":   func(e *saml.EntityDescriptor) { e.EntityID = "" },
		"no IdP":         func(e *saml.EntityDescriptor) { e.IDPSSODescriptors = nil },
		"expired":        func(e *saml.EntityDescriptor) { e.ValidUntil = time.Now().Add(-time.Hour) },
		"no sign-on":     func(e *saml.EntityDescriptor) { e.IDPSSODescriptors[0].SingleSignOnServices = nil },
		"strange address": func(e *saml.EntityDescriptor) {
			e.IDPSSODescriptors[0].SingleSignOnServices[0].Location = "http://autre.example/sso"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newStreet(t)
			entity := usableEntity(s.gateway)
			s.mux.HandleFunc("GET /saml/metadata", func(w http.ResponseWriter, _ *http.Request) { writeEntity(w, entity) })
			if spoil == nil {
				s.get(s.url("lire", "/connexion")).wantTo(t, s.gateway+"/saml/sso")
				return
			}
			spoil(entity)
			page := s.get(s.url("lire", "/connexion"))
			page.want(t, http.StatusBadGateway, "La passerelle ne répond pas")
			checkPage(t, page)
		})
	}
}

func TestSilentGatewayMetadataIsRetriedLater(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for range 2 {
		s.get(s.url("lire", "/connexion")).want(t, http.StatusBadGateway, "La passerelle ne répond pas")
	}
	newSAMLStandIn(s).askedByRedirect(s.url("lire", "/connexion"))
}

func TestGatewayMetadataIsReadAgainAfterAMinute(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	entity := usableEntity(s.gateway)
	s.mux.HandleFunc("GET /saml/metadata", func(w http.ResponseWriter, _ *http.Request) { writeEntity(w, entity) })
	s.get(s.url("lire", "/connexion")).wantTo(t, s.gateway+"/saml/sso")
	entity.IDPSSODescriptors[0].SingleSignOnServices[0].Location = s.gateway + "/moved"
	s.get(s.url("lire", "/connexion")).wantTo(t, s.gateway+"/saml/sso")
	s.late.advance(2 * time.Minute)
	s.get(s.url("lire", "/connexion")).wantTo(t, s.gateway+"/moved")
}

func usableEntity(gateway string) *saml.EntityDescriptor {
	return &saml.EntityDescriptor{
		EntityID: gateway + "/saml/metadata", ValidUntil: time.Now().Add(time.Hour),
		IDPSSODescriptors: []saml.IDPSSODescriptor{{
			SingleSignOnServices: []saml.Endpoint{{Binding: saml.HTTPRedirectBinding, Location: gateway + "/saml/sso"}},
		}},
	}
}

func writeEntity(w http.ResponseWriter, e *saml.EntityDescriptor) {
	body, err := xml.Marshal(e)
	if err != nil {
		panic(err)
	}
	_, _ = w.Write(body)
}

func TestSPMetadataIsStableAndServedAtTheEntityID(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, site := range s.world.Sites() {
		got := s.world.SPMetadata(site.ID)
		if site.EntityID == "" {
			if got != nil {
				t.Errorf("%s has SAML metadata", site.ID)
			}
			continue
		}
		s.get(site.EntityID).want(t, http.StatusOK, string(got))
		entity, err := samlsp.ParseMetadata(got)
		if err != nil {
			t.Fatal(err)
		}
		acs := entity.SPSSODescriptors[0].AssertionConsumerServices
		if entity.EntityID != site.EntityID || len(acs) != 1 || acs[0].Location != site.Callback || acs[0].Binding != saml.HTTPPostBinding {
			t.Errorf("%s: %+v", site.ID, acs)
		}
		if !entity.ValidUntil.IsZero() {
			t.Errorf("%s: the metadata expires", site.ID)
		}
	}
	if s.world.SPMetadata("absent") != nil {
		t.Error("metadata of a site that does not exist")
	}
}
