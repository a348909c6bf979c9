package api_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/admin/api"
	"ecluse/internal/roles"
)

// token makes a token of somebody's.
func (f *front) token(t *testing.T, c roles.Caller, scopes ...string) (id, secret string) {
	t.Helper()
	k, secret, err := f.MakeToken(t.Context(), c, "essai", scopes, f.Now().Add(24*time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	return k.ID, secret
}

func TestATokenActsForWhoeverMadeItAndNoLongerThanItHolds(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	id, secret := f.token(t, f.Recteur(), "read")
	me := func(authorization string) *response {
		return f.get(t, "", "/me", "Authorization", authorization)
	}
	if w := me("Bearer " + secret); w.Code != 200 || !strings.Contains(w.Body.String(), `"handle":"handle-of-the-recteur"`) || !strings.Contains(w.Body.String(), `"scopes":["read"]`) {
		t.Errorf("a token: %d %s", w.Code, w.Body)
	}
	if w := me("bearer " + secret); w.Code != 200 {
		t.Errorf("the scheme in small letters: %d", w.Code)
	}
	for _, bad := range []string{"Bearer", "Bearer ", "Bearer x", "Bearer " + secret + "x", "Basic " + secret, secret, "Bearer ecl_" + strings.Repeat("0", 43)} {
		w := me(bad)
		if w.Code != 401 || !strings.HasPrefix(w.Header().Get("WWW-Authenticate"), "Bearer") || code(t, w) != "unauthenticated" {
			t.Errorf("%.12q: %d %v %s", bad, w.Code, w.Header().Get("WWW-Authenticate"), w.Body)
		}
		if strings.Contains(w.Body.String(), secret) {
			t.Error("the answer repeats the secret")
		}
	}
	if err := f.RevokeToken(t.Context(), f.Recteur(), id); err != nil {
		t.Fatal(err)
	}
	if w := me("Bearer " + secret); w.Code != 401 {
		t.Errorf("a revoked token: %d", w.Code)
	}
	_, other := f.token(t, f.Recteur(), "read")
	f.Wait(25 * time.Hour)
	f.Snapshot(t)
	if w := me("Bearer " + other); w.Code != 401 {
		t.Errorf("a token whose time is over: %d", w.Code)
	}
	for _, fault := range f.faults.All() {
		if strings.Contains(fault.Error(), secret) || strings.Contains(fault.Error(), other) {
			t.Errorf("a secret went to the log: %v", fault)
		}
	}
}

func TestATokenThatDoesNotHoldIsNotMadeGoodByASession(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	me := f.as("recteur", f.Recteur())
	if w := f.get(t, me, "/me", "Authorization", "Bearer nothing"); w.Code != 401 {
		t.Errorf("a wrong token beside a session: %d", w.Code)
	}
	if w := f.get(t, me, "/me"); w.Code != 200 {
		t.Errorf("the session alone: %d", w.Code)
	}
}

func TestTwoAuthorizationsAreNone(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	_, secret := f.token(t, f.Recteur(), "read")
	r := request(t, "GET", api.Base+"/me", "")
	r.Header.Add("Authorization", "Bearer "+secret)
	r.Header.Add("Authorization", "Bearer "+secret)
	if w := f.serve(r); w.Code != 401 {
		t.Errorf("two headers: %d", w.Code)
	}
}

func TestAScopeBoundsWhatATokenMay(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	_, read := f.token(t, f.Admin(), "read")
	body := `{"reason":"incident"}`
	w := f.ask(t, "", "PUT", api.Base+"/sources/ent/suspension", body, "Authorization", "Bearer "+read)
	if w.Code != 403 || !strings.Contains(w.Body.String(), `"why":"token"`) {
		t.Errorf("a token for reading stopped a source: %d %s", w.Code, w.Body)
	}
	_, decide := f.token(t, f.Admin(), "decide")
	if w := f.ask(t, "", "PUT", api.Base+"/sources/ent/suspension", body, "Authorization", "Bearer "+decide); w.Code != 200 {
		t.Errorf("a token for deciding: %d %s", w.Code, w.Body)
	}
}

// A browser sends the cookie of the desk with any form of any site that the cookie's own rules let through: what changes
// something by session must look like nothing a form can send.
func TestAChangeBySessionIsSentByAScriptOfOurs(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	me := f.as("admin", f.Admin())
	const path, body = api.Base + "/sources/ent/suspension", `{"reason":"incident"}`
	for _, c := range []struct {
		name    string
		headers []string
		status  int
		code    string
	}{
		{"a form", []string{"Content-Type", "text/plain"}, 403, "cross_site"},
		{"a form of another kind", []string{"Content-Type", "application/x-www-form-urlencoded"}, 403, "cross_site"},
		{"no kind", []string{"Content-Type", ""}, 403, "cross_site"},
		{"another site's script", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "cross-site"}, 403, "REQ-403"},
		{"another site's script with an old browser", []string{"Content-Type", "application/json", "Origin", "https://evil.example"}, 403, "REQ-403"},
		{"our script", []string{"Content-Type", "application/json", "Sec-Fetch-Site", "same-origin"}, 200, ""},
	} {
		w := f.ask(t, me, "PUT", path, body, c.headers...)
		if w.Code != c.status || (c.code != "" && code(t, w) != c.code) {
			t.Errorf("%s: %d %s", c.name, w.Code, w.Body)
		}
	}
	if f.Snapshot(t).Sources()[0].Suspended != true {
		t.Error("our own script stopped nothing")
	}
	w := f.ask(t, me, "DELETE", api.Base+"/tokens/none", "", "X-Requested-With", "")
	if w.Code != 403 {
		t.Errorf("a change without body and header: %d", w.Code)
	}
}

func TestAPathWithoutRouteAndAMethodWithoutRouteAreProblemsToo(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	for path, status := range map[string]int{"/nowhere": 404, "/me": 405} {
		w := f.ask(t, "", "POST", api.Base+path, `{}`, "Accept", "text/html")
		if w.Code != status || w.Header().Get("Content-Type") != "application/problem+json" || problemOf(t, w).Ref == "" {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestASessionThatCannotBeLookedUpIsNotOver(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	if w := f.ask(t, untold, "POST", api.Base+"/me/factors/lost", ""); w.Code != 503 || code(t, w) != "unavailable" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if w := f.ask(t, untold, "GET", api.Base+"/services", ""); w.Code != 503 || code(t, w) != "unavailable" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestNobodyReachesAnythingButTheDocument(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	for _, tr := range trials(t, s) {
		if strings.Contains(tr.route, "/openapi.") || strings.Contains(tr.route, "/bureau/") {
			continue
		}
		if status := s.play(t, tr, "anonymous"); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", tr.label(), status)
		}
	}
}
