package app_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"errors"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/web"
)

// open is a protocol without a message: whoever comes is asked who they are, at the source named.
type open struct{}

func (open) Name() string { return "open" }

func (open) Mount(mux *web.Mux, gateway idp.Gateway) {
	mux.Handle(web.Route{Method: "GET", Pattern: "/open", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return gateway.Start(w, r, idp.Request{
			Protocol: "open", Handle: "lire", ServiceID: "lire", Hints: idp.Hints{Source: idptest.ENT},
		})
	}})
	mux.Handle(web.Route{Method: "GET", Pattern: "/open/told", Handler: func(w http.ResponseWriter, r *http.Request) error {
		return gateway.Told(w, r, r.FormValue("step"), true)
	}})
}

func (open) Answer(_ context.Context, _ idp.Request, a idp.Answered) (idp.Handoff, idp.Participant, error) {
	if a.Cleared.Empty() {
		return idp.Handoff{}, idp.Participant{}, errors.New("nothing was cleared")
	}
	return idp.Handoff{Location: "https://lire.example/yes"}, idp.Participant{Protocol: "open", ServiceID: "lire"}, nil
}

func (open) Refuse(_ context.Context, _ idp.Request, f idp.Failure) (idp.Handoff, error) {
	return idp.Handoff{Location: "https://lire.example/no?kind=" + url.QueryEscape(string(f.Kind))}, nil
}

func (open) SignOut(context.Context, idp.Participant, string) (idp.SignOutStep, error) {
	return idp.SignOutStep{Outcome: idp.Unsupported}, nil
}

func (open) Left(context.Context, idp.Leaving, idp.Outcome) (idp.Handoff, error) {
	return idp.Handoff{}, nil
}

func (open) CheckSettings(registry.Binding) []registry.Finding { return nil }

func (open) Preview(attrs.Release, registry.Binding) ([]byte, error) { return nil, nil }

func (open) Probe(context.Context, registry.Binding, idp.Reach) (idp.Probed, error) {
	return idp.Probed{}, nil
}

// ent is an identity provider, and the house that knows it.
type ent struct {
	*idptest.House
	signer *saml.Signer
}

const entEntity = "https://ent.example/idp"

func newENT(t *testing.T) *ent {
	t.Helper()
	h := idptest.NewHouse(t, idptest.Options{Ring: idptest.NewRing(t), Case: idptest.Case{
		Protocol: func(testing.TB, idptest.Tools) idp.Protocol { return open{} },
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "open", Handle: service}
		},
	}})
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ent"}, NotAfter: h.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	e := &ent{House: h}
	if e.signer, err = saml.NewSigner(key, der); err != nil {
		t.Fatal(err)
	}
	e.connect(t, der)
	return e
}

// connect puts the connector in the place of the house's own.
func (e *ent) connect(t *testing.T, der []byte) {
	t.Helper()
	source, err := samlsp.New(samlsp.Config{
		Kit: e.Kit, Tickets: e.Tickets, Keys: e.Ring, Now: e.Now, Log: slog.New(slog.DiscardHandler), Path: func(s string) string { return s }, Home: "/",
		Source: registry.Source{ID: idptest.ENT, Authority: "academie", Settings: map[string]any{
			"metadata": theirMetadata(entEntity, der),
		}},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = source.Close() })
	e.Flow.Connectors[idptest.ENT] = source
	mux := web.NewMux(e.Kit)
	e.Flow.Mount(mux)
	e.Handler = mux
}

// theirMetadata is a provider that takes requests by redirect.
func theirMetadata(entity string, der []byte) string {
	return `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + entity +
		`"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><SingleLogoutService ` +
		`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example/slo"/><KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
		base64.StdEncoding.EncodeToString(der) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor><SingleSignOnService ` +
		`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example/sso"/></IDPSSODescriptor></EntityDescriptor>`
}

// asked is the request with which a browser was sent to the provider.
func (e *ent) asked(t *testing.T, p *idptest.Page) saml.AuthnRequest {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.Host != "ent.example" {
		t.Fatalf("status %d at %s: %s", p.Status, p.URL, p.Text())
	}
	in, err := saml.DecodeRedirect(p.Landing.URL.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	q, err := saml.ParseAuthnRequest(in.XML)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// answer is what the provider's page posts from its own site.
func (e *ent) answer(q saml.AuthnRequest, document []byte) *http.Request {
	form := url.Values{"SAMLResponse": {saml.EncodePost(document)}, "RelayState": {q.ID}}
	r := httptest.NewRequest(http.MethodPost, q.ACSURL, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://ent.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return r
}

func (e *ent) isLea(t *testing.T, q saml.AuthnRequest) []byte {
	t.Helper()
	return e.isLeaBy(t, q, saml.ClassPassword)
}

func (e *ent) isLeaBy(t *testing.T, q saml.AuthnRequest, class string) []byte {
	t.Helper()
	document, err := e.signer.AppendResponse(nil, &saml.Response{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: entEntity, Destination: q.ACSURL, IssueInstant: e.Now(),
		Assertion: saml.Assertion{
			ID: saml.NewID(), NameID: saml.NameID{Value: "x", Format: saml.NameIDTransient}, Audience: q.Issuer,
			NotBefore: e.Now(), NotAfter: e.Now().Add(time.Minute), Authn: saml.AuthnStatement{At: e.Now(), Class: class, SessionIndex: "1"},
			Attributes: []saml.Attribute{
				{Name: "ENTPersonJointure", Values: []string{"ACADEMIE$1001"}},
				{Name: "ENTPersonProfils", Values: []string{"National_ELV"}},
				{Name: "ENTPersonStructRattach", Values: []string{string(idptest.School)}},
				{Name: "ENTPersonDateNaissance", Values: []string{"12/03/2018"}},
				{Name: "ENTEleveNivFormation", Values: []string{"CE2"}},
			},
		},
	}, saml.SignAssertion)
	if err != nil {
		t.Fatal(err)
	}
	return document
}

func (e *ent) signedIn() int {
	n := 0
	for _, entry := range e.Journal.Entries() {
		if entry.Outcome == audit.SignedIn && entry.Source == idptest.ENT {
			n++
		}
	}
	return n
}

func TestAPupilOfAnENTIsSignedInByItsSAMLAnswerPostedFromAnotherSite(t *testing.T) {
	t.Parallel()
	e := newENT(t)
	browser, other := e.Browser(t), e.Browser(t)
	q := e.asked(t, browser.Get("/open"))
	document := e.isLea(t, q)
	if p := other.Open(e.answer(q, document)); p.Status != http.StatusGone || e.signedIn() != 0 || other.Cookie("session") != "" {
		t.Errorf("another browser: status %d", p.Status)
	}
	p := browser.Open(e.answer(q, document))
	if p.Status != http.StatusOK || e.signedIn() != 1 || browser.Cookie("session") == "" {
		t.Fatalf("status %d at %s, %d signed in: %s", p.Status, p.URL, e.signedIn(), p.Text())
	}
	for name, b := range map[string]*idptest.Browser{"the same browser": browser, "another": other} {
		if p := b.Open(e.answer(q, document)); p.Status != http.StatusGone || e.signedIn() != 1 {
			t.Errorf("%s, the second time: status %d, %d signed in", name, p.Status, e.signedIn())
		}
	}
}

func TestASignOutOfTheENTEndsThePupilsSessionHere(t *testing.T) {
	t.Parallel()
	e := newENT(t)
	b := e.Browser(t)
	q := e.asked(t, b.Get("/open"))
	if b.Open(e.answer(q, e.isLea(t, q))); e.signedIn() != 1 {
		t.Fatal("she was not signed in")
	}
	if p := b.Get("/signout"); !strings.Contains(p.Body, `action="/signout"`) {
		t.Fatalf("there is no session to end: %s", p.Text())
	}
	address := strings.Replace(q.ACSURL, "/acs", "/logout", 1)
	query, err := e.signer.Query(saml.Outbound{XML: []byte(`<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_l" Version="2.0" IssueInstant="` +
		e.Now().UTC().Format(time.RFC3339) + `" Destination="` + address + `"><saml:Issuer>` + entEntity + `</saml:Issuer><saml:NameID>x</saml:NameID><samlp:SessionIndex>1</samlp:SessionIndex></samlp:LogoutRequest>`)})
	if err != nil {
		t.Fatal(err)
	}
	p := e.Browser(t).Get(address + "?" + query) // whoever brings it: the message says whose session
	if p.Landing == nil || p.Landing.URL.Host != "ent.example" || !p.Landing.URL.Query().Has("Signature") {
		t.Fatalf("status %d: %s", p.Status, p.Text())
	}
	if p := b.Get("/signout"); strings.Contains(p.Body, `action="/signout"`) {
		t.Error("her session goes on")
	}
	entries := e.Journal.Entries()
	if last := entries[len(entries)-1]; last.Action != "sign_out" || last.Reason != "asked_by_source" || last.Source != idptest.ENT || last.Subject == "" {
		t.Errorf("the journal has %s, %s", last.Action, last.Reason)
	}
	e.asked(t, b.Get("/open"))
}

func TestAFailureOfAnENTOffersToTryAgain(t *testing.T) {
	t.Parallel()
	e := newENT(t)
	fails := func(q saml.AuthnRequest, detail string) *http.Request {
		document, err := saml.AppendFailure(nil, &saml.Failure{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: entEntity, Destination: q.ACSURL, IssueInstant: e.Now(), Code: saml.StatusResponder, Detail: detail,
		})
		if err != nil {
			t.Fatal(err)
		}
		return e.answer(q, document)
	}
	b := e.Browser(t)
	p := b.Open(fails(e.asked(t, b.Get("/open")), saml.StatusAuthnFailed))
	if p.Status != http.StatusOK || !p.Offers("source") {
		t.Errorf("status %d: %s", p.Status, p.Text())
	}
	if p = b.Submit(p, "source", 0, "source", idptest.ENT); e.asked(t, p).ID == "" {
		t.Errorf("status %d: %s", p.Status, p.Text())
	}
	if e.signedIn() != 0 {
		t.Error("somebody was signed in")
	}
}
