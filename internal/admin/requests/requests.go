// Package requests is the desk's pages of the requests that people make of whoever answers for their data (RGPD art. 12 to
// 22), and of what they say was not them: the list with what is due, one request, its answer.
//
// Routes:
//
//	GET   /bureau/droits                  those that wait, the overdue on top, and those whose answer can still be read
//	GET   /bureau/droits/{ref}            one, in the person's own words; each reading is in the journal
//	GET   /bureau/droits/{ref}/envois     of an access: everything that was sent, by names and never values
//	POST  /bureau/droits/{ref}/reponse    answers it
//	POST  /bureau/droits/{ref}/delai      takes two more months, once
//	POST  /bureau/droits/{ref}/remarque   says something to the others who answer
//
// No page names who asks. They are kept by no cache.
package requests

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name = "requests"
	home = frame.Home + "droits"
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: home, Key: name + "/title", May: answers})
	for _, route := range []struct {
		method, path string
		h            frame.Handler
	}{
		{http.MethodGet, home, list},
		{http.MethodGet, home + "/{ref}", one},
		{http.MethodGet, home + "/{ref}/envois", fiche},
		{http.MethodPost, home + "/{ref}/reponse", answer},
		{http.MethodPost, home + "/{ref}/delai", extend},
		{http.MethodPost, home + "/{ref}/remarque", comment},
	} {
		mux.Handle(web.Route{Method: route.method, Pattern: route.path, Handler: f.Page(name, route.h)})
	}
}

// answers tells whether the visitor holds a role to which requests come; package desk is asked on the page.
func answers(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO)
}

type listPage struct {
	web.Frame
	Rows  []row
	Pager web.Pager
}

type row struct {
	Ref, URL, Kind, Service, School, Due string
	State                                web.Badge
	Child                                bool
}

func list(w http.ResponseWriter, v *frame.Visit) error {
	if !answers(v) {
		return &roles.Denied{Act: roles.ListRights, Why: "role", Who: []registry.Role{registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.DPO}}
	}
	all, err := v.Desk.RightsOf(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, 50)
	out := listPage{Frame: v.Around(v.Say("title")), Pager: pager}
	for _, r := range part {
		out.Rows = append(out.Rows, row{
			Ref: r.Ref, URL: home + "/" + url.PathEscape(r.Ref), Kind: v.Say("kind." + string(r.Kind)), Service: service(v, r.Service), School: v.School(r.UAI),
			Due: v.Date(r.Due), State: stateOf(v, r), Child: r.Child,
		})
	}
	return v.Render(w, http.StatusOK, "list", out)
}

func service(v *frame.Visit, id string) string {
	if id == registry.House {
		return v.Say("house")
	}
	return v.Service(id)
}

func stateOf(v *frame.Visit, r rights.Request) web.Badge {
	switch {
	case r.Overdue(v.Now, v.Snapshot.Zone()):
		return web.Badge{Kind: "danger", Text: v.Say("state.overdue")}
	case r.State == rights.Extended:
		return web.Badge{Kind: "warning", Text: v.Say("state.extended")}
	case r.State == rights.Open:
		return web.Badge{Kind: "warning", Text: v.Say("state.open")}
	case r.State == rights.Closed:
		return web.Badge{Kind: "info", Text: v.Say("state.closed")}
	}
	return web.Badge{Kind: "success", Text: v.Say("state.answered")}
}

type onePage struct {
	web.Frame
	Ref, Kind string
	State     web.Badge
	About     []web.Term
	Words     string
	Lines     []string
	Remarks   []remark
	Fiche     string
	Answer    *answerForm
	Extend    *web.Area
	Comment   *web.Area
	Wrong     []web.InputError
	Done      string
}

type remark struct{ When, Office, Text string }

type answerForm struct {
	Text    web.Area
	Fiche   bool // an access may be answered by the list of what was sent
	Objects bool
	Service web.Input
	Instead web.Input
}

// posted is what an act that failed leaves on the page.
type posted struct {
	act   string // reponse, delai, remarque
	form  frame.Form
	wrong frame.Wrong
}

func one(w http.ResponseWriter, v *frame.Visit) error { return show(w, v, posted{}) }

func show(w http.ResponseWriter, v *frame.Visit, was posted) error {
	ref := v.R.PathValue("ref")
	a, err := v.Desk.Right(v.Context(), v.Caller, ref)
	if err != nil {
		return err
	}
	r := a.Request
	out := onePage{
		Ref: r.Ref, Kind: v.Say("kind." + string(r.Kind)), State: stateOf(v, r), About: about(v, a), Words: a.Words.Words, Lines: a.Words.Lines,
		Wrong: was.wrong.Summary(was.input),
	}
	for _, c := range a.Words.Comments {
		out.Remarks = append(out.Remarks, remark{v.Kit.DateTime(v.Lang, c.At), v.InOffice(c.Office), c.Text})
	}
	if r.Kind == rights.Access && r.State != rights.Closed {
		out.Fiche = home + "/" + url.PathEscape(ref) + "/envois"
	}
	out.forms(v, r, was)
	if said := v.Query("fait"); slices.Contains([]string{"reponse", "delai", "remarque"}, said) && was.act == "" {
		out.Done = v.Say("done." + said)
	}
	out.Frame = v.Around(r.Ref, web.Tab{Label: v.Say("title"), URL: home})
	if was.act != "" {
		out.Here = home + "/" + url.PathEscape(ref)
	}
	w.Header().Set("Cache-Control", "no-store")
	return v.Render(w, max(http.StatusOK, was.wrong.Status), "one", out)
}

// forms are those for what the visitor may do with a request that waits.
func (out *onePage) forms(v *frame.Visit, r rights.Request, was posted) {
	if !r.Pending() {
		return
	}
	on := roles.Target{UAIs: uais(r)}
	if v.May(roles.AnswerRight, on) {
		out.Answer = &answerForm{
			Text: was.area(v, "reponse", "text"), Fiche: r.Kind == rights.Access, Objects: r.Kind == rights.Objection,
			Service: was.field(v, "service", "instead.service"), Instead: was.field(v, "activite", "instead.text"),
		}
	}
	if r.State == rights.Open && v.May(roles.ExtendRight, on) {
		area := was.area(v, "delai", "reason")
		out.Extend = &area
	}
	if v.May(roles.CommentRight, on) {
		area := was.area(v, "remarque", "text")
		out.Comment = &area
	}
}

func (was posted) area(v *frame.Visit, act, field string) web.Area {
	out := web.Area{Name: act, Label: v.Say(act + ".label"), Hint: v.Say(act + ".hint"), Required: act != "reponse"}
	if was.act == act {
		out.Value, out.Error = was.form.Get(act), was.wrong.At(field)
	}
	return out
}

func (was posted) field(v *frame.Visit, id, field string) web.Input {
	out := web.Input{Name: id, Label: v.Say("instead." + id), Hint: v.Say("instead." + id + "_hint"), Autocomplete: "off"}
	if was.act == "reponse" {
		out.Value, out.Error = was.form.Get(id), was.wrong.At(field)
	}
	return out
}

// input is the input of a field that package desk names.
func (was posted) input(field string) string {
	switch {
	case field == "instead.service":
		return "service"
	case strings.HasPrefix(field, "instead"):
		return "activite"
	case field == "text" || field == "reason":
		return was.act
	}
	return ""
}
