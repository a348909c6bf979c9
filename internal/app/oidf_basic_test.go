package app_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestThePlanBasicOPPlaysGreen plays oidcc-basic-certification-test-plan.
func TestThePlanBasicOPPlaysGreen(t *testing.T) {
	t.Parallel()
	basic(newPlan(t))
}

// TestThePlanFormPostOPPlaysGreen plays oidcc-formpost-basic-certification-test-plan: the same modules.
func TestThePlanFormPostOPPlaysGreen(t *testing.T) {
	t.Parallel()
	p := newPlan(t)
	p.mode = "form_post"
	basic(p)
}

func basic(p *plan) {
	basicFlows(p)
	basicScopes(p)
	basicSignIns(p)
	basicRequests(p)
	basicTokens(p)
}

// flows lists changes to a request of modules that are one flow each, which must succeed.
func flows() map[string][]string {
	return map[string][]string{
		"oidcc-ensure-request-without-nonce-succeeds-for-code-flow": {"nonce", ""},
		"oidcc-display-page":  {"display", "page"},
		"oidcc-display-popup": {"display", "popup"},
		"oidcc-ensure-request-with-unknown-parameter-succeeds": {"extra", "foobar"},
		"oidcc-login-hint":                              {"login_hint", "buffy@ecluse.example"},
		"oidcc-ui-locales":                              {"ui_locales", "se"},
		"oidcc-claims-locales":                          {"claims_locales", "se"},
		"oidcc-ensure-request-with-acr-values-succeeds": {"acr_values", "1 2"},
		"oidcc-server":                                  {},
	}
}

func basicFlows(p *plan) {
	p.t.Helper()
	for name, changes := range flows() {
		p.module(name, func(s *suite) {
			claims, access := s.flow(s.request(changes...))
			s.userinfo(access, claims)
		})
	}
	p.module("oidcc-idtoken-signature", func(s *suite) {
		r := s.token(redeeming(s.code(s.request())))
		if _, header := s.verified(r.text("id_token")); header.Algorithm != "RS256" {
			s.t.Errorf("signed by %s", header.Algorithm)
		}
	})
	p.module("oidcc-idtoken-unsigned", func(s *suite) { s.without("id_token_signing_alg_values_supported", "none") })
	p.module("oidcc-server-client-secret-post", func(s *suite) {
		s.client = posts
		s.flow(s.request())
	})
	p.module("oidcc-userinfo-get", func(s *suite) {
		claims, access := s.flow(s.request())
		s.userinfo(access, claims)
	})
	for name, header := range map[string]bool{"oidcc-userinfo-post-header": true, "oidcc-userinfo-post-body": false} {
		p.module(name, func(s *suite) {
			claims, access := s.flow(s.request())
			body := url.Values{"access_token": {access}}
			if header {
				body = url.Values{}
			}
			r, err := http.NewRequest(http.MethodPost, s.endpoint("userinfo_endpoint"), strings.NewReader(body.Encode()))
			if err != nil {
				s.t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if header {
				r.Header.Set("Authorization", "Bearer "+access)
			}
			s.about(s.do(r), claims)
		})
	}
}

// without is a module that the suite leaves out, because discovery does not offer what it is about.
func (s *suite) without(list, value string) {
	s.t.Helper()
	if slices.Contains(s.list(list), value) {
		s.t.Errorf("%s offers %s, so that the suite would try it", list, value)
	}
}

func (s *suite) list(name string) []string {
	s.t.Helper()
	values, ok := s.said[name].([]any)
	if !ok {
		s.t.Fatalf("discovery has no list %s", name)
	}
	var out []string
	for _, v := range values {
		text, _ := v.(string)
		out = append(out, text)
	}
	return out
}

func basicScopes(p *plan) {
	p.t.Helper()
	for name, c := range map[string]struct {
		scope  string
		claims []string
	}{
		"oidcc-scope-profile":        {"openid profile", []string{"name", "given_name", "family_name"}},
		"oidcc-scope-email":          {"openid email", []string{"email"}},
		"oidcc-alternate-happy-flow": {"email openid", []string{"email"}},
	} {
		p.module(name, func(s *suite) {
			claims, access := s.flow(s.request("scope", c.scope))
			about := s.userinfo(access, claims)
			for _, want := range c.claims {
				if text, ok := about[want].(string); !ok || text == "" {
					s.t.Errorf("userinfo has no %s", want)
				}
			}
			if len(about) != len(c.claims)+1 {
				s.t.Errorf("userinfo says more than was asked for: %d claims", len(about))
			}
		})
	}
	for name, scope := range map[string]string{"oidcc-scope-address": "address", "oidcc-scope-phone": "phone", "oidcc-scope-all": "address"} {
		p.module(name, func(s *suite) { s.without("scopes_supported", scope) })
	}
	p.module("oidcc-claims-essential", func(s *suite) {
		claims, access := s.flow(s.request("claims", `{"userinfo":{"name":{"essential":true}}}`))
		if about := s.userinfo(access, claims); about["name"] != "Camille Essai" || len(about) != 2 {
			s.t.Errorf("userinfo has %d claims, and the name %v", len(about), about["name"])
		}
	})
}

// basicSignIns are the modules in which one browser signs in twice.
func basicSignIns(p *plan) {
	p.t.Helper()
	again := func(name string, fresh bool, then func(s *suite, hint string) []string, before ...string) {
		p.module(name, func(s *suite) {
			r := s.token(redeeming(s.code(s.request(before...))))
			one := s.good(r, "bearer")
			s.pass(2 * time.Second)
			a := s.ask(s.request(then(s, r.text("id_token"))...))
			two := s.nonced(s.good(s.token(redeeming(s.answered(a).Get("code"))), "bearer"))
			was, _ := one["auth_time"].(float64)
			is, _ := two["auth_time"].(float64)
			if one["sub"] != two["sub"] || (is > was) != fresh || (a.asked > 0) != fresh || is < was {
				s.t.Errorf("auth_time %v and then %v, the person did %d things, the same subject: %v", was, is, a.asked, one["sub"] == two["sub"])
			}
		})
	}
	fixed := func(changes ...string) func(*suite, string) []string {
		return func(*suite, string) []string { return changes }
	}
	again("oidcc-prompt-login", true, fixed("prompt", "login"))
	again("oidcc-max-age-1", true, fixed("max_age", "1"))
	again("oidcc-max-age-10000", false, fixed("max_age", "10000"), "max_age", "15000")
	again("oidcc-prompt-none-logged-in", false, fixed("prompt", "none"))
	again("oidcc-id-token-hint", false, func(_ *suite, hint string) []string {
		return []string{"prompt", "none", "id_token_hint", hint}
	})
	p.module("oidcc-prompt-none-not-logged-in", func(s *suite) { s.signedOut() })
}

// signedOut wants that nobody is there.
func (s *suite) signedOut() {
	s.t.Helper()
	a := s.ask(s.request("prompt", "none"))
	if s.refusal(a, "login_required"); a.asked != 0 {
		s.t.Error("the person was asked something")
	}
}

func basicRequests(p *plan) {
	p.t.Helper()
	p.module("oidcc-response-type-missing", func(s *suite) {
		s.refusal(s.ask(s.request("response_type", "")), "invalid_request", "unsupported_response_type")
	})
	p.module("oidcc-ensure-registered-redirect-uri", func(s *suite) {
		s.ourPage(s.ask(s.request("redirect_uri", bench+"/callback/"+rand.Text())), http.StatusBadRequest)
	})
	p.module("oidcc-ensure-post-request-succeeds", func(s *suite) {
		s.sent = s.request()
		j := s.going(s.endpoint("authorization_endpoint"))
		j.method, j.fields = http.MethodPost, s.sent
		j.from = &url.URL{Scheme: "http", Host: "suite.localhost:9", Path: "/"}
		v := s.answered(s.visit(j))
		s.nonced(s.good(s.token(redeeming(v.Get("code"))), "bearer"))
	})
	for _, name := range []string{
		"oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported",
		"oidcc-request-uri-unsigned-supported-correctly-or-rejected-as-unsupported",
		"oidcc-ensure-request-object-with-redirect-uri",
	} {
		p.module(name, func(s *suite) { s.without("request_object_signing_alg_values_supported", "none") })
	}
	p.module("oidcc-ensure-request-with-valid-pkce-succeeds", func(s *suite) {
		verifier := rand.Text() + rand.Text()
		code := s.code(s.request("code_challenge", challengeOf(verifier), "code_challenge_method", "S256"))
		s.nonced(s.good(s.token(redeeming(code, "code_verifier", verifier)), "bearer"))
	})
}

func challengeOf(verifier string) string {
	sum := sha256.Sum256([]byte(verifier))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

func basicTokens(p *plan) {
	p.t.Helper()
	for name, wait := range map[string]time.Duration{"oidcc-codereuse": 0, "oidcc-codereuse-30seconds": 30 * time.Second} {
		p.module(name, func(s *suite) {
			code := s.code(s.request())
			r := s.token(redeeming(code))
			s.good(r, "bearer")
			s.pass(wait)
			s.refused(s.token(redeeming(code)), "invalid_grant")
			ask, err := http.NewRequest(http.MethodGet, s.endpoint("userinfo_endpoint"), nil)
			if err != nil {
				s.t.Fatal(err)
			}
			ask.Header.Set("Authorization", "Bearer "+r.text("access_token"))
			if again := s.do(ask); again.status != http.StatusUnauthorized {
				s.t.Errorf("the access token outlives the second showing of its code: %d", again.status)
			}
		})
	}
	p.module("oidcc-refresh-token", func(s *suite) {
		kept := map[clientOf]string{}
		for _, c := range []clientOf{first, second} {
			s.client = c
			r := s.token(redeeming(s.code(s.request("scope", "openid offline_access", "prompt", "consent"))))
			one := s.nonced(s.good(r, "bearer"))
			s.pass(time.Second)
			form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {r.text("refresh_token")}}
			if c == first {
				form.Set("scope", "openid offline_access")
			}
			next := s.token(form)
			two := s.good(next, "bearer")
			for _, same := range []string{"iss", "sub", "aud", "auth_time", "azp"} {
				if one[same] != two[same] {
					s.t.Errorf("%s was %v and is %v", same, one[same], two[same])
				}
			}
			if one["iat"] == two["iat"] || next.text("access_token") == r.text("access_token") || len(next.text("refresh_token")) < 22 {
				s.t.Error("the later answer repeats the first")
			}
			s.userinfo(next.text("access_token"), two)
			kept[c] = next.text("refresh_token")
		}
		s.client = first
		s.refused(s.token(url.Values{"grant_type": {"refresh_token"}, "refresh_token": {kept[second]}}), "invalid_grant")
	})
}
