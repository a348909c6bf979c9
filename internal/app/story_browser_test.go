package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/html"
)

// browser behaves as far as sign-ins can tell: cookies of each host with their SameSite rule, redirects, pages that go on
// by themselves, the policy's form-action along a whole navigation, Origin and Sec-Fetch-Site. Every name below localhost
// leads to one listener; it never goes anywhere else.
type browser struct {
	client *http.Client
	host   string // the gateway's host with its port
	lang   string

	mu      sync.Mutex
	cookies map[string]map[string]*http.Cookie // by host name

	tab   *tab
	tabs  map[string]*tab
	trail []*page
	sent  []sent // forms that went out
	held  *journey
	hold  func(*url.URL) bool // where to stop before asking
	alien bool                // the next form is sent by a page of another site
}

// tab is one window onto the same cookies.
type tab struct{ page *page }

// sent is a form that went out.
type sent struct {
	to     *url.URL
	fields url.Values
}

// journey is one navigation under way.
type journey struct {
	method  string
	to      *url.URL
	fields  url.Values
	from    *url.URL // the page that began it; nil for what was typed
	cross   bool     // it has been on another origin
	targets []string // where the form's page lets it lead; nil lets it lead anywhere
}

func newBrowser(address string) *browser {
	return newBrowserWith(address, &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			var d net.Dialer
			return d.DialContext(ctx, network, address)
		},
		IdleConnTimeout: time.Second,
	})
}

func newBrowserWith(address string, transport http.RoundTripper) *browser {
	first := &tab{}
	return &browser{
		host: address, lang: "fr", cookies: map[string]map[string]*http.Cookie{},
		tab: first, tabs: map[string]*tab{"one": first},
		client: &http.Client{
			Timeout: time.Minute, Transport: transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
	}
}

var (
	errOutside = errors.New("that is outside the demo")
	errHeld    = errors.New("held")
)

// open goes to an address that somebody typed.
func (b *browser) open(address string) error {
	u, err := url.Parse(address)
	if err != nil {
		return err
	}
	return b.travel(&journey{method: http.MethodGet, to: u})
}

// follow goes where a link of the page leads.
func (b *browser) follow(u *url.URL) error {
	return b.travel(&journey{method: http.MethodGet, to: u, from: b.tab.page.url})
}

// submit sends a form of the page.
func (b *browser) submit(f form) error {
	j := &journey{method: http.MethodGet, to: f.action, from: b.tab.page.url, targets: b.tab.page.formTargets()}
	if f.post {
		j.method, j.fields = http.MethodPost, f.fields
		b.sent = append(b.sent, sent{f.action, f.fields})
	} else {
		to := *f.action
		to.RawQuery = f.fields.Encode()
		j.to = &to
	}
	if b.alien {
		b.alien, j.targets = false, nil
		j.from = &url.URL{Scheme: "https", Host: "ailleurs.example", Path: "/"}
	}
	return b.travel(j)
}

// travel goes on until a page waits for the person.
func (b *browser) travel(j *journey) error {
	for range 30 {
		if err := b.mayGo(j); err != nil {
			return err
		}
		p, err := b.ask(j)
		if err != nil {
			return err
		}
		b.trail = append(b.trail, p)
		b.tab.page = p
		if next := p.header.Get("Location"); p.status >= 300 && p.status < 400 && next != "" {
			if err := j.redirect(p, next); err != nil {
				return err
			}
			continue
		}
		next, form := p.goesOn()
		switch {
		case next != nil:
			j = &journey{method: http.MethodGet, to: next, from: p.url}
		case form != nil:
			b.sent = append(b.sent, sent{form.action, form.fields})
			j = &journey{method: http.MethodPost, to: form.action, fields: form.fields, from: p.url, targets: p.formTargets()}
		default:
			return nil
		}
	}
	return errors.New("the browser goes round in circles")
}

// redirect turns a journey to where an answer sends it; but for 307 and 308 the method becomes GET.
func (j *journey) redirect(p *page, next string) error {
	to, err := p.url.Parse(next)
	if err != nil {
		return fmt.Errorf("redirect: %w", err)
	}
	if p.status != http.StatusTemporaryRedirect && p.status != http.StatusPermanentRedirect {
		j.method, j.fields = http.MethodGet, nil
	}
	j.to = to
	return nil
}

func (b *browser) mayGo(j *journey) error {
	if j.to.Host != b.host && !strings.HasSuffix(j.to.Hostname(), ".localhost") && j.to.Hostname() != "localhost" {
		return fmt.Errorf("%w: %s", errOutside, origin(j.to))
	}
	if j.targets != nil && !slices.Contains(j.targets, origin(j.to)) && !slices.Contains(j.targets, j.to.Scheme+":") {
		return fmt.Errorf("the page's policy stops its form on the way to %s", origin(j.to))
	}
	if b.hold != nil && b.hold(j.to) {
		b.held, b.hold = j, nil
		return errHeld
	}
	return nil
}

func (b *browser) ask(j *journey) (*page, error) {
	var body io.Reader
	if j.method == http.MethodPost {
		body = strings.NewReader(j.fields.Encode())
	}
	r, err := http.NewRequest(j.method, j.to.String(), body)
	if err != nil {
		return nil, err
	}
	b.dress(r, j)
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		return nil, err
	}
	if err := b.keep(r.URL, answer.Cookies()); err != nil {
		return nil, err
	}
	p := &page{url: j.to, status: answer.StatusCode, header: answer.Header, body: string(data)}
	if strings.HasPrefix(answer.Header.Get("Content-Type"), "text/html") && len(data) > 0 && answer.Header.Get("Location") == "" {
		p.root, err = html.Parse(strings.NewReader(p.body))
	}
	return p, err
}

// dress sets what a browser sets. An origin is host and port; a site is the host name alone, for localhost counts as a
// public suffix.
func (b *browser) dress(r *http.Request, j *journey) {
	site := "none"
	if j.from != nil {
		j.cross = j.cross || origin(j.from) != origin(j.to)
		site = map[bool]string{true: "cross-site", false: "same-origin"}[j.cross]
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Sec-Fetch-Dest", "document")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", b.lang)
	if j.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if j.from != nil {
			r.Header.Set("Origin", origin(j.from))
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range b.cookies[r.URL.Hostname()] {
		if j.method == http.MethodGet || !j.cross || c.SameSite == http.SameSiteNoneMode {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
}

// keep stores cookies, and refuses those that a careful gateway does not set.
func (b *browser) keep(u *url.URL, list []*http.Cookie) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, c := range list {
		switch {
		case c.Domain != "" || c.Path != "/" || !c.HttpOnly:
			return fmt.Errorf("cookie %s is not for this host alone, or scripts may read it", c.Name)
		case c.SameSite != http.SameSiteLaxMode && c.SameSite != http.SameSiteNoneMode && c.SameSite != http.SameSiteStrictMode:
			return fmt.Errorf("cookie %s says nothing of other sites", c.Name)
		case u.Scheme == "https" && (!c.Secure || !strings.HasPrefix(c.Name, "__Host-")), c.SameSite == http.SameSiteNoneMode && !c.Secure:
			return fmt.Errorf("cookie %s is not bound to TLS", c.Name)
		}
		if b.cookies[u.Hostname()] == nil {
			b.cookies[u.Hostname()] = map[string]*http.Cookie{}
		}
		if c.MaxAge < 0 {
			delete(b.cookies[u.Hostname()], c.Name)
			continue
		}
		b.cookies[u.Hostname()][c.Name] = c
	}
	return nil
}

// resume goes on with what was held.
func (b *browser) resume() error {
	if b.held == nil {
		return errors.New("nothing is held")
	}
	j := b.held
	b.held = nil
	return b.travel(j)
}

// get asks for one address and follows nothing.
func (b *browser) get(address string) (*page, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	return b.ask(&journey{method: http.MethodGet, to: u})
}

// read gives the body of an answer, and closes it.
func (b *browser) read(answer *http.Response) string {
	defer answer.Body.Close()
	data, err := io.ReadAll(io.LimitReader(answer.Body, 4<<20))
	if err != nil {
		return ""
	}
	return string(data)
}
