// Package wizard is how a declaration is written at the desk: seven steps, each reachable at any time and saved as a draft,
// with what a pupil will be told and what the machine finds beside what is typed; how a service is connected; and the models
// of the catalogue, whose texts are those of declarations to be.
//
// Routes:
//
//	GET   /bureau/declarations/nouvelle                      what to begin with; a refused tool says so first
//	POST  /bureau/declarations/nouvelle                      begins a draft
//	POST  /bureau/declarations/{id}/{version}/suivante       begins the next version
//	GET   /bureau/declarations/{id}/{version}/etape/{step}   one of the seven steps
//	POST  /bureau/declarations/{id}/{version}/etape/{step}   saves it, or shows what it would come to
//	POST  /bureau/declarations/{id}/{version}/piece          keeps a document and names it in the draft
//	POST  /bureau/declarations/{id}/{version}/soumettre      submits the draft
//	GET   /bureau/services/{id}/technique                    how a service is connected
//	POST  /bureau/services/{id}/technique                    changes that
//	POST  /bureau/services/{id}/technique/atteindre          asks the return addresses whether a server is there
//	GET   /bureau/modeles                                    the models of the catalogue; ?q= ?page=
//	GET   /bureau/modeles/{id}                               one of them: what it declares, what stands on it
//	GET   /bureau/modeles/nouveau                            begins one; ?declaration= from one in force, ?q= looks for it; POST makes it
//	GET   /bureau/modeles/{id}/modifier                      what is said of it beside its text; POST changes that
//	GET   /bureau/modeles/{id}/texte/{step}                  a part of its text, in the words of the seven steps; POST changes it
//	POST  /bureau/modeles/{id}/usage                         puts it out of use, or back, with a reason
//	POST  /bureau/modeles/{id}/avis                          a data-protection officer's opinion on it
//
// What may be done is package desk's to say. Two people who write the same step lose nothing: what the second one typed
// stays on the page, beside what the first one saved.
package wizard

import (
	"context"
	"embed"
	"errors"
	"net/http"
	"strconv"

	"ecluse/internal/admin"
	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/idp"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages parts texts
var files embed.FS

const name = "wizard"

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	drafts   = "/bureau/declarations"
	services = "/bureau/services"
	begin    = drafts + "/nouvelle"
)

// Config is what the pages are made of. All is required.
type Config struct {
	Told      *admin.Simulator // its pages are what a person is told, for a place beside something else
	Personas  admin.Personas
	Protocols map[string]idp.Protocol
	Asks      func(registry.Service) []string                                    // the words that the service's own metadata asks for
	Reach     idp.Reach                                                          // asks one address of a service
	Fetch     func(ctx context.Context, address string) (body []byte, err error) // reads a service's metadata
}

type pages struct{ Config }

// Mount adds the routes, and entries to the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Deciding, Path: begin, Key: name + "/menu", May: drafting})
	const version, connected = drafts + "/{id}/{version}", services + "/{id}/technique"
	page := func(method, pattern string, limit int64, h frame.Handler) {
		mux.Handle(web.Route{Method: method, Pattern: pattern, BodyLimit: limit, Handler: f.Page(name, h)})
	}
	page(http.MethodGet, begin, 0, p.beginning)
	page(http.MethodPost, begin, 0, p.begin)
	page(http.MethodPost, version+"/suivante", 0, p.next)
	page(http.MethodGet, version+"/etape/{step}", 0, p.show)
	page(http.MethodPost, version+"/etape/{step}", 512<<10, p.save)
	page(http.MethodPost, version+"/piece", registry.MaxFile+1<<20, p.attach)
	page(http.MethodPost, version+"/soumettre", 0, p.submit)
	page(http.MethodGet, connected, 0, p.connection)
	page(http.MethodPost, connected, 4<<20, p.connect)
	page(http.MethodPost, connected+"/atteindre", 0, p.reach)
	p.mountModels(f, page)
}

// drafting tells whether somebody holds a role that writes declarations.
func drafting(v *frame.Visit) bool {
	return v.Holds(registry.Provider, registry.HeadOfSchool, registry.Deputy, registry.Assistant, registry.DASEN, registry.Recteur,
		registry.DRANE, registry.Collectivite)
}

// refOf reads which version an address is about.
func refOf(v *frame.Visit) (desk.Ref, error) {
	n, err := strconv.Atoi(v.R.PathValue("version"))
	if err != nil || n < 1 {
		return desk.Ref{}, web.NotFound(errors.New("a version is a number from 1"))
	}
	return desk.Ref{ID: v.R.PathValue("id"), Version: n}, nil
}

// at is the address of a step.
func at(ref desk.Ref, step int) string {
	return drafts + "/" + ref.ID + "/" + strconv.Itoa(ref.Version) + "/etape/" + strconv.Itoa(step)
}

// next begins the version after one that was approved.
func (p *pages) next(w http.ResponseWriter, v *frame.Visit) error {
	d, err := v.Desk.NewVersion(v.Context(), v.Caller, v.R.PathValue("id"))
	if err != nil {
		return err
	}
	return v.Redirect(w, at(desk.Ref{ID: d.ID, Version: d.Version}, 1))
}
