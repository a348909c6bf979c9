package idptest

import (
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// Browser is one browser. Its tabs may be used at once: it is safe for concurrent use.
type Browser struct {
	tb      testing.TB
	handler http.Handler

	mu      sync.Mutex
	cookies map[string]string
}

// Browser opens a browser that has never been anywhere.
func (h *House) Browser(tb testing.TB) *Browser {
	tb.Helper()
	return &Browser{tb: tb, handler: h.Handler, cookies: map[string]string{}}
}

// Page is where a tab stands: on a page of the gateway's, or with Landing at a service.
type Page struct {
	Status  int
	Header  http.Header
	URL     *url.URL
	Body    string
	Landing *Landing
}

// Cookie gives the value of one of the gateway's cookies.
func (b *Browser) Cookie(name string) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.cookies["__Host-"+name]
}

// Plant sets a cookie, as somebody with the browser in their hands would. An empty value removes it.
func (b *Browser) Plant(name, value string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.cookies["__Host-"+name] = value
	if value == "" {
		delete(b.cookies, "__Host-"+name)
	}
}

// Do makes one exchange. A post from another site does not carry the session, whose cookie is Lax.
func (b *Browser) Do(r *http.Request) *Page {
	b.tb.Helper()
	crossSite := r.Method == http.MethodPost && r.Header.Get("Sec-Fetch-Site") == "cross-site"
	b.mu.Lock()
	for name, value := range b.cookies {
		if !crossSite || name != "__Host-session" {
			r.AddCookie(&http.Cookie{Name: name, Value: value})
		}
	}
	b.mu.Unlock()
	w := httptest.NewRecorder()
	b.handler.ServeHTTP(w, r)
	resp := w.Result()
	defer func() { _ = resp.Body.Close() }()
	b.keep(resp.Cookies())
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.tb.Fatal(err)
	}
	return &Page{Status: resp.StatusCode, Header: resp.Header, URL: r.URL, Body: string(body)}
}

func (b *Browser) keep(cookies []*http.Cookie) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range cookies {
		b.cookies[c.Name] = c.Value
		if c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
}

// Open makes an exchange and goes where it leads, until a page is shown or the browser is sent to another site.
func (b *Browser) Open(r *http.Request) *Page {
	b.tb.Helper()
	for range 12 {
		p := b.Do(r)
		if p.Status != http.StatusSeeOther && p.Status != http.StatusFound {
			p.Landing = landing(p.Body)
			return p
		}
		to, err := p.URL.Parse(p.Header.Get("Location"))
		if err != nil {
			b.tb.Fatal(err)
		}
		if to.Scheme+"://"+to.Host != Origin {
			p.Landing = &Landing{Method: http.MethodGet, URL: to}
			return p
		}
		r = httptest.NewRequest(http.MethodGet, to.String(), nil)
	}
	b.tb.Fatal("the gateway redirects for ever")
	return nil
}

// Get opens an address of the gateway.
func (b *Browser) Get(address string) *Page {
	b.tb.Helper()
	return b.Open(httptest.NewRequest(http.MethodGet, complete(address), nil))
}

// Post submits a form from a page of the gateway's own.
func (b *Browser) Post(address string, fields url.Values) *Page {
	b.tb.Helper()
	return b.Open(Form(address, fields))
}

// Form is the request of a form of the gateway's own.
func Form(address string, fields url.Values) *http.Request {
	r := httptest.NewRequest(http.MethodPost, complete(address), strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", Origin)
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return r
}

func complete(address string) string {
	if strings.HasPrefix(address, "/") {
		return Origin + address
	}
	return address
}

// landing finds the page that leaves our site at once, by itself or by a form.
func landing(body string) *Landing {
	if m := regexp.MustCompile(`http-equiv="refresh" content="0;url=([^"]*)"`).FindStringSubmatch(body); m != nil {
		if to, err := url.Parse(html.UnescapeString(m[1])); err == nil {
			return &Landing{Method: http.MethodGet, URL: to}
		}
	}
	m := regexp.MustCompile(`(?s)<form method="post" action="([^"]*)" data-autosubmit>(.*?)</form>`).FindStringSubmatch(body)
	if m == nil {
		return nil
	}
	to, err := url.Parse(html.UnescapeString(m[1]))
	if err != nil {
		return nil
	}
	return &Landing{Method: http.MethodPost, URL: to, Form: hidden(m[2])}
}

func hidden(form string) url.Values {
	out := url.Values{}
	for _, f := range regexp.MustCompile(`<input type="hidden" name="([^"]*)" value="([^"]*)">`).FindAllStringSubmatch(form, -1) {
		out.Add(html.UnescapeString(f[1]), html.UnescapeString(f[2]))
	}
	return out
}

// Filled finds the form of one step of a sign-in (source, place, inform, back) and gives its address and hidden fields;
// ok is false when the page has none. A page of places has one form for each: n chooses.
func (p *Page) Filled(step string, n int) (address string, fields url.Values, ok bool) {
	all := regexp.MustCompile(`(?s)<form method="post" action="(/flow/[^"/]*/`+step+`)">(.*?)</form>`).FindAllStringSubmatch(p.Body, -1)
	if n >= len(all) {
		return "", nil, false
	}
	fields = hidden(all[n][2])
	if m := regexp.MustCompile(`name="place" value="([^"]*)"`).FindStringSubmatch(all[n][2]); m != nil {
		fields.Set("place", m[1])
	}
	return html.UnescapeString(all[n][1]), fields, true
}

// Offers tells whether the page has a form of a step.
func (p *Page) Offers(step string) bool {
	_, _, ok := p.Filled(step, 0)
	return ok
}

// Submit fills the nth form of a step in and posts it. pairs are further fields.
func (b *Browser) Submit(p *Page, step string, n int, pairs ...string) *Page {
	b.tb.Helper()
	address, fields, ok := p.Filled(step, n)
	if !ok {
		b.tb.Fatalf("no form %s on the page %s (status %d):\n%s", step, p.URL, p.Status, p.Text())
	}
	for i := 0; i < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	return b.Post(address, fields)
}

// AtSource gives the challenge and the prefix of the source whose page this is.
func (p *Page) AtSource() (prefix, challenge string, ok bool) {
	prefix, found := strings.CutSuffix(p.URL.Path, "/ask")
	return prefix, p.URL.Query().Get("challenge"), found && strings.HasPrefix(prefix, "/source/") && p.Status == http.StatusOK
}

// As signs in at the source whose page this is; on a page of sources it chooses the ENT first. pairs are further
// parameters of the source: age, fail, session.
func (b *Browser) As(p *Page, who string, pairs ...string) *Page {
	b.tb.Helper()
	if p.Offers("source") {
		p = b.Submit(p, "source", 0, "source", ENT)
	}
	prefix, challenge, ok := p.AtSource()
	if !ok {
		b.tb.Fatalf("not at a source but at %s (status %d):\n%s", p.URL, p.Status, p.Text())
	}
	q := url.Values{"challenge": {challenge}, "who": {who}}
	for i := 0; i < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	return b.Get(prefix + "/as?" + q.Encode())
}

// Text is the page without its mark-up, for messages. Its apostrophes are those that people type.
func (p *Page) Text() string {
	text := regexp.MustCompile(`(?s)<head>.*?</head>|<svg.*?</svg>|<[^>]*>`).ReplaceAllString(p.Body, " ")
	text = strings.ReplaceAll(html.UnescapeString(text), "\u2019", "'")
	return strings.Join(strings.Fields(text), " ")
}

// Ref is the reference number that the page shows.
func (p *Page) Ref() string {
	m := regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}`).FindString(p.Text())
	return m
}
