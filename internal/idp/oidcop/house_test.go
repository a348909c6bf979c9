package oidcop_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
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
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/keys"
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
	callback = "https://rp.example/cb"
	secret   = "s3cret: with spaces, % and + in it"
	school   = person.UAI("0010001W")
)

// sharedRing costs two RSA keys, so that all tests share one; it does not change.
var sharedRing struct {
	once sync.Once
	ring *keys.Ring
}

func ring(tb testing.TB) *keys.Ring {
	tb.Helper()
	sharedRing.once.Do(func() { sharedRing.ring = keystest.Ring(tb) })
	return sharedRing.ring
}

// house is a provider behind a server, with a gateway in it that signs one person in at once.
type house struct {
	*gateway
	clock    *storetest.Clock
	provider *oidcop.Provider
	issuer   string
	failed   []string
}

// gateway stands for login: it makes releases through the real chain, and answers at once.
type gateway struct {
	idp.Gateway // what no test here asks

	kit      *web.Kit
	clock    *storetest.Clock
	tickets  store.Tickets
	protocol idp.Protocol
	engine   *attrs.Engine
	book     *consent.Book

	mu       sync.Mutex
	person   person.Person
	contents registry.Contents
	seen     *registry.Snapshot // of the contents, until they change
	stale    bool
	says     *idp.Failure // what Start answers instead of a yes
	later    error        // what Resume answers instead of a yes
	rights   map[string]right
	last     idp.Request
	resumed  int

	participants []idp.Participant
	leaves       []idp.Leaving
	became       idp.Outcome // of whoever leaves
}

type right struct {
	service string
	asked   []attrs.Name
	binding registry.Binding
}

func (g *gateway) snapshot() *registry.Snapshot {
	if g.seen == nil {
		g.seen = registry.NewSnapshot(g.contents, time.UTC)
	}
	return g.seen
}

func (g *gateway) Registry() (*registry.Snapshot, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.stale {
		return nil, registry.ErrStale
	}
	return g.snapshot(), nil
}

// clear is gate, release and information, as the flow runs them.
func (g *gateway) clear(ctx context.Context, of right, later bool) (consent.Cleared, error) {
	grant, err := policy.Gate(g.snapshot(), g.clock.Now(), policy.Ask{
		Person: g.person, Place: policy.Place{UAI: school, Profile: person.Pupil}, Service: of.service,
	})
	if err != nil {
		return consent.Cleared{}, &idp.Failure{Kind: idp.Denied, Ref: "K7Q2-9FM7"}
	}
	release, err := g.engine.Release(g.person, grant, attrs.Request{Asked: of.asked, Subject: of.binding.Subject, Session: "session"})
	if err != nil {
		return consent.Cleared{}, &idp.Failure{Kind: idp.Denied, Ref: "K7Q2-9FM7"}
	}
	around := consent.Around{Ref: "K7Q2-9FM7", Protocol: "oidc", Later: later}
	cleared, err := g.book.Clear(ctx, g.person, release, consent.Said{}, around) // who was told already is shown no page
	if err == nil {
		return cleared, nil
	}
	return g.book.Clear(ctx, g.person, release, consent.Said{Act: consent.Informed, Digest: release.Digest()}, around)
}

func (g *gateway) Start(w http.ResponseWriter, r *http.Request, request idp.Request) error {
	return g.startIn(w, r, request, g.tickets)
}

// replica is the same gateway with a way of its own to the store.
type replica struct {
	*gateway
	tickets store.Tickets
}

func (r replica) Start(w http.ResponseWriter, req *http.Request, request idp.Request) error {
	return r.startIn(w, req, request, r.tickets)
}

func (g *gateway) startIn(w http.ResponseWriter, r *http.Request, request idp.Request, tickets store.Tickets) error {
	handoff, err := g.start(r.Context(), request, tickets)
	if err != nil {
		return err
	}
	if handoff.Action == "" {
		return g.kit.Redirect(w, r, handoff.Location, http.StatusSeeOther)
	}
	var params []web.Param
	for _, f := range handoff.Fields {
		params = append(params, web.Param(f))
	}
	return g.kit.PostForm(w, r, handoff.Action, params, web.Frame{})
}

// start answers, and writes what the answer stands on, as the flow does.
func (g *gateway) start(ctx context.Context, request idp.Request, tickets store.Tickets) (idp.Handoff, error) {
	handoff, err := g.answer(ctx, request)
	if err == nil && len(handoff.Before) > 0 {
		err = tickets.Write(ctx, handoff.Before...)
	}
	if errors.Is(err, store.ErrExists) {
		return idp.Handoff{}, &web.Fault{Status: http.StatusGone, Code: "SES-410", Kind: "bad-request", Cause: err}
	}
	var failure *idp.Failure
	if errors.As(err, &failure) {
		return g.protocol.Refuse(ctx, request, *failure)
	}
	return handoff, err
}

func (g *gateway) answer(ctx context.Context, request idp.Request) (idp.Handoff, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.last = request
	if g.says != nil {
		return idp.Handoff{}, g.says
	}
	_, binding, _ := g.snapshot().Binding(request.Protocol, request.Handle)
	of := right{request.ServiceID, request.Asked, binding}
	cleared, err := g.clear(ctx, of, false)
	id := rand.Text()
	var handoff idp.Handoff
	if err == nil {
		g.rights[id] = of
		var who idp.Participant
		handoff, who, err = g.protocol.Answer(ctx, request, idp.Answered{Cleared: cleared, Resume: id, At: g.clock.Now()})
		g.participants = append(g.participants, who)
	}
	return handoff, err
}

func (g *gateway) Resume(ctx context.Context, id string) (consent.Cleared, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resumed++
	of, ok := g.rights[id]
	if !ok {
		return consent.Cleared{}, &idp.Failure{Kind: idp.Denied, Ref: "K7Q2-9FM7"}
	}
	if g.later != nil {
		return consent.Cleared{}, g.later
	}
	return g.clear(ctx, of, true)
}

func (g *gateway) Forget(_ context.Context, id string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.rights, id)
	return nil
}

// change alters what is registered, or who signs in, between two requests.
func (g *gateway) change(how func(*gateway)) {
	g.mu.Lock()
	defer g.mu.Unlock()
	how(g)
	g.seen = nil
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
	for _, next := range r { // the newest alone of what one person was told of one service: a list that grows would be measured
		s.kept = append(slices.DeleteFunc(s.kept, func(old consent.Receipt) bool {
			return old.Handle == next.Handle && old.Service == next.Service && old.Voice == next.Voice && old.Act == next.Act
		}), next)
	}
	return nil
}

func (s *receipts) RecordAll(_ context.Context, _ []audit.Entry, r []consent.Receipt) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, r...)
	return nil
}

// newHouse opens a house on a free port; tickets may be nil for a store in memory.
func newHouse(tb testing.TB, tickets func(now func() time.Time) store.Tickets) *house {
	tb.Helper()
	return newHouseWith(tb, tickets, func(*oidcop.Config) {})
}

// newHouseWith opens a house whose provider is set up otherwise.
func newHouseWith(tb testing.TB, tickets func(now func() time.Time) store.Tickets, set func(*oidcop.Config)) *house {
	tb.Helper()
	server := httptest.NewUnstartedServer(nil)
	clock := storetest.NewClock(time.Date(2026, 10, 5, 9, 0, 0, 0, time.UTC))
	h := &house{clock: clock, issuer: "http://" + server.Listener.Addr().String()}
	kit, err := web.New(web.Config{Product: "Écluse", PublicURL: h.issuer, Now: clock.Now, Contributions: []web.Contribution{oidcop.Pages()}})
	if err != nil {
		tb.Fatal(err)
	}
	dictionary, err := dictionary.Shipped()
	if err != nil {
		tb.Fatal(err)
	}
	if tickets == nil {
		tickets = func(now func() time.Time) store.Tickets { return memdb.New(now) }
	}
	var mu sync.Mutex
	cfg := oidcop.Config{
		Issuer: h.issuer, Keys: ring(tb), Tickets: store.Sealed(tickets(clock.Now), ring(tb)), Dictionary: dictionary, Kit: kit,
		Now: clock.Now, Development: true, Failed: func(_ context.Context, err error) {
			mu.Lock()
			defer mu.Unlock()
			h.failed = append(h.failed, err.Error())
		},
	}
	set(&cfg)
	h.provider, err = oidcop.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	h.gateway = &gateway{
		kit: kit, clock: clock, tickets: cfg.Tickets, protocol: h.provider, rights: map[string]right{}, contents: contents(), person: pupil(clock.Now()),
		engine: &attrs.Engine{Dictionary: dictionary, Keys: ring(tb)},
		book:   &consent.Book{Store: &receipts{}, Keys: ring(tb), Now: clock.Now},
	}
	mux := web.NewMux(kit)
	h.provider.Mount(mux, h.gateway)
	server.Config.Handler = mux
	server.Start()
	tb.Cleanup(server.Close)
	return h
}

func pupil(now time.Time) person.Person {
	return person.Person{
		Key: person.Key{Authority: "school", ID: "lea"},
		Affiliations: []person.Affiliation{{
			UAI: school, Profile: person.Pupil, Classes: []string{"CE2 B"},
			Groups: []string{"chorale", "échecs"}, Values: map[person.Attr][]string{person.Level: {"CE2"}},
		}},
		Values: map[person.Attr][]string{
			person.GivenName: {"Léa"}, person.FamilyName: {"Martin"}, "mail": {"lea@ecole.example"},
		},
		Authn: person.Authn{Source: "ent", At: now.Add(-3 * time.Minute), Assurance: "substantial"},
	}
}

func contents() registry.Contents {
	day := func(s string) registry.Date {
		d, err := registry.ParseDate(s)
		if err != nil {
			panic(err)
		}
		return d
	}
	declare := func(service string, mode registry.Mode, words ...person.Attr) registry.Declaration {
		d := registry.Declaration{
			ID: "d-" + service, ServiceID: service, Version: 1, Mode: mode, State: registry.Approved,
			Scope:    registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{school}},
			Basis:    registry.Basis{Kind: registry.PublicInterest},
			Audience: registry.Audience{Profiles: []person.Profile{person.Pupil}},
			From:     day("2026-09-01"), Until: day("2027-07-10"),
		}
		for _, w := range words {
			d.Items = append(d.Items, registry.Item{Attr: w, Justification: registry.Text{FR: "pour travailler"}})
		}
		return d
	}
	hashes := fmt.Sprintf("[%q, %q]", oidcop.HashSecret("the one before"), oidcop.HashSecret(secret))
	bind := func(id, settings string) registry.Binding {
		return registry.Binding{Protocol: "oidc", Handle: id, Settings: json.RawMessage(fmt.Sprintf(settings, callback))}
	}
	confidential := `{"redirect_uris":[%q],"type":"confidential","secret_hashes":` + hashes
	c := registry.Contents{
		Services: []registry.Service{
			{ID: "calcul", Name: registry.Text{FR: "Calcul"}, Bindings: []registry.Binding{
				bind("calcul", `{"redirect_uris":[%q,"https://rp.example/app?x=1"],"type":"public"}`),
			}},
			{ID: "classe", Name: registry.Text{FR: "Classe"}, Bindings: []registry.Binding{
				bind("classe", confidential+`,"id_token_alg":"RS256"}`),
				bind("poste", confidential+`,"auth_method":"client_secret_post"}`),
				bind("ancien", confidential+`,"pkce":"optional"}`),
				bind("lecteur", confidential+`,"claims_in_id_token":true}`),
			}},
		},
		Declarations: []registry.Declaration{
			declare("calcul", registry.Pseudonymous, "level", "classes", "groups"),
			declare("classe", registry.Nominative, person.GivenName, person.FamilyName, "mail", "level", "classes"),
		},
		Establishments: []registry.Establishment{{UAI: school, Name: "École des Tilleuls", Kind: registry.Ecole}},
		Sources: []registry.Source{{ID: "ent", Declaration: &registry.SourceDeclaration{
			From: day("2026-09-01"), Until: day("2027-08-31"), State: registry.Approved,
		}}},
	}
	for _, d := range c.Declarations {
		registrytest.Enable(&c, d, school)
	}
	registrytest.Cover(&c)
	return c
}

// suspend stops the declaration of a service.
func suspend(service string) func(*gateway) {
	return func(g *gateway) {
		for i, d := range g.contents.Declarations {
			if d.ServiceID == service {
				g.contents.Declarations[i].State = registry.Suspended
			}
		}
	}
}
