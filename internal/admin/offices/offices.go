// Package offices is the desk's pages about who may do what: appointments by hand, with the person who proposes one and the
// other who confirms it, and the delegations under which somebody signs for the head of an establishment.
//
// Routes:
//
//	GET   /bureau/mandats                  what is in one's sight; ?q= ?etat= ?page=
//	GET   /bureau/mandats/nouveau          the form of an appointment
//	POST  /bureau/mandats/nouveau          proposes it, and shows its one-time word once
//	GET   /bureau/mandats/{id}             one appointment
//	POST  /bureau/mandats/{id}/decision    confirms it or withdraws it
//	GET   /bureau/delegations              the delegations
//	GET   /bureau/delegations/nouvelle     the form of one
//	POST  /bureau/delegations/nouvelle     registers it
//	GET   /bureau/delegations/{id}         one, with its dates
//	POST  /bureau/delegations/{id}         changes its dates: its last day withdraws it
//
// The pages name nobody: a function, what it is held over, and whether somebody claimed it.
package offices

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name        = "offices"
	mandates    = frame.Home + "mandats"
	delegations = frame.Home + "delegations"
	perPage     = 50
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes and the entries of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Keeping, Path: mandates, Key: name + "/title"})
	f.Add(frame.Entry{Task: frame.Keeping, Path: delegations, Key: name + "/delegation.title", May: sees})
	for _, route := range []struct {
		method, path string
		h            frame.Handler
	}{
		{http.MethodGet, mandates, list},
		{http.MethodGet, mandates + "/nouveau", begin},
		{http.MethodPost, mandates + "/nouveau", propose},
		{http.MethodGet, mandates + "/{id}", one},
		{http.MethodPost, mandates + "/{id}/decision", decide},
		{http.MethodGet, delegations, listDelegations},
		{http.MethodGet, delegations + "/nouvelle", beginDelegation},
		{http.MethodPost, delegations + "/nouvelle", delegate},
		{http.MethodGet, delegations + "/{id}", oneDelegation},
		{http.MethodPost, delegations + "/{id}", redate},
	} {
		mux.Handle(web.Route{Method: route.method, Pattern: route.path, Handler: f.Page(name, route.h)})
	}
}
