package api_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/admin/api"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/roles"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// callerHeader is how a test says who is signed in; the session behind it is a table of the test.
const callerHeader = "Test-Caller"

type sessions map[string]roles.Caller

func (s sessions) Caller(r *http.Request) (roles.Caller, bool) {
	c, ok := s[r.Header.Get(callerHeader)]
	return c, ok
}

// front is the interface on a house.
type front struct {
	*desktest.House
	mux      *web.Mux
	sessions sessions
	faults   *webtest.Faults
}

func newFront(t testing.TB) *front {
	t.Helper()
	f := &front{House: desktest.New(t), sessions: sessions{}, faults: &webtest.Faults{}}
	kit := webtest.NewWith(t, web.Config{Programs: api.Programs, Now: f.Now, Report: f.faults.Report})
	f.mux = web.NewMux(kit)
	api.Mount(f.mux, api.Config{
		Desk: f.Desk, Sessions: f.sessions, Journal: f.DB.Audit(), Now: f.Now,
	})
	return f
}

// as says who calls, for ask.
func (f *front) as(name string, c roles.Caller) string {
	f.sessions[name] = c
	return name
}

// ask sends a request as somebody; headers are names and values in turn.
func (f *front) ask(t testing.TB, who, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, "https://connexion.example"+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	} else {
		r.Header.Set("X-Requested-With", "test")
	}
	if who != "" {
		r.Header.Set(callerHeader, who)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	f.mux.ServeHTTP(w, r)
	return w
}

func TestSmoke(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	me := f.as("recteur", f.Recteur())
	for _, p := range []string{"/me", "/services", "/services/lire", "/openapi.json", "/establishments?page_size=2", "/rules", "/catalogue/tools", "/journal", "/nowhere", "/services?x=1"} {
		w := f.ask(t, me, "GET", api.Base+p, "")
		t.Log(p, w.Code, w.Header(), w.Body.String()[:min(600, w.Body.Len())])
	}
	w := f.ask(t, "", "GET", api.Base+"/me", "")
	t.Log(w.Code, w.Header(), w.Body)
}
