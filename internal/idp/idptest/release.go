package idptest

import (
	"context"
	"strings"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// values is what a service is to be told.
type values = map[attrs.Name][]string

func (s *story) releases(t *testing.T) {
	h := s.house(t)
	for service, want := range map[string]values{
		"lire":   {"level": {"CE2"}, "classes": {"CE2 B"}},
		"carnet": {person.GivenName: {"Léa"}, person.FamilyName: {"Martin & Cie"}, "mail": {"lea@ecole.example"}, "classes": {"CE2 B"}},
	} {
		got := s.told(t, h, h.Browser(t), Ask{Service: service}, Lea)
		released(t, service, got.Attributes, want)
		if len(got.Subject) != 128 || strings.Trim(got.Subject, "0123456789abcdef") != "" {
			t.Errorf("%s: the subject is %q and no pseudonym", service, got.Subject)
		}
	}
	got := s.told(t, h, h.Browser(t), Ask{Service: "ecrire"}, Lea)
	released(t, "ecrire", got.Attributes, values{"pseudonym": {got.Subject}, "uai": {string(School)}})
	got = s.told(t, h, h.Browser(t), Ask{Service: "lire"}, Nour)
	released(t, "lire", got.Attributes, values{"level": {"4EME"}, "classes": {"4A"}})
}

func (s *story) keepsNames(t *testing.T) {
	h := s.house(t)
	got := s.told(t, h, h.Browser(t), Ask{Service: "naif"}, Lea)
	released(t, "a name declared without a nominative declaration", got.Attributes, values{"level": {"CE2"}})
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Services {
			if c.Services[i].ID == "carnet" {
				c.Services[i].Narrow = registry.Pseudonymous
			}
		}
	})
	got = s.told(t, h, h.Browser(t), Ask{Service: "carnet"}, Lea)
	released(t, "a service narrowed to pseudonyms", got.Attributes, values{"classes": {"CE2 B"}})
}

func (s *story) informs(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "lire"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	if !p.Offers("inform") || p.Landing != nil {
		t.Fatalf("status %d at %s; want the page that informs", p.Status, p.URL)
	}
	for _, said := range []string{"CE2 B", "École des Tilleuls", "Académie de Démo"} {
		if !strings.Contains(p.Text(), said) {
			t.Errorf("the page does not say %q", said)
		}
	}
	if n := h.Protocol.Answers(); n != 0 {
		t.Errorf("%d answers before the person was told", n)
	}
	if again := s.ask(t, h, b, ask); !again.Offers("inform") {
		t.Error("a page that was only looked at counts as read")
	}
	s.read(t, h, ask, b.Submit(p, "inform", 0, "act", "informed"))
	if p := s.ask(t, h, b, ask); p.Landing == nil {
		t.Errorf("the same is told twice, at %s", p.URL)
	}
	other := h.Browser(t)
	if p := other.As(s.ask(t, h, other, ask), Nour); p.Landing != nil {
		t.Error("what one person was told counts for another")
	}
	h.Registry.Change(declaration("lire", func(d *registry.Declaration) {
		d.Retention = registry.Text{FR: "Dix ans"}
	}))
	if p := s.ask(t, h, b, ask); !p.Offers("inform") {
		t.Error("what has changed since is not told")
	}
}

func (s *story) narrows(t *testing.T) {
	if !s.Narrows {
		return // its requests name no attributes: all that is declared is asked for, which "releases" plays
	}
	h := s.house(t)
	for _, c := range []struct {
		ask  Ask
		want values
	}{
		{Ask{Service: "carnet", Only: []attrs.Name{"mail"}}, values{"mail": {"lea@ecole.example"}}},
		{Ask{Service: "carnet", Only: []attrs.Name{}}, values{}},
		{Ask{Service: "lire", Only: []attrs.Name{"level", "mail", person.GivenName, "uai"}}, values{"level": {"CE2"}}},
	} {
		before := len(h.Journal.Entries())
		released(t, c.ask.Service, s.told(t, h, h.Browser(t), c.ask, Lea).Attributes, c.want)
		for _, e := range h.Journal.Entries()[before:] {
			if e.Outcome == audit.Released && len(e.Attributes) != len(c.want) {
				t.Errorf("%s: the journal says that %q left, want only %q", c.ask.Service, e.Attributes, c.want)
			}
		}
	}
}

func (s *story) pseudonyms(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	subject := func(b *Browser, service, who string) Result { return s.told(t, h, b, Ask{Service: service}, who) }
	lire, ecrire, calcul := subject(b, "lire", Lea), subject(b, "ecrire", Lea), subject(b, "calcul", Lea)
	if lire.Subject != ecrire.Subject {
		t.Error("two services of one family know the person by two pseudonyms")
	}
	if lire.Subject == calcul.Subject {
		t.Error("two families know the person by one pseudonym")
	}
	if lire.Session == ecrire.Session || lire.Session == calcul.Session {
		t.Error("two services could join their sessions by the handle")
	}
	if subject(h.Browser(t), "lire", Nour).Subject == lire.Subject {
		t.Error("two people have one pseudonym")
	}
	year := subject(b, "annee", Lea)
	if year.Subject == calcul.Subject {
		t.Error("two families know the person by one pseudonym")
	}
	h.Clock.Advance(340 * 24 * time.Hour)
	if got := subject(h.Browser(t), "lire", Lea); got.Subject != lire.Subject {
		t.Error("the pseudonym changed within a cycle")
	}
	if got := subject(h.Browser(t), "annee", Lea); got.Subject == year.Subject {
		t.Error("the pseudonym of a school year outlives it")
	}
}

func (s *story) valuedSubject(t *testing.T) {
	h := s.house(t)
	got := s.told(t, h, h.Browser(t), Ask{Service: "courrier"}, Lea)
	if got.Subject != "lea@ecole.example" {
		t.Errorf("subject %q, want the declared value", got.Subject)
	}
	b := h.Browser(t)
	ask := Ask{Service: "muet"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	refusedHere(t, h, p, "muet", "attribute_missing")
	s.wayBack(t, h, b, ask, p, idp.Denied)
}

func (s *story) places(t *testing.T) {
	h := s.house(t)
	for n, want := range map[int]string{0: "CE2 B", 1: "4A"} {
		b := h.Browser(t)
		ask := Ask{Service: "lire"}
		p := b.As(s.ask(t, h, b, ask), Paul)
		if _, _, two := p.Filled("place", 1); !two || p.Landing != nil {
			t.Fatalf("status %d at %s; want a choice of two places", p.Status, p.URL)
		}
		p = b.Submit(p, "place", n)
		if p.Offers("inform") {
			p = b.Submit(p, "inform", 0, "act", "informed")
		}
		released(t, "one place", s.read(t, h, ask, p).Attributes, values{"classes": {want}})
		if p := s.ask(t, h, b, ask); !p.Offers("place") {
			t.Error("the choice of a place outlives the sign-in it was made for")
		}
	}
}

func (s *story) agreement(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	ask := Ask{Service: "avis"}
	p := b.As(s.ask(t, h, b, ask), Lea)
	refusedHere(t, h, p, "avis", "parents_first")
	s.wayBack(t, h, b, ask, p, idp.Denied)

	b = h.Browser(t)
	p = b.Submit(b.As(s.ask(t, h, b, ask), Paul), "place", 0)
	if p = b.Submit(p, "inform", 0, "act", "informed"); !p.Offers("inform") {
		t.Fatalf("having been told counts as agreement: at %s", p.URL)
	}
	r := s.read(t, h, ask, b.Submit(p, "inform", 0, "act", "agreed"))
	released(t, "agreed", r.Attributes, values{"classes": {"CE2 B"}})
}

// zero tries to make the protocol answer with nothing in hand, or with what was cleared for another service.
func (s *story) zero(t *testing.T) {
	h := s.house(t)
	b := h.Browser(t)
	var lire idp.Answered
	h.Protocol.set(func(p *Witness) {
		p.swap = func(_ context.Context, r idp.Request, a idp.Answered) (idp.Request, idp.Answered) {
			lire = a
			return r, a
		}
	})
	s.told(t, h, b, Ask{Service: "lire"}, Lea)
	request, err := h.Protocol.Last()
	if err != nil {
		t.Fatal(err)
	}
	for what, a := range map[string]idp.Answered{
		"nothing": {}, "nothing with a right": {Resume: lire.Resume, At: h.Now()},
	} {
		if handoff, _, err := h.Protocol.Protocol.Answer(t.Context(), request, a); err == nil || !handoff.Empty() {
			t.Errorf("answer to %s: error %v, handoff empty %v", what, err, handoff.Empty())
		}
	}
	h.Protocol.set(func(p *Witness) {
		p.swap = func(_ context.Context, r idp.Request, _ idp.Answered) (idp.Request, idp.Answered) { return r, lire }
	})
	p := s.enter(t, h, b, Ask{Service: "calcul"}, Lea)
	fault(t, "what was cleared for another service", p, 500)
	h.Protocol.set(func(p *Witness) {
		p.swap = func(_ context.Context, r idp.Request, _ idp.Answered) (idp.Request, idp.Answered) {
			return r, idp.Answered{Resume: "x"}
		}
	})
	fault(t, "a zero Cleared", s.enter(t, h, b, Ask{Service: "ecrire"}, Lea), 500)
	s.zeroLater(t)
}
