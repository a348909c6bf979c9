package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/admin/access"
	"ecluse/internal/admin/beginnings"
	"ecluse/internal/admin/bulk"
	"ecluse/internal/admin/calendar"
	"ecluse/internal/admin/factors"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/home"
	"ecluse/internal/admin/incidents"
	"ecluse/internal/admin/inquiries"
	"ecluse/internal/admin/journal"
	"ecluse/internal/admin/lists"
	"ecluse/internal/admin/mails"
	"ecluse/internal/admin/numbers"
	"ecluse/internal/admin/offices"
	"ecluse/internal/admin/places"
	"ecluse/internal/admin/requests"
	"ecluse/internal/admin/review"
	"ecluse/internal/admin/rules"
	"ecluse/internal/admin/sheets"
	"ecluse/internal/admin/simulator"
	"ecluse/internal/admin/stats"
	"ecluse/internal/admin/telling"
	"ecluse/internal/admin/wizard"
	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/desk"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/keybook"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/store/memdb"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/web"
)

// bureau is the service that stands for the desk: it comes with the program, so that its declaration may be written.
func bureau() registry.Service {
	return registry.Service{
		ID: registry.Desk, Name: registry.Text{FR: "Bureau", EN: "Desk"}, Provider: "Écluse", Category: "administration",
		Sentence: registry.Text{FR: "L'endroit où l'on décide des services.", EN: "The place where services are decided on."},
		Bindings: []registry.Binding{{Protocol: console.Name, Handle: registry.Desk}},
	}
}

// newConsole is the way in to the desk. The desk itself is set up after the protocols, which it asks about settings.
func (g *gateway) newConsole() (*console.Console, error) {
	return console.New(console.Config{Kit: g.kit, Tickets: g.tickets, Now: g.now, Claim: g.claim})
}

// claim binds an appointment to a handle that was never there before, for whoever has a word and cannot sign in.
func (g *gateway) claim(ctx context.Context, word string) (handle string, until time.Time, err error) {
	handle = "link-" + rand.Text()
	a, err := g.desk.ClaimUnsigned(ctx, handle, word)
	var conflict *desk.Conflict
	if errors.As(err, &conflict) {
		return "", time.Time{}, console.ErrWord
	}
	return handle, a.Until.Ends(g.zone), err
}

// newDesk puts the desk together. A demo marks its decisions as the demo's own.
func (g *gateway) newDesk(protocols map[string]idp.Protocol, extra sides) *desk.Desk {
	return &desk.Desk{
		Store: g.store, Live: g.live, Words: g.words, Now: g.now, Journal: g.journal, Events: g.db.Audit(), Subjects: consent.Trace{Keys: g.ring, Book: g.people()}, Demo: extra.demo,
		Accounts: g.accounts(), Readers: &sqldb.Charters{DB: g.db, Journal: g.journal}, SignOut: g.signOut, Pseudonyms: pseudonyms{g.people(), g.engine},
		Settings: func(s registry.Service) []registry.Finding { return checkBindings(s, protocols, g.words) },
		Asked:    askedBy(protocols, g.words),
		Says:     saidBy(protocols),
		Tells:    tells(protocols), Counter: &sqldb.Incidents{DB: g.db},
		StepUps: stepUps(g.steps, extra), Factors: g.steps, Tally: g.newTally(),
	}
}

// pseudonyms answers matches: the key book says who somebody is, the engine under which numbers services can know them.
type pseudonyms struct {
	*keybook.Book
	*attrs.Engine
}

// deskPages are the pages and texts of the desk.
func deskPages() []web.Contribution {
	return []web.Contribution{
		frame.Pages(),
		home.Pages(),
		sheets.Pages(),
		telling.Pages(),
		access.Pages(),
		incidents.Pages(),
		factors.Pages(),
		simulator.Pages(),
		review.Pages(),
		mails.Pages(),
		journal.Pages(),
		stats.Pages(),
		places.Pages(),
		lists.Pages(),
		numbers.Pages(),
		offices.Pages(),
		rules.Pages(),
		requests.Pages(),
		inquiries.Pages(),
		beginnings.Pages(),
		bulk.Pages(),
		calendar.Pages(),
		wizard.Pages(),
	}
}

// newFrame is what the desk's pages share.
func (g *gateway) newFrame() *frame.Frame {
	return frame.New(frame.Config{
		Kit: g.kit, Desk: g.desk, Live: g.live, Now: g.now, Routes: g.mux.Routes, Enter: console.Home + "entrer", Word: console.Home + "lien",
		Who: func(r *http.Request) (frame.Who, bool, error) {
			s, c, ok, err := g.visitor(r)
			return frame.Who{Caller: c, Until: s.Until}, ok, err
		},
	})
}

// mountDesk adds the desk's pages. Each group has a file bureau_….go and a line here, in the order of the menu.
func (g *gateway) mountDesk() {
	g.frame = g.newFrame()
	g.mountHome()
	g.mountIncidents()
	g.mountSheets()
	access.Mount(g.mux, g.frame, access.Config{Leave: console.Home + "sortir", API: "/api/v1/openapi.yaml"})
	g.mountReview()
	g.mountMails()
	g.mountJournal()
	g.mountPlaces()
	g.mountOffices()
	g.mountRules()
	g.mountRequests()
	g.mountBeginnings()
	g.mountFactors()
}

// Caller is who is signed in at the desk, with the roles that the federation vouched for at the sign-in.
func (g *gateway) Caller(r *http.Request) (roles.Caller, bool, error) {
	_, c, ok, err := g.visitor(r)
	return c, ok, err
}

// visitor fails where sessions or the register cannot be read: that is no session's end.
func (g *gateway) visitor(r *http.Request) (console.Session, roles.Caller, bool, error) {
	s, ok, err := g.console.Session(r)
	if !ok {
		return console.Session{}, roles.Caller{}, false, err
	}
	snapshot, err := g.live.Current()
	if err != nil {
		return console.Session{}, roles.Caller{}, false, err
	}
	held := roles.FromFacts(s.Facts, snapshot, s.At)
	for i := range held {
		held[i].Source = s.Source
	}
	return s, roles.Caller{Handle: s.Handle, Held: held, Session: s.Name}, true, nil
}

// checkingConsole only checks settings: it is mounted nowhere and lets nobody in.
func checkingConsole(kit *web.Kit, now func() time.Time) (*console.Console, error) {
	return console.New(console.Config{
		Kit: kit, Tickets: memdb.New(now), Now: now,
		Claim: func(context.Context, string) (string, time.Time, error) { return "", time.Time{}, console.ErrWord },
	})
}
