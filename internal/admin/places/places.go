// Package places is the desk's pages about where people come from: establishments, with who answers there and what is open
// on which basis, and the identity sources that vouch for them.
//
// Routes:
//
//	GET   /bureau/etablissements          the list; ?q= ?type= ?ou= (a department or a town) ?page=
//	GET   /bureau/etablissements/{uai}    one of them
//	GET   /bureau/etablissements/nouveau  the form of one that is not registered yet; POST registers it
//	GET   /bureau/etablissements/{uai}/modifier  the form of one; POST changes it
//	GET   /bureau/sources                 the sources
//	GET   /bureau/sources/{id}            one of them; ?essai=1 asks it whether it can be used now
//	GET   /bureau/sources/{id}/jetons     the tokens of a source; POST makes one and shows its secret, once; POST …/fin ends one
//	GET   /bureau/services/{id}/jetons    the same of a service's integrators
//	POST  /bureau/sources/{id}/decision   approves or refuses what was declared about it
//
// They tell functions and never names. What is whose to see, package desk says.
package places

import (
	"context"
	"embed"
	"net/http"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name     = "places"
	schools  = frame.Home + "etablissements"
	begin    = schools + "/nouveau"
	lists    = schools + "/importer"
	sources  = frame.Home + "sources"
	services = frame.Home + "services"
	perPage  = 50
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Config is what the pages ask of the gateway. Each may be nil and then says nothing.
type Config struct {
	Ready func(source string) bool                                                 // whether this process has the source connected
	Seen  func(ctx context.Context, source string) (time.Time, error)              // the last sign-in by it; zero for none of late
	Probe func(ctx context.Context, source string) (_ []registry.Finding, ok bool) // asks the source itself; false where it is not connected
	// Mailbox is where mails to a school go, empty where they go nowhere, and the file that fixes it, where one does.
	Mailbox func(registry.Establishment) (address, file string)
}

type pages struct{ Config }

// Mount adds the routes and the entries of the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Reading, Path: schools, Key: name + "/schools.title"})
	f.Add(frame.Entry{Task: frame.Keeping, Path: sources, Key: name + "/sources.title"})
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: schools, Handler: f.Page(name, p.schools)},
		{Method: http.MethodGet, Pattern: schools + "/{uai}", Handler: f.Page(name, p.school)},
		{Method: http.MethodGet, Pattern: begin, Handler: f.Page(name, p.beginSchool)},
		{Method: http.MethodPost, Pattern: begin, Handler: f.Page(name, p.createSchool)},
		{Method: http.MethodGet, Pattern: schools + "/{uai}/modifier", Handler: f.Page(name, p.editSchool)},
		{Method: http.MethodPost, Pattern: schools + "/{uai}/modifier", Handler: f.Page(name, p.changeSchool)},
		{Method: http.MethodGet, Pattern: sources, Handler: f.Page(name, p.sources)},
		{Method: http.MethodGet, Pattern: sources + "/{id}", Handler: f.Page(name, p.source)},
		{Method: http.MethodGet, Pattern: sources + "/{id}/jetons", Handler: f.Page(name, tokens(ofSource))},
		{Method: http.MethodPost, Pattern: sources + "/{id}/jetons", Handler: f.Page(name, makeToken(ofSource))},
		{Method: http.MethodPost, Pattern: sources + "/{id}/jetons/fin", Handler: f.Page(name, endToken(ofSource))},
		{Method: http.MethodGet, Pattern: services + "/{id}/jetons", Handler: f.Page(name, tokens(ofService))},
		{Method: http.MethodPost, Pattern: services + "/{id}/jetons", Handler: f.Page(name, makeToken(ofService))},
		{Method: http.MethodPost, Pattern: services + "/{id}/jetons/fin", Handler: f.Page(name, endToken(ofService))},
		{Method: http.MethodPost, Pattern: sources + "/{id}/decision", Handler: f.Page(name, p.decide)},
	} {
		mux.Handle(route)
	}
}
