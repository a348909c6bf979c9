package demo_test

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/demo"
)

func hopTime() time.Time { return time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC) }

func sealed(t *testing.T) string {
	t.Helper()
	token, err := demo.SealHop([]byte(hopSecret), "demo:lina", "challenge-1", hopTime().Add(-time.Hour), hopTime())
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestHopTokenSaysWhoAndSinceWhen(t *testing.T) {
	t.Parallel()
	person, at, err := demo.OpenHop([]byte(hopSecret), sealed(t), "challenge-1", hopTime().Add(59*time.Second))
	if err != nil || person != "demo:lina" || !at.Equal(hopTime().Add(-time.Hour)) {
		t.Fatalf("got %q %v %v", person, at, err)
	}
}

// TestHopTokenFormatIsStable holds a token made outside of this package, so
// that a change of format cannot pass unseen by the other side.
func TestHopTokenFormatIsStable(t *testing.T) {
	t.Parallel()
	const token = "eyJwZXJzb24iOiJkZW1vOmxpbmEiLCJjaGFsbGVuZ2UiOiJjIiwiaXNzdWVkIjoxMDAwLCJhdCI6OTAwLCJleHBpcmVzIjoxMDYwfQ.Z0KeGt-3ZTX-HC1rEhxs0cZVS1VtIxkLuUSzbR-LENY"
	person, _, err := demo.OpenHop([]byte(hopSecret), token, "c", time.Unix(1000, 0))
	if err != nil || person != "demo:lina" {
		t.Fatalf("got %q %v", person, err)
	}
}

func TestHopTokenIsRefused(t *testing.T) {
	t.Parallel()
	good, now := sealed(t), hopTime()
	body, mac, _ := strings.Cut(good, ".")
	forged := base64.RawURLEncoding.EncodeToString([]byte(
		`{"person":"demo:paul","challenge":"challenge-1","issued":1795338000,"at":1795338000,"expires":1795338060}`))
	other := strings.Repeat("x", 32)
	cases := []struct {
		name, secret, token, challenge string
		now                            time.Time
	}{
		{"another challenge", hopSecret, good, "challenge-2", now},
		{"no challenge", hopSecret, good, "", now},
		{"another secret", other, good, "challenge-1", now},
		{"a short secret", "short", good, "challenge-1", now},
		{"another body under the same MAC", hopSecret, forged + "." + mac, "challenge-1", now},
		{"no MAC", hopSecret, body + ".", "challenge-1", now},
		{"no dot", hopSecret, body, "challenge-1", now},
		{"nothing", hopSecret, "", "challenge-1", now},
		{"a flipped character", hopSecret, "A" + good[1:], "challenge-1", now},
		{"a longer MAC", hopSecret, good + "A", "challenge-1", now},
		{"expired", hopSecret, good, "challenge-1", now.Add(time.Minute)},
		{"from the future", hopSecret, good, "challenge-1", now.Add(-time.Minute)},
		{"far too long", hopSecret, strings.Repeat("A", 5000), "challenge-1", now},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			person, _, err := demo.OpenHop([]byte(c.secret), c.token, c.challenge, c.now)
			if !errors.Is(err, demo.ErrHop) || person != "" {
				t.Errorf("got %q %v", person, err)
			}
			if err != nil && strings.Contains(err.Error(), "lina") {
				t.Errorf("the error tells the person: %v", err)
			}
		})
	}
}

func TestSealHopRefusesWhatCannotBeOpened(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]string{{"short", "p", "c"}, {hopSecret, "", "c"}, {hopSecret, "p", ""}, {hopSecret, "p", "a b"}} {
		if _, err := demo.SealHop([]byte(c[0]), c[1], c[2], hopTime(), hopTime()); !errors.Is(err, demo.ErrHop) {
			t.Errorf("%q: %v", c, err)
		}
	}
}

func TestHopQueryRoundTrip(t *testing.T) {
	t.Parallel()
	for _, q := range []demo.HopQuery{
		{Challenge: "abc-._~9", Answer: "http://localhost:8080/source/ent/answer"},
		{Challenge: "a", Answer: "http://localhost:8080/x?y=1", Passive: true},
		{Challenge: "a", Answer: "http://localhost:8080"},
	} {
		v, err := url.ParseQuery(q.Encode())
		if err != nil {
			t.Fatal(err)
		}
		got, err := demo.ParseHopQuery(v, "http://localhost:8080")
		if err != nil || got != q {
			t.Errorf("got %+v %v, want %+v", got, err, q)
		}
	}
}

func TestHopQueryIsRefused(t *testing.T) {
	t.Parallel()
	const good = "http://localhost:8080/gate/answer"
	cases := []struct{ challenge, answer string }{
		{"", good},
		{"a b", good},
		{"a\n", good},
		{strings.Repeat("a", 257), good},
		{"c", ""},
		{"c", "/gate/answer"},
		{"c", "//localhost:8080/gate/answer"},
		{"c", "https://localhost:8080/gate/answer"},
		{"c", "http://localhost:8081/gate/answer"},
		{"c", "http://localhost/gate/answer"},
		{"c", "http://evil.example/gate/answer"},
		{"c", "http://localhost:8080@evil.example/gate/"},
		{"c", "http://user@localhost:8080/gate/answer"},
		{"c", "http://localhost:8080.evil.example/gate/"},
		{"c", "http://localhost:8080/gateway"},
		{"c", "http://localhost:8080/gate/../x"},
		{"c", "http://localhost:8080/gate/%2e%2e/x"},
		{"c", "http://localhost:8080/gate//evil.example"},
		{"c", "http://localhost:8080/gate/answer#x"},
		{"c", "http://localhost:8080/gate/answer#"},
		{"c", `http://localhost:8080/gate\evil`},
		{"c", "javascript:alert(1)"},
		{"c", "http:localhost:8080/gate/"},
	}
	for _, c := range cases {
		v := url.Values{"challenge": {c.challenge}, "answer": {c.answer}}
		if q, err := demo.ParseHopQuery(v, "http://localhost:8080/gate"); !errors.Is(err, demo.ErrHop) {
			t.Errorf("challenge %q answer %q was accepted: %+v %v", c.challenge, c.answer, q, err)
		}
	}
}

func FuzzOpenHop(f *testing.F) {
	token, err := demo.SealHop([]byte(hopSecret), "demo:lina", "c", hopTime(), hopTime())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(token)
	f.Add("a.b")
	f.Fuzz(func(t *testing.T, s string) {
		person, _, err := demo.OpenHop([]byte(hopSecret), s, "c", hopTime())
		if (err == nil) != (s == token) || (err != nil && person != "") {
			t.Errorf("%q: %q %v", s, person, err)
		}
	})
}
