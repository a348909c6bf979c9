package app_test

import (
	"bytes"
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/app"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// askAgreement has calcul rest on agreement from now on.
func askAgreement(t *testing.T, w *world) {
	t.Helper()
	err := w.declare("2026-002", func(d *registry.Declaration) {
		d.Basis = registry.Basis{Kind: registry.Consent, Prescribed: registry.AnswerNo, Parents: registry.AnswerNo}
	})
	if err != nil {
		t.Fatal(err)
	}
}

// agreedAt signs Claire in at calcul, as a teacher of one school, by her agreement, and gives the site's token.
func agreedAt(t *testing.T, w *world, b *browser) string {
	t.Helper()
	return tokenAfter(t, w, b, func(s *story) error {
		return errors.Join(s.choosePerson([]string{"claire"}), s.choosePlace([]string{"Jean-Moulin"}), s.press("act", "agreed"))
	})
}

// steps plays steps that have to succeed.
func (s *story) steps(t *testing.T, steps ...func() error) {
	t.Helper()
	for i, step := range steps {
		if err := step(); err != nil {
			t.Fatalf("step %d: %v\n%s", i+1, err, s.where())
		}
	}
}

func (s *story) goes(path string) func() error {
	return func() error { return s.depart(s.w.public + path) }
}

func (s *story) reads(text string) func() error {
	return func() error { return s.pageSays([]string{text}) }
}

func (s *story) sends(end string) func() error {
	return func() error {
		f, err := s.b.tab.page.formTo(end)
		if err != nil {
			return err
		}
		return s.send(f)
	}
}

func (s *story) isAt(path string) func() error {
	return func() error {
		if got := s.b.tab.page.url.Path; got != path {
			return errors.New("the page is " + got)
		}
		return nil
	}
}

// journaled are the entries of an action and a reason.
func (w *world) journaled(action, reason string) (out []audit.Entry) {
	w.t.Helper()
	page, err := w.db.Audit().List(context.Background(), audit.Query{Action: action, Subjects: true})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, e := range page.Entries {
		if e.Reason == reason {
			out = append(out, e)
		}
	}
	return out
}

// refusedLater wants a token to be worth nothing, and nothing of anybody to come with the refusal.
func refusedLater(t *testing.T, w *world, token string) {
	t.Helper()
	if status, body := userinfo(t, w, token); status < 400 || strings.Contains(body, "National") {
		t.Errorf("a later answer: %d %s", status, body)
	}
}

// TestAMotherIsLedFromHerDataToARequestWithoutReadingWhichSchoolItIs follows the links that stand beside a service.
func TestAMotherIsLedFromHerDataToARequestWithoutReadingWhichSchoolItIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s := &story{w: w, b: w.browser()}
	s.steps(t, func() error { return s.visit([]string{"lire"}) }, func() error { return s.choosePerson([]string{"nadia"}) },
		func() error { return s.press("act", "informed") }, s.goes("/mes-donnees"), s.reads("Lire"))
	page := s.b.tab.page.body
	if strings.Contains(page, "Jules-Ferry") || strings.Contains(page, "0280101H") {
		t.Error("the page names the school of her child")
	}
	links := regexp.MustCompile(`href="(/mes-droits/demande\?[^"]*)"`).FindAllStringSubmatch(page, -1)
	if len(links) == 0 {
		t.Fatalf("nothing leads to a request: %s", page)
	}
	for _, link := range links {
		s.steps(t, s.goes(html.UnescapeString(link[1])), s.isAt("/mes-droits/demande"), s.reads("Une demande sur Lire"))
		if text := s.b.tab.page.body; s.b.tab.page.status != http.StatusOK || strings.Contains(text, "Jules-Ferry") || strings.Contains(text, "0280101H") {
			t.Errorf("%s: %d %s", link[1], s.b.tab.page.status, text)
		}
	}
}

// TestWhoeverWithdrawsIsSentNoMoreAndAskedAnew goes to "my data" with a browser, and to userinfo as the site does.
func TestWhoeverWithdrawsIsSentNoMoreAndAskedAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	askAgreement(t, w)
	b := w.browser()
	token := agreedAt(t, w, b)
	if status, body := userinfo(t, w, token); status != http.StatusOK || !strings.Contains(body, "National_ENS") {
		t.Fatalf("before: %d %s", status, body)
	}
	const page = "/mes-donnees/calcul/retirer"
	s := &story{w: w, b: b}
	s.steps(t, s.goes("/mes-donnees"), s.reads("Accord donné"), s.goes(page), s.reads("Retirer mon accord pour Calcul"),
		func() error { return s.keepPage(nil) }, s.sends(page), s.reads("Accord retiré pour Calcul"))
	refusedLater(t, w, token)
	s.steps(t, func() error { return s.returnToKept(nil) }, s.sends(page), s.reads("Accord retiré pour Calcul"))
	withdrawn := w.journaled("agreement", "withdrawn")
	if len(withdrawn) != 1 || withdrawn[0].Declaration != "2026-002" || withdrawn[0].Version != 2 || withdrawn[0].Subject == "" {
		t.Errorf("the journal says %+v", withdrawn)
	}
	s.steps(t, s.goes("/mes-donnees"), s.reads("Accord retiré"))
	if _, err := b.tab.page.formTo(page); err == nil {
		t.Error("what is taken back can be taken back")
	}
	// Who comes by again is told what they said, and asked when they want to be; the agreement can be taken back anew.
	s.steps(t, func() error { return s.visit([]string{"calcul"}) }, func() error { return s.notAsked(nil) },
		func() error { return s.choosePlace([]string{"Jean-Moulin"}) }, s.reads("Vous avez dit non à Calcul"),
		func() error { return s.press("act", "again") }, func() error { return s.press("act", "agreed") }, func() error { return s.arrived([]string{"calcul"}) },
		s.goes(page), s.sends(page), s.reads("Accord retiré pour Calcul"))
	if n := len(w.journaled("agreement", "withdrawn")); n != 2 {
		t.Errorf("%d withdrawals of two agreements", n)
	}
}

// TestAQuarterOfAnHourLaterAProofIsAskedForAndLeadsBack: on a screen that somebody left, nobody else withdraws or takes a copy.
func TestAQuarterOfAnHourLaterAProofIsAskedForAndLeadsBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	askAgreement(t, w)
	b := w.browser()
	agreedAt(t, w, b)
	const page = "/mes-donnees/calcul/retirer"
	s := &story{w: w, b: b}
	s.steps(t, s.goes(page), func() error { return s.keepPage(nil) })
	passes(t, s, 16*time.Minute)
	// The page that stood open does nothing: whoever sends it is led to prove who they are.
	s.steps(t, func() error { return s.returnToKept(nil) }, s.sends(page), func() error { return s.askedWho(nil) })
	if n := len(w.journaled("agreement", "withdrawn")); n != 0 {
		t.Fatalf("%d withdrawals without a proof", n)
	}
	s.steps(t, func() error { return s.choosePerson([]string{"claire"}) }, s.isAt(page), s.reads("Retirer mon accord pour Calcul"))
	passes(t, s, 16*time.Minute)
	s.steps(t, s.goes("/mes-donnees/tout"), func() error { return s.askedWho(nil) },
		func() error { return s.choosePerson([]string{"claire"}) }, s.isAt("/mes-donnees/tout"), s.reads("Calcul"))
	s.steps(t, s.goes(page), s.sends(page), s.reads("Accord retiré pour Calcul"))
	if n := len(w.journaled("agreement", "withdrawn")); n != 1 {
		t.Errorf("%d withdrawals", n)
	}
}

// TestWhatSomebodySaysWasNotThemEndsEverythingAndWaitsAtTheDesk: two browsers of one person, and the desk of their academy.
func TestWhatSomebodySaysWasNotThemEndsEverythingAndWaitsAtTheDesk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	askAgreement(t, w)
	here, there := w.browser(), w.browser()
	mine, theirs := agreedAt(t, w, here), agreedIn(t, w, there)
	s := &story{w: w, b: here, clerks: map[string]*browser{}, notes: map[string]string{}}
	s.steps(t, s.goes("/historique"), func() error { return takesLink(here, "/pas-moi") }, func() error { return s.keepPage(nil) })
	asked := here.tab.page.url.Path
	s.steps(t, s.sends("/pas-moi"), s.reads("Un incident est ouvert"), s.reads("Changez le mot de passe"))
	ref := here.tab.page.reference()
	if ref == "" {
		t.Fatalf("no code: %s", s.where())
	}
	refusedLater(t, w, mine)
	refusedLater(t, w, theirs)
	for name, b := range map[string]*browser{"here": here, "there": there} {
		at := &story{w: w, b: b}
		at.steps(t, at.goes("/mes-donnees"), at.reads("Connectez-vous"))
		if strings.Contains(b.tab.page.words(), "Claire") {
			t.Errorf("%s knows who was there", name)
		}
	}
	s.steps(t, func() error { return s.returnToKept(nil) }, s.sends("/pas-moi"), s.reads("Connectez-vous"))
	s.steps(t, s.goes("/entrer?vers=data"), func() error { return s.choosePerson([]string{"claire"}) }, s.goes(asked), s.sends("/pas-moi"))
	if again := here.tab.page.reference(); again != ref {
		t.Errorf("said twice it is %q and %q", ref, again)
	}
	waitsOnce(t, w, ref)
	s.steps(t, func() error { return s.enterDesk([]string{"dora"}) }, func() error { return s.ask("dora", http.MethodGet, "/rights", nil) },
		func() error { return s.deskAgrees(nil) })
	if strings.Count(s.said.text, ref) != 1 || !strings.Contains(s.said.text, `"incident"`) {
		t.Errorf("the desk reads %s", s.said.text)
	}
}

// agreedIn is another sign-in of Claire's, who has agreed already.
func agreedIn(t *testing.T, w *world, b *browser) string {
	t.Helper()
	return tokenAfter(t, w, b, func(s *story) error {
		return errors.Join(s.choosePerson([]string{"claire"}), s.choosePlace([]string{"Jean-Moulin"}))
	})
}

// takesLink takes the first link whose address ends so.
func takesLink(b *browser, end string) error {
	for _, a := range b.tab.page.all(tag("a")) {
		if u, err := b.tab.page.url.Parse(attribute(a, "href")); err == nil && strings.HasSuffix(u.Path, end) {
			return b.follow(u)
		}
	}
	return errors.New("no link leads to " + end)
}

// passes lets time go by, until the gateway has looked at its clock again.
func passes(t *testing.T, s *story, d time.Duration) {
	t.Helper()
	s.w.offset.Add(int64(d))
	if err := s.later([]string{"0"}); err != nil {
		t.Fatal(err)
	}
}

// waitsOnce wants the command to list one incident, due within 72 hours.
func waitsOnce(t *testing.T, w *world, ref string) {
	t.Helper()
	c, err := app.DataConfig(w.options.Data)
	var out bytes.Buffer
	if err == nil {
		err = app.RightsDue(t.Context(), c, &out, io.Discard)
	}
	zone, failed := time.LoadLocation("Europe/Paris")
	if err != nil || failed != nil {
		t.Fatal(err, failed)
	}
	due := registry.DateOf(time.Now().Add(72 * time.Hour).In(zone)).String()
	if text := out.String(); strings.Count(text, ref) != 1 || !strings.Contains(text, "incident") || !strings.Contains(text, due) ||
		!strings.Contains(text, "1 requests wait for an answer, 0 of them overdue") || strings.Contains(text, "Claire") {
		t.Errorf("gateway rights due prints\n%s", text)
	}
}
