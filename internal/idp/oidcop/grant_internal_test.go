package oidcop

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestGrantPrintsNothing(t *testing.T) {
	t.Parallel()
	g := grant{Subject: "somebody", Resume: "secret", ID: "id"}
	var logged strings.Builder
	slog.New(slog.NewTextHandler(&logged, nil)).Info("x", "grant", g)
	for _, text := range []string{fmt.Sprint(g), fmt.Sprintf("%+v", g), fmt.Sprintf("%#v", g), fmt.Sprintf("%v", &g), logged.String()} {
		if strings.Contains(text, "somebody") || strings.Contains(text, "secret") {
			t.Errorf("a grant prints %s", text)
		}
	}
}

// TestTokensOfOneUseAreNoTokensOfAnother: codes and access tokens are MACed under keys of their own, so that even a
// store that mixed them up would not turn one into the other.
func TestTokensOfOneUseAreNoTokensOfAnother(t *testing.T) {
	t.Parallel()
	codes, access := newTokens([]byte(strings.Repeat("a", 64))), newTokens([]byte(strings.Repeat("b", 64)))
	s := strategy{&exchange{Provider: &Provider{codes: codes, access: access}}}
	code, _, err := s.GenerateAuthorizeCode(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.ValidateAuthorizeCode(t.Context(), nil, code); err != nil {
		t.Errorf("a code is refused as a code: %v", err)
	}
	if s.ValidateAccessToken(t.Context(), nil, code) == nil {
		t.Error("a code is taken for an access token")
	}
}

func TestSignaturesOfOddShapeAreRefused(t *testing.T) {
	t.Parallel()
	for name, der := range map[string]string{
		"empty": "", "one number": "\x30\x03\x02\x01\x01", "rest": "\x30\x06\x02\x01\x01\x02\x01\x01\x00",
		"too long": "\x30\x27\x02\x22" + strings.Repeat("\x01", 34) + "\x02\x01\x01",
	} {
		if raw, err := rawSignature([]byte(der)); err == nil {
			t.Errorf("%s: gave %x", name, raw)
		}
	}
	raw, err := rawSignature([]byte("\x30\x06\x02\x01\x05\x02\x01\x07"))
	if err != nil || len(raw) != 64 || raw[31] != 5 || raw[63] != 7 {
		t.Errorf("small numbers: %x, error %v", raw, err)
	}
}
