package oidcop_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/registry"
)

func TestEveryMistakeOfARegistrationIsToldAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	got := d.send(t, "POST", "", "token-1", `{"redirect_uris":["http://rp.example/cb"],"subject_type":"public","token_endpoint_auth_method":"private_key_jwt",
		"id_token_signed_response_alg":"none","grant_types":["password"],"response_types":["token"],"application_type":"other"}`)
	refused(t, "seven mistakes", got, 400, "invalid_client_metadata")
	for _, word := range []string{"redirect_uris[0]", "subject_type", "jwks", "id_token_signed_response_alg", "grant_types[0]", "grant_types", "response_types[0]", "application_type"} {
		if !strings.Contains(fmt.Sprint(got.body["findings"]), "where:"+word) || !strings.Contains(got.text("error_description"), word) {
			t.Errorf("%s is not told: %v", word, got.body)
		}
	}
}

func TestMetadataThatIsNotKeptIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for more, code := range map[string]string{
		`,"software_statement":"eyJhbGciOiJub25lIn0.e30."`:     "unapproved_software_statement",
		`,"default_max_age":60`:                                "invalid_client_metadata",
		`,"default_acr_values":["high"]`:                       "invalid_client_metadata",
		`,"id_token_encrypted_response_alg":"RSA-OAEP"`:        "invalid_client_metadata",
		`,"userinfo_encrypted_response_alg":"RSA-OAEP"`:        "invalid_client_metadata",
		`,"request_object_encryption_alg":"RSA-OAEP"`:          "invalid_client_metadata",
		`,"require_signed_request_object":true`:                "invalid_client_metadata",
		`,"tls_client_certificate_bound_access_tokens":true`:   "invalid_client_metadata",
		`,"token_endpoint_auth_method":"client_secret_jwt"`:    "invalid_client_metadata",
		`,"token_endpoint_auth_method":"tls_client_auth"`:      "invalid_client_metadata",
		`,"grant_types":["client_credentials"]`:                "invalid_client_metadata",
		`,"response_types":["code id_token"]`:                  "invalid_client_metadata",
		`,"request_object_signing_alg":"none"`:                 "invalid_client_metadata",
		`,"userinfo_signed_response_alg":"HS256"`:              "invalid_client_metadata",
		`,"backchannel_logout_session_required":true`:          "invalid_client_metadata",
		`,"post_logout_redirect_uris":["javascript:alert(1)"]`: "invalid_client_metadata",
		`,"jwks":{"keys":[]}`:                                  "invalid_client_metadata",
		`,"registration_client_uri":"https://evil.example"`:    "invalid_client_metadata",
		`,"redirect_uris":"https://rp.example/cb"`:             "invalid_client_metadata",
		`} {"x":1`: "invalid_client_metadata",
	} {
		got := d.send(t, "POST", "", "token-1", metadata(more))
		refused(t, more, got, 400, code)
	}
	for what, body := range map[string]string{"no object": "[]", "nothing": "", "null": "null"} {
		refused(t, what, d.send(t, "POST", "", "token-1", body), 400, "invalid_client_metadata")
	}
	refused(t, "a form", d.send(t, "POST", "", "token-1", metadata(""), "Content-Type", "text/plain"), 400, "invalid_client_metadata")
	if d.later != "" {
		t.Error("a refusal used the token up")
	}
	got := d.send(t, "POST", "", "token-1", metadata(`,"request_uris":[],"default_max_age":null,"software_statement":"","jwks":null,"require_signed_request_object":false`))
	if got.status != 201 {
		t.Errorf("what says nothing is refused: %v", got.body)
	}
}

func TestReturnAddressesOfARegistrationAreHeldToTheSameRules(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	for _, list := range []string{
		`[]`, `["javascript:alert(1)"]`, `["http://rp.example/cb"]`, `["https://rp.example/cb#x"]`, `["https://me@rp.example/cb"]`, `["com.example.app:/cb"]`,
		`["https://rp.example/a b"]`, `["HTTPS://rp.example/cb"]`, `["https:///cb"]`, `["/cb"]`, `["https://rp.example/cb","https://rp.example/cb"]`, `["data:text/html,x"]`,
	} {
		refused(t, list, d.send(t, "POST", "", "token-1", `{"redirect_uris":`+list+`,"application_type":"native"}`), 400, "invalid_redirect_uri")
	}
}

func TestWhatIsRegisteredIsWhatWasAskedFor(t *testing.T) {
	t.Parallel()
	d := newDesk(t, false)
	jwks := jwksOf(t, "one", keyFor(t, "ES256"))
	got := d.send(t, "POST", "", "token-1", metadata(`,"token_endpoint_auth_method":"private_key_jwt","token_endpoint_auth_signing_alg":"ES256","jwks":`+jwks+`,
		"require_pushed_authorization_requests":true,"dpop_bound_access_tokens":true,"id_token_signed_response_alg":"PS256","userinfo_signed_response_alg":"ES256",
		"request_object_signing_alg":"ES256","post_logout_redirect_uris":["https://rp.example/bye"],"backchannel_logout_uri":"https://rp.example/back",
		"backchannel_logout_session_required":true,"frontchannel_logout_uri":"https://rp.example/front","frontchannel_logout_session_required":true`))
	if got.status != 201 || got.body["client_secret"] != nil {
		t.Fatalf("%d %v", got.status, got.body)
	}
	read := d.send(t, "GET", draftHandle, "token-2", "")
	for word, want := range map[string]string{
		"token_endpoint_auth_method": "private_key_jwt", "token_endpoint_auth_signing_alg": "ES256", "require_pushed_authorization_requests": "true",
		"dpop_bound_access_tokens": "true", "id_token_signed_response_alg": "PS256", "userinfo_signed_response_alg": "ES256", "request_object_signing_alg": "ES256",
		"post_logout_redirect_uris": "[https://rp.example/bye]", "backchannel_logout_uri": "https://rp.example/back", "backchannel_logout_session_required": "true",
		"frontchannel_logout_uri": "https://rp.example/front", "frontchannel_logout_session_required": "true", "subject_type": "pairwise",
		"redirect_uris": "[" + callback + "]", "grant_types": "[authorization_code]", "response_types": "[code]",
	} {
		if fmt.Sprint(got.body[word]) != want || fmt.Sprint(read.body[word]) != want {
			t.Errorf("%s: %v, then %v, want %s", word, got.body[word], read.body[word], want)
		}
	}
	if got.body["jwks"] == nil || read.body["jwks"] == nil {
		t.Error("the keys are not told")
	}
	d.approve(registry.Approved)
	refused(t, "without its key", d.house.send(t, d.post(t, "/oidc/par", request(draftHandle))), 401, "invalid_client")
}

func TestAddressesOfARegistrationAreAskedOnceAndOnlyOutside(t *testing.T) {
	t.Parallel()
	jwks, asked := jwksOf(t, "one", keyFor(t, "ES256")), 0
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked++
		switch r.URL.Path {
		case "/keys":
			_, _ = w.Write([]byte(jwks))
		case "/both":
			_, _ = w.Write([]byte(`["https://rp.example/cb","https://rp2.example/cb"]`))
		case "/one":
			_, _ = w.Write([]byte(`["https://rp.example/CB"]`))
		case "/away":
			http.Redirect(w, r, "/both", http.StatusFound)
		default:
			_, _ = w.Write([]byte(`{"redirect_uris":["https://rp.example/cb"]}`))
		}
	}))
	t.Cleanup(site.Close)
	sector := func(path string) string { return metadata(`,"sector_identifier_uri":"` + site.URL + path + `"`) }
	keys := func(path string) string {
		return metadata(`,"token_endpoint_auth_method":"private_key_jwt","jwks_uri":"` + site.URL + path + `"`)
	}
	d := newDesk(t, false)
	for _, body := range []string{sector("/both"), keys("/keys")} {
		got := d.send(t, "POST", "", "token-1", body)
		refused(t, "an address inside", got, 400, "invalid_client_metadata")
		if strings.Contains(got.text("error_description"), "127.0.0.1") || strings.Contains(got.text("error_description"), "internal") {
			t.Errorf("it says what is inside: %s", got.text("error_description"))
		}
	}
	d = newDesk(t, true)
	for what, bad := range map[string]string{
		"without token": "", "a mistake beside it": strings.Replace(sector("/both"), "https://rp.example/cb", "http://rp.example/cb", 1),
	} {
		token := "token-1"
		if bad == "" {
			token, bad = "", sector("/both")
		}
		if got := d.send(t, "POST", "", token, bad); got.status < 400 || asked != 0 {
			t.Errorf("%s: %d, and the address was asked %d times", what, got.status, asked)
		}
	}
	for _, body := range []string{sector("/one"), sector("/away"), sector("/none"), keys("/both"), keys("/none")} {
		refused(t, body, d.send(t, "POST", "", "token-1", body), 400, "invalid_client_metadata")
	}
	asked = 0
	got := d.send(t, "POST", "", "token-1", strings.Replace(sector("/both"), `{"redirect_uris":[`, `{"redirect_uris":["https://rp2.example/cb",`, 1))
	if got.status != 201 || asked != 1 || got.text("sector_identifier_uri") != site.URL+"/both" {
		t.Errorf("%d %v, asked %d times", got.status, got.body, asked)
	}
	if got := d.send(t, "PUT", draftHandle, "token-2", strings.Replace(keys("/keys"), `{`, `{"client_id":"dessin-web",`, 1)); got.status != 200 || asked != 2 {
		t.Errorf("%d %v, asked %d times", got.status, got.body, asked)
	}
}
