package app

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// TestABreachStopsItsServiceOnEveryReplica poisons the dictionary of engine and protocols on one replica, so
// that words leave under names that nobody declared, and reads the answer of one userinfo request.
func TestABreachStopsItsServiceOnEveryReplica(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	codes := []string{p.code(), p.code()}
	good := p.token(p.code())
	if n := p.gateways[0].meter.sum("ecluse_canary_breaches_total") + p.gateways[1].meter.sum("ecluse_canary_breaches_total"); n != 0 {
		t.Fatalf("%v breaches before anything is wrong", n)
	}
	for _, g := range p.gateways {
		poison(t, g.words)
	}
	if w := p.userinfo(good); w.Code != http.StatusOK {
		t.Fatalf("userinfo: status %d", w.Code)
	}
	p.awaits(func(s *registry.Snapshot) bool {
		calcul, _ := s.Service("calcul")
		return calcul.StoppedItself()
	})
	for _, code := range codes {
		if w := p.token(code); w.Code != http.StatusBadRequest {
			t.Errorf("after the breach: status %d", w.Code)
		}
	}
	for range 2 {
		if w := p.ask(http.MethodGet, "/go/calcul", nil); w.Code != http.StatusForbidden {
			t.Errorf("a tile after the breach: status %d", w.Code)
		}
	}
	for i, g := range p.gateways {
		view, err := g.live.Current()
		if err != nil {
			t.Fatal(err)
		}
		if s, _ := view.Service("calcul"); !s.StoppedItself() || len(s.Decisions) != 1 {
			t.Errorf("replica %d: %+v", i, s.Decisions)
		}
	}
	page, err := p.gateways[1].db.Audit().List(t.Context(), audit.Query{Action: "canary_breach"})
	if err != nil || len(page.Entries) != 1 {
		t.Fatalf("%d entries in the journal, want one: %v", len(page.Entries), err)
	}
	if e := page.Entries[0]; e.Service != "calcul" || e.Reason != "undeclared" || len(e.Attributes) == 0 || e.Protocol != "oidc" {
		t.Errorf("the entry: %+v", e)
	}
}

// userinfo asks with the access token of an answer.
func (p *pair) userinfo(answer *httptest.ResponseRecorder) *httptest.ResponseRecorder {
	p.t.Helper()
	var tokens struct {
		Access string `json:"access_token"`
	}
	if err := json.Unmarshal(answer.Body.Bytes(), &tokens); err != nil || tokens.Access == "" {
		p.t.Fatalf("token: status %d, %v", answer.Code, err)
	}
	return p.ask(http.MethodPost, "/oidc/userinfo", url.Values{"access_token": {tokens.Access}})
}

// poison renames every claim of a dictionary that is in use.
func poison(t *testing.T, words *dictionary.Dictionary) {
	t.Helper()
	entries := slices.Clone(words.Entries())
	for i := range entries {
		entries[i].OIDC.Name += "_x"
	}
	poisoned, err := dictionary.New(entries)
	if err != nil {
		t.Fatal(err)
	}
	*words = *poisoned
}
