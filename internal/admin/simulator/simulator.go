// Package simulator is the desk's pages about what would leave: for a persona, for somebody real, as if a draft were
// approved, and for a sign-in that is past. They work without script.
//
// Routes:
//
//	GET   /bureau/simulation       the question about a persona, or a reference number, and the answer
//	POST  /bureau/simulation       the question about somebody real, with a reason, and the answer
//	GET   /bureau/simulation/page  the page that a persona would see, whole, in one wording
//
// An address holds a persona and never a person. Who may ask is package desk's to say; a look at somebody real is in the
// journal, and in that person's own history, before anything is shown.
package simulator

import (
	"embed"
	"errors"
	"net/http"
	"strings"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

// Pages are the page and its texts.
func Pages() web.Contribution { return web.Contribution{Name: "simulator", Files: files} }

// Home is where the pages begin.
const Home = "/bureau/simulation"

// Config is what the pages are made of. All is required.
type Config struct {
	Kit       *web.Kit
	Desk      *desk.Desk
	Simulator *admin.Simulator
	Personas  admin.Personas
	Journal   admin.Journal
	Words     *dictionary.Dictionary
	Now       func() time.Time
	Visitor   func(*http.Request) (roles.Caller, bool, error) // false for nobody; an error says that nobody can tell
	Enter     string                                          // where a sign-in at the desk begins
	Around    func(*http.Request) web.Frame                   // what surrounds the pages
}

type pages struct{ Config }

// Mount adds the routes.
func Mount(mux *web.Mux, c Config) {
	p := &pages{c}
	for _, route := range []web.Route{
		{Method: http.MethodGet, Pattern: Home, Handler: p.signedIn(p.ask)},
		{Method: http.MethodPost, Pattern: Home, BodyLimit: 16 << 10, Handler: p.signedIn(p.look)},
		{Method: http.MethodGet, Pattern: Home + "/page", Handler: p.signedIn(p.shown)},
	} {
		mux.Handle(route)
	}
}

// signedIn answers whoever is signed in at the desk, and sends everybody else to sign in.
func (p *pages) signedIn(do func(http.ResponseWriter, *http.Request, roles.Caller) error) web.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) error {
		caller, ok, err := p.Visitor(r)
		if err != nil {
			return web.Unavailable(err)
		}
		if !ok {
			return p.Kit.Redirect(w, r, p.Enter, http.StatusSeeOther)
		}
		return do(w, r, caller)
	}
}

// asked is a question about a persona as an address holds it.
type asked struct {
	Service, Persona, UAI, Version, Compare, Ref string
}

func read(r *http.Request) asked {
	q := r.URL.Query()
	get := func(name string) string { return strings.TrimSpace(q.Get(name)) }
	return asked{get("service"), get("persona"), strings.ToUpper(get("uai")), get("version"), get("comparer"), get("reference")}
}

// draft reads the version that is named, as id@version.
func (a asked) draft() (desk.Ref, error) {
	if a.Version == "" {
		return desk.Ref{}, nil
	}
	id, version, err := admin.ParseVersion(a.Version)
	return desk.Ref{ID: id, Version: version}, err
}

func (p *pages) ask(w http.ResponseWriter, r *http.Request, caller roles.Caller) error {
	a := read(r)
	out := answer{asked: a}
	var err error
	switch {
	case a.Ref != "":
		err = p.past(r, caller, a, &out)
	case a.Service != "" && (a.Persona != "" || r.URL.Query().Has("persona") || a.Version != ""): // a link names the service alone
		err = p.persona(r, caller, a, &out)
	}
	return p.render(w, r, caller, out, err)
}

// persona answers about one persona, or about all of them when a draft is compared and none is chosen.
func (p *pages) persona(r *http.Request, c roles.Caller, a asked, out *answer) error {
	ref, err := a.draft()
	if err != nil {
		return err
	}
	view, draft, err := p.Desk.Simulable(r.Context(), c, a.Service, ref)
	if err != nil {
		return err
	}
	in := string(p.Kit.Lang(r))
	if a.Persona == "" && draft.ID != "" {
		out.Effect = p.Simulator.Effect(view, draft, p.Personas, person.UAI(a.UAI), in)
		return nil
	}
	q, err := p.Simulator.About(view, p.Personas, a.Persona, person.UAI(a.UAI), a.Service)
	if err != nil {
		return err
	}
	q.Lang = in
	out.asked.UAI = string(q.UAI)
	switch {
	case draft.ID == "":
		e := p.Simulator.Explain(view, q, nil)
		out.Explanation = &e
	case a.Compare != "":
		compared := p.Simulator.Compare(view, draft, q)
		out.Explanation, out.Comparison = &compared.After, &compared
	default:
		e := p.Simulator.Explain(admin.AsIf(view, p.Now(), draft, q.UAI), q, nil)
		out.Explanation = &e
	}
	return nil
}

// past answers from the journal, each entry as far as the caller may read the journal of its establishment.
func (p *pages) past(r *http.Request, c roles.Caller, a asked, out *answer) error {
	view, err := p.Desk.Catalogue(r.Context(), c)
	if err != nil {
		return err
	}
	past, err := admin.ExplainRef(r.Context(), p.Journal, view, p.Words, a.Ref, string(p.Kit.Lang(r)), func(uai person.UAI) bool {
		return p.Desk.MayReadJournal(r.Context(), c, uai) == nil
	})
	if err != nil {
		return err
	}
	out.Past = &past
	return nil
}

// look answers about somebody real.
func (p *pages) look(w http.ResponseWriter, r *http.Request, caller roles.Caller) error {
	form, err := web.Form(r)
	if err != nil {
		return err
	}
	get := func(name string) string { return strings.TrimSpace(form.Get(name)) }
	l := desk.Look{
		Service: get("service"), UAI: person.UAI(strings.ToUpper(get("uai"))), Source: get("source"), Person: get("personne"),
		Reason: get("motif"), Ground: get("fondement"),
	}
	out := answer{asked: asked{Service: l.Service, UAI: string(l.UAI)}, Real: true, Look: l}
	if l.ShownFrom, err = registry.ParseDate(get("montre")); err != nil && get("montre") != "" {
		return p.render(w, r, caller, out, &desk.Invalid{Findings: []registry.Finding{{Where: "shown_from", What: "yyyy-mm-dd"}}})
	}
	out.Look.ShownFrom = l.ShownFrom
	who, view, err := p.Desk.LookAt(r.Context(), caller, l)
	if err == nil {
		e := p.Simulator.Explain(view, admin.Question{
			Person: who, UAI: l.UAI, Service: l.Service, Real: true, Lang: string(p.Kit.Lang(r)),
		}, nil)
		out.Explanation = &e
	}
	return p.render(w, r, caller, out, err)
}

// shown is the page itself, as a persona would see it.
func (p *pages) shown(w http.ResponseWriter, r *http.Request, caller roles.Caller) error {
	a := read(r)
	ref, err := a.draft()
	if err != nil {
		return web.BadRequest(err)
	}
	view, draft, err := p.Desk.Simulable(r.Context(), caller, a.Service, ref)
	if err != nil {
		return refusal(err)
	}
	q, err := p.Simulator.About(view, p.Personas, a.Persona, person.UAI(a.UAI), a.Service)
	if err != nil {
		return web.BadRequest(err)
	}
	if draft.ID != "" {
		view = admin.AsIf(view, p.Now(), draft, q.UAI)
	}
	q.Protocol, q.Page, q.Lang = "none", r.URL.Query().Get("pour"), r.URL.Query().Get("langue")
	e := p.Simulator.Explain(view, q, nil)
	if len(e.Pages) != 1 || e.Pages[0].Error != "" {
		return web.BadRequest(errors.New("no page in this wording"))
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, err = w.Write([]byte(e.Pages[0].HTML))
	return err
}

// refusal turns the desk's errors into pages.
func refusal(err error) error {
	var denied *roles.Denied
	var missing *desk.NotFound
	switch {
	case errors.As(err, &denied):
		return web.Forbidden(err)
	case errors.As(err, &missing):
		return web.NotFound(err)
	default:
		return web.Unavailable(err)
	}
}
