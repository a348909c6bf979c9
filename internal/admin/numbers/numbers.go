// Package numbers is the desk's pages about the numbers under which services know people: the sectors in which a person has
// one number, and how everybody in a sector is given another because a list of them got out.
//
// Routes:
//
//	GET   /bureau/numeros        the sectors, with the services of each
//	GET   /bureau/numeros/{id}   one of them, and what happened to its numbers
//	POST  /bureau/numeros/{id}   asks for new numbers, confirms them as a second person, or declines
//
// They show no number and nobody's name. Who asks and who confirms, package desk says.
package numbers

import (
	"embed"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

//go:embed pages texts
var files embed.FS

const (
	name = "numbers"
	home = frame.Home + "numeros"
)

// Pages are the pages and their texts.
func Pages() web.Contribution { return web.Contribution{Name: name, Files: files} }

// Mount adds the routes and the entry of the menu.
func Mount(mux *web.Mux, f *frame.Frame) {
	f.Add(frame.Entry{Task: frame.Keeping, Path: home, Key: name + "/title", May: renews})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: home, Handler: f.Page(name, list)})
	mux.Handle(web.Route{Method: http.MethodGet, Pattern: home + "/{id}", Handler: f.Page(name, one)})
	mux.Handle(web.Route{Method: http.MethodPost, Pattern: home + "/{id}", Handler: f.Page(name, decide)})
}

func renews(v *frame.Visit) bool { return v.Holds(registry.Recteur, registry.DPO, registry.OnCall) }

type listPage struct {
	web.Frame
	Rows  []row
	Pager web.Pager
}

type row struct {
	ID, URL, Services string
	State             web.Badge
}

// sector is a family of pseudonyms with the services that share it.
type sector struct {
	registry.Family
	services []string
}

// sectors are all of them, in the sight of who may ask or confirm.
func sectors(v *frame.Visit) ([]sector, error) {
	if _, err := v.Desk.Families(v.Context(), v.Caller); err != nil {
		return nil, err
	}
	at := map[string]int{}
	var out []sector
	for _, s := range v.Snapshot.Services() {
		id := s.Family()
		i, known := at[id]
		if !known {
			i = len(out)
			at[id], out = i, append(out, sector{Family: v.Snapshot.Family(id)})
		}
		out[i].services = append(out[i].services, s.Name.In(v.In()))
	}
	slices.SortFunc(out, func(a, b sector) int {
		if waiting(a) != waiting(b) {
			if waiting(a) {
				return -1
			}
			return 1
		}
		return strings.Compare(a.ID, b.ID)
	})
	return out, nil
}

func waiting(s sector) bool { return s.State == registry.Submitted }

func stateOf(v *frame.Visit, s sector) web.Badge {
	switch {
	case waiting(s):
		return web.Badge{Kind: "warning", Text: v.Say("state.asked")}
	case s.Generation > 0:
		return web.Badge{Kind: "info", Text: v.Say("state.renewed", "n", v.Number(s.Generation))}
	}
	return web.Badge{Kind: "success", Text: v.Say("state.first")}
}

func list(w http.ResponseWriter, v *frame.Visit) error {
	all, err := sectors(v)
	if err != nil {
		return err
	}
	part, pager := frame.Part(v, all, 50)
	out := listPage{Frame: v.Around(v.Say("title")), Pager: pager}
	for _, s := range part {
		shown := s.services[:min(5, len(s.services))]
		text := strings.Join(shown, ", ")
		if n := len(s.services) - len(shown); n > 0 {
			text += v.Say("list.more", "n", v.Number(n))
		}
		out.Rows = append(out.Rows, row{ID: s.ID, URL: home + "/" + url.PathEscape(s.ID), Services: text, State: stateOf(v, s)})
	}
	return v.Render(w, http.StatusOK, "list", out)
}

type onePage struct {
	web.Frame
	ID, Action     string
	State          web.Badge
	Services       []string
	Overlap, Next  string
	History        []string
	Waits, Own     bool
	Until          web.Input
	Reason         web.Area
	Wrong          []web.InputError
	Done           string
	DeskIsInSector bool
}

func one(w http.ResponseWriter, v *frame.Visit) error {
	return show(w, v, frame.Form{Values: url.Values{}}, frame.Wrong{})
}

func show(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	all, err := sectors(v)
	if err != nil {
		return err
	}
	id := v.R.PathValue("id")
	i := slices.IndexFunc(all, func(s sector) bool { return s.ID == id })
	if i < 0 {
		return &desk.NotFound{Kind: "family", ID: id}
	}
	s := all[i]
	out := onePage{
		ID: id, Action: home + "/" + url.PathEscape(id), State: stateOf(v, s), Services: s.services, Overlap: v.Date(s.Overlap), Next: v.Date(s.Family.Next),
		Waits: waiting(s), Own: waiting(s) && s.Asker() == v.Caller.Handle,
		Until:  web.Input{Name: "jusque", Label: v.Say("ask.jusque"), Hint: v.Say("ask.jusque_hint"), Type: "date", Value: f.Get("jusque"), Error: wrong.At("overlap"), Autocomplete: "off"},
		Reason: web.Area{Name: "motif", Label: v.Say("ask.motif"), Hint: v.Say("ask.motif_hint"), Value: f.Get("motif"), Error: wrong.At("reason")},
		Wrong:  wrong.Summary(func(at string) string { return map[string]string{"overlap": "jusque", "reason": "motif"}[at] }),
	}
	for _, d := range s.Decisions {
		key := "history.other"
		if slices.Contains([]registry.State{registry.Submitted, registry.Approved, registry.Refused}, d.State) {
			key = "history." + string(d.State)
		}
		out.History = append(out.History, v.Say(key, "date", v.Kit.DateTime(v.Lang, d.At), "office", v.InOffice(d.Office), "text", d.Reason))
	}
	if bureau, known := v.Snapshot.Service(registry.Desk); known {
		out.DeskIsInSector = bureau.Family() == id
	}
	if said := v.Query("fait"); wrong.Status == 0 && slices.Contains([]string{"demander", "confirmer", "decliner"}, said) {
		out.Done = v.Say("done." + said)
	}
	out.Frame = v.Around(id, web.Tab{Label: v.Say("title"), URL: home})
	return v.Render(w, max(http.StatusOK, wrong.Status), "one", out)
}

func decide(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, act := v.R.PathValue("id"), f.Get("acte")
	switch act {
	case "demander":
		var until registry.Date
		if text := f.Get("jusque"); text != "" && until.UnmarshalText([]byte(text)) != nil {
			return show(w, v, f, frame.Wrong{Status: http.StatusUnprocessableEntity, Lines: []frame.Line{{Where: "overlap", Text: v.Say("wrong.overlap")}}})
		}
		_, err = v.Desk.AskRenewal(v.Context(), v.Caller, id, desk.Renewal{Overlap: until, Reason: f.Get("motif")})
	case "confirmer":
		_, err = v.Desk.ConfirmRenewal(v.Context(), v.Caller, id, f.Get("motif"))
	default:
		act = "decliner"
		_, err = v.Desk.DeclineRenewal(v.Context(), v.Caller, id, f.Get("motif"))
	}
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, home+"/"+url.PathEscape(id)+"?fait="+act)
}
