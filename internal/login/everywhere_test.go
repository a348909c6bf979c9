package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/store"
)

// with gives the request of a browser as a page of ours gets it.
func with(b *idptest.Browser) *http.Request {
	r := httptest.NewRequest(http.MethodPost, idptest.Origin+"/", nil)
	for _, name := range []string{"session", "flow"} {
		if v := b.Cookie(name); v != "" {
			r.AddCookie(&http.Cookie{Name: "__Host-" + name, Value: v})
			r.AddCookie(&http.Cookie{Name: name, Value: v})
		}
	}
	return r
}

// leaves ends everything of whoever sits at a browser.
func leaves(t testing.TB, h *idptest.House, b *idptest.Browser, ref string) []login.Left {
	t.Helper()
	left, err := h.Flow.LeaveEverywhere(httptest.NewRecorder(), with(b), ref)
	if err != nil {
		t.Fatal(err)
	}
	return left
}

func TestEverySessionOfAPersonEndsOnEveryDeviceAndNobodyElses(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	here, there, other := signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Nour)
	mine, theirs, others := right(t, here), right(t, there), right(t, other)
	left := leaves(t, h, here, "ABCD-EFGH")
	if len(left) != 1 || left[0].Service == "" {
		t.Errorf("the services are told as %+v", left)
	}
	for name, b := range map[string]*idptest.Browser{"here": here, "there": there} {
		offers(t, name, b.Open(byGet(t, request("lire"))), "source")
	}
	for name, id := range map[string]string{"here": mine, "there": theirs} {
		if cleared, err := h.Flow.Resume(t.Context(), id); !isDenied(err) || !cleared.Empty() {
			t.Errorf("the right of the session %s survives: %v", name, err)
		}
	}
	if _, err := h.Flow.Resume(t.Context(), others); err != nil {
		t.Errorf("somebody else's right ended too: %v", err)
	}
	yes(t, other.Open(byGet(t, request("lire"))), "lire")
	i := slices.IndexFunc(h.Journal.Entries(), func(e audit.Entry) bool { return e.Action == "sign_out" })
	if e := h.Journal.Entries()[max(0, i)]; i < 0 || e.Reason != "not_me" || e.Ref != "ABCD-EFGH" || e.Subject == "" {
		t.Errorf("the journal says %+v", e)
	}
	if again := leaves(t, h, here, "ABCD-EFGH"); again != nil {
		t.Errorf("twice: %+v", again)
	}
	back := signedIn(t, h, idptest.Lea)
	yes(t, back.Open(byGet(t, request("lire"))), "lire")
	h.Clock.Advance(time.Minute)
	leaves(t, h, back, "")
	offers(t, "a second time, later", back.Open(byGet(t, request("lire"))), "source")
	if last := h.Journal.Entries()[len(h.Journal.Entries())-1]; last.Reason != "everywhere" {
		t.Errorf("somebody who merely leaves is in the journal for %q", last.Reason)
	}
}

// forgetful is a store that loses what is of one kind: lists that were never written, or were lost.
type forgetful struct {
	store.Tickets
	kind store.Kind
}

func (f forgetful) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == f.kind {
		return store.Ticket{}, store.ErrNotFound
	}
	return f.Tickets.Get(ctx, kind, name)
}

func (f forgetful) Create(ctx context.Context, t store.Ticket) error {
	if t.Kind == f.kind {
		return nil
	}
	return f.Tickets.Create(ctx, t)
}

func (f forgetful) Write(ctx context.Context, ops ...store.Op) error {
	return f.Tickets.Write(ctx, slices.DeleteFunc(slices.Clone(ops), func(o store.Op) bool { return o.Ticket.Kind == f.kind })...)
}

// TestASessionThatIsOnNoListEndsAllTheSame: the list is a help, the mark is what counts; and so it is for a right to later
// answers that no list leads to.
func TestASessionThatIsOnNoListEndsAllTheSame(t *testing.T) {
	t.Parallel()
	h := newHouse(t, func(s store.Tickets) store.Tickets { return forgetful{s, "sessions-of"} })
	here, there := signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Lea)
	id := right(t, there)
	leaves(t, h, here, "")
	offers(t, "the one that nobody listed", there.Open(byGet(t, request("lire"))), "source")
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("its right survives: %v", err)
	}
}

// TestALongListStillEndsEverything: what a list has forgotten is over by the mark.
func TestALongListStillEndsEverything(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	first := signedIn(t, h, idptest.Lea)
	var last *idptest.Browser
	for range 60 {
		last = signedIn(t, h, idptest.Lea)
	}
	leaves(t, h, last, "")
	for name, b := range map[string]*idptest.Browser{"first": first, "last": last} {
		offers(t, name, b.Open(byGet(t, request("lire"))), "source")
	}
}

// silent is a store in which one kind of ticket cannot be read.
type silent struct {
	store.Tickets
	kind *store.Kind
}

var errSilent = errors.New("the store does not answer")

func (s silent) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if kind == *s.kind {
		return store.Ticket{}, errSilent
	}
	return s.Tickets.Get(ctx, kind, name)
}

func (s silent) Put(ctx context.Context, t store.Ticket) error {
	if t.Kind == *s.kind {
		return errSilent
	}
	return s.Tickets.Put(ctx, t)
}

func (s silent) Write(ctx context.Context, ops ...store.Op) error {
	for _, op := range ops {
		if op.Ticket.Kind == *s.kind {
			return errSilent
		}
	}
	return s.Tickets.Write(ctx, ops...)
}

func TestWhoCannotBeAskedWhetherTheyLeftIsNotLetIn(t *testing.T) {
	t.Parallel()
	var broken store.Kind
	h := newHouse(t, func(s store.Tickets) store.Tickets { return silent{s, &broken} })
	b := signedIn(t, h, idptest.Lea)
	id := right(t, b)
	for _, kind := range []store.Kind{"left-everywhere", "sessions-of"} {
		broken = kind
		if left, err := h.Flow.LeaveEverywhere(httptest.NewRecorder(), with(b), ""); err == nil {
			t.Errorf("%s is broken, and somebody is told that all is over: %+v", kind, left)
		}
		if kind == "left-everywhere" {
			page(t, "a sign-in", b.Open(byGet(t, request("lire"))), http.StatusServiceUnavailable)
			if _, err := h.Flow.Resume(t.Context(), id); err == nil {
				t.Error("a later answer leaves")
			}
		}
		new := h.Browser(t)
		page(t, "a new sign-in", new.As(new.Open(byGet(t, request("lire"))), idptest.Nour), http.StatusServiceUnavailable)
	}
	broken = ""
	offers(t, "the mark was set before the list could not be read", b.Open(byGet(t, request("lire"))), "source")
}

// keyring says that two keys are one person's.
type keyring struct {
	h    *idptest.House
	keys []person.Key
}

func (k keyring) Handles(_ context.Context, own person.Key) ([]string, error) {
	out := []string{own.Handle(k.h.Ring)}
	for _, key := range k.keys {
		if key != own && slices.Contains(k.keys, own) {
			out = append(out, key.Handle(k.h.Ring))
		}
	}
	return out, nil
}

func TestSessionsUnderEveryKeyOfAPersonEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	here, there := signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Nour) // one person, by two keys
	var keys []person.Key
	for _, b := range []*idptest.Browser{here, there} {
		who, _, ok, err := h.Flow.Visitor(with(b))
		if err != nil || !ok {
			t.Fatalf("nobody: %v", err)
		}
		keys = append(keys, who.Key)
	}
	id := right(t, there)
	h.Flow.Book.People = keyring{h, keys}
	leaves(t, h, here, "")
	offers(t, "under the other key", there.Open(byGet(t, request("lire"))), "source")
	if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
		t.Errorf("the right survives: %v", err)
	}
}

func TestOnlyTheRightsOfOneServiceAreForgotten(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b, elsewhere := signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Lea)
	one, two := right(t, b), right(t, elsewhere)
	other := yes(t, through(t, b, b.Open(byGet(t, request("calcul", later)))), "calcul").Get("resume")
	who, _, _, err := h.Flow.Visitor(with(b))
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := h.Flow.ForgetAt(t.Context(), who, "lire"); err != nil {
			t.Fatal(err)
		}
	}
	for _, id := range []string{one, two} {
		if _, err := h.Flow.Resume(t.Context(), id); !isDenied(err) {
			t.Errorf("a right at that service survives: %v", err)
		}
	}
	if _, err := h.Flow.Resume(t.Context(), other); err != nil {
		t.Errorf("the right at another service is gone: %v", err)
	}
	yes(t, b.Open(byGet(t, request("lire"))), "lire")
}

func TestAProofIsGoodForOneSessionAndOneAct(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	sitting := func(b *idptest.Browser) login.Sitting {
		s, ok, err := h.Flow.Sitting(with(b))
		if err != nil || !ok {
			t.Fatalf("nobody: %v", err)
		}
		return s
	}
	mine, other := sitting(signedIn(t, h, idptest.Lea)), sitting(signedIn(t, h, idptest.Lea))
	proof := mine.Proof("withdraw", "lire")
	if !mine.Proves(proof, "withdraw", "lire") {
		t.Error("the proof is worth nothing")
	}
	if mine.Proves(proof, "withdraw", "calcul") || mine.Proves(proof, "everywhere", "lire") || other.Proves(proof, "withdraw", "lire") || mine.Proves("", "withdraw", "lire") {
		t.Error("a proof is good for something else")
	}
	if _, ok, err := h.Flow.Sitting(with(h.Browser(t))); ok || err != nil {
		t.Errorf("nobody sits: %v, %v", ok, err)
	}
}

func TestARecentProofIsAskedForAnewAndLeadsBackToThePage(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	recent := func() login.Sitting {
		s, ok, err := h.Flow.Sitting(with(b))
		if err != nil || !ok {
			t.Fatalf("nobody: %v", err)
		}
		return s
	}
	h.Clock.Advance(h.Flow.Limits.Recent)
	if !recent().Recent {
		t.Error("a proof of a quarter of an hour ago is too old")
	}
	h.Clock.Advance(time.Millisecond)
	if recent().Recent {
		t.Error("an older one is good enough")
	}
	at := login.AgainAt("data", "lire/retirer")
	p := b.Open(get(at))
	if _, _, asked := p.AtSource(); !asked {
		t.Fatalf("the source is not asked: %s %s", p.URL, p.Text())
	}
	asked := h.Sources[idptest.ENT].Asked()
	if !asked[len(asked)-1].Fresh {
		t.Error("the source may answer from its own session")
	}
	if p = b.As(p, idptest.Lea); p.URL.Path != "/mes-donnees/lire/retirer" || !recent().Recent || recent().Kept {
		t.Errorf("comes to %s, recent %v, kept %v", p.URL, recent().Recent, recent().Kept)
	}
	if p := b.Open(get(at)); p.URL.Path != "/mes-donnees/lire/retirer" {
		t.Errorf("whoever has just proved it is asked again at %s", p.URL)
	}
	h.Clock.Advance(time.Hour - time.Minute)
	if p = b.As(b.Open(get(at)), idptest.Lea, "age", "2h"); p.URL.Path != "/mes-donnees/lire/retirer" || !recent().Recent || !recent().Kept {
		t.Errorf("a source that cannot ask again leads to %s, recent %v, kept %v", p.URL, recent().Recent, recent().Kept)
	}
	h.Clock.Advance(h.Flow.Limits.Recent + time.Millisecond)
	if recent().Recent {
		t.Error("what such a source vouched for is good for ever")
	}
	for _, rest := range []string{"../signout", "/", "a//b", "https:", "a/b/c/d", "%2e%2e", "..", ".x", "a b", "x\n"} {
		r := get("/entrer")
		r.URL.RawQuery = "vers=data&suite=" + strings.NewReplacer("%", "%25", " ", "%20", "\n", "%0A").Replace(rest)
		page(t, "the rest "+rest, b.Open(r), http.StatusBadRequest)
	}
}

// BenchmarkASignInOnASession measures what a request costs that finds a session and is answered at once.
func BenchmarkASignInOnASession(b *testing.B) {
	h := newHouse(b, nil)
	browser := signedIn(b, h, idptest.Lea)
	r := with(browser)
	for b.Loop() {
		if _, _, ok, err := h.Flow.Visitor(r); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}
