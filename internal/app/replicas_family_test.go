package app

import (
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func TestNewNumbersOfAFamilyAreGivenByEveryReplica(t *testing.T) {
	t.Parallel()
	p := newPair(t)
	codes := func() (subs []string) {
		for range 2 {
			subs = append(subs, p.sub(p.code()))
			p.turn++ // the next question goes to the replica that did not begin the last one
		}
		return subs
	}
	before := codes()
	if before[0] != before[1] {
		t.Fatal("the two replicas give two numbers")
	}
	p.renew("calcul")
	p.awaits(func(s *registry.Snapshot) bool { return s.Family("calcul").Generation == 1 })
	after := codes()
	if after[0] == before[0] || after[1] == before[1] || after[0] != after[1] {
		t.Error("after the confirmation, a replica still gives the former number")
	}
	for i, g := range p.gateways {
		s, err := g.live.Current()
		if err != nil || s.Family("calcul").Generation != 1 || s.Family("lire").Generation != 0 {
			t.Errorf("replica %d does not know the new generation of this family, or knows one of another", i)
		}
	}
}

// sub is the number in the ID token that a code is good for.
func (p *pair) sub(code string) string {
	p.t.Helper()
	w := p.token(code)
	var answer struct {
		ID string `json:"id_token"`
	}
	var claims struct {
		Sub string `json:"sub"`
	}
	err := json.Unmarshal(w.Body.Bytes(), &answer)
	parts := strings.Split(answer.ID, ".")
	if err != nil || w.Code != http.StatusOK || len(parts) != 3 {
		p.t.Fatalf("token: status %d, %v", w.Code, err)
	}
	body, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err == nil {
		err = json.Unmarshal(body, &claims)
	}
	if err != nil || claims.Sub == "" {
		p.t.Fatalf("no number in the ID token: %v", err)
	}
	return claims.Sub
}

// renew writes through one replica's store what the desk writes when a second person confirms new numbers.
func (p *pair) renew(family string) {
	p.t.Helper()
	f := registry.Family{ID: family, Generation: 1, State: registry.Approved, Decisions: []registry.Decision{
		{At: time.Now(), State: registry.Submitted, Office: "recteur", By: "a", Reason: "liste publiée"},
		{At: time.Now(), State: registry.Approved, Office: "DPD", By: "b", Reason: "vu"},
	}}
	if _, err := p.gateways[0].applied(p.t.Context(), registry.Change{Families: []registry.Family{f}}, "command:test"); err != nil {
		p.t.Fatal(err)
	}
}
