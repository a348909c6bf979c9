package oidcop_test

import (
	"net/http"
	"strings"
	"testing"

	"golang.org/x/oauth2"

	"ecluse/internal/registry"
)

const jwtAccess = `,"access_token":"jwt","access_token_audience":"https://api.example"`

// introspecting opens a house with a client that has tokens for an API, the API, and others.
func introspecting(t *testing.T) *house {
	t.Helper()
	h := again(t)
	h.withSecret(t, "app", jwtAccess)
	h.withSecret(t, "api", `,"resource":"https://api.example"`)
	h.withSecret(t, "neighbour", "")
	h.change(func(g *gateway) { // the same resource, claimed by another service
		for _, b := range g.contents.Services[1].Bindings {
			if b.Handle == "api" {
				g.contents.Services[0].Bindings = append(g.contents.Services[0].Bindings, registry.Binding{Protocol: "oidc", Handle: "stranger", Settings: b.Settings})
			}
		}
	})
	return h
}

func (h *house) look(t *testing.T, path, client, token string) reply {
	t.Helper()
	return h.to(t, path, params("client_id", client, "client_secret", secret, "token", token))
}

func TestIntrospectionTellsOwnersAndResourcesAlone(t *testing.T) {
	t.Parallel()
	h := introspecting(t)
	r := h.to(t, "/oidc/token", redeeming("app", h.offline(t, "app"), "client_secret", secret))
	sub := payload(t, r.text("id_token"))["sub"]
	for _, client := range []string{"app", "api"} {
		said := h.look(t, "/oidc/introspect", client, r.text("access_token"))
		if said.body["active"] != true || said.body["sub"] != sub || said.text("client_id") != "app" || said.text("scope") != "openid profile offline_access" ||
			said.text("token_type") != "Bearer" || said.text("iss") != h.issuer || said.body["exp"].(float64)-said.body["iat"].(float64) != 600 {
			t.Errorf("%s is told %v", client, said.body)
		}
		if said.header.Get("Cache-Control") != "no-store" {
			t.Error("the answer may be kept")
		}
	}
	if said := h.look(t, "/oidc/introspect", "app", r.text("refresh_token")); said.body["active"] != true || said.body["token_type"] != nil {
		t.Errorf("about a refresh token: %v", said.body)
	}
	for client, token := range map[string]string{
		"neighbour": r.text("access_token"), "stranger": r.text("access_token"), "api": r.text("refresh_token"), "app": r.text("id_token"), "poste": "rubbish",
	} {
		if said := h.look(t, "/oidc/introspect", client, token); said.status != http.StatusOK || said.body["active"] != false || len(said.body) != 1 {
			t.Errorf("%s is told %v", client, said.body)
		}
	}
	refused(t, "a public client", h.to(t, "/oidc/introspect", params("client_id", "again", "token", r.text("access_token"))), 401, "invalid_client")
	refused(t, "a wrong secret", h.to(t, "/oidc/introspect", params("client_id", "app", "client_secret", "x", "token", "y")), 401, "invalid_client")
	refused(t, "no token", h.to(t, "/oidc/introspect", params("client_id", "app", "client_secret", secret)), 400, "invalid_request")
	if got := h.to(t, "/oidc/token", renewing("app", r.text("refresh_token"), "client_secret", secret)); got.status != http.StatusOK {
		t.Errorf("looking at a refresh token cost it: %v", got.body)
	}
	h.change(suspend("classe"))
	if said := h.look(t, "/oidc/introspect", "api", r.text("access_token")); said.body["active"] != false || len(said.body) != 1 {
		t.Errorf("a suspended declaration leaves %v", said.body)
	}
}

func TestRevocationEndsWhatIsTheClientsOwn(t *testing.T) {
	t.Parallel()
	h := introspecting(t)
	r := h.to(t, "/oidc/token", redeeming("app", h.offline(t, "app"), "client_secret", secret))
	access, refresh := r.text("access_token"), r.text("refresh_token")
	for what, token := range map[string]string{"access token": access, "refresh token": refresh} {
		refused(t, "a neighbour's "+what, h.look(t, "/oidc/revoke", "neighbour", token), 400, "invalid_grant")
	}
	for name, token := range map[string]string{"rubbish": "x", "another form": "a.b.c", "id token": r.text("id_token"), "forged": "AAAA." + strings.Repeat("A", 43)} {
		if got := h.look(t, "/oidc/revoke", "app", token); got.status != http.StatusOK {
			t.Errorf("%s: %d %v", name, got.status, got.body)
		}
	}
	if h.userinfo(t, access).status != http.StatusOK {
		t.Fatal("somebody else ended the access token")
	}
	if got := h.look(t, "/oidc/revoke", "app", access); got.status != http.StatusOK {
		t.Errorf("revoke: %v", got.body)
	}
	refused(t, "the access token", h.userinfo(t, access), 401, "invalid_token")
	r = h.to(t, "/oidc/token", renewing("app", refresh, "client_secret", secret))
	if r.status != http.StatusOK {
		t.Fatalf("the refresh token: %v", r.body)
	}
	if got := h.look(t, "/oidc/revoke", "app", r.text("refresh_token")); got.status != http.StatusOK {
		t.Errorf("revoke: %v", got.body)
	}
	refused(t, "its refresh token", h.to(t, "/oidc/token", renewing("app", r.text("refresh_token"), "client_secret", secret)), 400, "invalid_grant")
	refused(t, "its access token", h.userinfo(t, r.text("access_token")), 401, "invalid_token")
	open := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	if got := h.to(t, "/oidc/revoke", params("client_id", "again", "token", open.text("refresh_token"), "token_type_hint", "access_token")); got.status != http.StatusOK {
		t.Errorf("a public client: %v", got.body)
	}
	refused(t, "a public client's", h.to(t, "/oidc/token", renewing("again", open.text("refresh_token"))), 400, "invalid_grant")
}

func TestJWTAccessTokenSaysNothingOfThePerson(t *testing.T) {
	t.Parallel()
	h := introspecting(t)
	key := freshKey(t)
	r := h.to(t, "/oidc/token", redeeming("app", h.offline(t, "app"), "client_secret", secret), "DPoP", h.dpop(t, key, "POST", "/oidc/token", ""))
	token := r.text("access_token")
	if head := header(t, token); head["typ"] != "at+jwt" || head["alg"] != "ES256" {
		t.Errorf("header %v", head)
	}
	said := payload(t, token)
	for _, name := range []string{"iss", "sub", "aud", "client_id", "jti", "iat", "exp", "scope", "cnf"} { // RFC 9068 2.2
		if said[name] == nil {
			t.Errorf("%s is missing", name)
		}
		delete(said, name)
	}
	if len(said) != 0 {
		t.Errorf("it also says %v", said)
	}
	if info := h.shown(t, "DPoP", token, h.dpop(t, key, "GET", "/oidc/userinfo", token)); info.text("given_name") != "Léa" {
		t.Errorf("userinfo: %v", info.body)
	}
	refused(t, "as bearer token", h.userinfo(t, token), 401, "invalid_token")
	for name, forged := range forgeries(token) {
		refused(t, name, h.userinfo(t, forged), 401, "invalid_token")
	}
	plain := h.to(t, "/oidc/token", redeeming("app", h.offline(t, "app"), "client_secret", secret))
	refused(t, "an id token", h.userinfo(t, plain.text("id_token")), 401, "invalid_token")
	if q := h.answered(t, request("app", "id_token_hint", plain.text("access_token"))); q.Get("error") != "invalid_request" {
		t.Errorf("an access token as id_token_hint: %v", q)
	}
}

func TestEveryAlgorithmSignsWhatTheClientReads(t *testing.T) {
	t.Parallel()
	h := again(t)
	for _, alg := range []string{"RS256", "ES256", "PS256", "EdDSA"} {
		h.withSecret(t, alg, `,"id_token_alg":"`+alg+`","userinfo_alg":"`+alg+`"`)
		r := h.to(t, "/oidc/token", redeeming(alg, h.code(t, alg, "scope", "openid profile"), "client_secret", secret))
		if header(t, r.text("id_token"))["alg"] != alg {
			t.Fatalf("%s: %v", alg, r.body)
		}
		verifyWithPublishedKeys(t, h, alg, r)
	}
}

// verifyWithPublishedKeys has a library that is not ours judge the id token, its at_hash and the signed userinfo.
func verifyWithPublishedKeys(t *testing.T, h *house, client string, r reply) {
	t.Helper()
	p := newParty(t, h, client, oauth2.AuthStyleInParams)
	id, err := p.verifier.Verify(t.Context(), r.text("id_token"))
	if err != nil {
		t.Fatalf("%s: id token: %v", client, err)
	}
	if err := id.VerifyAccessToken(r.text("access_token")); err != nil {
		t.Errorf("%s: at_hash: %v", client, err)
	}
	source := oauth2.StaticTokenSource(&oauth2.Token{AccessToken: r.text("access_token"), TokenType: "Bearer"})
	info, err := p.provider.UserInfo(t.Context(), source)
	if err != nil {
		t.Fatalf("%s: userinfo: %v", client, err)
	}
	var said map[string]any
	if err := info.Claims(&said); err != nil || said["given_name"] != "Léa" || said["iss"] != h.issuer || said["aud"] != client || info.Subject != id.Subject {
		t.Errorf("%s: signed userinfo says %v, %v", client, said, err)
	}
}
