package samlsp_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// strong is a question that one of two classes answers, whatever the settings ask of everybody.
func strong(proof bool) upstream.Challenge {
	return upstream.Challenge{Proof: proof, Contexts: []string{saml.ClassMFA, saml.ClassTimeSyncToken}}
}

func TestAQuestionForAContextIsExactAndStandsOverTheSettings(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{
		"authn_context": []any{saml.ClassPassword}, "authn_context_comparison": "minimum", "strong_factor": []any{saml.ClassMFA},
	}})
	if got := g.StrongFactor(); !slices.Equal(got, []string{saml.ClassMFA}) {
		t.Errorf("its strong factor is %q", got)
	}
	q := g.ask(t, strong(true))
	if q.AuthnContext.Comparison != "exact" || !slices.Equal(q.AuthnContext.Classes, strong(true).Contexts) || !q.ForceAuthn {
		t.Errorf("asked %+v", q.AuthnRequest)
	}
	if got := newGate(t, setup{}).StrongFactor(); len(got) != 0 {
		t.Errorf("a source of which nobody said anything has %q", got)
	}
}

func TestAnAnswerInAnotherContextIsNone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		class string
		want  error
	}{{saml.ClassMFA, nil}, {saml.ClassTimeSyncToken, nil}, {saml.ClassPasswordTransport, upstream.ErrContext}, {saml.ClassUnspecified, upstream.ErrContext}, {saml.ClassMFA + "x", upstream.ErrContext}} {
		g := newGate(t, setup{})
		g.signsIn(t, g.ask(t, strong(false)), saml.ClassPasswordTransport+"<", c.class+"<")
		if c.want == nil {
			if got := g.host.Last(t).Context; got != c.class {
				t.Errorf("%s: handed over as %q", c.class, got)
			}
			continue
		}
		if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], c.want) || !errors.Is(f[0], upstream.ErrRejected) {
			t.Errorf("%s: %v", c.class, f)
		}
	}
}

func TestAProofInAContextIsGivenAfterTheQuestion(t *testing.T) {
	t.Parallel()
	for ago, fits := range map[time.Duration]bool{0: true, -time.Second: true, 2 * time.Second: false, time.Minute: false} {
		g := newGate(t, setup{})
		q := g.ask(t, strong(true))
		stamp := func(d time.Duration) string {
			return `AuthnInstant="` + g.now().Add(-d).UTC().Format("2006-01-02T15:04:05.000Z")
		}
		change := []string{saml.ClassPasswordTransport + "<", saml.ClassMFA + "<"}
		if ago != 0 {
			change = append(change, stamp(0), stamp(ago))
		}
		g.signsIn(t, q, change...)
		f := g.host.Failures()
		if fits && len(f) != 0 || !fits && (len(f) != 1 || !errors.Is(f[0], upstream.ErrStale)) {
			t.Errorf("%v before: %v", ago, f)
		}
	}
}

func TestClassesThatAServiceNeedsGoThroughWhereTheSourceIsRegisteredWithThem(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"strong_factor": []any{saml.ClassMFA}}})
	needs := []string{saml.ClassMFA, saml.ClassTimeSyncToken, saml.ClassPassword, "eidas2"}
	for name, c := range map[string]struct{ needs, registered, want []string }{
		"its strong factor":      {needs, nil, []string{saml.ClassMFA}},
		"what the register says": {needs, []string{saml.ClassPassword, "eidas2", saml.ClassX509}, []string{saml.ClassPassword, saml.ClassMFA}},
		"the same said twice":    {needs, []string{saml.ClassMFA}, []string{saml.ClassMFA}},
		"nothing of it":          {[]string{saml.ClassX509}, []string{saml.ClassPassword}, nil},
		"no need":                {nil, []string{saml.ClassPassword}, nil},
	} {
		if got := g.Contexts(c.needs, c.registered); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// A service's wish is no act: the source's own session may be what is wanted, and clocks may differ.
func TestAContextForAServiceNeedsNoNewProof(t *testing.T) {
	t.Parallel()
	for _, fresh := range []bool{false, true} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{Fresh: fresh, Contexts: []string{saml.ClassPasswordTransport}})
		g.signsIn(t, q, "AuthnInstant=\"2026-09-07T08:42", "AuthnInstant=\"2026-09-07T08:40")
		if q.ForceAuthn != fresh || len(g.host.Signed()) != 1 {
			t.Errorf("fresh %v: %v", fresh, g.host.Failures())
		}
	}
}
