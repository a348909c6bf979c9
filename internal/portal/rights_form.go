package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/web"
)

// homePage is what can be asked and what was.
type homePage struct {
	web.Frame
	Groups   []group
	Requests []requestView
	Done     string // an act that was just done: dropped, read, taken_back
}

func (p *rightsPages) home(w http.ResponseWriter, r *http.Request, g guest) error {
	groups, err := p.groups(r.Context(), g)
	if err != nil {
		return web.Unavailable(err)
	}
	all, err := p.Requests.Of(r.Context(), g.party(nil))
	if err != nil {
		return web.Unavailable(err)
	}
	page := homePage{Frame: g.Frame, Groups: groups, Done: r.URL.Query().Get("fait")}
	for _, h := range all {
		page.Requests = append(page.Requests, p.shown(g, h))
	}
	return p.Kit.Render(w, r, http.StatusOK, "rights/home", page)
}

// formPage is the form about one service.
type formPage struct {
	web.Frame
	Service    string // empty for the gateway itself
	School     string
	Child      string        // the first name of the child whom it is about
	ForChild   bool          // it is about a child, named or not
	By         registry.Role // whose function answers there
	Controller registry.Controller
	Way        rights.Way // what the law gives whoever does not want it
	Basis      registry.BasisKind
	Withdraw   string
	Back       string

	Ref     string
	Query   url.Values // what the form is about
	Kind    rights.Kind
	Words   string
	Contact string
	Pause   bool
	Wrong   map[string]bool // fields
	Errors  []web.InputError
	Many    bool
}

func (p *rightsPages) form(w http.ResponseWriter, r *http.Request, g guest) error {
	q := r.URL.Query()
	c, ok, err := p.choice(r.Context(), g, q)
	if err != nil {
		return web.Unavailable(err)
	}
	if !ok {
		return p.Kit.Redirect(w, r, rightsHome, http.StatusSeeOther) // an old link: what can be asked about stands there
	}
	page := p.formOf(g, c)
	page.Ref, page.Kind = string(web.NewRef()), rights.Kind(q.Get("quoi"))
	return p.Kit.Render(w, r, http.StatusOK, "rights/form", page)
}

func (p *rightsPages) formOf(g guest, c choice) formPage {
	page := formPage{
		Frame: g.Frame, Service: c.Service, School: c.School, By: g.answers(c.uai), Controller: c.entry.Controller, Basis: c.entry.Basis.Kind,
		Way: rights.WayOf(c.entry.Basis.Kind), Back: rightsHome, Query: c.query(), Wrong: map[string]bool{},
	}
	if c.entry.ServiceID == registry.House {
		page.Way = ""
	}
	switch {
	case c.kid != nil: // their holders answer for a child elsewhere
		page.Child, page.ForChild = c.kid.Label, true
	case p.Withdraw != nil:
		page.Withdraw = p.Withdraw(c.entry.ServiceID)
	}
	page.Here = c.URL
	return page
}

// send files a request. Sent twice it is one, and leads to the same page.
func (p *rightsPages) send(w http.ResponseWriter, r *http.Request, g guest) error {
	values, err := web.Form(r)
	if err != nil {
		return err
	}
	c, ok, err := p.choice(r.Context(), g, values)
	if err != nil {
		return web.Unavailable(err)
	}
	if !ok {
		return p.Kit.Redirect(w, r, rightsHome, http.StatusSeeOther)
	}
	ref, err := web.ParseRef(values.Get("demande"))
	if err != nil {
		return web.BadRequest(errors.New("demande: no reference"))
	}
	f := rights.Form{
		Ref: string(ref), Kind: rights.Kind(values.Get("quoi")), Entry: c.entry, UAI: string(c.uai), Pause: values.Get("arret") == "oui",
		Words: tidy(values.Get("texte")), Contact: tidy(values.Get("contact")),
	}
	made, fresh, err := p.Requests.File(r.Context(), g.party(c.kid), f)
	if errors.Is(err, rights.ErrTaken) {
		f.Ref = string(web.NewRef()) // the form was sent before, for something else
		made, fresh, err = p.Requests.File(r.Context(), g.party(c.kid), f)
	}
	var wrong *rights.Wrong
	switch {
	case errors.As(err, &wrong), errors.Is(err, rights.ErrMany):
		return p.again(w, r, g, c, f, wrong)
	case err != nil && made.Ref == "":
		return web.Unavailable(err)
	}
	done := "deja"
	if fresh || made.Ref == f.Ref {
		done = "envoye" // a pause that is still to be made is shown as such by the page
	}
	return p.Kit.Redirect(w, r, rightsHome+"/"+made.Ref+"?fait="+done, http.StatusSeeOther)
}

// again shows the form with what is wrong.
func (p *rightsPages) again(w http.ResponseWriter, r *http.Request, g guest, c choice, f rights.Form, wrong *rights.Wrong) error {
	page := p.formOf(g, c)
	page.Ref, page.Kind, page.Words, page.Contact, page.Pause = f.Ref, f.Kind, f.Words, f.Contact, f.Pause
	page.Many = wrong == nil
	if wrong != nil {
		for _, found := range wrong.Findings {
			if page.Wrong[found.Where] {
				continue
			}
			page.Wrong[found.Where] = true
			text, err := p.Kit.Say(r, g.Frame, "rights/form.wrong."+found.Where)
			if err != nil {
				return err
			}
			page.Errors = append(page.Errors, web.InputError{Name: found.Where, Text: text})
		}
	}
	return p.Kit.Render(w, r, http.StatusUnprocessableEntity, "rights/form", page)
}

// tidy is a text as a person wrote it, without the spaces around and with one kind of line end.
func tidy(text string) string { return strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n")) }
