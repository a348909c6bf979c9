package app_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/app"
)

// TestAServiceThatProvesNothingHasThePersonAskedBeforeTheSignOut plays the end of a sign-in at calcul, asked for by a link
// that anybody may make: nothing ends before the person says yes, and then everything does.
func TestAServiceThatProvesNothingHasThePersonAskedBeforeTheSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	b := w.browser()
	token := accessTokenIn(t, w, b, "lina")
	s := &story{w: w, b: b}
	say := func(act string) {
		t.Helper()
		if err := s.depart(w.public + "/oidc/logout?" + url.Values{"client_id": {"calcul"}, "state": {"x"}}.Encode()); err != nil {
			t.Fatal(err)
		}
		f, err := b.tab.page.pressed("act", act)
		if err != nil || !strings.HasPrefix(f.action.Path, "/signout/asked/") {
			t.Fatalf("the person is not asked: %v\n%s", err, s.where())
		}
		if status, _ := userinfo(t, w, token); status != http.StatusOK {
			t.Fatalf("the link alone ended something: %d", status)
		}
		f.fields.Set("act", act)
		if err := s.send(f); err != nil {
			t.Fatal(err)
		}
	}
	say("no")
	if status, _ := userinfo(t, w, token); status != http.StatusOK {
		t.Errorf("a no ends the sign-in: %d", status)
	}
	say("yes")
	if status, body := userinfo(t, w, token); status < 400 || strings.Contains(body, "cycle") {
		t.Errorf("after the sign-out: %d %s", status, body)
	}
	for _, bad := range []string{"?post_logout_redirect_uri=https://evil.example/", "?id_token_hint=x", "?client_id=nobody"} {
		answer, err := http.Get(w.public + "/oidc/logout" + bad)
		if err != nil {
			t.Fatal(err)
		}
		if page := w.browser().read(answer); answer.StatusCode != http.StatusBadRequest || !strings.Contains(page, "OIC-404") {
			t.Errorf("%s: %d", bad, answer.StatusCode)
		}
	}
}
