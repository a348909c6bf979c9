package oidcop_test

import (
	"crypto/ecdsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

// beforehand is a good request of a client to register, as claims: what is of one request is left out.
func (h *house) beforehand(client string, changes ...any) map[string]any {
	return h.inside(append([]any{
		"iss", client, "client_id", client, "state", nil, "nonce", nil, "code_challenge", nil, "code_challenge_method", nil, "exp", nil, "nbf", nil,
		"max_age", 300,
	}, changes...)...)
}

// shelf is a site of the client's on which anything can be put, that counts who looks.
type shelf struct {
	*httptest.Server
	text  atomic.Pointer[string]
	asked atomic.Int32
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.asked.Add(1)
		_, _ = w.Write([]byte(*s.text.Load()))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *shelf) put(text string) string { s.text.Store(&text); return s.URL + "/request.jwt" }

func hashed(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// registering is the metadata of a client that names a request.
func registering(t *testing.T, key *ecdsa.PrivateKey, uri string) string {
	t.Helper()
	return metadata(`,"token_endpoint_auth_method":"none","jwks":` + jwksOf(t, "k1", key) + `,"request_uris":["` + uri + `"]`)
}

func TestARegisteredRequestIsReadOnceAndAnsweredFromWhatIsKept(t *testing.T) {
	t.Parallel()
	for _, fragment := range []bool{false, true} {
		d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
		token := object(t, key, jose.ES256, "oauth-authz-req+jwt", d.beforehand(draftHandle))
		uri := site.put(token)
		if fragment {
			uri += "#" + hashed(token)
		}
		got := d.send(t, "POST", "", "token-1", registering(t, key, uri))
		if got.status != 201 || site.asked.Load() != 1 {
			t.Fatalf("%d %v, asked %d times", got.status, got.body, site.asked.Load())
		}
		if read := d.send(t, "GET", draftHandle, "token-2", ""); len(read.body["request_uris"].([]any)) != 1 || read.body["request_uris"].([]any)[0] != uri {
			t.Errorf("it is told as %v", read.body["request_uris"])
		}
		d.approve(registry.Approved)
		site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle, "max_age", 7)))
		q := d.answered(t, request(draftHandle, "request_uri", uri, "state", "of now", "nonce", "of now", "scope", "openid profile email",
			"prompt", "none", "max_age", "1", "redirect_uri", "https://evil.example/", "response_mode", "form_post"))
		if q.Get("state") != "of now" || q.Get("code") == "" || d.last.Passive || d.last.MaxAge == nil || *d.last.MaxAge != 5*time.Minute || len(d.last.Asked) != 0 {
			t.Errorf("answer %v, request %+v", q, d.last)
		}
		if id := payload(t, d.to(t, "/oidc/token", redeeming(draftHandle, q.Get("code"))).text("id_token")); id["nonce"] != "of now" {
			t.Errorf("nonce %v", id["nonce"])
		}
		if site.asked.Load() != 1 {
			t.Errorf("the address was asked %d times", site.asked.Load())
		}
	}
}

func TestARequestThatIsNotRegisteredIsRefusedAndNotLookedFor(t *testing.T) {
	t.Parallel()
	d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
	uri := site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle)))
	if got := d.send(t, "POST", "", "token-1", registering(t, key, uri)); got.status != 201 {
		t.Fatal(got.body)
	}
	d.approve(registry.Approved)
	for _, other := range []string{uri + "x", uri + "?", uri + "#" + hashed(""), strings.ToUpper(uri), "https://rp.example/"} {
		if q := d.errorOf(t, other, request(draftHandle, "request_uri", other)); q.Get("error") != "invalid_request_uri" || q.Get("state") != "st" {
			t.Errorf("%s: %v", other, q)
		}
		ownPage(t, other, d.ask(t, params("client_id", draftHandle, "request_uri", other)), http.StatusBadRequest)
	}
	if q := d.errorOf(t, "another client's", request("classe", "request_uri", uri)); q.Get("error") != "request_uri_not_supported" {
		t.Errorf("another client's: %v", q)
	}
	if q := d.errorOf(t, "no PKCE", request(draftHandle, "request_uri", uri, "code_challenge", "")); q.Get("error") != "invalid_request" {
		t.Errorf("without a challenge beside it: %v", q)
	}
	twice := request(draftHandle, "request_uri", uri)
	twice.Add("nonce", "another")
	if q := d.errorOf(t, "twice", twice); q.Get("error") != "invalid_request" {
		t.Errorf("two nonces: %v", q)
	}
	if site.asked.Load() != 1 {
		t.Errorf("the address was asked %d times", site.asked.Load())
	}
}

func TestWhatStandsAtARequestsAddressIsHeldToItsRules(t *testing.T) {
	t.Parallel()
	d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
	objects := map[string]string{
		"nothing": "", "no object": "x", "another's key": object(t, signingKey(t), jose.ES256, "", d.beforehand(draftHandle)),
		"shared secret": object(t, []byte(secret), jose.HS256, "", d.beforehand(draftHandle)),
		"too long":      object(t, key, jose.ES256, "", d.beforehand(draftHandle, "claims", map[string]any{"x": strings.Repeat("x", 8<<10)})),
		"another type":  object(t, key, jose.ES256, "dpop+jwt", d.beforehand(draftHandle)),
	}
	now := d.clock.Now()
	for what, changes := range map[string][]any{
		"another client": {"client_id", "classe"}, "another issuer": {"iss", "classe"}, "not for us": {"aud", "https://other.example"}, "a subject": {"sub", "x"},
		"over": {"exp", now.Add(-time.Hour).Unix()}, "not yet": {"nbf", now.Add(72 * time.Hour).Unix()}, "of tomorrow": {"iat", now.Add(72 * time.Hour).Unix()},
		"another address": {"redirect_uri", "https://evil.example/"}, "no address": {"redirect_uri", nil}, "another in it": {"request_uri", "https://rp.example/x"},
		"a state": {"state", "x"}, "a nonce": {"nonce", "x"}, "a challenge": {"code_challenge", challenge}, "a person": {"login_hint", "lea"}, "a list": {"scope", []string{"openid"}},
	} {
		objects[what] = object(t, key, jose.ES256, "", d.beforehand(draftHandle, changes...))
	}
	for _, forged := range forgeries(object(t, key, jose.ES256, "", d.beforehand(draftHandle))) {
		objects["forged "+forged] = forged
	}
	for what, text := range objects {
		d.clock.Advance(3 * time.Minute) // a token is shown thirty times an hour
		got := d.send(t, "POST", "", d.first, registering(t, key, site.put(text)))
		refused(t, what, got, 400, "invalid_client_metadata")
		if !strings.Contains(got.text("error_description"), "request_uris") {
			t.Errorf("%s: %s", what, got.text("error_description"))
		}
	}
	if d.later != "" {
		t.Error("a refusal used the token up")
	}
}

func TestAnAddressOfARequestIsAskedOnlyOutsideAndWithItsHash(t *testing.T) {
	t.Parallel()
	site, key := newShelf(t), signingKey(t)
	closed := newDesk(t, false)
	uri := site.put(object(t, key, jose.ES256, "", closed.beforehand(draftHandle)))
	got := closed.send(t, "POST", "", "token-1", registering(t, key, uri))
	refused(t, "an address inside", got, 400, "invalid_client_metadata")
	if site.asked.Load() != 0 || strings.Contains(got.text("error_description"), "127.0.0.1") {
		t.Errorf("asked %d times; %s", site.asked.Load(), got.text("error_description"))
	}
	d := newDesk(t, true)
	list := func(uris string) string {
		return metadata(`,"token_endpoint_auth_method":"none","jwks":` + jwksOf(t, "k1", key) + `,"request_uris":[` + uris + `]`)
	}
	for what, body := range map[string]string{
		"not protected": list(`"http://rp.example/r.jwt"`), "a user name": list(`"https://me@rp.example/r.jwt"`), "no address": list(`"file:///etc/passwd"`),
		"one of ours": list(`"urn:ietf:params:oauth:request_uri:x"`), "long": list(`"https://rp.example/` + strings.Repeat("x", 512) + `"`),
		"twice": list(`"` + uri + `","` + uri + `"`), "four": list(`"https://a.example/","https://b.example/","https://c.example/","https://d.example/"`),
	} {
		refused(t, what, d.send(t, "POST", "", "token-1", body), 400, "invalid_client_metadata")
	}
	if site.asked.Load() != 0 {
		t.Errorf("asked %d times before all was in order", site.asked.Load())
	}
	site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle)))
	for what, body := range map[string]string{
		"another hash": registering(t, key, uri+"#"+hashed("x")), "no hash": registering(t, key, uri+"#"),
		"no keys":    metadata(`,"token_endpoint_auth_method":"none","request_uris":["` + uri + `"]`),
		"it pushes":  strings.Replace(registering(t, key, uri), "{", `{"require_pushed_authorization_requests":true,`, 1),
		"other algs": strings.Replace(registering(t, key, uri), "{", `{"request_object_signing_alg":"PS256",`, 1),
	} {
		refused(t, what, d.send(t, "POST", "", "token-1", body), 400, "invalid_client_metadata")
	}
}

func TestARegisteredRequestEndsWithItsKeyAndItsOwnDates(t *testing.T) {
	t.Parallel()
	d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
	token := object(t, key, jose.ES256, "", d.beforehand(draftHandle, "exp", d.clock.Now().Add(48*time.Hour).Unix()))
	uri := site.put(token)
	if got := d.send(t, "POST", "", "token-1", registering(t, key, uri)); got.status != 201 {
		t.Fatal(got.body)
	}
	d.approve(registry.Approved)
	d.clock.Advance(24 * time.Hour)
	if q := d.answered(t, request(draftHandle, "request_uri", uri)); q.Get("code") == "" {
		t.Errorf("after a day: %v", q)
	}
	d.clock.Advance(25 * time.Hour)
	if q := d.errorOf(t, "over", request(draftHandle, "request_uri", uri)); q.Get("error") != "invalid_request_object" {
		t.Errorf("after its end: %v", q)
	}
}

func TestKeysAtAnAddressSignARegisteredRequest(t *testing.T) {
	t.Parallel()
	d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
	var keys atomic.Pointer[string]
	set := func(k *ecdsa.PrivateKey) { text := jwksOf(t, "k1", k); keys.Store(&text) }
	at := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(*keys.Load())) }))
	t.Cleanup(at.Close)
	body := metadata(`,"token_endpoint_auth_method":"none","jwks_uri":"` + at.URL + `","request_uris":["` + site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle))) + `"]`)
	set(signingKey(t))
	refused(t, "another's key", d.send(t, "POST", "", "token-1", body), 400, "invalid_client_metadata")
	set(key)
	if got := d.send(t, "POST", "", "token-1", body); got.status != 201 {
		t.Fatal(got.body)
	}
	d.approve(registry.Approved)
	if q := d.answered(t, request(draftHandle, "request_uri", site.URL+"/request.jwt")); q.Get("code") == "" {
		t.Errorf("%v", q)
	}
}

func TestADraftThatNamesItsRequestsAnewHasThemReadAnew(t *testing.T) {
	t.Parallel()
	d, key, site := newDesk(t, true), signingKey(t), newShelf(t)
	uri := site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle)))
	body := registering(t, key, uri)
	if got := d.send(t, "POST", "", "token-1", body); got.status != 201 {
		t.Fatal(got.body)
	}
	site.put(object(t, key, jose.ES256, "", d.beforehand(draftHandle, "max_age", 7)))
	change := strings.Replace(body, "{", `{"client_id":"dessin-web",`, 1)
	if got := d.send(t, "PUT", draftHandle, "token-2", change); got.status != 200 || site.asked.Load() != 2 {
		t.Fatalf("%v, asked %d times", got.body, site.asked.Load())
	}
	d.approve(registry.Approved)
	if d.answered(t, request(draftHandle, "request_uri", uri)); d.last.MaxAge == nil || *d.last.MaxAge != 7*time.Second {
		t.Errorf("%+v", d.last)
	}
	d.approve(registry.Draft)
	without := metadata(`,"client_id":"dessin-web","token_endpoint_auth_method":"none"`)
	if got := d.send(t, "PUT", draftHandle, "token-2", without); got.status != 200 || got.body["request_uris"] != nil {
		t.Errorf("%v", got.body)
	}
}

func TestTheDeskKeepsARequestOnlyWithItsHashAndItsSignature(t *testing.T) {
	t.Parallel()
	h, key := newHouse(t, nil), signingKey(t)
	token := object(t, key, jose.ES256, "", h.beforehand("x"))
	check := func(token, hash string) []registry.Finding {
		raw, err := json.Marshal(map[string]any{
			"redirect_uris": []string{callback}, "type": "public", "jwks": json.RawMessage(jwksOf(t, "k1", key)),
			"request_objects": []oidcop.RequestObject{{URI: "https://rp.example/r.jwt", Hash: hash, Object: token}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: raw})
	}
	if found := check(token, oidcop.HashSecret(token)); len(found) > 0 {
		t.Errorf("%v", found)
	}
	other := object(t, signingKey(t), jose.ES256, "", h.beforehand("x"))
	for what, found := range map[string][]registry.Finding{
		"another hash": check(token, oidcop.HashSecret("x")), "no hash": check(token, ""), "another's key": check(other, oidcop.HashSecret(other)),
	} {
		if len(found) != 1 || found[0].Where != "settings.request_objects[0]" {
			t.Errorf("%s: %v", what, found)
		}
	}
}
