package app_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/pquerna/otp/totp"

	"ecluse/internal/app"
)

// wantsToken posts the form of a token that approves by itself: an act that wants a step-up.
func wantsToken(t *testing.T, s *story) {
	t.Helper()
	if err := s.b.open(s.w.public + "/bureau/moi"); err != nil {
		t.Fatal(err)
	}
	f, err := s.b.tab.page.formTo("/bureau/jeton")
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	f.fields = url.Values{"nom": {"le soir"}, "portee": {"approve"}, "jusque": {tomorrow()}}
	if err := s.send(f); err != nil || s.b.tab.page.url.Path != "/bureau/confirmer" {
		t.Fatalf("%v: it leads to\n%s", err, s.where())
	}
}

// sendsForm sends the form of the page that goes to an address, with more fields.
func sendsForm(t *testing.T, s *story, end string, more url.Values) {
	t.Helper()
	f, err := s.b.tab.page.formTo(end)
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if f.fields == nil {
		f.fields = url.Values{}
	}
	for name, values := range more {
		f.fields[name] = values
	}
	if err := s.send(f); err != nil {
		t.Fatalf("%s: %v\n%s", end, err, s.where())
	}
}

// TestAnActThatWantsAStepUpIsDoneAfterTheFirstMeansWasEnrolled goes the whole way without script: the act, the page that
// asks, the code that is enrolled, the act as it was typed.
func TestAnActThatWantsAStepUpIsDoneAfterTheFirstMeansWasEnrolled(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{StepUp: true})
	s, _ := deskOf(t, w, "paul")
	wantsToken(t, s)
	if !strings.Contains(s.b.tab.page.words(), "Ajouter un moyen") {
		t.Fatalf("nothing leads to a first means\n%s", s.where())
	}
	act := s.b.tab.page.url.Query().Get("demande")
	if err := s.b.open(w.public + "/bureau/facteurs?demande=" + act); err != nil {
		t.Fatal(err)
	}
	sendsForm(t, s, "/bureau/facteurs/code", nil)
	found := regexp.MustCompile(`(?:[A-Z2-7]{4} ){7}[A-Z2-7]{4}`).FindString(s.b.tab.page.words())
	secret := strings.ReplaceAll(found, " ", "")
	if secret == "" {
		t.Fatalf("no secret is shown\n%s", s.where())
	}
	code := func() string {
		text, err := totp.GenerateCode(secret, w.now())
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	sendsForm(t, s, "/bureau/facteurs/code/verifier", url.Values{"code": {"abcdef"}, "nom": {"téléphone"}})
	if !strings.Contains(s.b.tab.page.words(), "Ce n'est pas le bon") {
		t.Errorf("a wrong first code\n%s", s.where())
	}
	sendsForm(t, s, "/bureau/facteurs/code/verifier", url.Values{"code": {code()}, "nom": {"téléphone"}})
	sendsForm(t, s, "/bureau/confirmer", nil)
	if !strings.Contains(s.b.tab.page.words(), "ecl_") {
		t.Fatalf("the act was not done as it was typed\n%s", s.where())
	}

	wantsToken(t, s)
	sendsForm(t, s, "/bureau/confirmer", url.Values{"code": {code()}})
	if strings.Contains(s.b.tab.page.words(), "ecl_") {
		t.Error("the code of the enrolment counts again")
	}
}

func TestAnActThatWaitsIsNobodyElses(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{StepUp: true})
	s, _ := deskOf(t, w, "paul")
	wantsToken(t, s)
	waiting := s.b.tab.page.url.String()
	other, _ := deskOf(t, w, "remi")
	if err := other.b.open(waiting); err != nil || other.b.tab.page.status != 410 {
		t.Errorf("%v: somebody else sees\n%s", err, other.where())
	}
}
