package app

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/keys"
)

// recordInto is where TestWhatVersionsStoredIsReadByThisOne leaves what this version stores, as another folder of
// testdata/stored: one is added with each version that is given out, and none is ever changed.
const recordInto = "ECLUSE_RECORD_STORED"

// waiting is a browser before a form.
type waiting struct {
	Cookies map[string]string `json:"cookies"`
	Target  string            `json:"target"`
	Form    url.Values        `json:"form"`
}

// inHand is what browsers and services hold while a gateway is replaced.
type inHand struct {
	At       time.Time         `json:"at"`
	Session  map[string]string `json:"session"`  // lina's browser, signed in at calcul
	Access   string            `json:"access"`   // calcul's token for it
	Code     string            `json:"code"`     // a code of calcul's
	Used     string            `json:"used"`     // the one before, which was redeemed
	Pushed   string            `json:"pushed"`   // a request that calcul pushed
	Ticket   string            `json:"ticket"`   // a ticket of carte's
	Choosing waiting           `json:"choosing"` // lina in another browser, asked by the source who she is
	Told     waiting           `json:"told"`     // hugo before the page that informs
	Desk     map[string]string `json:"desk"`     // paul's browser at the desk
}

// storedGateway is a gateway with the demo's data in a folder, with a clock of its own.
func storedGateway(t *testing.T, dir string, now func() time.Time) *pair {
	t.Helper()
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile, c.Store = dir, "http://127.0.0.1:8080", "master.secret", Store{URL: "sqlite:ecluse.db"}
	if _, err := keys.CreateMaster(filepath.Join(dir, "master.secret"), strings.NewReader(strings.Repeat("0123456789abcdef", 8))); err != nil {
		t.Fatal(err)
	}
	log, err := newLogger(Log{Level: "warn", Format: "text"}, t.Output())
	if err != nil {
		t.Fatal(err)
	}
	b, err := openBase(t.Context(), c, "serve", now, log)
	if err != nil {
		t.Fatal(err)
	}
	g, _, _, err := demoGateway(t.Context(), b, DemoOptions{Now: now}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	if err == nil {
		err = g.live.Refresh(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	return &pair{t: t, gateways: [2]*gateway{g, g}, cookies: map[string]string{}, callback: "http://calcul.localhost:8080/cb"}
}

const (
	atPeople = `name="challenge"`
	atInform = `name="digest"`
	mapSite  = "http://carte.localhost:8080/cas"
)

// wish is a request of calcul's.
func (p *pair) wish() url.Values {
	challenge := sha256.Sum256([]byte(pairVerifier))
	return url.Values{
		"client_id": {"calcul"}, "redirect_uri": {p.callback}, "response_type": {"code"}, "scope": {"openid school"}, "state": {"some-state"},
		"code_challenge_method": {"S256"}, "code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}
}

// form is the one of a page that goes on as somebody; empty where a page has none.
func (p *pair) form(body, who string) waiting {
	p.t.Helper()
	switch {
	case strings.Contains(body, atPeople):
		return waiting{p.cookies, p.find(body, `action="([^"]+/people)"`), url.Values{"challenge": {p.find(body, `name="challenge" value="([^"]+)"`)}, "person": {who}}}
	case strings.Contains(body, atInform):
		return waiting{p.cookies, p.find(body, `action="([^"]+/inform)"`), url.Values{
			"hop": {p.find(body, `name="hop" value="([^"]+)"`)}, "act": {"informed"}, "digest": {p.find(body, `name="digest" value="([^"]+)"`)},
		}}
	}
	return waiting{}
}

// as goes on as somebody until a page has what is looked for, or the browser is led elsewhere; it gives the page and where to.
func (p *pair) as(who string, w *httptest.ResponseRecorder, until string) (body, to string) {
	p.t.Helper()
	for range 15 {
		body, to = w.Body.String(), w.Header().Get("Location")
		if to == "" && strings.Contains(body, `content="0;url=`) {
			to = p.find(body, `content="0;url=([^"]+)"`)
		}
		if until != "" && strings.Contains(body, until) {
			return body, to
		}
		next := p.form(body, who)
		switch to = strings.TrimPrefix(to, pairAt); {
		case strings.HasPrefix(to, "http"):
			return body, to
		case to != "":
			w = p.ask(http.MethodGet, to, nil)
		case next.Target != "":
			w = p.ask(http.MethodPost, next.Target, next.Form)
		default:
			return body, ""
		}
	}
	p.t.Fatal("the sign-in does not end")
	return "", ""
}

// anew is another browser.
func (p *pair) anew(cookies map[string]string) { p.cookies = cookies }

// record plays everybody's part up to where the gateway is replaced.
func (p *pair) record(at time.Time) inHand {
	p.t.Helper()
	h := inHand{At: at, Session: map[string]string{}, Desk: map[string]string{}}
	authorize := "/oidc/authorize?" + p.wish().Encode()
	p.anew(h.Session)
	h.Used = p.code()
	var tokens struct {
		Access string `json:"access_token"`
	}
	if w := p.token(h.Used); w.Code != http.StatusOK || json.Unmarshal(w.Body.Bytes(), &tokens) != nil {
		p.t.Fatalf("token: status %d", w.Code)
	}
	h.Access, h.Code = tokens.Access, p.code()
	_, to := p.as("lina", p.ask(http.MethodGet, "/cas/login?"+url.Values{"service": {mapSite}}.Encode(), nil), "")
	if u, err := url.Parse(to); err == nil {
		h.Ticket = u.Query().Get("ticket")
	}
	var pushed struct {
		URI string `json:"request_uri"`
	}
	if w := p.ask(http.MethodPost, "/oidc/par", p.wish()); json.Unmarshal(w.Body.Bytes(), &pushed) != nil {
		p.t.Fatalf("pushed: status %d", w.Code)
	}
	h.Pushed = pushed.URI
	p.anew(map[string]string{})
	body, _ := p.as("lina", p.ask(http.MethodGet, authorize, nil), atPeople)
	h.Choosing = p.form(body, "lina")
	p.anew(map[string]string{})
	body, _ = p.as("hugo", p.ask(http.MethodGet, authorize, nil), atInform)
	h.Told = p.form(body, "hugo")
	p.anew(h.Desk)
	p.as("paul", p.ask(http.MethodGet, "/bureau/entrer", nil), "")
	return h
}

// goOn has everybody go on with what they hold.
func (p *pair) goOn(h inHand) {
	p.t.Helper()
	codeAt := func(what, to string) {
		p.t.Helper()
		if u, err := url.Parse(to); err != nil || u.Query().Get("code") == "" || p.token(u.Query().Get("code")).Code != http.StatusOK {
			p.t.Errorf("%s: no token", what)
		}
	}
	p.anew(h.Session)
	r := httptest.NewRequest(http.MethodGet, "/oidc/userinfo", nil)
	r.Host = "127.0.0.1:8080"
	r.Header.Set("Authorization", "Bearer "+h.Access)
	w := httptest.NewRecorder()
	if p.gateways[0].mux.ServeHTTP(w, r); w.Code != http.StatusOK {
		p.t.Errorf("the token for userinfo: status %d: %s", w.Code, w.Body)
	}
	_, to := p.as("nobody", p.ask(http.MethodGet, "/oidc/authorize?"+p.wish().Encode(), nil), atPeople)
	codeAt("the session", to)
	_, to = p.as("nobody", p.ask(http.MethodGet, "/oidc/authorize?"+url.Values{"client_id": {"calcul"}, "request_uri": {h.Pushed}}.Encode(), nil), atPeople)
	codeAt("the pushed request", to)
	for i, want := range []int{http.StatusOK, http.StatusBadRequest} {
		if w := p.token(h.Code); w.Code != want {
			p.t.Errorf("the code, time %d: status %d", i+1, w.Code)
		}
	}
	if w := p.token(h.Used); w.Code != http.StatusBadRequest {
		p.t.Errorf("the code that was redeemed before: status %d", w.Code)
	}
	w = p.ask(http.MethodGet, "/cas/serviceValidate?"+url.Values{"service": {mapSite}, "ticket": {h.Ticket}}.Encode(), nil)
	if !strings.Contains(w.Body.String(), "authenticationSuccess") {
		p.t.Errorf("the ticket: %s", w.Body)
	}
	for _, b := range []struct {
		waiting
		who, stops string // lina was told what leaves, and said so
	}{{h.Choosing, "lina", atInform}, {h.Told, "hugo", ""}} {
		p.anew(b.Cookies)
		_, to := p.as(b.who, p.ask(http.MethodPost, b.Target, b.Form), b.stops)
		codeAt(b.who+"'s form", to)
	}
	p.anew(h.Desk)
	if body := p.ask(http.MethodGet, "/bureau/", nil).Body.String(); !strings.Contains(body, "<title>À faire") {
		p.t.Errorf("the desk: %.300s", body)
	}
	p.anew(h.Session)
	body, _ := p.as("nobody", p.ask(http.MethodPost, "/signout", url.Values{}), "")
	for _, name := range []string{"Calcul", "Carte"} {
		if !strings.Contains(body, "<span>"+name+"</span>") {
			p.t.Errorf("the sign-out does not know of %s", name)
		}
	}
	if report, err := audit.Verify(p.t.Context(), p.gateways[0].db.Audit(), p.gateways[0].ring); err != nil || !report.OK() {
		p.t.Errorf("the journal: %v, %v", report.Problems, err)
	}
}

// TestWhatVersionsStoredIsReadByThisOne starts this version on what others left, in the middle of everything: sessions, codes,
// tokens, tickets, requests, pages, the desk, the journal. testdata/stored has one folder for each.
func TestWhatVersionsStoredIsReadByThisOne(t *testing.T) {
	t.Parallel()
	if dir := os.Getenv(recordInto); dir != "" {
		at := time.Now().UTC().Truncate(time.Second)
		p := storedGateway(t, dir, func() time.Time { return at })
		state, err := json.MarshalIndent(p.record(at), "", "  ")
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, "held.json"), append(state, '\n'), 0o600)
		}
		if err == nil {
			err = p.gateways[0].closers.close()
		}
		if err != nil {
			t.Fatal(err)
		}
		return
	}
	folders, err := filepath.Glob("testdata/stored/*")
	if err != nil || len(folders) == 0 {
		t.Fatalf("nothing is stored: %v", err)
	}
	for _, folder := range folders {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			t.Parallel()
			var h inHand
			state, err := os.ReadFile(filepath.Join(folder, "held.json"))
			if err == nil {
				err = json.Unmarshal(state, &h)
			}
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			unpack(t, filepath.Join(folder, "ecluse.db.gz"), filepath.Join(dir, "ecluse.db"))
			p := storedGateway(t, dir, func() time.Time { return h.At.Add(2 * time.Second) })
			t.Cleanup(func() {
				if err := p.gateways[0].closers.close(); err != nil {
					t.Error(err)
				}
			})
			p.goOn(h)
		})
	}
}

func unpack(t *testing.T, from, to string) {
	t.Helper()
	packed, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err == nil {
		err = os.WriteFile(to, data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
