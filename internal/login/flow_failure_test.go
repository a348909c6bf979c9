package login_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/store"
)

// brittle is a store whose nth operation fails: not done, or done and not acknowledged.
type brittle struct {
	store.Tickets
	done bool // the failing operation takes effect all the same

	mu    sync.Mutex
	calls int
	nth   int
	what  string // what failed
	first func() // called once, before the next Replace
}

func (b *brittle) fails(op string, kind store.Kind) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls++
	if b.calls != b.nth {
		return false
	}
	b.what = fmt.Sprintf("%s %s", op, kind)
	return true
}

// again counts from the beginning.
func (b *brittle) again(nth int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.calls, b.nth, b.what = 0, nth, ""
}

// failed tells whether the failure has happened.
func (b *brittle) failed() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.what
}

func (b *brittle) write(ctx context.Context, op string, t store.Ticket, do func(context.Context, store.Ticket) error) error {
	if !b.fails(op, t.Kind) {
		return do(ctx, t)
	}
	if b.done {
		_ = do(ctx, t)
	}
	return errBroken
}

func (b *brittle) read(ctx context.Context, op string, kind store.Kind, name string,
	do func(context.Context, store.Kind, string) (store.Ticket, error),
) (store.Ticket, error) {
	if !b.fails(op, kind) {
		return do(ctx, kind, name)
	}
	if b.done {
		_, _ = do(ctx, kind, name)
	}
	return store.Ticket{}, errBroken
}

func (b *brittle) Put(ctx context.Context, t store.Ticket) error {
	return b.write(ctx, "put", t, b.Tickets.Put)
}

func (b *brittle) Create(ctx context.Context, t store.Ticket) error {
	return b.write(ctx, "create", t, b.Tickets.Create)
}

func (b *brittle) Replace(ctx context.Context, t store.Ticket) error {
	b.mu.Lock()
	first := b.first
	b.first = nil
	b.mu.Unlock()
	if first != nil {
		first()
	}
	return b.write(ctx, "replace", t, b.Tickets.Replace)
}

func (b *brittle) Write(ctx context.Context, ops ...store.Op) error {
	kinds := make([]string, len(ops))
	for i, op := range ops {
		kinds[i] = string(op.Ticket.Kind)
	}
	if !b.fails("write", store.Kind(strings.Join(kinds, " "))) {
		return b.Tickets.Write(ctx, ops...)
	}
	if b.done {
		_ = b.Tickets.Write(ctx, ops...)
	}
	return errBroken
}

func (b *brittle) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return b.read(ctx, "get", kind, name, b.Tickets.Get)
}

func (b *brittle) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	return b.read(ctx, "take", kind, name, b.Tickets.Take)
}

func (b *brittle) Delete(ctx context.Context, kind store.Kind, name string) error {
	_, err := b.read(ctx, "delete", kind, name, func(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
		return store.Ticket{}, b.Tickets.Delete(ctx, kind, name)
	})
	return err
}

// journey is a day of one browser, each step from where the one before led: a tile, a sign-in that ends at its service,
// a second one with another person, a refusal with its way back, a sign-out.
func journey(t *testing.T, b *idptest.Browser) []func(*idptest.Page) *idptest.Page {
	t.Helper()
	as := func(who string) func(*idptest.Page) *idptest.Page {
		return func(p *idptest.Page) *idptest.Page { return b.As(p, who, "session", "at the source of "+who) }
	}
	submit := func(step string, pairs ...string) func(*idptest.Page) *idptest.Page {
		return func(p *idptest.Page) *idptest.Page { return b.Submit(p, step, 0, pairs...) }
	}
	ask := func(r func() *http.Request) func(*idptest.Page) *idptest.Page {
		return func(*idptest.Page) *idptest.Page { return b.Open(r()) }
	}
	return []func(*idptest.Page) *idptest.Page{
		func(*idptest.Page) *idptest.Page { return b.Get("/go/lire?source=ent") },
		ask(func() *http.Request { return byGet(t, request("lire", later)) }),
		as(idptest.Lea),
		submit("inform", "act", "informed"),
		ask(func() *http.Request { return byPost(t, request("calcul", fresh)) }),
		submit("source", "source", idptest.Desk),
		as(idptest.Paul),
		submit("place"),
		submit("inform", "act", "informed"),
		ask(func() *http.Request { return byGet(t, request("lire", passive)) }),
		ask(func() *http.Request { return byGet(t, request("ferme")) }),
		submit("back"),
		func(*idptest.Page) *idptest.Page { return b.Post("/signout", nil) },
	}
}

// TestStoreThatFailsAnywhereLetsNothingOut fails each operation of the store that a day makes, one after the other: the
// step that needed it shows a page with a reference, and the browser can start again.
func TestStoreThatFailsAnywhereLetsNothingOut(t *testing.T) {
	t.Parallel()
	for _, done := range []bool{false, true} {
		var tickets *brittle
		h := newHouse(t, func(inner store.Tickets) store.Tickets {
			tickets = &brittle{Tickets: inner, done: done}
			return tickets
		})
		seen := map[string]bool{}
		for n := 1; failAt(t, h, tickets, n, seen); n++ {
			if n > 200 {
				t.Fatal("the day has no end")
			}
		}
		for _, op := range []string{
			"put entry", "take entry", "put transaction", "get transaction", "replace transaction", "write challenge transaction",
			"write challenge", "get session", "write upstream session sessions-of transaction", "write roll-place session transaction", "take session", "write grant roll-place session transaction", "get roll", "create roll", "delete grant",
		} {
			if !seen[op] {
				t.Errorf("the day never did %q: %v", op, seen)
			}
		}
	}
}

// failAt plays the day with the nth operation failing; it is false when the day has fewer.
func failAt(t *testing.T, h *idptest.House, tickets *brittle, n int, seen map[string]bool) bool {
	t.Helper()
	h.Receipts.Clear()
	tickets.again(n)
	b := h.Browser(t)
	var p *idptest.Page
	for i, step := range journey(t, b) {
		h.Clock.Advance(time.Second)
		p = step(p)
		what := tickets.failed()
		if what == "" {
			continue
		}
		seen[what] = true
		name := fmt.Sprintf("operation %d, %s (done: %v), at step %d", n, what, tickets.done, i)
		switch {
		case what == "put way-out": // the session is over, and the page says at once what stays open
			if p.Landing != nil || p.Status != http.StatusOK || !strings.Contains(p.Text(), "peut-être ouvert Service calcul") {
				t.Errorf("%s: status %d: %s", name, p.Status, p.Text())
			}
		case p.Landing != nil || p.Status != http.StatusServiceUnavailable || p.Ref() == "":
			t.Errorf("%s: status %d, landing %+v, reference %q; want a page that says so: %s", name, p.Status, p.Landing, p.Ref(), p.Text())
		}
		h.Clock.Advance(time.Second)
		p = b.Open(byGet(t, request("annee", fresh)))
		yes(t, through(t, b, b.As(p, idptest.Lea)), "annee")
		return true
	}
	return false
}

func TestSignInWithoutAnEntryInTheJournalIsNone(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := h.Browser(t)
	chooser := b.Open(byGet(t, request("lire")))
	h.Journal.Fail(errBroken)
	p := b.As(chooser, idptest.Lea)
	page(t, "the sign-in", p, http.StatusServiceUnavailable)
	if b.Cookie("session") != "" {
		t.Error("a session without an entry")
	}
	h.Journal.Fail(nil)
	action, _, _ := chooser.Filled("source", 0)
	offers(t, "the sign-in goes on", b.Get(strings.TrimSuffix(action, "/source")), "source")
}

func TestRefusalsAndSignOutsStandWithoutTheJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	h.Journal.Fail(errBroken)
	p := b.Open(byGet(t, request("adultes")))
	page(t, "a refusal", p, http.StatusForbidden)
	no(t, b.Submit(p, "back", 0), "adultes", "denied")
	page(t, "an answer", b.Open(byGet(t, request("lire"))), http.StatusServiceUnavailable)
	page(t, "sign-out", b.Post("/signout", nil), http.StatusOK)
	h.Journal.Fail(nil)
	offers(t, "after sign-out", b.Open(byGet(t, request("lire"))), "source")
}

func TestRefusalStandsOnceInTheJournal(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	p := b.Open(byGet(t, request("adultes")))
	action, _, _ := p.Filled("back", 0)
	b.Get(strings.TrimSuffix(action, "/back"))
	b.Submit(p, "back", 0)
	refusals := slices.DeleteFunc(h.Journal.Entries(), func(e audit.Entry) bool { return e.Outcome != audit.Refused })
	if len(refusals) != 1 {
		t.Errorf("%d refusals in the journal, want 1", len(refusals))
	}
}

// TestOvertakenHopGoesOnFromWhatTheWinnerLeft lets a second tab answer the same page between the first tab's reading and
// writing.
func TestOvertakenHopGoesOnFromWhatTheWinnerLeft(t *testing.T) {
	t.Parallel()
	var tickets *brittle
	h := newHouse(t, func(inner store.Tickets) store.Tickets {
		tickets = &brittle{Tickets: inner}
		return tickets
	})
	b := h.Browser(t)
	chooser := b.Open(byGet(t, request("lire")))
	var winner *idptest.Page
	tickets.first = func() { winner = b.Submit(chooser, "source", 0, "source", idptest.ENT) }
	loser := b.Submit(chooser, "source", 0, "source", idptest.Desk)
	offers(t, "the hop that lost", loser, "source")
	if prefix, _, at := winner.AtSource(); !at || prefix != "/source/"+idptest.ENT {
		t.Fatalf("the winner is at %s", winner.URL)
	}
	if n := len(h.Sources[idptest.Desk].Asked()); n != 0 {
		t.Errorf("the loser's source was asked %d times", n)
	}
	told := b.As(winner, idptest.Lea)
	tickets.first = func() { winner = b.Submit(told, "inform", 0, "act", "informed") }
	done(t, "the form that lost against the answer", b.Submit(told, "inform", 0, "act", "refused"))
	yes(t, winner, "lire")
}
