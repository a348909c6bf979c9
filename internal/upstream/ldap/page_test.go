package ldap_test

import (
	"crypto/tls"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/ldap/ldaptest"
	"ecluse/internal/web/webtest"
)

func (g *gate) get(path string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+path, nil)
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	return w
}

func TestPageNamesTheServiceAndHelpsPasswordManagers(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	w := g.get("/source/ent/password?challenge=defi")
	body := w.Body.String()
	webtest.CheckPage(t, body)
	if w.Code != http.StatusOK {
		t.Errorf("status %d", w.Code)
	}
	for _, part := range []string{
		"Carnet de lecture", `autocomplete="username"`, `autocomplete="current-password"`, `type="password"`,
		`value="indice"`, `value="defi"`, `method="post" action="/source/ent/password"`,
	} {
		if !strings.Contains(body, part) {
			t.Errorf("the page lacks %s", part)
		}
	}
	wrong := g.try("lea.martin", "lune-43").Body.String()
	webtest.CheckPage(t, wrong)
	for _, part := range []string{`role="alert"`, `href="#login"`, "Carnet de lecture", `value="lea.martin"`} {
		if !strings.Contains(wrong, part) {
			t.Errorf("the page after a wrong password lacks %s", part)
		}
	}
}

func TestUnknownChallengeIsAskedNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	if w := g.get("/source/ent/password?challenge=autre"); w.Code != http.StatusBadRequest {
		t.Errorf("status %d", w.Code)
	}
	r := httptest.NewRequest(http.MethodPost, webtest.Origin+"/source/ent/password",
		strings.NewReader(url.Values{"challenge": {"autre"}, "login": {"lea.martin"}, "password": {ldaptest.Password}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.TLS = &tls.ConnectionState{}
	w := httptest.NewRecorder()
	g.mux.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || len(g.host.Signed()) != 0 {
		t.Errorf("status %d, %d signed in", w.Code, len(g.host.Signed()))
	}
}

func TestPersonMayGiveUp(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	g.post("192.0.2.1", url.Values{"cancel": {"1"}})
	if len(g.host.Failures()) != 1 || !errors.Is(g.host.Failures()[0], upstream.ErrCancelled) {
		t.Errorf("failed with %v", g.host.Failures())
	}
}

func TestBeginAsksUnlessNoPageMayBeShown(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	r := httptest.NewRequest(http.MethodGet, webtest.Origin+"/", nil)
	if err := g.Begin(httptest.NewRecorder(), r, upstream.Challenge{ID: "defi", Passive: true}); !errors.Is(err, upstream.ErrNoSession) {
		t.Errorf("passive: %v", err)
	}
	w := httptest.NewRecorder()
	if err := g.Begin(w, r, upstream.Challenge{ID: "a b", Fresh: true}); err != nil {
		t.Fatal(err)
	}
	if to := w.Header().Get("Location"); !strings.HasSuffix(to, "/source/ent/password?challenge=a+b") {
		t.Errorf("leads to %q", to)
	}
	if to, err := g.SignOut(t.Context(), person.Authn{}); to != "" || !errors.Is(err, upstream.ErrNoSession) {
		t.Errorf("sign-out leads to %q, %v", to, err)
	}
}
