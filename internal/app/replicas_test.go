package app

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/store/storetest"
)

// pair is two gateways on one PostgreSQL and one Redis, with the demo's data; every request goes to the other one.
type pair struct {
	t        *testing.T
	gateways [2]*gateway
	turn     int
	cookies  map[string]string
	callback string
}

func newPair(t *testing.T) *pair {
	t.Helper()
	return newPairOn(t, Store{URL: Secret(storetest.Postgres(t)), TicketsURL: Secret(storetest.Redis(t))})
}

// newPairOn keeps everything elsewhere.
func newPairOn(t *testing.T, at Store) *pair {
	t.Helper()
	dir := t.TempDir()
	c := DefaultConfig()
	c.dir, c.PublicURL, c.MasterSecretFile = dir, "http://127.0.0.1:8080", "master.secret"
	c.Store = at
	if _, err := keys.CreateMaster(filepath.Join(dir, "master.secret"), rand.Reader); err != nil {
		t.Fatal(err)
	}
	p := &pair{t: t, cookies: map[string]string{}, callback: "http://calcul.localhost:8080/cb"}
	started := make(chan error, 2)
	for i := range p.gateways {
		go func() { // both at once, on an empty database
			g, err := replica(t.Context(), t, c)
			p.gateways[i] = g
			started <- err
		}()
	}
	if err := errors.Join(<-started, <-started); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	for _, g := range p.gateways {
		if err := g.live.Refresh(ctx); err != nil { // a slow start has made the view old
			t.Fatal(err)
		}
		go g.live.Run(ctx)
	}
	t.Cleanup(func() {
		cancel()
		for _, g := range p.gateways {
			if err := g.closers.close(); err != nil {
				t.Error(err)
			}
		}
	})
	return p
}

func replica(ctx context.Context, t *testing.T, c Config) (*gateway, error) {
	log, err := newLogger(Log{Level: "warn", Format: "text"}, t.Output())
	if err != nil {
		return nil, err
	}
	b, err := openBase(ctx, c, "serve", time.Now, log)
	if err != nil {
		return nil, err
	}
	o := DemoOptions{Now: time.Now}
	g, _, _, err := demoGateway(ctx, b, o, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 8080})
	return g, err
}

// ask sends the next request to the other gateway.
func (p *pair) ask(method, target string, form url.Values) *httptest.ResponseRecorder {
	p.t.Helper()
	p.turn++
	r := httptest.NewRequest(method, target, strings.NewReader(form.Encode()))
	r.Host = "127.0.0.1:8080"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range p.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w := httptest.NewRecorder()
	p.gateways[p.turn%2].mux.ServeHTTP(w, r)
	for _, c := range w.Result().Cookies() {
		p.cookies[c.Name] = c.Value
	}
	return w
}

func (p *pair) find(body, pattern string) string {
	p.t.Helper()
	m := regexp.MustCompile(pattern).FindStringSubmatch(body)
	if m == nil {
		p.t.Fatalf("no %s in %.500s", pattern, body)
	}
	return html.UnescapeString(m[1])
}

const pairVerifier = "a-verifier-that-is-long-enough-for-rfc-7636-4-1"

// code plays a sign-in of lina at calcul up to the authorization code.
func (p *pair) code() string {
	p.t.Helper()
	challenge := sha256.Sum256([]byte(pairVerifier))
	w := p.ask(http.MethodGet, "/oidc/authorize?"+url.Values{
		"client_id": {"calcul"}, "redirect_uri": {p.callback}, "response_type": {"code"}, "scope": {"openid school"},
		"state": {"some-state"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode(), nil)
	for range 12 {
		body := w.Body.String()
		switch to := w.Header().Get("Location"); {
		case strings.HasPrefix(to, p.callback):
			return p.codeOf(to)
		case to != "":
			w = p.ask(http.MethodGet, to, nil)
		case strings.Contains(body, `name="challenge"`):
			w = p.ask(http.MethodPost, p.find(body, `action="([^"]+/people)"`), url.Values{
				"challenge": {p.find(body, `name="challenge" value="([^"]+)"`)}, "person": {"lina"},
			})
		case strings.Contains(body, `name="digest"`):
			w = p.ask(http.MethodPost, p.find(body, `action="([^"]+/inform)"`), url.Values{
				"hop": {p.find(body, `name="hop" value="([^"]+)"`)}, "act": {"informed"},
				"digest": {p.find(body, `name="digest" value="([^"]+)"`)},
			})
		case strings.Contains(body, p.callback):
			return p.codeOf(p.find(body, `href="(`+regexp.QuoteMeta(p.callback)+`[^"]*)"`))
		default:
			p.t.Fatalf("status %d at an unknown page: %.500s", w.Code, body)
		}
	}
	p.t.Fatal("the sign-in does not end")
	return ""
}

func (p *pair) codeOf(to string) string {
	p.t.Helper()
	u, err := url.Parse(to)
	if err != nil || u.Query().Get("code") == "" {
		p.t.Fatalf("no code in the answer: %v", err)
	}
	return u.Query().Get("code")
}

func (p *pair) token(code string) *httptest.ResponseRecorder {
	p.t.Helper()
	return p.ask(http.MethodPost, "/oidc/token", url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {p.callback},
		"client_id": {"calcul"}, "code_verifier": {pairVerifier},
	})
}

func TestAnyReplicaAnswersAnyHopOnPostgreSQLAndRedis(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	if a, b := p.gateways[0].ring.Derive("x", "y"), p.gateways[1].ring.Derive("x", "y"); string(a) != string(b) {
		t.Fatal("two replicas that started at once have two sets of keys")
	}
	code := p.code()
	w := p.token(code)
	var answer struct {
		Access string `json:"access_token"`
		ID     string `json:"id_token"`
	}
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != http.StatusOK || answer.ID == "" {
		t.Fatalf("token: status %d, %v", w.Code, err)
	}
	for range 2 { // once on each
		if again := p.token(code); again.Code != http.StatusBadRequest {
			t.Errorf("a used code was taken again: status %d", again.Code)
		}
	}
}

func TestASuspensionReachesEveryReplica(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	first := p.code()
	if w := p.token(first); w.Code != http.StatusOK {
		t.Fatalf("before the suspension: status %d", w.Code)
	}
	codes := []string{p.code(), p.code()}
	p.suspend("calcul")
	p.awaits(func(s *registry.Snapshot) bool {
		return slices.ContainsFunc(s.Declarations("calcul"), func(d registry.Declaration) bool { return d.State == registry.Suspended })
	})
	for _, code := range codes {
		if w := p.token(code); w.Code != http.StatusBadRequest {
			t.Errorf("after the suspension: status %d", w.Code)
		}
	}
	for range 2 {
		w := p.ask(http.MethodGet, "/go/calcul", nil)
		if w.Code != http.StatusForbidden {
			t.Errorf("a tile after the suspension: status %d", w.Code)
		}
	}
}

// awaits waits until the views of both replicas, which follow by themselves, hold something. That it is a second at most is tried
// where a test has the clock, in package registry.
func (p *pair) awaits(holds func(*registry.Snapshot) bool) {
	p.t.Helper()
	for i, g := range p.gateways {
		for end := time.Now().Add(time.Minute); ; time.Sleep(10 * time.Millisecond) {
			if s, err := g.live.Current(); err == nil && holds(s) {
				break
			}
			if time.Now().After(end) {
				p.t.Fatalf("replica %d does not see it", i)
			}
		}
	}
}

// suspend writes through one replica's store, as a console would.
func (p *pair) suspend(service string) {
	p.t.Helper()
	g := p.gateways[0]
	contents, err := g.store.Load(p.t.Context())
	if err != nil {
		p.t.Fatal(err)
	}
	var change registry.Change
	for _, d := range contents.Declarations {
		if d.ServiceID == service {
			d, err = d.Move(registry.Decision{At: time.Now(), State: registry.Suspended, Office: "DPD"})
			if err != nil {
				p.t.Fatal(err)
			}
			change.Declarations = append(change.Declarations, d)
		}
	}
	if _, err := g.applied(p.t.Context(), change, "command:test"); err != nil {
		p.t.Fatal(err)
	}
}
