// Package incidents is the desk on a bad day: one button that stops a service, a source, an establishment, a mandate or
// whoever has a handle; and the records of incidents, with the hours that run, how many people were sent what, whom to warn,
// and what the authority asks.
//
// Routes:
//
//	GET   /bureau/suspendre                      the button, and what is stopped; ?genre=service&id=lire fills it in
//	POST  /bureau/suspendre                      stops
//	POST  /bureau/suspendre/lever                starts again
//	GET   /bureau/incidents                      the records in one's sight
//	GET   /bureau/incidents/nouveau              the form of a new one; ?service=lire fills it in
//	POST  /bureau/incidents                      opens one
//	GET   /bureau/incidents/{ref}                one of them
//	POST  /bureau/incidents/{ref}                writes it anew
//	POST  /bureau/incidents/{ref}/etape          adds what was done
//	POST  /bureau/incidents/{ref}/clore          closes it
//	GET   /bureau/incidents/{ref}/notification   what the authority asks, to print; ?format=md or json to keep
//
// What may be done is package desk's to say, at each act. The pages name nobody.
package incidents

import (
	"embed"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name   = "incidents"
	button = frame.Home + "suspendre"
	list   = frame.Home + "incidents"
)

// Mount adds the routes and the two entries of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: button, Key: name + "/stop.menu", May: stops})
	f.Add(frame.Entry{Task: frame.Doing, Path: list, Key: name + "/list.menu", May: reads})
	for _, r := range []struct {
		method, path string
		do           frame.Handler
	}{
		{"GET", button, showButton},
		{"POST", button, stop},
		{"POST", button + "/lever", start},
		{"GET", list, showList},
		{"POST", list, open},
		{"GET", list + "/nouveau", showNew},
		{"GET", list + "/{ref}", showOne},
		{"POST", list + "/{ref}", revise},
		{"POST", list + "/{ref}/etape", step},
		{"POST", list + "/{ref}/clore", closing},
		{"GET", list + "/{ref}/notification", notification},
	} {
		mux.Handle(web.Route{Method: r.method, Pattern: r.path, Handler: f.Page(name, r.do)})
	}
}

// stops tells whether the visitor holds a role that stops something.
func stops(v *frame.Visit) bool {
	return reads(v) || v.Holds(registry.Provider, registry.Directeur, registry.IEN, registry.Admin, registry.Collectivite)
}

// reads tells whether the visitor holds a role that reads records somewhere.
func reads(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.OnCall, registry.Auditor)
}

// at is the last part of the way to a page.
func at(path, label string) web.Tab { return web.Tab{Label: label, URL: path} }
