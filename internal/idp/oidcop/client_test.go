package oidcop_test

import (
	"net/http"
	"net/url"
	"testing"
)

func TestClientProvesItselfInItsOneWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	good := func(client string) url.Values {
		return params("grant_type", "authorization_code", "code", h.code(t, client), "redirect_uri", callback, "code_verifier", verifier)
	}
	basic := func(id, secret string) func(*http.Request) {
		return func(r *http.Request) { r.SetBasicAuth(url.QueryEscape(id), url.QueryEscape(secret)) }
	}
	nothing := func(*http.Request) {}
	for name, c := range map[string]struct {
		client string
		add    []string
		auth   func(*http.Request)
		status int
		code   string
	}{
		"nothing shown":                   {"classe", nil, nothing, 401, "invalid_client"},
		"name alone":                      {"classe", []string{"client_id", "classe"}, nothing, 401, "invalid_client"},
		"wrong secret":                    {"classe", nil, basic("classe", "guess"), 401, "invalid_client"},
		"empty secret":                    {"classe", nil, basic("classe", ""), 401, "invalid_client"},
		"not decoded":                     {"classe", nil, func(r *http.Request) { r.SetBasicAuth("classe", secret) }, 401, "invalid_client"},
		"unknown client":                  {"classe", nil, basic("nobody", secret), 401, "invalid_client"},
		"registered for the body":         {"poste", nil, basic("poste", secret), 401, "invalid_client"},
		"registered for the header":       {"classe", []string{"client_id", "classe", "client_secret", secret}, nothing, 401, "invalid_client"},
		"secret of another client's body": {"poste", []string{"client_id", "poste", "client_secret", "other"}, nothing, 401, "invalid_client"},
		"secret in both places":           {"classe", []string{"client_secret", secret}, basic("classe", secret), 400, "invalid_request"},
		"two names":                       {"classe", []string{"client_id", "poste"}, basic("classe", secret), 400, "invalid_request"},
		"public client with a secret":     {"calcul", []string{"client_id", "calcul", "client_secret", secret}, nothing, 401, "invalid_client"},
		"public client in the header":     {"calcul", nil, basic("calcul", ""), 401, "invalid_client"},
		"bearer":                          {"classe", []string{"client_id", "classe"}, func(r *http.Request) { r.Header.Set("Authorization", "Bearer x") }, 401, "invalid_client"},
		"assertion": {"classe", []string{
			"client_id", "classe", "client_assertion", "x", "client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
		}, nothing, 401, "invalid_client"},
		"hash instead of the secret": {"classe", nil, basic("classe", "sha256:00"), 401, "invalid_client"},
	} {
		v := good(c.client)
		for i := 0; i < len(c.add); i += 2 {
			v.Set(c.add[i], c.add[i+1])
		}
		r := h.post(t, "/oidc/token", v)
		c.auth(r)
		got := h.send(t, r)
		refused(t, name, got, c.status, c.code)
		if c.status == 401 && got.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s: no WWW-Authenticate", name)
		}
	}
	v := good("classe")
	r := h.post(t, "/oidc/token", v)
	basic("classe", "the one before")(r)
	if got := h.send(t, r); got.status != http.StatusOK {
		t.Errorf("the secret that is being replaced: %d %v", got.status, got.body)
	}
}

func TestFailedProofDoesNotCostTheCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "poste")
	refused(t, "guess", h.exchange(t, "poste", code, "client_secret", "guess"), http.StatusUnauthorized, "invalid_client")
	if r := h.exchange(t, "poste", code); r.status != http.StatusOK {
		t.Errorf("the client itself, after somebody's guess: %d %v", r.status, r.body)
	}
}

func TestTokenEndpointWantsOneForm(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	refused(t, "no grant type", h.exchange(t, "calcul", code, "grant_type", ""), 400, "invalid_request")
	refused(t, "refresh_token of a client without", h.exchange(t, "calcul", code, "grant_type", "refresh_token"), 400, "unauthorized_client")
	for _, grant := range []string{"password", "client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"} {
		refused(t, grant, h.exchange(t, "calcul", code, "grant_type", grant), 400, "unsupported_grant_type")
	}
	v := params("grant_type", "authorization_code", "client_id", "calcul", "code", code, "redirect_uri", callback, "code_verifier", verifier)
	v.Add("code", "other")
	refused(t, "two codes", h.send(t, h.post(t, "/oidc/token", v)), 400, "invalid_request")
	r := h.post(t, "/oidc/token", v)
	r.Header.Set("Content-Type", "application/json")
	refused(t, "JSON", h.send(t, r), 400, "invalid_request")
	query := h.post(t, "/oidc/token?"+v.Encode(), url.Values{})
	refused(t, "in the address", h.send(t, query), 400, "invalid_request")
	if got := h.exchange(t, "calcul", code); got.status != 200 || got.header.Get("Cache-Control") != "no-store" || got.text("token_type") != "Bearer" {
		t.Errorf("after all that: %d %v", got.status, got.body)
	}
}

func TestScriptsReadTokensOnlyAtAPublicClientsOwnSite(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, c := range []struct{ client, origin, want string }{
		{"calcul", "https://rp.example", "https://rp.example"},
		{"calcul", "https://evil.example", ""},
		{"calcul", "https://rp.exampl", ""},
		{"calcul", "null", ""},
		{"poste", "https://rp.example", ""},
	} {
		v := params("grant_type", "authorization_code", "code", h.code(t, c.client), "redirect_uri", callback,
			"code_verifier", verifier, "client_id", c.client)
		if c.client == "poste" {
			v.Set("client_secret", secret)
		}
		r := h.post(t, "/oidc/token", v)
		r.Header.Set("Origin", c.origin)
		if got := h.send(t, r).header.Get("Access-Control-Allow-Origin"); got != c.want {
			t.Errorf("%s from %s: allowed %q, want %q", c.client, c.origin, got, c.want)
		}
	}
}
