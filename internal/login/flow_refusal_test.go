package login_test

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/idp"
	"ecluse/internal/idp/idptest"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
)

// leadsOn makes sure that a page of ours has a way on that stays with what is registered.
func leadsOn(t testing.TB, what string, p *idptest.Page) {
	t.Helper()
	_, body, _ := strings.Cut(p.Body, "<header")
	ways := []string{`action="/flow/`, `href="https://ent.example/"`, `href="https://ecole.example/"`, `href="/go/`, `href="/mes-sites"`}
	if !slices.ContainsFunc(ways, func(way string) bool { return strings.Contains(body, way) }) {
		t.Errorf("%s: the page leads nowhere: %s", what, p.Text())
	}
	if strings.Contains(p.Body, `="https://evil.example`) {
		t.Errorf("%s: the page leads to an address that nobody registered", what)
	}
}

// TestTheReferenceOfEveryRefusalIsTheJournals shows a page for each way of being refused: its reference finds the entry,
// and the page leads on.
func TestTheReferenceOfEveryRefusalIsTheJournals(t *testing.T) {
	t.Parallel()
	type house struct {
		*idptest.House
		b *idptest.Browser
	}
	open := func(h house, service string, how ...func(*idp.Request)) *idptest.Page {
		return h.b.Open(byGet(t, request(service, how...)))
	}
	as := func(who string, service string) func(house) *idptest.Page {
		return func(h house) *idptest.Page { return through(t, h.b, h.b.As(open(h, service), who)) }
	}
	changed := func(how func(*registry.Contents), then func(house) *idptest.Page) func(house) *idptest.Page {
		return func(h house) *idptest.Page {
			h.Registry.Change(how)
			return then(h)
		}
	}
	for reason, play := range map[string]func(house) *idptest.Page{
		"declaration_suspended": func(h house) *idptest.Page { return open(h, "ferme") },
		"no_declaration":        func(h house) *idptest.Page { return open(h, "muette") },
		"unknown_source":        func(h house) *idptest.Page { return open(h, "lire", fromSource("nothing")) },
		"unknown_establishment": func(h house) *idptest.Page { return open(h, "lire", atSchool("9999999Z")) },
		"unknown_service":       func(h house) *idptest.Page { return open(h, "nobody") },
		"not_for_profile":       as(idptest.Lea, "adultes"),
		"incomplete_identity":   as(idptest.Blank, "lire"),
		"attribute_missing":     as(idptest.Zoe, "courrier"),
		"parents_first":         as(idptest.Lea, "avis"),
		"service_suspended": changed(func(c *registry.Contents) { c.Services[0].Suspended = true }, func(h house) *idptest.Page {
			return open(h, "lire")
		}),
		"no_source": changed(func(c *registry.Contents) {
			for i := range c.Sources {
				c.Sources[i].Suspended = true
			}
		}, func(h house) *idptest.Page { return open(h, "lire") }),
		"refused_by_person": func(h house) *idptest.Page {
			return h.b.Submit(h.b.As(open(h, "lire"), idptest.Lea), "inform", 0, "act", "refused")
		},
		"stale_sign_in": func(h house) *idptest.Page { return h.b.As(open(h, "lire", fresh), idptest.Lea, "age", "1h") },
		"no_start_address": changed(func(c *registry.Contents) { c.Services[0].Start = "" }, func(h house) *idptest.Page {
			return h.b.Get("/go/lire?source=ent")
		}),
		"unknown_return_address": func(h house) *idptest.Page { return h.b.Get("/go/lire?source=ent&return=https://evil.example/") },
	} {
		h := newHouse(t, nil)
		h.Flow.Home = "/mes-sites"
		p := play(house{h, h.Browser(t)})
		refused(t, h, reason, p, reason)
		entries := h.Journal.Entries()
		if ref := p.Ref(); ref == "" || entries[len(entries)-1].Ref != ref {
			t.Errorf("%s: the page shows %q, the journal has %q", reason, ref, entries[len(entries)-1].Ref)
		}
		leadsOn(t, reason, p)
	}
}

// TestTheWorstPagesNeedNoStore looks at the pages of a gateway that has lost its register, its store, or its temper: they
// have a reference, speak as the school of the tile does, and lead back to the ENT.
func TestTheWorstPagesNeedNoStore(t *testing.T) {
	t.Parallel()
	for name, breaks := range map[string]func(*idptest.House, *temper){
		"the register": func(h *idptest.House, _ *temper) { h.Registry.Stale(true) },
		"the store":    func(_ *idptest.House, s *temper) { s.is("down") },
		"both": func(h *idptest.House, s *temper) {
			h.Registry.Stale(true)
			s.is("down")
		},
		"a slow store": func(_ *idptest.House, s *temper) { s.is("slow") },
		"a panic":      func(_ *idptest.House, s *temper) { s.is("panicking") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var s *temper
			h := newHouse(t, func(inner store.Tickets) store.Tickets {
				s = &temper{Tickets: inner}
				return s
			})
			b := h.Browser(t)
			b.Get("/go/lire?source=ent&uai=" + string(idptest.School))
			b.Open(byGet(t, request("lire")))
			breaks(h, s)
			p := b.Open(byGet(t, request("lire")))
			if p.Status < 500 || p.Landing != nil || p.Ref() == "" {
				t.Fatalf("status %d, landing %+v: %s", p.Status, p.Landing, p.Text())
			}
			leadsOn(t, name, p)
			if !strings.Contains(p.Body, `data-audience="enfant"`) {
				t.Errorf("a child of an école reads: %s", p.Text())
			}
			if h.Protocol.Answers() != 0 {
				t.Error("something left")
			}
		})
	}
}

func TestTheCookieOfTheWayBackLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	for _, planted := range []string{
		"https://evil.example/", "nothing//0", "/9999999Z/0", "ent//9", "ent//-1", "ent//x", "ent/", "///", strings.Repeat("x", 4000),
	} {
		b := h.Browser(t)
		b.Plant("from", planted)
		p := b.Get("/flow/nothing")
		page(t, planted[:min(20, len(planted))], p, http.StatusGone)
		if strings.Contains(p.Body, "evil.example") {
			t.Errorf("%s: the page leads there", planted)
		}
	}
	b := h.Browser(t)
	b.Plant("from", "ent//0")
	leadsOn(t, "the registered one", b.Get("/flow/nothing"))
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("lire"))), idptest.Lea)), "lire")
	b.Post("/signout", nil)
	if b.Cookie("from") != "" {
		t.Error("after the sign-out the browser still says where somebody came from")
	}
}

// temper is a store in a bad mood.
type temper struct {
	store.Tickets
	mood string
}

func (s *temper) is(mood string) { s.mood = mood }

func (s *temper) Put(ctx context.Context, t store.Ticket) error {
	if err := s.show(ctx, true); err != nil {
		return err
	}
	return s.Tickets.Put(ctx, t)
}

func (s *temper) Write(ctx context.Context, ops ...store.Op) error {
	if err := s.show(ctx, true); err != nil {
		return err
	}
	return s.Tickets.Write(ctx, ops...)
}

func (s *temper) Take(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if err := s.show(ctx, true); err != nil {
		return store.Ticket{}, err
	}
	return s.Tickets.Take(ctx, kind, name)
}

func (s *temper) Get(ctx context.Context, kind store.Kind, name string) (store.Ticket, error) {
	if err := s.show(ctx, false); err != nil {
		return store.Ticket{}, err
	}
	return s.Tickets.Get(ctx, kind, name)
}

func (s *temper) show(ctx context.Context, writes bool) error {
	switch {
	case s.mood == "down", s.mood == "slow" && writes:
		return errors.New("the store is down")
	case s.mood == "slow":
		<-ctx.Done()
		return ctx.Err()
	case s.mood == "panicking" && writes:
		panic("for the test")
	}
	return nil
}

func category(h *idptest.House, name string, services ...string) {
	h.Registry.Change(func(c *registry.Contents) {
		for i := range c.Services {
			if slices.Contains(services, c.Services[i].ID) {
				c.Services[i].Category = name
			}
		}
	})
}

func TestAlternativesAreThoseOpenToThisPerson(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	category(h, "lecture", "lire", "adultes", "calcul", "ferme", "muette", "courrier")
	b := h.Browser(t)
	p := b.Open(byGet(t, request("muette")))
	refused(t, h, "before the sign-in", p, "no_declaration")
	for _, open := range []string{"lire", "adultes", "calcul", "courrier"} { // all that is open for a whole academy
		if !strings.Contains(p.Body, `href="/go/`+open+`"`) {
			t.Errorf("before the sign-in %s is not offered: %s", open, p.Text())
		}
	}
	if strings.Contains(p.Body, `href="/go/ferme"`) || !strings.Contains(p.Text(), "les élèves, les enseignants") {
		t.Errorf("what is closed is offered, or for whom the rest is, is not said: %s", p.Text())
	}
	b = signedIn(t, h, idptest.Lea)
	p = b.Open(byGet(t, request("muette")))
	for service, offered := range map[string]bool{"lire": true, "calcul": true, "adultes": false, "ferme": false, "courrier": true} {
		if got := strings.Contains(p.Body, `href="/go/`+service+`"`); got != offered {
			t.Errorf("Léa is offered %s: %v, want %v", service, got, offered)
		}
	}
	b = signedIn(t, h, idptest.Paul)
	if p = b.Open(byGet(t, request("muette"))); !strings.Contains(p.Body, `href="/go/adultes"`) {
		t.Errorf("a teacher is not offered what is for teachers: %s", p.Text())
	}
}

func TestAServiceOfAnotherSchoolIsNoAlternative(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	category(h, "lecture", "lire", "muette")
	h.Registry.Change(func(c *registry.Contents) { // lire is the collège's own now
		for i := range c.Declarations {
			if c.Declarations[i].ServiceID == "lire" {
				c.Declarations[i].Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{idptest.College}}
				c.Enablings = append(c.Enablings, registry.Enabling{
					Service: "lire", UAI: idptest.College, Declaration: "d-lire", Version: 1, State: registry.Enabled,
				})
			}
		}
	})
	for _, who := range []string{"", idptest.Lea} {
		b := h.Browser(t)
		if who != "" {
			yes(t, through(t, b, b.As(b.Open(byGet(t, request("calcul"))), who)), "calcul")
		}
		if p := b.Open(byGet(t, request("muette"))); strings.Contains(p.Body, "/go/lire") || strings.Contains(p.Body, "Service lire") {
			t.Errorf("%q learns that another school has it: %s", who, p.Text())
		}
	}
	b := h.Browser(t)
	yes(t, through(t, b, b.As(b.Open(byGet(t, request("calcul"))), idptest.Nour)), "calcul")
	if p := b.Open(byGet(t, request("muette"))); !strings.Contains(p.Body, "/go/lire") {
		t.Errorf("what is open at one's own school is not offered: %s", p.Text())
	}
}

// TestHardCase37WhoObjectedIsToldWhatThereIsInsteadAndOthersNothing looks at the refusal after an objection was accepted:
// the person reads what they may do instead and whom to see, in their own words; a classmate sees an open service, and the
// service that is told no is told nothing more.
func TestHardCase37WhoObjectedIsToldWhatThereIsInsteadAndOthersNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Lea)
	of := person.Key{Authority: "academie", ID: "ACADEMIE$1001"}.Handle(h.Ring)
	doors := h.Flow.Doors()
	if err := doors.Shut(t.Context(), []string{of}, "lire", idptest.School, registry.Text{FR: "Le livre de la classe, avec ta maîtresse."}); err != nil {
		t.Fatal(err)
	}
	p := b.Open(byGet(t, request("lire")))
	refused(t, h, "Léa", p, "closed_for_you")
	for _, want := range []string{"Le livre de la classe, avec ta maîtresse.", "maîtresse ou à ton maître", p.Ref()} {
		if !strings.Contains(p.Text(), want) {
			t.Errorf("the page lacks %q: %s", want, p.Text())
		}
	}
	for _, never := range []string{"opposition", "objection", "demandé"} {
		if strings.Contains(p.Text(), never) {
			t.Errorf("the page says %q on a screen that others see: %s", never, p.Text())
		}
	}
	leadsOn(t, "Léa", p)
	no(t, b.Submit(p, "back", 0), "lire", idp.Denied)
	yes(t, through(t, b, b.Open(byGet(t, request("calcul")))), "calcul")
	signedIn(t, h, idptest.Nour)
	if err := doors.Open(t.Context(), []string{of}, "lire", idptest.School); err != nil {
		t.Fatal(err)
	}
	yes(t, through(t, b, b.Open(byGet(t, request("lire")))), "lire")
}

// askedFor remembers what staff asked for.
type askedFor struct {
	wishes []string
	err    error
}

func (a *askedFor) Wish(_ context.Context, who person.Person, uai person.UAI, about, reason string) error {
	if a.err != nil {
		return a.err
	}
	a.wishes = append(a.wishes, who.First(person.GivenName)+" "+string(uai)+" "+about+": "+reason)
	return nil
}

var _ login.Wishes = (*askedFor)(nil)

// proof finds the hidden field of the page that asks.
func proof(t testing.TB, p *idptest.Page) string {
	t.Helper()
	_, rest, ok := strings.Cut(p.Body, `name="proof" value="`)
	value, _, _ := strings.Cut(rest, `"`)
	if !ok {
		t.Fatalf("no form to ask with, status %d: %s", p.Status, p.Text())
	}
	return value
}

func TestStaffAskForWhatWasRefusedAndNothingOpens(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	a := &askedFor{}
	h.Flow.Wishes = a
	b := signedIn(t, h, idptest.Paul)
	p := b.Open(byGet(t, request("muette")))
	refused(t, h, "a teacher", p, "no_declaration")
	if !strings.Contains(p.Body, `href="/demander/muette"`) {
		t.Fatalf("no request is offered: %s", p.Text())
	}
	form := b.Get("/demander/muette")
	page(t, "the request", form, http.StatusOK)
	for _, want := range []string{"Service muette", "École des Tilleuls", "Collège Jean-Moulin", "CE2 B"} {
		if !strings.Contains(form.Body, want) {
			t.Errorf("the request is not filled in with %q: %s", want, form.Text())
		}
	}
	fields := func(uai person.UAI, reason string) url.Values {
		return url.Values{"proof": {proof(t, form)}, "uai": {string(uai)}, "reason": {reason}}
	}
	page(t, "without a reason", b.Post("/demander/muette", fields(idptest.College, "  ")), http.StatusUnprocessableEntity)
	page(t, "with a book", b.Post("/demander/muette", fields(idptest.College, strings.Repeat("x", 1001))), http.StatusUnprocessableEntity)
	page(t, "elsewhere", b.Post("/demander/muette", fields(idptest.Closed, "pour lire")), http.StatusBadRequest)
	page(t, "without the proof", b.Post("/demander/muette", url.Values{"uai": {string(idptest.College)}, "reason": {"x"}}), http.StatusBadRequest)
	page(t, "for another service", b.Post("/demander/ferme", fields(idptest.College, "x")), http.StatusNotFound)
	for range 2 {
		thanks := b.Post("/demander/muette", fields(idptest.College, " pour lire "))
		page(t, "thanks", thanks, http.StatusOK)
		if !strings.Contains(thanks.Text(), "Merci") || !strings.Contains(thanks.Text(), "Collège Jean-Moulin") {
			t.Errorf("no thanks: %s", thanks.Text())
		}
	}
	if want := "Paul " + string(idptest.College) + " Service muette: pour lire"; len(a.wishes) != 2 || a.wishes[0] != want {
		t.Errorf("asked %q", a.wishes)
	}
	refused(t, h, "afterwards", b.Open(byGet(t, request("muette"))), "no_declaration")
	a.err = login.ErrMayNot
	page(t, "who may not", b.Post("/demander/muette", fields(idptest.College, "x")), http.StatusForbidden)
	a.err = errBroken
	page(t, "a desk that is down", b.Post("/demander/muette", fields(idptest.College, "x")), http.StatusServiceUnavailable)
}

func TestNobodyButStaffSeesOrSendsARequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	a := &askedFor{}
	h.Flow.Wishes = a
	for _, b := range []*idptest.Browser{h.Browser(t), signedIn(t, h, idptest.Lea), signedIn(t, h, idptest.Nour)} {
		p := b.Open(byGet(t, request("muette")))
		if strings.Contains(p.Body, "/demander/") {
			t.Errorf("a request is offered: %s", p.Text())
		}
		page(t, "the form", b.Get("/demander/muette"), http.StatusForbidden)
		page(t, "a service that nobody knows", b.Get("/demander/nobody"), http.StatusForbidden)
		page(t, "the post", b.Post("/demander/muette", url.Values{"uai": {string(idptest.College)}, "reason": {"x"}, "proof": {"x"}}), http.StatusForbidden)
	}
	teacher := signedIn(t, h, idptest.Paul)
	for service, status := range map[string]int{"lire": http.StatusNotFound, "nobody": http.StatusNotFound, "ferme": http.StatusNotFound} {
		page(t, service, teacher.Get("/demander/"+service), status)
	}
	h.Registry.Change(func(c *registry.Contents) {
		c.Assessments = append(c.Assessments, registry.Assessed{
			ID: "x", Name: registry.Text{FR: "Service muette"},
			Alternatives: []registry.Alternative{{Name: "Visio de l'État", Audience: registry.Text{FR: "le personnel"}, Use: registry.Text{FR: "Des réunions."}}},
		})
	})
	p := teacher.Open(byGet(t, request("muette")))
	if strings.Contains(p.Body, "/demander/") || !strings.Contains(p.Text(), "Des réunions.") || !strings.Contains(p.Text(), "le personnel") {
		t.Errorf("a tool that was refused after an assessment: %s", p.Text())
	}
	page(t, "asking for it", teacher.Get("/demander/muette"), http.StatusNotFound)
	h.Flow.Wishes = nil
	page(t, "where nobody takes requests", teacher.Get("/demander/muette"), http.StatusForbidden)
	if len(a.wishes) != 0 {
		t.Errorf("asked %q", a.wishes)
	}
}

func TestSignOutTellsOneTruthForEachService(t *testing.T) {
	t.Parallel()
	h := newHouse(t, nil)
	b := signedIn(t, h, idptest.Paul)
	h.Clock.Advance(time.Second)
	yes(t, through(t, b, b.Open(byGet(t, request("calcul")))), "calcul")
	h.Registry.Stale(true) // the register cannot be read, and what stays open is told by its name all the same
	p := b.Post("/signout", nil)
	page(t, "sign-out", p, http.StatusOK)
	for _, service := range []string{"Service lire", "Service calcul"} {
		if n := strings.Count(p.Body, service); n != 1 {
			t.Errorf("%s stands %d times on the page: %s", service, n, p.Text())
		}
	}
}
