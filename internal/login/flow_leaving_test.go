package login_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

var backAt = "https://lire.example/left?state=1"

// asksWay is a protocol whose service lire asks, and is answered.
func asksWay(by map[string]idp.SignOutOutcome) *ways {
	return &ways{by: by, to: idp.Handoff{Location: backAt}}
}

// backThere makes sure that the browser is back at the service that asked, and the service was told what became of it.
func backThere(t testing.TB, what string, w *ways, p *idptest.Page, want idp.Outcome) {
	t.Helper()
	if p.Landing == nil || p.Landing.URL.String() != backAt {
		t.Fatalf("%s: landing %+v at %s: %s", what, p.Landing, p.URL, p.Text())
	}
	if got := w.last(); got != want {
		t.Errorf("%s: the service was told %+v, want %+v", what, got, want)
	}
}

func TestAServiceThatIsSureEndsTheSignInAndNobodyIsAsked(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]func(testing.TB, idp.Leaving) *http.Request{"by a redirect": wish, "by a post": wishByPost} {
		w := asksWay(map[string]idp.SignOutOutcome{"lire": idp.Done, "ecrire": idp.Needed, "calcul": idp.Done})
		h := waysHouse(t, w, nil)
		b := been(t, h, idptest.Paul, "lire", "ecrire", "calcul")
		step := visiting(t, name, b.Open(how(t, sure("lire"))), "ecrire")
		backThere(t, name, w, comesBack(b, step, true), idp.Outcome{Found: true})
		if w.times("lire") != 0 || w.times("calcul") != 1 {
			t.Errorf("%s: the service that asked was told %d times, another %d", name, w.times("lire"), w.times("calcul"))
		}
		i := slices.IndexFunc(h.Journal.Entries(), func(e audit.Entry) bool { return e.Action == "sign_out" })
		e := h.Journal.Entries()[max(0, i)]
		if i < 0 || e.Service != "lire" || e.Protocol != "plain" || e.Reason != "asked_by_service" || e.Subject == "" {
			t.Errorf("%s: the journal says %+v", name, e)
		}
		for _, e := range h.Journal.Entries() {
			if strings.Contains(e.Reason+e.Ref+e.Actor+e.Service, "session at") {
				t.Errorf("%s: the journal has the name of a session", name)
			}
		}
		offers(t, name, b.Open(byGet(t, request("lire"))), "source")
	}
}

func TestAWishThatIsNotSureAsksThePersonFirst(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]idp.Leaving{
		"not sure":                      {ServiceID: "lire", Names: []string{"somebody at lire"}},
		"whatever session it has":       {ServiceID: "lire"},
		"nobody proved who asks":        {Names: []string{"session at lire"}, Sure: true},
		"nobody at all, and no session": {Sure: true},
	} {
		for _, yesSaid := range []bool{true, false} {
			w := asksWay(map[string]idp.SignOutOutcome{"lire": idp.Done})
			h := waysHouse(t, w, nil)
			b := been(t, h, idptest.Lea, "lire")
			p := b.Open(wishByPost(t, l))
			page(t, name, p, http.StatusOK)
			at := p.URL.Path
			if !strings.Contains(p.Body, `action="`+at+`"`) || says(p, "Service lire demande") != (l.ServiceID != "") {
				t.Fatalf("%s: asks by %s: %s", name, at, p.Text())
			}
			yes(t, b.Open(byGet(t, request("lire"))), "lire") // nothing has changed
			act, want := "no", idp.Outcome{Found: true, Cancelled: true}
			if yesSaid {
				act, want = "yes", idp.Outcome{Found: true}
			}
			page(t, name+": another browser's yes", h.Browser(t).Post(at, map[string][]string{"act": {"yes"}}), http.StatusOK)
			yes(t, b.Open(byGet(t, request("lire"))), "lire")
			backThere(t, name+", "+act, w, b.Post(at, map[string][]string{"act": {act}}), want)
			if !yesSaid {
				yes(t, b.Open(byGet(t, request("lire"))), "lire")
				page(t, name+": twice", b.Post(at, map[string][]string{"act": {"yes"}}), http.StatusOK)
				yes(t, b.Open(byGet(t, request("lire"))), "lire")
				continue
			}
			offers(t, name, b.Open(byGet(t, request("lire"))), "source")
		}
	}
}

func TestAWishThatNamesNoSessionOfThisBrowserChangesNothing(t *testing.T) {
	t.Parallel()
	for name, l := range map[string]idp.Leaving{
		"another's name":    {ServiceID: "lire", Names: []string{"session at calcul"}, Sure: true},
		"an empty name":     {ServiceID: "lire", Names: []string{""}, Sure: true},
		"another service":   {ServiceID: "calcul", Names: []string{"session at lire"}, Sure: true},
		"a service unknown": {ServiceID: "nobody", Sure: true},
		"nobody's name":     {Names: []string{"session at calcul"}},
	} {
		w := asksWay(nil)
		h := waysHouse(t, w, nil)
		b := been(t, h, idptest.Lea, "lire")
		backThere(t, name, w, b.Open(wish(t, l)), idp.Outcome{})
		yes(t, b.Open(byGet(t, request("lire"))), "lire")
		backThere(t, name+", by somebody who is not signed in", w, h.Browser(t).Open(wishByPost(t, l)), idp.Outcome{})
		w.to = idp.Handoff{}
		page(t, name+", and nowhere to go", h.Browser(t).Open(wish(t, l)), http.StatusOK)
	}
}

func TestWhatStaysOpenIsToldBeforeTheBrowserGoesBack(t *testing.T) {
	t.Parallel()
	w := asksWay(map[string]idp.SignOutOutcome{"ecrire": idp.Queued})
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Paul, "lire", "ecrire")
	p := b.Open(wish(t, sure("lire")))
	page(t, "the truth first", p, http.StatusOK)
	if !says(p, "n'a pas répondu Service ecrire", "fermé Service lire", "Revenir vers Service lire") || !strings.Contains(p.Body, `href="/signout/back"`) {
		t.Errorf("the page says %s", p.Text())
	}
	backThere(t, "the button", w, b.Get("/signout/back"), idp.Outcome{Found: true, Partial: true})
	if again := b.Open(wish(t, sure("lire"))); again.Landing != nil || !says(again, "n'a pas répondu Service ecrire") {
		t.Errorf("the same wish once more: %s", again.Text())
	}
	page(t, "another browser", h.Browser(t).Get("/signout/back"), http.StatusOK)

	w = asksWay(nil)
	w.to = idp.Handoff{}
	h = waysHouse(t, w, nil)
	b = been(t, h, idptest.Paul, "lire")
	p = b.Open(wish(t, sure("lire")))
	if page(t, "nowhere to go", p, http.StatusOK); !says(p, "fermé Service lire") || strings.Contains(p.Body, "/signout/back") {
		t.Errorf("the page says %s", p.Text())
	}
}

func TestAServiceThatAskedIsAnsweredByAFormAndToldWhereItWaitsForIt(t *testing.T) {
	t.Parallel()
	w := asksWay(map[string]idp.SignOutOutcome{"lire": idp.Done})
	w.to = idp.Handoff{Action: "https://lire.example/left", Fields: []idp.Field{{Name: "answer", Value: "x"}}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire")
	l := sure("lire")
	l.Tell = true
	p := b.Open(wish(t, l))
	if p.Landing == nil || p.Landing.Method != http.MethodPost || p.Landing.Form.Get("answer") != "x" || w.times("lire") != 1 {
		t.Errorf("landing %+v, told %d times: %s", p.Landing, w.times("lire"), p.Text())
	}
}

func TestAWishIsGoodForMinutes(t *testing.T) {
	t.Parallel()
	w := asksWay(nil)
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire")
	at := b.Do(wishByPost(t, sure("lire"))).Header.Get("Location")
	h.Clock.Advance(10*time.Minute + time.Second)
	page(t, "too late", b.Get(at), http.StatusOK)
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
}

// ends asks for the end of a sign-in as a service does without a browser.
func ends(t testing.TB, h *idptest.House, l idp.Leaving) idp.Outcome {
	t.Helper()
	l.Protocol = "plain"
	outcome, err := h.Flow.End(t.Context(), l)
	if err != nil {
		t.Fatal(err)
	}
	return outcome
}

func TestAServiceEndsASignInWithoutABrowser(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Done, "calcul": idp.Done}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire", "calcul")
	id := yes(t, b.Open(byGet(t, request("calcul", later))), "calcul").Get("resume")
	for name, l := range map[string]idp.Leaving{
		"another service":       {ServiceID: "calcul", Names: []string{"session at lire"}},
		"not by its first name": {ServiceID: "lire", Names: []string{"somebody at lire"}},
		"no name":               {ServiceID: "lire"},
		"an empty name":         {ServiceID: "lire", Names: []string{""}},
		"nobody asks":           {Names: []string{"session at lire"}},
	} {
		if got := ends(t, h, l); got != (idp.Outcome{}) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
	l := idp.Leaving{ServiceID: "lire", Names: []string{"nothing", "session at lire"}}
	if got := ends(t, h, l); got != (idp.Outcome{Found: true}) {
		t.Errorf("its own: %+v", got)
	}
	if w.times("calcul") != 1 || w.times("lire") != 0 || w.words["calcul"][0] != "" {
		t.Errorf("told: %v", w.words)
	}
	offers(t, "afterwards", b.Open(byGet(t, request("lire"))), "source")
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("the right to later answers survives: %v", err)
	}
	i := slices.IndexFunc(h.Journal.Entries(), func(e audit.Entry) bool { return e.Action == "sign_out" })
	if e := h.Journal.Entries()[max(0, i)]; i < 0 || e.Service != "lire" || e.Subject == "" {
		t.Errorf("the journal says %+v", e)
	}
	if got := ends(t, h, l); got != (idp.Outcome{}) {
		t.Errorf("twice: %+v", got)
	}
}

func TestWithoutABrowserWhatNeedsOneStaysOpen(t *testing.T) {
	t.Parallel()
	for way, partial := range map[idp.SignOutOutcome]bool{
		idp.Done: false, idp.Needed: true, idp.Framed: true, idp.Queued: true, idp.Unsupported: true,
	} {
		w := &ways{by: map[string]idp.SignOutOutcome{"calcul": way}}
		h := waysHouse(t, w, nil)
		been(t, h, idptest.Lea, "lire", "calcul")
		if got := ends(t, h, sure("lire")); got != (idp.Outcome{Found: true, Partial: partial}) {
			t.Errorf("%s: %+v", way, got)
		}
	}
}

func TestOnlyAServiceThatMayAskWithoutABrowserIsFound(t *testing.T) {
	t.Parallel()
	w := &ways{who: func(p *idp.Participant) { p.Reachable = false }}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire")
	if got := ends(t, h, sure("lire")); got != (idp.Outcome{}) {
		t.Errorf("%+v", got)
	}
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
}

func TestAServiceIsNotAnsweredWhileItCouldNotBeFoundAgain(t *testing.T) {
	t.Parallel()
	op := "put"
	w := &ways{}
	h := waysHouse(t, w, func(s store.Tickets) store.Tickets { return unkept{s, "participant", &op} })
	b := h.Browser(t)
	page(t, "the answer", through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)), http.StatusServiceUnavailable)
	op = ""
	been(t, h, idptest.Lea, "lire")
	op = "get"
	l := sure("lire")
	l.Protocol = "plain"
	if got, err := h.Flow.End(t.Context(), l); err == nil || got.Found {
		t.Errorf("a store that does not answer: %+v, %v", got, err)
	}
}

func TestSessionsThatEndWhileNobodyLooksAreToldToServices(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*idptest.House, *idptest.Browser){
		"signed out at the source": func(h *idptest.House, _ *idptest.Browser) {
			if err := h.Sources[idptest.ENT].EndSession(t.Context(), "s-1"); err != nil {
				t.Error(err)
			}
		},
		"somebody else signs in": func(h *idptest.House, b *idptest.Browser) {
			h.Clock.Advance(time.Second)
			b.As(b.Open(byGet(t, request("lire", fresh))), idptest.Nour)
		},
		"ended everywhere, from another device": func(h *idptest.House, _ *idptest.Browser) {
			leaves(t, h, been(t, h, idptest.Lea, "calcul"), "")
		},
	} {
		w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Done}}
		h := waysHouse(t, w, nil)
		b := h.Browser(t)
		yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea, "session", "s-1")), "lire")
		end(h, b)
		if w.times("lire") != 1 || w.words["lire"][0] != "" {
			t.Errorf("%s: told %q", name, w.words["lire"])
		}
	}
}

func TestAFreshProofOfTheSamePersonEndsNoService(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Done, "calcul": idp.Done}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire")
	h.Clock.Advance(time.Second)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("calcul", fresh))), idptest.Lea)), "calcul")
	if w.times("lire") != 0 {
		t.Error("the first service was told")
	}
	if got := ends(t, h, sure("lire")); got != (idp.Outcome{Found: true}) || w.times("calcul") != 1 {
		t.Errorf("its end ends not all: %+v, %v", got, w.words)
	}
	offers(t, "afterwards", b.Open(byGet(t, request("lire"))), "source")
	b = been(t, h, idptest.Lea, "lire")
	h.Clock.Advance(time.Second)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("calcul", fresh))), idptest.Lea)), "calcul")
	if p := b.Post("/signout", nil); !says(p, "fermés Service lire Service calcul") {
		t.Errorf("the sign-out says %s", p.Text())
	}
}

func TestWhoeverSaysThatItIsNotThemSendsTheOthersServicesAway(t *testing.T) {
	t.Parallel()
	w := &ways{by: map[string]idp.SignOutOutcome{"lire": idp.Needed, "calcul": idp.Done}}
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire", "calcul")
	sharing(h)
	p := b.Open(byGet(t, request("ecrire")))
	address, fields, ok := p.Filled("notme", 0)
	if !ok {
		t.Fatalf("no button: %s", p.Text())
	}
	p = comesBack(b, visiting(t, "the visit", b.Post(address, fields), "lire"), true)
	if !says(p, "pas toi", "fermés Service lire Service calcul") || !strings.Contains(p.Body, `href="/flow/`) {
		t.Errorf("the page says %s", p.Text())
	}
}

func TestAServiceThatIsNotRegisteredAnyMoreIsNotNamed(t *testing.T) {
	t.Parallel()
	w := asksWay(nil)
	h := waysHouse(t, w, nil)
	b := been(t, h, idptest.Lea, "lire")
	h.Registry.Change(func(c *registry.Contents) { c.Services = nil })
	p := b.Open(wish(t, idp.Leaving{ServiceID: "lire"}))
	if page(t, "the question", p, http.StatusOK); !says(p, "Veux-tu te déconnecter", "entrer à nouveau") || says(p, "Service lire") {
		t.Errorf("%s", p.Text())
	}
}
