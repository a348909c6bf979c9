package login_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/upstream"
)

var errBroken = errors.New("broken for the test")

func isSignOut(e audit.Entry) bool { return e.Action == "sign_out" && e.Subject != "" }

func TestFreshRequestsAskAgainAndRefuseAnOldProofOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	h.Clock.Advance(time.Minute)
	p := b.Open(byGet(t, request("lire", fresh)))
	offers(t, "a fresh request", p, "source")
	p = b.As(p, idptest.Lea, "age", "61s")
	refused(t, h, "a proof from before the request", p, "stale_sign_in")
	asked := h.Sources[idptest.ENT].Asked()
	if len(asked) != 2 || !asked[1].Fresh {
		t.Errorf("%d challenges, %+v; want the second to be fresh and no third", len(asked), asked)
	}
	refused(t, h, "the page again", b.Get(p.URL.String()), "stale_sign_in")
	no(t, b.Submit(p, "back", 0), "lire", idp.SignInFailed)
}

func TestProofsFromTheFutureAreWorthNoMoreThanNow(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea, "age", "-2h")), "lire")
	h.Clock.Advance(30 * time.Minute)
	offers(t, "a source whose clock is two hours ahead", b.Open(byGet(t, request("lire", fresh))), "source")
	offers(t, "likewise with an age", b.Open(byGet(t, request("lire", maxAge(time.Minute)))), "source")
}

func TestMaxAgeAsksForANewProof(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	h.Clock.Advance(10 * time.Minute)
	yes(t, b.Open(byGet(t, request("lire", maxAge(10*time.Minute)))), "lire")
	p := b.Open(byGet(t, request("lire", maxAge(9*time.Minute))))
	offers(t, "too old", p, "source")
	yes(t, b.As(p, idptest.Lea), "lire")
	h.Clock.Advance(time.Millisecond)
	p = b.Open(byGet(t, request("lire", maxAge(0))))
	offers(t, "no age at all", p, "source")
	yes(t, b.As(p, idptest.Lea), "lire")
}

// TestMaxAgeTellsTheSourceToAskAgain: whoever comes with a tile, or without a session of ours, may have an old one at
// the source, and a source that is not told gives its proof of this morning.
func TestMaxAgeTellsTheSourceToAskAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	b.Get("/go/lire?source=" + idptest.ENT)
	b.Open(byGet(t, request("lire", maxAge(time.Minute))))
	h.Browser(t).Open(byGet(t, request("lire", maxAge(time.Minute), fromSource(idptest.ENT))))
	b = h.Browser(t)
	b.Get("/go/lire?source=" + idptest.ENT)
	b.Open(byGet(t, request("lire")))
	asked := h.Sources[idptest.ENT].Asked()
	if len(asked) != 3 || !asked[0].Fresh || !asked[1].Fresh || asked[2].Fresh {
		t.Errorf("challenges %+v; want fresh, fresh, and not fresh for a tile alone", asked)
	}
}

func TestHintedSourceHasNoSubstitute(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	refused(t, h, "a source that nobody registered", b.Open(byGet(t, request("lire", fromSource("nothing")))), "unknown_source")
	refused(t, h, "passed over in silence", b.Open(byGet(t, request("lire", atSchool("9999999Z")))), "unknown_establishment")
	p := b.Open(byGet(t, request("lire", fromSource(idptest.Desk))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.Desk {
		t.Fatalf("at %s, want the source of the hint", p.URL)
	}
	b = signedIn(t, h, idptest.Lea)
	p = b.Open(byGet(t, request("lire", fromSource(idptest.Desk))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.Desk {
		t.Errorf("somebody from another source: at %s, want the source of the hint", p.URL)
	}
	no(t, b.Open(byGet(t, request("lire", fromSource(idptest.Desk), passive))), "lire", idp.PassiveFailed)
	p = b.As(p, "", "fail", "unavailable")
	action, fields, ok := p.Filled("source", 0)
	if !ok {
		t.Fatalf("status %d at %s", p.Status, p.URL)
	}
	fields.Set("source", idptest.ENT)
	page(t, "another source than the hinted one", b.Post(action, fields), http.StatusBadRequest)
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Sources {
			c.Sources[i].Suspended = c.Sources[i].ID == idptest.Desk
		}
	})
	refused(t, h, "a hinted source that is suspended", h.Browser(t).Open(byGet(t, request("lire", fromSource(idptest.Desk)))), "no_source")
}

func TestHiddenSourceIsReachedByAHintOnly(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	p := h.Browser(t).Open(byGet(t, request("lire", fromSource(idptest.Hidden))))
	if prefix, _, at := p.AtSource(); !at || prefix != "/source/"+idptest.Hidden {
		t.Errorf("at %s", p.URL)
	}
}

func TestChallengeIsForOneAnswerOneBrowserAndOneSource(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	begin := func() string {
		h.Clock.Advance(time.Second)
		p := b.Submit(b.Open(byGet(t, request("lire", fresh))), "source", 0, "source", idptest.ENT)
		_, challenge, ok := p.AtSource()
		if !ok {
			t.Fatalf("at %s", p.URL)
		}
		return challenge
	}
	answer := func(source, challenge string) string {
		return "/source/" + source + "/as?" + url.Values{"challenge": {challenge}, "who": {idptest.Lea}}.Encode()
	}
	c := begin()
	page(t, "the page of another browser", h.Browser(t).Get("/source/ent/ask?challenge="+c), http.StatusGone)
	other := signedIn(t, h, idptest.Nour)
	session := other.Cookie("session")
	page(t, "another browser", other.Get(answer(idptest.ENT, c)), http.StatusGone)
	if other.Cookie("session") != session {
		t.Error("somebody was signed in by a link that another browser's sign-in made")
	}
	page(t, "after another browser tried", b.Get(answer(idptest.ENT, c)), http.StatusGone)
	page(t, "another source", b.Get(answer(idptest.Desk, begin())), http.StatusGone)
	page(t, "a challenge that nobody gave", b.Get(answer(idptest.ENT, "nothing")), http.StatusGone)
	page(t, "no challenge", b.Get(answer(idptest.ENT, "")), http.StatusGone)
	if b.Cookie("session") != "" {
		t.Fatal("a session came out of it")
	}
	c = begin()
	offers(t, "the answer", b.Get(answer(idptest.ENT, c)), "inform")
	session = b.Cookie("session")
	page(t, "a second answer", b.Get(answer(idptest.ENT, c)), http.StatusGone)
	if b.Cookie("session") != session {
		t.Error("the second answer changed the session")
	}
	c = begin()
	h.Clock.Advance(h.Flow.Limits.Transaction)
	page(t, "too late", b.Get(answer(idptest.ENT, c)), http.StatusGone)
}

// A connector may hand over the challenge as it was when it was looked up. It is worth no more then.
func TestChallengeThatWasLookedUpBeforeIsForOneAnswerAndOneBrowser(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	begin := func() string {
		h.Clock.Advance(time.Second)
		_, challenge, ok := b.Submit(b.Open(byGet(t, request("lire", fresh))), "source", 0, "source", idptest.ENT).AtSource()
		if !ok {
			t.Fatal("not at the source")
		}
		return challenge
	}
	answer := func(challenge string) string {
		return "/source/" + idptest.ENT + "/as?" + url.Values{"challenge": {challenge}, "who": {idptest.Lea}, "kept": {"yes"}}.Encode()
	}
	c := begin()
	other := signedIn(t, h, idptest.Nour)
	session := other.Cookie("session")
	page(t, "another browser", other.Get(answer(c)), http.StatusGone)
	if other.Cookie("session") != session || b.Cookie("session") != "" {
		t.Error("another browser's answer signed somebody in")
	}
	c = begin()
	offers(t, "the answer", b.Get(answer(c)), "inform")
	session = b.Cookie("session")
	page(t, "a second answer", b.Get(answer(c)), http.StatusGone)
	if b.Cookie("session") != session {
		t.Error("the second answer changed the session")
	}
	c = begin()
	h.Clock.Advance(h.Flow.Limits.Transaction)
	page(t, "too late", b.Get(answer(c)), http.StatusGone)
	if b.Cookie("session") != session {
		t.Error("a late answer changed the session")
	}
}

func TestSourceThatFailsLeadsBackToTheChoice(t *testing.T) {
	t.Parallel()
	for fail, cause := range map[string]error{
		"unavailable": upstream.ErrUnavailable, "cancelled": upstream.ErrCancelled, "rejected": upstream.ErrRejected,
	} {
		h := newHouse(t, nil)
		b := h.Browser(t)
		chooser := b.Open(byGet(t, request("lire")))
		p := b.As(chooser, "", "fail", fail)
		offers(t, fail+" at the source", p, "source")
		if p.Text() == chooser.Text() {
			t.Errorf("%s: the page does not say what happened", fail)
		}
		h.Sources[idptest.ENT].Break(fmt.Errorf("test: %w", cause))
		begun := b.Submit(p, "source", 0, "source", idptest.ENT)
		offers(t, fail+" before the source", begun, "source")
		hinted := h.Browser(t).Open(byGet(t, request("lire", fromSource(idptest.ENT))))
		offers(t, fail+" at the first step, with one source to choose", hinted, "source")
		h.Sources[idptest.ENT].Break(nil)
		yes(t, through(t, b, b.As(begun, idptest.Lea)), "lire")
	}
}

func TestIdentityWithoutIdentifierIsNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire"))), idptest.Blank)
	refused(t, h, "an incomplete identity", p, "incomplete_identity")
	if b.Cookie("session") != "" {
		t.Error("nobody has a session")
	}
	no(t, b.Submit(p, "back", 0), "lire", idp.SignInFailed)
}

func TestSourceThatGoesWhileSomebodySignsInVouchesForNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	p := b.Submit(b.Open(byGet(t, request("lire"))), "source", 0, "source", idptest.ENT)
	h.Registry.Change(func(c *registry.Contents) { c.Sources = c.Sources[1:] })
	refused(t, h, "unregistered meanwhile", b.As(p, idptest.Lea), "unknown_source")

	h = newHouse(t, nil)
	b = h.Browser(t)
	p = b.Submit(b.Open(byGet(t, request("lire"))), "source", 0, "source", idptest.ENT)
	h.Registry.Change(func(c *registry.Contents) { c.Sources[0].Suspended = true })
	refused(t, h, "suspended meanwhile", b.As(p, idptest.Lea), "source_suspended")
}

func TestSourceThatWasRegisteredAnewVouchesForNobodyBeforeItIsSetUpAnew(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Source){
		"other authority": func(s *registry.Source) { s.Authority = "https://other.example" },
		"other directory": func(s *registry.Source) { s.Settings = map[string]any{"url": "ldaps://other.example"} },
		"other mapping":   func(s *registry.Source) { s.Mapping = &person.Mapping{ID: "uid"} },
		"other connector": func(s *registry.Source) { s.Connector = "other" },
	} {
		h := newHouse(t, nil)
		b := h.Browser(t)
		p := b.Submit(b.Open(byGet(t, request("lire"))), "source", 0, "source", idptest.ENT)
		h.Registry.Change(func(c *registry.Contents) {
			for i := range c.Sources {
				if c.Sources[i].ID == idptest.ENT {
					change(&c.Sources[i])
				}
			}
		})
		refused(t, h, name, b.As(p, idptest.Lea), "unknown_source")
		if b.Cookie("session") != "" {
			t.Errorf("%s: somebody has a session", name)
		}
		refused(t, h, name, b.Open(byGet(t, request("lire", fromSource(idptest.ENT)))), "no_source")
	}
}
