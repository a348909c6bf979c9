package login_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

func TestTileLeadsToTheServicesOwnAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.Browser(t).Get("/go/lire?source=ent&uai=" + string(idptest.School) + "&start=https://evil.example/")
	if p.Landing == nil || p.Landing.URL.String() != "https://lire.example/start" {
		t.Errorf("landing %+v, want the registered start", p.Landing)
	}
}

func TestHintsOfATileAreTakenOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	b.Get("/go/lire?source=" + idptest.ENT + "&uai=" + string(idptest.College))
	offers(t, "another service", b.Open(byGet(t, request("calcul"))), "source")
	offers(t, "another browser", h.Browser(t).Open(byGet(t, request("lire"))), "source")
	p := b.Open(byGet(t, request("lire")))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.ENT {
		t.Fatalf("at %s, want the tile's source without a question", p.URL)
	}
	q := yes(t, through(t, b, b.As(p, idptest.Paul)), "lire")
	if q.Get("uai") != string(idptest.College) {
		t.Errorf("released for %s, want the tile's establishment", q.Get("uai"))
	}
	offers(t, "the next sign-in", b.Open(byGet(t, request("lire"))), "place")
}

func TestHintsOfATileServePostedRequestsToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	b.Get("/go/lire?source=" + idptest.ENT)
	if prefix, _, at := b.Open(byPost(t, request("lire"))).AtSource(); !at || prefix != "/source/"+idptest.ENT {
		t.Error("the tile's source is not asked")
	}
}

func TestHintsOfATileEndAfterMinutes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	b.Get("/go/lire?source=" + idptest.ENT)
	h.Clock.Advance(5 * time.Minute)
	offers(t, "too late", b.Open(byGet(t, request("lire"))), "source")
}

func TestTileCanNameOnlyWhatIsRegistered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Services {
			if c.Services[i].ID == "calcul" {
				c.Services[i].Start = ""
			}
		}
	})
	for path, reason := range map[string]string{
		"/go/nothing":                                                "unknown_service",
		"/go/lire?source=nothing":                                    "unknown_source",
		"/go/lire?uai=9999999Z":                                      "unknown_establishment",
		"/go/lire?return=https://evil.example/":                      "unknown_return_address",
		"/go/lire?source=ent&return=https://ent.example/x":           "unknown_return_address",
		"/go/lire?return=" + url.QueryEscape("https://ent.example/"): "unknown_return_address", // not that of what the tile names
		"/go/ferme":  "declaration_suspended",
		"/go/muette": "no_declaration",
		"/go/calcul": "no_start_address",
	} {
		b := h.Browser(t)
		p := b.Get(path)
		refused(t, h, path, p, reason)
		if p.Offers("back") || strings.Contains(p.Body, `="https://evil.example`) {
			t.Errorf("%s: the page leads on", path)
		}
		if strings.HasPrefix(path, "/go/lire") {
			offers(t, path+" left nothing behind", b.Open(byGet(t, request("lire"))), "source")
		}
	}
	page(t, "stale", func() *idptest.Page {
		h.Registry.Stale(true)
		return h.Browser(t).Get("/go/lire")
	}(), http.StatusServiceUnavailable)
}

func TestWayBackIsTheRegisteredOne(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	b.Get("/go/lire?source=ent&return=" + url.QueryEscape("https://ent.example/"))
	p := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	offers(t, "information", p, "inform")
	if !strings.Contains(p.Body, `href="https://ent.example/"`) {
		t.Error("no way back to the ENT")
	}
}
