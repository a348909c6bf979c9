package login_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/registry"
)

// counted is a consent.Store that counts how often it is read.
type counted struct {
	consent.Store
	reads atomic.Int32
}

func (c *counted) Receipts(ctx context.Context, handles []string) ([]consent.Receipt, error) {
	c.reads.Add(1)
	return c.Store.Receipts(ctx, handles)
}

// TestWhatWasSaidIsReadOnceForEachPageAndEachAnswer: what a page says is what stood when it was found to be needed.
func TestWhatWasSaidIsReadOnceForEachPageAndEachAnswer(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	said := &counted{Store: h.Flow.Book.Store}
	h.Flow.Book.Store = said
	b := h.Browser(t)
	once := func(when string) {
		t.Helper()
		if n := said.reads.Swap(0); n != 1 {
			t.Errorf("%s: it is read %d times", when, n)
		}
	}
	p := b.As(b.Open(byGet(t, request("lire", later))), idptest.Lea)
	offers(t, "the page", p, "inform")
	once("the page")
	q := yes(t, b.Submit(p, "inform", 0, "act", "informed"), "lire")
	once("the answer")
	if _, err := h.Flow.Resume(t.Context(), q.Get("resume")); err != nil {
		t.Fatal(err)
	}
	once("a later answer")
}

// TestALaterAnswerAfterTheDeclarationIsRefusedAsOver: it ended between the decision and its record.
func TestALaterAnswerAfterTheDeclarationIsRefusedAsOver(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	id := right(t, signedIn(t, h, idptest.Lea))
	h.Flow.Book.Now = func() time.Time { return h.Clock.Now().AddDate(20, 0, 0) }
	if cleared, err := h.Flow.Resume(t.Context(), id); !isDenied(err) || !cleared.Empty() {
		t.Errorf("%v, want it refused", err)
	}
	entries := h.Released("lire", audit.Refused)
	if len(entries) != 1 || entries[0].Reason != "expired" || entries[0].Action != "refusal.later" {
		t.Errorf("entries %+v", entries)
	}
}

// TestARestEndsNoRightToLaterAnswers: the declaration says how long those may go on, so that a lesson is not interrupted; an
// end that somebody makes is theirs too.
func TestARestEndsNoRightToLaterAnswers(t *testing.T) {
	t.Parallel()
	h := sharing(newHouse(t, nil))
	b := signedIn(t, h, idptest.Lea)
	q := yes(t, itsMe(b, b.Open(byGet(t, request("lire", later)))), "lire")
	h.Clock.Advance(h.Flow.Limits.Shared)
	offers(t, "after the rest", b.Open(byGet(t, request("lire"))), "source")
	if _, err := h.Flow.Resume(t.Context(), q.Get("resume")); err != nil {
		t.Errorf("before the declared end: %v", err)
	}
	h.Clock.Advance(time.Hour - h.Flow.Limits.Shared)
	var over *idp.Failure
	if _, err := h.Flow.Resume(t.Context(), q.Get("resume")); !errors.As(err, &over) || over.Kind != idp.Denied {
		t.Errorf("at the declared end: %v", err)
	}
}

// TestTheWayThatATileNamedIsTheOneThatErrorsLeadBackBy: a school has several, and signing in does not change which it was.
func TestTheWayThatATileNamedIsTheOneThatErrorsLeadBackBy(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	h.Registry.Change(func(c *registry.Contents) {
		c.Establishments[0].Ways = append(c.Establishments[0].Ways, registry.Way{Label: "Le cartable", URL: "https://cartable.example/"})
	})
	b := h.Browser(t)
	b.Get("/go/lire?uai=" + string(idptest.School) + "&return=https%3A%2F%2Fcartable.example%2F")
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)), "lire")
	h.Clock.Advance(24 * time.Hour) // the session is over, and the browser still open
	p := b.Get("/flow/nothing")
	page(t, "the error", p, http.StatusGone)
	if !strings.Contains(p.Body, "cartable.example") || strings.Contains(p.Body, "https://ent.example/") {
		t.Errorf("it leads elsewhere: %s", p.Text())
	}
}

// TestAServiceMayHaveThePageShownAgain: somebody who was told reads it once more, and a passive request is told that a page
// is needed.
func TestAServiceMayHaveThePageShownAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
	p := b.Open(byGet(t, request("lire", func(r *idp.Request) { r.Ask = true })))
	offers(t, "asked again", p, "inform")
	yes(t, b.Submit(p, "inform", 0, "act", "informed"), "lire")
}
