package canary

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/saml"
)

const (
	school = "0010001W"
	other  = "0010002X"
)

var (
	number = strings.Repeat("0123456789abcdef", 8)
	words  = sync.OnceValues(dictionary.Shipped)
)

func now() time.Time { return time.Date(2026, time.October, 5, 9, 0, 0, 0, time.UTC) }

// academy is two services, each with a binding of every protocol: lire is pseudonymous, carnet names people.
func academy() registry.Contents {
	from, until := registry.Date{Year: 2026, Month: 9, Day: 1}, registry.Date{Year: 2028, Month: 7, Day: 10}
	c := registry.Contents{
		Revision: 1,
		Establishments: []registry.Establishment{
			{UAI: school, Kind: registry.Ecole, Academy: "demo"},
			{UAI: other, Kind: registry.College, Academy: "demo"},
			{UAI: "0010003Y", Kind: registry.College, Academy: "elsewhere"},
		},
	}
	for id, items := range map[string][]person.Attr{
		"lire":   {"level", "classes", "groups", "uai", "profile", "pseudonym"},
		"carnet": {person.GivenName, person.FamilyName, person.Mail, "classes", person.Login},
	} {
		s := registry.Service{ID: id, Name: registry.Text{FR: id}}
		for _, protocol := range []string{"saml", "oidc", "cas"} {
			s.Bindings = append(s.Bindings, registry.Binding{Protocol: protocol, Handle: "https://" + id + ".example/"})
		}
		d := registry.Declaration{
			ID: "d-" + id, ServiceID: id, Version: 1, State: registry.Approved, From: from, Until: until, Mode: registry.Pseudonymous,
			Scope:    registry.Scope{Level: registry.ByAcademy, Academies: []string{"demo"}, All: true},
			Audience: registry.Audience{Profiles: []person.Profile{person.Pupil, person.Teacher}}, Since: now().Add(-time.Hour),
			Decisions: []registry.Decision{{State: registry.Approved, At: now().Add(-time.Hour)}},
		}
		if id == "carnet" {
			d.Mode = registry.Nominative
		}
		for _, item := range items {
			d.Items = append(d.Items, registry.Item{Attr: item})
		}
		c.Services, c.Declarations = append(c.Services, s), append(c.Declarations, d)
	}
	return c
}

// world is a canary over a registry in memory.
type world struct {
	*Canary
	t     testing.TB
	store *store
	meter *meter
}

func newWorld(t testing.TB, c registry.Contents) *world {
	t.Helper()
	w := &world{t: t, store: newStore(c), meter: &meter{breaches: map[Kind]int{}}}
	w.Canary = w.store.canary(t, w.meter)
	return w
}

func (s *store) canary(t testing.TB, m *meter) *Canary {
	t.Helper()
	d, err := words()
	if err != nil {
		t.Fatal(err)
	}
	c, err := New(Config{
		Registry: s, Store: s, Words: d, Now: now, Meter: m, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Share: 1, First: 1,
	})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// see judges one message and gives what is wrong.
func (w *world) see(m Message) []finding {
	w.t.Helper()
	w.look()
	return w.examine(&m)
}

// stopped starts the canary, hands it a message, and waits until it has acted.
func (w *world) stopped(messages ...Message) {
	w.t.Helper()
	w.Start()
	for _, m := range messages {
		w.Watch(m)
	}
	if err := w.Stop(); err != nil {
		w.t.Fatal(err)
	}
}

func message(service, protocol, kind string, body []byte) Message {
	return Message{
		Protocol: protocol, Kind: kind, Service: service, Handle: "https://" + service + ".example/", Declaration: "d-" + service, Version: 1,
		UAI: school, Profile: string(person.Pupil), At: now(), Body: body,
	}
}

// store is a registry in memory with revisions and a journal, as storage keeps it. Several canaries may share one.
type store struct {
	mu      sync.Mutex
	view    *registry.Snapshot
	journal []audit.Entry
	applied int
	refuse  func() error // stands before each Apply
	broken  bool         // looks fail
	changed chan struct{}
}

func newStore(c registry.Contents) *store {
	return &store{view: registry.NewSnapshot(c, time.UTC), changed: make(chan struct{})}
}

func (s *store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// tell is called with the lock held.
func (s *store) tell() {
	close(s.changed)
	s.changed = make(chan struct{})
}

func (s *store) Current() (*registry.Snapshot, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken {
		return nil, registry.ErrStale
	}
	return s.view, nil
}

func (s *store) Refresh(context.Context) error {
	_, err := s.Current()
	return err
}

func (s *store) Apply(_ context.Context, c registry.Change, e audit.Entry) (int64, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.refuse != nil {
		if err := s.refuse(); err != nil {
			return 0, err
		}
	}
	if c.Base != 0 && c.Base != s.view.Revision() {
		return 0, registry.ErrConflict
	}
	s.view = s.view.With(registry.Contents{Revision: s.view.Revision() + 1, Services: c.Services, Declarations: c.Declarations})
	s.journal = append(s.journal, e)
	s.applied++
	s.tell()
	return s.view.Revision(), nil
}

// change puts objects into the registry as a desk would.
func (s *store) change(c registry.Contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Revision = s.view.Revision() + 1
	s.view = s.view.With(c)
	s.tell()
}

func (s *store) service(id string) registry.Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	v, _ := s.view.Service(id)
	return v
}

type meter struct {
	mu       sync.Mutex
	outcomes [3]int
	breaches map[Kind]int
	stops    int
}

func (m *meter) Watched(o Outcome) { m.mu.Lock(); m.outcomes[o]++; m.mu.Unlock() }

func (m *meter) Breached(_ string, k Kind) { m.mu.Lock(); m.breaches[k]++; m.mu.Unlock() }

func (m *meter) Unwritten(n int) { m.mu.Lock(); m.stops = n; m.mu.Unlock() }

// attributes of a response, a token or an answer.
type attributes map[string][]string

// response is a signed SAML response as the gateway sends it.
func response(t testing.TB, id saml.NameID, of attributes) []byte {
	t.Helper()
	key := keystest.Ring(t).Signer(keys.UseSAML)
	signer, err := saml.NewSigner(key, key.Certificate())
	if err != nil {
		t.Fatal(err)
	}
	r := &saml.Response{
		ID: saml.NewID(), InResponseTo: "_request1", Issuer: "https://connexion.example/saml/metadata",
		Destination: "https://lire.example/acs", IssueInstant: now(),
		Assertion: saml.Assertion{
			ID: saml.NewID(), NameID: id, Audience: "https://lire.example/", NotBefore: now(), NotAfter: now().Add(time.Minute),
			Authn: saml.AuthnStatement{At: now(), SessionIndex: strings.Repeat("ab", 16), Class: saml.ClassPassword, Authorities: []string{"https://ent.example"}},
		},
	}
	for name, values := range of {
		r.Assertion.Attributes = append(r.Assertion.Attributes, saml.Attribute{Name: name, NameFormat: saml.AttrNameBasic, Values: values})
	}
	out, err := signer.AppendResponse(nil, r, saml.SignBoth)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func persistent() saml.NameID {
	return saml.NameID{Value: number, Format: saml.NameIDPersistent, NameQualifier: "https://connexion.example/saml/metadata", SPNameQualifier: "https://lire.example/"}
}

func samlOf(t testing.TB, service string, of attributes) Message {
	return message(service, "saml", "saml-response", response(t, persistent(), of))
}

// token is a JWT around claims, which are JSON as it stands.
func token(claims string) []byte {
	e := base64.RawURLEncoding.EncodeToString
	return []byte(e([]byte(`{"alg":"ES256","kid":"k1","typ":"JWT"}`)) + "." + e([]byte(claims)) + "." + e([]byte("signature")))
}

func claimsOf(t testing.TB, of map[string]any) string {
	t.Helper()
	text, err := json.Marshal(of)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func base(more map[string]any) map[string]any {
	out := map[string]any{
		"iss": "https://connexion.example", "sub": number, "aud": "https://lire.example/", "iat": 1, "exp": 2, "auth_time": 1,
		"nonce": "n", "sid": strings.Repeat("ab", 16), "at_hash": "x",
	}
	for k, v := range more {
		out[k] = v
	}
	return out
}

func kinds(found []finding) map[Kind]bool {
	out := map[Kind]bool{}
	for _, f := range found {
		out[f.kind] = true
	}
	return out
}
