package web_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestLeaveGoesAtOnceAndShowsALink(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	target := "https://lire.example/cb?code=abc&state=x%20y;z&iss=https%3A%2F%2Fc.example"
	if err := webtest.New(t).Leave(w, request("GET", "/continue", ""), target, web.Frame{}); err != nil {
		t.Fatal(err)
	}
	escaped := strings.ReplaceAll(target, "&", "&amp;")
	for _, want := range []string{
		`<meta http-equiv="refresh" content="0;url=` + escaped + `">`, `href="` + escaped + `"`, "lire.example", "Continuer",
	} {
		if !strings.Contains(w.Body.String(), want) {
			t.Errorf("the page lacks %s:\n%s", want, w.Body)
		}
	}
	if w.Code != 200 {
		t.Errorf("status %d, want 200: a redirect would be blocked", w.Code)
	}
	webtest.CheckPage(t, w.Body.String())
}

func TestHandOffRefusesAddressesThatAreNotForPeople(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, address := range []string{
		"", "javascript:alert(1)", "data:text/html,x", "http://lire.example/", "https://", "https:///x", "ftp://lire.example/",
		"https://u:p@lire.example/", "https://lire.example/\r\nX: y", "https://lire.example/a b", `https://lire.example\@evil.example`,
		`https://lire.example/"x`, "//evil.example/", `/\evil.example`, "https://lire.example/'x", "https://:443/",
	} {
		w := httptest.NewRecorder()
		if kit.Leave(w, request("GET", "/", ""), address, web.Frame{}) == nil {
			t.Errorf("Leave went to %q", address)
		}
		if kit.PostForm(w, request("GET", "/", ""), address, nil, web.Frame{}) == nil {
			t.Errorf("PostForm posts to %q", address)
		}
		if kit.Redirect(w, request("GET", "/", ""), address, 303) == nil {
			t.Errorf("Redirect went to %q", address)
		}
		page := showcasePage{Frame: web.Frame{WayBack: web.WayBack{Label: "x", URL: address}}}
		if address != "" && kit.Render(w, request("GET", "/", ""), 200, "web/leave", page) == nil {
			t.Errorf("a page offers the way back to %q", address)
		}
		if w.Header().Get("Location") != "" {
			t.Errorf("%q: Location was set", address)
		}
	}
}

func TestRedirectKnowsTwoStatusesAndLocalPaths(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t)
	for _, status := range []int{200, 301, 307, 308, 404} {
		if kit.Redirect(httptest.NewRecorder(), request("GET", "/", ""), "/x", status) == nil {
			t.Errorf("status %d was accepted", status)
		}
	}
	for _, target := range []string{"/login/abc?x=1", "https://lire.example/cb", "http://127.0.0.1:5000/cb", "http://[::1]/cb"} {
		w := httptest.NewRecorder()
		if err := kit.Redirect(w, request("GET", "/", ""), target, 302); err != nil || w.Header().Get("Location") != target {
			t.Errorf("%s: %v, Location %q", target, err, w.Header().Get("Location"))
		}
	}
}

func TestErrorsOfHandOffDoNotRepeatTheAddress(t *testing.T) {
	t.Parallel()
	err := webtest.New(t).Leave(httptest.NewRecorder(), request("GET", "/", ""), "http://lire.example/cb?code=secret%zz", web.Frame{})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error = %v", err)
	}
}
