package oidcop_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func (h *house) document(t *testing.T, path, etag string) (*http.Response, []byte) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, h.issuer+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("If-None-Match", etag)
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, body
}

func TestDocumentsAreCacheableAndOpenToScripts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, path := range []string{"/.well-known/openid-configuration", "/.well-known/oauth-authorization-server", "/oidc/jwks"} {
		resp, body := h.document(t, path, "")
		etag := resp.Header.Get("ETag")
		if resp.StatusCode != http.StatusOK || etag == "" || resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
			resp.Header.Get("Cache-Control") != "public, max-age=300" || !json.Valid(body) {
			t.Errorf("%s: %d %v", path, resp.StatusCode, resp.Header)
		}
		if resp, body := h.document(t, path, etag); resp.StatusCode != http.StatusNotModified || len(body) != 0 {
			t.Errorf("%s again: %d and %d bytes, want 304", path, resp.StatusCode, len(body))
		}
	}
}

func TestDiscoveryAdvertisesOnlyWhatIsServed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	_, body := h.document(t, "/.well-known/openid-configuration", "")
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	for name, value := range said {
		at, _ := value.(string)
		if !strings.HasSuffix(name, "_endpoint") && name != "jwks_uri" {
			continue
		}
		if resp, _ := h.document(t, strings.TrimPrefix(at, h.issuer), ""); !strings.HasPrefix(at, h.issuer+"/") ||
			(resp.StatusCode == http.StatusNotFound) {
			t.Errorf("%s is said to be at %q, where nothing answers", name, at)
		}
	}
	text := string(body)
	for _, absent := range []string{"plain", "none\"],\"id", "registration_endpoint"} {
		if strings.Contains(text, absent) {
			t.Errorf("discovery mentions %s", absent)
		}
	}
	if algs := fmt.Sprint(said["id_token_signing_alg_values_supported"], said["dpop_signing_alg_values_supported"]); strings.Contains(algs, "HS") {
		t.Errorf("discovery says that %s sign", algs)
	}
	if said["issuer"] != h.issuer || said["request_uri_parameter_supported"] != true || said["require_request_uri_registration"] != true || said["claims_parameter_supported"] != true {
		t.Errorf("discovery says %s", text)
	}
}

func TestKeySetHoldsPublicKeysAndFollowsTheRing(t *testing.T) {
	t.Parallel()
	dictionary, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	kit, keys := webtest.New(t, oidcop.Pages()), &rotating{Ring: ring(t)}
	p, err := oidcop.New(oidcop.Config{
		Issuer: webtest.Origin, Keys: keys, Tickets: memdb.New(webtest.Now), Dictionary: dictionary, Kit: kit, Now: webtest.Now,
	})
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(kit)
	p.Mount(mux, nil)
	get := func() (string, map[string][]map[string]string) {
		r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/oidc/jwks", nil)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		var set map[string][]map[string]string
		if err := json.Unmarshal(w.Body.Bytes(), &set); err != nil {
			t.Fatalf("%d: %v", w.Code, err)
		}
		return w.Header().Get("ETag"), set
	}
	before, set := get()
	if len(set["keys"]) != 4 {
		t.Fatalf("%d keys, want four", len(set["keys"]))
	}
	for _, k := range set["keys"] {
		if k["use"] != "sig" || k["kid"] == "" || k["alg"] == "" || k["d"] != "" || k["p"] != "" || k["x5c"] != "" {
			t.Errorf("key %v", k)
		}
	}
	keys.hidden = true
	if after, set := get(); after == before || len(set["keys"]) != 1 {
		t.Error("the key set did not follow the ring")
	}
}

func TestDiscoveryNamesTheLevelsThatSourcesVouchFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	levels := func() string {
		_, body := h.document(t, "/.well-known/openid-configuration", "")
		var said struct {
			ACR []string `json:"acr_values_supported"`
		}
		if err := json.Unmarshal(body, &said); err != nil {
			t.Fatal(err)
		}
		return strings.Join(said.ACR, " ")
	}
	vouches := func(levels ...string) {
		h.change(func(g *gateway) { g.contents.Sources[0].Assurance = levels; g.contents.Revision++ })
	}
	if got := levels(); got != "" {
		t.Errorf("nobody said anything, and it names %q", got)
	}
	vouches("substantial", "eidas2", "urn:oasis:names:tc:SAML:2.0:ac:classes:Password")
	if got := levels(); got != "eidas2 substantial" {
		t.Errorf("it names %q", got)
	}
	h.change(func(g *gateway) { g.stale = true })
	if got := levels(); got != "eidas2 substantial" {
		t.Errorf("while the register cannot be read it names %q", got)
	}
	h.change(func(g *gateway) { g.stale = false; g.contents.Sources[0].Suspended = true; g.contents.Revision++ })
	if got := levels(); got != "" {
		t.Errorf("of a source that is suspended it names %q", got)
	}
}
