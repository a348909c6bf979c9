package ldap_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/ldap"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// gate is a gateway around one connector: it gives out one challenge and remembers what came of it.
type gate struct {
	*ldap.Connector
	clock    *clock
	mux      *web.Mux
	logged   *syncBuffer
	mu       sync.Mutex
	finished []person.Raw
	failed   []error
}

var errNoChallenge = errors.New("no such challenge")

func (g *gate) Asked(_ *http.Request, id string) (upstream.Challenge, error) {
	if id != "defi" {
		return upstream.Challenge{}, web.BadRequest(errNoChallenge)
	}
	return upstream.Challenge{ID: id, Service: "Carnet de lecture", Login: "indice"}, nil
}

func (g *gate) Finished(w http.ResponseWriter, _ *http.Request, _ string, a upstream.Assertion) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.finished = append(g.finished, a.Raw)
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func (g *gate) Failed(w http.ResponseWriter, _ *http.Request, _ string, cause error) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.failed = append(g.failed, cause)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

func (g *gate) SignedOut(context.Context, string, string) error { return nil }

// namer makes names under a key, as the key ring does.
type namer string

func (n namer) MAC(purpose string, parts ...string) string {
	mac := hmac.New(sha256.New, []byte(n))
	fmt.Fprintf(mac, "%q %q", purpose, parts)
	return hex.EncodeToString(mac.Sum(nil))
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: webtest.Now()} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// setup is what a test may change of a gate.
type setup struct {
	settings map[string]any // over those of the server; nil removes one
	tickets  store.Tickets
	clock    *clock
}

func newGate(t testing.TB, s *ldaptest.Server, with setup) *gate {
	t.Helper()
	g := &gate{clock: with.clock, logged: &syncBuffer{}}
	if g.clock == nil {
		g.clock = newClock()
	}
	if with.tickets == nil {
		with.tickets = memdb.New(g.clock.now)
	}
	kit := webtest.NewWith(t, web.Config{Contributions: []web.Contribution{ldap.Pages()}, Report: g.report})
	connector, err := ldap.New(config(s, with, g, kit))
	if err != nil {
		t.Fatal(err)
	}
	g.Connector = connector
	t.Cleanup(func() { _ = connector.Close() })
	g.mux = web.NewMux(kit)
	connector.Mount(g.mux, "/source/ent", g)
	return g
}

func config(s *ldaptest.Server, with setup, g *gate, kit *web.Kit) ldap.Config {
	settings := s.Settings()
	maps.Copy(settings, with.settings)
	maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
	return ldap.Config{
		Source:  registry.Source{ID: "ent", Connector: "ldap", Authority: "ac-rennes", Settings: settings},
		Kit:     kit,
		Tickets: with.tickets, Keys: namer("test key"), Now: g.clock.now,
		Log:  slog.New(slog.NewTextHandler(g.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Path: func(name string) string { return name },
	}
}

func (g *gate) report(_ context.Context, _ web.Ref, fault *web.Fault) {
	_, _ = g.logged.Write([]byte(fault.Error() + "\n"))
}

// post sends the form from one address.
func (g *gate) post(from string, fields url.Values) *httptest.ResponseRecorder {
	fields.Set("challenge", "defi")
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+"/source/ent/password", strings.NewReader(fields.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.RemoteAddr, r.TLS = from+":4711", &tls.ConnectionState{}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

func (g *gate) try(login, password string) *httptest.ResponseRecorder {
	return g.post("192.0.2.1", url.Values{"login": {login}, "password": {password}})
}

// last gives the latest identity.
func (g *gate) last(t testing.TB) person.Raw {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.finished) == 0 {
		t.Fatal("nobody was signed in")
	}
	return g.finished[len(g.finished)-1]
}

// signsIn fails the test unless login and the right password sign somebody in.
func (g *gate) signsIn(t testing.TB, login string) person.Person {
	t.Helper()
	if w := g.try(login, ldaptest.Password); w.Code != http.StatusNoContent {
		t.Fatalf("%s: status %d\n%s\n%s", login, w.Code, g.logged, w.Body)
	}
	who, err := person.SDET("ac-rennes").Resolve(g.last(t))
	if err != nil {
		t.Fatal(err)
	}
	return who
}
