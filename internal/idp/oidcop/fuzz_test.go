package oidcop_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/web"
)

// FuzzAuthorize sends any query. Whatever it says, the browser is sent to a registered address or nowhere, no fault of
// ours is caused, and what reaches the gateway is a request of a registered client.
func FuzzAuthorize(f *testing.F) {
	h := newHouse(f, nil)
	for _, v := range []string{
		request("calcul").Encode(),
		request("ancien", "code_challenge", "", "code_challenge_method", "", "response_mode", "form_post").Encode(),
		request("classe", "claims", `{"id_token":{"sub":{"value":"x"},"acr":{"values":["a"]}},"userinfo":{"email":null}}`, "max_age", "1").Encode(),
		request("calcul", "prompt", "none", "id_token_hint", "a.b.c", "response_mode", "fragment").Encode(),
		"client_id=calcul&client_id=x", "redirect_uri=https%3A%2F%2Fevil.example", "%zz", ";", "request=x&request_uri=y",
	} {
		f.Add(v)
	}
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	f.Fuzz(func(t *testing.T, query string) {
		h.last = idp.Request{}
		r := httptest.NewRequest(http.MethodGet, h.issuer+"/oidc/authorize", nil)
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		if at := w.Header().Get("Location"); at != "" && !registered(at) {
			t.Fatalf("sent to %q", at)
		}
		if w.Code >= http.StatusInternalServerError {
			t.Fatalf("status %d", w.Code)
		}
		if h.last.ServiceID != "" {
			if _, _, ok := h.snapshot().Binding("oidc", h.last.Handle); !ok || h.last.Asked == nil || !h.last.Later {
				t.Fatalf("the gateway was handed %+v", h.last)
			}
		}
	})
}

func registered(at string) bool {
	return strings.HasPrefix(at, callback+"?") || strings.HasPrefix(at, callback+"#") ||
		strings.HasPrefix(at, "https://rp.example/app?x=1&") || strings.HasPrefix(at, "https://rp.example/app?x=1#")
}
