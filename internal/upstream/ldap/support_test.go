package ldap_test

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream/ldap"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// gate is a gateway around one connector.
type gate struct {
	*ldap.Connector
	clock  *clock
	mux    *web.Mux
	host   upstreamtest.Host
	logged upstreamtest.Log
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

// setup is what a test may change of a gate.
type setup struct {
	settings map[string]any // over those of the server; nil removes one
	tickets  store.Tickets
	clock    *clock
}

func newGate(t testing.TB, s *ldaptest.Server, with setup) *gate {
	t.Helper()
	g := &gate{clock: with.clock}
	g.host.Login = "indice"
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
	connector.Mount(g.mux, "/source/ent", &g.host)
	return g
}

func config(s *ldaptest.Server, with setup, g *gate, kit *web.Kit) ldap.Config {
	settings := s.Settings()
	maps.Copy(settings, with.settings)
	maps.DeleteFunc(settings, func(_ string, v any) bool { return v == nil })
	return ldap.Config{
		Source:  registry.Source{ID: "ent", Connector: "ldap", Authority: "ac-rennes", Settings: settings},
		Kit:     kit,
		Tickets: with.tickets, Keys: upstreamtest.Namer("test key"), Now: g.clock.now,
		Log:  slog.New(slog.NewTextHandler(&g.logged, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Path: func(name string) string { return name },
	}
}

func (g *gate) report(_ context.Context, _ web.Ref, fault *web.Fault) {
	_, _ = g.logged.Write([]byte(fault.Error() + "\n"))
}

// post sends the form from one address.
func (g *gate) post(from string, fields url.Values) *httptest.ResponseRecorder {
	return upstreamtest.Post(g.mux, from, "/source/ent/password", fields)
}

func (g *gate) try(login, password string) *httptest.ResponseRecorder {
	return g.post("192.0.2.1", url.Values{"login": {login}, "password": {password}})
}

// last gives the latest identity.
func (g *gate) last(t testing.TB) person.Raw {
	t.Helper()
	return g.host.Last(t).Raw
}

// signsIn fails the test unless login and the right password sign somebody in.
func (g *gate) signsIn(t testing.TB, login string) person.Person {
	t.Helper()
	if w := g.try(login, ldaptest.Password); w.Code != http.StatusNoContent {
		t.Fatalf("%s: status %d\n%s\n%s", login, w.Code, &g.logged, w.Body)
	}
	who, err := person.SDET("ac-rennes").Resolve(g.last(t))
	if err != nil {
		t.Fatal(err)
	}
	return who
}
