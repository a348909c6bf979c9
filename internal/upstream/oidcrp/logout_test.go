package oidcrp_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
)

func (g *gate) tells(token string) *httptest.ResponseRecorder {
	return g.request(http.MethodPost, "/source/ent/logout", url.Values{"logout_token": {token}})
}

func ended(sessions ...upstream.Assertion) []string {
	var out []string
	for _, a := range sessions {
		out = append(out, "ent "+a.Session)
	}
	slices.Sort(out)
	return out
}

func (g *gate) hasEnded() []string {
	out := g.host.Ended()
	slices.Sort(out)
	return out
}

func TestASignOutThatTheSourceTellsEndsWhatItNames(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	first := g.signsIn(t, upstream.Challenge{})
	second := g.signsIn(t, upstream.Challenge{}) // another browser in the same session at the source
	g.set(func(o *op) { o.claims = map[string]any{"sid": "sid-2"} })
	elsewhere := g.signsIn(t, upstream.Challenge{})
	g.set(func(o *op) {
		o.claims, o.info = map[string]any{"sid": nil, "sub": "another"}, map[string]any{"sub": "another"}
	})
	g.signsIn(t, upstream.Challenge{})
	if first.Session == second.Session || first.Session == "" {
		t.Fatal("two sessions have one name")
	}
	w := g.tells(g.logoutToken(map[string]any{"sid": "sid-1"}))
	if w.Code != http.StatusOK || w.Header().Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, %v", w.Code, w.Header())
	}
	if want := ended(first, second); !slices.Equal(g.hasEnded(), want) {
		t.Errorf("a session of the source: ended %v, want %v", g.hasEnded(), want)
	}
	if w := g.tells(g.logoutToken(map[string]any{"sid": nil})); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	if want := ended(first, second, first, second, elsewhere); !slices.Equal(g.hasEnded(), want) {
		t.Errorf("a person: ended %v, want %v", g.hasEnded(), want)
	}
	before := len(g.hasEnded())
	if w := g.tells(g.logoutToken(map[string]any{"sid": "of nobody", "sub": nil})); w.Code != http.StatusOK || len(g.hasEnded()) != before {
		t.Errorf("a session that nobody knows: status %d", w.Code)
	}
	g.silent(t, "")
}

func TestALogoutTokenThatIsNoneEndsNothing(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, upstream.Challenge{})
	at := func(d time.Duration) int64 { return g.clock.Now().Add(d).Unix() }
	for name, change := range map[string]map[string]any{
		"wrong iss": {"iss": "https://hostile.example"}, "wrong aud": {"aud": "hostile"}, "two audiences": {"aud": []string{clientID, "hostile"}},
		"a nonce": {"nonce": "hostile"}, "an empty nonce": {"nonce": ""}, "no event": {"events": map[string]any{}}, "no events": {"events": nil},
		"another event": {"events": map[string]any{"hostile": map[string]any{}}}, "no jti": {"jti": nil}, "no exp": {"exp": nil}, "no iat": {"iat": nil},
		"neither sid nor sub": {"sid": nil, "sub": nil}, "expired": {"exp": at(-10 * time.Minute)}, "of the future": {"iat": at(10 * time.Minute)},
		"of yesterday": {"iat": at(-24 * time.Hour)}, "for ever": {"exp": at(24 * time.Hour)},
	} {
		if w := g.tells(g.logoutToken(change)); w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), "invalid_request") {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	for name, made := range forge(t) {
		var token string
		o := newOP(t, g.clock)
		o.URL = g.URL
		o.key, o.keys = g.key, append(o.keys[:0:0], g.keys...)
		o.mu.Lock()
		token = made(o)
		o.mu.Unlock()
		if w := g.tells(token); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	g.mu.Lock()
	id := g.idToken()
	g.mu.Unlock()
	if w := g.tells(id); w.Code != http.StatusBadRequest {
		t.Errorf("an ID token: status %d", w.Code)
	}
	for name, form := range map[string]url.Values{"nothing": {}, "two": {"logout_token": {g.logoutToken(nil), g.logoutToken(nil)}}} {
		if w := g.request(http.MethodPost, "/source/ent/logout", form); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	if w := g.request(http.MethodGet, "/source/ent/logout?logout_token="+g.logoutToken(nil), nil); w.Code == http.StatusOK {
		t.Error("a GET signs people out")
	}
	if len(g.hasEnded()) != 0 {
		t.Errorf("ended %v", g.hasEnded())
	}
	if w := g.tells(g.logoutToken(nil)); w.Code != http.StatusOK || len(g.hasEnded()) != 1 {
		t.Errorf("the right one: status %d", w.Code)
	}
	g.silent(t, "")
}

func TestALogoutTokenIsFollowedOnceOnAllReplicas(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	second := gateAt(t, g.op, setup{tickets: g.tickets, ring: g.ring})
	g.signsIn(t, upstream.Challenge{})
	token := g.logoutToken(nil)
	var codes [8]int
	var all sync.WaitGroup
	for i := range codes {
		all.Go(func() {
			on := g
			if i%2 == 1 {
				on = second
			}
			codes[i] = on.tells(token).Code
		})
	}
	all.Wait()
	if followed := len(slices.DeleteFunc(codes[:], func(c int) bool { return c != http.StatusOK })); followed != 1 {
		t.Errorf("followed %d times", followed)
	}
	if got := len(g.hasEnded()) + len(second.hasEnded()); got != 1 {
		t.Errorf("%d sessions ended", got)
	}
}

func TestASignOutThatFailsMayBeToldAgain(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, upstream.Challenge{})
	token := g.logoutToken(nil)
	g.host.broken = errors.New("the store is away")
	if w := g.tells(token); w.Code != http.StatusServiceUnavailable {
		t.Errorf("status %d", w.Code)
	}
	g.host.broken = nil
	if w := g.tells(token); w.Code != http.StatusOK || len(g.hasEnded()) != 1 {
		t.Errorf("again: status %d, ended %v", w.Code, g.hasEnded())
	}
}

func TestAnEmptiedStoreFollowsNoLogoutTokenOfBefore(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	g.signsIn(t, upstream.Challenge{})
	token := g.logoutToken(map[string]any{"exp": g.clock.Now().Add(14 * time.Minute).Unix()})
	if w := g.tells(token); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	g.clock.Advance(10 * time.Minute)
	emptied := gateAt(t, g.op, setup{ring: g.ring, tickets: memdb.New(g.clock.Now)})
	if w := emptied.tells(token); w.Code != http.StatusBadRequest {
		t.Errorf("followed again: status %d", w.Code)
	}
}

// broken is a store that fails at one thing.
type broken struct {
	store.Tickets
	kind store.Kind
}

var errStore = errors.New("the store is away")

func (b broken) Put(ctx context.Context, t store.Ticket) error {
	if t.Kind == b.kind {
		return errStore
	}
	return b.Tickets.Put(ctx, t)
}

func (b broken) Create(ctx context.Context, t store.Ticket) error {
	if t.Kind == b.kind {
		return errStore
	}
	return b.Tickets.Create(ctx, t)
}

func (b broken) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == "take-"+b.kind || b.kind == "take" {
		return store.Ticket{}, errStore
	}
	return b.Tickets.Take(ctx, kind, name)
}

func TestAStoreThatFailsSignsNobodyIn(t *testing.T) {
	t.Parallel()
	clock := newClock()
	for kind, want := range map[store.Kind]int{"take": http.StatusServiceUnavailable, "oidc-sessions": http.StatusServiceUnavailable} {
		g := gateAt(t, newOP(t, clock), setup{tickets: broken{memdb.New(clock.Now), kind}})
		if w := g.answers(t, upstream.Challenge{}); w.Code != want || len(g.host.Signed()) != 0 {
			t.Errorf("%s: status %d", kind, w.Code)
		}
	}
	g := gateAt(t, newOP(t, clock), setup{tickets: broken{memdb.New(clock.Now), "oidc-logout"}})
	if w := g.tells(g.logoutToken(nil)); w.Code != http.StatusServiceUnavailable {
		t.Errorf("a sign-out that cannot be marked: status %d", w.Code)
	}
}

func TestSignOutLeadsToTheSourcesOwnOrNowhere(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	a := g.signsIn(t, upstream.Challenge{})
	got, err := g.SignOut(t.Context(), a.Authn)
	u, _ := url.Parse(got)
	if err != nil || !strings.HasPrefix(got, g.URL+"/end?") || u.Query().Get("x") != "1" || u.Query().Get("client_id") != clientID ||
		u.Query().Get("post_logout_redirect_uri") != "https://connexion.example/source/ent/signed-out" || u.Query().Has("id_token_hint") {
		t.Errorf("%s, %v", got, err)
	}
	none := gateAt(t, g.op, setup{settings: map[string]any{"end_session": "none"}})
	if got, err := none.SignOut(t.Context(), a.Authn); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	g.set(func(o *op) { o.about = map[string]any{"end_session_endpoint": nil} })
	silent := gateAt(t, g.op, setup{})
	if got, err := silent.SignOut(t.Context(), a.Authn); got != "" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	g.set(func(o *op) { o.about = map[string]any{"issuer": "https://hostile.example"} })
	away := gateAt(t, g.op, setup{})
	if got, err := away.SignOut(t.Context(), a.Authn); got != "" || !errors.Is(err, upstream.ErrUnavailable) {
		t.Errorf("%q, %v", got, err)
	}
}

// TestOnePersonInManyBrowsersAtOnceIsSignedOutInAll writes one list from two replicas at the same time.
func TestOnePersonInManyBrowsersAtOnceIsSignedOutInAll(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	second := gateAt(t, g.op, setup{tickets: g.tickets, ring: g.ring})
	g.set(func(o *op) {
		o.token = func(form url.Values) string { // the code says which question it answers
			o.claims = map[string]any{"nonce": form.Get("code")}
			return o.idToken()
		}
	})
	var all sync.WaitGroup
	for i := range 12 {
		on := g
		if i%2 == 1 {
			on = second
		}
		location, err := on.leaves(upstream.Challenge{})
		if err != nil {
			t.Fatal(err)
		}
		q := location.Query()
		all.Go(func() {
			if w := on.callback(url.Values{"state": {q.Get("state")}, "code": {q.Get("nonce")}}); w.Code != http.StatusNoContent {
				t.Errorf("status %d, %v", w.Code, on.host.Failures())
			}
		})
	}
	all.Wait()
	if w := g.tells(g.logoutToken(map[string]any{"sid": nil})); w.Code != http.StatusOK {
		t.Fatalf("status %d", w.Code)
	}
	if want := ended(append(g.host.Signed(), second.host.Signed()...)...); len(want) != 12 || !slices.Equal(g.hasEnded(), want) {
		t.Errorf("ended %d of %d", len(g.hasEnded()), len(want))
	}
}
