package samlidp_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/web"
)

const (
	school = person.UAI("0010001W")
	ref    = "K7Q2-9FM7"
	ppt    = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
)

// house is a provider behind a server, with a gateway in it that signs one person in at once.
type house struct {
	*gateway
	clock    *storetest.Clock
	provider *samlidp.Provider
	kit      *web.Kit
	base     string
	mu       sync.Mutex
	codes    []string // of the faults that were written
}

// gateway stands for login: it makes releases through the real chain, and answers at once.
type gateway struct {
	idp.Gateway // what no test here asks

	kit      *web.Kit
	clock    *storetest.Clock
	protocol idp.Protocol
	tickets  store.Tickets
	engine   *attrs.Engine
	book     *consent.Book

	mu       sync.Mutex
	person   person.Person
	contents registry.Contents
	stale    bool
	says     *idp.Failure // what Start answers instead of a yes
	before   func(*gateway, *idp.Request)
	started  int
	last     idp.Request
	joined   idp.Participant
	goodbye  goodbye
	waits    time.Duration // for how long ByPassword looks at nothing
}

func (g *gateway) snapshot() *registry.Snapshot { return registry.NewSnapshot(g.contents, time.UTC) }

func (g *gateway) Registry() (*registry.Snapshot, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stale {
		return nil, registry.ErrStale
	}
	return g.snapshot(), nil
}

// release is gate and engine, as the flow runs them.
func (g *gateway) release(service string, b registry.Binding) (attrs.Release, error) {
	grant, err := policy.Gate(g.snapshot(), g.clock.Now(), policy.Ask{
		Person: g.person, Place: policy.Place{UAI: school, Profile: person.Pupil}, Service: service,
	})
	if err != nil {
		return attrs.Release{}, &idp.Failure{Kind: idp.Denied, Ref: ref}
	}
	r, err := g.engine.Release(g.person, grant, attrs.Request{Asked: g.last.Asked, Subject: b.Subject, Session: "session"})
	if err != nil {
		return attrs.Release{}, &idp.Failure{Kind: idp.Denied, Ref: ref}
	}
	return r, nil
}

func (g *gateway) clear(ctx context.Context, service string, b registry.Binding) (consent.Cleared, error) {
	r, err := g.release(service, b)
	if err != nil {
		return consent.Cleared{}, err
	}
	said := consent.Said{Act: consent.Informed, Digest: r.Digest()}
	return g.book.Clear(ctx, g.person, r, said, consent.Around{Ref: ref, Protocol: "saml"})
}

func (g *gateway) Start(w http.ResponseWriter, r *http.Request, request idp.Request) error {
	if err := request.Once.Alone(r.Context(), g.tickets); err != nil {
		return err
	}
	handoff, err := g.start(r.Context(), request)
	if err != nil {
		return err
	}
	return g.send(w, r, handoff)
}

// send has the browser carry a message.
func (g *gateway) send(w http.ResponseWriter, r *http.Request, handoff idp.Handoff) error {
	if handoff.Action == "" {
		return g.kit.Redirect(w, r, handoff.Location, http.StatusSeeOther)
	}
	params := make([]web.Param, len(handoff.Fields))
	for i, f := range handoff.Fields {
		params[i] = web.Param(f)
	}
	return g.kit.PostForm(w, r, handoff.Action, params, web.Frame{})
}

func (g *gateway) start(ctx context.Context, request idp.Request) (idp.Handoff, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.started++
	g.last = request
	if g.says != nil {
		return g.protocol.Refuse(ctx, request, *g.says)
	}
	if g.before != nil {
		g.before(g, &request)
	}
	_, binding, _ := g.snapshot().Binding(request.Protocol, request.Handle)
	cleared, err := g.clear(ctx, request.ServiceID, binding)
	var handoff idp.Handoff
	if err == nil {
		handoff, g.joined, err = g.protocol.Answer(ctx, request, idp.Answered{Cleared: cleared, At: g.clock.Now()})
	}
	if err == nil && len(handoff.Before) > 0 {
		err = g.tickets.Write(ctx, handoff.Before...)
	}
	var failure *idp.Failure
	if errors.As(err, &failure) {
		return g.protocol.Refuse(ctx, request, idp.Failure{Kind: failure.Kind, Ref: ref})
	}
	return handoff, err
}

func (g *gateway) Resume(context.Context, string) (consent.Cleared, error) {
	return consent.Cleared{}, &idp.Failure{Kind: idp.Denied, Ref: ref}
}

func (g *gateway) Forget(context.Context, string) error { return nil }

// change alters what is registered, or who signs in, between two requests.
func (g *gateway) change(how func(*gateway)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	how(g)
}

// starts counts the sign-ins that were begun.
func (g *gateway) starts() int {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.started
}

// receipts keeps receipts in memory.
type receipts struct {
	mu   sync.Mutex
	kept []consent.Receipt
}

func (s *receipts) Receipts(_ context.Context, handles []string) ([]consent.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.kept), func(r consent.Receipt) bool { return !slices.Contains(handles, r.Handle) }), nil
}

func (s *receipts) Record(_ context.Context, _ audit.Entry, r []consent.Receipt, _ consent.Left) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, r...)
	return nil
}

func (s *receipts) RecordAll(_ context.Context, _ []audit.Entry, r []consent.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, r...)
	return nil
}

// changes alter the configuration of a house before it opens.
type changes func(*samlidp.Config)

// newHouse opens a house on a free port. Its clock stands at the present, because the other parties' libraries read the
// machine's.
func newHouse(tb testing.TB, how ...changes) *house {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	clock := storetest.NewClock(time.Now().UTC().Truncate(time.Millisecond))
	h := &house{clock: clock, base: "http://" + server.Listener.Addr().String()}
	var err error
	h.kit, err = web.New(web.Config{
		Product: "Écluse", PublicURL: h.base, Now: clock.Now, Contributions: []web.Contribution{samlidp.Pages()},
		Report: func(_ context.Context, _ web.Ref, fault *web.Fault) {
			h.mu.Lock()
			defer h.mu.Unlock()
			h.codes = append(h.codes, fault.Code)
		},
	})
	if err != nil {
		tb.Fatal(err)
	}
	dictionary, err := dictionary.Shipped()
	if err != nil {
		tb.Fatal(err)
	}
	cfg := samlidp.Config{
		Kit: h.kit, Keys: keystest.Ring(tb), Tickets: store.Sealed(memdb.New(clock.Now), keystest.Ring(tb)), Now: clock.Now, Dictionary: dictionary,
	}
	for _, change := range how {
		change(&cfg)
	}
	if h.provider, err = samlidp.New(cfg); err != nil {
		tb.Fatal(err)
	}
	h.gateway = &gateway{
		kit: h.kit, clock: clock, protocol: h.provider, tickets: cfg.Tickets, contents: contents(tb, clock.Now()), person: pupil(clock.Now()),
		engine: &attrs.Engine{Dictionary: dictionary, Keys: keystest.Ring(tb)},
		book:   &consent.Book{Store: &receipts{}, Keys: keystest.Ring(tb), Now: clock.Now},
	}
	mux := web.NewMux(h.kit)
	h.provider.Mount(mux, h.gateway)
	server.Config.Handler = mux
	server.Start()
	tb.Cleanup(server.Close)
	return h
}

// fault gives the code of the newest fault.
func (h *house) fault() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.codes) == 0 {
		return ""
	}
	return h.codes[len(h.codes)-1]
}

func pupil(now time.Time) person.Person {
	return person.Person{
		Key: person.Key{Authority: "school", ID: "lea"},
		Affiliations: []person.Affiliation{{
			UAI: school, Profile: person.Pupil, Classes: []string{"CE2 B"}, Groups: []string{"chorale", "échecs & <jeux>"},
			Values: map[person.Attr][]string{person.Level: {"CE2"}},
		}},
		Values: map[person.Attr][]string{
			person.GivenName: {"Léa"}, person.FamilyName: {"Martin"}, "mail": {"lea@ecole.example"},
		},
		Authn: person.Authn{Source: "ent", At: now.Add(-3 * time.Minute), Method: ppt, Authorities: []string{"https://ent.example/idp"}},
	}
}

func date(tb testing.TB, t time.Time) registry.Date {
	tb.Helper()
	d, err := registry.ParseDate(t.Format(time.DateOnly))
	if err != nil {
		tb.Fatal(err)
	}
	return d
}

func contents(tb testing.TB, now time.Time) registry.Contents {
	tb.Helper()
	from, until := date(tb, now.AddDate(0, 0, -30)), date(tb, now.AddDate(0, 0, 200))
	c := registry.Contents{
		Establishments: []registry.Establishment{{UAI: school, Name: "École des Tilleuls", Kind: registry.Ecole}},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{
			From: from, Until: until, State: registry.Approved,
		}}},
	}
	for _, s := range services(tb) {
		c.Services = append(c.Services, registry.Service{
			ID: s.id, Name: registry.Text{FR: "Service " + s.id}, Bindings: []registry.Binding{s.binding},
		})
		d := registry.Declaration{
			ID: "d-" + s.id, ServiceID: s.id, Version: 1, Mode: s.mode, State: registry.Approved,
			Scope:    registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{school}},
			Basis:    registry.Basis{Kind: registry.PublicInterest},
			Audience: registry.Audience{Profiles: []person.Profile{person.Pupil}},
			From:     from, Until: until,
		}
		for _, w := range s.words {
			d.Items = append(d.Items, registry.Item{Attr: w, Justification: registry.Text{FR: "pour travailler"}})
		}
		c.Declarations = append(c.Declarations, d)
		registrytest.Enable(&c, d, school)
	}
	registrytest.Cover(&c)
	return c
}

// service is one registered service with its binding.
type service struct {
	id      string
	mode    registry.Mode
	words   []person.Attr
	binding registry.Binding
}

func bind(tb testing.TB, handle string, s samlidp.Settings) registry.Binding {
	tb.Helper()
	raw, err := json.Marshal(s)
	if err != nil {
		tb.Fatal(err)
	}
	return registry.Binding{Protocol: "saml", Handle: handle, Settings: raw}
}

// services: lire is anonymous and signs nothing; cle has a key and need not use it; signe says in its metadata that it
// signs; exige is held to it by its operator; suite is told the mail address as subject; muet may not know it.
func services(tb testing.TB) []service {
	tb.Helper()
	suite := bind(tb, entity("suite"), samlidp.Settings{Metadata: metadata("suite", plainMD), NameID: "emailAddress"})
	suite.Subject = "mail"
	muet := bind(tb, entity("muet"), samlidp.Settings{Metadata: metadata("muet", plainMD)})
	muet.Subject = "mail"
	plain := []person.Attr{"level", "classes", "groups"}
	return []service{
		{"lire", registry.Pseudonymous, plain, bind(tb, entity("lire"), samlidp.Settings{Metadata: metadata("lire", plainMD)})},
		{"cle", registry.Pseudonymous, plain, bind(tb, entity("cle"), samlidp.Settings{Metadata: metadata("cle", keyMD(tb)), Sign: "both"})},
		{"signe", registry.Pseudonymous, plain, bind(tb, entity("signe"), samlidp.Settings{Metadata: metadata("signe", signedMD(tb)), Sign: "response"})},
		{"exige", registry.Pseudonymous, plain, bind(tb, entity("exige"), samlidp.Settings{Metadata: metadata("exige", keyMD(tb)), RequireSigned: true})},
		{"suite", registry.Nominative, append([]person.Attr{person.GivenName, "mail"}, plain...), suite},
		{"muet", registry.Nominative, append([]person.Attr{person.GivenName}, plain...), muet},
	}
}
