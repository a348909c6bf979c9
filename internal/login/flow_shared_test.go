package login_test

import (
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

// sharing makes the école say what écoles say unless they say otherwise.
func sharing(h *idptest.House) *idptest.House {
	devices(h, idptest.School, "")
	return h
}

func devices(h *idptest.House, uai any, word registry.Devices) {
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Establishments {
			if c.Establishments[i].UAI == uai {
				c.Establishments[i].Devices = word
			}
		}
	})
}

// itsMe presses "it is me".
func itsMe(b *idptest.Browser, p *idptest.Page) *idptest.Page { return b.Submit(p, "recognise", 0) }

func TestASharedDeviceAsksAtEachArrivalWhoIsThere(t *testing.T) {
	t.Parallel()
	for name, how := range map[string]struct {
		who     string
		prepare func(*idptest.House, *idptest.Browser)
	}{
		"an école": {idptest.Lea, func(h *idptest.House, _ *idptest.Browser) { sharing(h) }},
		"a collège that says so": {idptest.Nour, func(h *idptest.House, _ *idptest.Browser) {
			devices(h, idptest.College, registry.SharedDevices)
		}},
		"a word that nobody knows": {idptest.Nour, func(h *idptest.House, _ *idptest.Browser) {
			devices(h, idptest.College, "sharde")
		}},
		"one of two schools": {idptest.Paul, func(h *idptest.House, _ *idptest.Browser) { sharing(h) }},
		"a network": {idptest.Nour, func(h *idptest.House, _ *idptest.Browser) {
			h.Flow.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("192.0.2.0/24")}
		}},
		"a word of the ENT":     {idptest.Nour, func(_ *idptest.House, b *idptest.Browser) { b.Get("/go/lire?appareil=partage") }},
		"a new word of the ENT": {idptest.Nour, func(_ *idptest.House, b *idptest.Browser) { b.Get("/go/lire?appareil=autre") }},
	} {
		h := newHouse(t, nil)
		b := h.Browser(t)
		how.prepare(h, b)
		yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), how.who)), "lire") // proved for this request: not asked
		answers := h.Protocol.Answers()
		for range 2 {
			p := b.Open(byGet(t, request("lire")))
			offers(t, name, p, "recognise")
			offers(t, name, p, "notme")
			if h.Protocol.Answers() != answers {
				t.Fatalf("%s: something left before anybody said who they are", name)
			}
			yes(t, through(t, b, itsMe(b, p)), "lire")
			answers++
		}
	}
}

// TestNobodyTalksTheirWayOutOfASharedNetwork sends headers that only a trusted proxy may send.
func TestNobodyTalksTheirWayOutOfASharedNetwork(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.Flow.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	b := signedIn(t, h, idptest.Nour)
	r := byGet(t, request("lire"))
	r.Header.Set("X-Forwarded-For", "203.0.113.9")
	r.Header.Set("Forwarded", "for=203.0.113.9")
	offers(t, "a forged address", b.Open(r), "recognise")
}

func TestADeviceOfOnesOwnAsksNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.Flow.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")}
	for _, who := range []string{idptest.Lea, idptest.Nour, idptest.Paul} { // the école said that its devices are personal
		b := h.Browser(t)
		yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), who)), "lire")
		yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
	}
}

// TestAGuardianSitsAtHome: where the child goes to school says nothing of the guardian's device.
func TestAGuardianSitsAtHome(t *testing.T) {
	t.Parallel()
	h := sharing(family(t))
	b, _ := holder(t, h, "mere")
	p := b.Open(byGet(t, request("lire")))
	if p.Offers("recognise") {
		t.Fatalf("a guardian is asked who is there: %s", p.Text())
	}
	yes(t, through(t, b, p), "lire")
}

func TestTheQuestionNamesOneFirstNameAndOneLetter(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	p := signedIn(t, h, idptest.Lea).Open(byGet(t, request("lire")))
	text := p.Text()
	for _, want := range []string{"C'est bien toi, Léa ?", "Léa M.", "École des Tilleuls", "Service lire"} {
		if !strings.Contains(normal(text), normal(want)) {
			t.Errorf("the page lacks %q: %s", want, text)
		}
	}
	for _, never := range []string{"Martin", "lea@", "2018", "1001"} {
		if strings.Contains(p.Body, never) {
			t.Errorf("the page shows %q to whoever sits there", never)
		}
	}
}

func normal(s string) string {
	return strings.NewReplacer("’", "'", "\u202f", " ", "\u00a0", " ").Replace(s)
}

func TestASessionThatSomebodyLeftOpenAtTheENTIsNoProofOfThisMoment(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea, "age", "10m")
	offers(t, "an old proof", p, "recognise")
	yes(t, through(t, b, itsMe(b, p)), "lire")
}

func TestAPassiveRequestOnASharedDeviceIsToldThatAPageIsNeeded(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := signedIn(t, h, idptest.Lea)
	no(t, b.Open(byGet(t, request("lire", passive))), "lire", idp.PageNeeded)
	offers(t, "afterwards", b.Open(byGet(t, request("lire"))), "recognise")
}

func TestItIsNotMeEndsEverythingAndStartsOverWithAFreshProof(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire", later))), idptest.Lea)), "lire")
	id := yes(t, itsMe(b, b.Open(byGet(t, request("lire", later)))), "lire").Get("resume")
	old := b.Cookie("session")
	h.Clock.Advance(time.Minute)
	asked := b.Open(byGet(t, request("calcul")))
	told := b.Submit(asked, "notme", 0)
	page(t, "it is not me", told, http.StatusOK)
	if b.Cookie("session") != "" || !strings.Contains(told.Text(), "Service lire") {
		t.Errorf("the session stays, or what stays open is not told: %s", told.Text())
	}
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("a right to later answers survives: %v", err)
	}
	thief := h.Browser(t)
	thief.Plant("session", old)
	offers(t, "the cookie of before", thief.Open(byGet(t, request("lire"))), "source")
	next := onward(t, b, told)
	list := h.Sources[idptest.ENT].Asked()
	if _, _, at := next.AtSource(); !at || !list[len(list)-1].Fresh {
		t.Fatalf("at %s; want the source of before, asked for a fresh proof", next.URL)
	}
	h.Clock.Advance(time.Minute)
	done := through(t, b, b.As(next, idptest.Nour))
	yes(t, done, "calcul")
	if !slices.ContainsFunc(h.Journal.Entries(), func(e audit.Entry) bool { return isSignOut(e) && e.Reason == "not_me" && e.Ref != "" }) {
		t.Error("the journal does not say that somebody was not who they seemed")
	}
}

// onward follows the one link of a page that goes on with a sign-in.
func onward(t testing.TB, b *idptest.Browser, p *idptest.Page) *idptest.Page {
	t.Helper()
	_, rest, ok := strings.Cut(p.Body, `class="button button-primary" href="/flow/`)
	txn, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("the page does not lead onward: %s", p.Text())
	}
	return b.Get("/flow/" + txn)
}

func TestAProofFromBeforeIsNoUseToWhoeverSaidThatItWasNotThem(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea, "age", "1m")
	h.Clock.Advance(time.Minute)
	p = b.Submit(p, "notme", 0) // nothing was open yet, so nothing is told
	p = b.As(p, idptest.Lea, "age", "30s")
	refused(t, h, "the source gave what it had", p, "stale_sign_in")
	if h.Protocol.Answers() != 0 {
		t.Error("something left")
	}
}

func TestARefusalOfSomebodyElseGoesAwayWithThem(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("adultes"))), idptest.Lea)
	refused(t, h, "a pupil", p, "not_for_profile")
	h.Clock.Advance(time.Second)
	p = through(t, b, b.As(b.Submit(p, "notme", 0), idptest.Zoe))
	yes(t, p, "adultes")
}

func TestAnAnswerShownToOneIsNotAnothers(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := signedIn(t, h, idptest.Lea)
	asked := b.Open(byGet(t, request("lire")))
	offers(t, "Léa is asked", asked, "recognise")
	b.Post("/signout", nil)
	h.Clock.Advance(time.Second)
	told := b.As(b.Open(byGet(t, request("calcul"))), idptest.Zoe)
	offers(t, "Zoé has signed in in another tab", told, "place")
	session := b.Cookie("session")
	again := b.Submit(asked, "recognise", 0)
	offers(t, "Léa's yes", again, "recognise")
	if !strings.Contains(again.Text(), "Zoé") {
		t.Errorf("the question is not about who is there now: %s", again.Text())
	}
	b.Submit(asked, "notme", 0)
	if b.Cookie("session") != session {
		t.Error("Léa's no ended the session of somebody else")
	}
	if h.Protocol.Answers() != 1 {
		t.Errorf("%d answers", h.Protocol.Answers())
	}
}

func TestTheSecondClickAndTheBackButtonDoNoHarm(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := signedIn(t, h, idptest.Lea)
	p := b.Open(byGet(t, request("lire")))
	yes(t, itsMe(b, p), "lire")
	done(t, "it is me, twice", itsMe(b, p))
	done(t, "it is not me, too late", b.Submit(p, "notme", 0))
	if b.Cookie("session") == "" {
		t.Error("a page that is over ended the session")
	}
	p = b.Open(byGet(t, request("calcul")))
	b.Submit(p, "notme", 0)
	if _, _, at := b.Submit(p, "notme", 0).AtSource(); !at {
		t.Error("it is not me, twice, does not lead to the source")
	}
	if n := h.Protocol.Answers(); n != 2 {
		t.Errorf("%d answers", n)
	}
}

func TestASessionOnASharedDeviceEndsAfterMinutesOfRest(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	rest := h.Flow.Limits.Shared
	b := signedIn(t, h, idptest.Lea)
	for range 4 {
		h.Clock.Advance(rest - time.Second)
		p := b.Open(byGet(t, request("lire")))
		offers(t, "within the rest", p, "recognise")
		yes(t, itsMe(b, p), "lire")
	}
	h.Clock.Advance(rest)
	offers(t, "after the rest", b.Open(byGet(t, request("lire"))), "source")

	h = newHouse(t, nil)
	b = signedIn(t, h, idptest.Nour) // at home
	h.Flow.SharedNetworks = []netip.Prefix{netip.MustParsePrefix("192.0.2.1/32")}
	yes(t, itsMe(b, b.Open(byGet(t, request("lire")))), "lire")
	h.Flow.SharedNetworks = nil
	h.Clock.Advance(rest)
	offers(t, "a session that has been on a shared device", b.Open(byGet(t, request("lire"))), "source")
}

func TestASessionEndsWithTheENTs(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Nour, "lasts", "20m")), "lire")
	h.Clock.Advance(20*time.Minute - time.Second)
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
	h.Clock.Advance(time.Second)
	offers(t, "the ENT's session is over", b.Open(byGet(t, request("lire"))), "source")
	offers(t, "one that was over before", b.As(b.Open(byGet(t, request("lire"))), idptest.Nour, "lasts", "-1s"), "source")
}

func TestSignOutIsOnEveryPageOfSomebodySignedIn(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := signedIn(t, h, idptest.Paul)
	leaves := func(what string, p *idptest.Page) *idptest.Page {
		t.Helper()
		if !strings.Contains(p.Body, `href="/signout"`) {
			t.Errorf("%s: no way to sign out: %s", what, p.Text())
		}
		return p
	}
	asked := leaves("recognise", b.Open(byGet(t, request("calcul"))))
	places := leaves("place", itsMe(b, asked))
	offers(t, "places", places, "notme")
	told := leaves("inform", b.Submit(places, "place", 0))
	offers(t, "information", told, "notme")
	leaves("refusal", b.Open(byGet(t, request("ferme"))))
	leaves("the refusal of a tile", b.Get("/go/ferme"))
	leaves("an error", b.Get("/flow/nothing"))
	if p := h.Browser(t).Open(byGet(t, request("lire"))); strings.Contains(p.Body, `href="/signout"`) {
		t.Error("nobody is signed in, and may sign out")
	}
	if p := b.Open(httptest.NewRequest(http.MethodGet, idptest.Origin+"/signout", nil)); strings.Contains(p.Body, `href="/signout"`) {
		t.Error("the page that signs out leads to itself")
	}
}
