package oidcop_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/redisdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/store/storetest"
	"ecluse/internal/web"
)

// engines open one store from two sides, as two replicas do.
func engines() map[string]func(t *testing.T, now func() time.Time) [2]store.Tickets {
	databases := func(t *testing.T, location string, now func() time.Time) (out [2]store.Tickets) {
		for i := range out {
			db, err := sqldb.Open(context.Background(), location, sqldb.Options{Now: now})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = db.Close() })
			out[i] = db.Tickets()
		}
		return out
	}
	return map[string]func(t *testing.T, now func() time.Time) [2]store.Tickets{
		"sqlite": func(t *testing.T, now func() time.Time) [2]store.Tickets {
			return databases(t, t.TempDir()+"/gateway.db", now)
		},
		"postgres": func(t *testing.T, now func() time.Time) [2]store.Tickets {
			return databases(t, storetest.Postgres(t), now)
		},
		"redis": func(t *testing.T, now func() time.Time) (out [2]store.Tickets) {
			location := storetest.Redis(t)
			for i := range out {
				db, err := redisdb.Open(t.Context(), location, redisdb.Options{Now: now})
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

// TestOneCodeAtTwoReplicasIsRedeemedOnce shows each of a thousand codes to two replicas at once, with PKCE and without:
// exactly one gives tokens, and the other takes them back.
func TestOneCodeAtTwoReplicasIsRedeemedOnce(t *testing.T) {
	t.Parallel()
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := replicas(t, open)
			for round := range rounds {
				var bare []string
				proof := verifier
				if round%2 == 1 {
					bare, proof = []string{"code_challenge", "", "code_challenge_method", ""}, ""
				}
				redeemOnce(t, pair, pair[0].code(t, "ancien", bare...), proof)
			}
		})
	}
}

func redeemOnce(t *testing.T, pair [2]*house, code, verifier string) {
	t.Helper()
	var replies [2]reply
	var wg sync.WaitGroup
	for i, h := range pair {
		wg.Go(func() { replies[i] = h.exchange(t, "ancien", code, "code_verifier", verifier) })
	}
	wg.Wait()
	tokens := 0
	for _, r := range replies {
		if r.text("access_token") != "" {
			tokens++
			continue
		}
		refused(t, "the other replica", r, http.StatusBadRequest, "invalid_grant")
	}
	if tokens != 1 {
		t.Fatalf("one code gave %d tokens: %v", tokens, replies)
	}
}

// replicas are two providers of one issuer, one gateway behind them, each with its own way to one store. Redis ends what it
// keeps by real time, so that the clock shows it.
func replicas(t *testing.T, open func(t *testing.T, now func() time.Time) [2]store.Tickets) [2]*house {
	t.Helper()
	clock := storetest.NewClock(time.Now())
	stores := open(t, clock.Now)
	var cfg oidcop.Config
	first := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Tickets, c.Now = store.Sealed(stores[0], ring(t)), clock.Now
		cfg = *c
	})
	first.clock = clock
	first.change(func(g *gateway) {
		g.clock, g.person, g.book.Now = clock, pupil(clock.Now()), clock.Now
		today := registry.DateOf(clock.Now())
		for i := range g.contents.Declarations {
			g.contents.Declarations[i].From, g.contents.Declarations[i].Until = today.Add(-30), today.Add(30)
		}
		for _, s := range g.contents.Sources {
			s.Declaration.From, s.Declaration.Until = today.Add(-30), today.Add(30)
		}
	})
	cfg.Tickets = store.Sealed(stores[1], ring(t))
	provider, err := oidcop.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	mux := web.NewMux(first.kit)
	provider.Mount(mux, replica{first.gateway, cfg.Tickets})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	clock.Advance(time.Since(clock.Now())) // the store's epoch is of the time when it was opened
	return [2]*house{first, {gateway: first.gateway, clock: clock, provider: provider, issuer: server.URL}}
}

// TestAssertionsProofsAndRefreshTokensAreSharedByReplicas: what was shown to one is known to the other, and one refresh token
// at both gives one line.
func TestAssertionsProofsAndRefreshTokensAreSharedByReplicas(t *testing.T) {
	t.Parallel()
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := replicas(t, open)
			key := keyFor(t, "ES256")
			pair[0].change(lasting)
			pair[0].register(t, "signer", fmt.Sprintf(keyClient, `"jwks":`+jwksOf(t, "k1", key)))
			pair[0].register(t, "again", publicAgain)
			token := signedBy(t, "ES256", key, nil, pair[0].assertion("signer"))
			if r := pair[0].to(t, "/oidc/token", pair[0].asserted("signer", pair[0].code(t, "signer"), token)); r.status != http.StatusOK {
				t.Fatalf("%v", r.body)
			}
			form := pair[1].asserted("signer", pair[1].code(t, "signer"), token)
			refused(t, "the assertion at the other", pair[1].to(t, "/oidc/token", form), 401, "invalid_client")
			form.Set("client_assertion", signedBy(t, "ES256", key, nil, pair[0].assertion("signer")))
			if r := pair[1].to(t, "/oidc/token", form); r.status != http.StatusOK {
				t.Errorf("a new one at the other: %v", r.body)
			}
			proof := pair[0].dpop(t, key, "POST", "/oidc/token", "")
			if r := pair[0].to(t, "/oidc/token", redeeming("again", pair[0].offline(t, "again")), "DPoP", proof); r.status != http.StatusOK {
				t.Errorf("a proof: %v", r.body)
			}
			refused(t, "the proof at the other", pair[1].to(t, "/oidc/token", redeeming("again", pair[0].offline(t, "again")), "DPoP", proof), 400, "invalid_dpop_proof")
			refresh := pair[0].to(t, "/oidc/token", redeeming("again", pair[0].offline(t, "again"))).text("refresh_token")
			for range 20 {
				var replies [2]reply
				var wg sync.WaitGroup
				for i, h := range pair {
					wg.Go(func() { replies[i] = h.to(t, "/oidc/token", renewing("again", refresh)) })
				}
				wg.Wait()
				if replies[0].status != 200 || replies[1].status != 200 || replies[0].text("refresh_token") != replies[1].text("refresh_token") {
					t.Fatalf("one refresh token at both: %v", replies)
				}
				refresh = replies[0].text("refresh_token")
			}
		})
	}
}

// TestNothingReadableLiesInTheStore runs a whole story over a store that keeps what it is given, and looks for what was said.
func TestNothingReadableLiesInTheStore(t *testing.T) {
	t.Parallel()
	kept := &keeping{}
	h := newHouse(t, func(now func() time.Time) store.Tickets { kept.Tickets = memdb.New(now); return kept })
	h.change(lasting)
	h.withSecret(t, "geheim", jwtAccess)
	key := freshKey(t)
	code := h.offline(t, "geheim", "nonce", "a-nonce-to-find", "state", "a-state-to-find")
	proof := h.dpop(t, key, "POST", "/oidc/token", "", "jti", "a-jti-to-find")
	r := h.to(t, "/oidc/token", redeeming("geheim", code, "client_secret", secret), "DPoP", proof)
	access, refresh := r.text("access_token"), r.text("refresh_token")
	h.to(t, "/oidc/token", renewing("geheim", refresh, "client_secret", secret), "DPoP", h.dpop(t, key, "POST", "/oidc/token", ""))
	sub, _ := payload(t, r.text("id_token"))["sub"].(string)
	if sub == "" || refresh == "" {
		t.Fatalf("%v", r.body)
	}
	jti, _ := payload(t, access)["jti"].(string)
	family, _, _ := strings.Cut(refresh, ".")
	for what, text := range map[string]string{
		"code": code, "half of the code": strings.SplitN(code, ".", 2)[1], "access token": access, "its name": jti, "refresh token": refresh, "family": family, "sub": sub,
		"secret": secret, "nonce": "a-nonce-to-find", "jti": "a-jti-to-find", "client": "geheim", "address": callback, "name": "Léa", "scope": "offline_access",
	} {
		if kept.has(text) {
			t.Errorf("the store holds the %s in clear", what)
		}
	}
	if kept.writes < 5 {
		t.Errorf("only %d writes were looked at", kept.writes)
	}
}

// keeping remembers everything that was ever written.
type keeping struct {
	store.Tickets
	mu     sync.Mutex
	all    strings.Builder
	writes int
}

func (k *keeping) note(t store.Ticket) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.writes++
	k.all.WriteString(t.Name + "\n" + string(t.Value) + "\n")
}

func (k *keeping) has(text string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return strings.Contains(k.all.String(), text)
}

func (k *keeping) Put(ctx context.Context, t store.Ticket) error {
	k.note(t)
	return k.Tickets.Put(ctx, t)
}

func (k *keeping) Create(ctx context.Context, t store.Ticket) error {
	k.note(t)
	return k.Tickets.Create(ctx, t)
}

func (k *keeping) Replace(ctx context.Context, t store.Ticket) error {
	k.note(t)
	return k.Tickets.Replace(ctx, t)
}

func (k *keeping) Write(ctx context.Context, ops ...store.Op) error {
	for _, op := range ops {
		k.note(op.Ticket)
	}
	return k.Tickets.Write(ctx, ops...)
}

// emptied is a store that forgot everything a moment after now.
type emptied struct{ store.Tickets }

func (e emptied) Epoch(ctx context.Context) (time.Time, error) {
	epoch, err := e.Tickets.Epoch(ctx)
	return epoch.Add(2 * time.Second), err
}

func TestWhatWasSignedBeforeTheStoreWasEmptiedIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(now func() time.Time) store.Tickets { return emptied{memdb.New(now)} })
	h.register(t, "signer", fmt.Sprintf(keyClient, `"jwks":`+jwksOf(t, "k1", keyFor(t, "ES256"))))
	try := func() reply {
		return h.to(t, "/oidc/token", h.asserted("signer", h.code(t, "signer"), signedBy(t, "ES256", keyFor(t, "ES256"), nil, h.assertion("signer"))))
	}
	refused(t, "before", try(), 401, "invalid_client")
	h.clock.Advance(3 * time.Second)
	if r := try(); r.status != http.StatusOK {
		t.Errorf("after: %v", r.body)
	}
}
