package samlsp_test

import (
	"errors"
	"net/http"
	"regexp"
	"testing"

	"ecluse/internal/saml"
	"ecluse/internal/upstream"
)

// TestAnAnswerThatLeavesOutWhatBindsItSignsNobodyIn: whoever signs what binds an assertion to nobody, to no request, to no time
// or to no version of the standard has bound it to nothing (SAML Profiles 4.1.4.2, Core 2.3.3). Nothing ends in a fault of
// ours, whichever element is signed.
func TestAnAnswerThatLeavesOutWhatBindsItSignsNobodyIn(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ pattern, with string }{
		"no Subject":                     {`<saml:Subject>.*</saml:Subject>`, ""},
		"no confirmation at all":         {`<saml:SubjectConfirmation .*</saml:SubjectConfirmation>`, ""},
		"no confirmation's data":         {`<saml:SubjectConfirmationData [^>]*/>`, ""},
		"an empty confirmation's data":   {`(<saml:SubjectConfirmationData) [^>]*/>`, "$1/>"},
		"a confirmation of no request":   {`(<saml:SubjectConfirmationData) InResponseTo="[^"]*"`, "$1"},
		"a confirmation of another":      {`(<saml:SubjectConfirmationData InResponseTo=")`, "${1}x"},
		"a confirmation without method":  {`<saml:SubjectConfirmation Method="[^"]*">`, "<saml:SubjectConfirmation>"},
		"a confirmation by holding keys": {`cm:bearer`, "cm:holder-of-key"},
		"no Conditions":                  {`<saml:Conditions .*</saml:Conditions>`, ""},
		"empty Conditions":               {`(<saml:Conditions [^>]*)>.*</saml:Conditions>`, "$1/>"},
		"no statement of a sign-in":      {`<saml:AuthnStatement .*</saml:AuthnStatement>`, ""},
		"two statements of a sign-in":    {`(<saml:AuthnStatement .*</saml:AuthnStatement>)`, "$1$1"},
		"two subjects":                   {`(<saml:Subject>.*</saml:Subject>)`, "$1$1"},
		"an assertion without issuer":    {`(<saml:Assertion [^>]*>)<saml:Issuer>[^<]*</saml:Issuer>`, "$1"},
		"an assertion without date":      {`(<saml:Assertion [^>]*) IssueInstant="[^"]*"`, "$1"},
		"an assertion of tomorrow":       {`(<saml:Assertion [^>]* IssueInstant=")[^"]*"`, `${1}2026-09-08T08:42:00.000Z"`},
		"an assertion of yesterday":      {`(<saml:Assertion [^>]* IssueInstant=")[^"]*"`, `${1}2026-09-06T08:42:00.000Z"`},
		"an assertion of SAML 1.1":       {`(<saml:Assertion [^>]*Version=)"2.0"`, `$1"1.1"`},
		"an assertion of SAML 2.1":       {`(<saml:Assertion [^>]*Version=)"2.0"`, `$1"2.1"`},
		"an assertion of no version":     {`(<saml:Assertion [^>]*) Version="2.0"`, "$1"},
		"a response of no version":       {`(<samlp:Response [^>]*) Version="2.0"`, "$1"},
		"a response of SAML 2.1":         {`(<samlp:Response [^>]*Version=)"2.0"`, `$1"2.1"`},
		"no status":                      {`<samlp:Status>.*</samlp:Status>`, ""},
		"a status of nobody's":           {`status:Success`, "status:Succes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, element := range []string{"Assertion", "Response"} {
				g := newGate(t, setup{})
				q := g.ask(t, upstream.Challenge{})
				whole := theirAnswer(q.AuthnRequest, g.now())
				document := regexp.MustCompile(c.pattern).ReplaceAllString(whole, c.with)
				if document == whole {
					t.Fatal("nothing is changed")
				}
				w := g.answer(signed(t, provider(), document, element), q.RelayState)
				g.nobody(t)
				if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) || w.Code != http.StatusAccepted {
					t.Errorf("%s signed: status %d, %v", element, w.Code, f)
				}
				g.silent(t)
			}
		})
	}
	for _, element := range []string{"Assertion", "Response"} { // the control
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		if w := g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), element), q.RelayState); w.Code != http.StatusNoContent {
			t.Errorf("%s signed, and whole: %d, %v", element, w.Code, g.host.Failures())
		}
	}
}

// TestOfSeveralConfirmationsOneMustHoldWhole: what one of them lacks is not made good by another.
func TestOfSeveralConfirmationsOneMustHoldWhole(t *testing.T) {
	t.Parallel()
	confirmation := regexp.MustCompile(`<saml:SubjectConfirmation .*</saml:SubjectConfirmation>`)
	for name, c := range map[string]struct {
		of   func(good string, q saml.AuthnRequest) string
		fits bool
	}{
		"a wrong one first": {func(good string, q saml.AuthnRequest) string {
			return regexp.MustCompile(`Recipient="[^"]*"`).ReplaceAllString(good, `Recipient="https://ailleurs.example/"`) + good
		}, true},
		"each half right": {func(good string, q saml.AuthnRequest) string {
			return regexp.MustCompile(`Recipient="[^"]*"`).ReplaceAllString(good, "") + regexp.MustCompile(`InResponseTo="[^"]*"`).ReplaceAllString(good, "")
		}, false},
	} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		document := confirmation.ReplaceAllStringFunc(theirAnswer(q.AuthnRequest, g.now()), func(good string) string { return c.of(good, q.AuthnRequest) })
		g.answer(signed(t, provider(), document, "Assertion"), q.RelayState)
		if got := len(g.host.Signed()) == 1; got != c.fits {
			t.Errorf("%s: signed in %v: %v", name, got, g.host.Failures())
		}
	}
}
