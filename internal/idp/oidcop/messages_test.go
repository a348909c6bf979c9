package oidcop_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// browser follows nothing by itself.
var browser = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

// params builds parameters from pairs.
func params(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// verifier and challenge are those of RFC 7636 appendix B.
const (
	verifier  = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
	challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
)

// request is a good authorization request, with changes: a name with an empty value is left out.
func request(client string, changes ...string) url.Values {
	v := params("client_id", client, "redirect_uri", callback, "response_type", "code", "scope", "openid",
		"state", "st", "nonce", "n", "code_challenge", challenge, "code_challenge_method", "S256")
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	return v
}

// ask sends an authorization request and returns the answer, its body closed.
func (h *house) ask(tb testing.TB, v url.Values) *http.Response {
	tb.Helper()
	resp, err := browser.Get(h.issuer + "/oidc/authorize?" + v.Encode())
	if err != nil {
		tb.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp
}

// answered gives the fields of the answer that was sent to the callback in the query.
func (h *house) answered(tb testing.TB, v url.Values) url.Values {
	tb.Helper()
	resp := h.ask(tb, v)
	at := resp.Header.Get("Location")
	if resp.StatusCode != http.StatusSeeOther || !strings.HasPrefix(at, callback+"?") {
		tb.Fatalf("authorize: status %d, location %q; want 303 to the callback", resp.StatusCode, at)
	}
	u, err := url.Parse(at)
	if err != nil {
		tb.Fatal(err)
	}
	return u.Query()
}

// code signs in and returns the code.
func (h *house) code(tb testing.TB, client string, changes ...string) string {
	tb.Helper()
	q := h.answered(tb, request(client, changes...))
	if q.Get("code") == "" {
		tb.Fatalf("authorize: no code but %v", q)
	}
	return q.Get("code")
}

// reply is an answer in JSON.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

func (r reply) text(name string) string { s, _ := r.body[name].(string); return s }

func (h *house) send(tb testing.TB, r *http.Request) reply {
	tb.Helper()
	resp, err := browser.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	out := reply{status: resp.StatusCode, header: resp.Header}
	if err := json.NewDecoder(resp.Body).Decode(&out.body); err != nil && resp.ContentLength != 0 {
		tb.Fatalf("answer is no JSON: %v", err)
	}
	return out
}

// exchange is a good token request for a client, with changes as in request.
func (h *house) exchange(tb testing.TB, client, code string, changes ...string) reply {
	tb.Helper()
	v := params("grant_type", "authorization_code", "code", code, "redirect_uri", callback, "code_verifier", verifier)
	switch client {
	case "calcul":
		v.Set("client_id", client)
	case "poste":
		v.Set("client_id", client)
		v.Set("client_secret", secret)
	}
	for i := 0; i < len(changes); i += 2 {
		v.Set(changes[i], changes[i+1])
		if changes[i+1] == "" {
			v.Del(changes[i])
		}
	}
	r := h.post(tb, "/oidc/token", v)
	if client != "calcul" && client != "poste" {
		r.SetBasicAuth(url.QueryEscape(client), url.QueryEscape(secret))
	}
	return h.send(tb, r)
}

func (h *house) post(tb testing.TB, path string, v url.Values) *http.Request {
	tb.Helper()
	r, err := http.NewRequest(http.MethodPost, h.issuer+path, strings.NewReader(v.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return r
}

func (h *house) userinfo(tb testing.TB, token string) reply {
	tb.Helper()
	r, err := http.NewRequest(http.MethodGet, h.issuer+"/oidc/userinfo", nil)
	if err != nil {
		tb.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return h.send(tb, r)
}

// refused checks an answer in JSON that says no.
func refused(tb testing.TB, what string, r reply, status int, code string) {
	tb.Helper()
	if r.status != status || r.text("error") != code {
		tb.Errorf("%s: status %d, %v; want %d %s", what, r.status, r.body, status, code)
	}
	if r.text("access_token") != "" || r.text("id_token") != "" {
		tb.Errorf("%s: a refusal carries a token", what)
	}
}
