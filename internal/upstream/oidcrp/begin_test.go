package oidcrp_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"ecluse/internal/upstream"
)

func TestAQuestionIsBoundByStateNonceAndPKCE(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"scopes": []any{"openid", "profile"}, "acr_values": []any{"a", "b"}}})
	q := g.begin(t, upstream.Challenge{Language: "fr", Login: "zoe"})
	for name, want := range map[string]string{
		"response_type": "code", "client_id": clientID, "redirect_uri": "https://connexion.example/source/ent/callback", "scope": "openid profile",
		"code_challenge_method": "S256", "acr_values": "a b", "ui_locales": "fr", "login_hint": "zoe", "prompt": "", "max_age": "", "response_mode": "",
		"claims": `{"id_token":{"auth_time":{"essential":true}}}`,
	} {
		if q.Get(name) != want || len(q[name]) > 1 {
			t.Errorf("%s is %q, want %q", name, q[name], want)
		}
	}
	again := g.begin(t, upstream.Challenge{})
	for _, name := range []string{"state", "nonce", "code_challenge"} {
		if len(q.Get(name)) < 43 || q.Get(name) == again.Get(name) {
			t.Errorf("%s can be guessed", name)
		}
	}
	if g.callback(url.Values{"state": {again.Get("state")}, "code": {"c"}}).Code != http.StatusNoContent {
		t.Fatalf("nobody is signed in: %v", g.host.Failures())
	}
	if verifier := g.form.Get("code_verifier"); oauth2.S256ChallengeFromVerifier(verifier) != again.Get("code_challenge") {
		t.Error("the verifier is not the question's")
	}
}

func TestAFreshProofIsAskedForAndAPassiveOneShowsNoPage(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"max_age": "1h"}})
	for _, c := range []struct {
		challenge      upstream.Challenge
		prompt, maxAge string
	}{
		{upstream.Challenge{}, "", "3600"},
		{upstream.Challenge{Fresh: true}, "login", "0"},
		{upstream.Challenge{Passive: true}, "none", "3600"},
	} {
		if q := g.begin(t, c.challenge); q.Get("prompt") != c.prompt || q.Get("max_age") != c.maxAge {
			t.Errorf("%+v: prompt %q, max_age %q", c.challenge, q.Get("prompt"), q.Get("max_age"))
		}
	}
	if _, err := g.leaves(upstream.Challenge{Passive: true, Fresh: true}); !errors.Is(err, upstream.ErrNoSession) {
		t.Errorf("a fresh proof without a page: %v", err)
	}
	quiet := newGate(t, setup{settings: map[string]any{"passive": false}})
	if _, err := quiet.leaves(upstream.Challenge{Passive: true}); !errors.Is(err, upstream.ErrNoSession) || quiet.count("/.well-known/openid-configuration") != 0 {
		t.Errorf("a source that does not answer prompt=none was asked: %v", err)
	}
}

func TestWhatASourceRefusesIsLeftOut(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{
		"omit": []any{"pkce", "max_age", "login_hint", "ui_locales"}, "auth_time": "assumed", "response_mode": "form_post", "max_age": "1h",
		"claims": map[string]any{"userinfo": map[string]any{"uai": map[string]any{"essential": true}}},
	}})
	q := g.begin(t, upstream.Challenge{Fresh: true, Language: "fr", Login: "zoe"})
	for _, name := range []string{"code_challenge", "code_challenge_method", "max_age", "login_hint", "ui_locales"} {
		if q.Has(name) {
			t.Errorf("%s is sent", name)
		}
	}
	if q.Get("prompt") != "login" || q.Get("response_mode") != "form_post" || q.Get("nonce") == "" {
		t.Errorf("asked %v", q)
	}
	if q.Get("claims") != `{"userinfo":{"uai":{"essential":true}}}` {
		t.Errorf("claims %s", q.Get("claims"))
	}
}

func TestClaimsOfOurOwnStandBesideTheInstantOfTheProof(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"claims": map[string]any{"id_token": map[string]any{"amr": nil}, "userinfo": map[string]any{"uai": nil}}}})
	for range 2 { // the settings are not changed by the first question
		var asked map[string]map[string]any
		if err := json.Unmarshal([]byte(g.begin(t, upstream.Challenge{}).Get("claims")), &asked); err != nil {
			t.Fatal(err)
		}
		if len(asked["id_token"]) != 2 || len(asked["userinfo"]) != 1 {
			t.Errorf("asked %v", asked)
		}
	}
	g.set(func(o *op) { o.about = map[string]any{"claims_parameter_supported": false} })
	fresh := gateAt(t, g.op, setup{})
	if q := fresh.begin(t, upstream.Challenge{}); q.Has("claims") {
		t.Error("a parameter that the source does not read is sent")
	}
}

func TestASourceThatDoesNotAnswerSendsNobodyAway(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*op){
		"down": func(o *op) {
			o.at["/.well-known/openid-configuration"] = func(w http.ResponseWriter, _ *http.Request) {
				http.Error(w, "hostile", http.StatusBadGateway)
			}
		},
		"no JSON": func(o *op) {
			o.at["/.well-known/openid-configuration"] = func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("hostile")) }
		},
		"another issuer":              func(o *op) { o.about = map[string]any{"issuer": "https://hostile.example"} },
		"its issuer with a slash":     func(o *op) { o.about = map[string]any{"issuer": o.URL + "/"} },
		"no token endpoint":           func(o *op) { o.about = map[string]any{"token_endpoint": nil} },
		"a token endpoint in clear":   func(o *op) { o.about = map[string]any{"token_endpoint": "http://op.example/token"} },
		"a script for authorization":  func(o *op) { o.about = map[string]any{"authorization_endpoint": "javascript:hostile"} },
		"a userinfo endpoint on disk": func(o *op) { o.about = map[string]any{"userinfo_endpoint": "file:///etc/hostile"} },
		"keys with a password":        func(o *op) { o.about = map[string]any{"jwks_uri": "https://a:b@op.example/jwks"} },
		"huge": func(o *op) {
			o.at["/.well-known/openid-configuration"] = func(w http.ResponseWriter, _ *http.Request) {
				send(w, map[string]any{"issuer": o.URL, "x": strings.Repeat("hostile", 100_000)})
			}
		},
		"elsewhere": func(o *op) {
			o.at["/.well-known/openid-configuration"] = func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, "https://169.254.169.254/hostile", http.StatusFound)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, setup{})
			g.set(change)
			_, err := g.leaves(upstream.Challenge{})
			if !errors.Is(err, upstream.ErrUnavailable) {
				t.Fatalf("sent away, or %v", err)
			}
			g.silent(t, err.Error())
			if found := g.Probe(t.Context()); len(found) != 1 || found[0].Where != "settings.issuer" {
				t.Errorf("the probe finds %v", found)
			}
		})
	}
}

func TestTheConfigurationIsKeptAndAnOldOneServesForADay(t *testing.T) {
	t.Parallel()
	const about = "/.well-known/openid-configuration"
	g := newGate(t, setup{})
	for range 5 {
		g.begin(t, upstream.Challenge{})
	}
	if g.count(about) != 1 {
		t.Errorf("asked %d times for what is fresh", g.count(about))
	}
	g.set(func(o *op) {
		o.at[about] = func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "", http.StatusBadGateway) }
	})
	g.clock.Advance(2 * time.Hour)
	for range 5 {
		g.begin(t, upstream.Challenge{})
	}
	if g.count(about) != 2 {
		t.Errorf("asked %d times while it is away, want a pause", g.count(about))
	}
	g.clock.Advance(23 * time.Hour)
	if _, err := g.leaves(upstream.Challenge{}); !errors.Is(err, upstream.ErrUnavailable) {
		t.Errorf("a configuration of yesterday serves: %v", err)
	}
	g.set(func(o *op) { delete(o.at, about) })
	g.clock.Advance(time.Minute)
	g.begin(t, upstream.Challenge{})
}

func TestAnInternalAddressIsAskedOnlyWhenItIsNamed(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"networks": nil}})
	if _, err := g.leaves(upstream.Challenge{}); !errors.Is(err, upstream.ErrUnavailable) {
		t.Errorf("an address of this machine was asked: %v", err)
	}
	if g.count("/.well-known/openid-configuration") != 0 {
		t.Error("a request arrived")
	}
}
