package login_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// ways is a protocol whose services sign out in every way that there is, as a test tells it.
type ways struct {
	plain

	mu     sync.Mutex
	by     map[string]idp.SignOutOutcome // by service; Unsupported for one that is not named
	fails  error
	during func()                 // called once, while the first service is told
	words  map[string][]string    // by service: the steps that it was told with
	to     idp.Handoff            // where Left leads
	left   []idp.Outcome          // what Left was told
	who    func(*idp.Participant) // changes what Answer gives
	frame  string                 // what is framed, where it is not the service's own address
}

// Mount adds the addresses at which services ask for a sign-out and answer to one.
func (p *ways) Mount(mux *web.Mux, gateway idp.Gateway) {
	p.plain.Mount(mux, gateway)
	leave := func(w http.ResponseWriter, r *http.Request) error {
		var leaving idp.Leaving
		if err := json.Unmarshal([]byte(r.FormValue("leaving")), &leaving); err != nil {
			return err
		}
		return gateway.Leave(w, r, leaving)
	}
	told := func(w http.ResponseWriter, r *http.Request) error {
		return gateway.Told(w, r, r.FormValue("step"), r.FormValue("ended") == "true")
	}
	lost := func(w http.ResponseWriter, r *http.Request) error {
		return gateway.Lost(w, r, &web.Fault{Status: http.StatusBadRequest, Code: "TST-400", Kind: "bad-request", Cause: errUnbelieved})
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		cross := method == http.MethodPost
		mux.Handle(web.Route{Method: method, Pattern: "/plain/leave", Handler: leave, CrossSite: cross})
		mux.Handle(web.Route{Method: method, Pattern: "/plain/told", Handler: told, CrossSite: cross})
		mux.Handle(web.Route{Method: method, Pattern: "/plain/lost", Handler: lost, CrossSite: cross})
	}
}

// Answer names each session after its service, by two names.
func (p *ways) Answer(ctx context.Context, request idp.Request, a idp.Answered) (idp.Handoff, idp.Participant, error) {
	to, who, err := p.plain.Answer(ctx, request, a)
	who.Names, who.Reachable = []string{"session at " + request.ServiceID, "somebody at " + request.ServiceID}, true
	if p.who != nil {
		p.who(&who)
	}
	return to, who, err
}

func (p *ways) SignOut(_ context.Context, who idp.Participant, word string) (idp.SignOutStep, error) {
	p.mu.Lock()
	during := p.during
	p.during = nil
	if p.words == nil {
		p.words = map[string][]string{}
	}
	p.words[who.ServiceID] = append(p.words[who.ServiceID], word)
	step := idp.SignOutStep{Outcome: p.by[who.ServiceID]}
	frame, fails := p.frame, p.fails
	p.mu.Unlock()
	if during != nil {
		during()
	}
	at := "https://" + who.ServiceID + ".example/quit?step=" + word
	switch step.Outcome {
	case idp.Needed:
		step.Browser = idp.Handoff{Location: at}
		if who.ServiceID == "annee" { // this one is posted to
			step.Browser = idp.Handoff{Action: "https://annee.example/quit", Fields: []idp.Field{{Name: "step", Value: word}}}
		}
	case idp.Framed:
		step.Browser = idp.Handoff{Location: at}
		if frame != "" {
			step.Browser.Location = frame
		}
	}
	return step, fails
}

func (p *ways) Left(_ context.Context, _ idp.Leaving, outcome idp.Outcome) (idp.Handoff, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left = append(p.left, outcome)
	return p.to, nil
}

// times is how often a service was told.
func (p *ways) times(service string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.words[service])
}

// last is the outcome that the service which asked was told.
func (p *ways) last() idp.Outcome {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.left) == 0 {
		return idp.Outcome{}
	}
	return p.left[len(p.left)-1]
}

func waysHouse(t testing.TB, p *ways, tickets func(store.Tickets) store.Tickets) *idptest.House {
	t.Helper()
	return idptest.NewHouse(t, idptest.Options{Ring: ring(t), Tickets: tickets, Case: idptest.Case{
		Protocol: func(testing.TB, idptest.Tools) idp.Protocol { return p },
		Binding: func(_ testing.TB, service string) registry.Binding {
			return registry.Binding{Protocol: "plain", Handle: service}
		},
	}})
}

// been signs somebody in and gives a browser that has been at services.
func been(t testing.TB, h *idptest.House, who string, services ...string) *idptest.Browser {
	t.Helper()
	b := h.Browser(t)
	visits(t, b, who, services...)
	return b
}

func visits(t testing.TB, b *idptest.Browser, who string, services ...string) {
	t.Helper()
	for _, service := range services {
		p := b.Open(byGet(t, request(service)))
		if _, _, at := p.AtSource(); at || p.Offers("source") {
			p = b.As(p, who)
		}
		yes(t, through(t, b, p), service)
	}
}

// visiting makes sure that the browser was sent to a service to sign out there, and gives the step.
func visiting(t testing.TB, what string, p *idptest.Page, service string) string {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.Host != service+".example" || p.Landing.URL.Path != "/quit" {
		t.Fatalf("%s: landing %+v at %s, want %s: %s", what, p.Landing, p.URL, service, p.Text())
	}
	return p.Landing.URL.Query().Get("step") + p.Landing.Form.Get("step")
}

// comesBack comes back from a service.
func comesBack(b *idptest.Browser, step string, ended bool) *idptest.Page {
	said := "false"
	if ended {
		said = "true"
	}
	return b.Get("/plain/told?" + url.Values{"step": {step}, "ended": {said}}.Encode())
}

func wishes(t testing.TB, leaving idp.Leaving) url.Values {
	t.Helper()
	leaving.Protocol = "plain"
	raw, err := json.Marshal(leaving)
	if err != nil {
		t.Fatal(err)
	}
	return url.Values{"leaving": {string(raw)}}
}

// wish is a service's wish as a redirect brings it.
func wish(t testing.TB, leaving idp.Leaving) *http.Request {
	t.Helper()
	return httptest.NewRequest(http.MethodGet, idptest.Origin+"/plain/leave?"+wishes(t, leaving).Encode(), nil)
}

// wishByPost is the same as a service's own page posts it.
func wishByPost(t testing.TB, leaving idp.Leaving) *http.Request {
	t.Helper()
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/plain/leave", strings.NewReader(wishes(t, leaving).Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://lire.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	return r
}

// sure is a service's wish that nobody needs to be asked about.
func sure(service string) idp.Leaving {
	return idp.Leaving{ServiceID: service, Names: []string{"session at " + service}, Sure: true}
}

// says gives the text of a page without what stands before its heading.
func says(p *idptest.Page, words ...string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(p.Text(), w) })
}
