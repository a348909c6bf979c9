package demo

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

func TestShelfForgetsWhatExpiresFirstWhenFull(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := newShelf[int](func() time.Time { return now }, time.Minute, 3)
	for i := range 5 {
		s.put(fmt.Sprint(i), i)
		now = now.Add(time.Second)
	}
	for i, want := range []bool{false, false, true, true, true} {
		if _, ok := s.get(fmt.Sprint(i)); ok != want {
			t.Errorf("item %d: %v, want %v", i, ok, want)
		}
	}
	s.put("4", 40)
	if v, ok := s.get("2"); !ok || v != 2 {
		t.Error("replacing an item cost another its place")
	}
}

func TestShelfExpires(t *testing.T) {
	t.Parallel()
	now := time.Unix(0, 0)
	s := newShelf[int](func() time.Time { return now }, time.Minute, 3)
	s.put("a", 1)
	now = now.Add(time.Minute)
	if _, ok := s.get("a"); ok {
		t.Error("an expired item is given")
	}
	if _, ok := s.take("a"); ok {
		t.Error("an expired item is taken")
	}
}

func TestShelfGivesToOneTaker(t *testing.T) {
	t.Parallel()
	s := newShelf[int](time.Now, time.Minute, 3)
	s.put("a", 1)
	var won atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, ok := s.take("a"); ok {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d takers won, want one", won.Load())
	}
}

func TestCookiesAreBoundToTheHostOverTLS(t *testing.T) {
	t.Parallel()
	if got := (cookies{secure: true}).name("session"); got != "__Host-demo_session" {
		t.Errorf("name %q", got)
	}
}

func TestBelowIsExactAboutPaths(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]bool{
		"http://h:1/a/b": true, "http://h:1/a": true, "HTTP://H:1/a/b": true, "http://h:1/ab": false, "http://h:1/": false,
	} {
		if got := below("http://h:1/a", address); got != want {
			t.Errorf("below(%q) = %v, want %v", address, got, want)
		}
	}
}
