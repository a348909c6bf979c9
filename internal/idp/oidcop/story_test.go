package oidcop_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
)

func TestOpenIDConnectTellsTheSameStory(t *testing.T) {
	t.Parallel()
	idptest.Run(t, idptest.Case{
		Protocol: func(tb testing.TB, k idptest.Tools) idp.Protocol {
			p, err := oidcop.New(oidcop.Config{
				Issuer: idptest.Origin, Keys: k.Ring, Tickets: k.Tickets, Dictionary: k.Words, Kit: k.Kit, Now: k.Now, Watch: k.Watch,
			})
			if err != nil {
				tb.Fatal(err)
			}
			return p
		},
		Pages: oidcop.Pages(),
		Binding: func(_ testing.TB, service string) registry.Binding {
			settings := fmt.Sprintf(`{"redirect_uris":[%q],"type":"public"}`, storyCallback(service))
			return registry.Binding{Protocol: "oidc", Handle: service, Settings: json.RawMessage(settings)}
		},
		Early: func(_ testing.TB, service string) registry.Binding {
			settings := fmt.Sprintf(`{"redirect_uris":[%q],"type":"public","claims_in_id_token":true}`, storyCallback(service))
			return registry.Binding{Protocol: "oidc", Handle: service, Settings: json.RawMessage(settings)}
		},
		First: "id-token", Request: storyRequest, Read: storyRead, Narrows: true, Ages: true, Later: true,
	})
}

func storyCallback(service string) string { return "https://" + service + ".example/cb" }

// storyRequest asks for each word by its claim; a service that names none asks for all that the dictionary has.
func storyRequest(tb testing.TB, k idptest.Tools, ask idptest.Ask) *http.Request {
	tb.Helper()
	words := ask.Only
	if words == nil {
		words = k.Words.Words()
	}
	wanted := map[string]any{}
	for _, word := range words {
		entry, _ := k.Words.Entry(word)
		wanted[entry.OIDC.Name] = nil
	}
	claims, err := json.Marshal(map[string]any{"userinfo": wanted})
	if err != nil {
		tb.Fatal(err)
	}
	q := url.Values{
		"client_id": {ask.Service}, "redirect_uri": {storyCallback(ask.Service)}, "response_type": {"code"},
		"scope": {"openid"}, "state": {"st"}, "nonce": {"n"}, "claims": {string(claims)},
		"code_challenge": {challenge}, "code_challenge_method": {"S256"},
	}
	switch {
	case ask.Passive:
		q.Set("prompt", "none")
	case ask.Fresh:
		q.Set("prompt", "login")
	}
	if ask.MaxAge != nil {
		q.Set("max_age", strconv.Itoa(int(*ask.MaxAge/time.Second)))
	}
	return httptest.NewRequest(http.MethodGet, idptest.Origin+"/oidc/authorize?"+q.Encode(), nil)
}

func storyRead(tb testing.TB, k idptest.Tools, call func(*http.Request) *http.Response, ask idptest.Ask, at idptest.Landing) idptest.Result {
	tb.Helper()
	q := at.URL.Query()
	if q.Get("iss") != idptest.Origin || q.Get("state") != "st" {
		tb.Errorf("answer of %q with state %q", q.Get("iss"), q.Get("state"))
	}
	if code := q.Get("error"); code != "" {
		return idptest.Result{Refused: meaning(code)}
	}
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {q.Get("code")}, "redirect_uri": {storyCallback(ask.Service)},
		"code_verifier": {verifier}, "client_id": {ask.Service},
	}
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/oidc/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var tokens struct {
		Error   string `json:"error"`
		Access  string `json:"access_token"`
		IDToken string `json:"id_token"`
	}
	decode(tb, call(r), &tokens)
	if tokens.Error != "" {
		if tokens.Access != "" || tokens.IDToken != "" {
			tb.Error("a refusal carries a token")
		}
		return idptest.Result{Refused: meaning(tokens.Error)}
	}
	subject, session := storyIDToken(tb, call, ask, tokens.IDToken)
	var again func() idptest.Result
	again = func() idptest.Result {
		r := userinfoOf(tb, k, call, tokens.Access)
		if r.Refused == "" && r.Subject != subject {
			tb.Errorf("userinfo is about %q, the id token about %q", r.Subject, subject)
		}
		if r.Refused == "" {
			r.Session, r.Again = session, again
		}
		return r
	}
	return again()
}

// storyIDToken verifies the id token with the published keys.
func storyIDToken(tb testing.TB, call func(*http.Request) *http.Response, ask idptest.Ask, token string) (subject, session string) {
	tb.Helper()
	var published jose.JSONWebKeySet
	decode(tb, call(httptest.NewRequest(http.MethodGet, idptest.Origin+"/oidc/jwks", nil)), &published)
	signed, err := jose.ParseSignedCompact(token, []jose.SignatureAlgorithm{jose.ES256})
	if err != nil {
		tb.Fatal(err)
	}
	payload, err := signed.Verify(published)
	if err != nil {
		tb.Fatal(err)
	}
	var claims struct{ Iss, Sub, Aud, Nonce, Sid string }
	if err := json.Unmarshal(payload, &claims); err != nil {
		tb.Fatal(err)
	}
	if claims.Iss != idptest.Origin || claims.Aud != ask.Service || claims.Nonce != "n" {
		tb.Errorf("id token of %q for %q with nonce %q", claims.Iss, claims.Aud, claims.Nonce)
	}
	return claims.Sub, claims.Sid
}

func userinfoOf(tb testing.TB, k idptest.Tools, call func(*http.Request) *http.Response, token string) idptest.Result {
	tb.Helper()
	r := httptest.NewRequest(http.MethodGet, idptest.Origin+"/oidc/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+token)
	var claims map[string]any
	decode(tb, call(r), &claims)
	if code, ok := claims["error"].(string); ok {
		return idptest.Result{Refused: meaning(code)}
	}
	out := idptest.Result{Attributes: map[attrs.Name][]string{}}
	for name, value := range claims {
		var values []string
		switch v := value.(type) {
		case string:
			values = []string{v}
		case []any:
			for _, one := range v {
				values = append(values, fmt.Sprint(one))
			}
		}
		if name == "sub" {
			out.Subject = values[0]
			continue
		}
		word, known := k.Words.ByClaim(name)
		if !known {
			tb.Errorf("the claim %q is no word of the dictionary", name)
		}
		out.Attributes[word] = values
	}
	return out
}

// meaning reads the errors of the three endpoints.
func meaning(code string) idp.Kind {
	switch code {
	case "access_denied", "invalid_grant", "invalid_token":
		return idp.Denied
	case "login_required", "interaction_required":
		return idp.PassiveFailed
	case "unmet_authentication_requirements":
		return idp.WeakSignIn
	case "invalid_request":
		return idp.BadRequest
	default:
		return idp.Internal
	}
}

func decode(tb testing.TB, resp *http.Response, into any) {
	tb.Helper()
	defer func() { _ = resp.Body.Close() }()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		tb.Fatalf("status %d: the answer is no JSON: %v", resp.StatusCode, err)
	}
}
