package app

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/store"
)

// between stands between the gateway and its tickets: it does something, once, before a write that goes with a journal
// entry, or makes such a write fail in its middle.
type between struct {
	store.Tickets
	first  func()
	spoil  bool
	rides  int
	writes []string // those that went with nothing
}

func (b *between) wrote(ops ...store.Op) {
	for _, op := range ops {
		b.writes = append(b.writes, fmt.Sprint(op))
	}
}

func (b *between) Write(ctx context.Context, ops ...store.Op) error {
	b.wrote(store.Op{Do: store.Verb(fmt.Sprint(len(ops), " at once"))})
	return b.Tickets.Write(ctx, ops...)
}

func (b *between) Put(ctx context.Context, t store.Ticket) error {
	b.wrote(store.Op{Do: store.Put, Ticket: t})
	return b.Tickets.Put(ctx, t)
}

func (b *between) Create(ctx context.Context, t store.Ticket) error {
	b.wrote(store.Op{Do: store.Create, Ticket: t})
	return b.Tickets.Create(ctx, t)
}

func (b *between) Replace(ctx context.Context, t store.Ticket) error {
	b.wrote(store.Op{Do: store.Replace, Ticket: t})
	return b.Tickets.Replace(ctx, t)
}

func (b *between) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	b.wrote(store.Op{Do: store.Take, Ticket: store.Ticket{Kind: kind}})
	return b.Tickets.Take(ctx, kind, name)
}

func (b *between) Delete(ctx context.Context, kind store.Kind, name string) error {
	b.wrote(store.Op{Do: store.Delete, Ticket: store.Ticket{Kind: kind}})
	return b.Tickets.Delete(ctx, kind, name)
}

const kindTaken store.Kind = "taken"

func (b *between) Ride(ops ...store.Op) (store.Rider, error) {
	if len(ops) > 1 || ops[0].Do != store.Delete { // which only asks whether there is a way
		b.rides++
		if first := b.first; first != nil {
			b.first = nil
			first()
		}
		if b.spoil {
			ops = append(ops, store.Op{Do: store.Create, Ticket: store.Ticket{Kind: kindTaken, Name: "one", Expires: time.Now().Add(time.Hour)}})
		}
	}
	return b.Tickets.(store.Rides).Ride(ops...)
}

// inBetween puts a between into a demo's flow.
func inBetween(t *testing.T, x *bench) *between {
	t.Helper()
	flow := x.app.gateway.flow
	b := &between{Tickets: flow.Tickets}
	if err := b.Create(t.Context(), store.Ticket{Kind: kindTaken, Name: "one", Expires: time.Now().Add(time.Hour)}); err != nil {
		t.Fatal(err)
	}
	flow.Tickets, b.writes = b, nil
	x.app.gateway.tickets = b
	return b
}

// releases counts what stands in the journal of releases.
func releases(t *testing.T, x *bench) int { return entries(t, x, audit.ClassRelease) }

func entries(t *testing.T, x *bench, class audit.Class) int {
	t.Helper()
	page, err := x.app.gateway.db.Audit().List(t.Context(), audit.Query{Class: class, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	return len(page.Entries)
}

// codeFlow is the authorization request of a client of the demo, and what redeems a code of it.
func codeFlow(x *bench) (authorize string, redeem func(code string) url.Values) {
	_, port, _ := strings.Cut(x.host, ":")
	callback, verifier := "http://calcul.localhost:"+port+"/cb", strings.Repeat("v", 43)
	challenge := sha256.Sum256([]byte(verifier))
	authorize = "/oidc/authorize?" + url.Values{
		"client_id": {"calcul"}, "redirect_uri": {callback}, "response_type": {"code"}, "scope": {"openid school"},
		"state": {"benchmark-state"}, "nonce": {"benchmark-nonce"}, "code_challenge_method": {"S256"},
		"code_challenge": {base64.RawURLEncoding.EncodeToString(challenge[:])},
	}.Encode()
	return authorize, func(code string) url.Values {
		return url.Values{
			"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {callback}, "client_id": {"calcul"},
			"code_verifier": {verifier},
		}
	}
}

func codeIn(location string) string {
	to, err := url.Parse(location)
	if err != nil {
		return ""
	}
	return to.Query().Get("code")
}

func TestNothingLeavesOfAnAnswerWhoseWriteFailsInItsMiddle(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	x.signIn(x.authnRequest(0), "lina")
	authorize, redeem := codeFlow(x)
	x.signIn(authorize, "lina")
	b, before := inBetween(t, x), releases(t, x)
	for _, request := range []string{x.authnRequest(1), authorize} {
		b.spoil = true
		w := x.ask(http.MethodGet, request, nil)
		if w.Code < 400 || strings.Contains(w.Body.String(), "SAMLResponse") || codeIn(w.Header().Get("Location")) != "" || releases(t, x) != before {
			t.Errorf("status %d, %d entries more: %.300s", w.Code, releases(t, x)-before, w.Body)
		}
		b.spoil = false
	}
	if w := x.ask(http.MethodGet, x.authnRequest(1), nil); w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "SAMLResponse") {
		t.Errorf("the same once more: status %d: %.300s", w.Code, w.Body) // its mark was not written either
	}
	code := codeIn(x.ask(http.MethodGet, authorize, nil).Header().Get("Location"))
	if w := x.ask(http.MethodPost, "/oidc/token", redeem(code)); w.Code != http.StatusOK || b.rides == 0 {
		t.Errorf("afterwards: %d writes with an entry, status %d: %.300s", b.rides, w.Code, w.Body)
	}
}

// TestAnAnswerThatLostToAnotherTabIsWrittenOnTopOfIt writes to the session between the reading and the writing of an answer.
func TestAnAnswerThatLostToAnotherTabIsWrittenOnTopOfIt(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	authorize, redeem := codeFlow(x)
	x.signIn(authorize, "lina")
	b, before := inBetween(t, x), releases(t, x)
	other := ""
	b.first = func() { other = codeIn(x.ask(http.MethodGet, authorize, nil).Header().Get("Location")) }
	mine := codeIn(x.ask(http.MethodGet, authorize, nil).Header().Get("Location"))
	if n := releases(t, x) - before; n != 2 || b.rides != 3 {
		t.Errorf("%d entries more in %d writes, want 2 in 3", n, b.rides)
	}
	for _, code := range []string{mine, other} {
		if w := x.ask(http.MethodPost, "/oidc/token", redeem(code)); w.Code != http.StatusOK {
			t.Errorf("status %d: %.300s", w.Code, w.Body)
		}
	}
	x.ask(http.MethodPost, "/signout", url.Values{})
	if w := x.ask(http.MethodPost, "/oidc/token", redeem(mine)); w.Code == http.StatusOK {
		t.Error("a code was taken twice")
	}
}

// TestAnAnswerFindsItsSessionEndedMeanwhile ends the session between the reading and the writing.
func TestAnAnswerFindsItsSessionEndedMeanwhile(t *testing.T) {
	t.Parallel()
	x := newBench(t)
	authorize, _ := codeFlow(x)
	x.signIn(authorize, "lina")
	b, before := inBetween(t, x), releases(t, x)
	b.first = func() {
		if err := b.Tickets.Delete(t.Context(), "session", x.cookies["session"]); err != nil {
			t.Error(err)
		}
	}
	w := x.ask(http.MethodGet, authorize, nil)
	if at := w.Header().Get("Location"); !strings.Contains(at, "/flow/") || releases(t, x) != before || b.rides != 1 {
		t.Errorf("status %d, at %.60s, %d entries more, %d writes", w.Code, at, releases(t, x)-before, b.rides)
	}
}
