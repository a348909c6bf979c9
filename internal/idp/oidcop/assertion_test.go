package oidcop_test

import (
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/oidcop"
)

const keyClient = `{"redirect_uris":["` + callback + `"],"type":"confidential","auth_method":"private_key_jwt",%s}`

func (h *house) asserted(client, code, assertion string, more ...string) url.Values {
	return redeeming(client, code, append([]string{"client_assertion_type", jwtBearer, "client_assertion", assertion}, more...)...)
}

func TestClientProvesItselfByWhatItSigned(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, alg := range []string{"ES256", "PS256", "RS256", "EdDSA"} {
		key := keyFor(t, alg)
		h.register(t, alg, fmt.Sprintf(keyClient, `"auth_alg":"`+alg+`","jwks":`+jwksOf(t, "k1", key)))
		for name, headers := range map[string]map[string]any{"kid": {"kid": "k1"}, "no kid": {}, "typed": {"typ": "client-authentication+jwt"}} {
			token := signedBy(t, alg, key, headers, h.assertion(alg))
			if r := h.to(t, "/oidc/token", h.asserted(alg, h.code(t, alg), token)); r.status != http.StatusOK {
				t.Errorf("%s, %s: %d %v", alg, name, r.status, r.body)
			}
			v := h.asserted(alg, h.code(t, alg), signedBy(t, alg, key, headers, h.assertion(alg)))
			v.Del("client_id")
			if r := h.to(t, "/oidc/token", v); r.status != http.StatusOK {
				t.Errorf("%s, %s, without client_id: %d %v", alg, name, r.status, r.body)
			}
		}
	}
}

func TestFalseAssertionsAreRefusedAndCostNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := keyFor(t, "ES256")
	h.register(t, "signer", fmt.Sprintf(keyClient, `"jwks":`+jwksOf(t, "k1", key)))
	h.register(t, "rsa", fmt.Sprintf(keyClient, `"auth_alg":"PS256","jwks":`+jwksOf(t, "k1", keyFor(t, "PS256"))))
	code, now := h.code(t, "signer"), h.clock.Now()
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		t.Fatal(err)
	}
	with := func(changes ...any) string {
		return signedBy(t, "ES256", key, map[string]any{"kid": "k1"}, h.assertion("signer", changes...))
	}
	good := with()
	at := h.issuer + "/oidc/token"
	for name, token := range map[string]string{
		"another's key":            signedBy(t, "ES256", freshKey(t), map[string]any{"kid": "k1"}, h.assertion("signer")),
		"unknown kid":              signedBy(t, "ES256", key, map[string]any{"kid": "../../etc/passwd"}, h.assertion("signer")),
		"key in the header":        signedBy(t, "ES256", freshKey(t), map[string]any{"jku": "https://evil.example/k", "x5u": "https://evil.example/c"}, h.assertion("signer")),
		"HMAC with the public key": signedBy(t, "HS256", public, nil, h.assertion("signer")),
		"none":                     "eyJhbGciOiJub25lIn0." + strings.Split(good, ".")[1] + ".",
		"another algorithm":        signedBy(t, "RS256", keyFor(t, "RS256"), map[string]any{"kid": "k1"}, h.assertion("signer")),
		"a proof of possession":    signedBy(t, "ES256", key, map[string]any{"typ": "dpop+jwt"}, h.assertion("signer")),
		"critical":                 signedBy(t, "ES256", key, map[string]any{"crit": []string{"x"}, "x": 1}, h.assertion("signer")),
		"audience list":            with("aud", []string{h.issuer}),
		"two audiences":            with("aud", []string{h.issuer, "https://evil.example"}),
		"token endpoint":           with("aud", at),
		"another audience":         with("aud", "https://evil.example"),
		"issuer with a slash":      with("aud", h.issuer+"/"),
		"no audience":              with("aud", nil),
		"another issuer":           with("iss", "rsa"),
		"another subject":          with("sub", "rsa"),
		"no jti":                   with("jti", nil),
		"no iat":                   with("iat", nil),
		"no exp":                   with("exp", nil),
		"over":                     with("exp", now.Add(-61*time.Second).Unix(), "iat", now.Add(-5*time.Minute).Unix()),
		"lasting":                  with("exp", now.Add(12*time.Minute).Unix()),
		"issued tomorrow":          with("iat", now.Add(62*time.Second).Unix()),
		"issued long ago":          with("iat", now.Add(-12*time.Minute).Unix()),
		"not yet":                  with("nbf", now.Add(2*time.Minute).Unix()),
		"endless":                  with("exp", 1e300),
		"rubbish":                  "a.b.c",
		"too long":                 strings.Repeat("a", 9000),
	} {
		got := h.to(t, "/oidc/token", h.asserted("signer", code, token))
		if (got.status != 401 || got.text("error") != "invalid_client") && name != "another subject" {
			t.Errorf("%s: %d %v", name, got.status, got.body)
		}
		if got.status == http.StatusOK {
			t.Errorf("%s was taken", name)
		}
	}
	for name, v := range map[string]url.Values{
		"with a secret":       h.asserted("signer", code, with(), "client_secret", secret),
		"with another's name": h.asserted("signer", code, with(), "client_id", "rsa"),
	} {
		refused(t, name, h.to(t, "/oidc/token", v), 400, "invalid_request")
	}
	refused(t, "with a header", h.to(t, "/oidc/token", h.asserted("signer", code, with()), "Authorization", "Basic c2lnbmVyOng="), 400, "invalid_request")
	refused(t, "another type", h.to(t, "/oidc/token", h.asserted("signer", code, with(), "client_assertion_type", "x")), 401, "invalid_client")
	refused(t, "no assertion", h.to(t, "/oidc/token", redeeming("signer", code)), 401, "invalid_client")
	refused(t, "a secret client's assertion", h.to(t, "/oidc/token", h.asserted("classe", code, signedBy(t, "ES256", key, nil, h.assertion("classe")))), 401, "invalid_client")
	if r := h.to(t, "/oidc/token", h.asserted("signer", code, good)); r.status != http.StatusOK {
		t.Errorf("the client itself after all that: %v", r.body)
	}
	refused(t, "its assertion again", h.to(t, "/oidc/token", h.asserted("signer", h.code(t, "signer"), good)), 401, "invalid_client")
}

func TestOneAssertionShownAtOnceIsTakenOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := keyFor(t, "ES256")
	h.register(t, "signer", fmt.Sprintf(keyClient, `"jwks":`+jwksOf(t, "k1", key)))
	for range 20 {
		token, taken := signedBy(t, "ES256", key, nil, h.assertion("signer")), atomic.Int32{}
		codes := []string{h.code(t, "signer"), h.code(t, "signer"), h.code(t, "signer")}
		var wg sync.WaitGroup
		for _, code := range codes {
			wg.Go(func() {
				if h.to(t, "/oidc/token", h.asserted("signer", code, token)).status == http.StatusOK {
					taken.Add(1)
				}
			})
		}
		wg.Wait()
		if taken.Load() != 1 {
			t.Fatalf("one assertion was taken %d times", taken.Load())
		}
	}
}

func TestTokenEndpointIsAnAudienceByExceptionAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := keyFor(t, "ES256")
	h.register(t, "signer", fmt.Sprintf(keyClient, `"assertion_audience":"token_endpoint","jwks":`+jwksOf(t, "k1", key)))
	with := func(aud any) reply {
		return h.to(t, "/oidc/token", h.asserted("signer", h.code(t, "signer"), signedBy(t, "ES256", key, nil, h.assertion("signer", "aud", aud))))
	}
	if r := with(h.issuer + "/oidc/token"); r.status != http.StatusOK {
		t.Errorf("the endpoint: %v", r.body)
	}
	refused(t, "in a list", with([]string{h.issuer + "/oidc/token"}), 401, "invalid_client")
	refused(t, "the issuer", with(h.issuer), 401, "invalid_client")
}

func TestSealedSecretSignsUntilItsLastDay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	const shared = "a secret of thirty-two bytes or more"
	sealed, err := oidcop.SealSecret(ring(t), "hmac", shared)
	if err != nil || strings.Contains(sealed, shared) {
		t.Fatalf("%v", err)
	}
	settings := func(sealed string) string {
		return fmt.Sprintf(`{"redirect_uris":[%q],"type":"confidential","auth_method":"client_secret_jwt","secret_sealed":%q,"secret_sealed_until":"2026-10-31"}`, callback, sealed)
	}
	h.register(t, "hmac", settings(sealed))
	h.register(t, "thief", settings(sealed)) // another client's box does not open
	try := func(client, secret string) reply {
		return h.to(t, "/oidc/token", h.asserted(client, h.code(t, client), signedBy(t, "HS256", []byte(secret), nil, h.assertion(client))))
	}
	if r := try("hmac", shared); r.status != http.StatusOK {
		t.Errorf("its secret: %v", r.body)
	}
	refused(t, "another secret", try("hmac", shared+"!"), 401, "invalid_client")
	refused(t, "the sealed text as secret", try("hmac", sealed), 401, "invalid_client")
	refused(t, "another client's box", try("thief", shared), 401, "invalid_client")
	refused(t, "the secret itself", h.to(t, "/oidc/token", redeeming("hmac", h.code(t, "hmac"), "client_secret", shared)), 401, "invalid_client")
	h.clock.Advance(27 * 24 * time.Hour)
	refused(t, "after the last day", try("hmac", shared), 401, "invalid_client")
	for _, said := range h.failed {
		if strings.Contains(said, shared) {
			t.Error("a report has the secret")
		}
	}
}

// keySite serves a client's keys, and counts.
type keySite struct {
	*httptest.Server
	mu    sync.Mutex
	body  string
	asked int
	calls atomic.Int32 // that have come, answered or not
}

func newKeySite(t *testing.T) *keySite {
	s := &keySite{}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		s.calls.Add(1)
		s.mu.Lock()
		defer s.mu.Unlock()
		s.asked++
		_, _ = w.Write([]byte(s.body))
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *keySite) serve(body string) { s.mu.Lock(); s.body = body; s.mu.Unlock() }
func (s *keySite) count() int        { s.mu.Lock(); defer s.mu.Unlock(); return s.asked }

func TestKeysAtAnAddressAreFollowedAndNotAskedForEveryMessage(t *testing.T) {
	t.Parallel()
	site := newKeySite(t)
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Outside = fetch.New(fetch.Config{PlainHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	})
	first, second := freshKey(t), freshKey(t)
	site.serve(jwksOf(t, "one", first))
	h.register(t, "remote", fmt.Sprintf(keyClient, `"jwks_uri":"`+site.URL+`/keys"`))
	try := func(kid string, key any) int {
		token := signedBy(t, "ES256", key, map[string]any{"kid": kid}, h.assertion("remote"))
		return h.to(t, "/oidc/token", h.asserted("remote", h.code(t, "remote"), token)).status
	}
	for range 2 {
		if status := try("one", first); status != 200 || site.count() != 1 {
			t.Errorf("the first key: %d, asked %d times, want once", status, site.count())
		}
	}
	site.serve(jwksOf(t, "two", second))
	for range 5 {
		if try("two", second) != 401 {
			t.Error("a key was taken that nobody looked for")
		}
	}
	if site.count() != 1 {
		t.Errorf("unknown kids within a minute made %d requests", site.count())
	}
	h.clock.Advance(time.Minute)
	if try("two", second) != 200 || site.count() != 2 {
		t.Errorf("after a minute: asked %d times, want twice", site.count())
	}
	if try("one", first) != 401 {
		t.Error("a key that was taken away is still good")
	}
	site.serve("not a key set")
	h.clock.Advance(time.Minute)
	if try("three", second) != 401 || try("two", second) != 200 {
		t.Error("a broken set replaced a good one")
	}
	h.clock.Advance(25 * time.Hour)
	if try("two", second) != 401 {
		t.Error("a set that was not confirmed for a day is still good")
	}
}

func TestWhoeverComesWhileAClientsKeysAreBeingAskedForWaitsForThem(t *testing.T) {
	t.Parallel()
	site := newKeySite(t)
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Outside = fetch.New(fetch.Config{PlainHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	})
	key := freshKey(t)
	site.serve(jwksOf(t, "one", key))
	h.register(t, "remote", fmt.Sprintf(keyClient, `"jwks_uri":"`+site.URL+`/keys"`))
	var forms []url.Values // made before: a look has three seconds
	for range 3 {
		token := signedBy(t, "ES256", key, map[string]any{"kid": "one"}, h.assertion("remote"))
		forms = append(forms, h.asserted("remote", h.code(t, "remote"), token))
	}
	answers := make(chan int, 3)
	begin := func(form url.Values) {
		status := 0
		defer func() { answers <- status }()
		status = h.to(t, "/oidc/token", form).status
	}
	site.mu.Lock() // the client's site is slow
	go begin(forms[0])
	for site.calls.Load() == 0 {
		time.Sleep(time.Millisecond)
	}
	go begin(forms[1])
	go begin(forms[2])
	select {
	case status := <-answers:
		t.Errorf("it did not wait, and got %d", status)
		answers <- status
	case <-time.After(50 * time.Millisecond):
	}
	site.mu.Unlock()
	for range 3 {
		if status := <-answers; status != 200 {
			t.Errorf("refused with %d although the keys were on their way", status)
		}
	}
	if site.count() != 1 {
		t.Errorf("asked %d times, want once", site.count())
	}
}

func TestKeysAtAnInternalAddressAreNotAsked(t *testing.T) {
	t.Parallel()
	site := newKeySite(t)
	site.serve(jwksOf(t, "one", keyFor(t, "ES256")))
	h := newHouseWith(t, nil, func(c *oidcop.Config) { c.Outside = fetch.New(fetch.Config{PlainHTTP: true}) })
	h.register(t, "remote", fmt.Sprintf(keyClient, `"jwks_uri":"`+site.URL+`/keys"`))
	token := signedBy(t, "ES256", keyFor(t, "ES256"), map[string]any{"kid": "one"}, h.assertion("remote"))
	got := h.to(t, "/oidc/token", h.asserted("remote", h.code(t, "remote"), token))
	refused(t, "keys on loopback", got, 401, "invalid_client")
	if site.count() != 0 || strings.Contains(got.text("error_description"), "127") || len(h.failed) != 1 {
		t.Errorf("asked %d times; said %q; reported %d", site.count(), got.text("error_description"), len(h.failed))
	}
}
