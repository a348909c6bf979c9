package app

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/saml"
	"ecluse/internal/upstream/samlsp"
	"ecluse/internal/web"
)

const providerEntity = "https://ent.example/idp"

// provider is a SAML identity provider that takes the place of the demo's page to choose from.
type provider struct {
	b      testing.TB
	x      *bench
	signer *saml.Signer
	people []string      // who sign in, in turn
	asked  int           // how many answers it gave
	spent  time.Duration // processor time of its own
}

func newProvider(b testing.TB, x *bench) *provider {
	b.Helper()
	p, der := providerAlone(b)
	p.x = x
	mux, source, err := x.app.gateway.through(der)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = source.Close() })
	x.serve = x.through(mux)
	return p
}

// providerAlone is one that no gateway knows yet, and its certificate.
func providerAlone(b testing.TB) (*provider, []byte) {
	b.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		b.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "ent"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		b.Fatal(err)
	}
	p := &provider{b: b, people: somePeople(1)}
	if p.signer, err = saml.NewSigner(key, der); err != nil {
		b.Fatal(err)
	}
	return p, der
}

func somePeople(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("ACADEMIE$%d", 1001+i))
	}
	return ids
}

// through has the demo's source asked by SAML, on routes that are new.
func (g *gateway) through(der []byte) (*web.Mux, *samlsp.Connector, error) {
	source, err := samlsp.New(samlsp.Config{
		Kit: g.kit, Tickets: g.tickets, Keys: g.ring, Now: g.now, Log: slog.New(slog.DiscardHandler), Path: func(s string) string { return s }, Home: "/",
		Source: registry.Source{ID: "demo", Authority: "demo", Settings: map[string]any{
			"metadata": `<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" xmlns:ds="http://www.w3.org/2000/09/xmldsig#" entityID="` + providerEntity +
				`"><IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor><ds:KeyInfo><ds:X509Data><ds:X509Certificate>` +
				base64.StdEncoding.EncodeToString(der) + `</ds:X509Certificate></ds:X509Data></ds:KeyInfo></KeyDescriptor><SingleSignOnService ` +
				`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect" Location="https://ent.example/sso"/></IDPSSODescriptor></EntityDescriptor>`,
		}},
	})
	if err != nil {
		return nil, nil, err
	}
	g.flow.Connectors["demo"] = source
	mux := web.NewMux(g.kit)
	g.flow.Mount(mux)
	return mux, source, nil
}

// answer is what the provider's page posts for the request that a browser was sent with by a page of ours.
func (p *provider) answer(page string) (target string, form url.Values) {
	p.spent += onThread(p.b, func() {
		query := atProvider.FindStringSubmatch(page)
		if query == nil {
			p.b.Fatalf("nobody is sent to the provider: %.400s", page)
		}
		in, err := saml.DecodeRedirect(strings.ReplaceAll(query[1], "&amp;", "&"))
		if err != nil {
			p.b.Fatal(err)
		}
		q, err := saml.ParseAuthnRequest(in.XML)
		if err != nil {
			p.b.Fatal(err)
		}
		now, person := time.Now(), p.people[p.asked%len(p.people)]
		p.asked++
		document, err := p.signer.AppendResponse(nil, &saml.Response{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: providerEntity, Destination: q.ACSURL, IssueInstant: now,
			Assertion: saml.Assertion{
				ID: saml.NewID(), NameID: saml.NameID{Value: "x", Format: saml.NameIDTransient}, Audience: q.Issuer,
				NotBefore: now, NotAfter: now.Add(time.Minute), Authn: saml.AuthnStatement{At: now, Class: saml.ClassPassword, SessionIndex: saml.NewID()},
				Attributes: []saml.Attribute{
					{Name: "ENTPersonJointure", Values: []string{person}},
					{Name: "ENTPersonProfils", Values: []string{"National_ELV"}},
					{Name: "ENTPersonStructRattach", Values: []string{"0280101H"}},
					{Name: "ENTPersonDateNaissance", Values: []string{"02/04/2018"}},
					{Name: "ENTEleveNivFormation", Values: []string{"CE2"}},
				},
			},
		}, saml.SignAssertion)
		if err != nil {
			p.b.Fatal(err)
		}
		target, form = q.ACSURL, url.Values{"SAMLResponse": {saml.EncodePost(document)}, "RelayState": {in.RelayState}}
	})
	return target, form
}

// bridge plays one sign-in of a browser without a session, from a service's request to the answer for it.
func (p *provider) bridge(request string) *httptest.ResponseRecorder {
	p.b.Helper()
	target, form := p.begins(request)
	return p.goesOn(p.x.ask(http.MethodPost, target, form))
}

// begins comes with a service's request and is sent to the provider, whose answer it is about to post.
func (p *provider) begins(request string) (target string, form url.Values) {
	p.b.Helper()
	clear(p.x.cookies)
	return p.answer(p.x.ask(http.MethodGet, request, nil).Body.String())
}

var atProvider = regexp.MustCompile(`href="https://ent\.example/sso\?([^"]+)"`)

// goesOn follows where the provider's answer led.
func (p *provider) goesOn(w *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	p.b.Helper()
	for range 12 {
		to, body := w.Header().Get("Location"), w.Body.String()
		switch {
		case to != "":
			w = p.x.ask(http.MethodGet, to, nil)
		case strings.Contains(body, `name="digest"`):
			w = p.x.ask(http.MethodPost, attribute(p.b, body, `action="([^"]+/inform)"`), url.Values{
				"hop": {attribute(p.b, body, `name="hop" value="([^"]+)"`)}, "act": {"informed"},
				"digest": {attribute(p.b, body, `name="digest" value="([^"]+)"`)},
			})
		default:
			return w
		}
	}
	p.b.Fatal("the sign-in does not end")
	return nil
}

// BenchmarkBridge is one sign-in without a session: a service's request in, one of ours to a SAML source out, its signed
// answer in, verified, session begun, and the signed response out. It is three requests of one browser, which has no cookie
// of ours when it comes. Forty people come in turn, who were told what leaves: one who comes again and again and never leaves
// has a list of fifty sessions, which is read and written each time. What the source does, its own signature included, and
// what the browser does are not counted.
func BenchmarkBridge(b *testing.B) {
	x := newBench(b)
	p, n := newProvider(b, x), 0
	request := func() string { n++; return x.authnRequest(n) }
	p.people = somePeople(40)
	for range p.people {
		p.bridge(request())
	}
	x.inSignatures(b, request, func(request string) {
		if w := p.bridge(request); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
			b.Fatalf("status %d: %.300s", w.Code, w.Body)
		}
	}, &p.spent)
}
