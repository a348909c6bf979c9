package samlsp_test

import (
	"crypto/x509"
	"encoding/xml"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	crewjam "github.com/crewjam/saml"
	dsig "github.com/russellhaering/goxmldsig"

	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// ent is an identity provider of another implementation, at which somebody is always signed in.
type ent struct {
	crewjam.IdentityProvider
	services map[string]*crewjam.EntityDescriptor
}

func (e *ent) GetServiceProvider(_ *http.Request, id string) (*crewjam.EntityDescriptor, error) {
	if sp, known := e.services[id]; known {
		return sp, nil
	}
	return nil, os.ErrNotExist
}

func (e *ent) GetSession(http.ResponseWriter, *http.Request, *crewjam.IdpAuthnRequest) *crewjam.Session {
	return &crewjam.Session{
		ID: "s", Index: "s", NameID: "p-71f2", NameIDFormat: saml.NameIDPersistent, CreateTime: time.Now(), ExpireTime: time.Now().Add(time.Hour),
		CustomAttributes: []crewjam.Attribute{{
			Name: "ENTPersonJointure", NameFormat: saml.AttrNameBasic, Values: []crewjam.AttributeValue{{Type: "xs:string", Value: "AC$1234"}},
		}},
	}
}

func newENT(t testing.TB) *ent {
	t.Helper()
	certificate, err := x509.ParseCertificate(provider().der)
	if err != nil {
		t.Fatal(err)
	}
	e := &ent{services: map[string]*crewjam.EntityDescriptor{}}
	e.IdentityProvider = crewjam.IdentityProvider{
		Key: provider().key, Certificate: certificate, SignatureMethod: dsig.RSASHA256SignatureMethod, ServiceProviderProvider: e, SessionProvider: e,
		Logger: log.New(testWriter{t}, "", 0), MetadataURL: url.URL{Scheme: "https", Host: "ent.example.org", Path: "/idp"}, SSOURL: url.URL{Scheme: "https", Host: "ent.example.org", Path: "/sso"},
	}
	return e
}

type testWriter struct{ t testing.TB }

func (w testWriter) Write(p []byte) (int, error) {
	w.t.Log(strings.TrimSpace(string(p)))
	return len(p), nil
}

// meet makes a gate that knows the provider by its metadata, and makes the provider know it by ours.
func meet(t testing.TB, binding string) (*gate, *ent) {
	t.Helper()
	e := newENT(t)
	metadata, err := xml.Marshal(e.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	g := newGate(t, setup{now: time.Now, settings: map[string]any{
		"metadata": string(metadata), "binding": binding,
		"cbc_until": time.Now().AddDate(0, 0, 1).Format(time.DateOnly), "cbc_reason": "it encrypts with AES-128-CBC, whatever our metadata lists",
	}})
	var ours crewjam.EntityDescriptor
	if err := xml.Unmarshal(ourMetadata(t, g), &ours); err != nil {
		t.Fatal(err)
	}
	e.services[ours.EntityID] = &ours
	return g, e
}

// carry brings a request to the provider as a browser does.
func (e *ent) carry(q sent) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, q.target, nil)
	if q.Binding == saml.BindingPOST {
		form := url.Values{"SAMLRequest": {saml.EncodePost(q.XML)}, "RelayState": {q.RelayState}}
		r = httptest.NewRequest(http.MethodPost, q.target, strings.NewReader(form.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	e.ServeSSO(w, r)
	return w
}

func TestAnotherImplementationSignsSomebodyInWithOurMetadataAsItIs(t *testing.T) {
	t.Parallel()
	for _, binding := range []string{"redirect", "post"} {
		g, e := meet(t, binding)
		q := g.ask(t, upstream.Challenge{Fresh: true})
		in, action, err := inForm(e.carry(q).Body.String())
		if err != nil {
			t.Fatalf("%s: %v", binding, err)
		}
		if action != q.ACSURL || in.RelayState != q.RelayState {
			t.Errorf("%s: it answers to %s with %q", binding, action, in.RelayState)
		}
		if w := g.answer(string(in.XML), in.RelayState); w.Code != http.StatusNoContent {
			t.Fatalf("%s: status %d, %v\n%s", binding, w.Code, g.host.Failures(), in.XML)
		}
		if a := g.host.Last(t); !slices.Equal(a.Attributes["ENTPersonJointure"], []string{"AC$1234"}) || !slices.Equal(a.Attributes["NameID"], []string{"p-71f2"}) {
			t.Errorf("%s: it is somebody else", binding)
		}
	}
}

func TestAnotherImplementationsAnswerIsForOneSourceAlone(t *testing.T) {
	t.Parallel()
	g, e := meet(t, "redirect")
	metadata, err := xml.Marshal(e.Metadata())
	if err != nil {
		t.Fatal(err)
	}
	other := newGate(t, setup{now: time.Now, tickets: g.tickets, id: "autre", settings: map[string]any{"metadata": string(metadata)}})
	q := g.ask(t, upstream.Challenge{})
	in, _, err := inForm(e.carry(q).Body.String())
	if err != nil {
		t.Fatal(err)
	}
	if w := other.post("/source/autre/acs", url.Values{"SAMLResponse": {saml.EncodePost(in.XML)}, "RelayState": {in.RelayState}}); w.Code != http.StatusBadRequest {
		t.Errorf("the other source's status %d", w.Code)
	}
	other.nobody(t)
	if w := g.answer(string(in.XML), in.RelayState); w.Code != http.StatusNoContent {
		t.Errorf("status %d", w.Code)
	}
}
