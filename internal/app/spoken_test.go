package app_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/canary"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/casserver"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/web"
)

// mouth says releases over the real protocols, from the cleared release to the bytes that leave, and has the canary look at
// each. It stands where the sign-in stands: whoever is sent to a service was told or agreed.
type mouth struct {
	idp.Gateway // what nobody here asks

	t         testing.TB
	now       func() time.Time
	view      *registry.Snapshot
	engine    *attrs.Engine
	book      *consent.Book
	mux       http.Handler
	protocols map[string]idp.Protocol
	tickets   store.Tickets
	eyes      *eyes
	cleared   consent.Cleared
	sent      map[string]int // messages by kind
	about     string         // what is tried, for whoever reads a failure
}

// eyes are a canary and what it said.
type eyes struct {
	*canary.Canary
	view *registry.Snapshot
	mu   sync.Mutex
	log  bytes.Buffer
	bad  int
}

var (
	spokenWords = sync.OnceValues(dictionary.Shipped) //nolint:gochecknoglobals // read once
	seenWords   = sync.OnceValues(dictionary.Shipped) //nolint:gochecknoglobals // the canary's own, read once
)

const sweepOrigin = "https://connexion.example"

func newMouth(t testing.TB, view *registry.Snapshot, now func() time.Time) *mouth {
	t.Helper()
	ring := keystest.Ring(t)
	words, err := spokenWords()
	if err != nil {
		t.Fatal(err)
	}
	kit, err := web.New(web.Config{
		Product: "Écluse", PublicURL: sweepOrigin, Now: now, Contributions: []web.Contribution{samlidp.Pages(), oidcop.Pages(), casserver.Pages()},
		Report: func(_ context.Context, _ web.Ref, fault *web.Fault) { t.Errorf("a page: %v", fault) },
	})
	if err != nil {
		t.Fatal(err)
	}
	m := &mouth{
		t: t, now: now, view: view, protocols: map[string]idp.Protocol{}, sent: map[string]int{}, eyes: newEyes(t, view, now),
		engine: &attrs.Engine{
			Dictionary: words, Keys: sameKeys{}, Scope: "connexion.example", Relay: attrs.Relay{Domain: "relais.example", Pattern: "relais-{code}"},
		},
		book: &consent.Book{Store: drawer{}, Keys: sameKeys{}, Now: now},
	}
	tickets := store.Sealed(memdb.New(now), ring)
	m.tickets = tickets
	saml, err := samlidp.New(samlidp.Config{Kit: kit, Keys: ring, Tickets: tickets, Now: now, Development: true, Watch: m})
	if err != nil {
		t.Fatal(err)
	}
	oidc, err := oidcop.New(oidcop.Config{
		Issuer: sweepOrigin, Keys: ring, Tickets: tickets, Dictionary: words, Kit: kit, Now: now, Development: true, Watch: m,
		Failed: func(_ context.Context, err error) { t.Error(err) },
	})
	if err != nil {
		t.Fatal(err)
	}
	cas, err := casserver.New(casserver.Config{Kit: kit, Tickets: tickets, Dictionary: words, Now: now, Development: true, Watch: m})
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(kit)
	for _, p := range []idp.Protocol{saml, oidc, cas} {
		m.protocols[p.Name()] = p
		p.Mount(mux, m)
	}
	m.mux = mux
	t.Cleanup(m.close)
	return m
}

func newEyes(t testing.TB, view *registry.Snapshot, now func() time.Time) *eyes {
	t.Helper()
	words, err := seenWords()
	if err != nil {
		t.Fatal(err)
	}
	e := &eyes{view: view}
	e.Canary, err = canary.New(canary.Config{Registry: e, Store: e, Words: words, Now: now, Meter: e, Log: slog.New(slog.NewTextHandler(e, nil)), Share: 1})
	if err != nil {
		t.Fatal(err)
	}
	e.Start()
	return e
}

// turn has the mouth speak under another view, before eyes that never saw the last one.
func (m *mouth) turn(view *registry.Snapshot) {
	m.t.Helper()
	m.close()
	m.view, m.eyes = view, newEyes(m.t, view, m.now)
}

func (m *mouth) close() {
	if err := m.eyes.Stop(); err != nil {
		m.t.Error(err)
	}
}

// Current implements canary.Registry.
func (e *eyes) Current() (*registry.Snapshot, error) { return e.view, nil }

// Changed implements canary.Registry: nothing does.
func (e *eyes) Changed() <-chan struct{} { return nil }

// Refresh implements canary.Registry.
func (e *eyes) Refresh(context.Context) error { return nil }

// Apply implements canary.Store: nothing is suspended here, so that one breach does not hide the next.
func (e *eyes) Apply(context.Context, registry.Change, audit.Entry) (int64, error) {
	return e.view.Revision() + 1, nil
}

// Watched implements canary.Meter.
func (e *eyes) Watched(canary.Outcome) {}

// Breached implements canary.Meter.
func (e *eyes) Breached(string, canary.Kind) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.bad++
}

// Unwritten implements canary.Meter.
func (e *eyes) Unwritten(int) {}

func (e *eyes) Write(line []byte) (int, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.log.Write(line)
}

// said waits until everything was looked at, and gives what was wrong since the last time.
func (e *eyes) said(t testing.TB) string {
	t.Helper()
	for end := time.Now().Add(30 * time.Second); e.Waiting() > 0; time.Sleep(50 * time.Microsecond) {
		if time.Now().After(end) {
			t.Fatal("the canary does not come to an end")
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.bad == 0 {
		return ""
	}
	out := e.log.String()
	e.log.Reset()
	e.bad = 0
	return out
}

// drawer keeps no receipt: everybody is told each time.
type drawer struct{}

func (drawer) Receipts(context.Context, []string) ([]consent.Receipt, error) { return nil, nil }

func (drawer) Record(context.Context, audit.Entry, []consent.Receipt, consent.Left) error { return nil }

func (drawer) RecordAll(context.Context, []audit.Entry, []consent.Receipt) error { return nil }

// Sent implements idp.Watcher.
func (m *mouth) Sent(s idp.Sent) {
	m.sent[s.Kind]++
	m.eyes.Watch(canary.Message(s))
}

// Start implements idp.Gateway: nothing begins here with a browser.
func (m *mouth) Start(http.ResponseWriter, *http.Request, idp.Request) error {
	return &idp.Failure{Kind: idp.Denied}
}

// Resume implements idp.Gateway.
func (m *mouth) Resume(context.Context, string) (consent.Cleared, error) { return m.cleared, nil }

// Forget implements idp.Gateway.
func (m *mouth) Forget(context.Context, string) error { return nil }

// Registry implements idp.Gateway.
func (m *mouth) Registry() (*registry.Snapshot, error) { return m.view, nil }

// says sends what a person in a place would have sent to a service over one binding. It tells whether anything left; the
// gate, the engine and the age of consent may say no.
func (m *mouth) says(who person.Person, place policy.Place, service string, b registry.Binding) bool {
	m.t.Helper()
	grant, err := policy.Gate(m.view, m.now(), policy.Ask{Person: who, Place: place, Service: service})
	if err != nil {
		return false
	}
	release, err := m.engine.Release(who, grant, attrs.Request{Subject: b.Subject, Session: "session"})
	if err != nil || release.Fits(b.Protocol, b) != nil {
		return false
	}
	said := consent.Said{Digest: release.Digest()}
	m.cleared, err = m.book.Clear(m.t.Context(), who, release, said, consent.Around{Ref: "AAAA-BBBB"})
	var asking *consent.Asking
	if errors.As(err, &asking) {
		said.Act = asking.Need.Act
		m.cleared, err = m.book.Clear(m.t.Context(), who, release, said, consent.Around{Ref: "AAAA-BBBB"})
	}
	if errors.Is(err, consent.ErrParents) || errors.Is(err, consent.ErrClosed) {
		return false
	}
	if err != nil {
		m.t.Fatal(err)
	}
	before := total(m.sent)
	m.speak(service, b)
	if total(m.sent) == before {
		m.t.Errorf("%s over %s: nothing was watched", service, b.Protocol)
	}
	if bad := m.eyes.said(m.t); bad != "" {
		m.t.Errorf("%s: %s to %s over %s: %s", m.about, place.Profile, service, b.Protocol, bad)
	}
	return true
}

func total(of map[string]int) (n int) {
	for _, one := range of {
		n += one
	}
	return n
}

// speak takes a cleared release through the protocol, and asks what the service would ask.
func (m *mouth) speak(service string, b registry.Binding) {
	m.t.Helper()
	back := returnTo(m.t, b)
	request := idp.Request{Protocol: b.Protocol, ServiceID: service, Handle: b.Handle, State: m.state(b, back)}
	handoff, _, err := m.protocols[b.Protocol].Answer(m.t.Context(), request, idp.Answered{Cleared: m.cleared, Resume: "resume", At: m.now()})
	if err != nil {
		m.t.Errorf("%s over %s: %v", service, b.Protocol, err)
		return
	}
	if len(handoff.Before) > 0 {
		if err := m.tickets.Write(m.t.Context(), handoff.Before...); err != nil {
			m.t.Fatal(err)
		}
	}
	at, err := url.Parse(handoff.Location)
	if err != nil {
		m.t.Fatal(err)
	}
	switch b.Protocol {
	case "oidc":
		m.exchange(b, back, at.Query().Get("code"))
	case "cas":
		q := url.Values{"service": {back}, "ticket": {at.Query().Get("ticket")}}
		m.call(httptest.NewRequest(http.MethodGet, sweepOrigin+"/cas/p3/serviceValidate?"+q.Encode(), nil))
	}
}

// state is what the protocol would remember of a request that asks for everything.
func (m *mouth) state(b registry.Binding, back string) json.RawMessage {
	switch b.Protocol {
	case "saml":
		return object(m.t, map[string]any{"id": "_request", "acs": back, "context": map[string]any{}})
	case "cas":
		return object(m.t, map[string]any{"service": back, "at": m.now()})
	default:
		all := m.engine.Dictionary.Words()
		return object(m.t, map[string]any{
			"redirect_uri": back, "mode": "query", "nonce": "n", "scopes": []string{"openid"}, "in_id_token": all, "in_userinfo": all,
			"challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM",
		})
	}
}

// exchange takes a code to the id token and to userinfo (RFC 7636 appendix B has the verifier).
func (m *mouth) exchange(b registry.Binding, back, code string) {
	m.t.Helper()
	form := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "client_id": {b.Handle},
		"code_verifier": {"dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"},
	}
	r := httptest.NewRequest(http.MethodPost, sweepOrigin+"/oidc/token", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var tokens struct {
		Access string `json:"access_token"`
	}
	if body := m.call(r); json.Unmarshal(body, &tokens) != nil || tokens.Access == "" {
		m.t.Errorf("no token: %s", body)
		return
	}
	r = httptest.NewRequest(http.MethodGet, sweepOrigin+"/oidc/userinfo", nil)
	r.Header.Set("Authorization", "Bearer "+tokens.Access)
	m.call(r)
}

func (m *mouth) call(r *http.Request) []byte {
	m.t.Helper()
	w := httptest.NewRecorder()
	m.mux.ServeHTTP(w, r)
	body, _ := io.ReadAll(w.Result().Body)
	if w.Code != http.StatusOK || bytes.Contains(body, []byte("authenticationFailure")) {
		m.t.Errorf("%s: status %d: %s", r.URL.Path, w.Code, body)
	}
	return body
}

var acsOf = regexp.MustCompile(`AssertionConsumerService[^>]*Location="([^"]*)"`)

// returnTo is where a service is answered, by its binding's settings.
func returnTo(t testing.TB, b registry.Binding) string {
	t.Helper()
	var settings struct {
		Metadata string   `json:"metadata"`
		URIs     []string `json:"redirect_uris"`
	}
	if err := json.Unmarshal(b.Settings, &settings); err != nil {
		t.Fatalf("%s: %v", b.Handle, err)
	}
	if found := acsOf.FindStringSubmatch(settings.Metadata); b.Protocol == "saml" && found != nil {
		return found[1]
	}
	if len(settings.URIs) > 0 {
		return settings.URIs[0]
	}
	return b.Handle
}

// reachable gives a service bindings that this test can speak to: an OIDC client without a secret, and beside the service's
// own bindings one for each protocol that it does not speak, in the dictionary's words.
func reachable(t testing.TB, s registry.Service) registry.Service {
	t.Helper()
	var out []registry.Binding
	spoken := map[string]bool{}
	for _, b := range s.Bindings {
		if b.Protocol == "oidc" {
			var settings map[string]any
			if err := json.Unmarshal(b.Settings, &settings); err != nil {
				t.Fatal(err)
			}
			settings["type"] = "public"
			delete(settings, "secret_hashes")
			delete(settings, "auth_method")
			b.Settings = object(t, settings)
		}
		spoken[b.Protocol] = true
		out = append(out, b)
	}
	for _, protocol := range []string{"saml", "oidc", "cas"} {
		if !spoken[protocol] {
			out = append(out, plainBinding(t, s.ID, protocol))
		}
	}
	s.Bindings = out
	return s
}

// plainBinding is a binding of a service that is invented for this test.
func plainBinding(t testing.TB, service, protocol string) registry.Binding {
	home := "https://" + service + ".example/" + protocol
	settings := map[string]any{}
	switch protocol {
	case "saml":
		settings["metadata"] = fmt.Sprintf(`<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="%s">`+
			`<SPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><AssertionConsumerService index="0" isDefault="true" `+
			`Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST" Location="%s/acs"/></SPSSODescriptor></EntityDescriptor>`, home, home)
	case "oidc":
		settings["type"], settings["redirect_uris"], settings["claims_in_id_token"] = "public", []string{home + "/cb"}, true
	}
	handle := home
	if protocol == "oidc" {
		handle = service + "-client"
	}
	return registry.Binding{Protocol: protocol, Handle: handle, Settings: object(t, settings)}
}

func object(t testing.TB, of any) json.RawMessage {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
