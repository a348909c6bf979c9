package samlsp_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"ecluse/internal/saml"
	"ecluse/internal/store"
	"ecluse/internal/store/memdb"
	"ecluse/internal/upstream"
	"ecluse/internal/upstream/upstreamtest"
	"ecluse/internal/web/webtest"
)

func TestAnAnswerToOurQuestionSignsIn(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"Assertion", "Response"} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		w := g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), what), q.RelayState)
		if w.Code != http.StatusNoContent {
			t.Fatalf("%s: status %d, %v, %s", what, w.Code, g.host.Failures(), g.logged)
		}
		a := g.host.Last(t)
		if !slices.Equal(a.Attributes["ENTPersonJointure"], []string{"AC$1234"}) || !slices.Equal(a.Attributes["sn"], []string{"Petit"}) ||
			!slices.Equal(a.Attributes["NameID"], []string{"p-71f2"}) || len(a.Attributes) != 3 {
			t.Errorf("%s: the attributes are others", what)
		}
		if !a.Authn.At.Equal(g.now()) || a.Authn.Method != saml.ClassPasswordTransport || !a.Ends.Equal(g.now().Add(time.Hour)) || a.Session == "" {
			t.Errorf("%s: at %v by %q until %v", what, a.Authn.At, a.Authn.Method, a.Ends)
		}
		g.silent(t)
	}
}

func TestAnAnswerWithoutRelayStateSignsIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	if w := g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion"), ""); w.Code != http.StatusNoContent {
		t.Errorf("status %d, %v", w.Code, g.host.Failures())
	}
}

func TestAnAnswerOfAnybodyElseSignsNobodyIn(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]func(*gate, sent) string{
		"a stranger's": func(g *gate, q sent) string {
			return signed(t, stranger(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")
		},
		"unsigned": func(g *gate, q sent) string { return theirAnswer(q.AuthnRequest, g.now()) },
		"changed": func(g *gate, q sent) string {
			return strings.Replace(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion"), "AC$1234", "AC$1235", 1)
		},
		"encrypted": func(g *gate, q sent) string {
			return strings.NewReplacer("<saml:Assertion ", "<saml:EncryptedAssertion><saml:Assertion ", "</saml:Assertion>", "</saml:Assertion></saml:EncryptedAssertion>").Replace(theirAnswer(q.AuthnRequest, g.now()))
		},
		"two assertions": func(g *gate, q sent) string {
			one := theirAnswer(q.AuthnRequest, g.now())
			from, to := strings.Index(one, "<saml:Assertion "), strings.Index(one, "</samlp:Response>")
			two := strings.Replace(one[from:to], `ID="_a`, `ID="_b`, 1)
			return signed(t, provider(), one[:to]+two+one[to:], "Response")
		},
	} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		w := g.answer(document(g, q), q.RelayState)
		g.nobody(t)
		if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) || w.Code != http.StatusAccepted {
			t.Errorf("%s: %d, %v", name, w.Code, f)
		}
	}
}

func TestAnAnswerBelongsToOneQuestionOfOneBrowser(t *testing.T) {
	t.Parallel()
	t.Run("another request", func(t *testing.T) {
		g := newGate(t, setup{})
		mine, other := g.ask(t, upstream.Challenge{}), g.ask(t, upstream.Challenge{})
		g.answer(signed(t, provider(), theirAnswer(mine.AuthnRequest, g.now()), "Assertion"), other.RelayState)
		g.nobody(t)
		g.answer(signed(t, provider(), theirAnswer(mine.AuthnRequest, g.now(), `" InResponseTo="`+mine.ID+`"><saml:I`, `" InResponseTo="`+other.ID+`"><saml:I`), "Assertion"), "")
		g.nobody(t)
	})
	t.Run("no request of ours", func(t *testing.T) {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		w := g.answer(signed(t, provider(), theirAnswer(q.AuthnRequest, g.now(), q.ID, "_other"), "Response"), "_other")
		if g.nobody(t); w.Code != http.StatusBadRequest || len(g.host.Failures()) != 0 {
			t.Errorf("status %d", w.Code)
		}
	})
	t.Run("another browser", func(t *testing.T) {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		g.host.foreign = true
		if w := g.signsIn(t, q); w.Code != http.StatusGone {
			t.Errorf("status %d", w.Code)
		}
		g.nobody(t)
		g.host.foreign = false
		if w := g.signsIn(t, q); w.Code != http.StatusNoContent {
			t.Errorf("the other browser used up the question of this one: %d", w.Code)
		}
	})
	t.Run("a provider that was replaced", func(t *testing.T) {
		tickets := memdb.New(webtest.Now)
		q := newGate(t, setup{tickets: tickets}).ask(t, upstream.Challenge{})
		g := newGate(t, setup{tickets: tickets, settings: map[string]any{"metadata": theirXML(provider(), idpEntity, idpEntity+"2")}})
		g.signsIn(t, q, idpEntity, idpEntity+"2")
		g.nobody(t)
		q = newGate(t, setup{tickets: tickets}).ask(t, upstream.Challenge{})
		g.signsIn(t, q) // in the former one's name
		g.nobody(t)
	})
	t.Run("a response that does not say to what", func(t *testing.T) {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{})
		g.signsIn(t, q, ` InResponseTo="`+q.ID+`"><saml:Issuer>`, "><saml:Issuer>")
		g.nobody(t)
		if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) {
			t.Errorf("%v", f)
		}
	})
	t.Run("a question that is being answered already", func(t *testing.T) {
		g := newGate(t, setup{tickets: &late{memdb.New(webtest.Now)}})
		g.signsIn(t, g.ask(t, upstream.Challenge{}))
		g.nobody(t)
	})
}

// late is a store from which somebody else takes first.
type late struct{ store.Tickets }

func (*late) Take(context.Context, store.Kind, string) (store.Ticket, error) {
	return store.Ticket{}, store.ErrNotFound
}

func (l *late) Write(ctx context.Context, ops ...store.Op) error {
	if slices.ContainsFunc(ops, func(op store.Op) bool { return op.Do == store.Take }) {
		return store.ErrNotFound
	}
	return l.Tickets.Write(ctx, ops...)
}

func TestAnAnswerIsGoodOnce(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	document := signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")
	if w := g.answer(document, q.RelayState); w.Code != http.StatusNoContent {
		t.Fatal(w.Code)
	}
	if w := g.answer(document, q.RelayState); w.Code != http.StatusBadRequest || len(g.host.Signed()) != 1 { // the test host's word for gone
		t.Errorf("the second time: %d", w.Code)
	}
}

func TestAnAssertionIsGoodOnceOnAllReplicasAndForAllSourcesOfAProvider(t *testing.T) {
	t.Parallel()
	tickets := memdb.New(webtest.Now)
	one := newGate(t, setup{tickets: tickets, settings: map[string]any{"entity_id": "https://ecluse.example/sp"}})
	two := newGate(t, setup{tickets: tickets, settings: map[string]any{"entity_id": "https://ecluse.example/sp"}})
	first, second := one.ask(t, upstream.Challenge{}), two.ask(t, upstream.Challenge{})
	if w := one.signsIn(t, first, `ID="_a`+first.ID, `ID="_same`); w.Code != http.StatusNoContent {
		t.Fatal(w.Code, one.host.Failures())
	}
	two.signsIn(t, second, `ID="_a`+second.ID, `ID="_same`)
	two.nobody(t)
	if f := two.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) || !strings.Contains(f[0].Error(), "used before") {
		t.Errorf("%v", f)
	}
	third := two.ask(t, upstream.Challenge{})
	if w := two.signsIn(t, third); w.Code != http.StatusNoContent {
		t.Errorf("another assertion is refused too: %v", two.host.Failures())
	}
}

func TestOfManyAtOnceOneIsSignedIn(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	document := signed(t, provider(), theirAnswer(q.AuthnRequest, g.now()), "Assertion")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { g.answer(document, q.RelayState) })
	}
	all.Wait()
	if n := len(g.host.Signed()); n != 1 {
		t.Errorf("%d were signed in", n)
	}
}

// broken is a store that is away for one kind of ticket.
type broken struct {
	store.Tickets
	kind store.Kind
	off  bool
}

var errAway = errors.New("the store is away")

func (b *broken) Create(ctx context.Context, t store.Ticket) error {
	if b.off && t.Kind == b.kind {
		return errAway
	}
	return b.Tickets.Create(ctx, t)
}

func (b *broken) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if b.off && kind == b.kind {
		return store.Ticket{}, errAway
	}
	return b.Tickets.Get(ctx, kind, name)
}

func (b *broken) Write(ctx context.Context, ops ...store.Op) error {
	if b.off && slices.ContainsFunc(ops, func(op store.Op) bool { return op.Ticket.Kind == b.kind }) {
		return errAway
	}
	return b.Tickets.Write(ctx, ops...)
}

func TestAStoreThatIsAwaySignsNobodyIn(t *testing.T) {
	t.Parallel()
	for _, kind := range []store.Kind{"saml-question", "saml-assertion"} {
		tickets := &broken{Tickets: memdb.New(webtest.Now), kind: kind}
		g := newGate(t, setup{tickets: tickets})
		q := g.ask(t, upstream.Challenge{})
		tickets.off = true
		if w := g.signsIn(t, q); w.Code != http.StatusServiceUnavailable {
			t.Errorf("%s: status %d", kind, w.Code)
		}
		g.nobody(t)
	}
}

func TestAFailureSaysWhy(t *testing.T) {
	t.Parallel()
	for detail, want := range map[string]error{
		saml.StatusNoPassive: upstream.ErrNoSession, saml.StatusAuthnFailed: upstream.ErrCancelled, saml.StatusNoAvailableIDP: upstream.ErrUnavailable,
		saml.StatusRequestDenied: upstream.ErrRejected, saml.StatusNoAuthnContext: upstream.ErrRejected, "urn:x:Petit": upstream.ErrRejected, "": upstream.ErrRejected,
	} {
		g := newGate(t, setup{})
		q := g.ask(t, upstream.Challenge{Passive: true})
		if !q.IsPassive {
			t.Error("the request is not passive")
		}
		document, err := saml.AppendFailure(nil, &saml.Failure{
			ID: "_f", InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL, IssueInstant: g.now(), Code: saml.StatusResponder, Detail: detail, Message: "Petit",
		})
		if err != nil {
			t.Fatal(err)
		}
		w := g.answer(string(document), q.RelayState)
		g.nobody(t)
		if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], want) || w.Code != http.StatusAccepted {
			t.Errorf("%s: %v", detail, f)
		}
		if w := g.signsIn(t, q); w.Code == http.StatusNoContent {
			t.Errorf("%s: the question can still be answered", detail)
		}
	}
}

func TestAFailureForAnotherAddressIsNoReason(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	document, err := saml.AppendFailure(nil, &saml.Failure{
		ID: "_f", InResponseTo: q.ID, Issuer: idpEntity, Destination: q.ACSURL + "2", IssueInstant: g.now(), Code: saml.StatusResponder, Detail: saml.StatusAuthnFailed,
	})
	if err != nil {
		t.Fatal(err)
	}
	g.answer(string(document), q.RelayState)
	if f := g.host.Failures(); len(f) != 1 || !errors.Is(f[0], upstream.ErrRejected) {
		t.Errorf("%v", f)
	}
}

func TestAnAnswerThatNobodyAskedForSignsNobodyIn(t *testing.T) {
	t.Parallel()
	unasked := func(q sent) []string { return []string{`InResponseTo="` + q.ID + `"`, ""} }
	for allowed, want := range map[bool]int{false: http.StatusBadRequest, true: http.StatusSeeOther} {
		g := newGate(t, setup{settings: map[string]any{"unsolicited": allowed}})
		q := g.ask(t, upstream.Challenge{})
		document := signed(t, provider(), theirAnswer(q.AuthnRequest, g.now(), unasked(q)...), "Assertion")
		w := g.answer(document, "")
		if g.nobody(t); w.Code != want || (allowed && w.Header().Get("Location") != home) {
			t.Errorf("allowed %v: status %d to %q", allowed, w.Code, w.Header().Get("Location"))
		}
		if w := g.answer(document, "https://ailleurs.example/"); w.Code == http.StatusSeeOther || len(g.host.Signed()) != 0 {
			t.Errorf("allowed %v, with an address: status %d", allowed, w.Code)
		}
		for name, bad := range map[string]string{
			"unsigned":     theirAnswer(q.AuthnRequest, g.now(), unasked(q)...),
			"a stranger's": signed(t, stranger(), theirAnswer(q.AuthnRequest, g.now(), unasked(q)...), "Assertion"),
		} {
			if w := g.answer(bad, ""); w.Code != http.StatusBadRequest {
				t.Errorf("allowed %v, %s: status %d", allowed, name, w.Code)
			}
		}
		if f := g.host.Failures(); len(f) != 0 {
			t.Errorf("a challenge was ended: %v", f)
		}
	}
}

func TestWhatIsNoResponseGetsOurPage(t *testing.T) {
	t.Parallel()
	g := newGate(t, setup{})
	q := g.ask(t, upstream.Challenge{})
	for name, form := range map[string]url.Values{
		"nothing":   {},
		"a request": {"SAMLRequest": {saml.EncodePost(q.XML)}},
		"twice":     {"SAMLResponse": {"a", "b"}},
		"no base64": {"SAMLResponse": {"***"}, "RelayState": {q.RelayState}},
		"a DTD":     {"SAMLResponse": {saml.EncodePost([]byte("<!DOCTYPE x><x/>"))}, "RelayState": {q.RelayState}},
	} {
		if w := g.post("/source/ent/acs", form); w.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", name, w.Code)
		}
	}
	big := url.Values{"SAMLResponse": {strings.Repeat("A", 600<<10)}}
	if w := g.post("/source/ent/acs", big); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("too large: status %d", w.Code)
	}
	if w := upstreamtest.Get(g.mux, "/source/ent/acs"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("by GET: status %d", w.Code)
	}
	if w := g.signsIn(t, q); w.Code != http.StatusNoContent {
		t.Errorf("the question was used up: %d, %v", w.Code, g.host.Failures())
	}
}
