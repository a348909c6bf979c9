package login

import (
	"net/http/httptest"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestLabelsFollowTheVersionThatWasChosen(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	entry := dictionary.Entry{Label: registry.Text{FR: "Prénom"}, Child: registry.Text{FR: "Ton prénom"}}
	for _, c := range []struct {
		own     web.Audience
		version string
		want    string
	}{
		{web.Child, "", "Ton prénom"},
		{web.Child, "simple", "Ton prénom"},
		{web.Child, "detailed", "Prénom"},
		{web.Teen, "", "Prénom"},
		{web.Teen, "simple", "Ton prénom"},
		{web.Teen, "detailed", "Prénom"},
		{web.Adult, "simple", "Prénom"},
		{web.Adult, "nothing of ours", "Prénom"},
	} {
		r, w := httptest.NewRequest("GET", webtest.Origin+"/", nil), httptest.NewRecorder()
		kit.Cookies().Set(w, web.Cookie{Name: "wording"}, c.version)
		for _, cookie := range w.Result().Cookies() {
			r.AddCookie(cookie)
		}
		f := &Flow{Kit: kit}
		if got := f.spoken(r, web.Frame{Audience: c.own}).label(entry); got != c.want {
			t.Errorf("%q in the version %q: %q", c.own, c.version, got)
		}
	}
}
