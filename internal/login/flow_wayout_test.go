package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/store"
)

func everyWay() *ways {
	return &ways{by: map[string]idp.SignOutOutcome{
		"lire": idp.Done, "ecrire": idp.Needed, "calcul": idp.Framed, "annee": idp.Needed, "carnet": idp.Queued,
	}}
}

func TestOneSignOutTellsEachServiceByTheWayItHas(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "ecrire", "calcul", "annee", "carnet", "adultes")
	id := yes(t, through(t, b, b.Open(byGet(t, request("lire", later)))), "lire").Get("resume")
	thief := h.Browser(t)
	thief.Plant("session", b.Cookie("session"))
	w.during = func() { // nobody is told that it is over while it is not
		offers(t, "the session, while services are told", thief.Open(byGet(t, request("lire"))), "source")
		if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
			t.Errorf("the right to later answers, while services are told: %v", err)
		}
	}
	p := b.Post("/signout", nil)
	if w.during != nil {
		t.Error("nobody was told")
	}
	p = comesBack(b, visiting(t, "the first visit", p, "ecrire"), true)
	if p.Landing == nil || p.Landing.Method != http.MethodPost {
		t.Errorf("the second is not posted to: %+v", p.Landing)
	}
	p = comesBack(b, visiting(t, "the second visit", p, "annee"), false)
	page(t, "in the end", p, http.StatusOK)
	if !says(p, "restent peut-être ouverts Service annee Service adultes Déconnectez", "n'a pas répondu Service carnet",
		"a été prévenu Service calcul", "sont fermés Service lire Service ecrire") {
		t.Errorf("the page says %s", p.Text())
	}
	frame := regexp.MustCompile(`<iframe src="https://calcul\.example/quit\?step=[A-Z0-9]+" sandbox="allow-scripts allow-same-origin" referrerpolicy="no-referrer" title="[^"]+" hidden></iframe>`)
	if n := strings.Count(p.Body, "<iframe"); n != 1 || !frame.MatchString(p.Body) {
		t.Errorf("%d frames: %s", n, p.Body)
	}
	if policy := p.Header.Get("Content-Security-Policy"); !strings.HasSuffix(policy, "; frame-src https://calcul.example") || !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("the policy is %s", policy)
	}
	for _, service := range []string{"lire", "ecrire", "calcul", "annee", "carnet", "adultes"} {
		if n := w.times(service); n != 1 {
			t.Errorf("%s was told %d times", service, n)
		}
	}
	if again := b.Get("/signout"); again.Text() != p.Text() {
		t.Errorf("a reload says %s", again.Text())
	}
	offers(t, "afterwards", b.Open(byGet(t, request("lire"))), "source")
}

func TestAServiceThatNeverComesBackIsSaidToBeOpenAndBlocksNoOther(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Needed, "ecrire": idp.Needed}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "ecrire")
	lost := visiting(t, "the first visit", b.Post("/signout", nil), "lire")
	p := b.Get("/signout")
	page(t, "the truth", p, http.StatusOK)
	if !says(p, "restent peut-être ouverts Service lire Service ecrire", "Prévenir les autres services") || !strings.Contains(p.Body, `href="/signout/next"`) {
		t.Errorf("the page says %s", p.Text())
	}
	second := visiting(t, "the rest", b.Get("/signout/next"), "ecrire")
	p = b.Get("/signout/next") // the back button, and a second tab
	page(t, "nothing is left to visit", p, http.StatusOK)
	if strings.Contains(p.Body, "/signout/next") || !says(p, "Service lire Service ecrire Déconnectez") {
		t.Errorf("the page says %s", p.Text())
	}
	if p = comesBack(b, second, true); !says(p, "ouvert Service lire Déconnectez", "fermé Service ecrire") {
		t.Errorf("the page says %s", p.Text())
	}
	if p = comesBack(b, lost, true); !says(p, "fermés Service lire Service ecrire") { // late, and true all the same
		t.Errorf("the page says %s", p.Text())
	}
}

func TestAnAnswerCountsOnceAndOnlyOfItsOwnBrowser(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Needed, "ecrire": idp.Needed}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "ecrire")
	first := visiting(t, "the first visit", b.Post("/signout", nil), "lire")
	ahead := w.words["ecrire"][0]
	for what, step := range map[string]string{"no step": "", "a step that nobody knows": "ABC", "a visit that was not begun": ahead} {
		if p := comesBack(b, step, true); says(p, "fermé") {
			t.Errorf("%s: the page says %s", what, p.Text())
		}
		if what != "a visit that was not begun" && w.times("ecrire") != 1 {
			t.Error("told again")
		}
	}
	other := been(t, h, idptest.Nour, "calcul")
	for what, o := range map[string]*idptest.Browser{"somebody else's browser": other, "a browser of nobody": h.Browser(t)} {
		page(t, what, comesBack(o, first, true), http.StatusOK)
	}
	if p := b.Get("/signout"); !says(p, "ouverts Service lire Service ecrire") || says(p, "fermé") {
		t.Errorf("a foreign answer counts: %s", p.Text())
	}
	yes(t, other.Open(byGet(t, request("calcul"))), "calcul")
	comesBack(b, first, false)
	comesBack(b, first, true)
	if p := b.Get("/signout"); says(p, "fermé") {
		t.Errorf("a second answer counts: %s", p.Text())
	}
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/plain/told", strings.NewReader(url.Values{"step": {ahead}, "ended": {"true"}}.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://ecrire.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	if p := b.Open(r); !says(p, "fermé Service ecrire") {
		t.Errorf("an answer that is posted does not count: %s", p.Text())
	}
}

func TestASignOutIsReadForMinutesAndNotByWhoeverComesNext(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "ecrire", "adultes")
	step := visiting(t, "the visit", b.Post("/signout", nil), "ecrire")
	kept := b.Cookie("signout")
	h.Clock.Advance(10*time.Minute + time.Second)
	for what, p := range map[string]*idptest.Page{"the page": b.Get("/signout"), "an answer": comesBack(b, step, true), "the next": b.Get("/signout/next")} {
		if page(t, what, p, http.StatusOK); says(p, "Service") {
			t.Errorf("%s after its time says %s", what, p.Text())
		}
	}
	b = been(t, h, idptest.Paul, "ecrire", "adultes")
	comesBack(b, visiting(t, "the visit", b.Post("/signout", nil), "ecrire"), true)
	visits(t, b, idptest.Nour, "lire")
	b.Post("/signout", nil)
	if p := b.Get("/signout"); says(p, "Service adultes") || kept == "" {
		t.Errorf("whoever comes next reads %s", p.Text())
	}
	sharing(h)
	b = been(t, h, idptest.Lea, "lire")
	b.Post("/signout", nil)
	h.Clock.Advance(3*time.Minute + time.Second)
	if p := b.Get("/signout"); says(p, "Service lire") {
		t.Errorf("on a shared device it is read for long: %s", p.Text())
	}
}

func TestHeadSignsNobodyOutAndVisitsNobody(t *testing.T) {
	t.Parallel()
	w := everyWay()
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "ecrire")
	head := func(path string) *http.Request { return httptest.NewRequest(http.MethodHead, idptest.Origin+path, nil) }
	page(t, "a wish", b.Open(head("/plain/leave?"+wishes(t, sure("ecrire")).Encode())), http.StatusBadRequest)
	yes(t, through(t, b, b.Open(byGet(t, request("ecrire")))), "ecrire")
	at := b.Do(wishByPost(t, sure("ecrire"))).Header.Get("Location")
	page(t, "a wish that was posted", b.Open(head(at)), http.StatusBadRequest)
	yes(t, through(t, b, b.Open(byGet(t, request("ecrire")))), "ecrire")
	at = b.Do(idptest.Form("/signout", nil)).Header.Get("Location")
	if at != "/signout/next" {
		t.Fatalf("the sign-out leads to %q", at)
	}
	for _, path := range []string{at, "/signout/back", "/plain/told?step=" + w.words["ecrire"][0]} {
		page(t, path, b.Open(head(path)), http.StatusBadRequest)
	}
	visiting(t, "the visit", b.Get(at), "ecrire")
}

func TestAFrameIsForTheServiceAlone(t *testing.T) {
	t.Parallel()
	for _, address := range []string{
		idptest.Origin + "/signout", "http://calcul.example/", "//calcul.example/", "javascript:alert(1)", "https://", "https://u:p@calcul.example/", "",
		"https://calcul.example;x/", "data:text/html,x",
	} {
		w := &ways{by: map[string]idp.SignOutOutcome{"calcul": idp.Framed}, frame: address}
		if address == "" {
			w.frame = " "
		}
		h := waysHouse(t, w, nil)
		b := been(t, h, idptest.Paul, "calcul")
		p := b.Post("/signout", nil)
		if strings.Contains(p.Body, "<iframe") || strings.Contains(p.Header.Get("Content-Security-Policy"), "frame-src") || !says(p, "ouvert Service calcul") {
			t.Errorf("%q is framed: %s", address, p.Text())
		}
	}
}

func TestAServiceThatCannotBeAskedIsSaidToBeOpen(t *testing.T) {
	t.Parallel()
	for name, w := range map[string]*ways{
		"an error beside a yes": {by: map[string]idp.SignOutOutcome{"calcul": idp.Done}, fails: errors.New("it did not answer")},
		"no word at all":        {},
	} {
		h := waysHouse(t, w, nil)
		b := been(t, h, idptest.Paul, "calcul")
		if p := b.Post("/signout", nil); !says(p, "ouvert Service calcul") || says(p, "fermé") {
			t.Errorf("%s: %s", name, p.Text())
		}
	}
}

// unkept is a store that loses its voice for one kind of ticket.
type unkept struct {
	store.Tickets
	kind store.Kind
	op   *string
}

func (u unkept) Put(ctx context.Context, t store.Ticket) error {
	if t.Kind == u.kind && *u.op == "put" {
		return errSilent
	}
	return u.Tickets.Put(ctx, t)
}

func (u unkept) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == u.kind && *u.op == "get" {
		return store.Ticket{}, errSilent
	}
	return u.Tickets.Get(ctx, kind, name)
}

func (u unkept) Replace(ctx context.Context, t store.Ticket) error {
	if t.Kind == u.kind && *u.op == "replace" {
		return errSilent
	}
	return u.Tickets.Replace(ctx, t)
}

func (u unkept) Write(ctx context.Context, ops ...store.Op) error {
	for _, op := range ops {
		if op.Ticket.Kind == u.kind && *u.op == string(op.Do) {
			return errSilent
		}
	}
	return u.Tickets.Write(ctx, ops...)
}

func TestAStoreThatFailsEndsNoTruth(t *testing.T) {
	t.Parallel()
	var op string
	h := waysHouse(t, everyWay(), func(s store.Tickets) store.Tickets { return unkept{s, "way-out", &op} })
	b := been(t, h, idptest.Paul, "lire", "ecrire")
	op = "put" // the visit cannot be kept: then it is not made, and the page says so
	p := b.Post("/signout", nil)
	page(t, "no way out", p, http.StatusOK)
	if !says(p, "ouvert Service ecrire Déconnectez", "fermé Service lire") || strings.Contains(p.Body, "/signout/next") || b.Cookie("session") != "" {
		t.Errorf("the page says %s", p.Text())
	}
	op = ""
	b = been(t, h, idptest.Paul, "lire", "ecrire")
	step := visiting(t, "the visit", b.Post("/signout", nil), "ecrire")
	for _, op = range []string{"get", "replace"} {
		page(t, op, comesBack(b, step, true), http.StatusServiceUnavailable)
	}
	op = "get"
	page(t, "the truth", b.Get("/signout"), http.StatusServiceUnavailable)
	op = ""
	if p := comesBack(b, step, true); !says(p, "fermés Service lire Service ecrire") {
		t.Errorf("later it says %s", p.Text())
	}
}
