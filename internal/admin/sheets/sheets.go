// Package sheets is the desk's pages about services: the list, and one sheet for each with what its head decides there,
// on a phone too: read it, enable, refuse with a reason, suspend; and whoever sees a danger stops it everywhere.
//
// Routes:
//
//	GET   /bureau/services                 the list; ?q= ?etat= ?page=
//	GET   /bureau/services/{id}            the sheet; ?uai= for one of several establishments that one answers for
//	POST  /bureau/services/{id}/decision   what is decided for one establishment
//	POST  /bureau/services/{id}/arret      stops the service everywhere, or starts it again
//
// What may be done is package desk's to say. A sheet tells what the approved declaration says, which is a public register,
// and of establishments only what stands in those that the caller answers for.
package sheets

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const name = "sheets"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const home = frame.Home + "services"

// Config is what the pages are made of. All is required.
type Config struct {
	Words *dictionary.Dictionary // what attributes are called
}

type pages struct{ Config }

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Deciding, Path: home, Key: name + "/title"})
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: home, Handler: f.Page(name, p.list)},
		{Method: http.MethodGet, Pattern: home + "/{id}", Handler: f.Page(name, p.sheet)},
		{Method: http.MethodPost, Pattern: home + "/{id}/decision", Handler: f.Page(name, p.decide)},
		{Method: http.MethodPost, Pattern: home + "/{id}/arret", Handler: f.Page(name, p.stop)},
	} {
		mux.Handle(route)
	}
}
