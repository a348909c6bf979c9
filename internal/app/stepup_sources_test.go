package app_test

import (
	"cmp"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
	"github.com/go-jose/go-jose/v4/jwt"

	"ecluse/internal/app"
	"ecluse/internal/saml"
)

// saying is what a source says of somebody who heads the collège.
type saying struct {
	who     string
	context string // AuthnContextClassRef, acr
	at      time.Time
	silent  bool   // it does not say when
	error   string // instead: a status of SAML, an error of OAuth
}

// strongSource is a source with a strong factor of its own, of a world that has it beside the demo's.
type strongSource interface {
	settings(t *testing.T, dir string) string // in YAML, indented by two
	strong() string                           // the word for it
	weak() string                             // a word that was not declared
	asks(t *testing.T, u *url.URL) string     // what a question says: the contexts, and that it is to be anew
	answer(t *testing.T, now time.Time, u *url.URL, s saying) form
}

// strongWorld is a demo that asks for second means, with such a source, whose people are at home in the collège.
func strongWorld(t *testing.T, source strongSource) *world {
	t.Helper()
	dir := t.TempDir()
	text := "kind: Source\nid: fort\nname: {fr: \"Compte fort\", en: \"Strong account\"}\nauthority: fort\n" + source.settings(t, dir) +
		"declaration: {reference: R, controller: {name: Académie, office: recteur, dpo: dpd@ac-exemple.fr}, covers: Interconnexion, from: 2020-01-01, until: 2099-12-31}\n"
	if err := os.WriteFile(filepath.Join(dir, "fort.yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	certify(t, dir, 1)
	w := newWorld(t, app.DemoOptions{StepUp: true, With: dir, TLS: app.TLS{
		CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"), // a post from another site shows no other cookie
	}})
	w.transport = &http.Transport{
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, //nolint:gosec // made for this test
		IdleConnTimeout: time.Second,
	}
	return w
}

// strongIDP is a source by SAML.
type strongIDP struct {
	signer *saml.Signer
	der    []byte
}

func newIDP(t *testing.T) *strongIDP {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "fort"}, NotAfter: time.Now().AddDate(1, 0, 0)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := saml.NewSigner(key, der)
	if err != nil {
		t.Fatal(err)
	}
	return &strongIDP{signer, der}
}

const idpEntity = "https://idp.localhost/idp"

func (p *strongIDP) settings(*testing.T, string) string {
	metadata := strings.ReplaceAll(theirMetadata(idpEntity, p.der), "https://ent.example/", "https://idp.localhost/")
	return fmt.Sprintf("connector: saml\nsettings:\n  strong_factor: [%q]\n  metadata: '%s'\n", saml.ClassMFA, metadata)
}

func (*strongIDP) strong() string { return saml.ClassMFA }
func (*strongIDP) weak() string   { return saml.ClassPasswordTransport }

func (*strongIDP) request(t *testing.T, u *url.URL) saml.AuthnRequest {
	t.Helper()
	in, err := saml.DecodeRedirect(u.RawQuery)
	if err != nil {
		t.Fatal(err)
	}
	q, err := saml.ParseAuthnRequest(in.XML)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func (p *strongIDP) asks(t *testing.T, u *url.URL) string {
	t.Helper()
	q := p.request(t, u)
	return fmt.Sprint(q.AuthnContext.Comparison, q.AuthnContext.Classes, " ", q.ForceAuthn)
}

func (p *strongIDP) answer(t *testing.T, now time.Time, u *url.URL, s saying) form {
	t.Helper()
	q := p.request(t, u)
	document, err := saml.AppendFailure(nil, &saml.Failure{
		ID: saml.NewID(), InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: now, Code: saml.StatusResponder, Detail: s.error,
	})
	if s.error == "" {
		document, err = p.signer.AppendResponse(nil, &saml.Response{
			ID: saml.NewID(), InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: now,
			Assertion: saml.Assertion{
				ID: saml.NewID(), NameID: saml.NameID{Value: "x", Format: saml.NameIDTransient}, Audience: q.Issuer,
				NotBefore: now, NotAfter: now.Add(time.Minute), Authn: saml.AuthnStatement{At: s.at, Class: cmp.Or(s.context, saml.ClassUnspecified), SessionIndex: "1"},
				Attributes: []saml.Attribute{
					{Name: "ENTPersonJointure", Values: []string{s.who}},
					{Name: "ENTPersonProfils", Values: []string{"National_DIR"}},
					{Name: "ENTPersonStructRattach", Values: []string{"0280202T"}},
					{Name: "FrEduFonctAdm", Values: []string{"DIR"}},
					{Name: "FrEduRneResp", Values: []string{"0280202T$UAJ$PU$N$T3$CLG$340"}},
				},
			},
		}, saml.SignAssertion)
	}
	if err != nil {
		t.Fatal(err)
	}
	to, err := url.Parse(q.ACSURL)
	if err != nil {
		t.Fatal(err)
	}
	return form{action: to, post: true, fields: url.Values{"SAMLResponse": {saml.EncodePost(document)}, "RelayState": {q.ID}}}
}

// strongOP is a source by OpenID Connect.
type strongOP struct {
	*httptest.Server
	signer jose.Signer
	key    jose.JSONWebKey
	token  string
}

func newOP(t *testing.T) *strongOP {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &strongOP{key: jose.JSONWebKey{Key: private, KeyID: "k", Algorithm: "ES256", Use: "sig"}}
	if p.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: p.key}, nil); err != nil {
		t.Fatal(err)
	}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	p.URL = strings.Replace(p.URL, "127.0.0.1", "localhost", 1)
	t.Cleanup(p.Close)
	return p
}

func (p *strongOP) serve(w http.ResponseWriter, r *http.Request) {
	var answer any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer = map[string]any{
			"issuer": p.URL, "authorization_endpoint": p.URL + "/authorize", "token_endpoint": p.URL + "/token", "jwks_uri": p.URL + "/jwks",
			"claims_parameter_supported": true,
		}
	case "/jwks":
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{p.key.Public()}}
	case "/token":
		answer = map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": p.token}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (p *strongOP) settings(t *testing.T, dir string) string {
	t.Helper()
	secret := filepath.Join(dir, "op.secret")
	if err := os.WriteFile(secret, []byte("geheim"), 0o600); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf("connector: oidc\nsettings: {issuer: %q, insecure: true, client_id: ecluse, client_secret_file: %q, networks: [127.0.0.0/8], "+
		"strong_factor: [%q, mfa], auth_time: assumed, attributes: {ENTPersonJointure: sub}}\n", p.URL, secret, p.strong())
}

func (*strongOP) strong() string { return "https://refeds.org/profile/mfa" }
func (*strongOP) weak() string   { return "pwd" }

func (*strongOP) asks(_ *testing.T, u *url.URL) string {
	q := u.Query()
	return fmt.Sprint(q.Get("acr_values"), " ", q.Get("prompt"), " ", q.Get("max_age"), " ", q.Get("claims"))
}

func (p *strongOP) answer(t *testing.T, now time.Time, u *url.URL, s saying) form {
	t.Helper()
	q := u.Query()
	to, err := url.Parse(q.Get("redirect_uri"))
	if err != nil {
		t.Fatal(err)
	}
	if s.error != "" {
		return form{action: to, fields: url.Values{"state": {q.Get("state")}, "error": {s.error}}}
	}
	said := map[string]any{
		"iss": p.URL, "aud": "ecluse", "iat": now.Unix(), "exp": now.Add(time.Minute).Unix(), "sub": s.who, "nonce": q.Get("nonce"),
		"ENTPersonProfils": "National_DIR", "ENTPersonStructRattach": "0280202T", "FrEduFonctAdm": "DIR", "FrEduRneResp": "0280202T$UAJ$PU$N$T3$CLG$340",
	}
	if s.context != "" {
		said["acr"] = s.context
	}
	if !s.silent {
		said["auth_time"] = s.at.Unix()
	}
	if p.token, err = jwt.Signed(p.signer).Claims(said).Serialize(); err != nil {
		t.Fatal(err)
	}
	return form{action: to, fields: url.Values{"state": {q.Get("state")}, "code": {"c"}}}
}
