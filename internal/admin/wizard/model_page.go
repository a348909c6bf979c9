package wizard

import (
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type modelPage struct {
	web.Frame
	Name, Vendor, About, Usable string
	Origin, Use                 web.Badge
	File                        *frame.Kept
	Done                        string
	Stands                      int // declarations in force that were made from it
	Facts                       []fact
	Limits                      []string
	Recipes                     []recipeShown
	Sources                     []sourceShown
	History                     []string
	Steps                       []modelStep
	Begin, Edit, AddRecipe      string
	ActUse, ActOpine            string
	Retired                     bool
	UseReason, OpineReason      web.Area
	Verdict                     web.Select
	Wrong                       []web.InputError
}

type fact struct{ Term, Text string }

type sourceShown struct{ What, URL, Date string }

// modelStep is a part of a model's text: what it declares, in words, and where it is changed.
type modelStep struct {
	Label, Edit string
	Groups      []shownGroup
}

// model shows one model: what it declares, and how many declarations stand on it.
func (p *pages) model(w http.ResponseWriter, v *frame.Visit) error {
	return p.showModel(w, v, frame.Form{Values: url.Values{}}, frame.Wrong{})
}

func (p *pages) showModel(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	m, err := readModel(v)
	if err != nil {
		return err
	}
	at := modelAt(m.ID)
	out := modelPage{
		Name: m.Name.In(v.In()), Vendor: m.Vendor, About: m.About.In(v.In()), Usable: m.Usable.In(v.In()), Origin: origin(v, m), Use: useBadge(v, m),
		File: v.Kept(m.ManagedBy), Retired: m.Retired, ActUse: at + "/usage", ActOpine: at + "/avis", Stands: standing(v.Snapshot)[m.ID], Facts: modelFacts(v, m), History: modelHistory(v, m),
		Wrong: wrong.Summary(func(string) string { return f.Get("champ") }),
	}
	for _, l := range m.Limits {
		out.Limits = append(out.Limits, l.In(v.In()))
	}
	for _, s := range m.Sources {
		out.Sources = append(out.Sources, sourceShown{s.What, s.URL, v.Date(s.Date)})
	}
	keeps := keepsModels(v) && m.ManagedBy == ""
	out.Recipes = recipesOf(v, m, keeps)
	for _, step := range modelSteps() {
		out.Steps = append(out.Steps, p.readStep(v, m, step, keeps))
	}
	if drafting(v) && !m.Retired {
		out.Begin = begin + "?modele=" + url.QueryEscape(m.ID)
	}
	if keeps {
		out.Edit, out.AddRecipe = at+"/modifier", recipesAt(m.ID)+"/"+newRecipe
		out.UseReason = web.Area{Name: "motif", Label: v.Say("model.use.why"), Value: f.Get("motif"), Error: at0(wrong, f, "motif"), Required: true}
	}
	if v.May(roles.Opine, roles.Target{}) && !m.Retired {
		out.Verdict, out.OpineReason = opining(v, f, wrong)
	}
	if said := v.Query("fait"); wrong.Status == 0 && (said == "enregistre" || said == "retire" || said == "remis" || said == "avis") {
		out.Done = v.Say("model.done." + said)
	}
	out.Frame = v.Around(out.Name, web.Tab{Label: v.Say("model.title"), URL: catalogue})
	if wrong.Status != 0 {
		out.Frame.Here = at
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "model", out)
}

// at0 is what is wrong with the reason of the form that was sent: the page has two.
func at0(wrong frame.Wrong, f frame.Form, field string) string {
	if f.Get("champ") != field {
		return ""
	}
	return wrong.At("reason")
}

func opining(v *frame.Visit, f frame.Form, wrong frame.Wrong) (web.Select, web.Area) {
	s := web.Select{Name: "avis", Label: v.Say("model.opine.value"), Error: wrong.At("value")}
	for _, word := range []registry.Verdict{registry.Favourable, registry.WithReservations, registry.Unfavourable} {
		s.Options = append(s.Options, web.Option{Value: string(word), Label: v.Say("model.verdict." + string(word)), Chosen: f.Get("avis") == string(word)})
	}
	return s, web.Area{
		Name: "avis-motif", Label: v.Say("model.opine.why"), Hint: v.Say("model.opine.why_hint"), Value: f.Get("avis-motif"), Error: at0(wrong, f, "avis-motif"),
	}
}

func modelFacts(v *frame.Visit, m registry.Model) []fact {
	out := []fact{
		{v.Say("model.fact.vendor"), m.Vendor},
		{v.Say("model.fact.version"), v.Number(m.Version)},
		{v.Say("model.fact.date"), v.Date(m.Date)},
		{v.Say("model.fact.review"), v.Date(m.Review)},
	}
	opinion := v.Say("model.no_opinion")
	for _, o := range m.Opinions {
		opinion = v.Say("model.opinion", "value", v.Say("model.verdict."+string(o.Value)), "date", v.Kit.Date(v.Lang, o.At), "office", o.Office)
		if o.Reason != "" {
			opinion += " " + o.Reason
		}
	}
	return append(out, fact{v.Say("model.fact.opinion"), opinion})
}

// modelHistory is who put it out of use and back, by their offices.
func modelHistory(v *frame.Visit, m registry.Model) []string {
	var out []string
	for _, d := range m.Decisions {
		key := "model.history.back"
		if d.State == registry.Archived {
			key = "model.history.out"
		}
		out = append(out, v.Say(key, "date", v.Kit.DateTime(v.Lang, d.At), "office", d.Office, "reason", d.Reason))
	}
	return out
}

// readStep is a part of the text, for who only reads.
func (p *pages) readStep(v *frame.Visit, m registry.Model, step int, keeps bool) modelStep {
	st := modelState(v, m, step)
	st.writable = false
	out := modelStep{Label: st.Say(fmt.Sprintf("step.%d", step))}
	for _, g := range modelGroups(step) {
		out.Groups = append(out.Groups, st.shownGroup(g))
	}
	if keeps {
		out.Edit = textAt(m.ID, step)
	}
	return out
}

// useModel puts a model out of use, or back.
func (p *pages) useModel(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, retire, done := v.R.PathValue("id"), f.Get("acte") != "remettre", "retire"
	if !retire {
		done = "remis"
	}
	_, err = v.Desk.RetireModel(v.Context(), v.Caller, id, retire, f.Get("motif"))
	return p.actedOnModel(w, v, f, err, "motif", done)
}

// opineModel records a data-protection officer's opinion on a model.
func (p *pages) opineModel(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	_, err = v.Desk.OpineModel(v.Context(), v.Caller, v.R.PathValue("id"), registry.Verdict(f.Get("avis")), f.Get("avis-motif"))
	return p.actedOnModel(w, v, f, err, "avis-motif", "avis")
}

func (p *pages) actedOnModel(w http.ResponseWriter, v *frame.Visit, f frame.Form, err error, field, done string) error {
	if wrong, known := v.Wrong(err); known {
		f.Set("champ", field)
		return p.showModel(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, modelAt(v.R.PathValue("id"))+"?fait="+done)
}
