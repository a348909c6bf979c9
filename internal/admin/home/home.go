// Package home is where the desk begins: what waits for whoever is there, the oldest first, what ends before long, how the
// gateway is in one line; and the search through services, schools and references.
//
// Routes:
//
//	GET  /bureau/            what waits; ?qualite=dpo shows what waits in one of several capacities
//	GET  /bureau/recherche   ?q=
//
// Choosing a capacity narrows what is shown and nothing else: an act is done in whatever capacity allows it.
package home

import (
	"context"
	"embed"
	"net/http"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/audit"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const name = "home"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const search = frame.Home + "recherche"

// Config is what the pages are made of.
type Config struct {
	Health  func(context.Context) Health // in no more time than a page has; nil says nothing
	Journal audit.Reader                 // where references are looked up
}

// Health is how the gateway is, as far as it knows.
type Health struct {
	Sources, Ready int       // sources of identity that are registered and not suspended, and those of them that are set up
	Metadata       time.Time // when the oldest of others' metadata was confirmed; zero where none is kept
	Missing        int       // sources of metadata that give nothing now
	Verified       time.Time // when the journal's chain was last looked through; zero for never
	Broken         bool      // and it did not hold
}

type pages struct{ Config }

// Mount adds the routes and the first entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.SearchAt(search)
	f.Add(frame.Entry{Task: frame.Doing, Path: frame.Home, Key: name + "/title", May: func(*frame.Visit) bool { return true }})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: frame.Home + "{$}", Handler: f.Page(name, p.todo)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: search, Handler: f.Page(name, p.search)})
}
