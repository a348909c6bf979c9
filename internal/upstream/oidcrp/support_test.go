package oidcrp_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"html"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/oidcrp"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const (
	clientID = "ecluse"
	secret   = "geheim+&=%"
	subject  = "sub-0815-petit"
)

// op is a provider of ours that does what a test tells it, right or wrong.
type op struct {
	*httptest.Server
	clock *storetest.Clock

	mu       sync.Mutex
	key      jose.JSONWebKey // what it signs with
	keys     []jose.JSONWebKey
	about    map[string]any // over its configuration; nil removes one
	claims   map[string]any // over those of the ID token; nil removes one
	header   map[string]any // over the header of the ID token
	info     map[string]any // over userinfo; nil removes one
	signed   bool           // userinfo is a JWT
	token    func(form url.Values) string
	at       map[string]http.HandlerFunc // instead of an endpoint
	asked    map[string]int              // how often each endpoint was asked
	form     url.Values                  // what the token endpoint was sent last
	auth     string
	question url.Values // what the browser carried last
}

func newOP(t testing.TB, clock *storetest.Clock) *op {
	t.Helper()
	o := &op{clock: clock, at: map[string]http.HandlerFunc{}, asked: map[string]int{}}
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	o.key = jose.JSONWebKey{Key: private, KeyID: "one", Algorithm: "ES256", Use: "sig"}
	o.keys = []jose.JSONWebKey{o.key.Public()}
	o.Server = httptest.NewTLSServer(o)
	t.Cleanup(o.Close)
	return o
}

// set changes what the provider does.
func (o *op) set(change func(*op)) {
	o.mu.Lock()
	defer o.mu.Unlock()
	change(o)
}

func (o *op) count(path string) int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.asked[path]
}

func over(under, over map[string]any) map[string]any {
	out := maps.Clone(under)
	maps.Copy(out, over)
	maps.DeleteFunc(out, func(_ string, v any) bool { return v == nil })
	return out
}

func (o *op) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	o.mu.Lock()
	o.asked[r.URL.Path]++
	other := o.at[r.URL.Path]
	o.mu.Unlock()
	if other != nil {
		other(w, r)
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	switch r.URL.Path {
	case "/.well-known/openid-configuration":
		send(w, over(map[string]any{
			"issuer": o.URL, "authorization_endpoint": o.URL + "/authorize", "token_endpoint": o.URL + "/token",
			"userinfo_endpoint": o.URL + "/userinfo", "jwks_uri": o.URL + "/jwks", "end_session_endpoint": o.URL + "/end?x=1",
			"response_types_supported": []string{"code"}, "id_token_signing_alg_values_supported": []string{"ES256", "RS256"},
			"token_endpoint_auth_methods_supported": []string{"client_secret_basic", "client_secret_post", "private_key_jwt"},
			"code_challenge_methods_supported":      []string{"S256"}, "claims_parameter_supported": true,
		}, o.about))
	case "/jwks":
		send(w, map[string]any{"keys": o.keys})
	case "/token":
		_ = r.ParseForm()
		o.form, o.auth = r.PostForm, r.Header.Get("Authorization")
		id := ""
		if o.token != nil {
			id = o.token(r.PostForm)
		} else {
			id = o.idToken()
		}
		send(w, map[string]any{"access_token": "access-secret", "token_type": "Bearer", "expires_in": 60, "id_token": id})
	case "/userinfo":
		said := over(map[string]any{"sub": subject, "given_name": "Zoé", "family_name": "Petit", "email": "zoe@example.org"}, o.info)
		if o.signed {
			w.Header().Set("Content-Type", "application/jwt; charset=utf-8")
			_, _ = w.Write([]byte(o.sign(over(map[string]any{"iss": o.URL, "aud": clientID}, said), nil)))
			return
		}
		send(w, said)
	default:
		http.NotFound(w, r)
	}
}

func send(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(v)
}

func (o *op) idToken() string {
	now := o.clock.Now()
	return o.sign(over(map[string]any{
		"iss": o.URL, "aud": clientID, "sub": subject, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(),
		"nonce": o.question.Get("nonce"), "auth_time": now.Unix(), "sid": "sid-1",
	}, o.claims), o.header)
}

// sign signs with the provider's key, whatever the header then says.
func (o *op) sign(said map[string]any, header map[string]any) string {
	options := (&jose.SignerOptions{}).WithHeader("kid", o.key.KeyID)
	for name, v := range header {
		options.WithHeader(jose.HeaderKey(name), v)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.SignatureAlgorithm(o.key.Algorithm), Key: o.key.Key}, options)
	if err != nil {
		panic(err)
	}
	payload, err := json.Marshal(said)
	if err != nil {
		panic(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		panic(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		panic(err)
	}
	return text
}

// logoutToken is a logout token of this provider.
func (o *op) logoutToken(change map[string]any) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.clock.Now()
	return o.sign(over(map[string]any{
		"iss": o.URL, "aud": clientID, "iat": now.Unix(), "exp": now.Add(2 * time.Minute).Unix(), "jti": rand.Text(), "sid": "sid-1", "sub": subject,
		"events": map[string]any{"http://schemas.openid.net/event/backchannel-logout": map[string]any{}},
	}, change), map[string]any{"typ": "logout+jwt"})
}

func newClock() *storetest.Clock { return storetest.NewClock(webtest.Now()) }

// gate is a gateway around one connector.
type gate struct {
	*oidcrp.Connector
	*op
	mux     *web.Mux
	host    *browserHost
	tickets store.Tickets
	ring    *keys.Ring
	logged  upstreamtest.Log
}

// browserHost is a host that knows one browser: another one has no cookie.
type browserHost struct {
	upstreamtest.Host
	broken error
}

const browser = "browser=this"

func (h *browserHost) Asked(r *http.Request, id string) (upstream.Challenge, error) {
	if !strings.Contains(r.Header.Get("Cookie"), browser) {
		return upstream.Challenge{}, web.BadRequest(http.ErrNoCookie)
	}
	return h.Host.Asked(r, id)
}

func (h *browserHost) SignedOut(ctx context.Context, source, session string) error {
	if h.broken != nil {
		return h.broken
	}
	return h.Host.SignedOut(ctx, source, session)
}

// setup is what a test may change of a gate.
type setup struct {
	settings map[string]any // over those of the provider; nil removes one
	mapping  *person.Mapping
	tickets  store.Tickets
	source   string
	ring     *keys.Ring
}

func newGate(t testing.TB, with setup) *gate {
	t.Helper()
	c := newClock()
	return gateAt(t, newOP(t, c), with)
}

func gateAt(t testing.TB, o *op, with setup) *gate {
	t.Helper()
	g := &gate{op: o, host: &browserHost{}, tickets: with.tickets, ring: with.ring}
	if g.tickets == nil {
		g.tickets = memdb.New(o.clock.Now)
	}
	if g.ring == nil {
		g.ring = keystest.Ring(t)
	}
	if with.source == "" {
		with.source = "ent"
	}
	kit := webtest.NewWith(t, web.Config{Report: func(_ context.Context, _ web.Ref, fault *web.Fault) {
		_, _ = g.logged.Write([]byte(fault.Error() + "\n"))
	}})
	connector, err := oidcrp.New(oidcrp.Config{
		Source: source(t, o, with), Kit: kit, Tickets: g.tickets, Keys: g.ring, Now: o.clock.Now,
		Log:  slog.New(slog.NewTextHandler(&g.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Path: func(name string) string { return name }, After: "/signout",
	})
	if err != nil {
		t.Fatal(err)
	}
	g.Connector = connector
	t.Cleanup(func() { _ = connector.Close() })
	g.mux = web.NewMux(kit)
	connector.Mount(g.mux, "/source/"+with.source, g.host)
	return g
}

func source(t testing.TB, o *op, with setup) registry.Source {
	t.Helper()
	settings := map[string]any{
		"issuer": o.URL, "client_id": clientID, "client_secret_file": file(t, "secret", secret+"\n"),
		"networks": []any{"127.0.0.0/8"},
	}
	if o.Certificate() != nil {
		settings["ca_file"] = file(t, "ca.pem", string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: o.Certificate().Raw})))
	}
	if with.settings["client_auth"] == "private_key_jwt" {
		delete(settings, "client_secret_file")
	}
	if with.mapping == nil {
		with.mapping = &person.Mapping{ID: "sub", Values: map[person.Attr]string{person.GivenName: "given_name", person.FamilyName: "family_name"}}
	}
	return registry.Source{ID: with.source, Connector: "oidc", Authority: "op", Settings: over(settings, with.settings), Mapping: with.mapping}
}

func file(t testing.TB, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// begin sends the browser off and gives where to.
func (g *gate) begin(t testing.TB, challenge upstream.Challenge) url.Values {
	t.Helper()
	location, err := g.leaves(challenge)
	if err != nil {
		t.Fatalf("%v\n%s", err, &g.logged)
	}
	if !strings.HasPrefix(location.String(), g.URL+"/authorize?") {
		t.Fatalf("the browser is sent to %s", location)
	}
	q := location.Query()
	g.set(func(o *op) { o.question = q })
	return q
}

func (g *gate) leaves(challenge upstream.Challenge) (*url.URL, error) {
	if challenge.ID == "" {
		challenge.ID = upstreamtest.Challenge
	}
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/login/t", nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	ops, err := g.Prepare(r.Context(), &challenge)
	if err == nil {
		err = g.tickets.Write(r.Context(), ops...)
	}
	if err == nil {
		err = g.Begin(w, r, challenge)
	}
	if err != nil {
		return nil, err
	}
	link := regexp.MustCompile(`href="(http[^"]*)"`).FindAllStringSubmatch(w.Body.String(), -1)
	return url.Parse(html.UnescapeString(link[len(link)-1][1]))
}

// callback brings an answer back in this browser.
func (g *gate) callback(q url.Values) *httptest.ResponseRecorder {
	return g.callbackAt("ent", browser, q)
}

func (g *gate) callbackAt(source, cookie string, q url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/source/"+source+"/callback?"+q.Encode(), nil)
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("Cookie", cookie)
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

// answers plays one whole sign-in and gives what the gateway answered.
func (g *gate) answers(t testing.TB, challenge upstream.Challenge) *httptest.ResponseRecorder {
	t.Helper()
	q := g.begin(t, challenge)
	return g.callback(url.Values{"state": {q.Get("state")}, "code": {"code-secret"}})
}

// signsIn fails the test unless somebody is signed in.
func (g *gate) signsIn(t testing.TB, challenge upstream.Challenge) upstream.Assertion {
	t.Helper()
	if w := g.answers(t, challenge); w.Code != http.StatusNoContent {
		t.Fatalf("status %d, failures %v\n%s", w.Code, g.host.Failures(), &g.logged)
	}
	return g.host.Last(t)
}

// fails fails the test unless nobody is signed in, for this cause.
func (g *gate) fails(t testing.TB, challenge upstream.Challenge, cause error, words string) {
	t.Helper()
	w := g.answers(t, challenge)
	g.failed(t, w, cause, words)
}

func (g *gate) failed(t testing.TB, w *httptest.ResponseRecorder, cause error, words string) {
	t.Helper()
	failures := g.host.Failures()
	if w.Code != http.StatusAccepted || len(failures) == 0 || len(g.host.Signed()) != 0 {
		t.Fatalf("status %d, %d failures, %d signed in\n%s", w.Code, len(failures), len(g.host.Signed()), &g.logged)
	}
	last := failures[len(failures)-1]
	if !isCause(last, cause) || !strings.Contains(last.Error(), words) {
		t.Fatalf("the cause is %v, want %v with %q", last, cause, words)
	}
	g.silent(t, last.Error())
}

// silent fails the test when something that nobody may read stands in an error or in the log.
func (g *gate) silent(t testing.TB, text string) {
	t.Helper()
	for _, never := range []string{"secret", "geheim", subject, "Petit", "Zoé", "eyJ", "example.org", "hostile"} {
		if strings.Contains(text, never) || strings.Contains(g.logged.String(), never) {
			t.Fatalf("%q stands in an error or the log: %s\n%s", never, text, &g.logged)
		}
	}
}

// rsaKey makes an RSA key of a provider.
func rsaKey(t testing.TB, bits int, id, alg string) jose.JSONWebKey {
	t.Helper()
	private, err := rsa.GenerateKey(rand.Reader, bits)
	if err != nil {
		t.Fatal(err)
	}
	return jose.JSONWebKey{Key: private, KeyID: id, Algorithm: alg, Use: "sig"}
}

func isCause(err, cause error) bool { return errors.Is(err, cause) }

// posted brings an answer back in a form that a page of the source posts.
func (g *gate) posted(form url.Values) *httptest.ResponseRecorder {
	return g.request(http.MethodPost, "/source/ent/callback", form)
}

func (g *gate) request(method, path string, form url.Values) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, webtest.Origin+path, strings.NewReader(form.Encode()))
	r.TLS = &tls.ConnectionState{}
	r.Header.Set("Cookie", browser)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

func rewrite(t testing.TB, path, content string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
