package casserver_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/registry"
)

// house is a gateway that speaks CAS, and what it said of itself.
type house struct {
	*idptest.House
	mu      sync.Mutex
	refused []string
	failed  []string
	sent    []idp.Sent
}

func newHouse(tb testing.TB, how func(*casserver.Config)) *house {
	tb.Helper()
	h := &house{}
	h.House = idptest.NewHouse(tb, idptest.Options{Ring: keystest.Ring(tb), Case: storyCase(func(c *casserver.Config) {
		c.Watch = h
		c.Refused = func(_ context.Context, service, why string) { h.note(&h.refused, service+" "+why) }
		c.Failed = func(_ context.Context, err error) { h.note(&h.failed, err.Error()) }
		if how != nil {
			how(c)
		}
	})})
	return h
}

func (h *house) note(into *[]string, what string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	*into = append(*into, what)
}

// Sent implements idp.Watcher.
func (h *house) Sent(s idp.Sent) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.sent = append(h.sent, s)
}

// settings changes how a service is bound.
func (h *house) settings(service, settings string) {
	h.binding(service, func(b *registry.Binding) { b.Settings = json.RawMessage(settings) })
}

func (h *house) binding(service string, how func(*registry.Binding)) {
	h.Registry.Change(func(c *registry.Contents) {
		c.Services = slices.Clone(c.Services)
		for i := range c.Services {
			if c.Services[i].ID == service {
				c.Services[i].Bindings = slices.Clone(c.Services[i].Bindings)
				how(&c.Services[i].Bindings[0])
			}
		}
	})
}

// enter signs somebody in at an address, as far as where the browser is sent.
func (h *house) enter(tb testing.TB, b *idptest.Browser, who string, pairs ...string) *idptest.Page {
	tb.Helper()
	p := b.Get(loginAddress(pairs...))
	if _, _, at := p.AtSource(); at || p.Offers("source") {
		p = b.As(p, who)
	}
	if p.Offers("place") {
		p = b.Submit(p, "place", 0)
	}
	if p.Offers("inform") {
		p = b.Submit(p, "inform", 0, "act", "informed")
	}
	return p
}

// ticket signs Lea in at a service and gives the ticket that arrived there.
func (h *house) ticket(tb testing.TB, service string, pairs ...string) string {
	tb.Helper()
	p := h.enter(tb, h.Browser(tb), idptest.Lea, append([]string{"service", page(service)}, pairs...)...)
	if p.Landing == nil {
		tb.Fatalf("not at the service but at %s (status %d): %s", p.URL, p.Status, p.Text())
	}
	ticket := p.Landing.URL.Query().Get("ticket")
	if p.Landing.Method == http.MethodPost {
		ticket = p.Landing.Form.Get("ticket")
	}
	if ticket == "" {
		tb.Fatalf("no ticket at %s", p.Landing.URL)
	}
	return ticket
}

func (h *house) call(r *http.Request) *http.Response {
	w := httptest.NewRecorder()
	h.Handler.ServeHTTP(w, r)
	return w.Result()
}

// show shows a ticket at one of the addresses.
func (h *house) show(tb testing.TB, path string, pairs ...string) string {
	tb.Helper()
	return askFor(tb, h.call, path, pairs...)
}

// validate shows a ticket as CAS 3 does and gives the code of a refusal, or nothing.
func (h *house) validate(tb testing.TB, service, ticket string, pairs ...string) string {
	tb.Helper()
	body := h.show(tb, "/cas/p3/serviceValidate", append([]string{"service", service, "ticket", ticket}, pairs...)...)
	r := parse(tb, body)
	if r.Failure == nil {
		return ""
	}
	if ticket != "" && strings.Contains(body, ticket) || strings.Contains(body, service) {
		tb.Errorf("the refusal repeats what was sent: %s", body)
	}
	return r.Failure.Code
}

func (h *house) last(tb testing.TB, list *[]string) string {
	tb.Helper()
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(*list) == 0 {
		return ""
	}
	return (*list)[len(*list)-1]
}

// with is an address with a query.
func with(path string, pairs ...string) *http.Request {
	q := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		q.Add(pairs[i], pairs[i+1])
	}
	return httptest.NewRequest(http.MethodGet, fmt.Sprintf("%s%s?%s", idptest.Origin, path, q.Encode()), nil)
}
