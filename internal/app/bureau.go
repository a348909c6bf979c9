package app

import (
	"context"
	"crypto/rand"
	"errors"
	"net/http"
	"time"

	"ecluse/internal/admin/access"
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

// newDesk puts the desk together. demo marks its decisions as the demo's own.
func (g *gateway) newDesk(protocols map[string]idp.Protocol, demo bool) *desk.Desk {
	return &desk.Desk{
		Store: g.store, Live: g.live, Words: g.words, Now: g.now, Journal: g.journal, Events: g.db.Audit(), Subjects: consent.Trace{Keys: g.ring, Book: g.people()}, Demo: demo,
		Accounts: g.accounts(), Readers: &sqldb.Charters{DB: g.db, Journal: g.journal}, SignOut: g.signOut, Pseudonyms: pseudonyms{g.people(), g.engine},
		Settings: func(s registry.Service) []registry.Finding { return checkBindings(s, protocols, g.words) },
		Asked:    askedBy(protocols, g.words),
		Says:     saidBy(protocols),
	}
}

// pseudonyms answers matches: the key book says who somebody is, the engine under which numbers services can know them.
type pseudonyms struct {
	*keybook.Book
	*attrs.Engine
}

// mountDesk adds the desk's pages.
func (g *gateway) mountDesk() {
	access.Mount(g.mux, access.Config{
		Kit: g.kit, Desk: g.desk, Live: g.live, Now: g.now,
		Enter: console.Home + "entrer", Leave: console.Home + "sortir", Word: console.Home + "lien", API: "/api/v1/openapi.yaml",
		Visitor: func(r *http.Request) (access.Visitor, bool) {
			s, c, ok := g.visitor(r)
			return access.Visitor{Caller: c, Until: s.Until}, ok
		},
	})
}

// Caller is who is signed in at the desk, with the roles that the federation vouched for at the sign-in.
func (g *gateway) Caller(r *http.Request) (roles.Caller, bool) {
	_, c, ok := g.visitor(r)
	return c, ok
}

func (g *gateway) visitor(r *http.Request) (console.Session, roles.Caller, bool) {
	s, ok := g.console.Session(r)
	if !ok {
		return console.Session{}, roles.Caller{}, false
	}
	snapshot, err := g.live.Current()
	if err != nil {
		return console.Session{}, roles.Caller{}, false
	}
	held := roles.FromFacts(s.Facts, snapshot, s.At)
	for i := range held {
		held[i].Source = s.Source
	}
	return s, roles.Caller{Handle: s.Handle, Held: held}, true
}

// checkingConsole only checks settings: it is mounted nowhere and lets nobody in.
func checkingConsole(kit *web.Kit, now func() time.Time) (*console.Console, error) {
	return console.New(console.Config{
		Kit: kit, Tickets: memdb.New(now), Now: now,
		Claim: func(context.Context, string) (string, time.Time, error) { return "", time.Time{}, console.ErrWord },
	})
}
