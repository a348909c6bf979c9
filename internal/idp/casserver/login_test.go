package casserver_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
)

type registryAttr = person.Attr

func TestATicketComesByPostWhereTheServiceAsks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.enter(t, h.Browser(t), idptest.Lea, "service", page("lire"), "method", "POST")
	if p.Landing == nil || p.Landing.Method != http.MethodPost || p.Landing.URL.String() != page("lire") || len(p.Landing.Form) != 1 {
		t.Fatalf("landing %+v", p.Landing)
	}
	if code := h.validate(t, page("lire"), p.Landing.Form.Get("ticket")); code != "" {
		t.Errorf("the ticket says %s", code)
	}
}

func TestGatewayComesBackWithoutATicketWhenAPageWouldBeNeeded(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.Get(loginAddress("service", page("lire"), "gateway", "true"))
	if p.Landing == nil || p.Landing.URL.String() != page("lire") {
		t.Fatalf("at %s, landing %v", p.URL, p.Landing)
	}
	h.enter(t, b, idptest.Lea, "service", page("lire"))
	p = b.Get(loginAddress("service", page("lire"), "gateway", "true"))
	if p.Landing == nil || p.Landing.URL.Query().Get("ticket") == "" {
		t.Errorf("signed in and told, and yet no ticket: %v", p.Landing)
	}
	if _, _, at := h.Browser(t).Get(loginAddress("service", page("lire"), "gateway", "false")).AtSource(); !at {
		if p := h.Browser(t).Get(loginAddress("service", page("lire"), "gateway", "false")); !p.Offers("source") {
			t.Error("gateway=false counts as gateway")
		}
	}
}

func TestOnlyOurPageSpeaksWhileTheAddressIsInDoubt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for what, c := range map[string]struct {
		pairs []string
		code  string
	}{
		"no service":         {nil, "CAS-400"},
		"empty":              {[]string{"service", ""}, "CAS-400"},
		"two services":       {[]string{"service", page("lire"), "service", "https://evil.example/"}, "CAS-400"},
		"method HEADER":      {[]string{"service", page("lire"), "method", "HEADER"}, "CAS-400"},
		"unknown":            {[]string{"service", "https://evil.example/"}, "CAS-401"},
		"plain http":         {[]string{"service", "http://lire.example/app"}, "CAS-401"},
		"beside the service": {[]string{"service", "https://lire.example/application"}, "CAS-401"},
		"above the service":  {[]string{"service", "https://lire.example/"}, "CAS-401"},
	} {
		p := h.Browser(t).Get(loginAddress(c.pairs...))
		if p.Landing != nil || p.Status != http.StatusBadRequest || !strings.Contains(p.Text(), c.code) || p.Ref() == "" {
			t.Errorf("%s: status %d, landing %v: %s", what, p.Status, p.Landing, p.Text())
		}
		if strings.Contains(p.Text(), "evil.example") {
			t.Errorf("%s: the page repeats the address", what)
		}
	}
	h.Registry.Stale(true)
	if p := h.Browser(t).Get(loginAddress("service", page("lire"))); p.Status != http.StatusServiceUnavailable {
		t.Errorf("on a stale registry: status %d", p.Status)
	}
}

func TestAPostStartsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	w := httptest.NewRecorder()
	h.Handler.ServeHTTP(w, idptest.Form("/cas/login", url.Values{"service": {page("lire")}, "username": {"x"}, "password": {"y"}}))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("status %d", w.Code)
	}
}

func TestARefusedPersonSeesOurPageAndTheServiceGetsNoTicket(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.Get(loginAddress("service", page("ferme")))
	if p.Landing != nil || p.Status < 400 {
		t.Fatalf("status %d, landing %v", p.Status, p.Landing)
	}
	if back := b.Submit(p, "back", 0); back.Landing == nil || back.Landing.URL.String() != page("ferme") {
		t.Errorf("back at %v", back.Landing)
	}
}

func TestTheWayToAServiceTellsNobodyElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.enter(t, h.Browser(t), idptest.Lea, "service", page("lire"))
	if got := p.Header.Get("Referrer-Policy"); got != "same-origin" && got != "no-referrer" {
		t.Errorf("Referrer-Policy %q", got)
	}
	if got := p.Header.Get("Cache-Control"); !strings.Contains(got, "no-store") {
		t.Errorf("Cache-Control %q", got)
	}
}

func TestSignOutByLinkAsksFirstAndLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	h.enter(t, b, idptest.Lea, "service", page("lire"))
	for _, query := range []string{"", "?service=https%3A%2F%2Fevil.example%2F", "?url=https%3A%2F%2Fevil.example%2F"} {
		p := b.Get("/cas/logout" + query)
		if p.Landing != nil || p.Status != http.StatusOK || strings.Contains(p.Body, "evil") || asksToLeave(p) == "" {
			t.Errorf("%s leads to %s, %v: %s", query, p.URL, p.Landing, p.Text())
		}
	}
	if p := b.Get(loginAddress("service", page("lire"), "gateway", "true")); p.Landing.URL.Query().Get("ticket") == "" {
		t.Error("a link ended the session")
	}
}

func TestARequestThatNeverHadAnAddressIsRefusedNowhere(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	if handoff, err := h.Protocol.Refuse(t.Context(), idp.Request{}, idp.Failure{Kind: idp.Denied}); err != nil || !handoff.Empty() {
		t.Errorf("%v, %v", handoff, err)
	}
	if handoff, err := h.Protocol.Refuse(t.Context(), idp.Request{State: []byte(`{"service":1}`)}, idp.Failure{}); err == nil || !handoff.Empty() {
		t.Errorf("%v, %v", handoff, err)
	}
}
