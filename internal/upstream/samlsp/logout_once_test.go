package samlsp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/upstream"
	"ecluse/internal/web/webtest"
)

// TestAPersonWhoSignedInAgainIsNotSignedOutByTheOldRequest: a provider may call the next session what it called the one that
// ended, and a browser that was asked to load the request again, or somebody who kept it, ends nothing with it.
func TestAPersonWhoSignedInAgainIsNotSignedOutByTheOldRequest(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, g.ask(t, upstream.Challenge{}))
	old := theirLogout(g.now())
	if w := g.logoutQuery(t, provider(), old, ""); w.Code >= http.StatusBadRequest || len(g.host.Ended()) != 1 {
		t.Fatalf("status %d, ended %v", w.Code, g.host.Ended())
	}
	g.signsIn(t, g.ask(t, upstream.Challenge{ID: "second"}), `ID="_a`, `ID="_b`)
	for name, w := range map[string]*httptest.ResponseRecorder{
		"loaded again":         g.logoutQuery(t, provider(), old, ""),
		"with a RelayState":    g.logoutQuery(t, provider(), old, "r"),
		"as a form":            g.logoutByForm(t, old, ""),
		"with other instants":  g.logoutQuery(t, provider(), theirLogout(g.now().Add(time.Second)), ""),
		"for another session":  g.logoutQuery(t, provider(), strings.Replace(old, ">s1<", ">s2<", 1), ""),
		"without any session":  g.logoutQuery(t, provider(), strings.Replace(old, "<samlp:SessionIndex>s1</samlp:SessionIndex>", "", 1), ""),
		"of a source's sister": sister(t, g).logoutQuery(t, provider(), old, ""),
	} {
		if w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if got := g.host.Ended(); len(got) != 1 {
		t.Errorf("ended %v", got)
	}
	if w := g.logoutQuery(t, provider(), strings.Replace(old, "_l1", "_l2", 1), ""); w.Code >= http.StatusBadRequest || len(g.host.Ended()) != 2 {
		t.Errorf("a new request: status %d, ended %v", w.Code, g.host.Ended())
	}
}

// sister is another connector for the same provider.
func sister(t *testing.T, g *gate) *gate {
	t.Helper()
	return newGate(t, setup{tickets: g.tickets})
}

// TestASignOutIsRememberedUntilItIsTooOld holds the mark to the whole time for which a request is taken.
func TestASignOutIsRememberedUntilItIsTooOld(t *testing.T) {
	t.Parallel()
	clock := storetest.NewClock(webtest.Now())
	g := newGate(t, setup{now: clock.Now})
	ahead := strings.Replace(theirLogout(clock.Now().Add(170*time.Second)), "NotOnOrAfter", "Reason", 1)
	if w := g.logoutQuery(t, provider(), ahead, ""); w.Code >= http.StatusBadRequest {
		t.Fatalf("status %d", w.Code)
	}
	for range 30 {
		clock.Advance(time.Minute)
		if w := g.logoutQuery(t, provider(), ahead, ""); w.Code != http.StatusBadRequest {
			t.Fatalf("%s later: status %d", clock.Now().Sub(webtest.Now()), w.Code)
		}
	}
	if got := g.host.Ended(); len(got) != 1 {
		t.Errorf("ended %v", got)
	}
}

func TestNoSignOutIsTakenThatCannotBeRemembered(t *testing.T) {
	t.Parallel()
	tickets := &broken{Tickets: memdb.New(webtest.Now), kind: "saml-logout", off: true}
	g := newGate(t, setup{tickets: tickets})
	if w := g.logoutQuery(t, provider(), theirLogout(g.now()), ""); w.Code != http.StatusServiceUnavailable || len(g.host.Ended()) != 0 {
		t.Errorf("status %d, ended %v", w.Code, g.host.Ended())
	}
	tickets.off = false
	if w := g.logoutQuery(t, provider(), theirLogout(g.now()), ""); w.Code >= http.StatusBadRequest || len(g.host.Ended()) != 1 {
		t.Errorf("loaded again: status %d, ended %v", w.Code, g.host.Ended())
	}
}

func TestASignOutFromBeforeTheStoreWasEmptiedEndsNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	if w := g.logoutQuery(t, provider(), theirLogout(g.now().Add(-2*time.Second)), ""); w.Code != http.StatusBadRequest || len(g.host.Ended()) != 0 {
		t.Errorf("status %d, ended %v", w.Code, g.host.Ended())
	}
}

// TestOfOneSignOutAtTwoReplicasOneIsFollowed shows each of many requests to two replicas at once.
func TestOfOneSignOutAtTwoReplicasOneIsFollowed(t *testing.T) {
	t.Parallel()
	rounds := 200
	if testing.Short() {
		rounds = 20
	}
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var pair [2]*gate
			metadata := strings.Replace(theirXML(provider()), "2027-01-01", time.Now().AddDate(1, 0, 0).Format(time.DateOnly), 1)
			for i, tickets := range open(t) {
				pair[i] = newGate(t, setup{tickets: tickets, now: time.Now, settings: map[string]any{"metadata": metadata}})
			}
			for round := range rounds {
				request := strings.Replace(theirLogout(time.Now()), "_l1", fmt.Sprintf("_l%d", round), 1)
				var codes [2]int
				var both sync.WaitGroup
				for i, g := range pair {
					both.Go(func() { codes[i] = g.logoutQuery(t, provider(), request, "").Code })
				}
				both.Wait()
				if max(codes[0], codes[1]) != http.StatusBadRequest || min(codes[0], codes[1]) >= http.StatusBadRequest {
					t.Fatalf("round %d: %v", round, codes)
				}
			}
			if n := len(pair[0].host.Ended()) + len(pair[1].host.Ended()); n != rounds {
				t.Errorf("%d requests ended %d sessions", rounds, n)
			}
		})
	}
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
