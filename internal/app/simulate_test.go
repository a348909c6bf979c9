package app_test

import (
	"net/http"
	"strings"
	"testing"

	"ecluse/internal/app"
)

func unstyled(s string) string {
	return strings.NewReplacer("’", "'", "\u202f", " ", "\u00a0", " ").Replace(s)
}

func TestTheDeskShowsWhatAPersonaWouldBeSentAndWhatItWouldSee(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	s, _ := deskOf(t, w, "paul")
	if err := s.b.open(w.public + "/bureau/simulation?service=lire&persona=eleve-ce2"); err != nil {
		t.Fatal(err)
	}
	text := unstyled(s.b.tab.page.words())
	for _, want := range []string{"Autorisé", "École Jules-Ferry", "CE2", "retrouver ses lectures", "Message SAML", "non déclarée", "gateway explain --service lire --persona eleve-ce2 --uai 0280101H"} {
		if !strings.Contains(text, want) {
			t.Errorf("the page does not say %q:\n%s", want, text)
		}
	}
	for wording, want := range map[string]string{"enfant": "Tu vas sur Lire", "adulte": "Ce que Lire va savoir de vous"} {
		if err := s.b.open(w.public + "/bureau/simulation/page?service=lire&persona=eleve-ce2&uai=0280101H&langue=fr&pour=" + wording); err != nil {
			t.Fatal(err)
		}
		if got := unstyled(s.b.tab.page.words()); !strings.Contains(got, want) || !strings.Contains(got, "Aperçu") || strings.Contains(got, "digest") {
			t.Errorf("%s sees\n%s", wording, got)
		}
	}
	stranger := &story{w: w, b: w.browser()}
	if err := stranger.b.open(w.public + "/bureau/simulation?service=lire&persona=eleve-ce2"); err != nil || strings.Contains(stranger.b.tab.page.words(), "Message SAML") {
		t.Errorf("nobody is shown a simulation: %v", err)
	}
}

func TestWhoIsLookedAtReadsItInTheirHistory(t *testing.T) {
	t.Parallel()
	w := newWorld(t, app.DemoOptions{})
	const reason = "réclamation reçue le 20 novembre"
	for person, status := range map[string]int{"dora": http.StatusOK, "paul": http.StatusForbidden} {
		s, _ := deskOf(t, w, person)
		if err := s.b.open(w.public + "/bureau/simulation"); err != nil {
			t.Fatal(err)
		}
		for _, f := range s.b.tab.page.forms() {
			if !f.post || !strings.HasSuffix(f.action.Path, "/bureau/simulation") {
				continue
			}
			for name, value := range map[string]string{"service": "lire", "uai": "0280101H", "source": "demo", "personne": "lina", "motif": reason} {
				f.fields.Set(name, value)
			}
			if err := s.b.submit(f); err != nil {
				t.Fatal(err)
			}
		}
		if got := s.b.tab.page; got.status != status || (status == http.StatusOK) != strings.Contains(got.words(), "CE2") {
			t.Errorf("%s: %d\n%s", person, got.status, got.words())
		}
		if u := s.b.tab.page.url.String(); strings.Contains(u, "lina") {
			t.Errorf("the address names somebody: %s", u)
		}
	}
	s := &story{w: w, b: w.browser()}
	if err := s.b.open(w.public + "/historique"); err != nil || strings.Contains(s.b.tab.page.words(), reason) {
		t.Errorf("nobody reads a history: %v", err)
	}
	if err := s.b.open(w.public + "/go/lire"); err != nil {
		t.Fatal(err)
	}
	if err := s.choosePerson([]string{"lina"}); err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if err := s.press("act", "informed"); err != nil {
		t.Fatalf("%v\n%s", err, s.where())
	}
	if err := s.b.open(w.public + "/historique"); err != nil {
		t.Fatal(err)
	}
	text := unstyled(s.b.tab.page.words())
	for _, want := range []string{"Un adulte a regardé", reason, "Lire", "ton niveau"} {
		if !strings.Contains(text, unstyled(want)) {
			t.Errorf("the history does not say %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "CE2") || strings.Count(text, "Un adulte a regardé") != 1 {
		t.Errorf("the history holds a value, or what was refused:\n%s", text)
	}
	other := &story{w: w, b: w.browser()}
	if err := other.b.open(w.public + "/go/calcul"); err == nil && other.choosePerson([]string{"hugo"}) == nil {
		if err := other.b.open(w.public + "/historique"); err != nil || strings.Contains(other.b.tab.page.words(), reason) {
			t.Error("somebody else reads who looked")
		}
	}
}
