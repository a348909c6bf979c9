package login_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

func TestEachSignInMakesANewSessionAndEndsTheOld(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	first := b.Cookie("session")
	h.Clock.Advance(time.Minute)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire", fresh))), idptest.Lea)), "lire")
	if second := b.Cookie("session"); second == first || second == "" || first == "" {
		t.Fatalf("the session was %q and is %q", first, second)
	}
	thief := h.Browser(t)
	thief.Plant("session", first)
	offers(t, "the old session's cookie", thief.Open(byGet(t, request("lire"))), "source")
}

func TestSessionNamesFromOutsideAreNeverAdopted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	long := string(slices.Repeat([]byte("x"), 4000))
	for _, planted := range []string{"chosen-by-somebody-else", "x", long} {
		b := h.Browser(t)
		b.Plant("session", planted)
		yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)), "lire")
		if b.Cookie("session") == planted {
			t.Errorf("the session goes by the name %.20q that was planted", planted)
		}
		thief := h.Browser(t)
		thief.Plant("session", planted)
		offers(t, "who planted the name", thief.Open(byGet(t, request("lire"))), "source")
	}
}

func TestSessionEndsWhenIdleAndInAnyCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	idle, last := h.Flow.Limits.Idle, h.Flow.Limits.Session
	b := signedIn(t, h, idptest.Lea)
	h.Clock.Advance(idle - time.Millisecond)
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
	h.Clock.Advance(idle)
	offers(t, "idle too long", b.Open(byGet(t, request("lire"))), "source")

	b = signedIn(t, h, idptest.Lea)
	for end := h.Now().Add(last - time.Minute); h.Now().Before(end); {
		h.Clock.Advance(min(idle/2, end.Sub(h.Now())))
		yes(t, b.Open(byGet(t, request("lire", later))), "lire") // pushes the idle end on each time
	}
	h.Clock.Advance(time.Minute)
	offers(t, "never idle, but a whole day", b.Open(byGet(t, request("lire"))), "source")
}

func TestSessionThatEndedInAnotherTabAnswersNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	told := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	places := b.Open(byGet(t, request("calcul")))
	offers(t, "information", told, "inform")
	offers(t, "information", places, "inform")
	b.Post("/signout", nil)
	offers(t, "the form of the page that informs", b.Submit(told, "inform", 0, "act", "informed"), "source")
	offers(t, "another open tab", b.Get(places.URL.String()), "source")
	if n := h.Protocol.Answers(); n != 0 {
		t.Errorf("%d answers", n)
	}
}

func TestChoicesOfOnePersonAreNotAnothers(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	become := func(who string) {
		b.Post("/signout", nil)
		b.As(b.Open(byGet(t, request("annee"))), who)
	}
	told := b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)
	offers(t, "Lea is informed", told, "inform")
	become(idptest.Nour)
	p := b.Submit(told, "inform", 0, "act", "informed")
	offers(t, "the form that was shown to somebody else", p, "inform")
	if h.Receipts.Count() != 0 || h.Protocol.Answers() != 0 {
		t.Fatalf("%d receipts, %d answers for a page that the person never saw", h.Receipts.Count(), h.Protocol.Answers())
	}
	if _, old, _ := told.Filled("inform", 0); func() bool { _, now, _ := p.Filled("inform", 0); return old.Get("digest") == now.Get("digest") }() {
		t.Error("two people were shown pages with one digest")
	}

	become(idptest.Paul)
	places := b.Open(byGet(t, request("lire")))
	offers(t, "Paul chooses", places, "place")
	become(idptest.Zoe)
	offers(t, "a place that was shown to somebody else", b.Submit(places, "place", 1), "place")

	become(idptest.Paul)
	told = b.Submit(b.Open(byGet(t, request("lire"))), "place", 1)
	offers(t, "Paul has chosen", told, "inform")
	become(idptest.Zoe)
	offers(t, "the place that somebody else chose", b.Get(told.URL.String()), "place")
}

func TestSignOutTellsWhatIsStillOpen(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	if b.Cookie("session") != "" {
		t.Error("the cookie stays")
	}
	offers(t, "after sign-out", b.Open(byGet(t, request("lire"))), "source")
	if entries := h.Journal.Entries(); !slices.ContainsFunc(entries, isSignOut) {
		t.Error("the sign-out is not in the journal")
	}
}

// right signs Lea in and gives her right to later answers.
func right(t testing.TB, b *idptest.Browser) string {
	t.Helper()
	id := yes(t, b.Open(byGet(t, request("lire", later))), "lire").Get("resume")
	if id == "" {
		t.Fatal("no right to later answers")
	}
	return id
}

func isDenied(err error) bool {
	var failure *idp.Failure
	return errors.As(err, &failure) && failure.Kind == idp.Denied
}

func TestRightsToLaterAnswersEndWithTheSession(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(*idptest.House, *idptest.Browser){
		"sign-out": func(_ *idptest.House, b *idptest.Browser) { b.Post("/signout", nil) },
		"another sign-in": func(h *idptest.House, b *idptest.Browser) {
			h.Clock.Advance(time.Second)
			b.As(b.Open(byGet(t, request("calcul", fresh))), idptest.Nour)
		},
		"the declared maximum": func(h *idptest.House, _ *idptest.Browser) { h.Clock.Advance(time.Hour) },
	} {
		h := newHouse(t, nil)
		b := signedIn(t, h, idptest.Lea)
		id := right(t, b)
		if cleared, err := h.Flow.Resume(t.Context(), id); err != nil || cleared.Empty() {
			t.Fatalf("%s: the right is worth nothing before: %v", name, err)
		}
		end(h, b)
		if cleared, err := h.Flow.Resume(t.Context(), id); !isDenied(err) || !cleared.Empty() {
			t.Errorf("%s: the right survives: %v", name, err)
		}
	}
}

func TestFirstOfManyRightsEndsWithTheSessionToo(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	first := right(t, b)
	for range 110 {
		right(t, b)
	}
	b.Post("/signout", nil)
	if cleared, err := h.Flow.Resume(t.Context(), first); !isDenied(err) || !cleared.Empty() {
		t.Errorf("the right of the first of many sign-ins survives the sign-out: %v", err)
	}
}

func TestSourceEndsTheSessionThatRestsOnIt(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea, "session", "s-1")), "lire")
	id := right(t, b)
	for _, other := range []string{"", "s-2"} {
		if err := h.Sources[idptest.ENT].EndSession(t.Context(), other); err != nil {
			t.Errorf("session %q: %v", other, err)
		}
	}
	if err := h.Sources[idptest.Desk].EndSession(t.Context(), "s-1"); err != nil {
		t.Error(err)
	}
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
	if err := h.Sources[idptest.ENT].EndSession(t.Context(), "s-1"); err != nil {
		t.Error(err)
	}
	offers(t, "signed out at the source", b.Open(byGet(t, request("lire"))), "source")
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("the right survives: %v", err)
	}
}

func TestLaterAnswersAreDecidedAgain(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*idptest.House){
		"suspended": func(h *idptest.House) { h.Registry.Suspend("lire") },
		"stale":     func(h *idptest.House) { h.Registry.Stale(true) },
		"journal":   func(h *idptest.House) { h.Journal.Fail(errBroken) },
		"the source's declaration": func(h *idptest.House) {
			h.Registry.Change(func(c *registry.Contents) { c.Sources[0].Suspended = true })
		},
	} {
		h := newHouse(t, nil)
		id := right(t, signedIn(t, h, idptest.Lea))
		change(h)
		if cleared, err := h.Flow.Resume(t.Context(), id); err == nil || !cleared.Empty() {
			t.Errorf("%s: the later answer goes on", name)
		}
	}
	h := newHouse(t, nil)
	if cleared, err := h.Flow.Resume(t.Context(), "nothing"); !isDenied(err) || !cleared.Empty() {
		t.Errorf("a right that nobody has: %v", err)
	}
}
