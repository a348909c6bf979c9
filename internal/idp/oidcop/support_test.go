package oidcop_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
)

// part decodes one part of a compact JWS without judging it.
func part(tb testing.TB, token string, i int) map[string]any {
	tb.Helper()
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		tb.Fatalf("%q is no compact JWS", token)
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[i])
	if err != nil {
		tb.Fatal(err)
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		tb.Fatal(err)
	}
	return out
}

func header(tb testing.TB, token string) map[string]any  { tb.Helper(); return part(tb, token, 0) }
func payload(tb testing.TB, token string) map[string]any { tb.Helper(); return part(tb, token, 1) }

func longText() string { return strings.Repeat("long ", 4096/5) }

func memory(now func() time.Time) store.Tickets { return memdb.New(now) }

// forgeries changes an id token in the ways that fool verifiers: no algorithm, another one, another key, another body.
func forgeries(token string) map[string]string {
	parts := strings.Split(token, ".")
	b64 := base64.RawURLEncoding.EncodeToString
	with := func(header string) string { return b64([]byte(header)) + "." + parts[1] + "." + parts[2] }
	return map[string]string{
		"none":            b64([]byte(`{"alg":"none"}`)) + "." + parts[1] + ".",
		"symmetric":       with(`{"alg":"HS256"}`),
		"key in header":   with(`{"alg":"ES256","jwk":{"kty":"EC","crv":"P-256","x":"AA","y":"AA"}}`),
		"key address":     with(`{"alg":"RS256","jku":"https://evil.example/keys"}`),
		"unknown key":     with(`{"alg":"RS256","kid":"../../etc/passwd"}`),
		"changed body":    parts[0] + "." + b64([]byte(`{"iss":"x","sub":"y","aud":"classe"}`)) + "." + parts[2],
		"no signature":    parts[0] + "." + parts[1] + ".",
		"no token at all": "abc",
	}
}
