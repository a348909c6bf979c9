package app_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/json"
	"encoding/pem"
	"log/slog"
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

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/upstream/oidcrp"
	"ecluse/internal/web"
)

// realm is an OpenID provider, and the house that knows it.
type realm struct {
	*idptest.House
	*httptest.Server
	signer jose.Signer
	key    jose.JSONWebKey
	nonce  string
}

func newRealm(t *testing.T) *realm {
	t.Helper()
	e := &realm{House: idptest.NewHouse(t, idptest.Options{Ring: idptest.NewRing(t), Case: idptest.Case{
		Protocol: func(testing.TB, idptest.Tools) idp.Protocol { return open{} },
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "open", Handle: service}
		},
	}})}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	e.key = jose.JSONWebKey{Key: private, KeyID: "k", Algorithm: "ES256", Use: "sig"}
	if e.signer, err = jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: e.key}, nil); err != nil {
		t.Fatal(err)
	}
	e.Server = httptest.NewTLSServer(http.HandlerFunc(e.serve))
	t.Cleanup(e.Close)
	e.connect(t)
	return e
}

func (e *realm) connect(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"secret": []byte("geheim"), "ca.pem": pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.Certificate().Raw}),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	source, err := oidcrp.New(oidcrp.Config{
		Kit: e.Kit, Tickets: e.Tickets, Keys: e.Ring, Now: e.Now, Log: slog.New(slog.DiscardHandler), After: "/signout",
		Path: func(name string) string { return filepath.Join(dir, name) },
		Source: registry.Source{ID: idptest.ENT, Authority: "academie", Settings: map[string]any{
			"issuer": e.URL, "client_id": "ecluse", "client_secret_file": "secret", "ca_file": "ca.pem", "networks": []any{"127.0.0.0/8"},
			"attributes": map[string]any{"ENTPersonJointure": "sub"},
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

func (e *realm) serve(w http.ResponseWriter, r *http.Request) {
	now := e.Now()
	var answer any
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		answer = map[string]any{
			"issuer": e.URL, "authorization_endpoint": e.URL + "/authorize", "token_endpoint": e.URL + "/token", "jwks_uri": e.URL + "/jwks",
			"authorization_response_iss_parameter_supported": true,
		}
	case "/jwks":
		answer = jose.JSONWebKeySet{Keys: []jose.JSONWebKey{e.key.Public()}}
	case "/token":
		answer = map[string]any{"access_token": "a", "token_type": "Bearer", "id_token": e.sign(map[string]any{
			"sub": "ACADEMIE$1001", "nonce": e.nonce, "auth_time": now.Unix(), "sid": "s-1", "ENTPersonProfils": "National_ELV",
			"ENTPersonStructRattach": string(idptest.School), "ENTPersonDateNaissance": "12/03/2018", "ENTEleveNivFormation": "CE2",
		})}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(answer)
}

func (e *realm) sign(said map[string]any) string {
	now := e.Now()
	said["iss"], said["aud"], said["iat"], said["exp"] = e.URL, "ecluse", now.Unix(), now.Add(time.Minute).Unix()
	text, err := jwt.Signed(e.signer).Claims(said).Serialize()
	if err != nil {
		panic(err)
	}
	return text
}

// answer is the address at which the provider brings a browser back.
func (e *realm) answer(t *testing.T, p *idptest.Page) string {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.Path != "/authorize" {
		t.Fatalf("status %d at %s: %s", p.Status, p.URL, p.Text())
	}
	asked := p.Landing.URL.Query()
	e.nonce = asked.Get("nonce")
	back, err := url.Parse(asked.Get("redirect_uri"))
	if err != nil {
		t.Fatal(err)
	}
	return back.Path + "?" + url.Values{"state": {asked.Get("state")}, "code": {"c"}, "iss": {e.URL}}.Encode()
}

func (e *realm) signedIn() int {
	n := 0
	for _, entry := range e.Journal.Entries() {
		if entry.Outcome == audit.SignedIn && entry.Source == idptest.ENT {
			n++
		}
	}
	return n
}

func TestAPupilOfAnOpenIDProviderIsSignedInOnceAndSignedOutWhenItSaysSo(t *testing.T) {
	t.Parallel()
	e := newRealm(t)
	browser, other := e.Browser(t), e.Browser(t)
	back := e.answer(t, browser.Get("/open"))
	if p := other.Get(back); p.Status != http.StatusGone || e.signedIn() != 0 || other.Cookie("session") != "" {
		t.Errorf("another browser: status %d", p.Status)
	}
	if p := browser.Get(back); p.Status != http.StatusOK || e.signedIn() != 1 || browser.Cookie("session") == "" {
		t.Fatalf("status %d at %s, %d signed in: %s", p.Status, p.URL, e.signedIn(), p.Text())
	}
	for name, b := range map[string]*idptest.Browser{"the same browser": browser, "another": other} {
		if p := b.Get(back); p.Status != http.StatusGone || e.signedIn() != 1 {
			t.Errorf("%s, the second time: status %d, %d signed in", name, p.Status, e.signedIn())
		}
	}
	if p := browser.Get("/open"); p.Landing != nil && p.Landing.URL.Path == "/authorize" {
		t.Fatal("the session does not last")
	}
	form := url.Values{"logout_token": {e.sign(map[string]any{
		"jti": "1", "sid": "s-1", "events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	})}}
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/source/"+idptest.ENT+"/logout", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	if e.Handler.ServeHTTP(w, r); w.Code != http.StatusOK {
		t.Fatalf("the sign-out: status %d", w.Code)
	}
	if p := browser.Get("/open"); p.Landing == nil || p.Landing.URL.Path != "/authorize" {
		t.Errorf("still signed in: status %d at %s", p.Status, p.URL)
	}
}

func TestAPupilWhoGivesUpAtTheOpenIDProviderIsOfferedItAgain(t *testing.T) {
	t.Parallel()
	e := newRealm(t)
	browser := e.Browser(t)
	back := strings.Replace(e.answer(t, browser.Get("/open")), "code=c", "error=access_denied", 1)
	if p := browser.Get(back); p.Status != http.StatusOK || e.signedIn() != 0 || p.Landing != nil {
		t.Errorf("status %d at %s, %d signed in", p.Status, p.URL, e.signedIn())
	}
}
