package app_test

import (
	"crypto/rand"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// bench is where the conformance suite of the OpenID Foundation would stand.
const bench = "http://suite.localhost:9/test/a/ecluse"

// plan is one plan of the suite against one gateway. Its modules are subtests that have the suite's names, and check what
// the suite's modules check, the warnings too but for those that docs/conformance.md names.
type plan struct {
	t    *testing.T
	w    *world
	mode string // the response mode of the plan
}

// newPlan starts a demo with configs/oidf, as docs/conformance.md says it, with the suite at another address; edits change
// the files before.
func newPlan(t *testing.T, edits ...func(string) string) *plan {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"service.yaml", "bench.yaml"} {
		data, err := os.ReadFile(filepath.Join("../../configs/oidf", name))
		if err != nil {
			t.Fatal(err)
		}
		text := strings.ReplaceAll(string(data), "https://localhost.emobix.co.uk:8443", strings.TrimSuffix(bench, "/test/a/ecluse"))
		for _, edit := range edits {
			text = edit(text)
		}
		write(t, filepath.Join(dir, name), text)
	}
	return &plan{t: t, w: newWorld(t, app.DemoOptions{With: dir})}
}

// module plays one, in a browser without cookies.
func (p *plan) module(name string, play func(*suite)) {
	p.t.Helper()
	p.t.Run(name, func(t *testing.T) {
		s := &suite{t: t, w: p.w, b: p.w.browser(), mode: p.mode, client: first}
		s.said = s.document("/.well-known/openid-configuration")
		play(s)
	})
}

// clientOf is how the suite is registered. The secrets are those of configs/oidf.
type clientOf struct{ id, secret string }

var ( //nolint:gochecknoglobals // read only
	first  = clientOf{"oidf-1", "conformance-1-published-so-no-secret"}
	second = clientOf{"oidf-2", "conformance-2-published-so-no-secret"}
	posts  = clientOf{"oidf-post", "conformance-post-published-so-no-secret"}
)

// suite is one module under way.
type suite struct {
	t      *testing.T
	w      *world
	b      *browser
	client clientOf
	mode   string
	said   map[string]any // discovery

	sent url.Values // the last authorization request
}

func (s *suite) endpoint(name string) string {
	s.t.Helper()
	at, ok := s.said[name].(string)
	if !ok {
		s.t.Fatalf("discovery has no %s", name)
	}
	return at
}

// document reads a document of ours, which must be JSON.
func (s *suite) document(path string) map[string]any {
	s.t.Helper()
	answer, err := http.Get(s.w.public + path)
	if err != nil {
		s.t.Fatal(err)
	}
	r := s.read(answer)
	if r.status != http.StatusOK {
		s.t.Fatalf("%s: %d", path, r.status)
	}
	return r.body
}

// reply is an answer in JSON.
type reply struct {
	status int
	header http.Header
	body   map[string]any
}

func (r reply) text(name string) string {
	v, _ := r.body[name].(string)
	return v
}

func (s *suite) read(answer *http.Response) reply {
	s.t.Helper()
	defer answer.Body.Close()
	data, err := io.ReadAll(answer.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	r := reply{status: answer.StatusCode, header: answer.Header}
	if len(data) == 0 {
		return r
	}
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") || json.Unmarshal(data, &r.body) != nil {
		s.t.Fatalf("%d is not JSON: %q %.80s", r.status, answer.Header.Get("Content-Type"), data)
	}
	return r
}

// request is an authorization request, with changes; an empty value leaves a parameter out.
func (s *suite) request(changes ...string) url.Values {
	q := url.Values{
		"client_id": {s.client.id}, "redirect_uri": {bench + "/callback"}, "scope": {"openid"}, "response_type": {"code"},
		"state": {rand.Text()}, "nonce": {rand.Text()},
	}
	if s.mode != "" {
		q.Set("response_mode", s.mode)
	}
	for i := 0; i < len(changes); i += 2 {
		if q.Set(changes[i], changes[i+1]); changes[i+1] == "" {
			q.Del(changes[i])
		}
	}
	return q
}

// arrival is where the browser ended: at the suite, or on a page of ours.
type arrival struct {
	at     *url.URL
	method string
	values url.Values
	asked  int // how often the person had to do something
	page   *page
}

// visit sends the browser somewhere and lets the person do what our pages offer, until it arrives.
func (s *suite) visit(j *journey) arrival {
	s.t.Helper()
	s.b.held, s.b.trail = nil, nil
	s.b.hold = func(u *url.URL) bool { return strings.HasPrefix(u.String(), bench) }
	story := &story{w: s.w, b: s.b}
	err := s.b.travel(j)
	asked := 0
	for range 10 {
		if s.b.held != nil {
			h := s.b.held
			a := arrival{at: h.to, method: h.method, values: h.to.Query(), asked: asked}
			if h.method == http.MethodPost {
				a.values = h.fields
			}
			return a
		}
		if err != nil {
			s.t.Fatalf("%v\n%s", err, story.where())
		}
		offered := false
		for _, press := range [][2]string{{"source", "oidf"}, {"person", "camille"}, {"act", "informed"}, {"act", "agreed"}, {"act", "yes"}} {
			if f, no := s.b.tab.page.pressed(press[0], press[1]); no == nil {
				err, offered = story.send(f), true
				asked++
				break
			}
		}
		if !offered {
			break
		}
	}
	return arrival{page: s.b.tab.page, asked: asked}
}

// ask sends an authorization request by GET.
func (s *suite) ask(q url.Values) arrival {
	s.t.Helper()
	s.sent = q
	return s.visit(s.going(s.endpoint("authorization_endpoint") + "?" + q.Encode()))
}

func (s *suite) going(address string) *journey {
	s.t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		s.t.Fatal(err)
	}
	return &journey{method: http.MethodGet, to: u}
}

// answered checks what every answer at the callback owes.
func (s *suite) answered(a arrival) url.Values {
	s.t.Helper()
	method := http.MethodGet
	if s.sent.Get("response_mode") == "form_post" {
		method = http.MethodPost
	}
	switch {
	case a.at == nil:
		s.t.Fatalf("no answer, but %s", a.page)
	case a.at.Scheme+"://"+a.at.Host+a.at.Path != bench+"/callback" || a.method != method || a.at.Fragment != "":
		s.t.Fatalf("the answer is on its way to %s by %s", a.at.Redacted(), a.method)
	case method == http.MethodPost && a.at.RawQuery != "":
		s.t.Fatalf("something stands in the query too: %s", a.at.RawQuery)
	case a.values.Get("state") != s.sent.Get("state") || a.values.Get("iss") != s.w.public:
		s.t.Fatalf("state %q, iss %q", a.values.Get("state"), a.values.Get("iss"))
	}
	own := s.query()
	for name, list := range a.values {
		if len(list) != 1 || !slices.Contains([]string{"code", "state", "iss", "error", "error_description"}, name) && !slices.Equal(list, own[name]) {
			s.t.Errorf("the answer has %s %d times", name, len(list))
		}
	}
	for name := range own {
		if !a.values.Has(name) {
			s.t.Errorf("the answer lost %s, which the address has", name)
		}
	}
	return a.values
}

// query is what the address has of its own that was asked to be answered at.
func (s *suite) query() url.Values {
	s.t.Helper()
	u, err := url.Parse(s.sent.Get("redirect_uri"))
	if err != nil {
		s.t.Fatal(err)
	}
	return u.Query()
}

// code is the code of a request that must succeed.
func (s *suite) code(q url.Values) string {
	s.t.Helper()
	v := s.answered(s.ask(q))
	if v.Get("error") != "" || len(v.Get("code")) < 22 || len(uniques(v.Get("code"))) < 12 {
		s.t.Fatalf("no good code: %s %s", v.Get("error"), v.Get("error_description"))
	}
	return v.Get("code")
}

func uniques(text string) map[rune]bool {
	out := map[rune]bool{}
	for _, r := range text {
		out[r] = true
	}
	return out
}

// refusal is the error of a request that must be refused at the callback.
func (s *suite) refusal(a arrival, allowed ...string) {
	s.t.Helper()
	v := s.answered(a)
	if v.Has("code") || !slices.Contains(allowed, v.Get("error")) {
		s.t.Errorf("error %q, want one of %q", v.Get("error"), allowed)
	}
}

// ourPage wants a page of ours and nothing at the suite.
func (s *suite) ourPage(a arrival, status int) {
	s.t.Helper()
	if a.at != nil || a.page.status != status || a.page.root == nil {
		s.t.Errorf("no page of ours: %v %v", a.at, a.page)
	}
}

// token asks the token endpoint as the client is registered.
func (s *suite) token(form url.Values) reply {
	s.t.Helper()
	form = maps.Clone(form)
	basic := s.client != posts
	if !basic {
		form.Set("client_id", s.client.id)
		form.Set("client_secret", s.client.secret)
	}
	r, err := http.NewRequest(http.MethodPost, s.endpoint("token_endpoint"), strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if basic {
		r.SetBasicAuth(url.QueryEscape(s.client.id), url.QueryEscape(s.client.secret))
	}
	return s.do(r)
}

func (s *suite) do(r *http.Request) reply {
	s.t.Helper()
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	return s.read(answer)
}

func redeeming(code string, more ...string) url.Values {
	v := url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {bench + "/callback"}}
	for i := 0; i < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return v
}

// good checks what every answer of the token endpoint owes, and gives the claims of its id token.
func (s *suite) good(r reply, kind string) map[string]any {
	s.t.Helper()
	access, left := r.text("access_token"), r.body["expires_in"]
	life, ok := left.(float64)
	if r.status != http.StatusOK || len(access) < 22 || !strings.EqualFold(r.text("token_type"), kind) || !ok || life <= 0 || life > 600 ||
		r.header.Get("Cache-Control") != "no-store" {
		s.t.Fatalf("%d, token_type %q, expires_in %v, %q: %s", r.status, r.text("token_type"), left, r.header.Get("Cache-Control"), r.text("error_description"))
	}
	return s.idToken(r)
}

// refused wants an error of the token endpoint.
func (s *suite) refused(r reply, allowed ...string) {
	s.t.Helper()
	want := http.StatusBadRequest
	if r.text("error") == "invalid_client" {
		want = http.StatusUnauthorized
	}
	if r.status != want || !slices.Contains(allowed, r.text("error")) || strings.ContainsAny(r.text("error_description"), "\r\n\t\"\\") {
		s.t.Errorf("%d %q, want one of %q", r.status, r.text("error"), allowed)
	}
}
