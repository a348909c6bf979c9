package oidcop_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
)

// ownPage asserts that only our page speaks and that the browser is sent nowhere.
func ownPage(t *testing.T, what string, resp *http.Response, status int) {
	t.Helper()
	if resp.StatusCode != status || resp.Header.Get("Location") != "" {
		t.Errorf("%s: status %d, location %q; want %d and no redirect", what, resp.StatusCode, resp.Header.Get("Location"), status)
	}
	if kind := resp.Header.Get("Content-Type"); !strings.HasPrefix(kind, "text/html") {
		t.Errorf("%s: content type %q, want a page", what, kind)
	}
}

func TestUnknownClientGetsOurPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, id := range []string{"", "nobody", "CALCUL", "calcul ", "calcul\x00"} {
		ownPage(t, "client "+id, h.ask(t, request("calcul", "client_id", id)), http.StatusBadRequest)
	}
	twice := request("calcul")
	twice.Add("client_id", "calcul")
	ownPage(t, "client_id twice", h.ask(t, twice), http.StatusBadRequest)
}

func TestAddressThatIsNotByteEqualGetsOurPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, address := range map[string]string{
		"missing": "", "host case": "https://RP.example/cb", "path case": "https://rp.example/CB", "slash": callback + "/",
		"user": "https://a@rp.example/cb", "port": "https://rp.example:443/cb", "fragment": callback + "#", "query": callback + "?",
		"escaped": "https://rp.example/%63b", "http": "http://rp.example/cb", "dots": "https://rp.example/x/../cb",
		"below": callback + "/evil", "suffix": "https://rp.example.evil.example/cb", "backslash": `https://rp.example\@evil.example/cb`,
		"script": "javascript:alert(1)", "space": callback + " ", "line": callback + "\r\nSet-Cookie: a=b",
	} {
		ownPage(t, name, h.ask(t, request("calcul", "redirect_uri", address)), http.StatusBadRequest)
	}
	twice := request("calcul")
	twice.Add("redirect_uri", "https://evil.example/")
	ownPage(t, "twice", h.ask(t, twice), http.StatusBadRequest)
}

func TestUnreadableQueryAndStaleRegistryGetOurPage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	resp, err := browser.Get(h.issuer + "/oidc/authorize?client_id=calcul&x=%zz")
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	ownPage(t, "bad escape", resp, http.StatusBadRequest)
	h.change(func(g *gateway) { g.stale = true })
	ownPage(t, "stale registry", h.ask(t, request("calcul")), http.StatusServiceUnavailable)
	refused(t, "token", h.exchange(t, "calcul", "x.y"), http.StatusServiceUnavailable, "temporarily_unavailable")
	refused(t, "userinfo", h.userinfo(t, "x.y"), http.StatusServiceUnavailable, "temporarily_unavailable")
}

func TestErrorsGoToTheServiceWithStateAndIssuer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	unsigned := "eyJhbGciOiJub25lIn0.eyJyZWRpcmVjdF91cmkiOiJodHRwczovL2V2aWwuZXhhbXBsZS8ifQ."
	for name, c := range map[string]struct {
		changes []string
		code    string
	}{
		"no PKCE":                  {[]string{"code_challenge", "", "code_challenge_method", ""}, "invalid_request"},
		"plain":                    {[]string{"code_challenge_method", "plain", "code_challenge", verifier}, "invalid_request"},
		"plain by default":         {[]string{"code_challenge_method", "", "code_challenge", verifier}, "invalid_request"},
		"method without challenge": {[]string{"code_challenge", ""}, "invalid_request"},
		"challenge of odd length":  {[]string{"code_challenge", challenge + "A"}, "invalid_request"},
		"challenge of odd letters": {[]string{"code_challenge", challenge[:42] + "="}, "invalid_request"},
		"unsigned request":         {[]string{"request", unsigned}, "request_not_supported"},
		"request_uri":              {[]string{"request_uri", "http://127.0.0.1:1/x"}, "request_uri_not_supported"},
		"registration":             {[]string{"registration", "{}"}, "registration_not_supported"},
		"token response":           {[]string{"response_type", "code token"}, "unsupported_response_type"},
		"no response type":         {[]string{"response_type", ""}, "unsupported_response_type"},
		"odd response mode":        {[]string{"response_mode", "web_message"}, "unsupported_response_mode"},
		"no openid":                {[]string{"scope", "profile"}, "invalid_scope"},
		"no scope":                 {[]string{"scope", ""}, "invalid_scope"},
		"odd prompt":               {[]string{"prompt", "create"}, "invalid_request"},
		"prompt none and login":    {[]string{"prompt", "none login"}, "invalid_request"},
		"negative max_age":         {[]string{"max_age", "-1"}, "invalid_request"},
		"max_age in words":         {[]string{"max_age", "soon"}, "invalid_request"},
		"claims are no JSON":       {[]string{"claims", "{"}, "invalid_request"},
		"claims of the wrong kind": {[]string{"claims", `{"id_token":[]}`}, "invalid_request"},
		"hint of another's making": {[]string{"id_token_hint", unsigned}, "invalid_request"},
		"nonce that is no text":    {[]string{"nonce", "\xff"}, "invalid_request"},
		"nonce without end":        {[]string{"nonce", strings.Repeat("n", 8193)}, "invalid_request"},
		"claims without end":       {[]string{"claims", strings.Repeat(" ", 8191) + "{}"}, "invalid_request"},
		"acr_values without end":   {[]string{"acr_values", strings.Repeat("a", 8193)}, "invalid_request"},
	} {
		q := h.errorOf(t, name, request("calcul", c.changes...))
		if q.Get("error") != c.code {
			t.Errorf("%s: error %q, want %q", name, q.Get("error"), c.code)
		}
		if q.Get("state") != "st" || q.Get("iss") != h.issuer || q.Get("code") != "" || q.Get("error_description") == "" {
			t.Errorf("%s: answer %v, want state, iss, a description and no code", name, q)
		}
	}
	if h.resumed != 0 {
		t.Error("a refused request reached the gateway")
	}
}

// errorOf reads the answer out of the query or the fragment of the callback.
func (h *house) errorOf(t *testing.T, what string, v url.Values) url.Values {
	t.Helper()
	resp := h.ask(t, v)
	u, err := url.Parse(resp.Header.Get("Location"))
	if err != nil || resp.StatusCode != http.StatusSeeOther || u.Scheme+"://"+u.Host+u.Path != callback {
		t.Fatalf("%s: status %d, location %q; want the callback", what, resp.StatusCode, resp.Header.Get("Location"))
	}
	if u.Fragment != "" {
		q, _ := url.ParseQuery(u.EscapedFragment())
		return q
	}
	return u.Query()
}

func TestParametersThatStandTwiceAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, name := range []string{"scope", "nonce", "code_challenge", "response_type", "prompt"} {
		v := request("calcul", name, "openid")
		v.Add(name, "openid")
		if q := h.errorOf(t, name, v); q.Get("error") != "invalid_request" || q.Get("state") != "st" {
			t.Errorf("%s twice: answer %v, want invalid_request", name, q)
		}
	}
	v := request("calcul")
	v.Add("state", "other")
	if q := h.errorOf(t, "state", v); q.Get("error") != "invalid_request" || q.Has("state") {
		t.Errorf("state twice: answer %v, want invalid_request without state", q)
	}
}

func TestScopesThatNobodyUnderstandsAreLeftOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.exchange(t, "calcul", h.code(t, "calcul", "scope", "openid offline_access phone school openid"))
	if r.text("scope") != "openid school" || r.body["refresh_token"] != nil {
		t.Errorf("answer %v, want the scope openid school and no refresh token", r.body)
	}
}

func TestEveryFailureHasItsError(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for kind, code := range map[idp.Kind]string{
		idp.Denied: "access_denied", idp.PassiveFailed: "login_required", idp.SignInFailed: "access_denied",
		idp.WeakSignIn: "unmet_authentication_requirements", idp.BadRequest: "invalid_request", idp.Internal: "server_error",
		idp.PageNeeded: "interaction_required", "something new": "server_error",
	} {
		h.change(func(g *gateway) { g.says = &idp.Failure{Kind: kind, Ref: "K7Q2-9FM7"} })
		q := h.answered(t, request("calcul"))
		if q.Get("error") != code || q.Get("state") != "st" || q.Get("iss") != h.issuer {
			t.Errorf("%s: answer %v, want %s with state and iss", kind, q, code)
		}
		if d := q.Get("error_description"); !strings.Contains(d, "K7Q2-9FM7") || strings.Contains(d, "calcul") {
			t.Errorf("%s: description %q, want the reference and nothing of the case", kind, d)
		}
	}
}

func TestRefusalOfARequestWithoutAddressGoesNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, state := range []string{"", "{}"} {
		handoff, err := h.provider.Refuse(t.Context(), idp.Request{Handle: "calcul", State: []byte(state)}, idp.Failure{Kind: idp.Denied})
		if err != nil || !handoff.Empty() {
			t.Errorf("state %q: handoff %v, error %v; want nothing", state, handoff, err)
		}
	}
}

func TestAnswerNeedsACleared(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.code(t, "calcul")
	handoff, _, err := h.provider.Answer(t.Context(), h.last, idp.Answered{Resume: "x", At: time.Now()})
	if err == nil || !handoff.Empty() {
		t.Errorf("answer to a zero Cleared: %v, error %v; want an error", handoff, err)
	}
}

func TestWishesReachTheGateway(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.code(t, "calcul", "prompt", "login consent", "max_age", "0", "login_hint", "lea", "ui_locales", "de en-GB fr",
		"acr_values", "eidas2 eidas3", "scope", "openid school")
	r := h.last
	if !r.Fresh || !r.Ask || r.Passive || r.MaxAge == nil || *r.MaxAge != 0 || r.Hints.Login != "lea" || r.Hints.Language != "en" {
		t.Errorf("request %+v lost a wish", r)
	}
	if strings.Join(r.Assurance, " ") != "eidas2 eidas3" || !r.Later || r.ServiceID != "calcul" || len(r.Asked) == 0 {
		t.Errorf("request %+v lost a wish", r)
	}
	h.code(t, "calcul", "prompt", "none")
	if !h.last.Passive || h.last.Ask || h.last.MaxAge != nil {
		t.Errorf("request %+v is not passive", h.last)
	}
	h.code(t, "calcul", "claims", `{"id_token":{"acr":{"values":["eidas3"]}}}`, "acr_values", "eidas1")
	if strings.Join(h.last.Assurance, " ") != "eidas3" {
		t.Errorf("assurance %v, want what the claims parameter says", h.last.Assurance)
	}
}

func TestHintNamesWhoMustAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	token := h.exchange(t, "classe", h.code(t, "classe")).text("id_token")
	h.clock.Advance(time.Hour) // expired hints are good
	sub := payload(t, token)["sub"].(string)
	h.code(t, "classe", "id_token_hint", token)
	h.code(t, "classe", "claims", `{"id_token":{"sub":{"value":"`+sub+`"}}}`)
	for name, forged := range forgeries(token) {
		if q := h.errorOf(t, name, request("classe", "id_token_hint", forged)); q.Get("error") != "invalid_request" {
			t.Errorf("%s: answer %v, want invalid_request", name, q)
		}
	}
	if q := h.errorOf(t, "another client's", request("poste", "id_token_hint", token)); q.Get("error") != "invalid_request" {
		t.Errorf("another client's hint: answer %v, want invalid_request", q)
	}
	h.change(func(g *gateway) { g.person.Key.ID = "somebody else" })
	if q := h.errorOf(t, "another person", request("classe", "id_token_hint", token)); q.Get("error") != "login_required" {
		t.Errorf("another person: answer %v, want login_required", q)
	}
}

func TestStateWithoutEndIsRepeatedAndNotKept(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	state := strings.Repeat("s", 8193)
	if q := h.errorOf(t, "long state", request("calcul", "state", state)); q.Get("error") != "invalid_request" || q.Get("state") != state {
		t.Errorf("error %q with a state of %d bytes", q.Get("error"), len(q.Get("state")))
	}
	if len(h.rights) != 0 {
		t.Error("the request was kept")
	}
}

func TestEssentialLevelIsMetOrNothingIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for claims, refused := range map[string]bool{
		`{"id_token":{"acr":{"essential":true,"values":["high"]}}}`:               true,
		`{"id_token":{"acr":{"essential":true,"value":"high"}}}`:                  true,
		`{"id_token":{"acr":{"essential":true,"values":["high","substantial"]}}}`: false,
		`{"id_token":{"acr":{"values":["high"]}}}`:                                false,
		`{"id_token":{"acr":{"essential":true}}}`:                                 false,
	} {
		v := request("calcul", "claims", claims)
		if !refused {
			h.answered(t, v)
		} else if q := h.errorOf(t, claims, v); q.Get("error") != "unmet_authentication_requirements" || q.Has("code") {
			t.Errorf("%s: answer %v", claims, q)
		}
	}
}
