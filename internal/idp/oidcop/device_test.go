package oidcop_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// board is a client of the service "classe" that stands before a class and has no address.
const board = `{"type":"public","refresh":true,"device":{"screen":{"fr":"le tableau de la classe","en":"the board of the class"}}}`

const deviceGrant = "urn:ietf:params:oauth:grant-type:device_code"

// waits has a screen ask, and gives both codes.
func (h *house) waits(tb testing.TB, client string, more ...string) (device, user string) {
	tb.Helper()
	r := h.to(tb, "/oidc/device", params(append([]string{"client_id", client, "scope", "openid profile offline_access unknown"}, more...)...))
	device, user = r.text("device_code"), r.text("user_code")
	if r.status != http.StatusOK || device == "" {
		tb.Fatalf("a screen asks: %d %v", r.status, r.body)
	}
	return device, user
}

// polls has the screen ask for its tokens.
func (h *house) polls(tb testing.TB, client, device string, headers ...string) reply {
	tb.Helper()
	return h.to(tb, "/oidc/token", params("grant_type", deviceGrant, "device_code", device, "client_id", client), headers...)
}

// typist is the browser of whoever types the code.
type typist struct {
	*house
	*http.Client
}

func (h *house) typist(tb testing.TB) typist {
	tb.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		tb.Fatal(err)
	}
	return typist{h, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// goes asks for a page, or posts a form to it as a page of ours does; it gives status, where it leads and what it says.
func (p typist) goes(tb testing.TB, path string, form url.Values) (status int, to, page string) {
	tb.Helper()
	method := http.MethodGet
	if form != nil {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, p.issuer+path, strings.NewReader(form.Encode()))
	if err != nil {
		tb.Fatal(err)
	}
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", p.issuer)
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	r.Header.Set("Accept-Language", "fr")
	answer, err := p.Do(r)
	if err != nil {
		tb.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return answer.StatusCode, strings.TrimPrefix(answer.Header.Get("Location"), p.issuer), html.UnescapeString(string(body))
}

// lets answers yes, and follows to the end.
func (p typist) lets(tb testing.TB, user string) (end string) {
	tb.Helper()
	if status, _, page := p.goes(tb, "/appareil", params("code", user)); status != http.StatusOK || !strings.Contains(page, "le tableau de la classe") {
		tb.Fatalf("the code: %d\n%s", status, page)
	}
	status, to, _ := p.goes(tb, "/appareil/reponse", params("code", user, "act", "oui"))
	if status != http.StatusSeeOther || to != "/appareil/suite" {
		tb.Fatalf("yes: %d %s", status, to)
	}
	_, to, _ = p.goes(tb, to, nil)
	return to
}

func TestAScreenGetsItsTokensOnceSomebodyTypedItsCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(lasting)
	h.register(t, "tableau", board)
	device, user := h.waits(t, "tableau")
	refused(t, "nobody typed it", h.polls(t, "tableau", device), 400, "authorization_pending")
	if to := h.typist(t).lets(t, strings.ToLower(strings.ReplaceAll(user, "-", " "))); to != "/appareil/fini" {
		t.Fatalf("it leads to %s", to)
	}
	if !h.last.Ask || !h.last.Later || h.last.ServiceID != "classe" {
		t.Errorf("the request is %+v: the page of the declaration is shown in any case", h.last)
	}
	r := h.polls(t, "tableau", device)
	if r.status != http.StatusOK || r.text("scope") != "openid profile offline_access" || r.text("token_type") != "Bearer" {
		t.Fatalf("tokens: %d %v", r.status, r.body)
	}
	said := payload(t, r.text("id_token"))
	if said["aud"] != "tableau" || said["nonce"] != nil || said["at_hash"] == nil || said["sub"] == "" {
		t.Errorf("the id token says %v", said)
	}
	if u := h.shown(t, "Bearer", r.text("access_token")); u.text("given_name") != "Léa" || u.body["sub"] != said["sub"] {
		t.Errorf("userinfo says %v", u.body)
	}
	if again := h.to(t, "/oidc/token", renewing("tableau", r.text("refresh_token"))); again.status != http.StatusOK {
		t.Errorf("a refresh: %v", again.body)
	}
	refused(t, "the code a second time", h.polls(t, "tableau", device), 400, "invalid_grant")
	if status, _, _ := h.typist(t).goes(t, "/appareil", params("code", user)); status != http.StatusUnprocessableEntity {
		t.Errorf("its user code is answered %d afterwards", status)
	}
	if len(h.participants) == 0 || h.participants[len(h.participants)-1].ServiceID != "classe" {
		t.Error("no sign-out would find the screen")
	}
}

func TestAScreenIsToldHowItStands(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	h.register(t, "autre", board)
	device, user := h.waits(t, "tableau")
	refused(t, "another client", h.polls(t, "autre", device), 400, "invalid_grant")
	refused(t, "at once", h.polls(t, "tableau", device), 400, "authorization_pending")
	h.clock.Advance(time.Second)
	refused(t, "too soon", h.polls(t, "tableau", device), 400, "slow_down")
	h.clock.Advance(5 * time.Second)
	refused(t, "in time", h.polls(t, "tableau", device), 400, "authorization_pending")
	refused(t, "no code at all", h.polls(t, "tableau", ""), 400, "invalid_grant")
	refused(t, "a code of another kind", h.polls(t, "tableau", h.code(t, "calcul")), 400, "invalid_grant")
	if status, to, _ := h.typist(t).goes(t, "/appareil/reponse", params("code", user, "act", "non")); status != http.StatusSeeOther || to != "/appareil/rien" {
		t.Fatalf("no: %d %s", status, to)
	}
	refused(t, "denied", h.polls(t, "tableau", device), 400, "access_denied")
	if status, _, _ := h.typist(t).goes(t, "/appareil", params("code", user)); status != http.StatusUnprocessableEntity {
		t.Errorf("a code that was denied is answered %d", status)
	}
	device, user = h.waits(t, "tableau")
	h.typist(t).lets(t, user)
	if status, _, _ := h.typist(t).goes(t, "/appareil", params("code", user)); status != http.StatusUnprocessableEntity {
		t.Errorf("a screen that is let in is let in again: %d", status)
	}
	if r := h.polls(t, "tableau", device); r.status != http.StatusOK {
		t.Errorf("let in: %v", r.body)
	}

	late, user := h.waits(t, "tableau")
	h.clock.Advance(10 * time.Minute)
	refused(t, "over", h.polls(t, "tableau", late), 400, "expired_token")
	if status, _, _ := h.typist(t).goes(t, "/appareil/reponse", params("code", user, "act", "oui")); status != http.StatusGone {
		t.Errorf("a yes that comes too late is answered %d", status)
	}
}

func TestTheGateIsAskedWhenAScreenIsLetInAndWhenItAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	device, user := h.waits(t, "tableau")
	h.change(func(g *gateway) { g.says = &idp.Failure{Kind: idp.Denied, Ref: "K7Q2-9FM7"} })
	if to := h.typist(t).lets(t, user); to != "/appareil/rien" {
		t.Errorf("a refusal leads to %s", to)
	}
	refused(t, "refused at the gate", h.polls(t, "tableau", device), 400, "access_denied")

	h.change(func(g *gateway) { g.says = nil })
	device, user = h.waits(t, "tableau")
	h.typist(t).lets(t, user)
	h.change(func(g *gateway) { g.contents.Declarations[1].State = registry.Suspended })
	refused(t, "suspended since", h.polls(t, "tableau", device), 400, "invalid_grant")
	h.change(func(g *gateway) { g.contents.Declarations[1].State = registry.Approved })
	refused(t, "what was asked for while it was suspended", h.polls(t, "tableau", device), 400, "invalid_grant")
}

func TestAYesIsGoodInTheBrowserInWhichItWasSaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	device, user := h.waits(t, "tableau")
	thief, victim := h.typist(t), h.typist(t)
	if _, to, _ := thief.goes(t, "/appareil/reponse", params("code", user, "act", "oui")); to != "/appareil/suite" {
		t.Fatal(to)
	}
	if status, to, _ := victim.goes(t, "/appareil/suite", nil); status != http.StatusGone || to != "" {
		t.Errorf("a link to somebody else is answered %d, %s", status, to)
	}
	refused(t, "meanwhile", h.polls(t, "tableau", device), 400, "authorization_pending")
	if _, to, _ := thief.goes(t, "/appareil/suite", nil); to != "/appareil/fini" {
		t.Errorf("the browser itself is led to %s", to)
	}
	if status, _, _ := thief.goes(t, "/appareil/suite", nil); status != http.StatusGone {
		t.Errorf("a second time it is answered %d", status)
	}
	r, err := http.NewRequest(http.MethodPost, h.issuer+"/appareil/reponse", strings.NewReader(params("code", user, "act", "oui").Encode()))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	answer, err := victim.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if answer.StatusCode != http.StatusForbidden {
		t.Errorf("a yes from another site is answered %d", answer.StatusCode)
	}
	if status, _, page := victim.goes(t, "/appareil?code="+user+"&user_code="+user, nil); status != 200 || strings.Contains(page, user) {
		t.Errorf("a code in an address is taken: %d", status)
	}
}

func TestOnlyAClientWithADeviceMayAskForAScreen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	refused(t, "no device", h.to(t, "/oidc/device", params("client_id", "calcul", "scope", "openid")), 400, "unauthorized_client")
	device, _ := h.waits(t, "tableau")
	refused(t, "no device at the token endpoint", h.polls(t, "calcul", device), 400, "unauthorized_client")
	refused(t, "nobody", h.to(t, "/oidc/device", params("client_id", "personne", "scope", "openid")), 401, "invalid_client")
	refused(t, "without openid", h.to(t, "/oidc/device", params("client_id", "tableau", "scope", "profile")), 400, "invalid_scope")
	refused(t, "twice", h.to(t, "/oidc/device", url.Values{"client_id": {"tableau"}, "scope": {"openid", "openid"}}), 400, "invalid_request")
	h.withSecret(t, "geheim", `,"device":{"screen":{"fr":"le tableau"}}`)
	refused(t, "without its secret", h.to(t, "/oidc/device", params("client_id", "geheim", "scope", "openid")), 401, "invalid_client")
	h.waits(t, "geheim", "client_secret", secret)

	_, user := h.waits(t, "tableau")
	h.change(func(g *gateway) {
		b := g.contents.Services[1].Bindings
		for i := range b {
			if b[i].Handle == "tableau" {
				b[i].Settings = []byte(`{"type":"public","redirect_uris":["` + callback + `"]}`)
			}
		}
	})
	if status, _, _ := h.typist(t).goes(t, "/appareil", params("code", user)); status != http.StatusUnprocessableEntity {
		t.Errorf("a device that was taken away meanwhile is answered %d", status)
	}
}

func TestWrongCodesFromOnePlaceAreCountedAndEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	_, user := h.waits(t, "tableau")
	p := h.typist(t)
	for range 100 {
		if status, _, _ := p.goes(t, "/appareil", params("code", "BBBB-BBBB")); status != http.StatusUnprocessableEntity {
			t.Fatalf("a wrong code is answered %d", status)
		}
	}
	if status, _, _ := p.goes(t, "/appareil", params("code", user)); status != http.StatusTooManyRequests {
		t.Errorf("after a hundred, the right one is answered %d", status)
	}
	if status, _, _ := p.goes(t, "/appareil/reponse", params("code", user, "act", "oui")); status != http.StatusTooManyRequests {
		t.Errorf("and a yes %d", status)
	}
	h.clock.Advance(10 * time.Minute)
	_, user = h.waits(t, "tableau")
	if status, _, _ := p.goes(t, "/appareil", params("code", user)); status != http.StatusOK {
		t.Errorf("ten minutes later it is answered %d", status)
	}
}

func TestUserCodesAreEightConsonants(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	form := regexp.MustCompile(`^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$`)
	seen := map[string]bool{}
	for range 20 {
		_, user := h.waits(t, "tableau")
		if !form.MatchString(user) || seen[user] {
			t.Errorf("a user code is %q", user)
		}
		seen[user] = true
	}
}

// TestOneScreenAtTwoReplicasIsServedOnce asks for each of many screens at two replicas at once.
func TestOneScreenAtTwoReplicasIsServedOnce(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := replicas(t, open)
			pair[0].register(t, "tableau", board)
			for range 20 {
				device, user := pair[0].waits(t, "tableau")
				pair[0].typist(t).lets(t, user)
				var replies [2]reply
				var wg sync.WaitGroup
				for i, h := range pair {
					wg.Go(func() { replies[i] = h.polls(t, "tableau", device) })
				}
				wg.Wait()
				tokens := 0
				for _, r := range replies {
					if r.text("access_token") != "" {
						tokens++
						continue
					}
					refused(t, "the other replica", r, 400, "invalid_grant")
				}
				if tokens != 1 {
					t.Fatalf("one screen got %d tokens: %v", tokens, replies)
				}
			}
		})
	}
}

func TestAScreenMayProveAKey(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", strings.Replace(board, `"type"`, `"dpop":"required","type"`, 1))
	device, user := h.waits(t, "tableau")
	h.typist(t).lets(t, user)
	key := freshKey(t)
	r := h.polls(t, "tableau", device, "DPoP", h.dpop(t, key, "POST", "/oidc/token", ""))
	if r.status != http.StatusOK || r.text("token_type") != "DPoP" {
		t.Fatalf("%d %v", r.status, r.body)
	}
	token := r.text("access_token")
	if u := h.shown(t, "DPoP", token, h.dpop(t, key, "GET", "/oidc/userinfo", token)); u.status != http.StatusOK {
		t.Errorf("with its key: %d %v", u.status, u.body)
	}
	if u := h.shown(t, "Bearer", token); u.status != http.StatusUnauthorized {
		t.Errorf("without: %d", u.status)
	}
}

func TestSettingsOfADeviceNameItsScreen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for settings, where := range map[string]string{
		`{"type":"public","device":{"screen":{"fr":"x"},"for":"tous"}}`:                                              "settings.device.for",
		`{"type":"public","device":{}}`:                                                                              "settings.device.screen.fr",
		`{"type":"public","device":{"screen":{"fr":"` + strings.Repeat("é", 61) + `"}}}`:                             "settings.device.screen.fr",
		`{"type":"public","device":{"screen":{"fr":"le tableau","en":"two\nlines"}}}`:                                "settings.device.screen.en",
		`{"type":"confidential","profile":"fapi2","jwks_uri":"https://rp.example/k","device":{"screen":{"fr":"x"}}}`: "settings.device",
	} {
		found := h.provider.CheckSettings(registry.Binding{Protocol: "oidc", Handle: "x", Settings: []byte(settings)})
		if len(found) != 1 || found[0].Where != where {
			t.Errorf("%s: %v", settings, found)
		}
	}
}

func TestPagesForScreensAreForEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, oidcop.Pages())
	for _, err := range kit.Findings() {
		t.Error(err)
	}
	for page, data := range oidcop.ScreenSpecimens() {
		webtest.RenderAll(t, kit, page, func(a web.Audience) any { return data(a) })
	}
}

// TestAScreenIsLetInByOneAlone has two people say yes before either of them has signed in.
func TestAScreenIsLetInByOneAlone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.register(t, "tableau", board)
	device, user := h.waits(t, "tableau")
	if to := h.typist(t).lets(t, user); to != "/appareil/fini" {
		t.Fatal(to)
	}
	first := len(h.participants)
	second, err := h.start(t.Context(), h.last, h.tickets)
	if err != nil || second.Location != h.issuer+"/appareil/rien" {
		t.Errorf("the second is led to %q: %v", second.Location, err)
	}
	if r := h.polls(t, "tableau", device); r.status != http.StatusOK || first == 0 {
		t.Errorf("the screen gets the tokens of the first: %v", r.body)
	}
}
