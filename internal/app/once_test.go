package app

import (
	"context"
	"maps"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"ecluse/internal/idp"
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

// signatures counts what a protocol answers.
type signatures struct {
	idp.Protocol
	n atomic.Int32
}

func (s *signatures) Answer(ctx context.Context, request idp.Request, a idp.Answered) (idp.Handoff, idp.Participant, error) {
	s.n.Add(1)
	return s.Protocol.Answer(ctx, request, a)
}

// TestARequestThatIsKnownToBeAnsweredCostsNoSignature sends again and again a request that was answered, and one that led to a
// page.
func TestARequestThatIsKnownToBeAnsweredCostsNoSignature(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	paged := x.authnRequest(0)
	x.signIn(paged, "lina")
	flow := x.app.gateway.flow
	count := &signatures{Protocol: flow.Protocols["saml"]}
	flow.Protocols = maps.Clone(flow.Protocols)
	flow.Protocols["saml"] = count
	answered := x.authnRequest(1)
	if w := x.ask(http.MethodGet, answered, nil); w.Code != http.StatusOK || count.n.Load() != 1 {
		t.Fatalf("status %d, %d signatures", w.Code, count.n.Load())
	}
	before := releases(t, x)
	for range 5 {
		for _, request := range []string{paged, answered} {
			if w := x.ask(http.MethodGet, request, nil); w.Code != http.StatusBadRequest || strings.Contains(w.Body.String(), "SAMLResponse") {
				t.Errorf("status %d: %.300s", w.Code, w.Body)
			}
		}
	}
	if n := count.n.Load(); n != 1 || releases(t, x) != before {
		t.Errorf("%d signatures for one answer, %d entries more", n, releases(t, x)-before)
	}
	if w := x.ask(http.MethodGet, x.authnRequest(2), nil); w.Code != http.StatusOK || count.n.Load() != 2 {
		t.Errorf("a new one: status %d, %d signatures", w.Code, count.n.Load())
	}
}
