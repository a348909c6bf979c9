package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
)

func TestTransactionOfOneBrowserIsRefusedToAnother(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	mine := h.Browser(t)
	p := mine.Open(byGet(t, request("lire")))
	offers(t, "my browser", p, "source")
	action, fields, _ := p.Filled("source", 0)
	txn := strings.TrimSuffix(action, "/source")
	fields.Set("source", idptest.ENT)
	for name, other := range map[string]*idptest.Browser{"a new browser": h.Browser(t), "one with a session": signedIn(t, h, idptest.Lea)} {
		page(t, name+" looks", other.Get(txn), http.StatusGone)
		page(t, name+" chooses", other.Post(action, fields), http.StatusGone)
	}
	if _, _, at := mine.Post(action, fields).AtSource(); !at {
		t.Error("the browser it belongs to cannot go on")
	}
}

func TestPostedTransactionBelongsToTheFirstBrowserThatOpensIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	mine, other := h.Browser(t), h.Browser(t)
	sent := mine.Do(byPost(t, request("lire")))
	at := sent.Header.Get("Location")
	if sent.Status != http.StatusSeeOther || !strings.HasPrefix(at, "/flow/") {
		t.Fatalf("status %d to %q; want the dispatcher by GET", sent.Status, at)
	}
	page(t, "a form before anybody looked", other.Post(at+"/back", url.Values{"hop": {"x"}}), http.StatusGone)
	offers(t, "the first look", mine.Get(at), "source")
	page(t, "another browser's look", other.Get(at), http.StatusGone)
}

func TestPostedRequestUsesTheSessionThatItCannotShow(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	yes(t, b.Open(byPost(t, request("lire"))), "lire")
	h.Browser(t).Open(byPost(t, request("lire")))
	no(t, b.Open(byPost(t, request("calcul", passive))), "calcul", idp.PageNeeded)
}

func TestTransactionIsOverAfterTheAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	offers(t, "information", p, "inform")
	action, fields, _ := p.Filled("inform", 0)
	fields.Set("act", "informed")
	yes(t, b.Post(action, fields), "lire")
	done(t, "the form again", b.Post(action, fields))
	done(t, "the address again", b.Get(strings.TrimSuffix(action, "/inform")))
	if n := h.Protocol.Answers(); n != 1 {
		t.Errorf("%d answers", n)
	}
	page(t, "the address in another browser", h.Browser(t).Get(strings.TrimSuffix(action, "/inform")), http.StatusGone)
}

func TestTransactionEnds(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.Open(byGet(t, request("lire")))
	h.Clock.Advance(h.Flow.Limits.Transaction)
	page(t, "a page left open too long", b.Submit(p, "source", 0, "source", idptest.ENT), http.StatusGone)
}

// TestFormsAreForOneStepOfOneTransaction tries each step's form with proofs made for something else.
func TestFormsAreForOneStepOfOneTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	chooser := b.Open(byGet(t, request("lire")))
	places := b.As(chooser, idptest.Paul)
	pages := map[string]*idptest.Page{"source": chooser, "place": places, "inform": b.Submit(b.Open(byGet(t, request("calcul"))), "place", 0), "back": chooser}
	other := b.Open(byGet(t, request("annee", fresh)))
	for step, p := range pages {
		action, fields, ok := p.Filled(step, 0)
		if !ok {
			t.Fatalf("no form %s at %s", step, p.URL)
		}
		wrong := map[string]string{"none": "", "nonsense": "x"}
		for name, q := range pages {
			if name != step {
				_, f, _ := q.Filled(name, 0)
				wrong["of the step "+name] = f.Get("hop")
			}
		}
		if _, f, ok := other.Filled(step, 0); ok {
			wrong["of another transaction"] = f.Get("hop")
		}
		for what, hop := range wrong {
			fields.Set("hop", hop)
			page(t, step+" with a proof "+what, b.Post(action, fields), http.StatusBadRequest)
		}
	}
	if n := len(h.Sources[idptest.ENT].Asked()); n != 1 {
		t.Errorf("the source was asked %d times, want once: for what was begun properly", n)
	}
}

func TestFormFromAnotherSiteIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	action, fields, _ := b.Open(byGet(t, request("lire"))).Filled("back", 0)
	r := idptest.Form(action, fields)
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	page(t, "back", b.Open(r), http.StatusForbidden)
	b = signedIn(t, h, idptest.Lea)
	r = idptest.Form("/signout", nil)
	r.Header.Set("Origin", "https://evil.example")
	r.Header.Set("Sec-Fetch-Site", "cross-site")
	page(t, "sign-out", b.Open(r), http.StatusForbidden)
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
}

func TestOnlyWhatIsOfferedCanBeChosen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.Open(byGet(t, request("lire")))
	for _, source := range []string{"", idptest.Hidden, "nothing", idptest.ENT + " "} {
		page(t, "source "+source, b.Submit(p, "source", 0, "source", source), http.StatusBadRequest)
	}
	p = b.As(b.Open(byGet(t, request("lire"))), idptest.Paul)
	_, second, _ := p.Filled("place", 1)
	for _, place := range []string{"", "-1", "2", "x"} {
		page(t, "place "+place, b.Submit(p, "place", 0, "place", place), http.StatusBadRequest)
	}
	offers(t, "a place under the proof of another", b.Submit(p, "place", 0, "which", second.Get("which")), "place")
	q := yes(t, through(t, b, b.Submit(p, "place", 1)), "lire")
	if q.Get("uai") != string(idptest.College) {
		t.Errorf("released for %s, want the second place", q.Get("uai"))
	}
}

func TestSignOutByLinkAsksFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	if p := b.Open(httptest.NewRequest(http.MethodGet, idptest.Origin+"/signout", nil)); p.Status != http.StatusOK {
		t.Errorf("status %d", p.Status)
	}
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
}
