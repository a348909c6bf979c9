package oidcop_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// signingKey is a client's key.
func signingKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// registerKey gives classe a key for what it signs.
func (h *house) registerKey(key *ecdsa.PrivateKey, pairs ...any) {
	set1 := jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key.Public(), KeyID: "k1", Algorithm: "ES256", Use: "sig"}}}
	h.change(set("classe", append([]any{"jwks", set1}, pairs...)...))
}

// object signs claims with the key of a client.
func object(t *testing.T, key any, alg jose.SignatureAlgorithm, typ string, claims map[string]any) string {
	t.Helper()
	options := (&jose.SignerOptions{}).WithHeader("kid", "k1")
	if typ != "" {
		options = options.WithType(jose.ContentType(typ))
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: alg, Key: key}, options)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := signer.Sign(raw)
	if err != nil {
		t.Fatal(err)
	}
	out, err := signed.CompactSerialize()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// inside is a good request of classe as claims.
func (h *house) inside(changes ...any) map[string]any {
	out := map[string]any{"iss": "classe", "aud": h.issuer, "exp": h.clock.Now().Add(5 * time.Minute).Unix(), "nbf": h.clock.Now().Unix()}
	for name, v := range request("classe", "state", "inside") {
		out[name] = v[0]
	}
	for i := 0; i < len(changes); i += 2 {
		out[changes[i].(string)] = changes[i+1]
		if changes[i+1] == nil {
			delete(out, changes[i].(string))
		}
	}
	return out
}

func TestSignedRequestCountsAloneAndNothingBesideIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := signingKey(t)
	h.registerKey(key)
	for _, typ := range []string{"", "JWT", "oauth-authz-req+jwt"} {
		token := object(t, key, jose.ES256, typ, h.inside("max_age", 300, "claims", map[string]any{"userinfo": map[string]any{"email": nil}}))
		q := h.answered(t, request("classe", "request", token, "state", "outside", "redirect_uri", "https://evil.example/",
			"prompt", "none", "login_hint", "outside", "scope", "openid profile", "response_mode", "form_post", "nonce", "outside"))
		if q.Get("state") != "inside" || h.last.Passive || h.last.Hints.Login != "" || h.last.MaxAge == nil || *h.last.MaxAge != 5*time.Minute {
			t.Errorf("typ %q: answer %v, request %+v", typ, q, h.last)
		}
		if len(h.last.Asked) != 1 || h.last.Asked[0] != "mail" {
			t.Errorf("typ %q: asked for %v, want what the claims object names", typ, h.last.Asked)
		}
		if id := payload(t, h.exchange(t, "classe", q.Get("code")).text("id_token")); id["nonce"] != "n" {
			t.Errorf("typ %q: nonce %v", typ, id["nonce"])
		}
	}
	h.registerKey(key, "par", "required")
	pushed := params("request", object(t, key, jose.ES256, "", h.inside()), "state", "outside")
	r := h.post(t, "/oidc/par", pushed)
	r.SetBasicAuth("classe", "s3cret%3A+with+spaces%2C+%25+and+%2B+in+it")
	uri := h.send(t, r).text("request_uri")
	if q := h.answered(t, params("client_id", "classe", "request_uri", uri)); q.Get("state") != "inside" || q.Get("code") == "" {
		t.Errorf("pushed: answer %v", q)
	}
}

func TestRequestObjectOfOddMakingIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key, other := signingKey(t), signingKey(t)
	h.registerKey(key)
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	now := h.clock.Now()
	good := object(t, key, jose.ES256, "", h.inside())
	objects := map[string]string{
		"another's key":            object(t, other, jose.ES256, "", h.inside()),
		"shared secret":            object(t, []byte(secret), jose.HS256, "", h.inside()),
		"public key as secret":     object(t, public, jose.HS256, "", h.inside()),
		"client assertion by type": object(t, key, jose.ES256, "client-authentication+jwt", h.inside()),
		"proof by type":            object(t, key, jose.ES256, "dpop+jwt", h.inside()),
		"no object":                "x",
	}
	maps.Copy(objects, forgeries(good))
	for name, changes := range map[string][]any{
		"another issuer": {"iss", "poste"}, "no issuer": {"iss", nil}, "another audience": {"aud", "https://other.example"},
		"no audience": {"aud", nil}, "audience of others": {"aud", []string{"https://other.example"}},
		"another client": {"client_id", "poste"}, "no client": {"client_id", nil}, "a subject": {"sub", "classe"},
		"over": {"exp", now.Add(-2 * time.Minute).Unix()}, "for ever": {"exp", now.Add(24 * time.Hour).Unix()},
		"not yet": {"nbf", now.Add(2 * time.Minute).Unix()}, "of tomorrow": {"iat", now.Add(24 * time.Hour).Unix()},
		"an object in it": {"request", good}, "an address in it": {"request_uri", "https://rp.example/x"},
		"a list": {"scope", []string{"openid"}}, "a null": {"prompt", nil2{}}, "odd times": {"exp", "soon"},
	} {
		objects[name] = object(t, key, jose.ES256, "", h.inside(changes...))
	}
	for name, token := range objects {
		q := h.errorOf(t, name, request("classe", "request", token))
		if q.Get("error") != "invalid_request_object" || q.Get("state") != "st" || q.Has("code") {
			t.Errorf("%s: answer %v, want invalid_request_object", name, q)
		}
		bare := params("client_id", "classe", "request", token)
		ownPage(t, name+", no address outside", h.ask(t, bare), http.StatusBadRequest)
	}
	if h.resumed != 0 || len(h.rights) != 0 {
		t.Error("a refused request reached the gateway")
	}
	h.answered(t, request("classe", "request", object(t, key, jose.ES256, "", h.inside("aud", []string{h.issuer, "https://other.example"}, "exp", nil, "nbf", nil))))
}

// nil2 is written as null.
type nil2 struct{}

func (nil2) MarshalJSON() ([]byte, error) { return []byte("null"), nil }

func TestRequestObjectKeepsToTheRegisteredAlgorithm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := signingKey(t)
	h.registerKey(key, "request_object_signing_alg", "PS256")
	if q := h.errorOf(t, "ES256", request("classe", "request", object(t, key, jose.ES256, "", h.inside()))); q.Get("error") != "invalid_request_object" {
		t.Errorf("answer %v", q)
	}
}

func TestRequestObjectSendsNobodyToAnUnregisteredAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := signingKey(t)
	h.registerKey(key)
	for _, address := range []any{"https://evil.example/", nil, callback + "/x"} {
		token := object(t, key, jose.ES256, "", h.inside("redirect_uri", address))
		ownPage(t, "address inside", h.ask(t, request("classe", "request", token)), http.StatusBadRequest)
	}
}

func TestNoAddressInARequestIsEverAsked(t *testing.T) {
	t.Parallel()
	asked := 0
	trap := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked++ }))
	t.Cleanup(trap.Close)
	h := newHouse(t, nil)
	h.registerKey(signingKey(t))
	for _, address := range []string{trap.URL, "http://169.254.169.254/latest/meta-data/", "file:///etc/passwd"} {
		q := h.errorOf(t, address, request("classe", "request_uri", address))
		if q.Get("error") != "request_uri_not_supported" {
			t.Errorf("%s: answer %v", address, q)
		}
		if q := h.errorOf(t, address, request("classe", "request_uri", address, "request", "x.y.z")); q.Get("error") != "invalid_request" {
			t.Errorf("%s beside an object: answer %v", address, q)
		}
		ownPage(t, address, h.ask(t, params("client_id", "classe", "request_uri", address)), http.StatusBadRequest)
	}
	if _, page := h.document(t, "/oidc/authorize?client_id=classe&request=x", ""); !strings.Contains(string(page), "OIC-403") {
		t.Error("our page does not say that it is the request")
	}
	if asked != 0 {
		t.Errorf("the address was asked %d times", asked)
	}
}
