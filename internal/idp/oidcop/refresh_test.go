package oidcop_test

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// lasting gives the declaration of "classe" a maximum for later answers.
func lasting(g *gateway) {
	for i, d := range g.contents.Declarations {
		if d.ServiceID == "classe" {
			g.contents.Declarations[i].MaxSession = 8 * time.Hour
		}
	}
}

// again opens a house with a public client that has refresh tokens.
func again(t *testing.T) *house {
	t.Helper()
	h := newHouse(t, nil)
	h.change(lasting)
	h.register(t, "again", publicAgain)
	return h
}

func TestRefreshTokenGivesTokensOfTheSameSignIn(t *testing.T) {
	t.Parallel()
	h := again(t)
	first := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	if first.text("refresh_token") == "" || first.text("scope") != "openid profile offline_access" {
		t.Fatalf("%v: no refresh token", first.body)
	}
	h.clock.Advance(time.Hour)
	second := h.to(t, "/oidc/token", renewing("again", first.text("refresh_token")))
	if second.status != http.StatusOK || second.text("refresh_token") == "" || second.text("refresh_token") == first.text("refresh_token") {
		t.Fatalf("refresh: %d %v, want another refresh token", second.status, second.body)
	}
	a, b := payload(t, first.text("id_token")), payload(t, second.text("id_token"))
	for _, same := range []string{"iss", "sub", "aud", "auth_time", "sid", "acr"} { // OpenID Connect Core 12.2
		if a[same] != b[same] || b[same] == nil {
			t.Errorf("%s was %v and is %v", same, a[same], b[same])
		}
	}
	if b["nonce"] != nil || b["iat"] == a["iat"] {
		t.Errorf("the new id token says %v", b)
	}
	if info := h.userinfo(t, second.text("access_token")); info.text("given_name") != "Léa" || info.text("sub") != a["sub"] {
		t.Errorf("userinfo says %v", info.body)
	}
}

func TestNoRefreshTokenUnlessRegisteredAndAskedFor(t *testing.T) {
	t.Parallel()
	h := again(t)
	for _, c := range []struct{ client, scope string }{{"again", "openid profile"}, {"calcul", "openid offline_access"}} {
		r := h.to(t, "/oidc/token", redeeming(c.client, h.code(t, c.client, "scope", c.scope)))
		if r.status != http.StatusOK || r.text("refresh_token") != "" || strings.Contains(r.text("scope"), "offline") {
			t.Errorf("%s with %s: %v", c.client, c.scope, r.body)
		}
	}
}

func TestOldRefreshTokenEndsTheFamily(t *testing.T) {
	t.Parallel()
	h := again(t)
	r0 := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	r1 := h.to(t, "/oidc/token", renewing("again", r0.text("refresh_token")))
	h.clock.Advance(31 * time.Second)
	refused(t, "the first one again", h.to(t, "/oidc/token", renewing("again", r0.text("refresh_token"))), 400, "invalid_grant")
	refused(t, "the good one after that", h.to(t, "/oidc/token", renewing("again", r1.text("refresh_token"))), 400, "invalid_grant")
	refused(t, "userinfo after that", h.userinfo(t, r1.text("access_token")), 401, "invalid_token")
}

func TestLostAnswerIsGivenAgainForAMomentAndIsTheSame(t *testing.T) {
	t.Parallel()
	h := again(t)
	r0 := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	r1 := h.to(t, "/oidc/token", renewing("again", r0.text("refresh_token")))
	h.clock.Advance(29 * time.Second)
	same := h.to(t, "/oidc/token", renewing("again", r0.text("refresh_token")))
	if same.status != http.StatusOK || same.text("refresh_token") != r1.text("refresh_token") {
		t.Fatalf("asked again: %d %v, want the same refresh token", same.status, same.body)
	}
	r2 := h.to(t, "/oidc/token", renewing("again", same.text("refresh_token")))
	if r2.status != http.StatusOK {
		t.Fatalf("the next one: %d %v", r2.status, r2.body)
	}
	refused(t, "two steps back, within the moment", h.to(t, "/oidc/token", renewing("again", r0.text("refresh_token"))), 400, "invalid_grant")
	refused(t, "the family after that", h.to(t, "/oidc/token", renewing("again", r2.text("refresh_token"))), 400, "invalid_grant")
}

func TestRefreshesAtOnceGiveOneLine(t *testing.T) {
	t.Parallel()
	h := again(t)
	token := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again"))).text("refresh_token")
	for range 20 {
		replies := make([]reply, 4)
		var wg sync.WaitGroup
		for i := range replies {
			wg.Go(func() { replies[i] = h.to(t, "/oidc/token", renewing("again", token)) })
		}
		wg.Wait()
		for _, r := range replies {
			if r.status != http.StatusOK || r.text("refresh_token") != replies[0].text("refresh_token") {
				t.Fatalf("at once: %d %v", r.status, r.body)
			}
		}
		token = replies[0].text("refresh_token")
	}
}

func TestSuspensionEndsRefreshing(t *testing.T) {
	t.Parallel()
	h := again(t)
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	h.change(func(g *gateway) { g.later = errors.New("the journal is away") })
	refused(t, "our own failure", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 500, "server_error")
	h.change(func(g *gateway) { g.later = nil })
	h.clock.Advance(time.Minute)
	r = h.to(t, "/oidc/token", renewing("again", r.text("refresh_token")))
	if r.status != http.StatusOK {
		t.Fatalf("after our own failure: %v; it must cost the client nothing", r.body)
	}
	h.change(suspend("classe"))
	refused(t, "suspended", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "invalid_grant")
	h.change(func(g *gateway) { g.later = &idp.Failure{Kind: idp.PageNeeded} })
	refused(t, "a page needed", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "invalid_grant")
}

func TestFamilyEndsWithTheDeclaredMaximum(t *testing.T) {
	t.Parallel()
	h := again(t)
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	h.clock.Advance(8*time.Hour - 5*time.Minute)
	r = h.to(t, "/oidc/token", renewing("again", r.text("refresh_token")))
	if r.status != http.StatusOK || r.body["expires_in"] != 300.0 {
		t.Fatalf("five minutes before the end: %v", r.body)
	}
	h.clock.Advance(5*time.Minute + time.Second)
	refused(t, "after the end", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "invalid_grant")
}

func TestRefreshNarrowsAndNeverWidens(t *testing.T) {
	t.Parallel()
	h := again(t)
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again", "scope", "openid profile school offline_access")))
	narrow := h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"), "scope", "openid school"))
	if narrow.text("scope") != "openid school" {
		t.Errorf("scope %q", narrow.text("scope"))
	}
	if info := h.userinfo(t, narrow.text("access_token")); info.body["given_name"] != nil || info.text("level") == "" {
		t.Errorf("userinfo says %v, want the school alone", info.body)
	}
	refused(t, "wider", h.to(t, "/oidc/token", renewing("again", narrow.text("refresh_token"), "scope", "openid email")), 400, "invalid_scope")
	bare := h.to(t, "/oidc/token", renewing("again", narrow.text("refresh_token"), "scope", "school"))
	if bare.status != http.StatusOK || bare.text("id_token") != "" {
		t.Errorf("without openid: %v", bare.body)
	}
	refused(t, "userinfo without openid", h.userinfo(t, bare.text("access_token")), 403, "insufficient_scope")
	all := h.to(t, "/oidc/token", renewing("again", bare.text("refresh_token")))
	if info := h.userinfo(t, all.text("access_token")); info.text("given_name") != "Léa" {
		t.Errorf("the next token in full says %v", info.body)
	}
}

func TestRefreshTokenIsItsClientsAlone(t *testing.T) {
	t.Parallel()
	h := again(t)
	h.register(t, "other", publicAgain)
	h.withSecret(t, "geheim", "")
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	refused(t, "another client", h.to(t, "/oidc/token", renewing("other", r.text("refresh_token"))), 400, "invalid_grant")
	secretly := h.to(t, "/oidc/token", redeeming("geheim", h.offline(t, "geheim"), "client_secret", secret))
	refused(t, "without its secret", h.to(t, "/oidc/token", renewing("geheim", secretly.text("refresh_token"))), 401, "invalid_client")
	if got := h.to(t, "/oidc/token", renewing("geheim", secretly.text("refresh_token"), "client_secret", secret)); got.status != http.StatusOK {
		t.Errorf("with its secret: %v", got.body)
	}
	for name, token := range map[string]string{
		"access token": r.text("access_token"), "id token": r.text("id_token"), "code": h.offline(t, "again"), "rubbish": "a.1.b",
		"next number": strings.Replace(r.text("refresh_token"), ".0.", ".1.", 1), "empty": "", "long": strings.Repeat("a.", 5000),
	} {
		if got := h.to(t, "/oidc/token", renewing("again", token)); got.status != 400 {
			t.Errorf("%s as refresh token: %d %v", name, got.status, got.body)
		}
	}
	refused(t, "refresh token as access token", h.userinfo(t, r.text("refresh_token")), 401, "invalid_token")
	refused(t, "refresh token as code", h.to(t, "/oidc/token", redeeming("again", r.text("refresh_token"))), 400, "invalid_grant")
	if got := h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))); got.status != http.StatusOK {
		t.Errorf("the client itself after all that: %v", got.body)
	}
}

func TestCodeShownAgainEndsTheFamilyHoweverLate(t *testing.T) {
	t.Parallel()
	h := again(t)
	code := h.offline(t, "again")
	r := h.to(t, "/oidc/token", redeeming("again", code))
	h.clock.Advance(2 * time.Hour)
	refused(t, "the code again", h.to(t, "/oidc/token", redeeming("again", code)), 400, "invalid_grant")
	h.clock.Advance(time.Hour)
	refused(t, "its refresh token", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "invalid_grant")
	if len(h.rights) != 0 {
		t.Error("the right to later answers is still there")
	}
}

func TestClientThatMayNoLongerRefreshDoesNot(t *testing.T) {
	t.Parallel()
	h := again(t)
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")))
	h.change(func(g *gateway) {
		for i, b := range g.contents.Services[1].Bindings {
			if b.Handle == "again" {
				g.contents.Services[1].Bindings[i] = registry.Binding{Protocol: "oidc", Handle: "again", Settings: []byte(strings.Replace(publicAgain, "true", "false", 1))}
			}
		}
	})
	refused(t, "refresh", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "unauthorized_client")
}
