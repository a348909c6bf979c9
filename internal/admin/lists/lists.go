// Package lists is the desk's pages on which a whole list is read at once: the ministry's list of schools, and how many
// pupils are in each class. A list is shown before it is carried out: what it would change, and every row that cannot be
// taken, with its line. It is carried out whole or not at all, and only as it was shown.
//
// Routes:
//
//	GET   /bureau/etablissements/importer            the form
//	POST  /bureau/etablissements/importer/apercu     what a list would change
//	POST  /bureau/etablissements/importer/confirmer  carries it out, if it would still change just that
//
// Between the two, the list is in the browser's form and nowhere here. Who imports, package desk says.
package lists

import (
	"embed"
	"net/http"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/registry/headcounts"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name    = "lists"
	schools = frame.Home + "etablissements"
	home    = schools + "/importer"
)

// What a list may weigh. The whole country's list of schools is about 40 MB, and a sixth of that packed.
const (
	mostRead   = 64 << 20
	mostPacked = 16 << 20
	mostSent   = mostRead + 1<<20
	mostShown  = 200 // rows of a table on the page; the mistakes are all shown as far as five times that
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes.
func Mount(mux *web.Mux, f *frame.Frame) {
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: home, Handler: f.Page(name, ask)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: home + "/apercu", BodyLimit: mostSent, Handler: f.Page(name, preview)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: home + "/confirmer", BodyLimit: mostPacked + 1<<20, Handler: f.Page(name, confirm)})
}

// The two kinds of lists.
const (
	ofSchools = "etablissements"
	ofCounts  = "effectifs"
)

// wish is what a form says of how its list is to be taken.
type wish struct {
	Kind, Academy, Department, On string
	SkipBad, Close, CloseMany     bool
	wrongDay                      bool
	on                            registry.Date
}

func wishOf(f frame.Form) wish {
	w := wish{
		Kind: f.Get("genre"), Academy: f.Get("academie"), Department: f.Get("departement"), On: f.Get("le"),
		SkipBad: f.Get("ecarter") == "oui", Close: f.Get("fermer") != "", CloseMany: f.Get("fermer") == "beaucoup",
	}
	w.wrongDay = w.On != "" && w.on.UnmarshalText([]byte(w.On)) != nil
	return w
}

// most is how large such a list may be.
func (w wish) most() int64 {
	if w.Kind == ofCounts {
		return headcounts.MostBytes
	}
	return mostRead
}
