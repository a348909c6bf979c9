package demo_test

import (
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/demo"
)

func TestNewNamesEveryMistake(t *testing.T) {
	t.Parallel()
	_, err := demo.New(demo.Config{Gateway: "localhost:8080", Scheme: "ftp", Secret: []byte("short"), People: []demo.Visitor{{}}})
	if err == nil {
		t.Fatal("an empty configuration was accepted")
	}
	for _, want := range []string{"gateway", "scheme", "client", "clock", "logger", "32 bytes", "classe", "person 1"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error lacks %q: %v", want, err)
		}
	}
}

func TestSitesCarryWhatTheGatewayMustRegister(t *testing.T) {
	t.Parallel()
	world, err := demo.New(demo.Config{
		Gateway: "https://localhost:8443/", Scheme: "https", Port: "8443", Client: &http.Client{}, Now: (&lateClock{}).now,
		Secret: []byte(hopSecret), ClasseSecret: classeSecret, Log: slog.New(slog.DiscardHandler), People: people(),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"demo  https://demo.localhost:8443/   ",
		"lire SAML 2.0 https://lire.localhost:8443/ https://lire.localhost:8443/saml/metadata  https://lire.localhost:8443/saml/acs",
		"calcul OpenID Connect https://calcul.localhost:8443/  calcul https://calcul.localhost:8443/cb",
		"suite SAML 2.0 https://suite.localhost:8443/ https://suite.localhost:8443/metadata  https://suite.localhost:8443/acs",
		"classe OpenID Connect https://classe.localhost:8443/  classe https://classe.localhost:8443/cb",
		"discute OpenID Connect https://discute.localhost:8443/  discute https://discute.localhost:8443/cb",
		"ancien SAML 2.0 https://ancien.localhost:8443/ https://ancien.localhost:8443/metadata  https://ancien.localhost:8443/acs",
		"carte CAS 3.0 https://carte.localhost:8443/   https://carte.localhost:8443/cas",
		"chorale OpenID Connect https://chorale.localhost:8443/  chorale https://chorale.localhost:8443/cb",
		"ent  https://ent.localhost:8443/   ",
	}
	sites := world.Sites()
	if len(sites) != len(want) {
		t.Fatalf("%d sites, want %d", len(sites), len(want))
	}
	for i, s := range sites {
		got := strings.Join([]string{s.ID, string(s.Protocol), s.URL, s.EntityID, s.ClientID, s.Callback}, " ")
		if got != want[i] {
			t.Errorf("site %d:\n got %q\nwant %q", i, got, want[i])
		}
		if s.Confidential != (s.ID == "classe") {
			t.Errorf("%s: confidential %v", s.ID, s.Confidential)
		}
	}
}

func TestHandlerAnswersOnlyItsHosts(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for host, want := range map[string]bool{
		"lire.localhost": true, "LIRE.localhost:" + s.port: true, "ent.localhost:1": true, "demo.localhost": true,
		"localhost": false, "localhost:8080": false, "127.0.0.1:8080": false, "autre.localhost": false, "": false,
		"lire.localhost.example": false, "x.lire.localhost": false,
	} {
		if _, ok := s.world.Handler(host); ok != want {
			t.Errorf("Handler(%q) = %v, want %v", host, ok, want)
		}
	}
}

func TestStartPageListsSitesPeopleAndAddresses(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.mux.Handle("/", s.world.Start())
	for _, address := range []string{s.url("demo", "/"), s.gateway + "/"} {
		page := s.get(address)
		page.want(t, http.StatusOK, "Démonstration", "Lina", "Paul", "0280002B", "ENT des Tilleuls",
			"Pseudonyme seulement, par SAML 2.0", "Pseudonymous, over OpenID Connect", s.gateway+"/saml/metadata",
			s.gateway+"/.well-known/openid-configuration", s.url("suite", "/"))
	}
	s.get(s.gateway+"/_demo/style.css").want(t, http.StatusOK, "--accent")
}

// plainPages are pages that need no sign-in.
func plainPages(s *street) []string {
	return []string{
		s.url("demo", "/"), s.url("lire", "/"), s.url("calcul", "/"), s.url("suite", "/"), s.url("classe", "/"),
		s.url("discute", "/"), s.url("ancien", "/"), s.url("carte", "/"), s.url("ent", "/"), s.url("lire", "/nulle-part"),
	}
}

func TestPagesAreSane(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, address := range plainPages(s) {
		t.Run(address, func(t *testing.T) { checkPage(t, s.get(address)) })
	}
}

// checkPage fails on what a strict policy, a screen reader or a browser
// without JavaScript could not live with.
func checkPage(t *testing.T, page seen) {
	t.Helper()
	csp := page.header.Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy lacks %s: %s", want, csp)
		}
	}
	if strings.Contains(csp, "unsafe") || page.header.Get("X-Content-Type-Options") != "nosniff" || page.header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers: %v", page.header)
	}
	count, ids := map[string]int{}, map[string]bool{}
	for _, e := range elements(t, page.body) {
		count[e.name]++
		checkElement(t, e)
		if id := e.attr["id"]; id != "" && ids[id] {
			t.Errorf("id %q twice", id)
		}
		ids[e.attr["id"]] = true
	}
	for _, one := range []string{"html", "title", "h1", "main", "header", "footer"} {
		if count[one] != 1 {
			t.Errorf("%d <%s>, want one", count[one], one)
		}
	}
}

func checkElement(t *testing.T, e element) {
	t.Helper()
	for name := range e.attr {
		if name == "style" || strings.HasPrefix(name, "on") {
			t.Errorf("<%s> has %s", e.name, name)
		}
	}
	switch e.name {
	case "html":
		if e.attr["lang"] != "fr" {
			t.Error("the page does not say that it is French")
		}
	case "style":
		t.Error("an inline style sheet")
	case "script", "img", "link":
		if address := e.attr["src"] + e.attr["href"]; !strings.HasPrefix(address, "/_demo/") {
			t.Errorf("<%s> loads %q", e.name, address)
		}
	case "input":
		if e.attr["type"] != "hidden" && !strings.Contains(e.path, "label") {
			t.Errorf("input %q has no label", e.attr["name"])
		}
	case "iframe", "object", "embed":
		t.Errorf("<%s> on a page", e.name)
	}
}

func TestAssetsAreServedAndNothingElse(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	icon := s.get(s.url("lire", "/_demo/icon-lire.svg"))
	icon.want(t, http.StatusOK, "<svg", "#2a4bb0")
	if got := icon.header.Get("Content-Type"); got != "image/svg+xml" {
		t.Errorf("icon type %q", got)
	}
	for _, path := range []string{"/_demo/absent.css", "/_demo/..%2fpage%2frp.html", "/_demo/icon-suite.svg", "/_demo/"} {
		if got := s.get(s.url("lire", path)); got.status == http.StatusOK {
			t.Errorf("%s is served", path)
		}
	}
}

func TestSignOutFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, id := range []string{"lire", "calcul", "ent"} {
		if got := s.postFromElsewhere(s.url(id, "/deconnexion"), nil); got.status != http.StatusForbidden {
			t.Errorf("%s: status %d, want 403", id, got.status)
		}
	}
}

func TestConfigurationAndVisitorsDoNotPrint(t *testing.T) {
	t.Parallel()
	cfg := demo.Config{Secret: []byte(hopSecret), ClasseSecret: classeSecret, People: people()}
	for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
		text := fmt.Sprintf(format+" "+format, cfg, people()[0])
		if strings.Contains(text, "Lina") || strings.Contains(text, "secret") || strings.Contains(text, "0123") {
			t.Errorf("%s prints %s", format, text)
		}
	}
}
