package web_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

const strictPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; " +
	"connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

func TestSecurityHeadersGoWithEveryKindOfAnswer(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, showcase(t))
	routes := []web.Route{
		{Method: "GET", Pattern: "/page", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return kit.Render(w, r, 200, "showcase/all", sampleShowcase(web.Adult))
		}},
		{Method: "GET", Pattern: "/json", Handler: ok},
		{Method: "GET", Pattern: "/panic", Handler: func(http.ResponseWriter, *http.Request) error { panic("x") }},
		{Method: "GET", Pattern: "/silent", Handler: func(http.ResponseWriter, *http.Request) error { return nil }},
		{Method: "POST", Pattern: "/post", Handler: ok},
		{Method: "GET", Pattern: "/tree/", Handler: ok},
		{Method: "GET", Pattern: "/leave", Handler: func(w http.ResponseWriter, r *http.Request) error {
			return kit.Leave(w, r, "https://lire.example/", web.Frame{})
		}},
	}
	crossSite := request("POST", "/post", "a=b")
	crossSite.Header.Set("Sec-Fetch-Site", "cross-site")
	for _, r := range []*http.Request{
		request("GET", "/page", ""), request("HEAD", "/page", ""), request("GET", "/json", ""), request("GET", "/panic", ""),
		request("GET", "/silent", ""), request("GET", "/nowhere", ""), request("PUT", "/post", ""), crossSite,
		request("GET", "/tree", ""), request("GET", "/leave", ""), request("GET", "/favicon.ico", ""),
		request("GET", "/langue/en", ""), request("GET", "/page/../json", ""),
	} {
		w := serve(t, kit, r, routes...)
		for name, want := range map[string]string{
			"Content-Security-Policy":      strictPolicy,
			"X-Content-Type-Options":       "nosniff",
			"X-Frame-Options":              "DENY",
			"Referrer-Policy":              "same-origin",
			"Strict-Transport-Security":    "max-age=31536000",
			"Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := w.Header().Get(name); got != want {
				t.Errorf("%s %s (%d): %s is %q, want %q", r.Method, r.URL.Path, w.Code, name, got, want)
			}
		}
		if cache := w.Header().Get("Cache-Control"); cache != "no-store" && r.URL.Path != "/favicon.ico" {
			t.Errorf("%s %s: Cache-Control is %q", r.Method, r.URL.Path, cache)
		}
	}
}

func TestNoStrictTransportOnLoopback(t *testing.T) {
	t.Parallel()
	kit := webtest.NewWith(t, web.Config{PublicURL: "http://localhost:8080"})
	w := serve(t, kit, httptest.NewRequest("GET", "http://localhost:8080/", nil))
	if got := w.Header().Get("Strict-Transport-Security"); got != "" || w.Code != 404 {
		t.Errorf("status %d, HSTS %q", w.Code, got)
	}
}

func TestPostFormLoosensFormActionAndNothingElse(t *testing.T) {
	t.Parallel()
	for origin, formAction := range map[string]string{webtest.Origin: "https:", "http://localhost:8080": "https: http:"} {
		kit := webtest.NewWith(t, web.Config{PublicURL: origin})
		w := httptest.NewRecorder()
		fields := []web.Param{{Name: "SAMLResponse", Value: `PHg+"<&`}, {Name: "RelayState", Value: "a b"}}
		err := kit.PostForm(w, request("GET", "/out", ""), "https://lire.example/acs?x=1&y=2", fields, web.Frame{})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.Replace(strictPolicy, "form-action 'self'", "form-action "+formAction, 1)
		if got := w.Header().Get("Content-Security-Policy"); got != want {
			t.Errorf("%s: policy %q", origin, got)
		}
		body := w.Body.String()
		webtest.CheckPage(t, body)
		for _, want := range []string{
			`action="https://lire.example/acs?x=1&amp;y=2" data-autosubmit`, `name="SAMLResponse" value="PHg&#43;&#34;&lt;&amp;"`,
			`name="RelayState" value="a b"`, `<button type="submit"`, "Continuer",
		} {
			if !strings.Contains(body, want) {
				t.Errorf("%s: the page lacks %s:\n%s", origin, want, body)
			}
		}
	}
}

func TestFaultAfterPostFormHasTheStrictPolicyAgain(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	w := serve(t, kit, request("GET", "/x", ""), web.Route{
		Method: "GET", Pattern: "/x", Handler: func(w http.ResponseWriter, r *http.Request) error {
			w.Header().Set("Content-Security-Policy", "form-action *")
			w.Header().Set("Cache-Control", "public")
			w.Header().Set("Location", "https://evil.example")
			return web.NotFound(nil)
		},
	})
	h := w.Header()
	if h.Get("Content-Security-Policy") != strictPolicy || h.Get("Cache-Control") != "no-store" || h.Get("Location") != "" {
		t.Errorf("headers of the refused answer survived: %v", h)
	}
}
