package idptest

import (
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
)

func (s *story) refuses(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "adultes"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	refusedHere(t, h, p, "adultes", "not_for_profile")
	s.wayBack(t, h, b, ask, p, idp.Denied)
	if again := b.Get(p.URL.String()); again.Landing != nil || !strings.Contains(again.Text(), "déjà") {
		t.Errorf("a sign-in that was refused goes on: status %d", again.Status)
	}

	b = h.Browser(t)
	ask = Ask{Service: "lire"}
	p = b.As(s.ask(t, h, b, ask), Blank)
	refusedHere(t, h, p, "lire", "incomplete_identity")
	s.wayBack(t, h, b, ask, p, idp.SignInFailed, idp.Denied)

	b = h.Browser(t)
	p = b.As(s.ask(t, h, b, ask), Lea)
	p = b.Submit(p, "inform", 0, "act", "refused")
	refusedHere(t, h, p, "lire", "refused_by_person")
	s.wayBack(t, h, b, ask, p, idp.Denied)
	if h.Receipts.Count() != 0 || h.Protocol.Answers() != 0 {
		t.Errorf("%d receipts and %d answers after refusals only", h.Receipts.Count(), h.Protocol.Answers())
	}
}

func (s *story) closed(t *testing.T) {
	h := s.house(t)
	for service, reason := range map[string]string{"ferme": "declaration_suspended", "muette": "no_declaration"} {
		b := h.Browser(t)
		ask := Ask{Service: service}
		p := s.ask(t, h, b, ask)
		refusedHere(t, h, p, service, reason)
		s.wayBack(t, h, b, ask, p, idp.Denied)
	}
	for _, source := range h.Sources {
		if n := len(source.Asked()); n != 0 {
			t.Errorf("a source was asked %d times", n)
		}
	}
}

func (s *story) passive(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	quiet := func(service string) Ask { return Ask{Service: service, Passive: true} }
	s.refusedThere(t, h, quiet("lire"), s.ask(t, h, b, quiet("lire")), idp.PassiveFailed)
	s.refusedThere(t, h, quiet("ferme"), s.ask(t, h, b, quiet("ferme")), idp.Denied)
	s.told(t, h, b, Ask{Service: "lire"}, Lea)
	s.refusedThere(t, h, quiet("calcul"), s.ask(t, h, b, quiet("calcul")), idp.PassiveFailed) // a page must inform first
	s.refusedThere(t, h, quiet("adultes"), s.ask(t, h, b, quiet("adultes")), idp.Denied)
	if r := s.read(t, h, quiet("lire"), s.ask(t, h, b, quiet("lire"))); r.Refused != "" {
		t.Errorf("nothing need be asked and yet the service is refused: %s", r.Refused)
	}
	paul := h.Browser(t)
	s.told(t, h, paul, Ask{Service: "lire"}, Paul)
	s.refusedThere(t, h, quiet("lire"), s.ask(t, h, paul, quiet("lire")), idp.PassiveFailed) // a place must be chosen
}

func (s *story) fresh(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "lire", Fresh: true}
	s.told(t, h, b, Ask{Service: "lire"}, Lea)
	h.Clock.Advance(time.Minute)
	p := s.ask(t, h, b, ask)
	if p.Landing != nil {
		t.Fatal("a proof from before the request was taken")
	}
	if r := s.read(t, h, ask, b.As(p, Lea)); r.Refused != "" {
		t.Errorf("the new proof is refused: %s", r.Refused)
	}
	asked := h.Sources[ENT].Asked()
	if len(asked) != 2 || !asked[1].Fresh {
		t.Errorf("%d challenges, the last fresh: %v; want 2 and yes", len(asked), asked[len(asked)-1].Fresh)
	}
	b, answers := h.Browser(t), h.Protocol.Answers()
	p = b.As(s.ask(t, h, b, ask), Lea, "age", "10m")
	if p.Status < 400 || !p.Offers("back") || h.Protocol.Answers() != answers {
		t.Fatalf("an old proof instead of a new one: status %d at %s", p.Status, p.URL)
	}
	s.wayBack(t, h, b, ask, p, idp.SignInFailed, idp.Denied)
}

func (s *story) ages(t *testing.T) {
	if !s.Ages {
		return // its requests cannot limit an age
	}
	h := s.house(t)
	b := h.Browser(t)
	limit := 5 * time.Minute
	ask := Ask{Service: "lire", MaxAge: &limit}
	s.told(t, h, b, ask, Lea)
	h.Clock.Advance(limit)
	if p := s.ask(t, h, b, ask); p.Landing == nil {
		t.Errorf("a proof that is young enough is not taken: at %s", p.URL)
	}
	h.Clock.Advance(time.Second)
	if p := s.ask(t, h, b, ask); p.Landing != nil {
		t.Error("a proof that is too old is taken")
	}
}

func (s *story) journalFirst(t *testing.T) {
	h := s.house(t)
	seen := -1
	h.Protocol.set(func(p *Witness) { p.before = func() { seen = len(h.Released("lire", audit.Released)) } })
	s.told(t, h, h.Browser(t), Ask{Service: "lire"}, Lea)
	if seen != 1 {
		t.Errorf("%d releases stood in the journal when the answer was made, want 1", seen)
	}
	entries := h.Released("lire", audit.Released)
	first := entries[0]
	if first.Action != "release" || first.Declaration != "d-lire" || first.UAI != string(School) || len(first.Attributes) != 2 {
		t.Errorf("entry %v, attributes %q", first, first.Attributes)
	}
	if s.Later && (len(entries) < 2 || entries[1].Action != "release.later" || entries[1].Ref != first.Ref) {
		t.Errorf("%d entries; the later answer is not among them", len(entries))
	}
}

func (s *story) journalFails(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "lire"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	h.Journal.Fail(errBroken)
	out := b.Submit(p, "inform", 0, "act", "informed")
	fault(t, "the journal fails", out, 503)
	if h.Protocol.Answers() != 0 || h.Receipts.Count() != 0 {
		t.Errorf("%d answers, %d receipts without a journal", h.Protocol.Answers(), h.Receipts.Count())
	}
	h.Journal.Fail(nil)
	s.read(t, h, ask, b.Get(out.URL.String()))
	h.Journal.Fail(errBroken)
	fault(t, "the journal fails with nothing left to ask", s.ask(t, h, b, ask), 503)
}

func (s *story) stale(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "lire"}
	h.Registry.Stale(true)
	fault(t, "stale at the request", s.ask(t, h, b, ask), 503)
	h.Registry.Stale(false)
	p := b.As(s.ask(t, h, b, ask), Lea)
	h.Registry.Stale(true)
	fault(t, "stale at the answer", b.Submit(p, "inform", 0, "act", "informed"), 503)
	if n := h.Protocol.Answers(); n != 0 {
		t.Errorf("%d answers on a stale registry", n)
	}
}

func (s *story) suspendedBetween(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "lire"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	h.Registry.Suspend("lire")
	p = b.Submit(p, "inform", 0, "act", "informed")
	refusedHere(t, h, p, "lire", "declaration_suspended")
	s.wayBack(t, h, b, ask, p, idp.Denied)
}

// movedBetween gives the service's handle to another service while the person reads.
func (s *story) movedBetween(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	p := b.As(s.ask(t, h, b, Ask{Service: "lire"}), Lea)
	h.Registry.Change(func(c *registry.Contents) {
		var moved []registry.Binding
		for i := range c.Services {
			if c.Services[i].ID == "lire" {
				moved, c.Services[i].Bindings = c.Services[i].Bindings, nil
			}
		}
		for i := range c.Services {
			if c.Services[i].ID == "carnet" {
				c.Services[i].Bindings = moved
			}
		}
	})
	p = b.Submit(p, "inform", 0, "act", "informed")
	refusedHere(t, h, p, "lire", "unknown_service")
}

// arrived signs Lea in up to what the browser brings to the service, which has not read it yet.
func (s *story) arrived(t *testing.T, h *House, b *Browser) *Page {
	t.Helper()
	return s.enter(t, h, b, Ask{Service: "lire"}, Lea)
}

// later plays what happens to later answers when something changes: to the first, and to the next after a good one.
func (s *story) later(t *testing.T, change func(*House, *Browser)) {
	t.Helper()
	if !s.Later {
		return // all is said in one answer
	}
	ask := Ask{Service: "lire"}
	h := s.house(t)
	b := h.Browser(t)
	p := s.arrived(t, h, b)
	change(h, b)
	if r := s.read(t, h, ask, p); r.Refused == "" || len(r.Attributes) != 0 || r.Subject != "" {
		t.Errorf("the first later answer says %q of %q", r.Refused, r.Subject)
	}
	if s.Once {
		return
	}
	h = s.house(t)
	b = h.Browser(t)
	good := s.read(t, h, ask, s.arrived(t, h, b))
	if good.Again == nil || good.Refused != "" {
		t.Fatalf("no later answer to play with: %q", good.Refused)
	}
	released(t, "a later answer", good.Again().Attributes, good.Attributes)
	change(h, b)
	if r := good.Again(); r.Refused == "" || len(r.Attributes) != 0 || r.Subject != "" {
		t.Errorf("the next later answer says %q of %q", r.Refused, r.Subject)
	}
}

func (s *story) laterSuspended(t *testing.T) {
	s.later(t, func(h *House, _ *Browser) { h.Registry.Suspend("lire") })
	s.later(t, func(h *House, _ *Browser) { h.Registry.Stale(true) })
	s.later(t, func(h *House, _ *Browser) { // what the person was told no longer holds: a page would be needed
		h.Registry.Change(declaration("lire", func(d *registry.Declaration) { d.Retention.FR = "Dix ans" }))
	})
	s.later(t, func(h *House, _ *Browser) { h.Clock.Advance(2 * time.Hour) })
}

func (s *story) laterSignedOut(t *testing.T) {
	s.later(t, func(_ *House, b *Browser) {
		if p := b.Post("/signout", nil); p.Status != 200 {
			t.Errorf("sign-out: status %d", p.Status)
		}
	})
}

func (s *story) laterJournal(t *testing.T) {
	s.later(t, func(h *House, _ *Browser) { h.Journal.Fail(errBroken) })
}

// zeroLater has the gateway say yes to a later answer with nothing in hand.
func (s *story) zeroLater(t *testing.T) {
	t.Helper()
	s.later(t, func(h *House, _ *Browser) {
		h.Protocol.set(func(p *Witness) {
			p.resume = func(func() (consent.Cleared, error)) (consent.Cleared, error) { return consent.Cleared{}, nil }
		})
	})
}
