package login_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/keys"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// plain is a protocol that says everything in the open, so that a test can ask for what no real protocol could.
type plain struct{}

func (plain) Name() string { return "plain" }

// Mount takes a request in JSON: by GET, or by a post from a service's own page.
func (plain) Mount(mux *web.Mux, gateway idp.Gateway) {
	start := func(w http.ResponseWriter, r *http.Request) error {
		var request idp.Request
		if err := json.Unmarshal([]byte(r.FormValue("request")), &request); err != nil {
			return err
		}
		return gateway.Start(w, r, request)
	}
	mux.Handle(web.Route{Method: "GET", Pattern: "/plain", Handler: start})
	mux.Handle(web.Route{Method: "POST", Pattern: "/plain", Handler: start, CrossSite: true})
}

func (plain) Answer(_ context.Context, request idp.Request, a idp.Answered) (idp.Handoff, idp.Participant, error) {
	if a.Cleared.Empty() {
		return idp.Handoff{}, idp.Participant{}, errors.New("nothing was cleared")
	}
	release := a.Cleared.Release()
	q := url.Values{
		"state": {string(request.State)}, "service": {release.Service().ID}, "subject": {release.Subject()},
		"uai": {string(release.Establishment().UAI)}, "source": {release.Source().ID}, "resume": {a.Resume},
	}
	who := idp.Participant{Protocol: "plain", ServiceID: request.ServiceID}
	return idp.Handoff{Location: "https://" + request.ServiceID + ".example/yes?" + q.Encode()}, who, nil
}

func (plain) Refuse(_ context.Context, request idp.Request, failure idp.Failure) (idp.Handoff, error) {
	q := url.Values{"state": {string(request.State)}, "kind": {string(failure.Kind)}, "ref": {failure.Ref}}
	return idp.Handoff{Location: "https://" + request.ServiceID + ".example/no?" + q.Encode()}, nil
}

func (plain) SignOut(context.Context, idp.Participant, string) (idp.SignOutStep, error) {
	return idp.SignOutStep{Outcome: idp.Unsupported}, nil
}

func (plain) Left(context.Context, idp.Leaving, idp.Outcome) (idp.Handoff, error) {
	return idp.Handoff{}, nil
}

func (plain) CheckSettings(registry.Binding) []registry.Finding { return nil }

func (plain) Preview(attrs.Release, registry.Binding) ([]byte, error) { return nil, nil }

func (plain) Probe(context.Context, registry.Binding, idp.Reach) (idp.Probed, error) {
	return idp.Probed{}, nil
}

// request is what a service asks, with changes.
func request(service string, how ...func(*idp.Request)) idp.Request {
	r := idp.Request{Protocol: "plain", ServiceID: service, Handle: service, State: json.RawMessage(`"st"`)}
	for _, change := range how {
		change(&r)
	}
	return r
}

func fresh(r *idp.Request)   { r.Fresh = true }
func passive(r *idp.Request) { r.Passive = true }
func later(r *idp.Request)   { r.Later = true }

func maxAge(d time.Duration) func(*idp.Request) { return func(r *idp.Request) { r.MaxAge = &d } }

func fromSource(id string) func(*idp.Request) { return func(r *idp.Request) { r.Hints.Source = id } }

func atSchool(uai person.UAI) func(*idp.Request) {
	return func(r *idp.Request) { r.Hints.UAI = string(uai) }
}

func encoded(t testing.TB, request idp.Request) string {
	t.Helper()
	raw, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"request": {string(raw)}}.Encode()
}

// byGet is the request as a redirect brings it.
func byGet(t testing.TB, request idp.Request) *http.Request {
	t.Helper()
	return httptest.NewRequest(http.MethodGet, idptest.Origin+"/plain?"+encoded(t, request), nil)
}

// byPost is the request as a service's own page posts it.
func byPost(t testing.TB, request idp.Request) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/plain", strings.NewReader(encoded(t, request)))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://lire.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return r
}

// sharedRing costs two RSA keys, so that all tests share one; it does not change.
var sharedRing struct {
	once sync.Once
	ring *keys.Ring
}

func ring(tb testing.TB) *keys.Ring {
	tb.Helper()
	sharedRing.once.Do(func() { sharedRing.ring = idptest.NewRing(tb) })
	return sharedRing.ring
}

func newHouse(t testing.TB, tickets func(store.Tickets) store.Tickets) *idptest.House {
	t.Helper()
	return idptest.NewHouse(t, idptest.Options{Ring: ring(t), Tickets: tickets, Case: idptest.Case{
		Protocol: func(testing.TB, idptest.Tools) idp.Protocol { return plain{} },
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "plain", Handle: service}
		},
	}})
}

// signedIn gives a browser in which somebody was told what lire gets, and has been there.
func signedIn(t testing.TB, h *idptest.House, who string) *idptest.Browser {
	t.Helper()
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), who)), "lire")
	return b
}

// through answers the pages that ask for a place or inform.
func through(t testing.TB, b *idptest.Browser, p *idptest.Page) *idptest.Page {
	t.Helper()
	if p.Offers("place") {
		p = b.Submit(p, "place", 0)
	}
	if p.Offers("inform") {
		p = b.Submit(p, "inform", 0, "act", "informed")
	}
	return p
}

// yes gives what a service was told.
func yes(t testing.TB, p *idptest.Page, service string) url.Values {
	t.Helper()
	q := arrived(t, p, service, "/yes")
	if q.Get("service") != service || q.Get("state") != `"st"` {
		t.Errorf("%s was told what is meant for %q (%s)", service, q.Get("service"), q.Get("state"))
	}
	return q
}

// no makes sure that a service was told a kind of failure.
func no(t testing.TB, p *idptest.Page, service string, kind idp.Kind) {
	t.Helper()
	if got := arrived(t, p, service, "/no").Get("kind"); got != string(kind) {
		t.Errorf("%s was told %q, want %q", service, got, kind)
	}
}

func arrived(t testing.TB, p *idptest.Page, service, path string) url.Values {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.Host != service+".example" || p.Landing.URL.Path != path {
		t.Fatalf("landing %+v, status %d at %s; want %s at %s: %s", p.Landing, p.Status, p.URL, path, service, p.Text())
	}
	return p.Landing.URL.Query()
}

// page makes sure that the browser stays with us, on a page of a status.
func page(t testing.TB, what string, p *idptest.Page, status int) {
	t.Helper()
	if p.Landing != nil || p.Status != status {
		t.Fatalf("%s: status %d at %s, landing %+v; want %d and none: %s", what, p.Status, p.URL, p.Landing, status, p.Text())
	}
}

// done makes sure that the page says that the step is finished, and leads onward to the service.
func done(t testing.TB, what string, p *idptest.Page) {
	t.Helper()
	page(t, what, p, http.StatusOK)
	if !strings.Contains(p.Text(), "déjà") || !strings.Contains(p.Body, `href="/go/`) {
		t.Errorf("%s: the page does not lead onward: %s", what, p.Text())
	}
}

// offers makes sure that the page asks for a step.
func offers(t testing.TB, what string, p *idptest.Page, step string) {
	t.Helper()
	if p.Landing != nil || !p.Offers(step) {
		t.Fatalf("%s: status %d at %s, landing %+v; want the step %s: %s", what, p.Status, p.URL, p.Landing, step, p.Text())
	}
}

// refused makes sure that our page says no for a reason.
func refused(t testing.TB, h *idptest.House, what string, p *idptest.Page, reason string) {
	t.Helper()
	entries := h.Journal.Entries()
	if p.Landing != nil || p.Status < 400 || len(entries) == 0 || entries[len(entries)-1].Reason != reason {
		t.Fatalf("%s: status %d at %s, landing %+v, journal %v; want %s", what, p.Status, p.URL, p.Landing, entries[max(0, len(entries)-1):], reason)
	}
}
