// Package review is where declarations are examined: the queue of what waits for somebody, and the page of one version with
// what it changes, what the machine found, whom it reaches, what was said about it field by field, and the decision.
//
// Routes:
//
//	GET   /bureau/file                                        the queue: the highest stakes first; requests of one school as one
//	POST  /bureau/file/demande                                takes up or declines what staff ask for
//	GET   /bureau/declarations/{id}/{version}                 one version
//	POST  /bureau/declarations/{id}/{version}/prendre         begins its review
//	POST  /bureau/declarations/{id}/{version}/commentaire     says something about a field
//	POST  /bureau/declarations/{id}/{version}/avis            the opinion of a data-protection officer
//	POST  /bureau/declarations/{id}/{version}/correction      sends it back to its author, with remarks
//	POST  /bureau/declarations/{id}/{version}/approbation     approves it
//	POST  /bureau/declarations/{id}/{version}/refus           refuses it, with a reason
//
// The pages work without script. They name nobody: a decision is a function's. What may be done is package desk's to say.
package review

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

const (
	name = "review"

	// Queue is where the queue stands.
	Queue = frame.Home + "file"

	versions = frame.Home + "declarations"
	one      = versions + "/{id}/{version}"
	body     = 64 << 10
)

// Config is what the pages link to besides the desk's own. Documents is the address below which papers are kept.
type Config struct{ Documents string }

type pages struct{ Config }

// Mount adds the routes, and the queue to the menu of everybody who may have something in it.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Deciding, Path: Queue, Key: name + "/queue.menu", May: queues})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: Queue, Handler: f.Page(name, p.queue)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: Queue + "/demande", BodyLimit: body, Handler: f.Page(name, p.answer)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: one, Handler: f.Page(name, p.version)})
	for _, step := range steps() {
		mux.Handle(web.Route{Method: http.MethodPost, Pattern: one + "/" + step.word, BodyLimit: body, Handler: f.Page(name, p.posted(step))})
	}
}

// queues tells whether somebody may have something in the queue: whoever reads drafts somewhere, and staff, who see what
// they asked for.
func queues(v *frame.Visit) bool {
	return v.Holds(
		registry.Provider, registry.Staff, registry.Directeur, registry.IEN, registry.HeadOfSchool, registry.Deputy, registry.Assistant,
		registry.DASEN, registry.Recteur, registry.DRANE, registry.DPO, registry.Collectivite, registry.Auditor,
	)
}

// step is an act about a version, under the word that its address ends with.
type step struct {
	word string
	do   func(*frame.Visit, desk.Move, frame.Form) error
}

// steps lists the acts of the page. A version that somebody has changed since it was read is not decided on.
func steps() []step {
	return []step{
		{"prendre", func(v *frame.Visit, m desk.Move, _ frame.Form) error {
			return second(v.Desk.Take(v.Context(), v.Caller, m))
		}},
		{"commentaire", comment},
		{"avis", func(v *frame.Visit, m desk.Move, f frame.Form) error {
			return second(v.Desk.Opine(v.Context(), v.Caller, m, registry.Verdict(f.Get("avis"))))
		}},
		{"correction", correct},
		{"approbation", func(v *frame.Visit, m desk.Move, _ frame.Form) error {
			return second(v.Desk.Approve(v.Context(), v.Caller, m))
		}},
		{"refus", func(v *frame.Visit, m desk.Move, _ frame.Form) error {
			return second(v.Desk.Refuse(v.Context(), v.Caller, m))
		}},
	}
}

func second[T any](_ T, err error) error { return err }

// of is the target of an act about a version.
func of(d registry.Declaration) roles.Target {
	return roles.Target{Service: d.ServiceID, Declaration: &d}
}
