package oidcop_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
)

// FuzzTokens sends any client assertion, DPoP proof, refresh token and access token. Whatever they are, no fault of ours is
// caused, what was not signed with a registered key opens nothing, and the seeds that are good are answered.
func FuzzTokens(f *testing.F) {
	h := newHouse(f, nil)
	h.change(lasting)
	key := keyFor(f, "ES256")
	h.register(f, "signer", fmt.Sprintf(keyClient, `"refresh":true,"jwks":`+jwksOf(f, "k1", key)))
	good := signedBy(f, "ES256", key, map[string]any{"kid": "k1"}, h.assertion("signer"))
	proof := h.dpop(f, key, http.MethodPost, "/oidc/token", "")
	form := h.asserted("signer", h.offline(f, "signer"), good)
	first := h.to(f, "/oidc/token", form)
	refresh, access, id := first.text("refresh_token"), first.text("access_token"), first.text("id_token")
	if refresh == "" || access == "" {
		f.Fatalf("the seed: %v", first.body)
	}
	f.Add(good, proof, refresh, access)
	f.Add(id, id, id, id)
	f.Add(proof, good, access, refresh)
	f.Add("a.b.c", "..", "x.1.y", "eyJhbGciOiJub25lIn0.e30.")
	f.Add(`{"payload":"e30","signatures":[]}`, "é", strings.Repeat(".", 300), strings.Repeat("A", 9000))
	for _, forged := range forgeries(good) {
		f.Add(forged, forged, forged, forged)
	}
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	f.Fuzz(func(t *testing.T, assertion, proof, token, bearer string) {
		post := renewing("signer", token, "client_assertion", assertion, "client_assertion_type", jwtBearer)
		r := httptest.NewRequest(http.MethodPost, h.issuer+"/oidc/token", strings.NewReader(post.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header["Dpop"] = []string{proof}
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || (w.Code == http.StatusOK && token != refresh) {
			t.Fatalf("the token endpoint: status %d %s", w.Code, w.Body)
		}
		r = httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
		r.Header["Authorization"] = []string{"DPoP " + bearer}
		r.Header["Dpop"] = []string{proof}
		w = httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized {
			t.Fatalf("userinfo with a token that is bound to no key: status %d %s", w.Code, w.Body)
		}
		r = httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
		r.Header["Authorization"] = []string{"Bearer " + bearer}
		w = httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if w.Code >= http.StatusInternalServerError || (w.Code == http.StatusOK && strings.TrimSpace(bearer) != access) {
			t.Fatalf("userinfo: status %d %s", w.Code, w.Body)
		}
	})
}
