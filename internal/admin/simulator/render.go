package simulator

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// answer is what was asked and what came of it.
type answer struct {
	asked
	Real        bool
	Look        desk.Look
	Explanation *admin.Explanation
	Comparison  *admin.Comparison
	Effect      []admin.Comparison
	Past        *admin.Past
}

// page is what the template prints.
type page struct {
	web.Frame
	answer
	Services, People, Schools, Sources []option
	Wrong                              []web.InputError  // what is wrong with what was asked
	Errors                             map[string]string // the same, by fields
	Steps, Data, Kept, Changes         web.Table
	Effects                            web.Table
	Events                             []event
	Link                               string // this simulation, without anything personal
	Views                              []view
	Command                            string // the same on the command line
	Inputs                             map[string]web.Input
}

type option struct {
	Value, Label string
	Chosen       bool
}

// view is a link to the page in one wording and language.
type view struct{ Label, URL string }

// event is one entry of the journal with its two tables.
type event struct {
	admin.Event
	Sent, Kept web.Table
}

func (p *pages) render(w http.ResponseWriter, r *http.Request, c roles.Caller, a answer, failed error) error {
	status := http.StatusOK
	out := page{Frame: p.Around(r), answer: a}
	out.Here = Home
	t := &teller{kit: p.Kit, r: r}
	if failed != nil {
		var ok bool
		if status, ok = out.wrong(t, failed); !ok {
			return refusal(failed)
		}
	}
	if err := p.choices(r, c, t, &out); err != nil {
		return refusal(err)
	}
	if e := a.Explanation; e != nil {
		out.tables(t, *e)
	}
	if a.Comparison != nil {
		out.Changes = changes(t, a.Comparison.Changes)
	}
	if a.Effect != nil {
		out.Effects = effects(t, a.Effect)
	}
	if a.Past != nil {
		out.events(t, *a.Past)
	}
	if a.Explanation != nil && !a.Real {
		out.links(t)
	}
	if t.err != nil {
		return t.err
	}
	return p.Kit.Render(w, r, status, "simulator/simulation", out)
}

// wrong turns what is wrong with the question into lines, each with the field that it is about; ok is false for what is no
// mistake of the question.
func (o *page) wrong(t *teller, err error) (status int, ok bool) {
	var invalid *desk.Invalid
	var missing *desk.NotFound
	var conflict *desk.Conflict
	switch {
	case errors.As(err, &invalid):
		for _, f := range invalid.Findings {
			if f.Severity == registry.Blocking {
				o.say(t, strings.ReplaceAll(f.Where, ".", "_"))
			}
		}
		return http.StatusUnprocessableEntity, true
	case errors.As(err, &missing):
		o.say(t, "version")
		return http.StatusNotFound, true
	case errors.Is(err, admin.ErrNoPersona):
		o.say(t, "persona")
	case errors.Is(err, admin.ErrNoSchool):
		o.say(t, "school")
	case errors.Is(err, admin.ErrNoRef):
		o.say(t, "ref")
		return http.StatusNotFound, true
	case errors.Is(err, desk.ErrNobody):
		o.say(t, "nobody")
		return http.StatusNotFound, true
	case errors.As(err, &conflict):
		o.say(t, "state")
		return http.StatusConflict, true
	default:
		var denied *roles.Denied
		if errors.As(err, &denied) || o.Service == "" || o.Version == "" {
			return 0, false
		}
		o.say(t, "version")
	}
	return http.StatusUnprocessableEntity, true
}

// say notes one mistake, beside its field where it has one.
func (o *page) say(t *teller, what string) {
	field := map[string]string{
		"service": "service", "source": "real-source", "person": "personne", "nobody": "personne", "reason": "motif", "shown_from": "montre",
		"ground": "fondement", "version": "version", "persona": "persona", "school": "uai", "ref": "reference",
	}[what]
	if o.Real && (field == "service" || field == "uai") {
		field = "real-" + field
	}
	line := web.InputError{Name: cmp.Or(field, "real"), Text: t.say("wrong." + what)}
	o.Wrong = append(o.Wrong, line)
	if o.Errors == nil {
		o.Errors = map[string]string{}
	}
	o.Errors[field] = line.Text
}

// choices fills the form with what the caller may ask about.
func (p *pages) choices(r *http.Request, c roles.Caller, t *teller, o *page) error {
	services, err := p.Desk.Services(r.Context(), c)
	if err != nil {
		return err
	}
	view, err := p.Desk.Catalogue(r.Context(), c)
	if err != nil {
		return err
	}
	in := string(p.Kit.Lang(r))
	for _, s := range services {
		if s.ID != registry.House {
			o.Services = append(o.Services, option{s.ID, s.Name.In(in), s.ID == o.Service})
		}
	}
	for _, q := range p.Personas {
		o.People = append(o.People, option{q.ID, q.Name.In(in), q.ID == o.Persona})
	}
	for _, s := range view.Sources() {
		o.Sources = append(o.Sources, option{s.ID, s.Name.In(in), s.ID == o.Look.Source})
	}
	o.inputs(t)
	return nil
}

// inputs are the fields with what was typed. The identifier of somebody real is written nowhere, not even there again.
func (o *page) inputs(t *teller) {
	day := ""
	if !o.Look.ShownFrom.IsZero() {
		day = o.Look.ShownFrom.String()
	}
	o.Inputs = map[string]web.Input{
		"uai":     {Name: "uai", Label: t.say("ask.school"), Hint: t.say("ask.school_hint"), Value: o.UAI, Autocomplete: "off"},
		"version": {Name: "version", Label: t.say("ask.version"), Hint: t.say("ask.version_hint"), Value: o.Version, Autocomplete: "off"},
		"ref":     {Name: "reference", Label: t.say("ref.label"), Hint: t.say("ref.hint"), Value: o.Ref, Autocomplete: "off", Required: true},
		"person":  {Name: "personne", Label: t.say("real.person"), Hint: t.say("real.person_hint"), Autocomplete: "off", Required: true},
		"reason":  {Name: "motif", Label: t.say("real.reason"), Hint: t.say("real.reason_hint"), Value: o.Look.Reason, Autocomplete: "off", Required: true},
		"day":     {Name: "montre", Label: t.say("real.day"), Hint: t.say("real.day_hint"), Value: day, Type: "date", Autocomplete: "off"},
		"ground":  {Name: "fondement", Label: t.say("real.ground"), Value: o.Look.Ground, Autocomplete: "off"},
	}
	for key, in := range o.Inputs {
		in.Error = o.Errors[in.Name]
		o.Inputs[key] = in
	}
}

func (o *page) tables(t *teller, e admin.Explanation) {
	o.Steps = web.Table{Caption: t.say("steps.caption"), Head: []string{t.say("steps.check"), t.say("steps.result"), t.say("steps.detail")}}
	for _, s := range e.Steps {
		result := t.say("steps.no")
		if s.Passed {
			result = t.say("steps.yes")
		}
		o.Steps.Rows = append(o.Steps.Rows, []string{s.Says, result, cmp.Or(s.Detail, "–")})
	}
	o.Data = web.Table{Caption: t.say("data.caption"), Head: []string{
		t.say("data.word"), t.say("data.said"), t.say("data.done"), t.say("data.sent"), t.say("data.names"), t.say("data.why"), t.say("data.corrects"),
	}}
	for _, r := range e.Released {
		o.Data.Rows = append(o.Data.Rows, []string{
			r.Label, some(r.Said), r.Transformation, some(r.Values), names(r), strings.TrimSpace(r.Justification + " (" + r.Declared + ")"), r.Corrects,
		})
	}
	o.Kept = web.Table{Caption: t.say("kept.caption"), Head: []string{t.say("data.word"), t.say("data.said"), t.say("kept.why"), t.say("data.corrects")}}
	for _, w := range e.Withheld {
		why := w.WhySays
		if w.Neutral != "" {
			why += " (" + t.say("kept.neutral", "neutral", w.Neutral) + ")"
		}
		o.Kept.Rows = append(o.Kept.Rows, []string{w.Label, some(w.Said), why, w.Corrects})
	}
}

func changes(t *teller, lines []admin.ChangedLine) web.Table {
	out := web.Table{Caption: t.say("changes.caption"), Head: []string{t.say("changes.what"), t.say("changes.kind"), t.say("changes.before"), t.say("changes.after")}}
	for _, l := range lines {
		out.Rows = append(out.Rows, []string{l.Label, t.say("changes." + l.Kind), some(l.Before), some(l.After)})
	}
	return out
}

func effects(t *teller, list []admin.Comparison) web.Table {
	out := web.Table{Caption: t.say("effect.caption"), Head: []string{t.say("effect.who"), t.say("effect.where"), t.say("effect.changes")}}
	for _, c := range list {
		var what []string
		for _, l := range c.Changes {
			what = append(what, l.Label+" ("+t.say("changes."+l.Kind)+")")
		}
		if len(what) == 0 {
			what = []string{t.say("effect.nothing")}
		}
		out.Rows = append(out.Rows, []string{c.Name, c.After.School, strings.Join(what, " ; ")})
	}
	return out
}

func (o *page) events(t *teller, past admin.Past) {
	for _, e := range past.Events {
		one := event{Event: e}
		one.Sent = web.Table{Caption: t.say("data.caption"), Head: []string{t.say("data.word"), t.say("data.why"), t.say("data.corrects")}}
		for _, i := range e.Released {
			one.Sent.Rows = append(one.Sent.Rows, []string{i.Label, strings.TrimSpace(i.Justification + " " + i.Declared), i.Corrects})
		}
		one.Kept = web.Table{Caption: t.say("kept.caption"), Head: []string{t.say("data.word"), t.say("kept.why"), t.say("data.corrects")}}
		for _, i := range e.Withheld {
			one.Kept.Rows = append(one.Kept.Rows, []string{i.Label, i.WhySays, i.Corrects})
		}
		o.Events = append(o.Events, one)
	}
}

// links are to this simulation, to the page in each wording, and the same question on the command line.
func (o *page) links(t *teller) {
	q := url.Values{"service": {o.Service}, "persona": {o.Persona}, "uai": {o.UAI}}
	o.Command = "gateway explain --service " + o.Service + " --persona " + o.Persona + " --uai " + o.UAI
	if o.Version != "" {
		q.Set("version", o.Version)
		o.Command += " --draft " + o.Version
	}
	if o.Compare != "" {
		o.Command += " --compare"
	}
	for _, wording := range admin.Wordings() {
		for _, in := range []string{"fr", "en"} {
			q.Set("pour", wording)
			q.Set("langue", in)
			o.Views = append(o.Views, view{fmt.Sprintf("%s, %s", t.say("views."+wording), t.say("views."+in)), Home + "/page?" + q.Encode()})
		}
	}
	q.Del("pour")
	q.Del("langue")
	if o.Compare != "" {
		q.Set("comparer", "1")
	}
	o.Link = Home + "?" + q.Encode()
}

func some(values []string) string {
	if len(values) == 0 {
		return "–"
	}
	return strings.Join(values, " | ")
}

// names says under which name each binding has a word, and what stands there where it is written otherwise than released.
func names(r admin.Released) string {
	var out []string
	for _, n := range r.Names {
		text := strings.TrimSpace(n.Spoken() + " " + n.Name)
		if !slices.Equal(n.Values, r.Values) && len(n.Values) > 0 {
			text += " = " + some(n.Values)
		}
		if n.Shaping != "" {
			text += " (" + n.Shaping + ")"
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		return "–"
	}
	return strings.Join(out, " ; ")
}

// teller says texts in the language of a request.
type teller struct {
	kit *web.Kit
	r   *http.Request
	err error
}

func (t *teller) say(key string, args ...any) string {
	text, err := t.kit.Say(t.r, web.Frame{}, "simulator/"+key, args...)
	if err != nil && t.err == nil {
		t.err = err
	}
	return text
}
