package ldap_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/upstream/ldap/ldaptest"
)

const accountLimit, visitorLimit, addressLimit = 10, 8, 100

// away fails the test unless the page says that the directory is away, and nothing of the password.
func away(t *testing.T, g *gate, password string) {
	t.Helper()
	w := g.try("lea.martin", password)
	body := w.Body.String()
	if w.Code != http.StatusServiceUnavailable || !strings.Contains(body, "Réessayez plus tard") || strings.Contains(body, "incorrect") {
		t.Errorf("status %d", w.Code)
	}
	if w.Header().Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

func TestStoppedDirectoryIsNoWrongPasswordAndComesBack(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	g := newGate(t, s, setup{})
	g.signsIn(t, "lea.martin")
	s.Stop()
	for range accountLimit + 2 {
		away(t, g, "lune-43")
	}
	if !strings.Contains(g.logged.String(), "left alone for a while") {
		t.Error("the breaker stayed closed")
	}
	s.Restart(t)
	away(t, g, ldaptest.Password) // the breaker is still open
	g.clock.advance(10 * time.Second)
	g.signsIn(t, "lea.martin")
	for range visitorLimit { // none of the guesses above was counted
		if w := g.try("lea.martin", "lune-43"); w.Code != http.StatusUnprocessableEntity {
			t.Fatalf("status %d", w.Code)
		}
	}
}

func TestBreakerLetsOneTryAtATimeThrough(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	g := newGate(t, s, setup{})
	s.Stop()
	refused := func() int { return strings.Count(g.logged.String(), "connection refused") }
	for range 6 {
		away(t, g, "x")
	}
	if got := refused(); got != 3 {
		t.Errorf("%d attempts before the breaker opened, want 3", got)
	}
	g.clock.advance(10 * time.Second)
	for range 6 {
		away(t, g, "x")
	}
	if got := refused(); got != 4 {
		t.Errorf("%d attempts after a pause, want 4", got)
	}
}

func TestConnectionsThatWereCutAreReplaced(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true}})
	for range 3 {
		g.signsIn(t, "lea.martin")
		proxy.Cut()
	}
}

func TestSlowDirectoryIsNotWaitedForAndNoGuessIsCounted(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true, "timeout": "1s"}})
	g.signsIn(t, "lea.martin")
	proxy.Slow(time.Hour)
	for range accountLimit + 2 { // the breaker opens after the third
		away(t, g, "lune-43")
	}
	proxy.Slow(0)
	proxy.Cut()
	g.clock.advance(10 * time.Second)
	g.signsIn(t, "lea.martin")
}

func TestDirectoryThatFailsAtTheBindLeavesNoGuessBehind(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	proxy := ldaptest.NewProxy(t, s)
	g := newGate(t, s, setup{settings: map[string]any{"url": "ldap://" + proxy.Addr, "insecure": true}})
	for range accountLimit + 2 {
		proxy.CutBinds(false)
		g.signsIn(t, "helene.petit") // keeps the breaker closed and the service account's connection open
		proxy.CutBinds(true)
		away(t, g, "lune-43")
	}
	proxy.CutBinds(false)
	g.signsIn(t, "lea.martin")
}

func TestDirectoryThatCannotBeTrustedSignsNobodyIn(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	other := ldaptest.OtherCA(t)
	for name, settings := range map[string]map[string]any{
		"another authority":                {"ca_file": other},
		"another authority over StartTLS":  {"ca_file": other, "url": s.PlainURL(), "start_tls": true},
		"the system's authorities":         {"ca_file": nil},
		"TLS on the plain port":            {"url": "ldaps://" + s.Addr},
		"StartTLS on the TLS port":         {"url": "ldap://" + s.TLSAddr, "start_tls": true, "timeout": "300ms"},
		"another password of the account":  {"bind_password_file": other},
		"another account":                  {"bind_dn": "cn=autre,dc=ent,dc=example"},
		"a base that is not there":         {"base_dn": "ou=ailleurs,dc=ent,dc=example"},
		"a base for structures likewise":   {"structures_base_dn": "ou=ailleurs,dc=ent,dc=example"},
		"an account that may read nothing": {"bind_dn": ldaptest.Decoy, "bind_password_file": s.DecoyPasswordFile},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, s, setup{settings: settings})
			if findings := g.Probe(t.Context()); len(findings) == 0 {
				t.Error("the probe finds nothing")
			}
			if name == "a base for structures likewise" {
				return // Léa's structure is then outside the base, and holds nowhere
			}
			if w := g.try("lea.martin", ldaptest.Password); w.Code != http.StatusServiceUnavailable {
				t.Errorf("status %d: %s", w.Code, &g.logged)
			}
			if len(g.host.Signed()) != 0 {
				t.Error("somebody was signed in")
			}
		})
	}
}

func TestClosedConnectorSignsNobodyIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, ldaptest.Start(t), setup{})
	g.signsIn(t, "lea.martin")
	if err := g.Close(); err != nil {
		t.Error(err)
	}
	away(t, g, ldaptest.Password)
}

func TestProbeFindsNothingWrongWithAGoodDirectory(t *testing.T) {
	t.Parallel()
	s := ldaptest.Start(t)
	g := newGate(t, s, setup{})
	if findings := g.Probe(t.Context()); len(findings) != 0 {
		t.Errorf("found %v", findings)
	}
	s.Stop()
	if findings := g.Probe(t.Context()); len(findings) != 1 || findings[0].Where != "settings.url" {
		t.Errorf("found %v", findings)
	}
}
