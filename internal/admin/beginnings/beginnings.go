// Package beginnings is the desk's pages on which something new begins: a service that is not registered yet, and the list of
// the declarations that are on their way.
//
// Routes:
//
//	GET   /bureau/declarations       the versions on their way that the visitor may see; ?q= ?page=
//	GET   /bureau/services/nouveau   the form of a new service
//	POST  /bureau/services/nouveau   registers it, and leads on to how it is connected, or to its declaration
//
// Whose drafts somebody sees, and who registers services, package desk says.
package beginnings

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name     = "beginnings"
	home     = frame.Home + "declarations"
	services = frame.Home + "services"
	begin    = services + "/nouveau"
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes and the entries of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Deciding, Path: home, Key: name + "/title"})
	f.Add(frame.Entry{Task: frame.Keeping, Path: begin, Key: name + "/new.title", May: registers})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: home, Handler: f.Page(name, list)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: begin, Handler: f.Page(name, ask)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: begin, Handler: f.Page(name, register)})
}

func registers(v *frame.Visit) bool { return v.Holds(registry.Admin) }

// onTheWay are the states of a version that was not decided on.
func onTheWay() []registry.State {
	return []registry.State{registry.Draft, registry.ToCorrect, registry.Submitted, registry.InReview}
}

type listPage struct {
	web.Frame
	Text  web.Input
	Rows  []row
	Count int
	Pager web.Pager
	New   string // where a declaration is begun; empty for who begins none
}

type row struct{ Service, URL, Ref, State, Since string }

func list(w http.ResponseWriter, v *frame.Visit) error {
	if err := seen(v); err != nil {
		return err
	}
	all, err := v.Desk.Find(v.Context(), v.Caller, desk.Query{Text: v.Query("q"), States: onTheWay()})
	if err != nil {
		return err
	}
	slices.SortStableFunc(all, func(a, b registry.Declaration) int { return b.Since.Compare(a.Since) })
	part, pager := frame.Part(v, all, 50)
	out := listPage{
		Frame: v.Around(v.Say("title")), Count: len(all), Pager: pager,
		Text: web.Input{Name: "q", Label: v.Say("list.text"), Type: "search", Value: v.Query("q"), Autocomplete: "off"},
	}
	if to := home + "/nouvelle"; v.Mounted(to) && drafting(v) {
		out.New = to
	}
	for _, d := range part {
		out.Rows = append(out.Rows, rowOf(v, d))
	}
	return v.Render(w, http.StatusOK, "list", out)
}

// seen is the refusal of somebody who holds no role at all.
func seen(v *frame.Visit) error {
	if len(v.Held) == 0 {
		return &roles.Denied{Act: roles.ReadDrafts, Why: "role", Who: registry.Roles()}
	}
	return nil
}

func drafting(v *frame.Visit) bool {
	return v.Holds(registry.Provider, registry.HeadOfSchool, registry.Deputy, registry.Assistant, registry.DASEN, registry.Recteur, registry.DRANE, registry.Collectivite)
}

func rowOf(v *frame.Visit, d registry.Declaration) row {
	state := d.State
	if state == "" {
		state = registry.Draft
	}
	at := home + "/" + url.PathEscape(d.ID) + "/" + strconv.Itoa(d.Version)
	out := row{Service: v.Service(d.ServiceID), Ref: desk.Ref{ID: d.ID, Version: d.Version}.String(), State: v.Say("state." + string(state)), Since: day(v, d.Since)}
	for _, to := range []string{at, at + "/etape/1"} {
		if out.URL == "" && v.Mounted(to) {
			out.URL = to
		}
	}
	return out
}

func day(v *frame.Visit, at time.Time) string {
	if at.IsZero() {
		return ""
	}
	return v.Kit.Date(v.Lang, at)
}
