package samlsp_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/upstream"
	"ecluse/internal/web/webtest"
)

// Each is the one thing that is wrong with an answer that is signed as it should be.
func TestAnAnswerThatIsNotQuiteRightSignsNobodyIn(t *testing.T) {
	t.Parallel()
	at := webtest.Now()
	stamp := func(d time.Duration) string { return at.Add(d).UTC().Format("2006-01-02T15:04:05.000Z") }
	acs := webtest.Origin + "/source/ent/acs"
	for name, c := range map[string]struct {
		change []string
		why    string
	}{
		"another destination":        {[]string{`Destination="` + acs, `Destination="` + acs + "2"}, "Destination"},
		"no destination":             {[]string{`Destination="` + acs + `"`, ""}, "Destination"},
		"another recipient":          {[]string{`Recipient="` + acs, `Recipient="` + acs + "2"}, "confirms"},
		"no recipient":               {[]string{`Recipient="` + acs + `"`, ""}, "confirms"},
		"another audience":           {[]string{"<saml:Audience>", "<saml:Audience>x"}, "audience"},
		"no audience":                {[]string{"<saml:AudienceRestriction><saml:Audience>" + webtest.Origin + "/source/ent/metadata</saml:Audience></saml:AudienceRestriction>", ""}, "nobody in particular"},
		"two restrictions":           {[]string{"</saml:AudienceRestriction>", "</saml:AudienceRestriction><saml:AudienceRestriction><saml:Audience>x</saml:Audience></saml:AudienceRestriction>"}, "audience"},
		"another issuer":             {[]string{"<saml:Issuer>" + idpEntity, "<saml:Issuer>" + idpEntity + "2"}, "Issuer"},
		"another assertion's issuer": {[]string{stamp(1) + `"><saml:Issuer>` + idpEntity, stamp(1) + `"><saml:Issuer>` + idpEntity + "2"}, "assertion's Issuer"},
		"no confirmation":            {[]string{"urn:oasis:names:tc:SAML:2.0:cm:bearer", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches"}, "confirms"},
		"confirmation ended":         {[]string{`NotOnOrAfter="` + stamp(5*time.Minute) + `" Recipient`, `NotOnOrAfter="` + stamp(-3*time.Minute) + `" Recipient`}, "confirms"},
		"confirmation without end":   {[]string{`NotOnOrAfter="` + stamp(5*time.Minute) + `" Recipient`, `Recipient`}, "confirms"},
		"confirmation to come":       {[]string{`" Recipient=`, `" NotBefore="` + stamp(4*time.Minute) + `" Recipient=`}, "confirms"},
		"ended":                      {[]string{`NotOnOrAfter="` + stamp(5*time.Minute) + `"><saml:Aud`, `NotOnOrAfter="` + stamp(-3*time.Minute) + `"><saml:Aud`}, "ended"},
		"not yet good":               {[]string{`NotBefore="` + stamp(-time.Minute), `NotBefore="` + stamp(3*time.Minute+1e6)}, "not good yet"},
		"response of tomorrow":       {[]string{`Version="2.0" IssueInstant="` + stamp(0), `Version="2.0" IssueInstant="` + stamp(3*time.Minute+1e6)}, "future"},
		"undated":                    {[]string{`Version="2.0" IssueInstant="` + stamp(0) + `"`, `Version="2.0"`}, "when it was issued"},
		"signed in in the future":    {[]string{`AuthnInstant="` + stamp(0), `AuthnInstant="` + stamp(3*time.Minute+1e6)}, "future"},
		"signed in two days ago":     {[]string{`AuthnInstant="` + stamp(0), `AuthnInstant="` + stamp(-48*time.Hour)}, "too long ago"},
		"nobody knows when":          {[]string{`AuthnInstant="` + stamp(0) + `"`, ""}, "when the person signed in"},
		"session over":               {[]string{`SessionNotOnOrAfter="` + stamp(time.Hour), `SessionNotOnOrAfter="` + stamp(-time.Hour)}, "session there has ended"},
		"not to be passed on":        {[]string{"</saml:AudienceRestriction>", `</saml:AudienceRestriction><saml:ProxyRestriction Count="0"/>`}, "passed on"},
		"to be passed on to one":     {[]string{"</saml:AudienceRestriction>", `</saml:AudienceRestriction><saml:ProxyRestriction Count="3"><saml:Audience>x</saml:Audience></saml:ProxyRestriction>`}, "passed on"},
		"an unknown condition":       {[]string{"</saml:AudienceRestriction>", `</saml:AudienceRestriction><x:Condition xmlns:x="urn:x"/>`}, "unknown condition"},
		"passed on no more":          {[]string{"</saml:AudienceRestriction>", `</saml:AudienceRestriction><saml:ProxyRestriction Count=" 00 "/>`}, "passed on"},
		"an old version":             {[]string{`Version="2.0" IssueInstant="` + stamp(0), `Version="1.1" IssueInstant="` + stamp(0)}, "version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			g := newGate(t, setup{})
			q := g.ask(t, upstream.Challenge{})
			before := theirAnswer(q.AuthnRequest, at)
			if before == theirAnswer(q.AuthnRequest, at, c.change...) {
				t.Fatal("nothing is changed")
			}
			w := g.signsIn(t, q, c.change...)
			g.nobody(t)
			if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) || !strings.Contains(f[0].Error(), c.why) || w.Code != http.StatusAccepted {
				t.Errorf("status %d, %v", w.Code, f)
			}
		})
	}
}

func TestClocksMayDifferByTheSkew(t *testing.T) {
	t.Parallel()
	for name, shift := range map[string]time.Duration{"theirs is ahead": 3 * time.Minute, "theirs is behind": -3 * time.Minute} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{Fresh: true})
		document := signed(t, provider(), theirAnswer(q.AuthnRequest, g.now().Add(shift)), "Response")
		if w := g.answer(document, q.RelayState); w.Code != http.StatusNoContent {
			t.Errorf("%s: %d, %v", name, w.Code, g.host.Failures())
		}
		g = newGate(t, setup{settings: map[string]any{"clock_skew": "0s"}})
		q = g.ask(t, upstream.Challenge{Fresh: true})
		g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now().Add(shift)), "Response"), q.RelayState)
		if len(g.host.Signed()) != 0 {
			t.Errorf("%s: signed in without any skew allowed", name)
		}
	}
}

func TestHardCase13AStaleAnswerIsRefusedAndThePersonMayBeginAnew(t *testing.T) {
	t.Parallel()
	for age, fits := range map[time.Duration]bool{9 * time.Minute: true, 12 * time.Minute: true, 13*time.Minute + time.Millisecond: false, 13 * time.Minute: false} {
		g := newGate(t, setup{settings: map[string]any{"answer_age": "10m"}})
		q := g.ask(t, upstream.Challenge{})
		document := theirAnswer(q.AuthnRequest, g.now().Add(-age))
		ends := g.now().Add(5*time.Minute - age).UTC().Format("2006-01-02T15:04:05.000Z")
		document = strings.ReplaceAll(document, ` NotOnOrAfter="`+ends, ` NotOnOrAfter="2026-09-07T09:00:00.000Z`) // nothing else is wrong with it
		g.answer(signed(t, provider(), document, "Response"), q.RelayState)
		if got := len(g.host.Signed()) == 1; got != fits {
			t.Errorf("%v: signed in %v: %v", age, got, g.host.Failures())
		}
		if f := g.host.Failures(); !fits && (len(f) != 1 || !strings.Contains(f[0].Error(), "too old")) {
			t.Errorf("%v: %v", age, f)
		}
	}
}

func TestASignInThatWasNotRenewedIsNotWhatWasAsked(t *testing.T) {
	t.Parallel()
	for fresh, fits := range map[bool]bool{true: false, false: true} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{Fresh: fresh})
		g.signsIn(t, q, "AuthnInstant=\"2026-09-07T08:42", "AuthnInstant=\"2026-09-07T08:32")
		if got := len(g.host.Signed()) == 1; got != fits || q.ForceAuthn != fresh {
			t.Errorf("fresh %v: signed in %v: %v", fresh, got, g.host.Failures())
		}
	}
}

func TestAClassThatWasAskedForExactlyIsWhatMustCome(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		classes []any
		compare string
		fits    bool
	}{
		"it":             {[]any{saml.ClassPassword, saml.ClassPasswordTransport}, "exact", true},
		"it, by default": {[]any{saml.ClassPasswordTransport}, "", true},
		"another":        {[]any{"https://refeds.org/profile/mfa"}, "exact", false},
		"at least":       {[]any{saml.ClassPassword}, "minimum", true},
	} {
		settings := map[string]any{"authn_context": c.classes}
		if c.compare != "" {
			settings["authn_context_comparison"] = c.compare
		}
		g := newGate(t, setup{settings: settings})
		q := g.ask(t, upstream.Challenge{})
		g.signsIn(t, q)
		if got := len(g.host.Signed()) == 1; got != c.fits || len(q.AuthnContext.Classes) != len(c.classes) {
			t.Errorf("%s: signed in %v: %v", name, got, g.host.Failures())
		}
	}
}

func TestAnAssertionThatMayBePassedOnOnceIsPassedOn(t *testing.T) {
	t.Parallel()
	for _, restriction := range []string{`<saml:ProxyRestriction Count="1"/>`, `<saml:ProxyRestriction/>`, "<saml:OneTimeUse/>"} {
		g := newGate(t, setup{})
		if w := g.signsIn(t, g.ask(t, upstream.Challenge{}), "</saml:AudienceRestriction>", "</saml:AudienceRestriction>"+restriction); w.Code != http.StatusNoContent {
			t.Errorf("%s: status %d, %v", restriction, w.Code, g.host.Failures())
		}
	}
}
