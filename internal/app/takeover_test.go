package app

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/store/storetest"
)

// crowd are people who sign in at two gateways while the database of both is taken over by another, and calcul's part in it.
type crowd struct {
	*pair
	mu     sync.Mutex
	tokens []string       // what calcul was given
	codes  int            // what browsers were given
	told   map[string]int // pages by what they said, and answers of other kinds
	bad    []string
}

func (c *crowd) note(note func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	note()
}

func (c *crowd) done() (n int) {
	c.note(func() { n = len(c.tokens) })
	return n
}

// unwell judges an answer that is none: people are told to try again, and when.
func (c *crowd) unwell(what string, w *httptest.ResponseRecorder) {
	said := "try again"
	if w.Code != http.StatusServiceUnavailable || w.Header().Get("Retry-After") == "" {
		said = fmt.Sprint("status ", w.Code)
		c.note(func() {
			c.bad = append(c.bad, fmt.Sprintf("%s: status %d, Retry-After %q: %.100s", what, w.Code, w.Header().Get("Retry-After"), w.Body))
		})
	}
	c.note(func() { c.told[said]++ })
}

// visit is one sign-in in a browser of its own, and what calcul makes of its code; false where it came to nothing.
func (c *crowd) visit() bool {
	p := &pair{t: c.t, gateways: c.gateways, turn: c.done(), cookies: map[string]string{}, callback: c.callback}
	w, what := p.ask(http.MethodGet, "/oidc/authorize?"+p.wish().Encode(), nil), "the request"
	for range 15 {
		to := w.Header().Get("Location")
		if to == "" && strings.Contains(w.Body.String(), p.callback) {
			to = p.find(w.Body.String(), `href="([^"]*/cb[^"]*)"`)
		}
		next := waiting{}
		if to == "" {
			next = p.form(w.Body.String(), "lina")
		}
		switch {
		case strings.HasPrefix(to, p.callback):
			return c.redeem(p, p.codeOf(to))
		case to != "":
			w, what = p.ask(http.MethodGet, to, nil), "the way on"
		case next.Target != "":
			w, what = p.ask(http.MethodPost, next.Target, next.Form), next.Target
		default:
			c.unwell(what, w)
			return false
		}
	}
	c.note(func() { c.bad = append(c.bad, "round in circles") })
	return false
}

// tokenIn is the token of an answer; empty where it has none.
func tokenIn(w *httptest.ResponseRecorder) string {
	var answer struct {
		Access string `json:"access_token"`
	}
	if w.Code != http.StatusOK || json.Unmarshal(w.Body.Bytes(), &answer) != nil {
		return ""
	}
	return answer.Access
}

func (c *crowd) redeem(p *pair, code string) bool {
	c.note(func() { c.codes++ })
	w := p.token(code)
	token := tokenIn(w)
	if token == "" {
		if w.Code < 500 {
			c.note(func() { c.bad = append(c.bad, fmt.Sprintf("the code: %d %s", w.Code, w.Body)) })
		}
		return false
	}
	c.note(func() { c.tokens = append(c.tokens, token) })
	return true
}

// TestGatewaysGoOnWhenAnotherPostgresTakesOver has people sign in at two gateways, ends the PostgreSQL of both in the middle
// of it, and lets the other take over. Meanwhile people are told to try again; then they are signed in by the same gateways.
// Nothing is lost of which a browser or a site was told, and the journal is whole.
func TestGatewaysGoOnWhenAnotherPostgresTakesOver(t *testing.T) {
	t.Parallel()
	twins := storetest.NewTwins(t)
	c := &crowd{pair: newPairOn(t, Store{URL: Secret(twins.URL)}), told: map[string]int{}}
	stop := make(chan struct{})
	var people sync.WaitGroup
	for range 3 {
		people.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				if !c.visit() {
					time.Sleep(10 * time.Millisecond)
				}
			}
		})
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Errorf("%s: not within a minute", what)
				return
			}
		}
	}
	until("before", func() bool { return c.done() >= 10 })
	twins.Fail()
	refused := func() (n int) { c.note(func() { n = c.told["try again"] }); return n }
	until("people are told to try again", func() bool { return refused() >= 10 })
	twins.Take(t)
	before := c.done()
	until("afterwards", func() bool { return c.done() >= before+10 })
	close(stop)
	people.Wait()
	for _, bad := range c.bad {
		t.Errorf("%s", bad)
	}
	c.lost()
}

// lost looks for everything that anybody was told of.
func (c *crowd) lost() {
	c.t.Helper()
	for i, token := range c.tokens {
		r := httptest.NewRequest(http.MethodGet, "/oidc/userinfo", nil)
		r.Host = "127.0.0.1:8080"
		r.Header.Set("Authorization", "Bearer "+token)
		w := httptest.NewRecorder()
		if c.gateways[i%2].mux.ServeHTTP(w, r); w.Code != http.StatusOK {
			c.t.Errorf("token %d: status %d", i, w.Code)
		}
	}
	g := c.gateways[0]
	report, err := audit.Verify(c.t.Context(), g.db.Audit(), g.ring)
	if err != nil || !report.OK() {
		c.t.Errorf("the journal: %v, %v", report.Problems, err)
	}
	released := 0
	for q := (audit.Query{Class: audit.ClassRelease, Service: "calcul", Limit: 100}); ; {
		page, err := g.db.Audit().List(c.t.Context(), q)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, e := range page.Entries {
			if e.Action == "release" {
				released++
			}
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
	}
	if released < c.codes {
		c.t.Errorf("%d codes were given out, and the journal has %d releases", c.codes, released)
	}
}
