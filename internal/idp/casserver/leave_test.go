package casserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

// asksToLeave is where the page that asks before it ends a session takes the answer; empty for another page.
func asksToLeave(p *idptest.Page) string {
	return strings.TrimSuffix(regexp.MustCompile(`/signout/asked/[A-Z0-9]+" *>`).FindString(p.Body), `">`)
}

func logoutAddress(name, to string) string { return "/cas/logout?" + url.Values{name: {to}}.Encode() }

func TestALogoutLeadsToTheRegisteredAddressThatItNamesOnceThePersonSaidYes(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"service", "url"} {
		out := &service{status: http.StatusOK}
		h := newHouse(t, func(c *casserver.Config) { c.Client = &http.Client{Transport: out} })
		h.settings("lire", `{"logout":true}`)
		b := h.Browser(t)
		h.enter(t, b, idptest.Lea, "service", page("lire"))
		asked := asksToLeave(b.Get(logoutAddress(name, page("lire"))))
		if asked == "" {
			t.Fatal("nobody is asked")
		}
		stays := b.Post(asked, url.Values{"act": {"no"}})
		if stays.Landing != nil || len(out.posted) != 0 {
			t.Errorf("whoever stays is led to %+v", stays.Landing)
		}
		if p := b.Get(loginAddress("service", page("lire"), "gateway", "true")); p.Landing.URL.Query().Get("ticket") == "" {
			t.Error("a no ended the session")
		}
		p := b.Post(asksToLeave(b.Get(logoutAddress(name, page("lire")))), url.Values{"act": {"yes"}})
		if p.Landing == nil || p.Landing.URL.String() != page("lire") || len(out.posted) != 2 { // one for each ticket
			t.Errorf("%s leads to %+v, %d posts: %s", name, p.Landing, len(out.posted), p.Text())
		}
		if p := b.Get(loginAddress("service", page("lire"), "gateway", "true")); p.Landing.URL.Query().Get("ticket") != "" {
			t.Error("the session goes on")
		}
		if p := b.Get(logoutAddress(name, page("calcul"))); p.Landing == nil || p.Landing.URL.String() != page("calcul") {
			t.Errorf("somebody who is not signed in is led to %+v", p.Landing)
		}
	}
}

func TestALogoutWithAServiceThatStaysOpenSaysSoFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	h.enter(t, b, idptest.Lea, "service", page("calcul"))
	p := b.Post(asksToLeave(b.Get(logoutAddress("service", page("lire")))), url.Values{"act": {"yes"}})
	if p.Landing != nil || !strings.Contains(p.Text(), "Service calcul") || !strings.Contains(p.Text(), "Revenir vers Service lire") {
		t.Fatalf("landing %+v: %s", p.Landing, p.Text())
	}
	if p = b.Get("/signout/back"); p.Landing == nil || p.Landing.URL.String() != page("lire") {
		t.Errorf("the button leads to %+v", p.Landing)
	}
}

func TestALogoutToWhatIsNobodysEndsHere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	h.enter(t, b, idptest.Lea, "service", page("lire"))
	for _, to := range []string{"https://evil.example/", "javascript:alert(1)", "//evil.example", "https://lire.example@evil.example/", page("lire") + "\n"} {
		p := b.Get(logoutAddress("service", to))
		if p.Landing != nil || asksToLeave(p) == "" || strings.Contains(p.Body, "evil") {
			t.Errorf("%q: %+v, %s", to, p.Landing, p.Text())
		}
	}
	asked := asksToLeave(b.Get(logoutAddress("service", page("lire"))))
	h.Registry.Change(func(c *registry.Contents) { c.Services = nil }) // between the question and the answer
	if p := b.Post(asked, url.Values{"act": {"yes"}}); p.Landing != nil {
		t.Errorf("it leads to %+v", p.Landing)
	}
	for name, r := range map[string]*http.Request{
		"two addresses": httptest.NewRequest(http.MethodGet, idptest.Origin+"/cas/logout?service=a&service=b", nil),
		"a HEAD":        httptest.NewRequest(http.MethodHead, idptest.Origin+"/cas/logout", nil),
	} {
		if p := b.Open(r); p.Status != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, p.Status)
		}
	}
	if to, err := h.Protocol.Left(t.Context(), idp.Leaving{State: []byte("x")}, idp.Outcome{Found: true}); err == nil || !to.Empty() {
		t.Errorf("%v, %v", to, err)
	}
}
