// Package portal is the signed-in person's own pages: their services, and their history, which says what was sent of them
// to which service, when, where and under which declaration, by the names of attributes and never a value; and who looked
// at their data at the desk, by function, with the reason that was given.
//
// Routes:
//
//	GET  /                      leads to what they may open, for whoever types the gateway's name
//	GET  /mes-sites             what they may open; ?etablissement=, ?q= and facets, ?eleves= for staff
//	GET  /mes-sites/{service}   what it would receive
//	POST /mes-sites/favoris     marks a service or unmarks it
//	GET  /e/{uai}               where a class poster leads: preselects the school; /e/aucune takes that back
//	GET  /e/{uai}/affiche       the poster
//	GET  /vignettes/{name}      a picture of a service
//	GET  /historique            the newest first; ?avant= goes on
//
// It reads and writes under derivations of the visitor's own keys and under no other. It decides nothing: package policy
// says what is open, and a tile says what it said.
package portal

import (
	"context"
	"embed"
	"errors"
	"io/fs"
	"net/http"
	"strconv"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "portal", Files: files} }

// below is the contribution of a folder of that name, for pages that stand on something of their own.
func below(name string, files embed.FS) web.Contribution {
	inside, err := fs.Sub(files, name)
	if err != nil {
		panic(err) // the folder is part of the program
	}
	return web.Contribution{Name: name, Files: inside}
}

const home = "/historique"

// Visitor finds who is signed in on this browser; ok is false for nobody.
type Visitor func(*http.Request) (who person.Person, around web.Frame, ok bool, err error)

// Keys finds a person's own entries, and opens what only they may read.
type Keys interface {
	// Own lists the handles of every key that means the person, that of today first.
	Own(ctx context.Context, who person.Person) ([]string, error)
	// Sent is under which the journal files what was sent to a service of whoever has a key.
	Sent(handle, service string) string
	// Looked is under which it files who looked at their data.
	Looked(handle string) string
	// Marked is under which a person's favourites are kept.
	Marked(handle string) string
	// Reason opens a reason that was sealed for a subject.
	Reason(subject, hidden string) (string, error)
}

// Config is what the pages are made of. All is required.
type Config struct {
	Kit     *web.Kit
	Live    *registry.Live
	Words   *dictionary.Dictionary
	Events  audit.Reader
	Keys    Keys
	Visitor Visitor
	Now     func() time.Time

	Favourites Favourites
	// About names something in an address without telling it: always the same for the same thing.
	About func(what string) string
	// Foresee says, for one person, what a sign-in at each service would come to.
	Foresee func(ctx context.Context, view *registry.Snapshot, who person.Person) (Would, error)
	// Enter is the address at which nobody becomes somebody, and comes back to one of these pages.
	Enter func(page string) string
	// Preselect remembers a school on this browser for a while, or forgets it; Preselected gives it back.
	Preselect   func(w http.ResponseWriter, uai person.UAI)
	Preselected func(r *http.Request) person.UAI
}

type pages struct {
	Config
	lifts lifts
}

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	p := &pages{Config: c}
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: "/{$}", Handler: p.front},
		{Method: http.MethodGet, Pattern: sites, Handler: p.sites},
		{Method: http.MethodGet, Pattern: sites + "/{service}", Handler: p.sheet},
		{Method: http.MethodPost, Pattern: favour, Handler: p.favour},
		{Method: http.MethodGet, Pattern: "/e/{uai}", Handler: p.preselect},
		{Method: http.MethodGet, Pattern: "/e/{uai}/affiche", Handler: p.poster},
		{Method: http.MethodGet, Pattern: "/vignettes/{name}", Handler: p.picture},
	} {
		mux.Handle(route)
	}
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: home, Handler: p.history})
}

// perPage is how many lines a page shows; all of one instant stay together.
const perPage = 20

type historyPage struct {
	web.Frame
	Known bool // somebody is signed in
	Enter string
	Lines []Line
	Next  string // the address of the page after this one
	First bool
}

func (p *pages) history(w http.ResponseWriter, r *http.Request) error {
	before, err := since(r.URL.Query().Get("avant"))
	if err != nil {
		return web.BadRequest(err)
	}
	who, around, ok, err := p.Visitor(r)
	if err != nil {
		return web.Unavailable(err)
	}
	page := historyPage{Frame: around, Known: ok, Enter: p.Enter("history"), First: before.IsZero()}
	if !ok {
		return p.Kit.Render(w, r, http.StatusOK, "portal/history", page)
	}
	view, err := p.Live.Current()
	if err != nil {
		return web.Unavailable(err)
	}
	reads := reader{Config: p.Config, view: view, who: who, lang: string(p.Kit.Lang(r)), as: p.Kit.Wording(r, around)}
	lines, more, err := reads.lines(r.Context(), who, before)
	if err != nil {
		return web.Unavailable(err)
	}
	if page.Lines = lines; more {
		page.Next = home + "?avant=" + strconv.FormatInt(lines[len(lines)-1].At.UnixMilli(), 10)
	}
	return p.Kit.Render(w, r, http.StatusOK, "portal/history", page)
}

// since reads the place where a page goes on.
func since(text string) (time.Time, error) {
	if text == "" {
		return time.Time{}, nil
	}
	ms, err := strconv.ParseInt(text, 10, 64)
	if err != nil || ms <= 0 {
		return time.Time{}, errors.New("avant: no moment")
	}
	return time.UnixMilli(ms), nil
}

// all gives the entries of one query, as many as a page needs: those of the last instant are complete.
func (r reader) all(ctx context.Context, q audit.Query) ([]audit.Entry, error) {
	q.Limit = audit.DefaultLimit
	page, err := r.Events.List(ctx, q)
	return page.Entries, err
}
