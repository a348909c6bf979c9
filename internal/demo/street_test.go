package demo_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/xml"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/demo"
)

const (
	classeSecret = "a secret of the class tool"
	hopSecret    = "0123456789abcdef0123456789abcdef"
)

// street is one listener with the sites and a stand-in of the gateway.
type street struct {
	t       *testing.T
	world   *demo.World
	gateway string
	port    string
	mux     *http.ServeMux // the stand-in
	dial    *http.Transport
	browser *http.Client // keeps cookies, follows nothing
	late    *lateClock
}

// lateClock is the system clock plus a shift that a test may change.
type lateClock struct {
	mu    sync.Mutex
	shift time.Duration
}

func (c *lateClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.shift)
}

func (c *lateClock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.shift += d
}

func people() []demo.Visitor {
	return []demo.Visitor{
		{ID: "demo:lina", Name: "Lina", What: "Élève de CE2", WhatEN: "Pupil", UAIs: []string{"0280001A"}},
		{ID: "demo:paul", Name: "Paul", What: "Professeur", WhatEN: "Teacher", UAIs: []string{"0280001A", "0280002B"}},
	}
}

func newStreet(t *testing.T) *street {
	t.Helper()
	s := &street{t: t, mux: http.NewServeMux(), late: &lateClock{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if site, ok := s.world.Handler(r.Host); ok {
			site.ServeHTTP(w, r)
			return
		}
		s.mux.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	_, s.port, _ = net.SplitHostPort(address)
	s.gateway = "http://localhost:" + s.port
	s.dial = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, address)
	}}
	t.Cleanup(s.dial.CloseIdleConnections)
	world, err := demo.New(s.config())
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	s.world = world
	s.browser = s.newBrowser()
	return s
}

func (s *street) config() demo.Config {
	return demo.Config{
		Gateway: s.gateway, Port: s.port, Client: &http.Client{Transport: s.dial}, Now: s.late.now,
		Secret: []byte(hopSecret), ClasseSecret: classeSecret, Log: slog.New(slog.DiscardHandler), People: people(),
	}
}

func (s *street) newBrowser() *http.Client {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &http.Client{Transport: s.dial, Jar: jar, CheckRedirect: follow(false)}
}

func follow(yes bool) func(*http.Request, []*http.Request) error {
	return func(*http.Request, []*http.Request) error {
		if yes {
			return nil
		}
		return http.ErrUseLastResponse
	}
}

// cookiesOf returns a jar with what the browser holds for the site now.
func (s *street) cookiesOf(id string) http.CookieJar {
	s.t.Helper()
	site, err := url.Parse(s.url(id, "/"))
	if err != nil {
		s.t.Fatal(err)
	}
	jar := s.newBrowser().Jar
	jar.SetCookies(site, s.browser.Jar.Cookies(site))
	return jar
}

func (s *street) url(id, path string) string {
	return "http://" + id + ".localhost:" + s.port + path
}

// seen is an answer with its body read.
type seen struct {
	status   int
	location string
	body     string
	header   http.Header
}

func (s *street) get(address string) seen {
	s.t.Helper()
	resp, err := s.browser.Get(address)
	return s.read(resp, err)
}

func (s *street) post(address string, form url.Values) seen {
	s.t.Helper()
	resp, err := s.browser.PostForm(address, form)
	return s.read(resp, err)
}

// postFromElsewhere posts as a page of another site would: without cookies and
// with the headers that browsers add.
func (s *street) postFromElsewhere(address string, form url.Values) seen {
	s.t.Helper()
	req, err := http.NewRequest(http.MethodPost, address, strings.NewReader(form.Encode()))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	req.Header.Set("Origin", "http://elsewhere.example")
	resp, err := (&http.Client{Transport: s.dial, CheckRedirect: follow(false)}).Do(req)
	return s.read(resp, err)
}

func (s *street) read(resp *http.Response, err error) seen {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return seen{status: resp.StatusCode, location: resp.Header.Get("Location"), body: string(body), header: resp.Header}
}

func (v seen) want(t *testing.T, status int, texts ...string) {
	t.Helper()
	if v.status != status {
		t.Fatalf("status %d, want %d\n%s", v.status, status, v.body)
	}
	for _, text := range texts {
		if !strings.Contains(v.body, text) {
			t.Errorf("the page lacks %q\n%s", text, v.body)
		}
	}
}

func (v seen) wantNot(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if strings.Contains(v.body, text) {
			t.Errorf("the page must not hold %q", text)
		}
	}
}

// wantTo checks a redirect and returns where it leads.
func (v seen) wantTo(t *testing.T, prefix string) *url.URL {
	t.Helper()
	if v.status != http.StatusFound && v.status != http.StatusSeeOther {
		t.Fatalf("status %d, want a redirect\n%s", v.status, v.body)
	}
	if !strings.HasPrefix(v.location, prefix) {
		t.Fatalf("redirect to %q, want %q", v.location, prefix)
	}
	if v.header.Get("Cache-Control") != "no-store" || v.header.Get("Referrer-Policy") != "no-referrer" {
		t.Errorf("headers of a redirect: %v", v.header)
	}
	u, err := url.Parse(v.location)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// element is an opening tag of a page.
type element struct {
	name string
	attr map[string]string
	path string // the open elements around it
}

// elements walks a page and fails on tags that are not balanced.
func elements(t *testing.T, body string) []element {
	t.Helper()
	d := xml.NewDecoder(strings.NewReader(body))
	d.Strict, d.Entity = false, xml.HTMLEntity
	var open []string
	var out []element
	for {
		token, err := d.RawToken()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatalf("page: %v", err)
		}
		switch tag := token.(type) {
		case xml.StartElement:
			e := element{name: tag.Name.Local, attr: map[string]string{}, path: strings.Join(open, " ")}
			for _, a := range tag.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			out = append(out, e)
			if !strings.Contains(" meta link input br img ", " "+e.name+" ") {
				open = append(open, e.name)
			}
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != tag.Name.Local {
				t.Fatalf("</%s> closes %v", tag.Name.Local, open)
			}
			open = open[:len(open)-1]
		}
	}
	if len(open) != 0 {
		t.Fatalf("left open: %v", open)
	}
	return out
}

// keyAndCertificate makes the stand-ins' key once for all tests.
var keyAndCertificate = sync.OnceValues(func() (*rsa.PrivateKey, *x509.Certificate) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "stand-in"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, crypto.PublicKey(&key.PublicKey), key)
	if err != nil {
		panic(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		panic(err)
	}
	return key, cert
})
