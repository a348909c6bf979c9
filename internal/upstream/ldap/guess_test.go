package ldap_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream/ldap/ldaptest"
)

func (g *gate) guess(from, login string) int {
	return g.post(from, url.Values{"login": {login}, "password": {"lune-43"}}).Code
}

func TestAccountTakesTenGuessesInAQuarterOfAnHour(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	for _, login := range []string{"lea.martin", "personne"} { // a login that nobody has is limited alike
		t.Run(login, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, s, setup{})
			spellings := []string{login, strings.ToUpper(login), " " + login, login + "\u00a0"}
			for i := range accountLimit {
				if code := g.guess(fmt.Sprintf("192.0.2.%d", i), spellings[i%len(spellings)]); code != http.StatusUnprocessableEntity {
					t.Fatalf("guess %d: status %d", i, code)
				}
				g.clock.advance(time.Minute)
			}
			w := g.try(login, ldaptest.Password)
			if w.Code != http.StatusTooManyRequests || !strings.Contains(w.Body.String(), "dans 5 minutes") || w.Header().Get("Retry-After") != "300" {
				t.Errorf("status %d, Retry-After %q", w.Code, w.Header().Get("Retry-After"))
			}
			g.clock.advance(5*time.Minute - time.Second)
			if code := g.guess("192.0.2.1", login); code != http.StatusTooManyRequests {
				t.Errorf("a second early: status %d", code)
			}
			g.clock.advance(time.Second)
			if code := g.guess("192.0.2.1", login); code != http.StatusUnprocessableEntity {
				t.Errorf("when the first guess is a quarter of an hour old: status %d", code)
			}
		})
	}
}

func TestLockedAccountIsFreeAfterAQuarterOfAnHourHoweverOftenItWasTried(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	for i := range accountLimit {
		g.guess(fmt.Sprintf("192.0.2.%d", i%2), "lea.martin")
	}
	for i := range 14 {
		g.clock.advance(time.Minute)
		if code := g.guess(fmt.Sprintf("192.0.2.%d", i%2), "lea.martin"); code != http.StatusTooManyRequests {
			t.Fatalf("status %d", code)
		}
	}
	g.clock.advance(time.Minute)
	g.signsIn(t, "lea.martin")
	g.signsIn(t, "tom.martin")
}

// TestWhoeverGuessesFromOnePlaceKeepsNobodyElsewhereOut has somebody guess at an account for an hour, from one address or, with
// IPv6, from many of one network. Its holder signs in all the while from where they are, at the first try.
func TestWhoeverGuessesFromOnePlaceKeepsNobodyElsewhereOut(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	for name, from := range map[string]string{"IPv4": "198.51.100.7", "IPv6": "[2001:db8:5::%x]"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, s, setup{})
			place := func(i int) string {
				if strings.Contains(from, "%") {
					return fmt.Sprintf(from, i+1)
				}
				return from
			}
			evaluated := 0
			for minute := range 60 {
				for range 5 {
					if g.guess(place(minute), "lea.martin") == http.StatusUnprocessableEntity {
						evaluated++
					}
				}
				g.signsIn(t, "lea.martin")
				g.clock.advance(time.Minute)
			}
			if evaluated != 4*visitorLimit {
				t.Errorf("%d guesses were evaluated in an hour, want %d", evaluated, 4*visitorLimit)
			}
			if code := g.guess(place(99), "personne"); code != http.StatusUnprocessableEntity {
				t.Errorf("another account from there: %d", code)
			}
		})
	}
}

func TestAddressTakesAHundredGuesses(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	for i := range addressLimit {
		if code := g.guess("192.0.2.1", fmt.Sprintf("personne%d", i)); code != http.StatusUnprocessableEntity {
			t.Fatalf("guess %d: status %d", i, code)
		}
		if i == addressLimit/2 {
			g.signsIn(t, "lea.martin") // wipes nothing out
		}
	}
	if code := g.guess("192.0.2.1", "encore"); code != http.StatusTooManyRequests {
		t.Errorf("status %d", code)
	}
	if w := g.try("lea.martin", ldaptest.Password); w.Code != http.StatusTooManyRequests {
		t.Errorf("right password from there: status %d", w.Code)
	}
	if code := g.guess("192.0.2.2", "encore"); code != http.StatusUnprocessableEntity {
		t.Errorf("another address: status %d", code)
	}
	g.clock.advance(15 * time.Minute)
	g.signsIn(t, "lea.martin")
}

func TestSchoolBehindOneAddressIsNotLimited(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	for range addressLimit + 5 {
		g.signsIn(t, "lea.martin")
	}
}

func TestNeighboursOfOneIPv6NetworkCountTogether(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	for i := range addressLimit {
		g.guess(fmt.Sprintf("[2001:db8::%x]", i+1), fmt.Sprintf("personne%d", i))
	}
	if code := g.guess("[2001:db8::ffff]", "encore"); code != http.StatusTooManyRequests {
		t.Errorf("status %d", code)
	}
	if code := g.guess("[2001:db8:0:1::1]", "encore"); code != http.StatusUnprocessableEntity {
		t.Errorf("another network: status %d", code)
	}
}

func TestReplicasShareTheLimitAlsoForGuessesMadeAtOnce(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	c := newClock()
	tickets := memdb.New(c.now)
	replicas := []*gate{newGate(t, s, setup{tickets: tickets, clock: c}), newGate(t, s, setup{tickets: tickets, clock: c})}
	var mu sync.Mutex
	evaluated := 0
	var all sync.WaitGroup
	for i := range 4 * accountLimit {
		all.Go(func() {
			if replicas[i%2].guess(fmt.Sprintf("192.0.2.%d", i), "lea.martin") == http.StatusUnprocessableEntity {
				mu.Lock()
				defer mu.Unlock()
				evaluated++
			}
		})
	}
	all.Wait()
	if evaluated != accountLimit {
		t.Errorf("%d guesses were evaluated", evaluated)
	}
}

// goneStore is a store that is away.
type goneStore struct{ store.Tickets }

var errGone = errors.New("the store is away")

func (goneStore) Get(context.Context, store.Kind, string) (store.Ticket, error) {
	return store.Ticket{}, errGone
}

func TestNoGuessIsEvaluatedWithoutTheStore(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{tickets: goneStore{}, settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true}})
	away(t, g, ldaptest.Password)
	if asked := proxy.Asked(); len(asked) != 0 || len(g.host.Signed()) != 0 {
		t.Errorf("the directory was asked: %v", asked)
	}
}

// spyStore notes the names and values that are stored.
type spyStore struct {
	store.Tickets
	mu    sync.Mutex
	notes strings.Builder
}

func (s *spyStore) Create(ctx context.Context, t store.Ticket) error {
	s.mu.Lock()
	fmt.Fprintf(&s.notes, "%s %s\n", t.Name, t.Value)
	s.mu.Unlock()
	return s.Tickets.Create(ctx, t)
}

func TestStoreHoldsNeitherLoginsNorAddresses(t *testing.T) {
	t.Parallel()
	c := newClock()
	spy := &spyStore{Tickets: memdb.New(c.now)}
	g := newGate(t, ldaptest.Start(t), setup{tickets: spy, clock: c})
	g.guess("192.0.2.1", "lea.martin")
	g.guess("192.0.2.1", "personne")
	notes := spy.notes.String()
	if strings.Count(notes, "\n") != 5 {
		t.Fatalf("one address, two accounts and both from there are expected: %s", notes)
	}
	for _, clear := range []string{"lea", "martin", "personne", "eleve1", "192.0.2"} {
		if strings.Contains(notes, clear) {
			t.Errorf("%q stands in the store: %s", clear, notes)
		}
	}
}
