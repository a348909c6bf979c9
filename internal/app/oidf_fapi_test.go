package app_test

import (
	"crypto/rand"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestThePlanFAPI2PlaysGreen plays fapi2-security-profile-final-test-plan: plain_fapi, private_key_jwt, dpop, unsigned,
// plain_response, openid_connect.
func TestThePlanFAPI2PlaysGreen(t *testing.T) {
	t.Parallel()
	module := fapiPlan(t, "ES256")
	fapiDiscovery(module)
	fapiFlows(module)
	fapiRequests(module)
	fapiPushes(module)
	fapiCodes(module)
	fapiAssertions(module)
}

// TestThePlanFAPI2PlaysGreenWithPS256 plays what an RSA key changes.
func TestThePlanFAPI2PlaysGreenWithPS256(t *testing.T) {
	t.Parallel()
	module := fapiPlan(t, "PS256")
	module("happy-flow", func(p, _ *party) { p.whole(p.wish()) })
	module("ensure-signed-client-assertion-with-RS256-fails", func(p, _ *party) {
		r := p.post(pushedTo, p.assertionBy("RS256", p.key), p.wish())
		p.refused(r, "invalid_client")
		code := p.codeBy(p.wish())
		p.refused(p.post(tokensAt, p.assertionBy("RS256", p.key), redeeming(code, "code_verifier", p.verifier),
			p.proof("POST", p.endpoint(tokensAt), "")), "invalid_client")
	})
	module("dpop-negative-tests", func(p, _ *party) { // the one of them that wants an RSA key
		header := p.proofHeader()
		key := signerFor(p.t, "RS256")
		header["jwk"] = publicJWK(key)
		proof := signed(p.t, "RS256", key, header, p.proofClaims("POST", p.endpoint(tokensAt), ""))
		p.refused(p.post(tokensAt, p.assertion(), redeeming(p.codeBy(p.wish()), "code_verifier", p.verifier), proof), "invalid_dpop_proof")
	})
}

type fapiModule = func(name string, play func(one, two *party))

func fapiDiscovery(module fapiModule) {
	module("discovery-end-point-verification", func(p, _ *party) {
		for name, want := range map[string]string{
			"response_types_supported": "code", "token_endpoint_auth_methods_supported": "private_key_jwt", "code_challenge_methods_supported": "S256",
			"dpop_signing_alg_values_supported": "ES256", "id_token_signing_alg_values_supported": "PS256",
			"token_endpoint_auth_signing_alg_values_supported": "PS256", "userinfo_signing_alg_values_supported": "ES256", "scopes_supported": "openid",
		} {
			if !slices.Contains(p.list(name), want) {
				p.t.Errorf("%s has no %s", name, want)
			}
		}
		if p.said["authorization_response_iss_parameter_supported"] != true || p.endpoint(pushedTo) == "" {
			p.t.Error("neither iss nor PAR is offered")
		}
		if own := p.document("/.well-known/oauth-authorization-server"); own["issuer"] != p.said["issuer"] || len(own) != len(p.said) {
			p.t.Error("the two documents differ")
		}
	})
}

func fapiFlows(module fapiModule) {
	for name, changes := range map[string][]string{
		"happy-flow": {}, "ensure-authorization-request-without-state-success": {"state", ""},
		"ensure-authorization-request-without-nonce-success":      {"nonce", ""},
		"ensure-authorization-request-with-64-char-nonce-success": {"nonce", strings.Repeat("0123456789abcdef", 4)},
		"ensure-authorization-request-with-long-nonce":            {"nonce", strings.Repeat("0123456789abcdef", 24)},
		"ensure-authorization-request-with-long-state":            {"state", strings.Repeat("0123456789abcdef", 24)},
		"ensure-other-scope-order-succeeds":                       {"scope", "email profile openid"},
	} {
		module(name, func(p, other *party) {
			p.whole(p.wish(changes...))
			other.whole(other.wish(append(changes, "redirect_uri", bench+"/callback?dummy1=lorem&dummy2=ipsum")...))
		})
	}
	module("user-rejects-authentication", func(p, _ *party) {
		q := url.Values{"client_id": {p.client.id}, "request_uri": {p.push(p.wish())}}
		story := &story{w: p.w, b: p.b}
		p.b.hold = func(u *url.URL) bool { return strings.HasPrefix(u.String(), bench) }
		err := p.b.open(p.endpoint("authorization_endpoint") + "?" + q.Encode())
		for _, press := range [][2]string{{"source", "oidf"}, {"cancel", "1"}} {
			if err == nil {
				err = story.press(press[0], press[1])
			}
		}
		if err == nil && p.b.held == nil {
			err = story.goBack(nil)
		}
		if err != nil || p.b.held == nil {
			p.t.Fatalf("%v\n%s", err, story.where())
		}
		p.refusal(arrival{at: p.b.held.to, method: p.b.held.method, values: p.b.held.to.Query()}, "access_denied")
	})
	module("test-claims-parameter-identity-claims", func(p, _ *party) {
		r := p.redeem(p.codeBy(p.wish("claims", `{"userinfo":{"name":null,"email":null},"id_token":{"given_name":null}}`)))
		claims, _ := p.verified(r.text("id_token"))
		about := p.resource("DPoP", r.text("access_token"), p.proof("GET", p.endpoint("userinfo_endpoint"), r.text("access_token")))
		if claims["given_name"] != "Camille" || about.text("name") == "" || about.text("email") == "" || about.body["sub"] != claims["sub"] {
			p.t.Error("what was asked for is not there")
		}
	})
	module("access-token-type-header-case-sensitivity", func(p, _ *party) {
		access := p.redeem(p.codeBy(p.wish())).text("access_token")
		if r := p.resource("dPOp", access, p.proof("GET", p.endpoint("userinfo_endpoint"), access)); r.status != http.StatusOK {
			p.t.Errorf("%d", r.status)
		}
	})
	for name, change := range map[string]func(p *party) []any{
		"check-dpop-proof-nbf-exp": func(p *party) []any {
			return []any{"nbf", p.w.now().Unix(), "exp", p.w.now().Unix() + 300}
		},
		"ensure-dpopproof-with-iat-10seconds-before-succeeds": func(p *party) []any { return []any{"iat", p.w.now().Unix() - 10} },
		"ensure-dpopproof-with-iat-10seconds-after-succeeds":  func(p *party) []any { return []any{"iat", p.w.now().Unix() + 10} },
	} {
		module(name, func(p, _ *party) {
			p.pass(20 * time.Second) // nothing is taken that was signed before the store was made
			r := p.post(tokensAt, p.assertion(), redeeming(p.codeBy(p.wish()), "code_verifier", p.verifier),
				p.proof("POST", p.endpoint(tokensAt), "", change(p)...))
			p.good(r, "DPoP")
			access := r.text("access_token")
			if r := p.resource("DPoP", access, p.proof("GET", p.endpoint("userinfo_endpoint"), access, change(p)...)); r.status != http.StatusOK {
				p.t.Errorf("%d", r.status)
			}
		})
	}
}

// fapiRequests are requests that are not taken, or taken in one way only.
func fapiRequests(module fapiModule) {
	for name, c := range map[string]struct {
		changes []string
		allowed []string
	}{
		"ensure-request-object-without-redirect-uri-fails": {[]string{"redirect_uri", ""}, []string{"invalid_request"}},
		"ensure-redirect-uri-in-authorization-request":     {[]string{"redirect_uri", ""}, []string{"invalid_request"}},
		"ensure-registered-redirect-uri":                   {[]string{"redirect_uri", bench + "/callback/x"}, []string{"invalid_request"}},
		"plain-fapi-tolerate-unregistered-redirect-uri":    {[]string{"redirect_uri", bench + "/callback/x"}, []string{"invalid_request"}},
		"ensure-response-type-code-idtoken-fails":          {[]string{"response_type", "code id_token"}, []string{"unsupported_response_type", "invalid_request"}},
		"ensure-response-type-token-fails":                 {[]string{"response_type", "token"}, []string{"unsupported_response_type", "invalid_request"}},
		"par-ensure-pkce-required":                         {[]string{"code_challenge", "", "code_challenge_method", ""}, []string{"invalid_request"}},
		"par-plain-pkce-rejected":                          {[]string{"code_challenge_method", "plain"}, []string{"invalid_request"}},
		"par-authorization-request-containing-request_uri-form-param": {
			[]string{"request_uri", "urn:ietf:params:oauth:request_uri:x"}, []string{"invalid_request"},
		},
	} {
		module(name, func(p, _ *party) { p.refused(p.post(pushedTo, p.assertion(), p.wish(c.changes...)), c.allowed...) })
	}
	module("ensure-unsigned-authorization-request-without-using-par-fails", func(p, _ *party) {
		p.refusal(p.ask(p.wish()), "invalid_request")
	})
	// what stands beside request_uri counts for nothing
	for name, beside := range map[string][]string{
		"ensure-different-nonce-inside-and-outside-request-object": {"nonce", "another"},
		"ensure-different-state-inside-and-outside-request-object": {"state", "another"},
		"par-without-duplicate-parameters":                         {},
	} {
		module(name, func(p, _ *party) {
			v := p.answered(p.bring(p.push(p.wish()), beside...))
			p.nonced(p.good(p.redeem(v.Get("code")), "DPoP"))
		})
	}
	module("state-only-outside-request-object-not-used", func(p, _ *party) {
		if v := p.answered(p.bring(p.push(p.wish("state", "")), "state", "outside")); v.Has("state") || v.Get("code") == "" {
			p.t.Error("the state from outside came back")
		}
	})
	module("par-attempt-invalid-http-method", func(p, _ *party) {
		q := p.wish()
		q.Set("client_assertion", p.assertion())
		answer, err := http.Get(p.endpoint(pushedTo) + "?" + q.Encode())
		if err != nil {
			p.t.Fatal(err)
		}
		if answer.Body.Close(); answer.StatusCode < 400 {
			p.t.Errorf("%d", answer.StatusCode)
		}
	})
}

func fapiPushes(module fapiModule) {
	module("par-attempt-reuse-request_uri", func(p, _ *party) {
		uri := p.push(p.wish())
		p.answered(p.bring(uri))
		p.ourPage(p.bring(uri), http.StatusBadRequest)
	})
	module("par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", func(p, _ *party) {
		uri := p.push(p.wish())
		q := url.Values{"client_id": {p.client.id}, "request_uri": {uri}}
		if err := p.b.open(p.endpoint("authorization_endpoint") + "?" + q.Encode()); err != nil {
			p.t.Fatal(err)
		}
		p.answered(p.bring(uri))
		p.ourPage(p.bring(uri), http.StatusBadRequest)
	})
	module("par-attempt-to-use-expired-request_uri", func(p, _ *party) {
		uri := p.push(p.wish())
		p.pass(91 * time.Second)
		p.ourPage(p.bring(uri), http.StatusBadRequest)
	})
	module("par-attempt-to-use-request_uri-for-different-client", func(p, other *party) {
		p.ourPage(other.bring(p.push(p.wish())), http.StatusBadRequest)
	})
	module("ensure-mismatched-dpop-jkt-fails", func(p, other *party) {
		r := p.post(pushedTo, p.assertion(), p.wish("dpop_jkt", other.thumbprint()), p.proof("POST", p.endpoint(pushedTo), ""))
		p.refused(r, "invalid_request", "invalid_dpop_proof")
	})
	module("ensure-dpopproof-at-par-endpoint-binding-success", func(p, _ *party) {
		v := p.answered(p.bring(p.push(p.wish(), p.proof("POST", p.endpoint(pushedTo), ""))))
		p.good(p.redeem(v.Get("code")), "DPoP")
	})
	module("ensure-dpop-auth-code-binding-success", func(p, _ *party) {
		p.good(p.redeem(p.codeBy(p.wish("dpop_jkt", p.thumbprint()))), "DPoP")
	})
	module("ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", func(p, other *party) {
		v := p.answered(p.bring(p.push(p.wish(), p.proof("POST", p.endpoint(pushedTo), ""))))
		p.dpop = other.dpop
		p.refused(p.redeem(v.Get("code")), "invalid_request", "invalid_grant", "invalid_dpop_proof")
	})
	module("ensure-token-endpoint-fails-with-mismatched-dpop-jkt", func(p, other *party) {
		code := p.codeBy(p.wish("dpop_jkt", other.thumbprint()))
		p.refused(p.redeem(code), "invalid_request", "invalid_grant", "invalid_dpop_proof")
	})
}

func fapiCodes(module fapiModule) {
	module("ensure-pkce-code-verifier-required", func(p, _ *party) {
		form := redeeming(p.codeBy(p.wish()))
		p.refused(p.post(tokensAt, p.assertion(), form, p.proof("POST", p.endpoint(tokensAt), "")), "invalid_grant")
	})
	module("incorrect-pkce-code-verifier-rejected", func(p, _ *party) {
		code := p.codeBy(p.wish())
		p.verifier = rand.Text() + rand.Text()
		p.refused(p.redeem(code), "invalid_grant")
	})
	module("ensure-holder-of-key-required", func(p, _ *party) {
		form := redeeming(p.codeBy(p.wish()), "code_verifier", p.verifier)
		p.refused(p.post(tokensAt, p.assertion(), form), "invalid_request", "invalid_grant", "invalid_dpop_proof")
	})
	module("ensure-authorization-code-is-bound-to-client", func(p, other *party) {
		code := p.codeBy(p.wish())
		other.verifier, other.sent = p.verifier, p.sent
		p.refused(other.redeem(code), "invalid_grant")
	})
	module("attempt-reuse-authorization-code-after-one-second", func(p, _ *party) {
		code := p.codeBy(p.wish())
		r := p.redeem(code)
		p.good(r, "DPoP")
		p.pass(time.Second)
		p.refused(p.redeem(code), "invalid_grant")
		access := r.text("access_token")
		if r := p.resource("DPoP", access, p.proof("GET", p.endpoint("userinfo_endpoint"), access)); r.status != http.StatusUnauthorized {
			p.t.Errorf("the access token lives on: %d", r.status)
		}
	})
	module("ensure-token-endpoint-fails-with-expired-auth-code", func(p, _ *party) {
		code := p.codeBy(p.wish())
		p.pass(62 * time.Second)
		p.refused(p.redeem(code), "invalid_grant")
	})
	module("refresh-token", func(p, other *party) {
		r := p.redeem(p.codeBy(p.wish("scope", "openid offline_access", "prompt", "consent")))
		p.good(r, "DPoP")
		form := url.Values{"grant_type": {"refresh_token"}, "refresh_token": {r.text("refresh_token")}}
		again := func(who *party, assertion string, proofs ...string) reply {
			return who.post(tokensAt, assertion, maps.Clone(form), proofs...)
		}
		for range 2 { // not exchanged, and good with a key of the day
			p.pass(time.Second)
			p.dpop = freshKey(p.t)
			next := again(p, p.assertion(), p.proof("POST", p.endpoint(tokensAt), ""))
			p.good(next, "DPoP")
			if kept := next.text("refresh_token"); kept != "" && kept != form.Get("refresh_token") {
				p.t.Error("the refresh token was exchanged")
			}
		}
		p.refused(again(p, p.assertion()), "invalid_request", "invalid_grant", "invalid_dpop_proof")
		p.refused(again(p, "", p.proof("POST", p.endpoint(tokensAt), "")), "invalid_client", "invalid_request")
		p.refused(again(other, other.assertion(), other.proof("POST", p.endpoint(tokensAt), "")), "invalid_grant")
	})
}
