package login_test

import (
	"errors"
	"net/http"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
)

var errUnbelieved = errors.New("an answer without a signature")

func TestAnAnswerThatIsNotBelievedLeadsOnAndEndsNothing(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Needed, "calcul": idp.Needed, "ecrire": idp.Done}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "calcul", "ecrire")
	page(t, "nobody leaves", b.Get("/plain/lost"), http.StatusBadRequest)
	if p := b.Get("/signout"); !says(p, "Voulez-vous vous déconnecter") {
		t.Errorf("it signs somebody out: %s", p.Text())
	}

	step := visiting(t, "the first", b.Post("/signout", nil), "lire")
	page(t, "another browser", h.Browser(t).Get("/plain/lost"), http.StatusBadRequest)
	p := b.Get("/plain/lost")
	p = comesBack(b, visiting(t, "the next, after an answer that is not believed", p, "calcul"), true)
	page(t, "in the end", p, http.StatusOK)
	if !says(p, "reste peut-être ouvert Service lire Déconnectez", "sont fermés Service calcul Service ecrire") {
		t.Errorf("the page says %s", p.Text())
	}
	if w.times("lire") != 1 || w.times("calcul") != 1 {
		t.Errorf("told %d and %d times", w.times("lire"), w.times("calcul"))
	}
	again := b.Get("/plain/lost")
	if page(t, "once more", again, http.StatusOK); again.Text() != p.Text() {
		t.Errorf("once more: %s", again.Text())
	}
	if p = comesBack(b, step, true); !says(p, "sont fermés Service lire Service calcul Service ecrire") { // the good answer comes late
		t.Errorf("after all: %s", p.Text())
	}
	page(t, "when all came back", b.Get("/plain/lost"), http.StatusBadRequest)
}

func TestAServiceThatAskedHearsOfASessionWhoseAnswerWasNotBelieved(t *testing.T) {
	t.Parallel()
	w := asksWay(map[string]idp.SignOutOutcome{"ecrire": idp.Needed})
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "ecrire")
	visiting(t, "the visit", b.Open(wish(t, sure("lire"))), "ecrire")
	p := b.Get("/plain/lost")
	if page(t, "the truth first", p, http.StatusOK); !says(p, "reste peut-être ouvert Service ecrire", "Revenir vers Service lire") {
		t.Errorf("the page says %s", p.Text())
	}
	backThere(t, "the button", w, b.Get("/signout/back"), idp.Outcome{Found: true, Partial: true})
}
