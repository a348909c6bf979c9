package oidcop_test

import (
	"context"
	"net/http"
	"sync"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
)

// writes tells what is written, one line for each wait for the disk.
type writes struct {
	store.Tickets
	mu    sync.Mutex
	waits [][]store.Op
}

func (w *writes) note(ops ...store.Op) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.waits = append(w.waits, ops)
}

// since gives what was written after the call before.
func (w *writes) since() [][]store.Op {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := w.waits
	w.waits = nil
	return out
}

func (w *writes) Put(ctx context.Context, t store.Ticket) error {
	w.note(store.Op{Do: store.Put, Ticket: t})
	return w.Tickets.Put(ctx, t)
}

func (w *writes) Create(ctx context.Context, t store.Ticket) error {
	w.note(store.Op{Do: store.Create, Ticket: t})
	return w.Tickets.Create(ctx, t)
}

func (w *writes) Replace(ctx context.Context, t store.Ticket) error {
	w.note(store.Op{Do: store.Replace, Ticket: t})
	return w.Tickets.Replace(ctx, t)
}

func (w *writes) Write(ctx context.Context, ops ...store.Op) error {
	w.note(ops...)
	return w.Tickets.Write(ctx, ops...)
}

func watched(t *testing.T) (*house, *writes) {
	t.Helper()
	w := &writes{}
	return newHouse(t, func(now func() time.Time) store.Tickets { w.Tickets = memdb.New(now); return w }), w
}

func TestTheUseOfACodeAndItsTokenAreOneWrite(t *testing.T) {
	t.Parallel()
	for client, more := range map[string]string{"plain": "", "jwt": `,"access_token":"jwt","access_token_audience":"https://api.example"`} {
		h, w := watched(t)
		h.register(t, client, `{"redirect_uris":["`+callback+`"],"type":"public"`+more+`}`)
		code := h.code(t, client)
		w.since()
		r := h.to(t, "/oidc/token", redeeming(client, code))
		if made := w.since(); r.status != http.StatusOK || len(made) != 1 || len(made[0]) != 2 {
			t.Errorf("%s: status %d, %v", client, r.status, made)
		}
		if info := h.userinfo(t, r.text("access_token")); info.status != http.StatusOK {
			t.Errorf("%s: userinfo %d", client, info.status)
		}
	}
}

func TestARefreshIsOneWrite(t *testing.T) {
	t.Parallel()
	h, w := watched(t)
	h.register(t, "again", publicAgain)
	h.change(lasting)
	code := h.offline(t, "again")
	w.since()
	first := h.to(t, "/oidc/token", redeeming("again", code))
	if made := w.since(); len(made) != 2 || len(made[0]) != 2 || len(made[1]) != 1 {
		t.Errorf("code, token and family: %v", made)
	}
	second := h.to(t, "/oidc/token", params("grant_type", "refresh_token", "client_id", "again", "refresh_token", first.text("refresh_token")))
	if made := w.since(); second.status != http.StatusOK || len(made) != 1 || len(made[0]) != 2 {
		t.Errorf("refresh: status %d, %v", second.status, made)
	}
}

// TestATokenThatWasPlannedForLongerEndsWithItsDeclaration: what the gateway says last counts, in the answer and in the record.
func TestATokenThatWasPlannedForLongerEndsWithItsDeclaration(t *testing.T) {
	t.Parallel()
	h, w := watched(t)
	h.change(lasting)
	today := registry.DateOf(h.clock.Now())
	h.clock.Advance(h.clock.Now().Truncate(24 * time.Hour).Add(24*time.Hour - 40*time.Second).Sub(h.clock.Now()))
	code := h.code(t, "calcul")
	h.change(func(g *gateway) {
		for i := range g.contents.Declarations {
			g.contents.Declarations[i].Until = today
		}
	})
	w.since()
	r := h.exchange(t, "calcul", code)
	made := w.since()
	if life, _ := r.body["expires_in"].(float64); r.status != http.StatusOK || life <= 0 || life > 40 || len(made) != 2 {
		t.Fatalf("status %d, expires_in %v, %v", r.status, r.body["expires_in"], made)
	}
	if info := h.userinfo(t, r.text("access_token")); info.status != http.StatusOK {
		t.Errorf("userinfo: %d", info.status)
	}
	last := made[1][0].Ticket.Expires
	if left := last.Sub(h.clock.Now()); left > 40*time.Second {
		t.Errorf("the record lives for %s", left)
	}
}

// TestAPlannedTokenIsToldNobodyWhoFails: a code that was shown with a wrong verifier is used, and no answer carries a token.
func TestAPlannedTokenIsToldNobodyWhoFails(t *testing.T) {
	t.Parallel()
	h, w := watched(t)
	code := h.code(t, "calcul")
	w.since()
	refused(t, "wrong verifier", h.exchange(t, "calcul", code, "code_verifier", verifier+"x"), http.StatusBadRequest, "invalid_grant")
	if made := w.since(); len(made) != 1 {
		t.Errorf("%v", made)
	}
	refused(t, "right verifier after it", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
}
