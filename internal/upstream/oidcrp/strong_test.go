package oidcrp_test

import (
	"net/url"
	"slices"
	"testing"
	"time"

	"ecluse/internal/upstream"
)

// strong is a question that one of two levels answers, whatever the settings ask of everybody.
func strong(proof bool) upstream.Challenge {
	return upstream.Challenge{Proof: proof, Contexts: []string{"mfa", "eidas2"}}
}

func TestAQuestionForALevelStandsOverTheSettings(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"acr_values": []any{"pwd"}, "strong_factor": []any{"mfa"}, "auth_time": "assumed"}})
	if got := g.StrongFactor(); !slices.Equal(got, []string{"mfa"}) {
		t.Errorf("its strong factor is %q", got)
	}
	q := g.begin(t, strong(true))
	for name, want := range map[string]string{
		"acr_values": "mfa eidas2", "prompt": "login", "max_age": "0", "claims": `{"id_token":{"auth_time":{"essential":true}}}`,
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if got := g.begin(t, upstream.Challenge{}).Get("acr_values"); got != "pwd" {
		t.Errorf("anybody else is asked for %q", got)
	}
	if got := newGate(t, setup{}).StrongFactor(); len(got) != 0 {
		t.Errorf("a source of which nobody said anything has %q", got)
	}
}

func TestAnAnswerOfAnotherLevelIsNone(t *testing.T) {
	t.Parallel()
	for name, acr := range map[string]any{"another": "pwd", "none": nil, "an empty one": "", "two in one": "mfa eidas2", "of no kind": 2} {
		g := newGate(t, setup{})
		g.set(func(o *op) { o.claims = map[string]any{"acr": acr} })
		t.Log(name)
		g.fails(t, strong(false), upstream.ErrContext, "another acr")
		g.set(func(o *op) { o.claims = map[string]any{"acr": "eidas2"} })
		if got := g.signsIn(t, strong(true)).Context; got != "eidas2" {
			t.Errorf("%s: handed over as %q", name, got)
		}
	}
}

// A source whose answers count as a proof of their instant, because it does not say when people proved who they are, proves
// nothing for an act.
func TestAProofForAnActSaysWhenItWasGiven(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{settings: map[string]any{"auth_time": "assumed"}})
	g.set(func(o *op) { o.claims = map[string]any{"acr": "mfa", "auth_time": nil} })
	g.fails(t, strong(true), upstream.ErrRejected, "auth_time")
	g.set(func(o *op) {
		o.claims = map[string]any{"acr": "mfa", "auth_time": o.clock.Now().Add(-time.Minute).Unix()}
	})
	g.fails(t, strong(true), upstream.ErrStale, "older than the question")
	g.set(func(o *op) { o.claims = map[string]any{"acr": "mfa", "auth_time": nil} })
	g.signsIn(t, upstream.Challenge{Fresh: true}) // to sign in it will do
}

func TestASourceThatSaysItCannotIsNoOtherRejection(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.begin(t, strong(true))
	w := g.callback(url.Values{"state": {q.Get("state")}, "error": {"unmet_authentication_requirements"}})
	g.failed(t, w, upstream.ErrContext, "unmet")
}

func TestLevelsThatAServiceNeedsGoThroughWhereTheSourceIsBelievedAboutThem(t *testing.T) {
	t.Parallel()
	const mfa = "https://refeds.org/profile/mfa"
	g := newGate(t, setup{settings: map[string]any{"assurance": map[string]any{"s2": "eidas2", "s3": "eidas3", mfa: "mfa", "odd": "x"}}})
	for name, c := range map[string]struct{ needs, want []string }{
		"our words":        {[]string{"eidas2", "eidas3"}, []string{"s2", "s3"}},
		"a class":          {[]string{mfa}, []string{mfa}},
		"a class's word":   {[]string{"mfa", mfa}, []string{mfa}},
		"its own word":     {[]string{"odd"}, nil}, // it would not be said to the service
		"nothing of it":    {[]string{"eidas1"}, nil},
		"no need":          {nil, nil},
		"none of register": {[]string{"urn:x"}, nil},
	} {
		if got := g.Contexts(c.needs, []string{"urn:x"}); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if got := newGate(t, setup{}).Contexts([]string{"eidas2"}, nil); len(got) != 0 {
		t.Errorf("a source that is believed in nothing is asked for %q", got)
	}
}
