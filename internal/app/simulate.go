package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/configs"
	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/simulator"
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/keybook"
	"ecluse/internal/login"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// personas are the simulator's, as they come with the program.
func personas() (admin.Personas, error) {
	data, err := configs.Files.ReadFile("personas.yaml")
	if err != nil {
		return nil, err
	}
	list, problems := admin.ReadPersonas("personas.yaml", data)
	return list, problems.Or()
}

// simulator answers what a sign-in would come to. flow prints the pages; it signs nobody in here.
func (b *base) simulator(protocols map[string]idp.Protocol, flow *login.Flow) *admin.Simulator {
	return &admin.Simulator{
		Engine: b.engine, Now: b.now, Protocols: protocols, Need: need(flow), Serve: b.serves,
		Page: func(s admin.Shown) ([]byte, error) {
			return flow.Print(login.Shown{
				View: s.View, Person: s.Person, Service: s.Service, Release: s.Release, Refused: s.Refused,
				Act: consent.Act(s.Need), Parents: s.Need == parentsFirst, Wording: web.Audience(s.Wording), Lang: web.Lang(s.Lang),
			})
		},
	}
}

// parentsFirst is the word for a release that waits for somebody else's agreement than the person's.
const parentsFirst = "parents_first"

// need is what comes before a first release: what package consent says to somebody who was told nothing yet.
func need(flow *login.Flow) func(person.Person, attrs.Release, time.Time) string {
	return func(p person.Person, r attrs.Release, now time.Time) string {
		var past consent.Versions
		if view, err := flow.Live.Current(); err == nil {
			past = view
		}
		first, err := consent.First(p, r, past, now)
		if errors.Is(err, consent.ErrParents) {
			return parentsFirst
		}
		if err != nil {
			return ""
		}
		return string(first.Act)
	}
}

// numbering asks the key book what a sign-in asks it, and files nothing in it.
func (b *base) numbering() login.Numbering {
	return login.Numbering{People: asked{b.people()}, Engine: b.engine}
}

// asked is the key book for whoever only looks.
type asked struct{ *keybook.Book }

// Know implements login.People.
func (a asked) Know(ctx context.Context, _ string, own person.Key, also ...person.Key) ([]string, error) {
	return a.Known(ctx, own, also...)
}

// longestAsk is how long an explanation waits for the key book.
const longestAsk = 5 * time.Second

func (b *base) serves(p person.Person, grant policy.Grant, request *attrs.Request) error {
	ctx, cancel := context.WithTimeout(context.Background(), longestAsk)
	defer cancel()
	return b.numbering().Serve(ctx, p, grant, request)
}

// looks finds somebody real at one of the sources that are set up.
type looks struct {
	consent.Looks
	live       *registry.Live
	connectors func() map[string]upstream.Connector
	numbering  login.Numbering // what a sign-in asks the key book; asked only
}

// Find implements desk.Looks.
func (l looks) Find(ctx context.Context, source, id string) (person.Person, error) {
	snapshot, err := l.live.Current()
	if err != nil {
		return person.Person{}, err
	}
	return l.in(ctx, snapshot, source, id)
}

func (l looks) in(ctx context.Context, snapshot *registry.Snapshot, source, id string) (person.Person, error) {
	registered, known := snapshot.Source(source)
	finder, finds := l.connectors()[source].(upstream.Finder)
	if !known || !finds {
		return person.Person{}, desk.ErrNobody
	}
	raw, err := finder.Find(ctx, id)
	if err != nil {
		return person.Person{}, errors.Join(desk.ErrNobody, err)
	}
	raw.Authn.Source = source
	who, err := registered.Reading().Resolve(raw)
	if err != nil {
		return person.Person{}, errors.Join(desk.ErrNobody, err)
	}
	err = l.numbering.Know(ctx, source, &who)
	return who, err
}

// mountSimulator adds the desk's simulator and the signed-in person's history, which shows who used it on them.
func (g *gateway) mountSimulator() error {
	all, err := personas()
	if err != nil {
		return fmt.Errorf("personas: %w", err)
	}
	reasons := consent.Looks{Keys: g.ring}
	g.desk.Looks = looks{
		Looks: reasons, live: g.live, connectors: func() map[string]upstream.Connector { return g.flow.Connectors }, numbering: g.numbering(),
	}
	g.frame.Add(frame.Entry{Task: frame.Reading, Path: simulator.Home, Key: "simulator/title"})
	simulator.Mount(g.mux, simulator.Config{
		Kit: g.kit, Desk: g.desk, Simulator: g.base.simulator(g.flow.Protocols, g.flow), Personas: all, Journal: g.db.Audit(), Words: g.words,
		Now: g.now, Enter: console.Home + "entrer", Around: func(r *http.Request) web.Frame { return g.frame.Surround(r, "simulator/title") },
		Visitor: func(r *http.Request) (roles.Caller, bool, error) { return g.Caller(r) },
	})
	g.mountPortal(reasons)
	g.mountData(reasons)
	return nil
}

// histories are the derivations under which a person finds what concerns them.
type histories struct {
	consent.Looks
	keys attrs.Deriver
	book *keybook.Book
}

// Own implements portal.Keys.
func (h histories) Own(ctx context.Context, who person.Person) ([]string, error) {
	return h.book.Handles(ctx, who.Key)
}

// Sent implements portal.Keys.
func (h histories) Sent(handle, service string) string {
	return consent.SubjectOf(h.keys, handle, service)
}

// Looked implements portal.Keys.
func (h histories) Looked(handle string) string { return consent.HistoryOf(h.keys, handle) }
