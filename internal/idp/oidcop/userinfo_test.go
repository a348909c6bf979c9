package oidcop_test

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/idp"
)

func TestUserinfoTakesAccessTokensOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.exchange(t, "calcul", h.code(t, "calcul"))
	for name, token := range map[string]string{
		"a code": h.code(t, "calcul"), "an id token": r.text("id_token"), "rubbish": "abc", "forged": "AAAA." + strings.Repeat("A", 43),
		"half of one":      "AAAA." + strings.SplitN(r.text("access_token"), ".", 2)[1],
		"what a thief has": "." + strings.SplitN(r.text("access_token"), ".", 2)[1],
	} {
		got := h.userinfo(t, token)
		refused(t, name, got, http.StatusUnauthorized, "invalid_token")
		if c := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(c, "Bearer ") || !strings.Contains(c, `error="invalid_token"`) {
			t.Errorf("%s: WWW-Authenticate %q", name, c)
		}
	}
}

func TestUserinfoReadsOneTokenFromHeaderOrForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	if r := h.send(t, h.post(t, "/oidc/userinfo", params("access_token", token))); r.status != http.StatusOK {
		t.Errorf("in the form: %d %v", r.status, r.body)
	}
	both := h.post(t, "/oidc/userinfo", params("access_token", token))
	both.Header.Set("Authorization", "Bearer "+token)
	refused(t, "in both", h.send(t, both), http.StatusBadRequest, "invalid_request")
	for _, at := range []string{"/oidc/userinfo", "/oidc/userinfo?access_token=" + url.QueryEscape(token)} {
		resp, err := browser.Get(h.issuer + at)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if c := resp.Header.Get("WWW-Authenticate"); resp.StatusCode != http.StatusUnauthorized || c != `Bearer realm="oidc"` {
			t.Errorf("without a token in its place: %d, WWW-Authenticate %q", resp.StatusCode, c)
		}
	}
}

func TestUserinfoDecidesAgainEachTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	token := h.exchange(t, "classe", h.code(t, "classe", "scope", "openid profile")).text("access_token")
	h.change(func(g *gateway) { g.contents.Services[1].Narrow = "pseudonymous" })
	if info := h.userinfo(t, token); info.status != http.StatusOK || info.body["given_name"] != nil {
		t.Errorf("after the service was narrowed: %d %v", info.status, info.body)
	}
	h.change(suspend("classe"))
	refused(t, "suspended", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
}

func TestGatewaysNoAtUserinfo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"page needed": {&idp.Failure{Kind: idp.PageNeeded}, http.StatusUnauthorized, "invalid_token"},
		"internal":    {&idp.Failure{Kind: idp.Internal}, http.StatusInternalServerError, "server_error"},
		"broken":      {errors.New("broken"), http.StatusInternalServerError, "server_error"},
	} {
		h.change(func(g *gateway) { g.later = c.err })
		refused(t, name, h.userinfo(t, token), c.status, c.code)
	}
}

func TestClientThatIsGoneHasNoTokens(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	h.change(func(g *gateway) { g.contents.Services[0].Bindings = nil })
	refused(t, "userinfo", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
	refused(t, "token", h.exchange(t, "calcul", code), http.StatusUnauthorized, "invalid_client")
}

func TestScriptsMayAskUserinfo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r, err := http.NewRequest(http.MethodOptions, h.issuer+"/oidc/userinfo", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Origin", "https://rp.example")
	r.Header.Set("Access-Control-Request-Method", "GET")
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusNoContent || resp.Header.Get("Access-Control-Allow-Origin") != "*" ||
		resp.Header.Get("Access-Control-Allow-Headers") != "Authorization, DPoP" || resp.Header.Get("Access-Control-Allow-Credentials") != "" {
		t.Errorf("preflight: %d %v", resp.StatusCode, resp.Header)
	}
}
