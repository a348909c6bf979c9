package oidcop_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
)

func TestCodeWorksOnceAndAReplayRevokesWhatItIssued(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	first := h.exchange(t, "calcul", code)
	token := first.text("access_token")
	if info := h.userinfo(t, token); info.status != http.StatusOK {
		t.Fatalf("userinfo before the replay: %d", info.status)
	}
	refused(t, "second showing", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	refused(t, "userinfo after the replay", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
	refused(t, "third showing", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
}

func TestReplayIsNoticedAsLongAsTheAccessTokenLives(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	token := h.exchange(t, "calcul", code).text("access_token")
	h.clock.Advance(9 * time.Minute)
	refused(t, "late replay", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	refused(t, "userinfo", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
}

func TestCodeAndAccessTokenEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	h.clock.Advance(61 * time.Second)
	refused(t, "code after a minute", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	r := h.exchange(t, "calcul", h.code(t, "calcul"))
	if life := r.body["expires_in"]; life != 600.0 {
		t.Errorf("expires_in %v, want 600", life)
	}
	h.clock.Advance(10*time.Minute + time.Second)
	refused(t, "token after ten minutes", h.userinfo(t, r.text("access_token")), http.StatusUnauthorized, "invalid_token")
}

func TestNothingOutlivesTheDeclaration(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	last := time.Date(2027, 7, 10, 23, 59, 0, 0, time.UTC) // the declaration ends with that day
	h.clock.Advance(last.Sub(h.clock.Now()))
	r := h.exchange(t, "calcul", h.code(t, "calcul"))
	id := payload(t, r.text("id_token"))
	if end := int64(id["exp"].(float64)); r.body["expires_in"] != 60.0 || end != last.Add(time.Minute).Unix() {
		t.Errorf("expires_in %v, exp %d; want one minute", r.body["expires_in"], end)
	}
	h.clock.Advance(2 * time.Minute)
	refused(t, "userinfo the day after", h.userinfo(t, r.text("access_token")), http.StatusUnauthorized, "invalid_token")
}

func TestWrongVerifierCostsTheCode(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, wrong := range map[string]string{
		"missing": "", "other": strings.Repeat("a", 43), "short": "abc", "the challenge itself": challenge,
		"too long": verifier + strings.Repeat("a", 128), "case": strings.ToUpper(verifier),
	} {
		for _, client := range []string{"calcul", "classe", "ancien"} {
			code := h.code(t, client)
			refused(t, name, h.exchange(t, client, code, "code_verifier", wrong), http.StatusBadRequest, "invalid_grant")
			refused(t, name+", then burnt off", h.exchange(t, client, code, "code_verifier", ""), http.StatusBadRequest, "invalid_grant")
			refused(t, name+", then the right one", h.exchange(t, client, code), http.StatusBadRequest, "invalid_grant")
		}
	}
}

func TestVerifierWithoutChallengeIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	bare := []string{"code_challenge", "", "code_challenge_method", ""}
	r := h.exchange(t, "ancien", h.code(t, "ancien", bare...), "code_verifier", "")
	if r.text("id_token") == "" {
		t.Errorf("a client registered without PKCE got %v", r.body)
	}
	r = h.exchange(t, "ancien", h.code(t, "ancien", bare...))
	refused(t, "verifier out of nowhere", r, http.StatusBadRequest, "invalid_grant")
}

func TestCodeBelongsToItsClientAndAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	refused(t, "another service's code", h.exchange(t, "classe", h.code(t, "calcul")), http.StatusBadRequest, "invalid_grant")
	refused(t, "the same service's other client", h.exchange(t, "poste", h.code(t, "classe")), http.StatusBadRequest, "invalid_grant")
	for _, wrong := range []string{"", callback + "/", "https://RP.example/cb", "https://rp.example/app?x=1"} {
		r := h.exchange(t, "calcul", h.code(t, "calcul"), "redirect_uri", wrong)
		refused(t, "redirect_uri "+wrong, r, http.StatusBadRequest, "invalid_grant")
	}
}

func TestForgedCodesAreRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	key, mac, _ := strings.Cut(code, ".")
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	for name, forged := range map[string]string{
		"nothing of ours": "abc", "dots": "...", "empty mac": key + ".", "long": strings.Repeat("a", 5000) + "." + strings.Repeat("b", 5000),
		"access token": token,
	} {
		refused(t, name, h.exchange(t, "calcul", forged), http.StatusBadRequest, "invalid_grant")
	}
	refused(t, "the stored half with another half", h.exchange(t, "calcul", "AAAA."+mac), http.StatusBadRequest, "invalid_grant")
}

func TestSuspensionBetweenCodeAndTokenStopsTheToken(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "classe", "scope", "openid profile")
	h.change(suspend("classe"))
	r := h.exchange(t, "classe", code)
	refused(t, "token", r, http.StatusBadRequest, "invalid_grant")
	if !strings.Contains(r.text("error_description"), "K7Q2-9FM7") {
		t.Errorf("description %q has no reference", r.text("error_description"))
	}
}

func TestGatewaysNoAtTheTokenEndpoint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		err    error
		status int
		code   string
	}{
		"denied":      {&idp.Failure{Kind: idp.Denied}, http.StatusBadRequest, "invalid_grant"},
		"page needed": {&idp.Failure{Kind: idp.PageNeeded}, http.StatusBadRequest, "invalid_grant"},
		"internal":    {&idp.Failure{Kind: idp.Internal, Ref: "K7Q2-9FM7"}, http.StatusInternalServerError, "server_error"},
		"store gone":  {errors.New("no store"), http.StatusInternalServerError, "server_error"},
	} {
		h := newHouse(t, nil)
		code := h.code(t, "calcul")
		h.change(func(g *gateway) { g.later = c.err })
		refused(t, name, h.exchange(t, "calcul", code), c.status, c.code)
		h.change(func(g *gateway) { g.later = nil })
		refused(t, name+", again", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	}
}

func TestAnotherSubjectKillsTheGrant(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	code := h.code(t, "calcul")
	token := h.exchange(t, "calcul", h.code(t, "calcul")).text("access_token")
	h.change(func(g *gateway) { g.person.Key.ID = "somebody else" })
	refused(t, "token", h.exchange(t, "calcul", code), http.StatusBadRequest, "invalid_grant")
	refused(t, "userinfo", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
	h.change(func(g *gateway) {
		g.person = pupil(h.clock.Now())
		g.person.Key = person.Key{Authority: "school", ID: "lea"}
	})
	refused(t, "userinfo, the first person again", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
}

// TestTwoRedemptionsAtOnceGiveOneToken shows one code from several sides at once, with PKCE and without. One wins, and
// the losers revoke what it got.
func TestTwoRedemptionsAtOnceGiveOneToken(t *testing.T) {
	t.Parallel()
	sqlite := func(now func() time.Time) store.Tickets {
		db, err := sqldb.Open(context.Background(), filepath.Join(t.TempDir(), "gateway.db"), sqldb.Options{Now: now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		return db.Tickets()
	}
	for name, c := range map[string]struct {
		open   func(now func() time.Time) store.Tickets
		rounds int
	}{"memory": {nil, 100}, "sqlite": {sqlite, 25}} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, c.open)
			for round := range c.rounds {
				if round%2 == 0 {
					race(t, h, h.code(t, "ancien"), verifier)
				} else {
					race(t, h, h.code(t, "ancien", "code_challenge", "", "code_challenge_method", ""), "")
				}
			}
		})
	}
}

func race(t *testing.T, h *house, code, verifier string) {
	t.Helper()
	const sides = 4
	replies := make([]reply, sides)
	var wg sync.WaitGroup
	for i := range sides {
		wg.Go(func() { replies[i] = h.exchange(t, "ancien", code, "code_verifier", verifier) })
	}
	wg.Wait()
	tokens := 0
	for _, r := range replies {
		if token := r.text("access_token"); token != "" {
			tokens++
			refused(t, "userinfo of a code shown twice", h.userinfo(t, token), http.StatusUnauthorized, "invalid_token")
			continue
		}
		refused(t, "loser", r, http.StatusBadRequest, "invalid_grant")
	}
	if tokens != 1 {
		t.Fatalf("one code gave %d tokens, want one", tokens)
	}
}

// failing is a store that stops working.
type failing struct {
	store.Tickets
	mu  sync.Mutex
	now bool
}

func (f *failing) Write(ctx context.Context, ops ...store.Op) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.now {
		return fmt.Errorf("the store is gone")
	}
	return f.Tickets.Write(ctx, ops...)
}

func TestStoreThatFailsGivesNoToken(t *testing.T) {
	t.Parallel()
	broken := &failing{}
	h := newHouse(t, func(now func() time.Time) store.Tickets { broken.Tickets = memory(now); return broken })
	code := h.code(t, "calcul")
	broken.mu.Lock()
	broken.now = true
	broken.mu.Unlock()
	refused(t, "token", h.exchange(t, "calcul", code), http.StatusInternalServerError, "server_error")
	if len(h.failed) != 1 || strings.Contains(h.failed[0], code) {
		t.Errorf("reported %q, want one report without the code", h.failed)
	}
}
