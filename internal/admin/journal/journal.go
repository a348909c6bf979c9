// Package journal is the desk's pages about what happened: the list with its facets, one entry with what it changed and why,
// what happened under a reference number in words, whether the chain holds, and the list as a file.
//
// Routes:
//
//	GET  /bureau/journal                               the list; ?objet= ?acte= ?etablissement= ?service= ?par= ?fonction=
//	                                                   ?du= ?au= ?issue= ?journal=systeme ?reference= ?apres=
//	GET  /bureau/journal/export                        the same list as a file; ?format=csv or jsonl
//	GET  /bureau/journal/{writer}/{class}/{sequence}   one entry; of a sign-in with its ?reference=
//
// An address holds handles, identifiers and words, and nothing that somebody wrote. Whose entries are shown is package desk's
// to say; none tells about whom it is.
package journal

import (
	"context"
	"embed"
	"net/http"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name = "journal"

	// Home is where the list stands.
	Home = frame.Home + "journal"

	perPage = 50
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Chain is what the last look through the whole journal found.
type Chain struct {
	At       time.Time // when it began; zero for never
	Entries  int64     // found in place and unchanged
	Chains   int
	Problems []string // each a line; empty for none
}

// Config is what the pages are made of.
type Config struct {
	Words *dictionary.Dictionary // what attributes are called
	Chain func() Chain           // in no more time than a page has
	Fits  func(ctx context.Context, of audit.Chain, sequence int64) (bool, error)
}

type pages struct{ Config }

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame, c Config) {
	p := &pages{c}
	f.Add(frame.Entry{Task: frame.Reading, Path: Home, Key: name + "/menu", May: reads})
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: Home, Handler: f.Page(name, p.list)},
		{Method: http.MethodGet, Pattern: Home + "/export", Handler: f.Page(name, p.export)},
		{Method: http.MethodGet, Pattern: Home + "/{writer}/{class}/{sequence}", Handler: f.Page(name, p.entry)},
	} {
		mux.Handle(route)
	}
}

// reads tells whether the visitor holds a role that reads a journal somewhere, for the menu.
func reads(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO, registry.Admin,
		registry.OnCall, registry.Support, registry.Auditor)
}

// badge is what is known about the chain, in words.
type badge struct {
	web.Badge
	Problems []string
}

func (p *pages) badge(v *frame.Visit) badge {
	c := p.Chain()
	switch when := v.Kit.DateTime(v.Lang, c.At); {
	case c.At.IsZero():
		return badge{Badge: web.Badge{Text: v.Say("chain.unknown")}}
	case len(c.Problems) > 0:
		return badge{Badge: web.Badge{Kind: "danger", Text: v.Say("chain.broken", "when", when)}, Problems: c.Problems}
	default:
		return badge{Badge: web.Badge{Kind: "success", Text: v.Say("chain.intact", "when", when, "n", v.Number(int(c.Entries)))}}
	}
}
