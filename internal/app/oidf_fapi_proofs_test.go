package app_test

import (
	"crypto"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"

	"github.com/go-jose/go-jose/v4"
)

func publicJWK(key crypto.Signer) jose.JSONWebKey { return jose.JSONWebKey{Key: key.Public()} }

// fapiAssertions are modules about how the client, and the key that its tokens are bound to, are proven.
func fapiAssertions(module fapiModule) {
	for name, change := range map[string]func(p *party, now int64) []any{
		"ensure-client-assertion-with-exp-is-5-minutes-in-past-fails": func(_ *party, now int64) []any { return []any{"exp", now - 300} },
		"ensure-client-assertion-with-wrong-aud-fails":                func(*party, int64) []any { return []any{"aud", "https://www.other1.com/"} },
		"ensure-client-assertion-with-no-sub-fails":                   func(*party, int64) []any { return []any{"sub", nil} },
	} {
		module(name, func(p, _ *party) {
			code := p.codeBy(p.wish())
			p.refused(p.post(tokensAt, p.assertion(change(p, p.w.now().Unix())...), redeeming(code, "code_verifier", p.verifier),
				p.proof("POST", p.endpoint(tokensAt), "")), "invalid_client")
		})
	}
	for name, change := range map[string]func(p *party, now int64) []any{
		"par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails": func(_ *party, now int64) []any {
			return []any{"iat", now + 62, "nbf", now + 62, "exp", now + 122}
		},
		"par-test-array-as-audience-fails": func(p *party, _ int64) []any {
			return []any{"aud", []any{p.said["issuer"], p.endpoint(tokensAt), p.endpoint(pushedTo)}}
		},
		"par-test-par-endpoint-url-as-audience-fails":   func(p *party, _ int64) []any { return []any{"aud", p.endpoint(pushedTo)} },
		"par-test-token-endpoint-url-as-audience-fails": func(p *party, _ int64) []any { return []any{"aud", p.endpoint(tokensAt)} },
	} {
		module(name, func(p, _ *party) {
			p.refused(p.post(pushedTo, p.assertion(change(p, p.w.now().Unix())...), p.wish()), "invalid_client", "invalid_request")
		})
	}
	module("par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", func(p, _ *party) {
		now := p.w.now().Unix()
		if r := p.post(pushedTo, p.assertion("iat", now+8, "nbf", now+8), p.wish()); r.status != http.StatusCreated {
			p.t.Errorf("%d %v", r.status, r.body)
		}
	})
	module("ensure-client-assertion-in-token-endpoint", func(p, _ *party) {
		form := redeeming(p.codeBy(p.wish()), "code_verifier", p.verifier, "client_id", p.client.id)
		p.refused(p.post(tokensAt, "", form, p.proof("POST", p.endpoint(tokensAt), "")), "invalid_client", "invalid_request")
	})
	module("ensure-client-id-in-token-endpoint", func(p, other *party) { // client2's name, signed with client's key
		form := redeeming(p.codeBy(p.wish()), "code_verifier", p.verifier, "client_id", other.client.id)
		r := p.post(tokensAt, p.assertion("iss", other.client.id, "sub", other.client.id), form, p.proof("POST", p.endpoint(tokensAt), ""))
		p.refused(r, "invalid_client", "invalid_grant")
	})
	module("dpop-negative-tests", fapiProofs)
}

// fapiProofs shows one access token with many proofs.
func fapiProofs(p, _ *party) {
	access := p.whole(p.wish()).text("access_token")
	at := p.endpoint("userinfo_endpoint")
	show := func(what string, want bool, scheme string, proofs ...string) {
		p.t.Helper()
		r := p.resource(scheme, access, proofs...)
		if (r.status == http.StatusOK) != want || !want && r.status != http.StatusBadRequest && r.status != http.StatusUnauthorized {
			p.t.Errorf("%s: %d", what, r.status)
		}
	}
	changed := func(what string, want bool, changes ...any) {
		p.t.Helper()
		show(what, want, "DPoP", p.proof("GET", at, access, changes...))
	}
	headed := func(what string, header map[jose.HeaderKey]any) {
		p.t.Helper()
		show(what, false, "DPoP", signed(p.t, "ES256", p.dpop, header, p.proofClaims("GET", at, access)))
	}
	one := p.proof("GET", at, access)
	parts := strings.Split(p.proof("GET", at, access), ".")
	text := func(json string) string { return base64.RawURLEncoding.EncodeToString([]byte(json)) }
	show("in capitals", true, "DPOP", p.proof("GET", at, access))
	show("more than one", false, "DPoP", p.proof("GET", at, access), p.proof("GET", at, access))
	show("no JWT", false, "DPoP", "abc."+parts[1])
	show("no proof", false, "DPoP")
	show("as bearer", false, "Bearer")
	show("as bearer with a proof", false, "Bearer", p.proof("GET", at, access))
	show("alg none", false, "DPoP", text(`{"alg":"none","typ":"dpop+jwt"}`)+"."+parts[1]+".")
	show("no alg", false, "DPoP", text(`{"typ":"dpop+jwt"}`)+"."+parts[1]+"."+parts[2])
	show("a bad signature", false, "DPoP", parts[0]+"."+parts[1]+"."+strings.Repeat("A", len(parts[2])))
	headed("no typ", map[jose.HeaderKey]any{"jwk": publicJWK(p.dpop)})
	headed("no jwk", map[jose.HeaderKey]any{"typ": "dpop+jwt"})
	headed("another typ", map[jose.HeaderKey]any{"typ": "JWT", "jwk": publicJWK(p.dpop)})
	headed("a private key", map[jose.HeaderKey]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: p.dpop}})
	for _, missing := range []string{"jti", "htm", "htu", "iat", "ath"} {
		changed("no "+missing, false, missing, nil)
	}
	now := p.w.now().Unix()
	changed("another method", false, "htm", "PUT")
	changed("another address", false, "htu", bench)
	changed("query and fragment", true, "htu", at+"?q=1#f")
	changed("an hour ahead", false, "iat", now+3600)
	changed("an hour ago", false, "iat", now-3600)
	show("the first time", true, "DPoP", one)
	show("the second time", false, "DPoP", one)
	id := rand.Text()
	changed("an id", true, "jti", id)
	changed("the same id", false, "jti", id)
	r, err := http.NewRequest(http.MethodGet, at+"?"+url.Values{"foo": {"bar"}}.Encode(), nil)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Header.Set("Authorization", "DPoP "+access)
	r.Header.Set("DPoP", p.proof("GET", at, access))
	if answer := p.do(r); answer.status != http.StatusOK {
		p.t.Errorf("a query that the proof does not name: %d", answer.status)
	}
}
