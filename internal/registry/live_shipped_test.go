package registry_test

import (
	"errors"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func rules(version, consent int) registry.RuleSet {
	return registry.RuleSet{Rules: registry.Rules{Version: version, ConsentAge: consent}}
}

// signedRules are rules that hold from a day on.
func signedRules(version, consent int) registry.RuleSet {
	set := rules(version, consent)
	set.From = declaration().From
	set.Signatures = []registry.Signature{{Role: registry.DPO, By: "h1"}, {Role: registry.Recteur, By: "h2"}}
	return set
}

// withShipped is a view of a store that comes with the program's own objects.
func withShipped(t *testing.T, store *shelf) *registry.Live {
	t.Helper()
	live := &registry.Live{Store: store, Zone: time.UTC, Now: (&hands{}).now, Shipped: registry.Contents{
		RuleSets: []registry.RuleSet{rules(0, 15)},
		Models:   []registry.Model{{ID: "pix", Vendor: "shipped"}, {ID: "zoom", Vendor: "shipped"}},
	}}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	return live
}

func current(t *testing.T, live *registry.Live) *registry.Snapshot {
	t.Helper()
	s, err := live.Current()
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestWhatIsStoredStandsInThePlaceOfWhatIsShipped(t *testing.T) {
	t.Parallel()
	store := &shelf{contents: contents()}
	store.contents.Models = []registry.Model{{ID: "pix", Vendor: "stored"}, {ID: "own", Vendor: "stored"}}
	live := withShipped(t, store)
	vendors := func() (out string) {
		for _, m := range current(t, live).Models() {
			out += m.ID + "=" + m.Vendor + " "
		}
		return out
	}
	if got, want := vendors(), "own=stored pix=stored zoom=shipped "; got != want {
		t.Errorf("first look: %s, want %s", got, want)
	}
	store.set(8, nil)
	store.changed = &registry.Contents{Revision: 8, Models: []registry.Model{{ID: "zoom", Vendor: "edited"}}}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got, want := vendors(), "own=stored pix=stored zoom=edited "; got != want {
		t.Errorf("after a change: %s, want %s", got, want)
	}
}

func TestNoStoreReplacesTheRulesThatComeWithTheProgram(t *testing.T) {
	t.Parallel()
	day := declaration().From.Starts(time.UTC)
	store := &shelf{contents: contents()}
	store.contents.RuleSets = []registry.RuleSet{rules(0, 3), rules(1, 4)}
	live := withShipped(t, store)
	if got := current(t, live).Rules(day); got.Version != 0 || got.ConsentAge != 15 {
		t.Errorf("rules %d with the age %d, want the shipped ones", got.Version, got.ConsentAge)
	}
	store.set(8, nil)
	store.changed = &registry.Contents{Revision: 8, RuleSets: []registry.RuleSet{rules(0, 3), signedRules(2, 16)}}
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := current(t, live).Rules(day); got.Version != 2 || got.ConsentAge != 16 {
		t.Errorf("rules %d with the age %d, want the signed ones", got.Version, got.ConsentAge)
	}
	if got := current(t, live).Rules(day.Add(-1)); got.Version != 0 || got.ConsentAge != 15 {
		t.Errorf("before they begin: rules %d with the age %d", got.Version, got.ConsentAge)
	}
	if len(store.changed.RuleSets) != 2 || len(store.contents.RuleSets) != 2 {
		t.Error("what the store gave was changed")
	}
}

func TestAStoreThatWentBackIsReadAsAWhole(t *testing.T) {
	t.Parallel()
	store := &shelf{contents: contents()}
	live := withShipped(t, store)
	store.mu.Lock()
	store.contents = registry.Contents{Revision: 3, Services: []registry.Service{{ID: "old"}}} // a restored copy
	store.mu.Unlock()
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s := current(t, live)
	if s.Revision() != 3 || len(s.Services()) != 1 || len(s.Models()) != 2 || store.loads != 2 || len(store.asked) != 0 {
		t.Errorf("revision %d, %d services, %d models, %d loads", s.Revision(), len(s.Services()), len(s.Models()), store.loads)
	}
	store.set(5, nil) // it goes back between two reads of one look
	store.changed = &registry.Contents{Revision: 2, Services: []registry.Service{{ID: "half"}}}
	store.contents.Revision = 5
	if err := live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s := current(t, live); s.Revision() != 5 || len(s.Services()) != 1 || store.loads != 3 {
		t.Errorf("revision %d, %d services, %d loads", s.Revision(), len(s.Services()), store.loads)
	}
}

func TestWhoeverActedSeesTheActAtOnce(t *testing.T) {
	t.Parallel()
	store, clock := &shelf{contents: contents()}, &hands{}
	live := &registry.Live{Store: store, Zone: time.UTC, Now: clock.now}
	if s, err := live.After(t.Context(), 7); err != nil || s.Revision() != 7 {
		t.Fatalf("the first view: %v", err)
	}
	store.set(8, nil)
	store.changed = &registry.Contents{Revision: 8, Services: []registry.Service{{ID: "new"}}}
	if s, err := live.After(t.Context(), 8); err != nil || s.Revision() != 8 || !has(s.Service("new")) {
		t.Errorf("after the act: %v", err)
	}
	reads := len(store.asked)
	store.set(9, errors.New("cut"))
	if s, err := live.After(t.Context(), 8); err != nil || s.Revision() != 8 || len(store.asked) != reads {
		t.Errorf("a revision that is there already was looked for: %v", err)
	}
	if s, err := live.After(t.Context(), 9); err == nil || s != nil {
		t.Error("a view without the act although the store could not be read")
	}
	store.set(8, nil)
	if s, err := live.After(t.Context(), 9); !errors.Is(err, registry.ErrStale) || s != nil {
		t.Errorf("a revision that the store does not have: %v, want ErrStale", err)
	}
	store.set(8, errors.New("cut"))
	clock.advance(registry.MaxAge)
	if s, err := live.After(t.Context(), 8); err == nil || s != nil {
		t.Error("a view that is too old was given")
	}
}
