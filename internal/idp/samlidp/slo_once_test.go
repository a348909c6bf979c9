package samlidp_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp/samlidp"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/web"
)

// TestOfOneSignOutOfAServiceAtTwoReplicasOneIsFollowed shows each of many requests to two replicas at once, as a browser that
// loads a page twice would, and as somebody would who kept one: by the browser, and by SOAP.
func TestOfOneSignOutOfAServiceAtTwoReplicasOneIsFollowed(t *testing.T) {
	t.Parallel()
	rounds := 150
	if testing.Short() {
		rounds = 20
	}
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, other := replicas(t, open(t))
			l := newLeaver(t, h, "cle", both("cle"))
			s := l.signsIn(t)
			for round := range rounds {
				q, soap := l.wants(s, "/saml/slo"), round%2 == 1
				q.IssueInstant = time.Now()
				if soap {
					q.Destination = h.base + "/saml/slo/soap"
				}
				document := l.signed(t, q)
				var codes [2]int
				var all sync.WaitGroup
				for i, at := range []*leaver{l, {l.party, l.signer, l.who, l.id}} {
					if i == 1 {
						at.party = &party{house: other, ServiceProvider: l.ServiceProvider}
					}
					all.Go(func() {
						if soap {
							codes[i] = at.bySOAP(t, "/saml/slo/soap", document).status
							return
						}
						codes[i] = at.byForm(t, "SAMLRequest", document, "").status
					})
				}
				all.Wait()
				refused := http.StatusBadRequest
				if soap {
					refused = http.StatusInternalServerError // SOAP 1.1, section 6.2
				}
				if max(codes[0], codes[1]) != refused || min(codes[0], codes[1]) >= http.StatusBadRequest {
					t.Fatalf("round %d: %v (%s)", round, codes, h.fault())
				}
			}
			if front, back := h.saidGoodbye(); front+back != rounds {
				t.Errorf("%d requests were followed %d times", rounds, front+back)
			}
		})
	}
}

// TestASignOutThatFailedThroughUsIsServedWhenItComesAgain: a store that was away for a moment costs whoever leaves a second try,
// and keeps nobody signed in. What was refused for the request's own sake stays refused.
func TestASignOutThatFailedThroughUsIsServedWhenItComesAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	s := l.signsIn(t)
	breaks := func(err error) { h.change(func(g *gateway) { g.goodbye.breaks = err }) }
	for what, send := range map[string]func(*saml.LogoutRequest) page{
		"by redirect": func(q *saml.LogoutRequest) page { return l.byQuery(t, q, "") },
		"by form":     func(q *saml.LogoutRequest) page { return l.byForm(t, "SAMLRequest", l.signed(t, q), "") },
		"by SOAP": func(q *saml.LogoutRequest) page {
			q.Destination = h.base + "/saml/slo/soap"
			return l.bySOAP(t, "/saml/slo/soap", l.signed(t, q))
		},
	} {
		q := l.wants(s, "/saml/slo")
		breaks(web.Unavailable(errors.New("the store is away")))
		if got := send(q); got.status < http.StatusInternalServerError {
			t.Errorf("%s, the store away: status %d", what, got.status)
		}
		breaks(nil)
		if got := send(q); got.status >= http.StatusBadRequest {
			t.Errorf("%s, again: status %d (%s)", what, got.status, h.fault())
		}
		if got := send(q); got.status < http.StatusBadRequest {
			t.Errorf("%s, a third time: status %d", what, got.status)
		}
		q = l.wants(s, "/saml/slo")
		breaks(&web.Fault{Status: http.StatusGone, Code: "SES-410", Kind: "bad-request"})
		send(q)
		breaks(nil)
		if got := send(q); got.status < http.StatusBadRequest {
			t.Errorf("%s, after a refusal: status %d", what, got.status)
		}
	}
}

// TestASOAPSignOutThatIsShownAgainGetsAFaultOfTheService holds what a program is told of a request that was seen.
func TestASOAPSignOutThatIsShownAgainGetsAFaultOfTheService(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	l := newLeaver(t, h, "cle", both("cle"))
	document := l.signed(t, l.wants(l.signsIn(t), "/saml/slo/soap"))
	if got := l.bySOAP(t, "/saml/slo/soap", document); got.status != http.StatusOK {
		t.Fatalf("status %d", got.status)
	}
	got := l.bySOAP(t, "/saml/slo/soap", document)
	if _, back := h.saidGoodbye(); got.status != http.StatusInternalServerError || !strings.Contains(got.body, "Client") || back != 1 {
		t.Errorf("status %d, followed %d times: %s", got.status, back, got.body)
	}
}

// replicas are two providers of one name on one store, with one gateway behind them. The stores end what they keep by real
// time, and so the clock shows it.
func replicas(t *testing.T, stores [2]store.Tickets) (*house, *house) {
	t.Helper()
	var cfg samlidp.Config
	h := newHouse(t, func(c *samlidp.Config) {
		c.Tickets, c.Now = store.Sealed(stores[0], keystest.Ring(t)), time.Now
		cfg = *c
	})
	h.clock.Advance(time.Since(h.clock.Now()))
	cfg.Tickets = store.Sealed(stores[1], keystest.Ring(t))
	provider, err := samlidp.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(h.kit)
	provider.Mount(mux, h.gateway)
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return h, &house{gateway: h.gateway, clock: h.clock, provider: provider, kit: h.kit, base: server.URL}
}

// engines open one store from two sides, as two replicas do.
func engines() map[string]func(t *testing.T) [2]store.Tickets {
	databases := func(t *testing.T, location string) (out [2]store.Tickets) {
		for i := range out {
			db, err := sqldb.Open(t.Context(), location, sqldb.Options{Now: time.Now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			out[i] = db.Tickets()
		}
		return out
	}
	return map[string]func(t *testing.T) [2]store.Tickets{
		"sqlite":   func(t *testing.T) [2]store.Tickets { return databases(t, t.TempDir()+"/gateway.db") },
		"postgres": func(t *testing.T) [2]store.Tickets { return databases(t, storetest.Postgres(t)) },
		"redis": func(t *testing.T) (out [2]store.Tickets) {
			location := storetest.Redis(t)
			for i := range out {
				db, err := redisdb.Open(t.Context(), location, redisdb.Options{Now: time.Now})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = db.Close() })
				out[i] = db
			}
			return out
		},
	}
}
