package oidcop_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-jose/go-jose/v4"

	"ecluse/internal/idp"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/store/sqldb"
)

func TestLogoutTokenIsNoHint(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	h := rp.house(t)
	h.code(t, "classe")
	if step, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil || step.Outcome != idp.Done {
		t.Fatalf("sign-out: %v, %v", step, err)
	}
	ownPage(t, "logout token as hint", h.leave(t, "id_token_hint", rp.got()[0]), http.StatusBadRequest)
	if q := h.errorOf(t, "logout token at authorize", request("classe", "id_token_hint", rp.got()[0])); q.Get("error") != "invalid_request" {
		t.Errorf("answer %v", q)
	}
}

// service is a relying party that is told sign-outs.
type service struct {
	*httptest.Server
	mu     sync.Mutex
	tokens []string
	status int
}

func newService(t *testing.T) *service {
	t.Helper()
	s := &service{status: http.StatusOK}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if r.Method != http.MethodPost || r.URL.RawQuery != "x=1" || r.ParseForm() != nil || len(r.PostForm) != 1 {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		s.tokens = append(s.tokens, r.PostForm.Get("logout_token"))
		w.WriteHeader(s.status)
	}))
	t.Cleanup(s.Close)
	return s
}

func (s *service) got() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.tokens)
}

func (s *service) answer(status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.status = status
}

// house is one with a real queue, in which classe is told sign-outs.
func (s *service) house(t *testing.T) *house {
	t.Helper()
	var queue *sqldb.Queue
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		db, err := sqldb.Open(context.Background(), "sqlite:"+filepath.Join(t.TempDir(), "q.db"), sqldb.Options{Now: c.Now})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		queue = db.Queue()
		c.Client, c.Queue, c.Sealer = http.DefaultClient, queue, ring(t)
	})
	h.change(set("classe", "backchannel_logout_uri", s.URL+"/logout?x=1", "backchannel_logout_session_required", true))
	return h
}

func TestBackChannelLogoutTokenSaysWhatTheSpecificationWants(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	h := rp.house(t)
	id := payload(t, h.exchange(t, "classe", h.code(t, "classe")).text("id_token"))
	for range 2 {
		if step, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil || step.Outcome != idp.Done {
			t.Fatalf("sign-out: %+v, %v", step, err)
		}
	}
	tokens := rp.got()
	if len(tokens) != 2 {
		t.Fatalf("%d tokens were sent", len(tokens))
	}
	claims, head := payload(t, tokens[0]), header(t, tokens[0])
	if head["typ"] != "logout+jwt" || head["alg"] != "RS256" || head["kid"] == "" {
		t.Errorf("header %v", head)
	}
	now := float64(h.clock.Now().Unix())
	for name, want := range map[string]any{
		"iss": h.issuer, "aud": "classe", "sub": id["sub"], "sid": id["sid"], "iat": now, "exp": now + 120, "nonce": nil,
	} {
		if claims[name] != want {
			t.Errorf("%s is %v, want %v", name, claims[name], want)
		}
	}
	if events, _ := json.Marshal(claims["events"]); string(events) != `{"http://schemas.openid.net/event/backchannel-logout":{}}` {
		t.Errorf("events %s", events)
	}
	if claims["jti"] == "" || claims["jti"] == payload(t, tokens[1])["jti"] {
		t.Error("the tokens cannot be told apart")
	}
	var published jose.JSONWebKeySet
	decode(t, must(browser.Get(h.issuer+"/oidc/jwks")), &published)
	signed, err := jose.ParseSignedCompact(tokens[0], []jose.SignatureAlgorithm{jose.RS256})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := signed.Verify(published); err != nil {
		t.Errorf("the token does not verify with the published keys: %v", err)
	}
	rp.answer(http.StatusNoContent)
	if step, _ := h.provider.SignOut(t.Context(), h.participants[0], "x"); step.Outcome != idp.Done {
		t.Errorf("204 is %s", step.Outcome)
	}
}

func must(resp *http.Response, err error) *http.Response {
	if err != nil {
		panic(err)
	}
	return resp
}

func TestSignOutThatAServiceDoesNotTakeIsToldAgainWithPausesThatGrow(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	h := rp.house(t)
	h.code(t, "classe")
	rp.answer(http.StatusServiceUnavailable)
	if step, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil || step.Outcome != idp.Queued {
		t.Fatalf("sign-out: %+v, %v; want it queued", step, err)
	}
	begun, last, tries, longest := h.clock.Now(), h.clock.Now(), 1, time.Duration(0)
	var said string
	for h.clock.Now().Sub(begun) < 30*time.Hour {
		h.clock.Advance(30 * time.Second)
		if _, err := h.provider.Deliver(t.Context()); err != nil {
			said = err.Error()
		}
		if n := len(rp.got()); n > tries {
			pause := h.clock.Now().Sub(last)
			if pause < longest && longest < time.Hour {
				t.Errorf("try %d came after %s, the one before after %s", n, pause, longest)
			}
			longest, last, tries = max(longest, pause), h.clock.Now(), n
		}
	}
	if tries < 20 || tries > 40 || longest < time.Hour || longest > time.Hour+time.Minute || last.Sub(begun) > 24*time.Hour {
		t.Errorf("%d tries, the longest pause %s, the last after %s", tries, longest, last.Sub(begun))
	}
	if !strings.Contains(said, "classe") || strings.Contains(said, rp.URL) {
		t.Errorf("giving up says %q", said)
	}
	if payload(t, rp.got()[0])["jti"] == payload(t, rp.got()[tries-1])["jti"] {
		t.Error("an old token is sent again")
	}
}

func TestQueuedSignOutIsToldOnceTheServiceIsBack(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	h := rp.house(t)
	h.code(t, "classe")
	rp.answer(http.StatusBadGateway)
	if step, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil || step.Outcome != idp.Queued {
		t.Fatalf("sign-out: %+v, %v", step, err)
	}
	rp.answer(http.StatusOK)
	for range 5 {
		h.clock.Advance(time.Hour)
		if _, err := h.provider.Deliver(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if n := len(rp.got()); n != 2 {
		t.Errorf("it was told %d times, want the first and one more", n)
	}
}

func TestQueuedSignOutOfAServiceThatWasRemovedIsDropped(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(*gateway){
		"no address": set("classe", "backchannel_logout_uri", nil, "backchannel_logout_session_required", nil),
		"no binding": func(g *gateway) { g.contents.Services = g.contents.Services[:1] },
		"another's":  func(g *gateway) { g.contents.Services[1].ID = "autre" },
	} {
		rp := newService(t)
		h := rp.house(t)
		h.code(t, "classe")
		rp.answer(http.StatusBadGateway)
		if _, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil {
			t.Fatal(err)
		}
		h.change(func(g *gateway) { g.stale = true })
		h.clock.Advance(time.Hour)
		if _, err := h.provider.Deliver(t.Context()); !errors.Is(err, registry.ErrStale) {
			t.Errorf("%s: on a stale registry %v", name, err)
		}
		h.change(func(g *gateway) { g.stale = false; g.contents = contents() })
		h.change(set("classe", "backchannel_logout_uri", rp.URL+"/logout?x=1"))
		h.change(how)
		h.clock.Advance(time.Hour)
		if n, err := h.provider.Deliver(t.Context()); err != nil || n != 1 {
			t.Errorf("%s: %d looked at, %v", name, n, err)
		}
		h.clock.Advance(time.Hour)
		if n, err := h.provider.Deliver(t.Context()); err != nil || n != 0 || len(rp.got()) != 1 {
			t.Errorf("%s: %d in the queue, %v, told %d times", name, n, err, len(rp.got()))
		}
	}
}

func TestOneServiceDoesNotFillTheQueue(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	var kept int
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Client, c.Queue, c.Sealer = http.DefaultClient, counted{n: &kept}, ring(t)
	})
	h.change(set("classe", "backchannel_logout_uri", rp.URL))
	h.code(t, "classe")
	var last idp.SignOutStep
	for range 5001 {
		var err error
		if last, err = h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil {
			t.Fatal(err)
		}
	}
	if kept != 5000 || last.Outcome != idp.Unsupported {
		t.Errorf("%d were kept, the last is %s", kept, last.Outcome)
	}
}

// counted counts what is put, and refuses what shows whose it is.
type counted struct {
	store.Queue
	n *int
}

func (c counted) Put(_ context.Context, d store.Delivery) error {
	*c.n++
	for _, shown := range []string{"classe", "session", `"sub"`} {
		if strings.Contains(string(d.Body), shown) {
			return fmt.Errorf("the body shows %s", shown)
		}
	}
	return d.Check()
}

func TestSignOutThatCannotBeToldSaysSo(t *testing.T) {
	t.Parallel()
	rp := newService(t)
	h := rp.house(t)
	h.code(t, "calcul")
	h.code(t, "classe")
	if step, err := h.provider.SignOut(t.Context(), h.participants[0], "x"); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("without an address: %+v, %v", step, err)
	}
	h.change(func(g *gateway) { g.contents.Services[1].ID = "autre" })
	if step, err := h.provider.SignOut(t.Context(), h.participants[1], "x"); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("the client of another service: %+v, %v", step, err)
	}
	if _, err := h.provider.SignOut(t.Context(), idp.Participant{State: []byte("{")}, "x"); err == nil {
		t.Error("a session that cannot be read is ended")
	}
	h.change(func(g *gateway) { g.stale = true })
	if _, err := h.provider.SignOut(t.Context(), h.participants[1], "x"); !errors.Is(err, registry.ErrStale) {
		t.Errorf("on a stale registry: %v", err)
	}
	if len(rp.got()) != 0 {
		t.Error("somebody was told")
	}
	bare := newHouse(t, nil)
	bare.change(set("classe", "backchannel_logout_uri", rp.URL))
	bare.code(t, "classe")
	if step, err := bare.provider.SignOut(t.Context(), bare.participants[0], "x"); err != nil || step.Outcome != idp.Unsupported {
		t.Errorf("without a client: %+v, %v", step, err)
	}
	if n, err := bare.provider.Deliver(t.Context()); n != 0 || err != nil {
		t.Errorf("without a queue: %d, %v", n, err)
	}
}

func TestFrontChannelLogoutLoadsTheRegisteredAddressWithIssuerAndSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("classe", "frontchannel_logout_uri", "https://rp.example/out?keep=1", "frontchannel_logout_session_required", true))
	sid, _ := payload(t, h.exchange(t, "classe", h.code(t, "classe")).text("id_token"))["sid"].(string)
	step, err := h.provider.SignOut(t.Context(), h.participants[0], "x")
	if err != nil || step.Outcome != idp.Framed || sid == "" {
		t.Fatalf("sign-out: %+v, %v", step, err)
	}
	want := "https://rp.example/out?keep=1&iss=" + url.QueryEscape(h.issuer) + "&sid=" + sid
	if step.Browser.Location != want || step.Browser.Action != "" {
		t.Errorf("the browser loads %q, want %q", step.Browser.Location, want)
	}
}
