package api_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/access"
	"ecluse/internal/admin/api"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/simulator"
	"ecluse/internal/consent"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// callerHeader is how a test says who is signed in; the session behind it is a table of the test.
const callerHeader = "Test-Caller"

type sessions map[string]roles.Caller

// untold is the caller of whom nobody can tell who it is.
const untold = "untold"

func (s sessions) Caller(r *http.Request) (roles.Caller, bool, error) {
	if r.Header.Get(callerHeader) == untold {
		return roles.Caller{}, false, errors.New("the store does not answer")
	}
	c, ok := s[r.Header.Get(callerHeader)]
	return c, ok, nil
}

// front is the interface on a house.
type front struct {
	*desktest.House
	mux      *web.Mux
	sessions sessions
	faults   *webtest.Faults
	console  *console.Console
	around   *frame.Frame
}

func newFront(t testing.TB) *front {
	t.Helper()
	f := &front{House: desktest.New(t), sessions: sessions{}, faults: &webtest.Faults{}}
	kit := webtest.NewWith(t, web.Config{
		Programs: api.Programs, Now: f.Now, Report: f.faults.Report, Contributions: append(deskPages(), console.Pages(), frame.Pages(), access.Pages(), simulator.Pages()),
	})
	f.mux = web.NewMux(kit)
	ask, personas := f.simulator(t)
	f.mountPages(t, kit)
	f.mountDesk(ask, personas)
	simulator.Mount(f.mux, simulator.Config{
		Kit: kit, Desk: f.Desk, Simulator: ask, Personas: personas, Journal: f.DB.Audit(), Words: f.Desk.Words, Now: f.Now, Enter: "/bureau/entrer",
		Visitor: f.sessions.Caller, Around: func(*http.Request) web.Frame { return web.Frame{} },
	})
	api.Mount(f.mux, api.Config{
		Desk: f.Desk, Sessions: f.sessions, Journal: f.DB.Audit(), Now: f.Now, Simulator: ask, Personas: personas,
	})
	return f
}

// mountPages adds the way in to the desk, and what its pages share.
func (f *front) mountPages(t testing.TB, kit *web.Kit) {
	t.Helper()
	var err error
	if f.console, err = console.New(console.Config{
		Kit: kit, Tickets: memdb.New(f.Now), Now: f.Now,
		Claim: func(context.Context, string) (string, time.Time, error) { return "", time.Time{}, console.ErrWord },
	}); err != nil {
		t.Fatal(err)
	}
	f.console.Mount(f.mux, gateway{front: f})
	f.around = frame.New(frame.Config{
		Kit: kit, Desk: f.Desk, Live: f.Live, Now: f.Now, Routes: f.mux.Routes, Enter: "/bureau/entrer", Word: "/bureau/lien",
		Who: func(r *http.Request) (frame.Who, bool, error) {
			c, ok, err := f.sessions.Caller(r)
			return frame.Who{Caller: c, Until: f.Now().Add(time.Hour)}, ok, err
		},
	})
	access.Mount(f.mux, f.around, access.Config{Leave: "/bureau/sortir", API: api.Base + "/openapi.json"})
}

// gateway takes a sign-in over, which is all that the desk's pages ask of it here.
type gateway struct {
	idp.Gateway // what nobody here asks
	front       *front
}

func (g gateway) Start(w http.ResponseWriter, r *http.Request, _ idp.Request) error {
	http.Redirect(w, r, "/", http.StatusSeeOther)
	return nil
}

func (g gateway) Resume(context.Context, string) (consent.Cleared, error) {
	return consent.Cleared{}, nil
}
func (g gateway) Forget(context.Context, string) error  { return nil }
func (g gateway) Registry() (*registry.Snapshot, error) { return g.front.Desk.Live.Current() }

// as says who calls, for ask.
func (f *front) as(name string, c roles.Caller) string {
	f.sessions[name] = c
	return name
}

type response = httptest.ResponseRecorder

func request(t testing.TB, method, path, body string) *http.Request {
	t.Helper()
	return httptest.NewRequestWithContext(t.Context(), method, webtest.Origin+path, strings.NewReader(body))
}

func (f *front) serve(r *http.Request) *response {
	w := httptest.NewRecorder()
	f.mux.ServeHTTP(w, r)
	return w
}

// ask sends a request as somebody, as a script of ours would; headers are names and values in turn, an empty value none.
func (f *front) ask(t testing.TB, who, method, path, body string, headers ...string) *response {
	t.Helper()
	r := request(t, method, path, body)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Header.Set("X-Requested-With", "test")
	}
	if who != "" {
		r.Header.Set(callerHeader, who)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Set(headers[i], headers[i+1]); headers[i+1] == "" {
			r.Header.Del(headers[i])
		}
	}
	return f.serve(r)
}

// get asks for a path below the base.
func (f *front) get(t testing.TB, who, path string, headers ...string) *response {
	t.Helper()
	return f.ask(t, who, "GET", api.Base+path, "", headers...)
}

func problemOf(t testing.TB, w *response) api.Problem {
	t.Helper()
	var p api.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatalf("no problem: %v: %s", err, w.Body)
	}
	return p
}

func code(t testing.TB, w *response) string {
	t.Helper()
	return problemOf(t, w).Code
}

// read decodes an answer that is expected to be one.
func read[T any](t testing.TB, w *response, status int) T {
	t.Helper()
	var v T
	if w.Code != status {
		t.Fatalf("status %d, want %d: %s", w.Code, status, w.Body)
	}
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("%v: %s", err, w.Body)
	}
	return v
}
