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
