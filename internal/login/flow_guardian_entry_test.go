package login_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// closings keeps what schools closed; it fails where failure says so.
type closings struct {
	pairs   map[string][]string
	failure error
}

func (c *closings) Closed(_ context.Context, pairs []string) (map[string][]string, error) {
	out := map[string][]string{}
	for _, p := range pairs {
		if marks := c.pairs[p]; len(marks) > 0 {
			out[p] = marks
		}
	}
	return out, c.failure
}

func (c *closings) Close(_ context.Context, one guardian.Closing, pairs []string, _ audit.Entry) (bool, error) {
	for _, p := range pairs {
		c.pairs[p] = append(c.pairs[p], one.Mark)
	}
	return true, nil
}

func (c *closings) Open(_ context.Context, _ person.UAI, pairs []string, _ audit.Entry) (bool, error) {
	for _, p := range pairs {
		delete(c.pairs, p)
	}
	return true, nil
}

func (c *closings) Closings(context.Context, person.UAI) ([]guardian.Closing, error) { return nil, nil }

func (c *closings) Seen(context.Context, []string) (int, error) { return 2, nil }

func (c *closings) Purge(context.Context, time.Time, audit.Entry) (int, error) { return 0, nil }

var _ guardian.Store = (*closings)(nil)

// watched is a family whose school may close views. closes shuts the father's view of Léa, or opens it again.
func watched(t *testing.T) (h *idptest.House, kept *closings, closes func(bool)) {
	t.Helper()
	h, kept = family(t), &closings{pairs: map[string][]string{}}
	book := &guardian.Book{Store: kept, Keys: h.Flow.Keys, Now: h.Clock.Now}
	h.Flow.Guardians = book
	source, _ := mustSee(t, h).Source(idptest.ENT)
	pair := guardian.Pair{
		Guardian: person.Key{Authority: source.Authority, ID: "ACADEMIE$3002"}, Child: person.Key{Authority: source.Authority, ID: "ACADEMIE$1001"},
	}
	return h, kept, func(shut bool) {
		t.Helper()
		var err error
		if shut {
			_, _, err = book.Close(t.Context(), pair, guardian.Closing{UAI: idptest.School, Reason: guardian.Court}, audit.Entry{})
		} else {
			_, _, err = book.Open(t.Context(), pair, idptest.School, guardian.Over, audit.Entry{})
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// readAs is a page without its reference, its links and who is signed in: what tells one refusal from another.
func readAs(p *idptest.Page) string {
	return strings.ReplaceAll(p.Text(), p.Ref(), "")
}

// entersFor begins a sign-in of somebody at lire, as far as it comes without another choice.
func entersFor(t *testing.T, h *idptest.House, who string, how ...func(*idp.Request)) (*idptest.Browser, *idptest.Page) {
	t.Helper()
	b := h.Browser(t)
	return b, through(t, b, b.As(b.Open(byGet(t, request("lire", how...))), who))
}

func TestAClosedViewEndsEnteringForTheChildWithinOneSession(t *testing.T) {
	t.Parallel()
	h, _, closes := watched(t)
	b, p := entersFor(t, h, "pere", later)
	resume := yes(t, p, "lire").Get("resume")
	_, unknown := entersFor(t, h, "oncle")
	page(t, "of unknown authority", unknown, http.StatusForbidden)
	closes(true)
	p = b.Open(byGet(t, request("lire")))
	refused(t, h, "closed", p, string(policy.NoParentalAuthority))
	if readAs(p) != readAs(unknown) {
		t.Errorf("closed reads\n%s\nunknown reads\n%s", readAs(p), readAs(unknown))
	}
	if strings.Contains(p.Body, "Tilleuls") || strings.Contains(p.Body, "Léa") {
		t.Errorf("the refusal tells of the child: %s", p.Text())
	}
	before := len(h.Released("lire", audit.Released))
	if cleared, err := h.Flow.Resume(t.Context(), resume); !isDenied(err) || !cleared.Empty() {
		t.Errorf("a later answer: %v", err)
	}
	if len(h.Released("lire", audit.Released)) != before {
		t.Error("something left")
	}
	if p = b.Open(byGet(t, request("lire", passive))); p.Landing == nil {
		t.Errorf("a passive request shows a page: %s", p.Text())
	} else {
		no(t, p, "lire", idp.Denied)
	}
	_, twin := entersFor(t, h, "mere")
	yes(t, twin, "lire")
	closes(false)
	yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
	if _, err := h.Flow.Resume(t.Context(), resume); err != nil {
		t.Errorf("opened again, a later answer: %v", err)
	}
}

// TestAFormOfBeforeTheClosingLetsNothingOut: the page that informs was open while the school closed.
func TestAFormOfBeforeTheClosingLetsNothingOut(t *testing.T) {
	t.Parallel()
	for _, act := range []string{"informed", "refused"} {
		h, _, closes := watched(t)
		b := h.Browser(t)
		p := b.As(b.Open(byGet(t, request("lire"))), "pere")
		offers(t, "the father", p, "inform")
		closes(true)
		after := b.Submit(p, "inform", 0, "act", act)
		refused(t, h, act, after, string(policy.NoParentalAuthority))
		if n := len(h.Released("lire", audit.Released)); n != 0 {
			t.Errorf("%s: %d releases", act, n)
		}
		if again := b.Submit(p, "inform", 0, "act", act); again.Landing != nil || again.Status == http.StatusInternalServerError {
			t.Errorf("%s, a second click: %d %+v", act, again.Status, again.Landing)
		}
	}
}

// TestAPlaceOfAClosedViewIsNoneToChoose: the page with the children was open while the school closed one.
func TestAPlaceOfAClosedViewIsNoneToChoose(t *testing.T) {
	t.Parallel()
	h, _, closes := watched(t)
	both := h.Sources[idptest.ENT].People["mere"]["ecluseWard"]
	h.Sources[idptest.ENT].People["pere"]["ecluseWard"] = both
	b := h.Browser(t)
	p := b.As(b.Open(byGet(t, request("lire"))), "pere")
	offers(t, "a father of two", p, "place")
	if text := p.Text(); !strings.Contains(text, "Léa") || !strings.Contains(text, "Tom") {
		t.Fatalf("he chooses among %s", text)
	}
	closes(true)
	p = b.Submit(p, "place", 0)
	if strings.Contains(p.Text(), "Léa") || p.Landing != nil {
		t.Errorf("he goes on for Léa: %s", p.Text())
	}
	yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
}

// TestNothingIsEnteredForAChildWhileNobodyKnowsWhatIsClosed: and whoever says that it was not them still can.
func TestNothingIsEnteredForAChildWhileNobodyKnowsWhatIsClosed(t *testing.T) {
	t.Parallel()
	h, kept, _ := watched(t)
	b, p := entersFor(t, h, "pere", later)
	resume := yes(t, p, "lire").Get("resume")
	kept.failure = errors.New("no answer")
	for _, path := range []string{"/accords", ofLea} {
		page(t, path, b.Open(get(path)), http.StatusServiceUnavailable)
	}
	page(t, "a sign-in", b.Open(byGet(t, request("lire"))), http.StatusServiceUnavailable)
	var failure *idp.Failure
	if _, err := h.Flow.Resume(t.Context(), resume); !errors.As(err, &failure) || failure.Kind != idp.Internal {
		t.Errorf("a later answer: %v", err)
	}
	if n := len(h.Released("lire", audit.Released)); n != 1 {
		t.Errorf("%d releases", n)
	}
	pupil := h.Browser(t)
	yes(t, through(t, pupil, pupil.As(pupil.Open(byGet(t, request("lire"))), idptest.Lea)), "lire")
	b.Post("/signout", nil)
	if b.Cookie("session") != "" {
		t.Error("he cannot sign out")
	}
	kept.failure = nil
	if _, err := h.Flow.Resume(t.Context(), resume); !isDenied(err) {
		t.Errorf("after the sign-out: %v", err)
	}
}

// TestHardCase11EnteringForAChildEndsAtMidnight of the day on which the child turns 18: with a page, with a later answer, and
// in what is foreseen.
func TestHardCase11EnteringForAChildEndsAtMidnight(t *testing.T) {
	t.Parallel()
	h := family(t)
	h.Sources[idptest.ENT].People["pere"]["ecluseWardBorn"] = []string{"ACADEMIE$1001$" + tomorrow(h, 18)}
	view := mustSee(t, h)
	now := h.Clock.Now().In(view.Zone())
	y, m, d := now.Date()
	midnight := time.Date(y, m, d+1, 0, 0, 0, 0, view.Zone())
	h.Clock.Advance(midnight.Sub(now) - 5*time.Minute)
	b, p := entersFor(t, h, "pere", later)
	resume := yes(t, p, "lire").Get("resume")
	who, _, _, err := h.Flow.Visitor(signed(b))
	if err != nil {
		t.Fatal(err)
	}
	service, _ := view.Service("lire")
	place := policy.Place{UAI: idptest.School, Profile: person.Guardian, Child: who.Wards[0].Child}
	foreseen := func() error {
		would, err := h.Flow.Foresee(t.Context(), view, who)
		if err != nil {
			t.Fatal(err)
		}
		_, err = would(place, service)
		return err
	}
	if err := foreseen(); err != nil {
		t.Fatalf("before midnight: %v", err)
	}
	h.Clock.Advance(5*time.Minute - time.Millisecond)
	if _, err := h.Flow.Resume(t.Context(), resume); err != nil {
		t.Fatalf("before midnight: %v", err)
	}
	h.Clock.Advance(time.Millisecond)
	refused(t, h, "at midnight", b.Open(byGet(t, request("lire"))), string(policy.NoParentalAuthority))
	if _, err := h.Flow.Resume(t.Context(), resume); !isDenied(err) {
		t.Errorf("a later answer at midnight: %v", err)
	}
	var no *policy.Refusal
	if err := foreseen(); !errors.As(err, &no) || no.Reason != policy.NoParentalAuthority {
		t.Errorf("foreseen at midnight: %v", err)
	}
}

func mustSee(t *testing.T, h *idptest.House) *registry.Snapshot {
	t.Helper()
	view, err := h.Flow.Live.Current()
	if err != nil {
		t.Fatal(err)
	}
	return view
}
