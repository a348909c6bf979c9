package oidcop_test

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"net/netip"
	"net/url"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/fetch"
	"ecluse/internal/idp/oidcop"
)

// bringsItsKey is every way in which the header of a JWS may offer the key to check it with (RFC 7515 4.1.2 to 4.1.6). site
// serves that key, kid is the name of the key that should have been used.
func bringsItsKey(t *testing.T, key *ecdsa.PrivateKey, site, kid string) map[string]map[string]any {
	t.Helper()
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotBefore: time.Unix(0, 0), NotAfter: time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC)}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	chain := []string{base64.StdEncoding.EncodeToString(der)}
	own := jose.JSONWebKey{Key: key.Public(), KeyID: kid}
	return map[string]map[string]any{
		"jwk":                 {"jwk": jose.JSONWebKey{Key: key.Public()}},
		"jwk by the name":     {"jwk": own, "kid": kid},
		"jku":                 {"jku": site + "/keys", "kid": kid},
		"jku, no name":        {"jku": site + "/keys"},
		"x5u":                 {"x5u": site + "/chain", "kid": kid},
		"x5c":                 {"x5c": chain},
		"x5c by the name":     {"x5c": chain, "kid": kid},
		"an address as name":  {"kid": site + "/keys"},
		"a path as name":      {"kid": "../../../../dev/null"},
		"a statement as name": {"kid": kid + "' UNION SELECT '"},
		"only the name":       {"kid": kid},
		"nothing":             {},
	}
}

// TestAKeyThatAMessageBringsIsNobodys: what says in its own header with which key it must be checked is refused, even where
// that key fits, and no address in a header is asked (RFC 8725 3.10). The same message by the registered key is taken.
func TestAKeyThatAMessageBringsIsNobodys(t *testing.T) {
	t.Parallel()
	theirs, own := freshKey(t), freshKey(t)
	site := newKeySite(t)
	site.serve(jwksOf(t, "k1", theirs))
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Outside = fetch.New(fetch.Config{PlainHTTP: true, Allow: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	})
	h.register(t, "signer", fmt.Sprintf(keyClient, `"jwks":`+jwksOf(t, "k1", own)))
	h.registerKey(own)
	h.change(set("calcul", "post_logout_redirect_uris", []string{after}))
	code := h.code(t, "signer")
	id := h.exchange(t, "calcul", h.code(t, "calcul")).text("id_token")
	ourName, _ := header(t, id)["kid"].(string)

	for name, head := range bringsItsKey(t, theirs, site.URL, "k1") {
		forged := signedBy(t, "ES256", theirs, head, h.assertion("signer"))
		refused(t, "assertion, "+name, h.to(t, "/oidc/token", h.asserted("signer", code, forged)), 401, "invalid_client")
		q := h.errorOf(t, name, request("classe", "request", signedBy(t, "ES256", theirs, head, h.inside())))
		if q.Get("error") != "invalid_request_object" || q.Has("code") {
			t.Errorf("request object, %s: %v", name, q)
		}
	}
	for name, head := range bringsItsKey(t, theirs, site.URL, ourName) {
		forged := signedBy(t, "ES256", theirs, head, payload(t, id))
		ownPage(t, "sign-out, "+name, h.leave(t, "id_token_hint", forged, "post_logout_redirect_uri", after), http.StatusBadRequest)
		if q := h.answered(t, request("calcul", "id_token_hint", forged)); q.Get("error") != "invalid_request" {
			t.Errorf("hint, %s: %v", name, q)
		}
		refused(t, "access token, "+name, h.userinfo(t, forged), 401, "invalid_token")
	}
	if site.count() != 0 {
		t.Errorf("an address in a header was asked %d times", site.count())
	}
	h.takesTheRegisteredKeys(t, own, code, id)
}

// takesTheRegisteredKeys is the positive control of what was refused.
func (h *house) takesTheRegisteredKeys(t *testing.T, own *ecdsa.PrivateKey, code, id string) {
	t.Helper()
	kid := map[string]any{"kid": "k1"}
	if r := h.to(t, "/oidc/token", h.asserted("signer", code, signedBy(t, "ES256", own, kid, h.assertion("signer")))); r.status != http.StatusOK {
		t.Errorf("the client's own assertion: %d %v", r.status, r.body)
	}
	if q := h.answered(t, request("classe", "request", signedBy(t, "ES256", own, kid, h.inside()))); !q.Has("code") {
		t.Errorf("the client's own request: %v", q)
	}
	if q := h.answered(t, request("calcul", "id_token_hint", id)); !q.Has("code") {
		t.Errorf("our own hint: %v", q)
	}
	if resp := h.leave(t, "id_token_hint", id, "post_logout_redirect_uri", after); resp.Header.Get("Location") != after {
		t.Errorf("our own hint at a sign-out: %d, %q", resp.StatusCode, resp.Header.Get("Location"))
	}
}

// TestNoScriptOfAnotherSiteReadsAnAuthorization: the endpoints that a browser is sent to are no business of scripts, whoever
// registered their site (RFC 9700 2.6); nor is an answer a redirect that would post the form again (RFC 9700 4.12).
func TestNoScriptOfAnotherSiteReadsAnAuthorization(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, origin := range []string{"https://rp.example", "https://evil.example", "null"} {
		for _, method := range []string{http.MethodOptions, http.MethodGet, http.MethodPost} {
			for _, at := range []string{"/oidc/authorize", "/oidc/logout"} {
				resp := h.fromScript(t, method, origin, at, request("calcul"))
				if allowed := resp.Header.Values("Access-Control-Allow-Origin"); len(allowed) != 0 {
					t.Errorf("%s %s from %s: read by %q", method, at, origin, allowed)
				}
				if resp.StatusCode == http.StatusTemporaryRedirect || resp.StatusCode == http.StatusPermanentRedirect {
					t.Errorf("%s %s from %s: status %d sends a form on", method, at, origin, resp.StatusCode)
				}
			}
		}
	}
}

// fromScript sends what a script of another site would.
func (h *house) fromScript(t *testing.T, method, origin, at string, v url.Values) *http.Response {
	t.Helper()
	r := h.post(t, at, v)
	r.Method = method
	if method != http.MethodPost {
		r.Body, r.ContentLength, r.URL.RawQuery = nil, 0, v.Encode()
	}
	r.Header.Set("Origin", origin)
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	r.Header.Set("Access-Control-Request-Method", "GET")
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}
