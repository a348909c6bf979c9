package app_test

import (
	"bytes"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
)

// enter signs somebody in to the desk over the whole way: gate, release, information, return.
func (s *story) enter(person string) error {
	err := errors.Join(s.b.open(s.w.public+"/bureau/entrer"), s.choosePerson([]string{person}))
	if err != nil || s.informed(nil) != nil { // nobody is told the same twice
		return err
	}
	return s.goOn(nil)
}

// atDesk is what the desk's page about oneself says to a browser.
func (s *story) atDesk() string {
	if err := s.b.open(s.w.public + "/bureau/moi"); err != nil {
		return err.Error()
	}
	return s.b.tab.page.words()
}

func deskOf(t *testing.T, w *world, person string) (*story, string) {
	t.Helper()
	s := &story{w: w, b: w.browser()}
	if err := s.enter(person); err != nil {
		t.Fatalf("%s does not get to the desk: %v\n%s", person, err, s.where())
	}
	if got := s.b.tab.page.url.Path; got != "/bureau/" {
		t.Fatalf("%s arrives at %s\n%s", person, got, s.where())
	}
	return s, s.atDesk()
}

func TestTheDemosPeopleAreAtTheDeskInTheirOwnCapacity(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	const head, deputy, directrice = "Chef ou cheffe d'établissement Collège Jean-Moulin", "établissement, par délégation Collège Jean-Moulin", "Directeur ou directrice d'école École Jules-Ferry"
	for person, want := range map[string][]string{
		"paul":   {head, "0280202T"},
		"yann":   {deputy, "Délégation de signature 2026-4"},
		"sophie": {directrice, "0280101H"},
		"dora":   {"Délégué ou déléguée à la protection des données académie exemple"},
		"remi":   {"Recteur ou rectrice, ou sa délégation académie exemple"},
		"diane":  {"DASEN département 028"},
		"alix":   {"Administration technique académie exemple"},
	} {
		_, text := deskOf(t, w, person)
		text = strings.ReplaceAll(strings.ReplaceAll(text, "’", "'"), "\u202f", " ")
		for _, words := range append(want, "Personnel") {
			if !strings.Contains(text, words) {
				t.Errorf("%s: the desk does not say %q:\n%s", person, words, text)
			}
		}
		for _, other := range []string{head, deputy, directrice, "Administration technique", "DASEN", "Recteur", "protection des données"} {
			if !strings.Contains(strings.Join(want, " "), other) && strings.Contains(text, other) {
				t.Errorf("%s: the desk says %q too", person, other)
			}
		}
		if strings.Contains(text, "Simone-Veil") || strings.Contains(text, "Roy") || strings.Contains(text, "Faure") {
			t.Errorf("%s: the desk names somebody, or another school", person)
		}
	}
}

func TestATeacherIsStaffAtTheDeskAndAPupilIsNotLetIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s := &story{w: w, b: w.browser()}
	err := errors.Join(s.b.open(w.public+"/bureau/entrer"), s.choosePerson([]string{"claire"}), s.choosePlace([]string{"Simone-Veil"}), s.goOn(nil))
	if err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	text := s.atDesk()
	if !strings.Contains(text, "Simone-Veil (0280303C)") || strings.Contains(text, "Jean-Moulin") || strings.Contains(text, "Chef") {
		t.Errorf("the desk says %s", text)
	}
	s = &story{w: w, b: w.browser()}
	if err := errors.Join(s.b.open(w.public+"/bureau/entrer"), s.choosePerson([]string{"hugo"})); err != nil {
		t.Fatal(err)
	}
	if s.b.tab.page.status < 400 || !strings.Contains(s.atDesk(), "Entrer au bureau") {
		t.Errorf("a pupil gets to the desk\n%s", s.where())
	}
}

func TestTheWayBackToTheDeskIsForTheBrowserThatBegan(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s := &story{w: w, b: w.browser()}
	s.b.hold = func(u *url.URL) bool { return u.Path == "/bureau/retour" }
	if err := s.enter("paul"); err != nil || s.b.held == nil {
		t.Fatalf("no answer is on its way: %v\n%s", err, s.where())
	}
	back := s.b.held.to.String()
	other := &story{w: w, b: w.browser()}
	if err := other.b.open(back); err != nil || other.b.tab.page.status != http.StatusGone {
		t.Errorf("another browser: %v\n%s", err, other.where())
	}
	if text := other.atDesk(); !strings.Contains(text, "Entrer au bureau") {
		t.Errorf("another browser is at the desk: %s", text)
	}
	s.b.hold = nil
	if err := s.b.open(back); err != nil || s.b.tab.page.status != http.StatusGone {
		t.Errorf("a way back that was taken: %v\n%s", err, s.where())
	}
	fine, _ := deskOf(t, w, "paul")
	if text := fine.atDesk(); !strings.Contains(text, "Jean-Moulin") {
		t.Errorf("the desk says %s", text)
	}
}

func TestSigningOutOfTheGatewayLeavesTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s, _ := deskOf(t, w, "paul")
	if err := s.signOut(nil); err != nil {
		t.Fatal(err)
	}
	if text := s.atDesk(); !strings.Contains(text, "Entrer au bureau") || strings.Contains(text, "Jean-Moulin") {
		t.Errorf("after the sign-out the desk says %s", text)
	}
	s, _ = deskOf(t, w, "paul")
	f, err := s.b.tab.page.formTo("/bureau/sortir")
	if err := errors.Join(err, s.send(f)); err != nil {
		t.Fatal(err)
	}
	if text := s.atDesk(); !strings.Contains(text, "Entrer au bureau") {
		t.Errorf("after leaving the desk says %s", text)
	}
}

func TestATokenIsMadeShownOnceAndEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s, _ := deskOf(t, w, "paul")
	f, err := s.b.tab.page.formTo("/bureau/jeton")
	if err != nil {
		t.Fatal(err)
	}
	f.fields = url.Values{"nom": {"export du soir"}, "portee": {"read"}, "jusque": {"2000-01-01"}}
	if err := s.send(f); err != nil || s.b.tab.page.status != http.StatusUnprocessableEntity || strings.Contains(s.b.tab.page.words(), "ecl_") {
		t.Errorf("a token that is over: %v\n%s", err, s.where())
	}
	f.fields.Set("jusque", tomorrow())
	if err := s.send(f); err != nil {
		t.Fatal(err)
	}
	secret := regexp.MustCompile(`ecl_[0-9A-Za-z]{43}`)
	if !secret.MatchString(s.b.tab.page.words()) {
		t.Fatalf("the secret is not shown\n%s", s.where())
	}
	if text := s.atDesk(); secret.MatchString(text) || !strings.Contains(text, "export du soir") {
		t.Errorf("later the desk says %s", text)
	}
	end, err := s.b.tab.page.formTo("/bureau/jeton/retirer")
	if err := errors.Join(err, s.send(end)); err != nil {
		t.Fatal(err)
	}
	if text := s.atDesk(); strings.Contains(text, "export du soir") {
		t.Errorf("the token is still there: %s", text)
	}
}

func adminLink(t *testing.T, w *world, o app.AdminLinkOptions) (string, error) {
	t.Helper()
	c, err := app.DataConfig(w.options.Data)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	err = app.AdminLink(t.Context(), c, o, &out, io.Discard)
	found := regexp.MustCompile(`word +([A-Z0-9-]+)`).FindStringSubmatch(out.String())
	if found == nil {
		return "", err
	}
	return found[1], err
}

func auditor() app.AdminLinkOptions {
	return app.AdminLinkOptions{Role: "auditor", Over: []string{"academy=exemple"}, Reason: "first day", Until: tomorrow()}
}

func TestAnAppointmentByLinkIsClaimedOnceAndKeptAcrossSignIns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	word, err := adminLink(t, w, auditor())
	if err != nil || word == "" {
		t.Fatalf("no word: %v", err)
	}
	claim := func(s *story) {
		t.Helper()
		f, err := s.b.tab.page.formTo("/bureau/mandat")
		if err != nil {
			t.Fatal(err)
		}
		f.fields = url.Values{"mot": {strings.ToLower(word)}}
		if err := s.send(f); err != nil {
			t.Fatal(err)
		}
	}
	s, _ := deskOf(t, w, "paul")
	claim(s)
	again, text := deskOf(t, w, "paul")
	if !strings.Contains(s.atDesk(), "Audit") || !strings.Contains(text, "Audit") {
		t.Errorf("the appointment is not there, or not the next time: %s", text)
	}
	other, _ := deskOf(t, w, "yann")
	claim(other)
	if other.b.tab.page.status != http.StatusConflict || strings.Contains(other.atDesk(), "Audit") {
		t.Errorf("a word that was used gives the appointment to somebody else\n%s", other.where())
	}
	_ = again
}

func TestAWordOpensTheDeskWhenItsOwnDeclarationIsStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	if _, err := w.suspend("bureau-registre"); err != nil {
		t.Fatal(err)
	}
	s := &story{w: w, b: w.browser()}
	if err := w.eventually(func() bool { return s.b.open(w.public+"/bureau/entrer") == nil && s.b.tab.page.status >= 400 }); err != nil {
		t.Errorf("the desk is open: %v\n%s", err, s.where())
	}
	word, err := adminLink(t, w, auditor())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.b.open(w.public + "/bureau/lien"); err != nil {
		t.Fatal(err)
	}
	f, err := s.b.tab.page.formTo("/bureau/lien")
	if err != nil {
		t.Fatal(err)
	}
	f.fields = url.Values{"mot": {word}}
	if err := s.send(f); err != nil || !strings.Contains(s.atDesk(), "Audit") {
		t.Errorf("the word does not open the desk: %v\n%s", err, s.where())
	}
}

func TestAnAppointmentByLinkThatDoesNotFitGivesNoWord(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	for name, spoil := range map[string]func(*app.AdminLinkOptions){
		"no such role":        func(o *app.AdminLinkOptions) { o.Role = "king" },
		"over nothing":        func(o *app.AdminLinkOptions) { o.Over = nil },
		"over a word":         func(o *app.AdminLinkOptions) { o.Over = []string{"exemple"} },
		"over another kind":   func(o *app.AdminLinkOptions) { o.Over = []string{"planet=earth"} },
		"a wrong letter":      func(o *app.AdminLinkOptions) { o.Over = []string{"uai=0280202A"} },
		"no reason":           func(o *app.AdminLinkOptions) { o.Reason = "" },
		"no end":              func(o *app.AdminLinkOptions) { o.Until = "" },
		"a past end":          func(o *app.AdminLinkOptions) { o.Until = "2020-01-01" },
		"two years":           func(o *app.AdminLinkOptions) { o.Until = "2099-01-01" },
		"an office, no act":   func(o *app.AdminLinkOptions) { o.Role = "recteur" },
		"an unknown service":  func(o *app.AdminLinkOptions) { o.Over = []string{"service=nothing"} },
		"an end in our words": func(o *app.AdminLinkOptions) { o.Until = "31/12/2026" },
	} {
		o := auditor()
		spoil(&o)
		if word, err := adminLink(t, w, o); err == nil || word != "" {
			t.Errorf("%s: a word, %v", name, err)
		}
	}
}

func tomorrow() string { return time.Now().AddDate(0, 0, 1).Format(time.DateOnly) }
