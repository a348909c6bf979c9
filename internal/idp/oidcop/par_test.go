package oidcop_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/oidcop"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
)

// push sends an authorization request to the PAR endpoint, as poste does.
func (h *house) push(t *testing.T, v url.Values) reply {
	t.Helper()
	v.Set("client_id", "poste")
	v.Set("client_secret", secret)
	return h.send(t, h.post(t, "/oidc/par", v))
}

func TestPushedRequestIsUsedOneTimeByTheClientWhoseItIs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	r := h.push(t, request("poste", "prompt", "login", "state", "inside"))
	uri := r.text("request_uri")
	if r.status != http.StatusCreated || !strings.HasPrefix(uri, "urn:ietf:params:oauth:request_uri:") || len(uri) < 56 ||
		r.body["expires_in"] != float64(90) || r.header.Get("Cache-Control") != "no-store" {
		t.Fatalf("status %d, %v", r.status, r.body)
	}
	ownPage(t, "another client", h.ask(t, params("client_id", "classe", "request_uri", uri)), http.StatusBadRequest)
	if resp, err := browser.Head(h.issuer + "/oidc/authorize?" + params("client_id", "poste", "request_uri", uri).Encode()); err != nil || resp.StatusCode != http.StatusBadRequest {
		t.Errorf("HEAD: %v, %v", resp, err)
	}
	outside := params("client_id", "poste", "request_uri", uri, "state", "outside", "redirect_uri", "https://evil.example/",
		"prompt", "none", "scope", "openid profile", "response_mode", "fragment", "nonce", "outside")
	q := h.answered(t, outside)
	if q.Get("state") != "inside" || !h.last.Fresh || h.last.Passive || len(h.last.Asked) != 0 {
		t.Errorf("what stood outside was mixed in: %v, %+v", q, h.last)
	}
	if id := payload(t, h.exchange(t, "poste", q.Get("code")).text("id_token")); id["nonce"] != "n" {
		t.Errorf("id token %v", id)
	}
	ownPage(t, "a second time", h.ask(t, params("client_id", "poste", "request_uri", uri)), http.StatusBadRequest)
}

func TestPushedRequestEndsAfterNinetySeconds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	uri := h.push(t, request("poste")).text("request_uri")
	h.clock.Advance(91 * time.Second)
	ownPage(t, "too late", h.ask(t, params("client_id", "poste", "request_uri", uri)), http.StatusBadRequest)
	for _, unknown := range []string{"urn:ietf:params:oauth:request_uri:", "urn:ietf:params:oauth:request_uri:x", "urn:ietf:params:oauth:request_uri:" + strings.Repeat("x", 2000)} {
		ownPage(t, unknown, h.ask(t, params("client_id", "poste", "request_uri", unknown)), http.StatusBadRequest)
	}
}

func TestAPushedRequestIsLookedAtAgainUntilItIsAnswered(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	uri := h.push(t, request("poste")).text("request_uri")
	bring := func() *http.Response { return h.ask(t, params("client_id", "poste", "request_uri", uri)) }
	for _, kind := range []idp.Kind{idp.SignInFailed, idp.PassiveFailed, idp.Internal} {
		h.change(func(g *gateway) { g.says = &idp.Failure{Kind: kind} })
		if at := bring().Header.Get("Location"); !strings.Contains(at, "error=") {
			t.Fatalf("%v: sent to %q", kind, at)
		}
	}
	h.change(func(g *gateway) { g.says = nil })
	if at := bring().Header.Get("Location"); !strings.Contains(at, "code=") {
		t.Fatalf("sent to %q", at)
	}
	ownPage(t, "after the answer", bring(), http.StatusBadRequest)
}

func TestASignInThatLastedForHoursAnswersNoPushedRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	begin := func() idp.Request {
		h.change(func(g *gateway) { g.says = &idp.Failure{Kind: idp.PageNeeded} })
		h.ask(t, params("client_id", "poste", "request_uri", h.push(t, request("poste")).text("request_uri")))
		h.change(func(g *gateway) { g.says = nil })
		return h.last
	}
	for after, want := range map[time.Duration]string{time.Hour - time.Second: "code=", time.Hour: "error=invalid_request"} {
		waiting := begin()
		h.clock.Advance(after)
		if handoff, err := h.start(t.Context(), waiting, h.tickets); err != nil || !strings.Contains(handoff.Location, want) {
			t.Errorf("after %s: %v, %v", after, handoff.Location, err)
		}
		h.clock.Advance(time.Hour - after)
		if handoff, err := h.start(t.Context(), waiting, h.tickets); strings.Contains(handoff.Location, "code=") {
			t.Errorf("again, after %s: %v, %v", after, handoff.Location, err)
		}
	}
}

func TestASignInThatWasBegunTwiceIsNotAnsweredLongAfterTheOther(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(func(g *gateway) { g.says = &idp.Failure{Kind: idp.PageNeeded} })
	h.ask(t, params("client_id", "poste", "request_uri", h.push(t, request("poste")).text("request_uri")))
	waiting := h.last
	h.change(func(g *gateway) { g.says = nil })
	if handoff, err := h.start(t.Context(), waiting, h.tickets); err != nil || !strings.Contains(handoff.Location, "code=") {
		t.Fatalf("%v, %v", handoff.Location, err)
	}
	h.clock.Advance(50 * time.Minute)
	if handoff, _ := h.start(t.Context(), waiting, h.tickets); !handoff.Empty() {
		t.Errorf("sent to %s", handoff.Location)
	}
}

// TestOnePushedRequestAtTwoReplicasIsAnsweredOnce brings each of a thousand pushed requests to two replicas at once: exactly one
// gives a code.
func TestOnePushedRequestAtTwoReplicasIsAnsweredOnce(t *testing.T) {
	t.Parallel()
	rounds := 1000
	if testing.Short() {
		rounds = 50
	}
	for name, open := range engines() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			pair := replicas(t, open)
			for range rounds {
				answerOnce(t, pair, pair[0].push(t, request("poste")).text("request_uri"))
			}
		})
	}
}

func answerOnce(t *testing.T, pair [2]*house, uri string) {
	t.Helper()
	var to [2]string
	var wg sync.WaitGroup
	for i, h := range pair {
		wg.Go(func() { to[i] = h.ask(t, params("client_id", "poste", "request_uri", uri)).Header.Get("Location") })
	}
	wg.Wait()
	codes := 0
	for _, at := range to { // the other was too late to look, or to answer
		if strings.Contains(at, "code=") {
			codes++
		} else if at != "" {
			t.Fatalf("sent to %q", at)
		}
	}
	if codes != 1 {
		t.Fatalf("one pushed request gave %d codes: %q", codes, to)
	}
}

func TestOfManyBrowsersOneGetsThePushedRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	uri := h.push(t, request("poste")).text("request_uri")
	var all sync.WaitGroup
	var mu sync.Mutex
	won := 0
	for range 20 {
		all.Go(func() {
			resp := h.ask(t, params("client_id", "poste", "request_uri", uri))
			mu.Lock()
			defer mu.Unlock()
			if strings.Contains(resp.Header.Get("Location"), "code=") {
				won++
			}
		})
	}
	all.Wait()
	if won != 1 {
		t.Errorf("%d browsers got it", won)
	}
}

func TestPushingTellsEveryMistakeToTheClient(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for name, c := range map[string]struct {
		changes []string
		code    string
	}{
		"request_uri":          {[]string{"request_uri", "https://rp.example/request.jwt"}, "invalid_request"},
		"pushed elsewhere":     {[]string{"request_uri", "urn:ietf:params:oauth:request_uri:x"}, "invalid_request"},
		"unknown address":      {[]string{"redirect_uri", "https://evil.example/"}, "invalid_request"},
		"no address":           {[]string{"redirect_uri", ""}, "invalid_request"},
		"no PKCE":              {[]string{"code_challenge", ""}, "invalid_request"},
		"no openid":            {[]string{"scope", "profile"}, "invalid_scope"},
		"token response":       {[]string{"response_type", "token"}, "unsupported_response_type"},
		"odd mode":             {[]string{"response_mode", "web_message"}, "unsupported_response_mode"},
		"object without keys":  {[]string{"request", "e30.e30.e30"}, "request_not_supported"},
		"none and login":       {[]string{"prompt", "none login"}, "invalid_request"},
		"thumbprint of others": {[]string{"dpop_jkt", "short"}, "invalid_request"},
	} {
		r := h.push(t, request("poste", c.changes...))
		refused(t, name, r, http.StatusBadRequest, c.code)
		if r.text("request_uri") != "" {
			t.Errorf("%s: it was kept", name)
		}
	}
	twice := request("poste")
	twice.Add("scope", "openid")
	refused(t, "twice", h.push(t, twice), http.StatusBadRequest, "invalid_request")
	wrong := request("poste", "client_secret", "guessed")
	refused(t, "wrong secret", h.send(t, h.post(t, "/oidc/par", wrong)), http.StatusUnauthorized, "invalid_client")
	refused(t, "no secret", h.send(t, h.post(t, "/oidc/par", request("poste"))), http.StatusUnauthorized, "invalid_client")
	refused(t, "another's name", h.send(t, h.post(t, "/oidc/par", request("classe", "client_secret", secret))), http.StatusUnauthorized, "invalid_client")
	h.change(func(g *gateway) { g.stale = true })
	refused(t, "stale", h.push(t, request("poste")), http.StatusServiceUnavailable, "temporarily_unavailable")
}

func TestClientThatHasToPushIsHeardNoOtherWay(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.change(set("poste", "par", "required"))
	if q := h.errorOf(t, "not pushed", request("poste")); q.Get("error") != "invalid_request" {
		t.Errorf("answer %v", q)
	}
	uri := h.push(t, request("poste")).text("request_uri")
	if q := h.answered(t, params("client_id", "poste", "request_uri", uri)); q.Get("code") == "" || q.Get("iss") != h.issuer {
		t.Errorf("answer %v", q)
	}
}

func TestPushedRequestIsJudgedAgainWhenItsBrowserComes(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	uri := h.push(t, request("poste")).text("request_uri")
	h.change(set("poste", "redirect_uris", []string{"https://rp.example/other"}))
	ownPage(t, "address gone", h.ask(t, params("client_id", "poste", "request_uri", uri)), http.StatusBadRequest)
}

func TestPushedRequestIsKeptWithoutCredentials(t *testing.T) {
	t.Parallel()
	var names []string
	h := newHouseWith(t, nil, func(c *oidcop.Config) {
		c.Tickets = recorded{Tickets: memdb.New(c.Now), note: func(s string) { names = append(names, s) }}
	})
	h.push(t, request("poste", "login_hint", "lea"))
	all := strings.Join(names, "\n")
	if !strings.Contains(all, "login_hint") || strings.Contains(all, "client_secret") || strings.Contains(all, "s3cret") {
		t.Errorf("what is kept before sealing: %s", all)
	}
}

// recorded notes the values of pushed requests.
type recorded struct {
	store.Tickets
	note func(string)
}

func (r recorded) Create(ctx context.Context, t store.Ticket) error {
	if t.Kind == "oidc-pushed" {
		r.note(string(t.Value))
	}
	return r.Tickets.Create(ctx, t)
}

// TestCodeIsBoundToTheKeyThatTheRequestNames: whoever has the code and not the key gets nothing (RFC 9449 10).
func TestCodeIsBoundToTheKeyThatTheRequestNames(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	refused(t, "no proof", h.exchange(t, "poste", h.code(t, "poste", "dpop_jkt", challenge)), http.StatusBadRequest, "invalid_grant")
	uri := h.push(t, request("poste", "dpop_jkt", challenge)).text("request_uri")
	code := h.answered(t, params("client_id", "poste", "request_uri", uri)).Get("code")
	refused(t, "pushed, no proof", h.exchange(t, "poste", code), http.StatusBadRequest, "invalid_grant")
}
