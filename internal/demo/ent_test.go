package demo_test

import (
	"net/http"
	"net/url"
	"testing"
	"time"

	"ecluse/internal/demo"
)

func (s *street) hop(passive bool) string {
	q := demo.HopQuery{Challenge: "challenge-1", Answer: s.gateway + "/source/ent/answer?k=1", Passive: passive}
	return s.url("ent", "/hop?"+q.Encode())
}

func (s *street) signInAtENT(extra url.Values) seen {
	form := url.Values{"personne": {"demo:paul"}}
	for k, v := range extra {
		form[k] = v
	}
	return s.post(s.url("ent", "/connexion"), form)
}

func TestHopAnswersAtOnceWithASession(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.signInAtENT(nil).wantTo(t, "/")
	for _, passive := range []bool{false, true} {
		to := s.get(s.hop(passive)).wantTo(t, s.gateway+"/source/ent/answer?k=1&token=")
		person, at, err := demo.OpenHop([]byte(hopSecret), to.Query().Get("token"), "challenge-1", time.Now())
		if err != nil || person != "demo:paul" || time.Since(at) > time.Minute {
			t.Errorf("passive %v: got %q %v %v", passive, person, at, err)
		}
	}
}

func TestPassiveHopWithoutSessionSaysSo(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	to := s.get(s.hop(true)).wantTo(t, s.gateway+"/source/ent/answer?k=1&error=no_session")
	if to.Query().Has("token") {
		t.Error("a token without a session")
	}
}

func TestHopWithoutSessionSignsInThenContinues(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	door := s.get(s.hop(false))
	door.want(t, http.StatusOK, "Qui es-tu", "Lina", `value="challenge-1"`, "error=cancelled")
	checkPage(t, door)
	to := s.signInAtENT(url.Values{"challenge": {"challenge-1"}, "answer": {s.gateway + "/source/ent/answer"}}).wantTo(t, "/suite?")
	onward := s.get(s.url("ent", to.String()))
	onward.want(t, http.StatusOK, `http-equiv="refresh"`, "/hop?")
	checkPage(t, onward)
	s.get(s.url("ent", "/hop?"+to.RawQuery)).wantTo(t, s.gateway+"/source/ent/answer?token=")
}

func TestHopRefusesStrangers(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.signInAtENT(nil)
	for _, query := range []string{
		"", "challenge=c", "challenge=c&answer=http://evil.example/", "challenge=c&answer=" + url.QueryEscape(s.gateway+".evil.example/"),
		"challenge=&answer=" + url.QueryEscape(s.gateway+"/x"),
	} {
		got := s.get(s.url("ent", "/hop?"+query))
		got.want(t, http.StatusBadRequest, "Cette demande ne vient pas")
		checkPage(t, got)
	}
	s.get(s.url("ent", "/suite?challenge=c&answer=http://evil.example/")).wantTo(t, "/")
}

func TestSignInDoesNotFollowAForeignAnswer(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	got := s.signInAtENT(url.Values{"challenge": {"c"}, "answer": {"http://evil.example/"}})
	if to := got.wantTo(t, "/"); to.String() != "/" {
		t.Errorf("redirect to %s", to)
	}
}

func TestTheENTAsksBeforeItEndsItsSession(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.get(s.url("ent", "/deconnexion")).wantTo(t, "/")
	s.signInAtENT(nil)
	ask := s.get(s.url("ent", "/deconnexion"))
	ask.want(t, http.StatusOK, "Quitter l’ENT", "Paul est encore connecté", `action="/deconnexion"`)
	checkPage(t, ask)
	s.get(s.url("ent", "/")).want(t, http.StatusOK, "Bonjour Paul")
	s.post(s.url("ent", "/deconnexion"), nil).wantTo(t, "/")
	s.get(s.url("ent", "/deconnexion")).wantTo(t, "/")
}

func TestENTShowsTilesForEveryEstablishment(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.signInAtENT(nil)
	desk := s.get(s.url("ent", "/"))
	desk.want(t, http.StatusOK, "Bonjour Paul",
		s.gateway+"/go/lire?source=ent&amp;uai=0280001A", s.gateway+"/go/ancien?source=ent&amp;uai=0280002B",
		"uai=0999999F", "return=https%3A%2F%2Failleurs.example%2F", "/go/inconnu?", "Pour voir un refus")
	checkPage(t, desk)
	s.post(s.url("ent", "/deconnexion"), nil).wantTo(t, "/")
	s.get(s.url("ent", "/")).want(t, http.StatusOK, "Qui es-tu")
	s.get(s.hop(true)).wantTo(t, s.gateway+"/source/ent/answer?k=1&error=no_session")
}

func TestENTKnowsNobodyElse(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	for _, who := range []string{"", "demo:nobody"} {
		got := s.post(s.url("ent", "/connexion"), url.Values{"personne": {who}})
		got.want(t, http.StatusBadRequest, "Choisis une personne")
	}
	s.get(s.url("ent", "/")).want(t, http.StatusOK, "Qui es-tu")
}

func TestENTSessionEnds(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.signInAtENT(nil)
	s.late.advance(9 * time.Hour)
	s.get(s.url("ent", "/")).want(t, http.StatusOK, "Qui es-tu")
}
