package casserver_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

// TestHardCase31ATicketServesOnceInTimeAndAtItsOwnAddress is hard case 31: shown again, shown late, shown from another
// address. Each is refused in one way, and each is told to whoever runs the gateway.
func TestHardCase31ATicketServesOnceInTimeAndAtItsOwnAddress(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		play func(*testing.T, *house) string
		why  string
	}{
		"shown again": {func(t *testing.T, h *house) string {
			ticket := h.ticket(t, "lire")
			if code := h.validate(t, page("lire"), ticket); code != "" {
				t.Fatalf("the first showing says %s", code)
			}
			return h.validate(t, page("lire"), ticket)
		}, "lire shown_before"},
		"late": {func(t *testing.T, h *house) string {
			ticket := h.ticket(t, "lire")
			h.Clock.Advance(10 * time.Second)
			return h.validate(t, page("lire"), ticket)
		}, "lire late"},
		"later than the service allows": {func(t *testing.T, h *house) string {
			h.settings("lire", `{"ticket_seconds":5}`)
			ticket := h.ticket(t, "lire")
			h.Clock.Advance(5 * time.Second)
			return h.validate(t, page("lire"), ticket)
		}, "lire late"},
		"from another page of the service": {func(t *testing.T, h *house) string {
			return h.validate(t, home("lire"), h.ticket(t, "lire"))
		}, "lire other_address"},
		"from another service": {func(t *testing.T, h *house) string {
			return h.validate(t, page("calcul"), h.ticket(t, "lire"))
		}, "lire other_address"},
		"never given out": {func(t *testing.T, h *house) string {
			return h.validate(t, page("lire"), "ST-AAAAAAAAAAAAAAAAAAAAAAAAAA")
		}, "lire unknown"},
		"no ticket at all": {func(t *testing.T, h *house) string {
			return h.validate(t, page("lire"), "PT-"+strings.Repeat("A", 26))
		}, "lire not_a_ticket"},
		"of endless length": {func(t *testing.T, h *house) string {
			return h.validate(t, page("lire"), "ST-"+strings.Repeat("A", 5000))
		}, "lire not_a_ticket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			if code := c.play(t, h); code != "INVALID_TICKET" {
				t.Errorf("code %q, want INVALID_TICKET", code)
			}
			if got := h.last(t, &h.refused); got != c.why {
				t.Errorf("told %q, want %q", got, c.why)
			}
		})
	}
}

// TestATicketInAQuestionThatCannotBeAnsweredIsSpent: whoever saw the question saw the ticket.
func TestATicketInAQuestionThatCannotBeAnsweredIsSpent(t *testing.T) {
	t.Parallel()
	for name, pairs := range map[string][]string{
		"an unknown format":  {"service", page("lire"), "format", "YAML"},
		"two services":       {"service", page("lire"), "service", page("calcul")},
		"two formats":        {"service", page("lire"), "format", "XML", "format", "JSON"},
		"no service":         {},
		"two tickets, twice": {"service", page("lire"), "ticket", "ST-AAAAAAAAAAAAAAAAAAAAAAAAAA"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			ticket := h.ticket(t, "lire")
			body := h.show(t, "/cas/p3/serviceValidate", append([]string{"ticket", ticket}, pairs...)...)
			if !strings.Contains(body, "INVALID_REQUEST") || strings.Contains(body, ticket) {
				t.Errorf("answered %s", body)
			}
			if code := h.validate(t, page("lire"), ticket); code != "INVALID_TICKET" {
				t.Errorf("afterwards the ticket is %q, want INVALID_TICKET", code)
			}
			if got := h.last(t, &h.refused); got != "lire shown_before" {
				t.Errorf("told %q", got)
			}
		})
	}
}

func TestATicketServesUpToTheEndOfItsTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ticket := h.ticket(t, "lire")
	h.Clock.Advance(10*time.Second - time.Millisecond)
	if code := h.validate(t, page("lire"), ticket); code != "" {
		t.Errorf("code %s within the time", code)
	}
}

func TestAFailedShowingSpendsTheTicket(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for what, spoil := range map[string]func(string){
		"another service":    func(ticket string) { h.validate(t, page("calcul"), ticket) },
		"an unknown service": func(ticket string) { h.validate(t, "https://evil.example/", ticket) },
		"renew":              func(ticket string) { h.validate(t, page("lire"), ticket, "renew", "true") },
		"a proxy":            func(ticket string) { h.validate(t, page("lire"), ticket, "pgtUrl", "https://lire.example/pgt") },
	} {
		b := h.Browser(t)
		h.enter(t, b, idptest.Lea, "service", page("lire"))
		ticket := b.Get(loginAddress("service", page("lire"))).Landing.URL.Query().Get("ticket") // from the session
		spoil(ticket)
		if code := h.validate(t, page("lire"), ticket); code != "INVALID_TICKET" {
			t.Errorf("after %s the ticket is worth %q", what, code)
		}
	}
}

func TestOfManyWhoShowATicketAtOnceOneIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ticket := h.ticket(t, "lire")
	var wg sync.WaitGroup
	codes := make(chan string, 30)
	for range cap(codes) {
		wg.Go(func() { codes <- h.validate(t, page("lire"), ticket) })
	}
	wg.Wait()
	close(codes)
	good := 0
	for code := range codes {
		switch code {
		case "":
			good++
		case "INVALID_TICKET":
		default:
			t.Errorf("code %s", code)
		}
	}
	if good != 1 {
		t.Errorf("%d showings were answered, want 1", good)
	}
}

func TestTicketsCannotBeGuessed(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	h.enter(t, b, idptest.Lea, "service", page("lire"))
	seen := map[string]bool{}
	for range 50 {
		ticket := b.Get(loginAddress("service", page("lire"))).Landing.URL.Query().Get("ticket")
		if !regexp.MustCompile(`^ST-[A-Z2-7]{26}$`).MatchString(ticket) { // 26 letters of 5 bits
			t.Fatalf("a ticket of %d characters", len(ticket))
		}
		if seen[ticket] {
			t.Fatal("a ticket twice")
		}
		seen[ticket] = true
	}
}

func TestRenewWantsAProofThatIsNew(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	fresh := func(ticket string) (string, []string) {
		r := parse(t, h.show(t, "/cas/p3/serviceValidate", "service", page("lire"), "ticket", ticket, "renew", "true"))
		if r.Failure != nil {
			return r.Failure.Code, nil
		}
		return "", r.attributes()["isFromNewLogin"]
	}
	b := h.Browser(t)
	first := h.enter(t, b, idptest.Lea, "service", page("lire")).Landing.URL.Query().Get("ticket")
	if code, told := fresh(first); code != "" || len(told) != 1 || told[0] != "true" {
		t.Errorf("a ticket of the sign-in itself: %q, told %q", code, told)
	}
	h.Clock.Advance(time.Minute)
	second := b.Get(loginAddress("service", page("lire"))).Landing.URL.Query().Get("ticket")
	if code, _ := fresh(second); code != "INVALID_TICKET" {
		t.Errorf("a ticket of a session is good for renew: %q", code)
	}
	if got := h.last(t, &h.refused); got != "lire not_fresh" {
		t.Errorf("told %q", got)
	}
	third := b.Get(loginAddress("service", page("lire"))).Landing.URL.Query().Get("ticket")
	r := parse(t, h.show(t, "/cas/p3/serviceValidate", "service", page("lire"), "ticket", third, "renew", "false"))
	if r.Success == nil || r.attributes()["isFromNewLogin"][0] != "false" {
		t.Errorf("without renew: %+v", r.Failure)
	}
	p := b.Get(loginAddress("service", page("lire"), "renew", "true", "gateway", "true"))
	if p.Landing != nil {
		t.Fatalf("renew with gateway comes back to %s; renew counts", p.Landing.URL)
	}
	renewed := b.As(p, idptest.Lea).Landing.URL.Query().Get("ticket")
	if code, _ := fresh(renewed); code != "" {
		t.Errorf("after renew the ticket says %s", code)
	}
}

func TestWhatChangedBeforeTheTicketIsShownCounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*house)
		code   string
	}{
		"suspended": {func(h *house) { h.Registry.Suspend("lire") }, "INVALID_TICKET"},
		"address taken away": {func(h *house) {
			h.binding("lire", func(b *registry.Binding) { b.Handle = "https://lire.example/other" })
		}, "INVALID_SERVICE"},
		"settings spoilt":  {func(h *house) { h.settings("lire", `{"ticket_seconds":99}`) }, "INVALID_SERVICE"},
		"registry too old": {func(h *house) { h.Registry.Stale(true) }, "INTERNAL_ERROR"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, nil)
			ticket := h.ticket(t, "lire")
			c.change(h)
			if code := h.validate(t, page("lire"), ticket); code != c.code {
				t.Errorf("code %q, want %s", code, c.code)
			}
			if len(h.sent) != 0 {
				t.Error("data was sent")
			}
		})
	}
}

func TestAHeadRequestSpendsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	ticket := h.ticket(t, "lire")
	r := with("/cas/serviceValidate", "service", page("lire"), "ticket", ticket)
	r.Method = http.MethodHead
	h.Handler.ServeHTTP(httptest.NewRecorder(), r)
	if code := h.validate(t, page("lire"), ticket); code != "" {
		t.Errorf("after a HEAD the ticket says %s", code)
	}
}
