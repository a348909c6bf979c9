package app_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/saml"
)

// strongStory is somebody at the desk who came in by a source with a strong factor.
type strongStory struct {
	*story
	source strongSource
}

// atSource lets the browser follow its way as far as the source, and gives the question.
func (s *strongStory) atSource(t *testing.T, what string, go_ func() error) *url.URL {
	t.Helper()
	s.b.held = nil
	s.b.hold = func(u *url.URL) bool {
		return u.Hostname() == "idp.localhost" || (u.Hostname() == "localhost" && u.Path == "/authorize")
	}
	if err := go_(); (err != nil && err != errHeld) || s.b.held == nil { //nolint:errorlint // it comes as it is
		t.Fatalf("%s: %v: nothing leads to the source\n%s", what, err, s.where())
	}
	s.b.hold = nil
	return s.b.held.to
}

// brings brings an answer back, as the source's page does.
func (s *strongStory) brings(t *testing.T, f form) {
	t.Helper()
	s.b.alien = true
	if err := s.b.submit(f); err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
}

// strongDesk signs somebody in to the desk by a weak way.
func strongDesk(t *testing.T, w *world, source strongSource, who string) *strongStory {
	t.Helper()
	s := &strongStory{&story{w: w, b: w.browser()}, source}
	if err := s.b.open(w.public + "/bureau/entrer"); err != nil {
		t.Fatal(err)
	}
	u := s.atSource(t, "sign-in", func() error { return s.press("source", "fort") })
	s.brings(t, source.answer(t, w.now(), u, saying{who: who, context: source.weak(), at: w.now()}))
	if s.informed(nil) == nil {
		if err := s.press("act", "informed"); err != nil {
			t.Fatal(err)
		}
	}
	if got := s.b.tab.page.url.Path; got != "/bureau/" {
		t.Fatalf("%s arrives at %s\n%s", who, got, s.where())
	}
	return s
}

// confirms asks for the act's confirmation at the source and brings back what it says. The zero instant is now.
func (s *strongStory) confirms(t *testing.T, what saying) *url.URL {
	t.Helper()
	f, err := s.b.tab.page.formTo("/bureau/confirmer/source")
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	u := s.atSource(t, "confirmation", func() error { return s.b.submit(f) })
	if what.at.IsZero() {
		what.at = s.w.now()
	}
	s.brings(t, s.source.answer(t, s.w.now(), u, what))
	return u
}

func strongSources(t *testing.T) map[string]strongSource {
	t.Helper()
	return map[string]strongSource{"saml": newIDP(t), "oidc": newOP(t)}
}

func TestTheStrongFactorOfTheSourceConfirmsOneActOnce(t *testing.T) {
	t.Parallel()
	for name, source := range strongSources(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := strongWorld(t, source)
			s := strongDesk(t, w, source, "ACADEMIE$1")
			wantsToken(t, s.story)
			if words := s.b.tab.page.words(); !strings.Contains(words, "Confirmer par Compte fort") {
				t.Fatalf("the page does not offer the source: %s", words)
			}
			u := s.confirms(t, saying{who: "ACADEMIE$1", context: source.strong()})
			want := map[string]string{
				"saml": "exact[" + saml.ClassMFA + "] true",
				"oidc": `https://refeds.org/profile/mfa mfa login 0 {"id_token":{"auth_time":{"essential":true}}}`,
			}
			if got := source.asks(t, u); got != want[name] {
				t.Errorf("the source was asked %s, want %s", got, want[name])
			}
			if !strings.Contains(s.b.tab.page.words(), "Votre confirmation est reçue") {
				t.Fatalf("it was not confirmed\n%s", s.where())
			}
			sendsForm(t, s.story, "/bureau/confirmer", nil)
			if !strings.Contains(s.b.tab.page.words(), "ecl_") {
				t.Fatalf("the act was not done as it was typed\n%s", s.where())
			}
			made := w.journaled("token_make", "")
			if len(made) != 1 || made[0].Detail["step_up"] != "source" {
				t.Errorf("the journal has %+v", made)
			}
			if n := len(w.journaled("sign_in", "")); n != 1 {
				t.Errorf("%d sign-ins: to confirm is none", n)
			}
			wantsToken(t, s.story) // the same act again
			if strings.Contains(s.b.tab.page.words(), "Votre confirmation est reçue") {
				t.Error("a confirmation that was spent counts again")
			}
		})
	}
}

func TestWhatTheSourceSaysOtherwiseConfirmsNothing(t *testing.T) {
	t.Parallel()
	const me, somebody = "ACADEMIE$1", "ACADEMIE$2"
	for name, source := range strongSources(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := strongWorld(t, source)
			s := strongDesk(t, w, source, me)
			wantsToken(t, s.story)
			errors := map[string][2]string{
				"saml": {saml.StatusNoAuthnContext, saml.StatusAuthnFailed}, "oidc": {"unmet_authentication_requirements", "access_denied"},
			}[name]
			for _, c := range []struct {
				what string
				said saying
				page string // words of it
				why  string // in the journal; empty for nothing
			}{
				{"somebody else's account", saying{who: somebody, context: source.strong()}, "n'est pas celui avec lequel", "other"},
				{"a way that was not declared", saying{who: me, context: source.weak()}, "n'a pas demandé de preuve forte", "weak"},
				{"no way at all", saying{who: me}, "n'a pas demandé de preuve forte", "weak"},
				{"a proof from before", saying{who: me, context: source.strong(), at: w.now().Add(-time.Minute)}, "plus ancienne que la demande", "stale"},
				{"a proof of no instant", saying{who: me, context: source.strong(), silent: true}, "ne peut pas servir", "rejected"},
				{"a source that cannot", saying{error: errors[0]}, "n'a pas demandé de preuve forte", "weak"},
				{"somebody who gives up", saying{error: errors[1]}, "Vous avez renoncé", ""},
			} {
				if c.said.silent && name != "oidc" {
					continue // an assertion always says when (SAML Core 2.7.2)
				}
				before := len(w.journaled("step_up_source", c.why))
				s.confirms(t, c.said)
				words := s.b.tab.page.words()
				if !strings.Contains(strings.ReplaceAll(words, "’", "'"), c.page) || strings.Contains(words, "Votre confirmation est reçue") {
					t.Errorf("%s: the page says\n%s", c.what, words)
				}
				if !strings.Contains(words, "Ajouter un moyen") {
					t.Errorf("%s: no other way is offered", c.what)
				}
				if c.why != "" && len(w.journaled("step_up_source", c.why)) != before+1 {
					t.Errorf("%s: the journal says nothing", c.what)
				}
			}
			if got := s.atDesk(); !strings.Contains(got, "0280202T") {
				t.Errorf("the session at the desk did not last: %s", got)
			}
			if n := len(w.journaled("sign_in", "")); n != 1 {
				t.Errorf("%d sign-ins", n)
			}
		})
	}
}

func TestAnAnswerOfTheSourceIsForItsBrowserItsActAndOnce(t *testing.T) {
	t.Parallel()
	const me = "ACADEMIE$1"
	for name, source := range strongSources(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := strongWorld(t, source)
			s, other := strongDesk(t, w, source, me), strongDesk(t, w, source, "ACADEMIE$2")
			wantsToken(t, s.story)
			page := s.b.tab.page
			f, err := page.formTo("/bureau/confirmer/source")
			if err != nil {
				t.Fatal(err)
			}
			u := s.atSource(t, "confirmation", func() error { return s.b.submit(f) })
			answer := source.answer(t, w.now(), u, saying{who: me, context: source.strong(), at: w.now()})
			if other.brings(t, answer); other.b.tab.page.status != 410 {
				t.Errorf("another browser brings it: %d", other.b.tab.page.status)
			}
			s.brings(t, answer)
			if !strings.Contains(s.b.tab.page.words(), "Votre confirmation est reçue") {
				t.Fatalf("it was not confirmed\n%s", s.where())
			}
			s.brings(t, answer)
			if s.b.tab.page.status != 410 {
				t.Errorf("a replay: %d\n%s", s.b.tab.page.status, s.where())
			}
			// Another act: the same form with other words.
			if err := s.b.open(w.public + "/bureau/moi"); err != nil {
				t.Fatal(err)
			}
			sendsForm(t, s.story, "/bureau/jeton", url.Values{"nom": {"un autre"}, "portee": {"approve"}, "jusque": {tomorrow()}})
			if words := s.b.tab.page.words(); s.b.tab.page.url.Path != "/bureau/confirmer" || strings.Contains(words, "Votre confirmation est reçue") {
				t.Errorf("another act is confirmed: %s", words)
			}
			// The act of one session is nobody else's to confirm.
			stolen := form{action: f.action, post: true, fields: f.fields}
			if err := other.b.open(w.public + "/bureau/moi"); err != nil {
				t.Fatal(err)
			}
			if err := other.b.submit(stolen); err != nil || other.b.tab.page.status != 410 {
				t.Errorf("%v: somebody else's act leads to %d", err, other.b.tab.page.status)
			}
		})
	}
}

func TestASourceWithoutAStrongFactorIsNotOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{StepUp: true})
	s, _ := deskOf(t, w, "paul")
	wantsToken(t, s)
	if _, err := s.b.tab.page.formTo("/bureau/confirmer/source"); err == nil {
		t.Fatal("a source that has none is offered")
	}
	to := *s.b.tab.page.url
	to.Path, to.RawQuery = "/bureau/confirmer/source", ""
	f := form{action: &to, post: true, fields: url.Values{"demande": {s.b.tab.page.url.Query().Get("demande")}}}
	if err := s.send(f); err != nil || !strings.Contains(s.b.tab.page.words(), "Rien n") || s.b.tab.page.url.Path != "/bureau/confirmer" {
		t.Errorf("%v: whoever asks all the same comes to\n%s", err, s.where())
	}
}
