package lists

import (
	"errors"
	"net/http"
	"net/url"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/web"
)

type formPage struct {
	web.Frame
	Controls []web.Control
	File     string // what is wrong with the file
	Wrong    []web.InputError
	Done     string
}

// ask shows the form. After a list was carried out, it says how much was written.
func ask(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Importable(v.Context(), v.Caller, nil); err != nil {
		return err
	}
	f := frame.Form{Values: url.Values{}}
	for _, h := range v.Held {
		if h.Role == registry.Admin && len(h.Over.Academies) > 0 {
			f.Set("academie", h.Over.Academies[0])
		}
	}
	return showForm(w, v, f, frame.Wrong{})
}

func showForm(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	out := formPage{File: wrong.At(frame.File)}
	for _, id := range []string{"genre", "academie", "departement", "le", "ecarter", "fermer"} {
		out.Controls = append(out.Controls, control(v, f, id, wrong.At(id)))
	}
	if v.Query("fait") != "" && wrong.Status == 0 {
		out.Done = v.Say("done")
	}
	out.Wrong = wrong.Summary(func(at string) string { return at })
	out.Frame = v.Around(v.Say("title"), web.Tab{Label: v.Say("schools"), URL: schools})
	out.Here = home
	return v.Render(w, max(http.StatusOK, wrong.Status), "form", out)
}

// control is one field of the form; three of them are choices.
func control(v *frame.Visit, f frame.Form, id, wrong string) web.Control {
	choices := map[string][]string{"genre": {ofSchools, ofCounts}, "ecarter": {"", "oui"}, "fermer": {"", "oui", "beaucoup"}}
	label, hint := v.Say("form."+id), v.Say("hint."+id)
	values, choice := choices[id]
	if !choice {
		kind := ""
		if id == "le" {
			kind = "date"
		}
		return web.Control{Input: &web.Input{Name: id, Label: label, Hint: hint, Type: kind, Value: f.Get(id), Error: wrong, Autocomplete: "off"}}
	}
	out := web.Select{Name: id, Label: label, Hint: hint, Error: wrong}
	for _, value := range values {
		key := id + "." + value
		if value == "" {
			key = id + ".none"
		}
		out.Options = append(out.Options, web.Option{Value: value, Label: v.Say(key), Chosen: f.Get(id) == value})
	}
	return web.Control{Select: &out}
}

type planPage struct {
	web.Frame
	Kind           string
	Numbers        []web.Term
	Rows           []row
	More           int // rows that are not shown
	Bad            []mistake
	Named          []annuaire.Problem
	MoreBad        int
	Stop           said
	Ready, Changed bool
	TooLarge       bool
	Hidden         []web.Term // what the confirmation says again
}

func preview(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Importable(v.Context(), v.Caller, nil); err != nil {
		return err // before a list of many megabytes is read
	}
	f, _, list, err := frame.Upload(v.R, mostRead)
	if err != nil {
		return err
	}
	how := wishOf(f)
	wrong := frame.Wrong{}
	say := func(bad bool, where, key string) {
		if bad {
			wrong.Status = http.StatusUnprocessableEntity
			wrong.Lines = append(wrong.Lines, frame.Line{Where: where, Text: v.Say(key)})
		}
	}
	say(how.Kind != ofSchools && how.Kind != ofCounts, "genre", "wrong.genre")
	say(how.wrongDay, "le", "wrong.le")
	say(len(list) == 0, frame.File, "wrong.fichier")
	say(int64(len(list)) > how.most(), frame.File, "wrong.large")
	if wrong.Status != 0 {
		return showForm(w, v, f, wrong)
	}
	p, bad := planOf(v, how, list)
	if bad != nil {
		wrong.Status = http.StatusUnprocessableEntity
		wrong.Lines = []frame.Line{{Where: frame.File, Text: v.Say("wrong.unreadable")}}
		return showForm(w, v, f, wrong)
	}
	if len(p.schools) > 0 {
		if err := v.Desk.Importable(v.Context(), v.Caller, p.schools); err != nil {
			return err
		}
	}
	return showPlan(w, v, f, p, list, false)
}

// confirm carries a list out. The list is read and compared anew: where it would change something else than was shown, that
// is shown instead.
func confirm(w http.ResponseWriter, v *frame.Visit) error {
	if err := v.Desk.Importable(v.Context(), v.Caller, nil); err != nil {
		return err
	}
	f, err := v.Form()
	if err != nil {
		return err
	}
	how := wishOf(f)
	list, err := unpack(f.Get("liste"), how.most())
	if err != nil {
		return err
	}
	p, bad := planOf(v, how, list)
	if bad != nil || how.wrongDay {
		return web.BadRequest(errors.New("form: the list cannot be read back"))
	}
	if len(p.schools) > 0 {
		if err := v.Desk.Importable(v.Context(), v.Caller, p.schools); err != nil {
			return err
		}
	}
	if p.stop != "" || p.mark != f.Get("attendu") || len(p.schools) == 0 {
		return showPlan(w, v, f, p, list, true)
	}
	if err := p.carry(v, how); err != nil {
		return err
	}
	return v.Redirect(w, home+"?fait=1")
}

func showPlan(w http.ResponseWriter, v *frame.Visit, f frame.Form, p plan, list []byte, changed bool) error {
	out := planPage{
		Kind: v.Say("genre." + f.Get("genre")), Rows: p.rows[:min(mostShown, len(p.rows))], More: max(0, len(p.rows)-mostShown),
		MoreBad: max(0, len(p.bad)-5*mostShown), Named: p.named, Changed: changed,
	}
	if p.stop != "" {
		out.Stop = saidOf(v, "stop.", "", p.why, p.stop)
	}
	for _, bad := range p.bad[:min(5*mostShown, len(p.bad))] {
		out.Bad = append(out.Bad, mistakeOf(v, bad))
	}
	for _, n := range p.numbers {
		out.Numbers = append(out.Numbers, web.Term{Term: v.Say("number." + n.key), Text: v.Number(n.n)})
	}
	status := http.StatusOK
	if changed {
		status = http.StatusConflict
	}
	if p.stop == "" && len(p.schools) > 0 {
		packed := pack(list)
		out.Ready, out.TooLarge = packed != "", packed == ""
		out.Hidden = []web.Term{{Term: "liste", Text: packed}, {Term: "attendu", Text: p.mark}}
		for _, id := range []string{"genre", "academie", "departement", "le", "ecarter", "fermer"} {
			out.Hidden = append(out.Hidden, web.Term{Term: id, Text: f.Get(id)})
		}
	}
	out.Frame = v.Around(v.Say("plan.title"), web.Tab{Label: v.Say("schools"), URL: schools}, web.Tab{Label: v.Say("title"), URL: home})
	out.Here = home
	return v.Render(w, status, "plan", out)
}
