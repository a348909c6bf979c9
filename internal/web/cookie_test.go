package web_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestCookiesAreAsStrictAsTheTransportAllows(t *testing.T) {
	t.Parallel()
	session, transaction := web.Cookie{Name: "sso", MaxAge: time.Hour}, web.Cookie{Name: "txn", CrossSite: true}
	for _, c := range []struct {
		secure bool
		cookie web.Cookie
		want   string
	}{
		{true, session, "__Host-sso=v; Path=/; Max-Age=3600; HttpOnly; Secure; SameSite=Lax"},
		{true, transaction, "__Host-txn=v; Path=/; HttpOnly; Secure; SameSite=None"},
		{false, session, "sso=v; Path=/; Max-Age=3600; HttpOnly; SameSite=Lax"},
		{false, transaction, "txn=v; Path=/; HttpOnly; SameSite=Lax"},
	} {
		w := httptest.NewRecorder()
		web.Cookies{Secure: c.secure}.Set(w, c.cookie, "v")
		if got := w.Header().Get("Set-Cookie"); got != c.want {
			t.Errorf("secure %v:\n got %s\nwant %s", c.secure, got, c.want)
		}
	}
}

func TestCookieIsReadAndClearedUnderItsOwnName(t *testing.T) {
	t.Parallel()
	jar, cookie := webtest.New(t).Cookies(), web.Cookie{Name: "txn", CrossSite: true}
	r := request("GET", "/", "")
	r.AddCookie(&http.Cookie{Name: "txn", Value: "planted"})
	if value, ok := jar.Read(r, cookie); ok {
		t.Errorf("a cookie without prefix was read: %q", value)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-txn", Value: "mine"})
	if value, ok := jar.Read(r, cookie); !ok || value != "mine" {
		t.Errorf("Read = %q, %v", value, ok)
	}
	r.AddCookie(&http.Cookie{Name: "__Host-txn", Value: "other"})
	if value, ok := jar.Read(r, cookie); ok {
		t.Errorf("one of two contradicting cookies was read: %q", value)
	}
	w := httptest.NewRecorder()
	jar.Clear(w, cookie)
	if got, want := w.Header().Get("Set-Cookie"), "__Host-txn=; Path=/; Max-Age=0; HttpOnly; Secure; SameSite=None"; got != want {
		t.Errorf("Clear: %s, want %s", got, want)
	}
}
