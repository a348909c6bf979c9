package interop_test

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/net/html"
)

// browser is one browser, as far as sign-ins can tell: cookies by host name and SameSite, redirects, pages that go on by
// themselves, and the policy that says where a form may lead.
type browser struct {
	t       *testing.T
	client  *http.Client
	cookies map[string]map[string]*http.Cookie // by host name: ports do not part them
	at      *page
	trail   []string // method and address without its query, of everything that was asked
	answers []string // the responses that it carried in forms, decoded
}

func newBrowser(t *testing.T) *browser {
	t.Helper()
	// Resolvers do not agree on names below localhost.
	transport := &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		if host, port, err := net.SplitHostPort(address); err == nil && strings.HasSuffix(host, ".localhost") {
			address = net.JoinHostPort("127.0.0.1", port)
		}
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}, IdleConnTimeout: time.Second} // a site may close one that it did not hear from for some seconds, as we send
	t.Cleanup(transport.CloseIdleConnections)
	return &browser{t: t, cookies: map[string]map[string]*http.Cookie{}, client: &http.Client{
		Timeout: time.Minute, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// page is where a browser stands.
type page struct {
	url    *url.URL
	status int
	header http.Header
	body   string
	root   *html.Node
}

// journey is one navigation.
type journey struct {
	method string
	to     *url.URL
	fields url.Values
	from   *url.URL // the page that began it
	only   []string // where that page's policy lets its form lead; nil is anywhere
}

// open types an address.
func (b *browser) open(address string) *page {
	b.t.Helper()
	to, err := url.Parse(address)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.travel(&journey{method: http.MethodGet, to: to})
}

// travel goes on until a page waits for the person.
func (b *browser) travel(j *journey) *page {
	b.t.Helper()
	for range 30 {
		p, err := b.ask(j)
		if err != nil {
			b.t.Fatalf("%v\n%s", err, strings.Join(b.trail, "\n"))
		}
		b.at = p
		if next := p.header.Get("Location"); p.status >= 300 && p.status < 400 && next != "" {
			if j.to, err = p.url.Parse(next); err != nil {
				b.t.Fatal(err)
			}
			j.method, j.fields = http.MethodGet, nil
			continue
		}
		next := p.goesOn()
		if next == nil {
			return p
		}
		j = next
	}
	b.t.Fatalf("round in circles:\n%s", strings.Join(b.trail, "\n"))
	return nil
}

func (b *browser) ask(j *journey) (*page, error) {
	if j.only != nil && !slices.Contains(j.only, origin(j.to)) && !slices.Contains(j.only, j.to.Scheme+":") {
		return nil, fmt.Errorf("the policy of the page stops its form on the way to %s", origin(j.to))
	}
	var body io.Reader
	if j.method == http.MethodPost {
		body = strings.NewReader(j.fields.Encode())
		if text, err := base64.StdEncoding.DecodeString(j.fields.Get("SAMLResponse")); err == nil && len(text) > 0 {
			b.answers = append(b.answers, string(text))
		}
	}
	r, err := http.NewRequestWithContext(b.t.Context(), j.method, j.to.String(), body)
	if err != nil {
		return nil, err
	}
	b.dress(r, j)
	b.trail = append(b.trail, j.method+" "+origin(j.to)+j.to.Path)
	answer, err := b.client.Do(r)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(answer.Body)
	if err := errors.Join(err, answer.Body.Close()); err != nil {
		return nil, err
	}
	b.keep(j.to.Hostname(), answer.Cookies())
	p := &page{url: j.to, status: answer.StatusCode, header: answer.Header, body: string(text)}
	p.root, err = html.Parse(strings.NewReader(p.body))
	return p, err
}

// dress sets what a browser sets. A post from another site carries no cookie that is Lax; one that says nothing is not
// held back, for two minutes.
func (b *browser) dress(r *http.Request, j *journey) {
	site := "none"
	if j.from != nil {
		site = "same-origin"
		switch {
		case j.from.Hostname() != j.to.Hostname():
			site = "cross-site"
		case origin(j.from) != origin(j.to):
			site = "same-site" // a port makes no other site
		}
	}
	r.Header.Set("Sec-Fetch-Site", site)
	r.Header.Set("Sec-Fetch-Mode", "navigate")
	r.Header.Set("Accept", "text/html")
	r.Header.Set("Accept-Language", "en")
	if j.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if j.from != nil {
			r.Header.Set("Origin", origin(j.from))
		}
	}
	for _, c := range b.cookies[j.to.Hostname()] {
		if held := c.SameSite == http.SameSiteLaxMode || c.SameSite == http.SameSiteStrictMode; !held || j.method == http.MethodGet || site != "cross-site" {
			r.AddCookie(&http.Cookie{Name: c.Name, Value: c.Value})
		}
	}
}

func (b *browser) keep(host string, list []*http.Cookie) {
	if b.cookies[host] == nil {
		b.cookies[host] = map[string]*http.Cookie{}
	}
	for _, c := range list {
		b.cookies[host][c.Name] = c
		if c.MaxAge < 0 || !c.Expires.IsZero() && c.Expires.Before(time.Now()) {
			delete(b.cookies[host], c.Name)
		}
	}
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }

// press presses a button of a page, or chooses what a form offers and sends it.
func (b *browser) press(name, value string) *page {
	b.t.Helper()
	for _, f := range b.at.forms() {
		if f.offers(name, value) {
			f.journey.fields.Set(name, value)
			return b.travel(f.journey)
		}
	}
	b.t.Fatalf("no form offers %s=%s: %s\n%s", name, value, b.at, strings.Join(b.trail, "\n"))
	return nil
}

// fillIn writes into the fields of the form that has them all, and sends it.
func (b *browser) fillIn(fields map[string]string) *page {
	b.t.Helper()
	for _, f := range b.at.forms() {
		has := true
		for name, value := range fields {
			has = has && f.journey.fields.Has(name)
			f.journey.fields.Set(name, value)
		}
		if has {
			return b.travel(f.journey)
		}
	}
	b.t.Fatalf("no form has the fields: %s", b.at)
	return nil
}

// wants looks whether the first answer that it carried was encrypted.
func (b *browser) wants(t *testing.T, encrypted bool) {
	t.Helper()
	if len(b.answers) == 0 || strings.Contains(b.answers[0], "EncryptedAssertion") != encrypted {
		t.Errorf("of %d answers the first is encrypted: %v", len(b.answers), !encrypted)
	}
}

// went tells whether the browser has been at an address that ends so.
func (b *browser) went(method, end string) bool {
	return slices.ContainsFunc(b.trail, func(s string) bool { return strings.HasPrefix(s, method) && strings.HasSuffix(s, end) })
}

// form is a form with what stands in it.
type form struct {
	node    *html.Node
	journey *journey
}

func (f form) offers(name, value string) bool {
	return len(below(f.node, func(n *html.Node) bool {
		return (n.Data == "button" || n.Data == "input") && attribute(n, "name") == name && attribute(n, "value") == value
	})) > 0
}

func (p *page) forms() []form {
	var out []form
	for _, n := range below(p.root, func(n *html.Node) bool { return n.Data == "form" }) {
		to, err := p.url.Parse(attribute(n, "action"))
		if err != nil {
			continue
		}
		j := &journey{method: strings.ToUpper(attribute(n, "method")), to: to, fields: url.Values{}, from: p.url, only: p.formTargets()}
		for _, input := range below(n, func(n *html.Node) bool { return n.Data == "input" }) {
			if kind := attribute(input, "type"); attribute(input, "name") != "" && kind != "radio" && kind != "checkbox" && kind != "submit" {
				j.fields.Add(attribute(input, "name"), attribute(input, "value"))
			}
		}
		if j.method != http.MethodPost {
			j.method = http.MethodGet
		}
		out = append(out, form{n, j})
	}
	return out
}

// goesOn is where a page leads by itself: a refresh at once, or a form with a message, which each product's page sends.
func (p *page) goesOn() *journey {
	for _, m := range below(p.root, func(n *html.Node) bool { return n.Data == "meta" }) {
		if wait, to, ok := strings.Cut(attribute(m, "content"), ";"); ok && strings.EqualFold(attribute(m, "http-equiv"), "refresh") && wait == "0" {
			if u, err := p.url.Parse(strings.TrimPrefix(strings.TrimSpace(to), "url=")); err == nil {
				return &journey{method: http.MethodGet, to: u, from: p.url}
			}
		}
	}
	for _, f := range p.forms() {
		if f.journey.fields.Has("SAMLRequest") || f.journey.fields.Has("SAMLResponse") {
			return f.journey
		}
	}
	return nil
}

// formTargets is what form-action of the page's policy lists; nil without one.
func (p *page) formTargets() []string {
	for _, directive := range strings.Split(p.header.Get("Content-Security-Policy"), ";") {
		words := strings.Fields(directive)
		if len(words) == 0 || words[0] != "form-action" {
			continue
		}
		for i, w := range words {
			if w == "'self'" {
				words[i] = origin(p.url)
			}
		}
		return words[1:]
	}
	return nil
}

// says is the text of the page.
func (p *page) says() string {
	var b strings.Builder
	for d := range p.root.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data + " ")
		}
	}
	return strings.Join(strings.Fields(strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(b.String())), " ")
}

func (p *page) String() string {
	return fmt.Sprintf("%d at %s%s: %s", p.status, origin(p.url), p.url.Path, p.says())
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func below(n *html.Node, match func(*html.Node) bool) []*html.Node {
	var out []*html.Node
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && match(d) {
			out = append(out, d)
		}
	}
	return out
}
