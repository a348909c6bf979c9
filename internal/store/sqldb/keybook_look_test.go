package sqldb

import (
	"slices"
	"testing"
)

func TestWhoeverOnlyLooksGetsTheNumbersAndFilesNothing(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := newBook(t, d, "serve-look")
		ine := named("ine", "1")
		known := func(want []string) {
			t.Helper()
			got, err := s.Known(t.Context(), named("educonnect", "x"), ine)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("numbers %v %v, want %v", got, err, want)
			}
		}
		known([]string{named("educonnect", "x").Number(s.Keys)})
		if all, err := s.store.Numbers(t.Context(), "", 10); err != nil || len(all) != 0 {
			t.Fatalf("a look filed %d numbers, %v", len(all), err)
		}
		first := s.know(named("ent-a", "1"), ine)
		known(first)
		if own, err := s.Handles(t.Context(), named("educonnect", "x")); err != nil || len(own) != 1 {
			t.Errorf("a look joined %d keys, %v", len(own), err)
		}
		if _, err := s.Known(t.Context(), named("", "")); err == nil {
			t.Error("nobody has numbers")
		}
		if s.conflicts() != 0 {
			t.Error("a look is in the journal")
		}
	})
}

func TestTheHandlesOfAPersonAreThoseOfEveryKeyThatMeansThem(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := newBook(t, d, "serve-handles")
		ine, before, now, third := named("ine", "1"), named("ent-a", "1"), named("educonnect", "x"), named("ent-b", "9")
		s.know(third)                    // a number of its own, linked later
		s.know(before, ine)              // CM2, at one source
		s.know(now, ine)                 // 6e, at another
		s.know(third, ine)               // and the third is found to be the same person
		s.know(named("ent-a", "2"), ine) // somebody else says to be the same: kept apart
		for _, own := range [][]string{{"ent-a", "1"}, {"educonnect", "x"}, {"ent-b", "9"}} {
			key := named(own[0], own[1])
			got, err := s.Handles(t.Context(), key)
			if err != nil || got[0] != key.Handle(s.Keys) {
				t.Fatalf("%v: %v %v", own, got, err)
			}
			for _, k := range []struct{ authority, id string }{{"ent-a", "1"}, {"educonnect", "x"}, {"ent-b", "9"}} {
				if !slices.Contains(got, named(k.authority, k.id).Handle(s.Keys)) {
					t.Errorf("%v does not know %v", own, k)
				}
			}
			if slices.Contains(got, named("ent-a", "2").Handle(s.Keys)) || slices.Contains(got, ine.Handle(s.Keys)) {
				t.Errorf("%v has a key that is somebody else's, or in doubt", own)
			}
		}
		if got, err := s.Handles(t.Context(), named("ent-a", "2")); err != nil || len(got) != 1 {
			t.Errorf("somebody else has %d keys, %v", len(got), err)
		}
		if got, err := s.Handles(t.Context(), ine); err != nil || got[0] != ine.Handle(s.Keys) {
			t.Errorf("whoever signs in with a key in doubt does not find their own: %v", err)
		}
		if _, err := s.Handles(t.Context(), named("ac", "")); err == nil {
			t.Error("nobody has keys")
		}
	})
}
