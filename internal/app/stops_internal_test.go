package app

import (
	"context"
	"errors"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// stopService suspends a service through one replica, or lifts that, decided at an instant, and has both look.
func (p *pair) stopService(id string, suspended bool, at time.Time) {
	p.t.Helper()
	g := p.gateways[0]
	s, known := p.current(g).Service(id)
	if !known {
		p.t.Fatalf("no service %s", id)
	}
	state := registry.Approved
	if s.Suspended = suspended; suspended {
		state = registry.Suspended
	}
	s.Decisions = append(s.Decisions[:len(s.Decisions):len(s.Decisions)], registry.Decision{At: at, State: state, Office: "DPD", Reason: "fuite"})
	if _, err := g.applied(p.t.Context(), registry.Change{Services: []registry.Service{s}}, "command:test"); err != nil {
		p.t.Fatal(err)
	}
	for _, g := range p.gateways {
		if err := g.live.Refresh(p.t.Context()); err != nil {
			p.t.Fatal(err)
		}
	}
}

func (p *pair) current(g *gateway) *registry.Snapshot {
	p.t.Helper()
	s, err := g.live.Current()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// sweptEntries are the journal's words on sweeps of a service.
func (p *pair) sweptEntries(service string) []audit.Entry {
	p.t.Helper()
	page, err := p.gateways[0].db.Audit().List(p.t.Context(), audit.Query{Service: service, Limit: 100})
	if err != nil {
		p.t.Fatal(err)
	}
	var out []audit.Entry
	for _, e := range page.Entries {
		if e.Action == "suspension_swept" {
			out = append(out, e)
		}
	}
	return out
}

func TestOfAllReplicasOneSignsPeopleOutOfWhatWasStopped(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	if w := p.token(p.code()); w.Code != http.StatusOK {
		t.Fatalf("before: status %d", w.Code)
	}
	p.stopService("calcul", true, time.Now())
	seen := []map[string]bool{{}, {}}
	sweep := func() error {
		errs := make([]error, len(p.gateways))
		var wg sync.WaitGroup
		for i, g := range p.gateways {
			wg.Go(func() { _, errs[i] = g.sweepNew(t.Context(), seen[i]) })
		}
		wg.Wait()
		return errors.Join(errs...)
	}
	for range 3 {
		if err := sweep(); err != nil {
			t.Fatal(err)
		}
	}
	found := p.sweptEntries("calcul")
	want := map[string]string{"told": "0", "queued": "0", "open": "1"} // it has no way to be told
	if len(found) != 1 || found[0].Reason != string(registry.StopService) || !maps.Equal(found[0].Detail, want) {
		t.Fatalf("the journal says %+v", found)
	}
	if len(seen[0]) != 1 || len(seen[1]) != 1 {
		t.Errorf("they go on looking: %v", seen)
	}
	p.stopService("calcul", false, time.Now().Add(time.Millisecond))
	p.stopService("calcul", true, time.Now().Add(2*time.Millisecond))
	if err := sweep(); err != nil || len(p.sweptEntries("calcul")) != 2 {
		t.Errorf("stopped a second time: %v, %+v", err, p.sweptEntries("calcul"))
	}
}

// fails is a store in which no sweep can be said to be done.
type fails struct{ store.Tickets }

var errFull = errors.New("the store is full")

func (f fails) Put(ctx context.Context, t store.Ticket) error {
	if t.Kind == kindSwept {
		return errFull
	}
	return f.Tickets.Put(ctx, t)
}

func TestASweepThatWasBrokenOffIsBegunAgain(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	p.stopService("calcul", true, time.Now())
	g := p.gateways[0]
	stopped := suspensions(p.current(g))
	if len(stopped) != 1 || stopped[0].kind != registry.StopService || stopped[0].id != "calcul" {
		t.Fatalf("what is stopped: %+v", stopped)
	}
	over, cancel := context.WithCancel(t.Context())
	cancel()
	if done, err := g.sweepOne(over, stopped[0]); done || err == nil {
		t.Errorf("a replica that is ending: %v, %v", done, err)
	}
	kept := g.tickets
	g.tickets = fails{kept}
	if done, err := g.sweepOne(t.Context(), stopped[0]); done || !errors.Is(err, errFull) {
		t.Errorf("one that cannot say that it is done: %v, %v", done, err)
	}
	g.tickets = kept
	before := len(p.sweptEntries("calcul"))
	// One that was killed in mid-sweep has left its word, which ends by itself.
	left := store.Ticket{Kind: kindSweeping, Name: stopped[0].name(), Expires: time.Now().Add(time.Hour)}
	if err := g.tickets.Create(t.Context(), left); err != nil {
		t.Fatal(err)
	}
	other := p.gateways[1]
	if done, err := other.sweepOne(t.Context(), stopped[0]); done || err != nil || len(p.sweptEntries("calcul")) != before {
		t.Errorf("while another is at it: %v, %v, %+v", done, err, p.sweptEntries("calcul"))
	}
	if err := g.tickets.Delete(t.Context(), kindSweeping, left.Name); err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		if done, err := other.sweepOne(t.Context(), stopped[0]); !done || err != nil || len(p.sweptEntries("calcul")) != before+1 {
			t.Errorf("time %d: %v, %v, %+v", i, done, err, p.sweptEntries("calcul"))
		}
	}
}

func TestWhatWasStoppedLongerAgoThanASessionLastsIsNotSwept(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	g, seen := p.gateways[0], map[string]bool{}
	p.stopService("calcul", true, time.Now().Add(-g.limits().Session-time.Minute))
	if left, err := g.sweepNew(t.Context(), seen); err != nil || left || len(seen) != 0 || len(p.sweptEntries("calcul")) != 0 {
		t.Errorf("%v, %v", err, seen)
	}
	if len(suspensions(p.current(g))) != 1 {
		t.Error("it is not stopped at all")
	}
}
