package oidcop_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/web"
)

func TestDiscoverySaysHowToAskAndHowToLeaveInBothDocuments(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	_, body := h.document(t, "/.well-known/openid-configuration", "")
	_, same := h.document(t, "/.well-known/oauth-authorization-server", "")
	if !bytes.Equal(body, same) {
		t.Error("the two documents differ")
	}
	var said map[string]any
	if err := json.Unmarshal(body, &said); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{
		"pushed_authorization_request_endpoint": h.issuer + "/oidc/par",
		"end_session_endpoint":                  h.issuer + "/oidc/logout",
		"request_parameter_supported":           true, "request_uri_parameter_supported": true,
		"backchannel_logout_supported": true, "backchannel_logout_session_supported": true,
		"frontchannel_logout_supported": true, "frontchannel_logout_session_supported": true,
		"response_types_supported":              []any{"code", "code id_token", "id_token"},
		"response_modes_supported":              []any{"query", "fragment", "form_post"},
		"require_pushed_authorization_requests": nil, "require_request_uri_registration": true,
	} {
		if !reflect.DeepEqual(said[name], want) {
			t.Errorf("%s is %v, want %v", name, said[name], want)
		}
	}
	for _, alg := range said["request_object_signing_alg_values_supported"].([]any) {
		if alg == "none" || strings.HasPrefix(alg.(string), "HS") {
			t.Errorf("request objects are said to be signed with %s", alg)
		}
	}
}

// TestPagesOfTheFrontSideAreNotFramedKeptOrTold: clickjacking, caches and referrers.
func TestPagesOfTheFrontSideAreNotFramedKeptOrTold(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{after}))
	for name, resp := range map[string]*http.Response{
		"unknown client":  h.ask(t, request("nobody")),
		"pushed, unknown": h.ask(t, params("client_id", "classe", "request_uri", "urn:ietf:params:oauth:request_uri:x")),
		"answer":          h.ask(t, request("calcul")),
		"form":            h.ask(t, request("calcul", "response_mode", "form_post")),
		"bad sign-out":    h.leave(t, "id_token_hint", "x"),
		"sign-out":        h.leave(t, "client_id", "classe", "post_logout_redirect_uri", after),
	} {
		head := resp.Header
		if head.Get("X-Frame-Options") != "DENY" || !strings.Contains(head.Get("Content-Security-Policy"), "frame-ancestors 'none'") ||
			head.Get("Cache-Control") != "no-store" || head.Get("Referrer-Policy") != "same-origin" || head.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: %v", name, head)
		}
	}
	pushed := h.post(t, "/oidc/par", request("calcul"))
	pushed.Header.Set("Origin", "https://rp.example")
	if r := h.send(t, pushed); r.status != http.StatusCreated || r.header.Get("Access-Control-Allow-Origin") != "https://rp.example" {
		t.Errorf("a public client's script: %d, %v", r.status, r.header)
	}
	foreign := h.post(t, "/oidc/par", request("calcul"))
	foreign.Header.Set("Origin", "https://evil.example")
	if r := h.send(t, foreign); r.header.Get("Access-Control-Allow-Origin") != "" {
		t.Error("another site's script reads the answer")
	}
}

// FuzzRequestObject has a client sign any claims, or send any object. Whatever it says, the browser is sent to a registered
// address or nowhere, and no fault of ours is caused.
func FuzzRequestObject(f *testing.F) {
	h := newHouse(f, nil)
	key := signingKey(f)
	h.registerKey(key)
	good, err := json.Marshal(h.inside("max_age", 1, "claims", map[string]any{"id_token": nil}))
	if err != nil {
		f.Fatal(err)
	}
	for _, payload := range []string{string(good), `{}`, `[]`, `{"iss":"classe"}`, `{"aud":[[]],"exp":1e400}`, "null", "a.b.c"} {
		f.Add(payload, true)
		f.Add(payload, false)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.ES256, Key: key}, nil)
	if err != nil {
		f.Fatal(err)
	}
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	f.Fuzz(func(t *testing.T, payload string, signed bool) {
		token := payload
		if signed {
			jws, err := signer.Sign([]byte(payload))
			if err != nil {
				t.Fatal(err)
			}
			if token, err = jws.CompactSerialize(); err != nil {
				t.Fatal(err)
			}
		}
		serve(t, mux, h.issuer+"/oidc/authorize?"+params("client_id", "classe", "request", token).Encode())
	})
}

// FuzzLogout sends any query to the end of a session.
func FuzzLogout(f *testing.F) {
	h := newHouse(f, nil)
	h.change(set("classe", "post_logout_redirect_uris", []string{callback + "?bye"}))
	for _, query := range []string{
		"", "state=x", params("client_id", "classe", "post_logout_redirect_uri", callback+"?bye", "state", "\r\n<>").Encode(),
		"id_token_hint=a.b.c", "post_logout_redirect_uri=https%3A%2F%2Fevil.example", "%zz", "client_id=classe&client_id=poste",
	} {
		f.Add(query)
	}
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/logout", nil)
		r.URL.RawQuery = query
		judged(t, mux, r)
	})
}

func serve(t *testing.T, mux http.Handler, at string) {
	t.Helper()
	judged(t, mux, httptest.NewRequest(http.MethodGet, at, nil))
}

// judged serves a request, and looks where it leads.
func judged(t *testing.T, mux http.Handler, r *http.Request) {
	t.Helper()
	w := httptest.NewRecorder()
	mux.ServeHTTP(w, r)
	if at := w.Header().Get("Location"); at != "" && !registered(at) {
		t.Fatalf("sent to %q", at)
	}
	if w.Code >= http.StatusInternalServerError {
		t.Fatalf("status %d", w.Code)
	}
}
