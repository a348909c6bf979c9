package idptest

import (
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

// ask begins a sign-in.
func (s *story) ask(t *testing.T, h *House, b *Browser, ask Ask) *Page {
	t.Helper()
	return b.Open(s.Request(t, h.Tools, ask))
}

// enter signs somebody in, answers whatever page comes, in the first establishment, and goes to the service.
func (s *story) enter(t *testing.T, h *House, b *Browser, ask Ask, who string) *Page {
	t.Helper()
	p := s.ask(t, h, b, ask)
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

// read has the service read what arrived, and makes sure that it arrived at this service.
func (s *story) read(t *testing.T, h *House, ask Ask, p *Page) Result {
	t.Helper()
	if p.Landing == nil {
		t.Fatalf("the browser did not reach %s but %s (status %d): %s", ask.Service, p.URL, p.Status, p.Text())
	}
	if want := ask.Service + ".example"; p.Landing.URL.Host != want {
		t.Fatalf("the browser reached %s, want %s", p.Landing.URL.Host, want)
	}
	call := func(r *http.Request) *http.Response {
		w := httptest.NewRecorder()
		h.Handler.ServeHTTP(w, r)
		return w.Result()
	}
	return s.Read(t, h.Tools, call, ask, *p.Landing)
}

// told signs somebody in and gives what the service was told. It must have been told something.
func (s *story) told(t *testing.T, h *House, b *Browser, ask Ask, who string) Result {
	t.Helper()
	r := s.read(t, h, ask, s.enter(t, h, b, ask, who))
	if r.Refused != "" {
		t.Fatalf("%s refuses %s: %s", ask.Service, who, r.Refused)
	}
	if r.Subject == "" || r.Session == "" {
		t.Errorf("%s: subject %q, session %q; both are wanted", ask.Service, r.Subject, r.Session)
	}
	return r
}

// released compares attributes, order of values included.
func released(t *testing.T, what string, got map[attrs.Name][]string, want map[attrs.Name][]string) {
	t.Helper()
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("%s: released %q, want %q", what, got, want)
	}
}

// refusedHere makes sure that a page of ours says no with the reference and the reason that the journal has, and that
// nothing went to the service.
func refusedHere(t *testing.T, h *House, p *Page, service, reason string) {
	t.Helper()
	if p.Landing != nil || p.Status < 400 || !p.Offers("back") {
		t.Fatalf("%s: status %d, landing %v, at %s; want a refusal of ours", service, p.Status, p.Landing, p.URL)
	}
	entries := h.Released(service, audit.Refused)
	if len(entries) == 0 {
		t.Fatalf("%s: the refusal is not in the journal", service)
	}
	last := entries[len(entries)-1]
	if last.Reason != reason || last.Ref == "" || last.Ref != p.Ref() {
		t.Errorf("%s: journal says %q (%s), page %s; want %q", service, last.Reason, last.Ref, p.Ref(), reason)
	}
	if n := len(h.Released(service, audit.Released)); n != 0 {
		t.Errorf("%s: %d releases stand in the journal beside the refusal", service, n)
	}
}

// wayBack takes the page's way back and makes sure that the service is told no more than a kind.
func (s *story) wayBack(t *testing.T, h *House, b *Browser, ask Ask, p *Page, kinds ...idp.Kind) {
	t.Helper()
	s.refusedThere(t, h, ask, b.Submit(p, "back", 0), kinds...)
}

// refusedThere makes sure that what arrived at the service is a refusal and nothing more.
func (s *story) refusedThere(t *testing.T, h *House, ask Ask, p *Page, kinds ...idp.Kind) {
	t.Helper()
	r := s.read(t, h, ask, p)
	if known := slices.Contains(kinds, r.Refused); r.Refused == "" || !known && !s.Mute {
		t.Errorf("%s is told %q, want %q", ask.Service, r.Refused, kinds)
	}
	if r.Subject != "" || len(r.Attributes) != 0 || r.Session != "" {
		t.Errorf("%s is refused and told something of the person", ask.Service)
	}
}

// fault makes sure that a page with a reference came instead of an answer.
func fault(t *testing.T, what string, p *Page, status int) {
	t.Helper()
	if p.Landing != nil || p.Status != status || p.Ref() == "" {
		t.Errorf("%s: status %d, landing %v, reference %q; want %d, none, and one", what, p.Status, p.Landing, p.Ref(), status)
	}
}

// declaration changes the declaration of a service.
func declaration(service string, how func(*registry.Declaration)) func(*registry.Contents) {
	return func(c *registry.Contents) {
		for i := range c.Declarations {
			if c.Declarations[i].ServiceID == service {
				how(&c.Declarations[i])
			}
		}
	}
}
