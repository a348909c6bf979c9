package oidcop_test

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
)

// except opens the front channel to a client.
func except(client string, types ...string) func(*gateway) {
	return set(client, "front_channel", map[string]any{"response_types": types, "reason": "un logiciel ancien, remplacé à l'été", "until": "2027-08-31"})
}

// inFragment reads the answer out of the fragment.
func (h *house) inFragment(t *testing.T, v url.Values) url.Values {
	t.Helper()
	resp := h.ask(t, v)
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusSeeOther || u.RawQuery != "" || !strings.HasPrefix(u.String(), callback+"#") {
		t.Fatalf("status %d, location %q; want the fragment of the callback", resp.StatusCode, resp.Header.Get("Location"))
	}
	q, err := url.ParseQuery(u.EscapedFragment())
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func TestHybridFlowByExceptionBringsACodeAndAnIDTokenThatFitEachOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(except("classe", "code id_token"))
	for _, asked := range []string{"code id_token", "id_token code"} {
		q := h.inFragment(t, request("classe", "response_type", asked, "scope", "openid profile", "claims", `{"id_token":{"given_name":null}}`))
		if q.Get("state") != "st" || q.Get("iss") != h.issuer || q.Get("access_token") != "" || q.Get("code") == "" {
			t.Fatalf("answer %v", q)
		}
		provider, err := oidc.NewProvider(t.Context(), h.issuer)
		if err != nil {
			t.Fatal(err)
		}
		id, err := provider.Verifier(&oidc.Config{ClientID: "classe", Now: h.clock.Now}).Verify(t.Context(), q.Get("id_token"))
		if err != nil {
			t.Fatalf("go-oidc says %v", err)
		}
		var said map[string]any
		if err := id.Claims(&said); err != nil {
			t.Fatal(err)
		}
		sum := sha256.Sum256([]byte(q.Get("code")))
		if said["c_hash"] != base64.RawURLEncoding.EncodeToString(sum[:16]) || said["nonce"] != "n" || said["at_hash"] != nil {
			t.Errorf("id token %v", said)
		}
		if said["given_name"] != nil || said["family_name"] != nil {
			t.Error("the id token in the browser names the person")
		}
		r := h.exchange(t, "classe", q.Get("code"))
		if later := payload(t, r.text("id_token")); later["sub"] != id.Subject || later["iss"] != h.issuer || later["given_name"] != "Léa" {
			t.Errorf("the token endpoint says %v", later)
		}
		if info := h.userinfo(t, r.text("access_token")).body; info["given_name"] != "Léa" {
			t.Errorf("userinfo says %v", info)
		}
	}
}

func TestImplicitIDTokenByExceptionNamesThePersonInAFormAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(except("classe", "id_token"))
	v := request("classe", "response_type", "id_token", "scope", "openid profile", "code_challenge", "", "code_challenge_method", "")
	id := payload(t, h.inFragment(t, v).Get("id_token"))
	if id["given_name"] != nil || id["c_hash"] != nil || id["nonce"] != "n" || h.last.Later || h.last.Asked == nil || len(h.last.Asked) != 0 {
		t.Errorf("id token %v of the request %+v", id, h.last)
	}
	v.Set("response_mode", "form_post")
	answer := posted(t, h.issuer+"/oidc/authorize?"+v.Encode())
	if id := payload(t, answer.Get("id_token")); id["given_name"] != "Léa" || answer.Has("code") {
		t.Errorf("in a form: %v", id)
	}
	v.Set("scope", "openid")
	answer = posted(t, h.issuer+"/oidc/authorize?"+v.Encode())
	if id := payload(t, answer.Get("id_token")); id["given_name"] != nil || len(h.last.Asked) != 0 || h.last.Asked == nil {
		t.Errorf("openid alone in a form: %v", id)
	}
}

func TestFrontChannelWithoutItsConditionsIsRefusedInTheFragment(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(except("classe", "code id_token"))
	for name, c := range map[string]struct {
		client, code string
		changes      []string
	}{
		"no exception":         {"poste", "unsupported_response_type", []string{"response_type", "code id_token"}},
		"another type":         {"classe", "unsupported_response_type", []string{"response_type", "id_token"}},
		"access token":         {"classe", "unsupported_response_type", []string{"response_type", "token"}},
		"code and token":       {"classe", "unsupported_response_type", []string{"response_type", "code token"}},
		"all three":            {"classe", "unsupported_response_type", []string{"response_type", "code id_token token"}},
		"without nonce":        {"classe", "invalid_request", []string{"response_type", "code id_token", "nonce", ""}},
		"in the query":         {"classe", "invalid_request", []string{"response_type", "code id_token", "response_mode", "query"}},
		"without PKCE":         {"classe", "invalid_request", []string{"response_type", "code id_token", "code_challenge", "", "code_challenge_method", ""}},
		"in a mode of its own": {"classe", "unsupported_response_mode", []string{"response_type", "code id_token", "response_mode", "jwt"}},
	} {
		if q := h.inFragment(t, request(c.client, c.changes...)); q.Get("error") != c.code || q.Get("state") != "st" || q.Has("id_token") || q.Has("code") {
			t.Errorf("%s: answer %v, want %s", name, q, c.code)
		}
	}
	h.change(set("classe", "front_channel", map[string]any{"response_types": []string{"code id_token"}, "reason": "x", "until": "2026-10-04"}))
	if q := h.inFragment(t, request("classe", "response_type", "code id_token")); q.Get("error") != "unsupported_response_type" {
		t.Errorf("an exception that is over: answer %v", q)
	}
	h.code(t, "classe") // the code flow stays
}

func TestFrontSettingsAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, c := range map[string]struct {
		pairs []any
		where string
	}{
		"par":             {[]any{"par", "always"}, "settings.par"},
		"alg none":        {[]any{"request_object_signing_alg", "none"}, "settings.request_object_signing_alg"},
		"alg HS256":       {[]any{"request_object_signing_alg", "HS256"}, "settings.request_object_signing_alg"},
		"access token":    {[]any{"front_channel", map[string]any{"response_types": []string{"id_token token"}, "reason": "x", "until": "2027-08-31"}}, "settings.front_channel.response_types[0]"},
		"another order":   {[]any{"front_channel", map[string]any{"response_types": []string{"id_token code"}, "reason": "x", "until": "2027-08-31"}}, "settings.front_channel.response_types[0]"},
		"for nothing":     {[]any{"front_channel", map[string]any{"reason": "x", "until": "2027-08-31"}}, "settings.front_channel.response_types"},
		"no reason":       {[]any{"front_channel", map[string]any{"response_types": []string{"id_token"}, "reason": " ", "until": "2027-08-31"}}, "settings.front_channel.reason"},
		"no end":          {[]any{"front_channel", map[string]any{"response_types": []string{"id_token"}, "reason": "x"}}, "settings.front_channel.until"},
		"plain http":      {[]any{"backchannel_logout_uri", "http://rp.example/out"}, "settings.backchannel_logout_uri"},
		"script":          {[]any{"frontchannel_logout_uri", "javascript:alert(1)"}, "settings.frontchannel_logout_uri"},
		"fragment":        {[]any{"backchannel_logout_uri", "https://rp.example/out#x"}, "settings.backchannel_logout_uri"},
		"user":            {[]any{"post_logout_redirect_uris", []string{"https://a@rp.example/"}}, "settings.post_logout_redirect_uris[0]"},
		"another host":    {[]any{"frontchannel_logout_uri", "https://evil.example/out"}, "settings.frontchannel_logout_uri"},
		"another port":    {[]any{"frontchannel_logout_uri", "https://rp.example:8443/out"}, "settings.frontchannel_logout_uri"},
		"session nowhere": {[]any{"backchannel_logout_session_required", true}, "settings.backchannel_logout_uri"},
		"frame nowhere":   {[]any{"frontchannel_logout_session_required", true}, "settings.frontchannel_logout_uri"},
	} {
		h.change(func(g *gateway) { g.contents = contents() })
		h.change(set("classe", c.pairs...))
		_, binding, _ := h.snapshot().Binding("oidc", "classe")
		found := h.provider.CheckSettings(binding)
		if len(found) != 1 || found[0].Where != c.where || found[0].What == "" || found[0].Mend == "" {
			t.Errorf("%s: found %+v, want one at %s", name, found, c.where)
		}
	}
	h.change(func(g *gateway) { g.contents = contents() })
	h.change(except("classe", "id_token", "code id_token"))
	h.change(set("classe", "par", "optional", "request_object_signing_alg", "EdDSA", "backchannel_logout_uri", "https://api.example/out?x=1",
		"backchannel_logout_session_required", true, "frontchannel_logout_uri", "https://rp.example/out", "post_logout_redirect_uris", []string{"https://www.example/bye"}))
	_, binding, _ := h.snapshot().Binding("oidc", "classe")
	if found := h.provider.CheckSettings(binding); len(found) != 0 {
		t.Errorf("good settings: %+v", found)
	}
}
