package app_test

import (
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"
)

// steppedToken has somebody enrol a first code and make, with one step-up, a token for acts that want one; what they ask
// from then on is asked with it. The codes are those of two steps that follow each other: each is good once.
func (s *story) steppedToken(t *testing.T, who string, acts ...string) {
	t.Helper()
	must := func(what string, err error) {
		t.Helper()
		if err = firstOf(err, s.deskAgrees(nil)); err != nil {
			t.Fatalf("%s: %v", what, err)
		}
	}
	text := func(key string) string {
		t.Helper()
		value, _ := s.said.body[key].(string)
		return value
	}
	must("a secret", s.ask(who, "POST", "/me/factors/codes", map[string]any{}))
	id, secret, began := text("id"), strings.ReplaceAll(text("secret"), " ", ""), time.Now()
	code := func(steps int) string {
		t.Helper()
		text, err := totp.GenerateCode(secret, began.Add(time.Duration(steps)*30*time.Second))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	must("a first code", s.ask(who, "POST", "/me/factors/codes/"+id, map[string]any{"code": code(0), "name": "téléphone"}))
	token := map[string]any{"name": "premier jour", "scopes": acts, "until": time.Now().Add(time.Hour).UTC().Format(time.RFC3339)}
	if err := s.ask(who, "POST", "/tokens", token); err != nil || s.deskRefuses([]string{"step_up"}) != nil {
		t.Fatalf("a token without a step-up: %v, %s", err, s.said.text)
	}
	must("a step-up", s.ask(who, "POST", "/step-ups", map[string]any{"step_up": text("step_up"), "code": code(1)}))
	must("a token", s.ask(who, "POST", "/tokens", token))
	s.notes["token of "+who] = text("secret")
}

// firstRecteur has the administrator propose a recteur and the data-protection officer confirm it: nobody alone makes
// somebody approve, not even on the first day. Whoever was appointed then enters by the word of the proposal.
func (s *story) firstRecteur(t *testing.T, until string, must func(string, error)) {
	t.Helper()
	s.steppedToken(t, "admin", "read", "appoint")
	must("a recteur, proposed", s.ask("admin", "POST", "/appointments", map[string]any{
		"role": "recteur", "over": map[string]any{"academies": []string{"exemple"}}, "reason": "premier jour", "act": "Arrêté 2026-1", "until": until,
	}))
	made, _ := s.said.body["appointment"].(map[string]any)
	id, _ := made["id"].(string)
	s.notes["word"], _ = s.said.body["claim"].(string)
	if err := s.ask("admin", "POST", "/appointments/"+id+"/confirm", map[string]any{"state": "confirmed"}); err != nil || s.deskAgrees(nil) == nil {
		t.Fatalf("the administrator confirms alone: %v, %s", err, s.said.text)
	}
	s.steppedToken(t, "dpo", "read", "confirm_appoint", "opine", "suspend")
	must("the recteur, confirmed", s.ask("dpo", "POST", "/appointments/"+id+"/confirm-with-word", map[string]any{"reason": "premier jour"}))
	second, _ := s.said.body["claim"].(string)
	s.notes["word"] += " " + second
	if err := s.enterByWord([]string{"recteur"}); err != nil {
		t.Fatalf("the recteur: %v\n%s", err, s.where())
	}
}
