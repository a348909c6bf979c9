package idptest

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/keys"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

// NewRing makes a key ring. It costs two RSA keys, so the houses of a test share one.
func NewRing(tb testing.TB) *keys.Ring {
	tb.Helper()
	return keystest.Ring(tb)
}

// Options say how a house differs from the usual one.
type Options struct {
	Case Case
	Ring *keys.Ring // required
	// Tickets wraps the store that the flow uses; nil leaves it as it is. The protocol's own is not wrapped.
	Tickets func(store.Tickets) store.Tickets
	// Words is the dictionary of engine and protocol; nil is the shipped one, which is the canary's in any case.
	Words *dictionary.Dictionary
	// See changes what the gate sees of what is registered, and the canary does not; nil changes nothing.
	See func(*registry.Contents)
	// Breaches says that the canary is to find something: without it a house in which it does fails its test.
	Breaches bool
	// Shown is the only kind of message that the canary is shown; all when empty.
	Shown string
}

// House is a gateway in memory that speaks one protocol.
type House struct {
	Tools
	Flow     *login.Flow
	Clock    *storetest.Clock
	Registry *Register
	Journal  *audittest.Store
	Receipts *Receipts
	Sources  map[string]*Source
	Protocol *Witness
	Faults   *webtest.Faults
	Handler  http.Handler
	Case     Case
	Canary   *Canary
	see      func(*registry.Contents)
}

// NewHouse opens one. Its clock stands at Begin.
func NewHouse(tb testing.TB, o Options) *House {
	tb.Helper()
	clock := storetest.NewClock(Begin())
	h := &House{Clock: clock, Journal: new(audittest.Store), Faults: new(webtest.Faults), Case: o.Case}
	pages := []web.Contribution{login.Pages()}
	if o.Case.Pages.Name != "" {
		pages = append(pages, o.Case.Pages)
	}
	kit, err := web.New(web.Config{
		Product: "Écluse", PublicURL: Origin, Now: clock.Now, Report: h.Faults.Report, Contributions: pages,
		Around: func(r *http.Request) web.Frame { return h.Flow.Around(r) },
	})
	if err != nil {
		tb.Fatal(err)
	}
	words, err := dictionary.Shipped()
	if err != nil {
		tb.Fatal(err)
	}
	h.Registry, h.see = &Register{contents: contents(tb, o.Case.Binding)}, o.See
	h.Canary = newCanary(tb, h.Registry, words, clock.Now, o)
	if o.Words != nil {
		words = o.Words
	}
	tickets := store.Tickets(newer{store.Sealed(memdb.New(clock.Now), o.Ring)})
	h.Tools = Tools{Kit: kit, Ring: o.Ring, Tickets: tickets, Words: words, Now: clock.Now, Watch: h.Canary}
	h.Protocol = &Witness{Protocol: o.Case.Protocol(tb, h.Tools)}
	if o.Tickets != nil {
		tickets = o.Tickets(tickets)
	}
	h.assemble(tb, tickets)
	return h
}

func (h *House) assemble(tb testing.TB, tickets store.Tickets) {
	tb.Helper()
	journal := audittest.Journal(tb, h.Journal, h.Ring, "test-1", h.Now)
	h.Receipts = &Receipts{journal: journal}
	h.Sources = map[string]*Source{}
	connectors, setUp := map[string]upstream.Connector{}, map[string]registry.Source{}
	for _, s := range h.Registry.contents.Sources {
		setUp[s.ID] = s
	}
	for _, id := range []string{ENT, Desk, Hidden} {
		h.Sources[id] = &Source{Kit: h.Kit, Now: h.Now, People: people()}
		connectors[id] = h.Sources[id]
	}
	h.Flow = &login.Flow{
		Live: seen{h.Registry, h.see}, Engine: &attrs.Engine{Dictionary: h.Words, Keys: h.Ring},
		Book:    &consent.Book{Store: h.Receipts, Keys: h.Ring, Now: h.Now},
		Journal: journal, Tickets: tickets, Keys: h.Ring, Kit: h.Kit,
		Protocols:  map[string]idp.Protocol{h.Protocol.Name(): h.Protocol},
		Connectors: connectors, SetUp: setUp, Meter: deaf{}, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Now: h.Now,
		Limits: login.DefaultLimits(),
	}
	mux := web.NewMux(h.Kit)
	h.Flow.Mount(mux)
	h.Handler = mux
}

// Released lists the journal's entries of one outcome for a service, in order.
func (h *House) Released(service string, outcome audit.Outcome) []audit.Entry {
	var out []audit.Entry
	for _, e := range h.Journal.Entries() {
		if e.Service == service && e.Outcome == outcome {
			out = append(out, e)
		}
	}
	return out
}

// deaf counts nothing.
type deaf struct{}

func (deaf) Decision(string, string)    {}
func (deaf) SignIn(string, string)      {}
func (deaf) Took(string, time.Duration) {}

// Register is what is registered, and can be changed between two requests.
type Register struct {
	mu       sync.Mutex
	contents registry.Contents
	stale    bool
}

// Current implements login.Registry.
func (r *Register) Current() (*registry.Snapshot, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stale {
		return nil, registry.ErrStale
	}
	return registry.NewSnapshot(r.contents, time.UTC), nil
}

// Stale makes every later look fail, or work again.
func (r *Register) Stale(stale bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stale = stale
}

// Change alters what is registered.
func (r *Register) Change(how func(*registry.Contents)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	how(&r.contents)
}

// Suspend stops the declaration of a service.
func (r *Register) Suspend(service string) {
	r.Change(func(c *registry.Contents) {
		for i, d := range c.Declarations {
			if d.ServiceID == service {
				d.Decisions = append(d.Decisions, registry.Decision{State: registry.Approved}, registry.Decision{State: registry.Suspended})
				d.State = registry.Suspended
				c.Declarations[i] = d
			}
		}
	})
}

// Receipts is a consent.Store in memory that journals first, as the one in SQL does.
type Receipts struct {
	journal *audit.Journal
	mu      sync.Mutex
	kept    []consent.Receipt
}

// Receipts implements consent.Store.
func (s *Receipts) Receipts(_ context.Context, handles []string) ([]consent.Receipt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.kept), func(r consent.Receipt) bool { return !slices.Contains(handles, r.Handle) }), nil
}

// Record implements consent.Store.
func (s *Receipts) Record(ctx context.Context, entry audit.Entry, r []consent.Receipt, _ consent.Left) error {
	if _, err := s.journal.Append(ctx, entry); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = append(s.kept, r...)
	return nil
}

// RecordAll implements consent.Store.
func (s *Receipts) RecordAll(ctx context.Context, entries []audit.Entry, r []consent.Receipt) error {
	for i, entry := range entries {
		kept := r
		if i > 0 {
			kept = nil
		}
		if err := s.Record(ctx, entry, kept, consent.Left{}); err != nil {
			return err
		}
	}
	return nil
}

// Clear forgets all receipts: everybody is to be told again.
func (s *Receipts) Clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.kept = nil
}

// Count tells how many receipts are kept.
func (s *Receipts) Count() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.kept)
}

// Witness is a protocol that remembers what it was asked, and may be made to see other things.
type Witness struct {
	idp.Protocol

	mu       sync.Mutex
	requests []idp.Request
	answered int
	before   func()                                                                       // called when Answer begins
	resume   func(func() (consent.Cleared, error)) (consent.Cleared, error)               // stands between the protocol and Resume
	swap     func(context.Context, idp.Request, idp.Answered) (idp.Request, idp.Answered) // changes what Answer is given
}

// Mount hands the protocol a gateway that the witness can bend.
func (p *Witness) Mount(mux *web.Mux, gateway idp.Gateway) {
	p.Protocol.Mount(mux, bent{Gateway: gateway, witness: p})
}

// Answer implements idp.Protocol.
func (p *Witness) Answer(ctx context.Context, request idp.Request, answered idp.Answered) (idp.Handoff, idp.Participant, error) {
	p.mu.Lock()
	p.answered++
	before, swap := p.before, p.swap
	p.mu.Unlock()
	if before != nil {
		before()
	}
	if swap != nil {
		request, answered = swap(ctx, request, answered)
	}
	return p.Protocol.Answer(ctx, request, answered)
}

// Answers counts how often the flow asked for an answer.
func (p *Witness) Answers() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.answered
}

// Last is the newest request that the protocol handed over.
func (p *Witness) Last() (idp.Request, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.requests) == 0 {
		return idp.Request{}, errors.New("no request was handed over")
	}
	return p.requests[len(p.requests)-1], nil
}

func (p *Witness) set(how func(*Witness)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	how(p)
}

type bent struct {
	idp.Gateway
	witness *Witness
}

func (b bent) Start(w http.ResponseWriter, r *http.Request, request idp.Request) error {
	b.witness.set(func(p *Witness) { p.requests = append(p.requests, request) })
	return b.Gateway.Start(w, r, request)
}

func (b bent) Resume(ctx context.Context, id string) (consent.Cleared, error) {
	b.witness.mu.Lock()
	resume := b.witness.resume
	b.witness.mu.Unlock()
	real := func() (consent.Cleared, error) { return b.Gateway.Resume(ctx, id) }
	if resume != nil {
		return resume(real)
	}
	return real()
}

// errBroken is what a journal says that was made to fail.
var errBroken = errors.New("broken for the test")
