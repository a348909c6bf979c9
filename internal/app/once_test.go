package app

import (
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestARequestIsAnsweredOnceHoweverOftenItComes sends one request many times at once on a live session: its mark and the
// journal entry of its answer are one transaction, so one is answered and one entry is written.
func TestARequestIsAnsweredOnceHoweverOftenItComes(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	x.signIn(x.authnRequest(0), "lina")
	before, request := releases(t, x), x.authnRequest(1)
	var answered, refused atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		again := benchAt(t, x.host, x.serve)
		again.cookies = maps.Clone(x.cookies)
		all.Go(func() {
			switch w := again.ask(http.MethodGet, request, nil); {
			case w.Code == http.StatusOK && strings.Contains(w.Body.String(), "SAMLResponse"):
				answered.Add(1)
			case w.Code >= 400 && !strings.Contains(w.Body.String(), "SAMLResponse"):
				refused.Add(1)
			}
		})
	}
	all.Wait()
	if answered.Load() != 1 || refused.Load() != 7 || releases(t, x) != before+1 {
		t.Errorf("%d answered, %d refused, %d entries more", answered.Load(), refused.Load(), releases(t, x)-before)
	}
}

// TestARequestThatLedToAPageIsNotTakenAgain sends a request of somebody who has no session, whose mark has nothing to be
// written with, and sends it again on the session that came of it.
func TestARequestThatLedToAPageIsNotTakenAgain(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	request := x.authnRequest(0)
	x.signIn(request, "lina")
	if w := x.ask(http.MethodGet, request, nil); w.Code < 400 || strings.Contains(w.Body.String(), "SAMLResponse") {
		t.Errorf("status %d: %.300s", w.Code, w.Body)
	}
	if w := x.ask(http.MethodGet, x.authnRequest(1), nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
		t.Errorf("a new one: status %d: %.300s", w.Code, w.Body)
	}
}
