package oidcop_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"
)

func TestBoundTokenNeedsItsKey(t *testing.T) {
	t.Parallel()
	h := again(t)
	key := freshKey(t)
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")), "DPoP", h.dpop(t, key, "POST", "/oidc/token", ""))
	token := r.text("access_token")
	if r.status != http.StatusOK || r.text("token_type") != "DPoP" {
		t.Fatalf("token: %d %v", r.status, r.body)
	}
	good := func(changes ...any) string { return h.dpop(t, key, "GET", "/oidc/userinfo", token, changes...) }
	if info := h.shown(t, "DPoP", token, good()); info.text("given_name") != "Léa" {
		t.Fatalf("userinfo: %d %v", info.status, info.body)
	}
	refused(t, "as bearer token", h.shown(t, "Bearer", token), 401, "invalid_token")
	refused(t, "as bearer token with a proof", h.shown(t, "Bearer", token, good()), 401, "invalid_token")
	refused(t, "without a proof", h.shown(t, "DPoP", token), 401, "invalid_token")
	refused(t, "another key", h.shown(t, "DPoP", token, h.dpop(t, freshKey(t), "GET", "/oidc/userinfo", token)), 401, "invalid_token")
	for name, changes := range map[string][]any{
		"another token": {"ath", "x"}, "no ath": {"ath", nil}, "another method": {"htm", "POST"}, "no method": {"htm", nil},
		"another address": {"htu", "https://evil.example/oidc/userinfo"}, "another path": {"htu", h.issuer + "/oidc/token"},
		"no jti": {"jti", nil}, "too old": {"iat", h.clock.Now().Add(-121 * time.Second).Unix()},
		"of tomorrow": {"iat", h.clock.Now().Add(121 * time.Second).Unix()}, "no iat": {"iat", nil}, "long jti": {"jti", strings.Repeat("j", 257)},
	} {
		got := h.shown(t, "DPoP", token, good(changes...))
		refused(t, name, got, 401, "invalid_dpop_proof")
		if c := got.header.Get("WWW-Authenticate"); !strings.HasPrefix(c, `DPoP algs="ES256`) || !strings.Contains(c, `error="invalid_dpop_proof"`) {
			t.Errorf("%s: WWW-Authenticate %q", name, c)
		}
	}
	refused(t, "two proofs", h.shown(t, "DPoP", token, good(), good()), 401, "invalid_dpop_proof")
	once := good("htu", strings.ToUpper(h.issuer[:4])+h.issuer[4:]+"/oidc/userinfo?x=1#y")
	if info := h.shown(t, "DPoP", token, once); info.status != http.StatusOK {
		t.Errorf("an address written otherwise: %v", info.body)
	}
	refused(t, "shown again", h.shown(t, "DPoP", token, once), 401, "invalid_dpop_proof")
}

func TestUnboundTokenIsNoDPoPToken(t *testing.T) {
	t.Parallel()
	h := again(t)
	token := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again"))).text("access_token")
	refused(t, "with a proof", h.shown(t, "DPoP", token, h.dpop(t, freshKey(t), "GET", "/oidc/userinfo", token)), 401, "invalid_token")
}

func TestForgedProofsAreRefusedAndCostNothing(t *testing.T) {
	t.Parallel()
	h := again(t)
	key, code := freshKey(t), h.offline(t, "again")
	claims := func() map[string]any { return part(t, h.dpop(t, key, "POST", "/oidc/token", ""), 1) }
	public := jose.JSONWebKey{Key: key.Public()}
	good := h.dpop(t, key, "POST", "/oidc/token", "")
	for name, token := range map[string]string{
		"no type":          signedBy(t, "ES256", key, map[string]any{"jwk": public}, claims()),
		"another type":     signedBy(t, "ES256", key, map[string]any{"jwk": public, "typ": "JWT"}, claims()),
		"no key":           signedBy(t, "ES256", key, map[string]any{"typ": "dpop+jwt"}, claims()),
		"key by address":   signedBy(t, "ES256", key, map[string]any{"typ": "dpop+jwt", "jku": "https://evil.example/k"}, claims()),
		"private key":      signedBy(t, "ES256", key, map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: key}}, claims()),
		"another's key":    signedBy(t, "ES256", freshKey(t), map[string]any{"typ": "dpop+jwt", "jwk": public}, claims()),
		"symmetric":        signedBy(t, "HS256", []byte(strings.Repeat("k", 32)), map[string]any{"typ": "dpop+jwt", "jwk": public}, claims()),
		"symmetric in jwk": signedBy(t, "HS256", []byte(strings.Repeat("k", 32)), map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: []byte(strings.Repeat("k", 32))}}, claims()),
		"critical":         signedBy(t, "ES256", key, map[string]any{"typ": "dpop+jwt", "jwk": public, "crit": []string{"exp"}, "exp": 1}, claims()),
		"none":             "eyJhbGciOiJub25lIiwidHlwIjoiZHBvcCtqd3QifQ." + strings.Split(good, ".")[1] + ".",
		"rubbish":          "a.b.c", "empty": "", "long": strings.Repeat("a", 5000),
	} {
		refused(t, name, h.to(t, "/oidc/token", redeeming("again", code), "DPoP", token), 400, "invalid_dpop_proof")
	}
	if r := h.to(t, "/oidc/token", redeeming("again", code), "DPoP", good); r.text("token_type") != "DPoP" {
		t.Errorf("the code after all that: %v", r.body)
	}
}

func TestProofsOfEveryKindOfKeyAreTaken(t *testing.T) {
	t.Parallel()
	h := again(t)
	for _, alg := range []string{"ES256", "PS256", "RS256", "EdDSA"} {
		key := keyFor(t, alg)
		claims := part(t, h.dpop(t, freshKey(t), "POST", "/oidc/token", ""), 1)
		proof := signedBy(t, alg, key, map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: key.Public()}}, claims)
		if r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")), "DPoP", proof); r.text("token_type") != "DPoP" {
			t.Errorf("%s: %v", alg, r.body)
		}
	}
}

func TestClientRegisteredWithDPoPMustProve(t *testing.T) {
	t.Parallel()
	h := again(t)
	h.register(t, "bound", strings.Replace(publicAgain, `"refresh"`, `"dpop":"required","dpop_nonce":true,"refresh"`, 1))
	key, code := freshKey(t), h.offline(t, "bound")
	refused(t, "no proof", h.to(t, "/oidc/token", redeeming("bound", code)), 400, "invalid_request")
	asked := h.to(t, "/oidc/token", redeeming("bound", code), "DPoP", h.dpop(t, key, "POST", "/oidc/token", ""))
	refused(t, "no nonce", asked, 400, "use_dpop_nonce")
	nonce := asked.header.Get("DPoP-Nonce")
	wrong := h.to(t, "/oidc/token", redeeming("bound", code), "DPoP", h.dpop(t, key, "POST", "/oidc/token", "", "nonce", nonce+"x"))
	refused(t, "another nonce", wrong, 400, "use_dpop_nonce")
	h.clock.Advance(time.Minute - time.Second)
	r := h.to(t, "/oidc/token", redeeming("bound", code), "DPoP", h.dpop(t, key, "POST", "/oidc/token", "", "nonce", nonce))
	if r.status != http.StatusOK {
		t.Fatalf("with the nonce: %v", r.body)
	}
	h.clock.Advance(4 * time.Minute)
	late := h.to(t, "/oidc/token", renewing("bound", r.text("refresh_token")), "DPoP", h.dpop(t, key, "POST", "/oidc/token", "", "nonce", nonce))
	refused(t, "a nonce of minutes ago", late, 400, "use_dpop_nonce")
	token := r.text("access_token")
	info := h.shown(t, "DPoP", token, h.dpop(t, key, "GET", "/oidc/userinfo", token))
	refused(t, "userinfo without a nonce", info, 401, "use_dpop_nonce")
	if info = h.shown(t, "DPoP", token, h.dpop(t, key, "GET", "/oidc/userinfo", token, "nonce", info.header.Get("DPoP-Nonce"))); info.status != http.StatusOK {
		t.Errorf("userinfo with a nonce: %v", info.body)
	}
}

func TestBoundRefreshTokenIsNotExchangedAndNeedsItsKey(t *testing.T) {
	t.Parallel()
	h := again(t)
	h.withSecret(t, "geheim", "")
	key := freshKey(t)
	proof := func() string { return h.dpop(t, key, "POST", "/oidc/token", "") }
	r := h.to(t, "/oidc/token", redeeming("again", h.offline(t, "again")), "DPoP", proof())
	same := h.to(t, "/oidc/token", renewing("again", r.text("refresh_token")), "DPoP", proof())
	if same.text("refresh_token") != r.text("refresh_token") || same.text("token_type") != "DPoP" {
		t.Errorf("refresh: %v, want the same refresh token", same.body)
	}
	refused(t, "no proof", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token"))), 400, "invalid_grant")
	other := h.dpop(t, freshKey(t), "POST", "/oidc/token", "")
	refused(t, "another key", h.to(t, "/oidc/token", renewing("again", r.text("refresh_token")), "DPoP", other), 400, "invalid_grant")
	// A confidential client is bound by its own proof and may change its key (RFC 9449 5).
	r = h.to(t, "/oidc/token", redeeming("geheim", h.offline(t, "geheim"), "client_secret", secret), "DPoP", proof())
	form := renewing("geheim", r.text("refresh_token"), "client_secret", secret)
	refused(t, "confidential without a proof", h.to(t, "/oidc/token", form), 400, "invalid_grant")
	fresh := freshKey(t)
	changed := h.to(t, "/oidc/token", form, "DPoP", h.dpop(t, fresh, "POST", "/oidc/token", ""))
	token := changed.text("access_token")
	if info := h.shown(t, "DPoP", token, h.dpop(t, fresh, "GET", "/oidc/userinfo", token)); info.status != http.StatusOK {
		t.Errorf("a confidential client's new key: %v %v", changed.body, info.body)
	}
}

func TestAThumbprintThatIsNoneIsRefusedWithAndWithoutPKCE(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, bare := range [][]string{nil, {"code_challenge", "", "code_challenge_method", ""}} {
		at := h.answered(t, request("ancien", append([]string{"dpop_jkt", "x"}, bare...)...))
		if at.Get("error") != "invalid_request" || at.Get("code") != "" {
			t.Errorf("%v: %v", bare, at)
		}
	}
}

func TestAScriptMayPushARequestWithAProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, path := range []string{"/oidc/par", "/oidc/token", "/oidc/device"} {
		r, err := http.NewRequest(http.MethodOptions, h.issuer+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", "https://rp.example")
		r.Header.Set("Access-Control-Request-Method", "POST")
		r.Header.Set("Access-Control-Request-Headers", "dpop")
		answer, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		if answer.StatusCode != http.StatusNoContent || answer.Header.Get("Access-Control-Allow-Headers") != "DPoP" {
			t.Errorf("%s: %d %v", path, answer.StatusCode, answer.Header)
		}
	}
}
