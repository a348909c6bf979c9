package oidcop_test

import (
	"context"
	"encoding/json"
	"html"
	"io"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"testing"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

// party is a relying party made of libraries that are not ours.
type party struct {
	provider *oidc.Provider
	config   oauth2.Config
	verifier *oidc.IDTokenVerifier
}

func newParty(t *testing.T, h *house, client string, style oauth2.AuthStyle, scopes ...string) party {
	t.Helper()
	provider, err := oidc.NewProvider(t.Context(), h.issuer)
	if err != nil {
		t.Fatalf("discovery: %v", err)
	}
	p := party{provider: provider, verifier: provider.Verifier(&oidc.Config{ClientID: client, Now: h.clock.Now})}
	p.config = oauth2.Config{
		ClientID: client, Endpoint: provider.Endpoint(), RedirectURL: callback, Scopes: append([]string{"openid"}, scopes...),
	}
	p.config.Endpoint.AuthStyle = style
	if client != "calcul" {
		p.config.ClientSecret = secret
	}
	return p
}

// posted reads the fields of an answer by form_post out of our page.
func posted(t *testing.T, at string) url.Values {
	t.Helper()
	resp, err := browser.Get(at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.StatusCode != http.StatusOK || !regexp.MustCompile(`action="`+regexp.QuoteMeta(callback)+`"`).Match(body) {
		t.Fatalf("form_post: status %d, no form to the callback", resp.StatusCode)
	}
	out := url.Values{}
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)"`).FindAllSubmatch(body, -1) {
		out.Add(html.UnescapeString(string(m[1])), html.UnescapeString(string(m[2])))
	}
	return out
}

func TestOtherPeoplesLibrariesSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, c := range map[string]struct {
		client, mode, alg string
		style             oauth2.AuthStyle
	}{
		"public, ES256, query":                {"calcul", "", "ES256", oauth2.AuthStyleInParams},
		"public, ES256, form_post":            {"calcul", "form_post", "ES256", oauth2.AuthStyleInParams},
		"confidential, RS256, header, query":  {"classe", "query", "RS256", oauth2.AuthStyleInHeader},
		"confidential, ES256, body, fragment": {"poste", "fragment", "ES256", oauth2.AuthStyleInParams},
		"confidential, RS256, form_post":      {"classe", "form_post", "RS256", oauth2.AuthStyleInHeader},
	} {
		t.Run(name, func(t *testing.T) {
			p := newParty(t, h, c.client, c.style, "profile", "school")
			verifier := oauth2.GenerateVerifier()
			options := []oauth2.AuthCodeOption{oidc.Nonce("a nonce é"), oauth2.S256ChallengeOption(verifier)}
			if c.mode != "" {
				options = append(options, oauth2.SetAuthURLParam("response_mode", c.mode))
			}
			at := p.config.AuthCodeURL("x", options...)
			var answer url.Values
			if c.mode == "form_post" {
				answer = posted(t, at)
			} else {
				resp, err := browser.Get(at)
				if err != nil {
					t.Fatal(err)
				}
				_ = resp.Body.Close()
				u, err := url.Parse(resp.Header.Get("Location"))
				if err != nil {
					t.Fatal(err)
				}
				if answer = u.Query(); c.mode == "fragment" {
					answer, _ = url.ParseQuery(u.EscapedFragment())
				}
			}
			if answer.Get("state") != "x" || answer.Get("iss") != h.issuer {
				t.Fatalf("answer %v: state or iss is missing", answer)
			}
			judge(t, p, answer.Get("code"), verifier, c.alg)
		})
	}
}

// judge redeems the code and has every statement checked by the library.
func judge(t *testing.T, p party, code, verifier, alg string) {
	t.Helper()
	ctx := context.Background()
	token, err := p.config.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		t.Fatalf("exchange: %v", err)
	}
	raw, _ := token.Extra("id_token").(string)
	id, err := p.verifier.Verify(ctx, raw)
	if err != nil {
		t.Fatalf("id token: %v", err)
	}
	if err := id.VerifyAccessToken(token.AccessToken); err != nil {
		t.Errorf("at_hash: %v", err)
	}
	var claims map[string]any
	if err := id.Claims(&claims); err != nil {
		t.Fatal(err)
	}
	if id.Nonce != "a nonce é" || claims["sid"] == "" || claims["auth_time"] == nil || claims["acr"] != "substantial" {
		t.Errorf("id token %v: nonce, sid, auth_time or acr is wrong", claims)
	}
	for _, absent := range []string{"rat", "given_name", "level", "jti"} {
		if _, there := claims[absent]; there {
			t.Errorf("id token has %s", absent)
		}
	}
	if got := header(t, raw)["alg"]; got != alg {
		t.Errorf("alg %v, want %s", got, alg)
	}
	info, err := p.provider.UserInfo(ctx, oauth2.StaticTokenSource(token))
	if err != nil {
		t.Fatalf("userinfo: %v", err)
	}
	var said map[string]any
	if err := info.Claims(&said); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"sub": id.Subject, "level": "CE2", "classes": []any{"CE2 B"}, "groups": []any{"chorale", "échecs"}}
	if p.config.ClientID != "calcul" {
		delete(want, "groups")
		want["given_name"], want["family_name"] = "Léa", "Martin"
	}
	if !reflect.DeepEqual(said, want) {
		t.Errorf("userinfo says %v, want %v", said, want)
	}
}

func TestSameServiceKnowsOneSubjectAndAnotherServiceAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	subject := func(client string) string {
		r := h.exchange(t, client, h.code(t, client))
		return payload(t, r.text("id_token"))["sub"].(string)
	}
	if a, b := subject("classe"), subject("poste"); a != b {
		t.Errorf("two clients of one service are told %q and %q", a, b)
	}
	if a, b := subject("classe"), subject("calcul"); a == b {
		t.Error("two services are told the same subject")
	}
}

func TestOpenIDAloneReleasesTheSubjectAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.exchange(t, "classe", h.code(t, "classe"))
	if h.last.Asked == nil || len(h.last.Asked) != 0 {
		t.Errorf("asked %#v, want an empty list that is not nil", h.last.Asked)
	}
	if info := h.userinfo(t, r.text("access_token")); len(info.body) != 1 || info.text("sub") == "" {
		t.Errorf("userinfo says %v, want sub alone", info.body)
	}
}

func TestClaimsParameterPutsClaimsWhereTheyWereAskedFor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	asked := `{"id_token":{"given_name":null,"auth_time":{"essential":true}},"userinfo":{"email":{"essential":true},"shoe_size":null}}`
	r := h.exchange(t, "classe", h.code(t, "classe", "claims", asked))
	id := payload(t, r.text("id_token"))
	if id["given_name"] != "Léa" || id["email"] != nil {
		t.Errorf("id token says %v, want given_name and no email", id)
	}
	info := h.userinfo(t, r.text("access_token")).body
	if info["email"] != "lea@ecole.example" || info["given_name"] != nil || len(info) != 2 {
		t.Errorf("userinfo says %v, want sub and email", info)
	}
}

func TestClaimsParameterNeverWidens(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	asked := `{"userinfo":{"given_name":{"essential":true},"birthdate":null},"id_token":{"family_name":null}}`
	r := h.exchange(t, "calcul", h.code(t, "calcul", "claims", asked))
	if info := h.userinfo(t, r.text("access_token")).body; len(info) != 1 {
		t.Errorf("a pseudonymous service is told %v", info)
	}
	if id := payload(t, r.text("id_token")); id["family_name"] != nil {
		t.Error("a pseudonymous service is told the name in the id token")
	}
}

func TestClientThatReadsOnlyTheIDTokenFindsEverythingThere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.exchange(t, "lecteur", h.code(t, "lecteur", "scope", "openid profile"))
	if id := payload(t, r.text("id_token")); id["given_name"] != "Léa" || id["level"] != nil {
		t.Errorf("id token says %v, want the profile and no more", id)
	}
}

func TestStateAndNonceComeBackAsTheyWere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, v := range []string{"", "a", "<b>\"'& ü\r\n=#?", longText()} {
		q := h.answered(t, request("calcul", "state", v, "nonce", v))
		if q.Get("state") != v || (v == "" && q.Has("state")) {
			t.Errorf("state of %d bytes came back as %d bytes", len(v), len(q.Get("state")))
		}
		r := h.exchange(t, "calcul", q.Get("code"))
		nonce, there := payload(t, r.text("id_token"))["nonce"]
		if there != (v != "") || (there && nonce != v) {
			t.Errorf("nonce of %d bytes came back changed", len(v))
		}
	}
}

func TestRequestMayBePosted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.post(t, "/oidc/authorize", request("calcul"))
	r.Header.Set("Origin", "https://rp.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	resp, err := browser.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if u, _ := url.Parse(resp.Header.Get("Location")); resp.StatusCode != http.StatusSeeOther || u.Query().Get("code") == "" {
		t.Errorf("status %d, location %q; want a code", resp.StatusCode, resp.Header.Get("Location"))
	}
}

func TestAnswerKeepsTheQueryOfTheRegisteredAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	resp := h.ask(t, request("calcul", "redirect_uri", "https://rp.example/app?x=1"))
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || u.Query().Get("x") != "1" || u.Query().Get("code") == "" || u.Path != "/app" {
		t.Errorf("location %q, want the registered query and a code", resp.Header.Get("Location"))
	}
}

func TestPreviewShowsBothAnswers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	service, binding, _ := h.snapshot().Binding("oidc", "classe")
	cleared, err := h.clear(t.Context(), right{service: service.ID, binding: binding}, false)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := h.provider.Preview(cleared.Release(), binding)
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		IDToken  map[string]any `json:"id_token"`
		Userinfo map[string]any `json:"userinfo"`
	}
	if err := json.Unmarshal(raw, &said); err != nil {
		t.Fatal(err)
	}
	if said.Userinfo["given_name"] != "Léa" || said.IDToken["sub"] != said.Userinfo["sub"] || said.IDToken["given_name"] != nil {
		t.Errorf("preview says %s", raw)
	}
}
