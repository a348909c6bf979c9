package app_test

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

const afterLogout = bench + "/post_logout_redirect"

// TestThePlanConfigOPPlaysGreen plays oidcc-config-certification-test-plan, and the discovery modules of the others.
func TestThePlanConfigOPPlaysGreen(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	p.module("oidcc-discovery-endpoint-verification", func(s *suite) {
		if s.said["issuer"] != s.w.public {
			s.t.Errorf("issuer %v", s.said["issuer"])
		}
		for name, value := range s.said {
			at, text := value.(string)
			if text && !strings.HasPrefix(at, s.w.public) {
				s.t.Errorf("%s is %q, and not one of ours", name, at)
			}
			if strings.HasSuffix(name, "_supported") && !text {
				if _, yes := value.(bool); !yes && len(s.list(name)) == 0 {
					s.t.Errorf("%s is empty", name)
				}
			}
		}
		for name, want := range map[string][]string{
			"response_types_supported": {"code"}, "id_token_signing_alg_values_supported": {"RS256", "ES256", "PS256"},
			"scopes_supported": {"openid"}, "grant_types_supported": {"authorization_code"}, "code_challenge_methods_supported": {"S256"},
			"token_endpoint_auth_methods_supported": {"client_secret_basic", "client_secret_post", "private_key_jwt"},
			"claims_supported":                      {"sub", "name", "email"}, "request_object_signing_alg_values_supported": {"RS256"},
			"subject_types_supported": {"pairwise"},
		} {
			for _, one := range want {
				if !holds(s.list(name), one) {
					s.t.Errorf("%s has no %s", name, one)
				}
			}
		}
		for _, tag := range s.list("ui_locales_supported") {
			if !regexp.MustCompile(`^[a-z]{2}(-[A-Z]{2})?$`).MatchString(tag) {
				s.t.Errorf("the language %q is not written in the usual way", tag)
			}
		}
		s.keySet()
	})
	for name, flags := range map[string][]string{
		"oidcc-rp-initiated-logout-discovery-endpoint-verification": {},
		"oidcc-backchannel-logout-discovery-endpoint-verification":  {"backchannel_logout_supported", "backchannel_logout_session_supported"},
		"oidcc-frontchannel-logout-discovery-endpoint-verification": {"frontchannel_logout_supported", "frontchannel_logout_session_supported"},
	} {
		p.module(name, func(s *suite) {
			s.endpoint("end_session_endpoint")
			for _, flag := range flags {
				if s.said[flag] != true {
					s.t.Errorf("%s is %v", flag, s.said[flag])
				}
			}
		})
	}
}

func holds(list []string, one string) bool {
	for _, have := range list {
		if have == one {
			return true
		}
	}
	return false
}

// keySet checks the published keys: public, for signatures, each with a name of its own.
func (s *suite) keySet() {
	s.t.Helper()
	keys, _ := s.document("/oidc/jwks")["keys"].([]any)
	seen := map[any]bool{}
	for _, one := range keys {
		key, _ := one.(map[string]any)
		kid, _ := key["kid"].(string)
		if kid == "" || seen[kid] || key["use"] != "sig" || key["alg"] == nil {
			s.t.Errorf("key %q for %v with %v", kid, key["use"], key["alg"])
		}
		seen[kid] = true
		for _, private := range []string{"d", "p", "q", "dp", "dq", "qi", "k"} {
			if key[private] != nil {
				s.t.Errorf("key %q shows its %s", kid, private)
			}
		}
	}
	if len(keys) < 2 {
		s.t.Errorf("%d keys", len(keys))
	}
}

// TestThePlanRPInitiatedLogoutOPPlaysGreen plays oidcc-rp-initiated-logout-certification-test-plan. What a module calls an
// error page or a page that asks is looked at by a person of the Foundation.
func TestThePlanRPInitiatedLogoutOPPlaysGreen(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	state := strings.Repeat("long-state-", 12)
	for name, c := range map[string]struct {
		change func(s *suite, q url.Values)
		status int // of the page where nothing is called; 0 where the suite is
	}{
		"oidcc-rp-initiated-logout":          {func(*suite, url.Values) {}, 0},
		"oidcc-rp-initiated-logout-no-state": {func(_ *suite, q url.Values) { q.Del("state") }, 0},
		"oidcc-rp-initiated-logout-bad-post-logout-redirect-uri": {func(_ *suite, q url.Values) {
			q.Set("post_logout_redirect_uri", afterLogout+"xyz")
		}, http.StatusBadRequest},
		"oidcc-rp-initiated-logout-query-added-to-post-logout-redirect-uri": {func(_ *suite, q url.Values) {
			q.Set("post_logout_redirect_uri", afterLogout+"?foo=bar")
		}, http.StatusBadRequest},
		"oidcc-rp-initiated-logout-modified-id-token-hint": {func(_ *suite, q url.Values) {
			parts := strings.Split(q.Get("id_token_hint"), ".")
			q.Set("id_token_hint", base64.RawURLEncoding.EncodeToString([]byte(`{"alg": "none"}`))+"."+parts[1]+".")
		}, http.StatusBadRequest},
		"oidcc-rp-initiated-logout-bad-id-token-hint": {func(s *suite, q url.Values) {
			q.Set("id_token_hint", s.fake(q.Get("id_token_hint")))
		}, http.StatusBadRequest},
		"oidcc-rp-initiated-logout-no-id-token-hint": {func(_ *suite, q url.Values) { q.Del("id_token_hint") }, http.StatusBadRequest},
		"oidcc-rp-initiated-logout-no-params": {func(_ *suite, q url.Values) {
			clear(q)
		}, http.StatusOK},
		"oidcc-rp-initiated-logout-only-state": {func(_ *suite, q url.Values) {
			q.Del("id_token_hint")
			q.Del("post_logout_redirect_uri")
		}, http.StatusOK},
		"oidcc-rp-initiated-logout-no-post-logout-redirect-uri": {func(_ *suite, q url.Values) { q.Del("post_logout_redirect_uri") }, http.StatusOK},
	} {
		p.module(name, func(s *suite) {
			r := s.token(redeeming(s.code(s.request())))
			s.good(r, "bearer")
			q := url.Values{"id_token_hint": {r.text("id_token")}, "post_logout_redirect_uri": {afterLogout}, "state": {state}}
			c.change(s, q)
			a := s.end(q)
			switch {
			case c.status == 0:
				s.returned(a, q.Get("state"))
			default:
				s.ourPage(a, c.status)
			}
			if c.status != http.StatusBadRequest {
				s.signedOut()
			}
		})
	}
}

// fake is an id token of the same claims that somebody else signed.
func (s *suite) fake(token string) string {
	s.t.Helper()
	payload, err := base64.RawURLEncoding.DecodeString(strings.Split(token, ".")[1])
	if err != nil {
		s.t.Fatal(err)
	}
	signer, err := jose.NewSigner(jose.SigningKey{Algorithm: jose.HS256, Key: []byte(s.client.secret)}, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		s.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		s.t.Fatal(err)
	}
	return text
}

// end sends the browser to the end of the session, where the person says yes if asked.
func (s *suite) end(q url.Values) arrival {
	s.t.Helper()
	a := s.visit(s.going(s.endpoint("end_session_endpoint") + "?" + q.Encode()))
	if a.page != nil && a.page.status == http.StatusOK {
		if f, err := a.page.formTo("/signout"); err == nil && f.post {
			if err := s.b.submit(f); err != nil {
				s.t.Fatal(err)
			}
			a.page = s.b.tab.page
		}
	}
	return a
}

// returned wants the browser back at the suite with the state alone.
func (s *suite) returned(a arrival, state string) {
	s.t.Helper()
	want := afterLogout
	if state != "" {
		want += "?" + url.Values{"state": {state}}.Encode()
	}
	if a.at == nil || a.at.String() != want || a.method != http.MethodGet || a.asked != 0 {
		s.t.Errorf("after the sign-out: %v, asked %d times, %v", a.at, a.asked, a.page)
	}
}

// TestThePlanFrontChannelOPPlaysGreen plays oidcc-frontchannel-rp-initiated-logout-certification-test-plan.
func TestThePlanFrontChannelOPPlaysGreen(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	p.module("oidcc-frontchannel-rp-initiated-logout", func(s *suite) {
		s.client = clientOf{"oidf-front", first.secret}
		r := s.token(redeeming(s.code(s.request())))
		claims := s.good(r, "bearer")
		a := s.end(url.Values{"id_token_hint": {r.text("id_token")}, "post_logout_redirect_uri": {afterLogout}, "state": {"s"}})
		if a.page == nil {
			s.t.Fatalf("no page with a frame, but %v", a.at)
		}
		framed := a.page.all(tag("iframe"))
		if len(framed) != 1 {
			s.t.Fatalf("%d frames on %s", len(framed), a.page)
		}
		at, err := url.Parse(attribute(framed[0], "src"))
		if err != nil {
			s.t.Fatal(err)
		}
		q := at.Query()
		if !strings.HasPrefix(at.String(), bench+"/frontchannel_logout?") || len(q) != 2 || q.Get("iss") != s.w.public || q.Get("sid") != claims["sid"] {
			s.t.Errorf("the frame loads %s for the session %v", at, claims["sid"])
		}
		back, err := a.page.link("Retour vers le service") // the person goes on, when the frame has loaded
		for _, link := range a.page.all(tag("a")) {
			if u, no := a.page.url.Parse(attribute(link, "href")); no == nil && u.Path == "/signout/back" {
				back, err = u, nil
			}
		}
		if err != nil {
			s.t.Fatalf("no way back to the suite: %s", a.page.words())
		}
		s.returned(s.visit(s.going(back.String())), "s")
		s.signedOut()
	})
}

// TestThePlanBackChannelOPPlaysGreen plays oidcc-backchannel-rp-initiated-logout-certification-test-plan.
func TestThePlanBackChannelOPPlaysGreen(t *testing.T) {
	t.Parallel()
	told := make(chan url.Values, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost && r.URL.Path == "/backchannel_logout" && r.ParseForm() == nil {
			told <- r.PostForm
		}
		w.Header().Set("Cache-Control", "no-store")
	}))
	t.Cleanup(server.Close)
	p := newPlan(t, func(text string) string {
		return strings.ReplaceAll(text, bench+"/backchannel_logout", server.URL+"/backchannel_logout")
	})
	p.module("oidcc-backchannel-rp-initiated-logout", func(s *suite) {
		s.client = clientOf{"oidf-back", first.secret}
		r := s.token(redeeming(s.code(s.request())))
		claims := s.good(r, "bearer")
		a := s.end(url.Values{"id_token_hint": {r.text("id_token")}, "post_logout_redirect_uri": {afterLogout}, "state": {"s"}})
		s.returned(a, "s")
		if len(told) != 1 {
			s.t.Fatalf("told %d times", len(told))
		}
		form := <-told
		token, _ := s.verified(form.Get("logout_token"))
		iat, _ := token["iat"].(float64)
		events, _ := token["events"].(map[string]any)
		event, ok := events["http://schemas.openid.net/event/backchannel-logout"].(map[string]any)
		since := s.w.now().Sub(time.Unix(int64(iat), 0))
		switch {
		case len(form) != 1:
			s.t.Errorf("%d parameters", len(form))
		case token["iss"] != claims["iss"] || token["aud"] != s.client.id || token["sub"] != claims["sub"] || token["sid"] != claims["sid"]:
			s.t.Error("the logout token is of another sign-in")
		case !ok || len(events) != 1 || len(event) != 0 || token["jti"] == nil || token["nonce"] != nil:
			s.t.Errorf("events %v, jti %v, nonce %v", events, token["jti"], token["nonce"])
		case since < -time.Second || since > time.Minute:
			s.t.Errorf("iat %v ago", since)
		}
		s.signedOut()
	})
}
