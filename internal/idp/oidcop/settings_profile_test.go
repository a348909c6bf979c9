package oidcop_test

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/registry"
)

const fapiClient = `{"redirect_uris":["` + callback + `"],"type":"confidential","profile":"fapi2","jwks":%s%s}`

func TestTheProfileFAPI2FillsInWhatIsNotSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := freshKey(t)
	h.register(t, "strict", fmt.Sprintf(fapiClient, jwksOf(t, "k", key), ""))
	if q := h.errorOf(t, "not pushed", request("strict")); q.Get("error") != "invalid_request" {
		t.Errorf("a request that was not pushed: %v", q)
	}
	push := func(changes ...string) reply {
		v := request("strict", changes...)
		v.Set("client_assertion_type", jwtBearer)
		v.Set("client_assertion", signedBy(t, "ES256", key, map[string]any{"kid": "k"}, h.assertion("strict")))
		return h.to(t, "/oidc/par", v)
	}
	refused(t, "no PKCE", push("code_challenge", "", "code_challenge_method", ""), http.StatusBadRequest, "invalid_request")
	refused(t, "a secret", h.to(t, "/oidc/par", request("strict", "client_secret", secret)), http.StatusUnauthorized, "invalid_client")
	code := func() string {
		return h.answered(t, params("client_id", "strict", "request_uri", push().text("request_uri"))).Get("code")
	}
	redeem := func(proofs ...string) reply {
		v := redeeming("strict", code(), "client_assertion_type", jwtBearer,
			"client_assertion", signedBy(t, "ES256", key, map[string]any{"kid": "k"}, h.assertion("strict")))
		headers := []string{}
		for _, p := range proofs {
			headers = append(headers, "DPoP", p)
		}
		return h.to(t, "/oidc/token", v, headers...)
	}
	refused(t, "no proof", redeem(), http.StatusBadRequest, "invalid_request")
	rsa := keyFor(t, "RS256")
	claims := map[string]any{"jti": rand.Text(), "htm": "POST", "htu": h.issuer + "/oidc/token", "iat": h.clock.Now().Unix()}
	header := map[string]any{"typ": "dpop+jwt", "jwk": jose.JSONWebKey{Key: rsa.Public()}}
	refused(t, "a proof by RS256", redeem(signedBy(t, "RS256", rsa, header, claims)), http.StatusBadRequest, "invalid_dpop_proof")
	good := redeem(signedBy(t, "PS256", rsa, header, claims))
	if good.status != http.StatusOK || good.body["token_type"] != "DPoP" || good.body["expires_in"] != float64(300) {
		t.Errorf("a good exchange: %d %v for %v", good.status, good.body["token_type"], good.body["expires_in"])
	}
}

func TestRequestObjectsByRS256AreNoneOfTheProfile(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := keyFor(t, "RS256")
	h.register(t, "strict", fmt.Sprintf(fapiClient, jwksOf(t, "k", key), `,"auth_alg":"PS256"`))
	for alg, taken := range map[string]bool{"RS256": false, "PS256": true} {
		inside := map[string]any{"iss": "strict", "aud": h.issuer}
		for name, values := range request("strict") {
			inside[name] = values[0]
		}
		r := h.to(t, "/oidc/par", params("client_id", "strict", "request", signedBy(t, alg, key, map[string]any{"kid": "k"}, inside),
			"client_assertion_type", jwtBearer, "client_assertion", signedBy(t, "PS256", key, map[string]any{"kid": "k"}, h.assertion("strict"))))
		if (r.status == http.StatusCreated) != taken || !taken && r.text("error") != "invalid_request_object" {
			t.Errorf("%s: %d %s", alg, r.status, r.text("error"))
		}
	}
}

func TestWhatContradictsTheProfileIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	keys := jwksOf(t, "k", freshKey(t))
	for settings, where := range map[string]string{
		`"type":"public"`:                       "type",
		`"auth_method":"client_secret_basic"`:   "auth_method",
		`"assertion_audience":"token_endpoint"`: "assertion_audience",
		`"dpop":"optional"`:                     "dpop",
		`"par":"optional"`:                      "par",
		`"pkce":"optional"`:                     "pkce",
		`"auth_alg":"RS256"`:                    "auth_alg",
		`"id_token_alg":"RS256"`:                "id_token_alg",
		`"userinfo_alg":"RS256"`:                "userinfo_alg",
		`"request_object_signing_alg":"RS256"`:  "request_object_signing_alg",
		`"profile":"fapi3"`:                     "profile",
		`"front_channel":{"response_types":["id_token"],"reason":"r","until":"2027-08-31"}`: "front_channel",
	} {
		all := map[string]any{}
		if err := json.Unmarshal([]byte(fmt.Sprintf(fapiClient, keys, "")), &all); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte("{"+settings+"}"), &all); err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(all)
		if err != nil {
			t.Fatal(err)
		}
		said := " "
		for _, f := range h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: raw}) {
			said += f.Where + " "
		}
		if !strings.Contains(said, " settings."+where+" ") {
			t.Errorf("%s: found %q, want a finding at %s", settings, said, where)
		}
	}
}

// certifiedStrict is a client of the profile that certificates know, with more said.
const certifiedStrict = `{"redirect_uris":["` + callback + `"],"type":"confidential","profile":"fapi2","auth_method":"tls_client_auth",` +
	`"tls_client_auth_san_dns":"rp.example"%s}`

func TestTheProfileFAPI2TakesACertificateForTheClientAndForItsTokens(t *testing.T) {
	t.Parallel()
	ca := newAuthority(t)
	h := certHouse(t, ca, nil)
	good, other := certificate(t, freshKey(t), ca, nil), certificate(t, freshKey(t), nil, nil)
	h.register(t, "bound", fmt.Sprintf(certifiedStrict, `,"tls_client_certificate_bound_access_tokens":true`))
	h.register(t, "proving", fmt.Sprintf(certifiedStrict, ""))
	redeem := func(client string, headers ...string) reply {
		pushed := h.to(t, "/oidc/par", request(client), "Client-Cert", forwarded(good))
		code := h.answered(t, params("client_id", client, "request_uri", pushed.text("request_uri"))).Get("code")
		return h.to(t, "/oidc/token", redeeming(client, code), headers...)
	}
	refused(t, "pushed without", h.to(t, "/oidc/par", request("bound")), http.StatusUnauthorized, "invalid_client")
	refused(t, "redeemed without", redeem("bound"), http.StatusUnauthorized, "invalid_client")
	refused(t, "redeemed by another's", redeem("bound", "Client-Cert", forwarded(other)), http.StatusUnauthorized, "invalid_client")
	refused(t, "neither bound nor proven", redeem("proving", "Client-Cert", forwarded(good)), http.StatusBadRequest, "invalid_request")
	r := redeem("bound", "Client-Cert", forwarded(good))
	if r.status != http.StatusOK || r.body["token_type"] != "Bearer" || r.body["expires_in"] != float64(300) {
		t.Fatalf("a good exchange: %d %v for %v", r.status, r.body["token_type"], r.body["expires_in"])
	}
	h.boundTo(t, "bound", r.text("access_token"), good, other)
	for more, want := range map[string]int{
		`,"tls_client_certificate_bound_access_tokens":true`:                   0,
		`,"tls_client_certificate_bound_access_tokens":true,"dpop":"required"`: 0,
		`,"dpop":"required"`: 0,
		`,"dpop":"optional"`: 1,
	} {
		found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(fmt.Sprintf(certifiedStrict, more))})
		if len(found) != want {
			t.Errorf("%s: %v", more, found)
		}
	}
}
