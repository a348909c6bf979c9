package oidcop_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

func TestSettingsOfProofsAndTokensAreChecked(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	key := keyFor(t, "ES256")
	private, err := json.Marshal(jose.JSONWebKeySet{Keys: []jose.JSONWebKey{{Key: key}}})
	if err != nil {
		t.Fatal(err)
	}
	good, hash := jwksOf(t, "k", key), fmt.Sprintf("%q", oidcop.HashSecret(secret))
	sealed, err := oidcop.SealSecret(ring(t), "x", secret)
	if err != nil {
		t.Fatal(err)
	}
	for settings, where := range map[string]string{
		`"auth_method":"private_key_jwt"`:                                                            "jwks",
		`"auth_method":"private_key_jwt","jwks":` + string(private):                                  "jwks",
		`"auth_method":"private_key_jwt","jwks":{"keys":[]}`:                                         "jwks",
		`"auth_method":"private_key_jwt","jwks":{"keys":[{"kty":"oct","k":"AAAA"}]}`:                 "jwks",
		`"auth_method":"private_key_jwt","jwks":[]`:                                                  "jwks",
		`"auth_method":"private_key_jwt","jwks":` + strings.Replace(good, `"sig"`, `"enc"`, 1):       "jwks",
		`"auth_method":"private_key_jwt","jwks_uri":"https://a.example/k","jwks":` + good:            "jwks_uri",
		`"auth_method":"private_key_jwt","jwks_uri":"http://a.example/k"`:                            "jwks_uri",
		`"auth_method":"private_key_jwt","jwks_uri":"file:///etc/passwd"`:                            "jwks_uri",
		`"auth_method":"private_key_jwt","auth_alg":"HS256","jwks":` + good:                          "auth_alg",
		`"auth_method":"private_key_jwt","auth_alg":"none","jwks":` + good:                           "auth_alg",
		`"auth_method":"private_key_jwt","assertion_audience":"any","jwks":` + good:                  "assertion_audience",
		`"auth_method":"private_key_jwt","secret_hashes":[` + hash + `],"jwks":` + good:              "secret_hashes",
		`"auth_method":"client_secret_jwt","secret_sealed_until":"2026-10-31"`:                       "secret_sealed",
		`"auth_method":"client_secret_jwt","secret_sealed":"` + secret + `"`:                         "secret_sealed",
		`"auth_method":"client_secret_jwt","secret_sealed":"` + sealed + `"`:                         "secret_sealed_until",
		`"auth_method":"client_secret_jwt","auth_alg":"ES256","secret_sealed":"` + sealed + `"`:      "auth_alg",
		`"auth_method":"tls_client_auth"`:                                                            "auth_method",
		`"secret_hashes":[` + hash + `],"secret_sealed":"` + sealed + `"`:                            "secret_sealed",
		`"secret_hashes":[` + hash + `],"secret_sealed_until":"2026-10-31"`:                          "secret_sealed_until",
		`"secret_hashes":[` + hash + `],"auth_alg":"ES256"`:                                          "auth_alg",
		`"secret_hashes":[` + hash + `],"assertion_audience":"issuer"`:                               "assertion_audience",
		`"secret_hashes":[` + hash + `],"dpop":"sometimes"`:                                          "dpop",
		`"secret_hashes":[` + hash + `],"access_token":"jwt"`:                                        "access_token_audience",
		`"secret_hashes":[` + hash + `],"access_token":"jwt","access_token_audience":"api"`:          "access_token_audience",
		`"secret_hashes":[` + hash + `],"access_token":"jwt","access_token_audience":"https://a/#b"`: "access_token_audience",
		`"secret_hashes":[` + hash + `],"access_token_audience":"https://a.example"`:                 "access_token_audience",
		`"secret_hashes":[` + hash + `],"access_token":"mac"`:                                        "access_token",
		`"secret_hashes":[` + hash + `],"resource":"api"`:                                            "resource",
		`"secret_hashes":[` + hash + `],"userinfo_alg":"HS256"`:                                      "userinfo_alg",
		`"secret_hashes":[` + hash + `],"id_token_alg":"none"`:                                       "id_token_alg",
	} {
		raw := `{"redirect_uris":["` + callback + `"],"type":"confidential",` + settings + `}`
		found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(raw)})
		said := ""
		for _, f := range found {
			said += f.Where + " "
		}
		if !strings.Contains(said, "settings."+where+" ") {
			t.Errorf("%s: found %q, want a finding at %s", settings, said, where)
		}
	}
	small := `{"keys":[{"kty":"RSA","n":"` + strings.Repeat("x", 171) + `","e":"AQAB"}]}`
	raw := `{"redirect_uris":["` + callback + `"],"type":"confidential","auth_method":"private_key_jwt","auth_alg":"RS256","jwks":` + small + `}`
	if len(h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: json.RawMessage(raw)})) == 0 {
		t.Error("an RSA key of 1024 bits is taken")
	}
	if _, err := oidcop.SealSecret(ring(t), "x", "short"); err == nil {
		t.Error("a short secret is sealed")
	}
}
