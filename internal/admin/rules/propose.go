package rules

import (
	"net/http"
	"slices"
	"strconv"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type newPage struct {
	web.Frame
	Numbers    []web.Input
	INE        web.Input
	Instrument web.Select
	Fall       []web.Input // of an instrument that fell
	Note       web.Area
	From       web.Input
	Wrong      []web.InputError
}

// number is a field of the rules that is one number.
type number struct {
	name string
	of   func(*registry.Rules) *int
}

func numbers() []number {
	return []number{
		{"consent_age", func(r *registry.Rules) *int { return &r.ConsentAge }},
		{"majority", func(r *registry.Rules) *int { return &r.Majority }},
		{"terms_months", func(r *registry.Rules) *int { return &r.TermsMonths }},
		{"terms_grace_days", func(r *registry.Rules) *int { return &r.TermsGrace }},
		{"keep_months", func(r *registry.Rules) *int { return &r.KeepMonths }},
		{"small_group", func(r *registry.Rules) *int { return &r.SmallGroup }},
		{"dpia_from", func(r *registry.Rules) *int { return &r.DPIAFrom }},
	}
}

// instruments are those that can fall as a whole.
func instruments() []registry.Instrument {
	return []registry.Instrument{registry.Adequacy, registry.DPF, registry.SCC, registry.BCR}
}

func begin(w http.ResponseWriter, v *frame.Visit) error {
	if _, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.ProposeRules, roles.Target{}); err != nil {
		return err
	}
	s, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	now, f := s.Rules(v.Now), frame.Form{Values: map[string][]string{}}
	for _, n := range numbers() {
		f.Set(n.name, strconv.Itoa(*n.of(&now)))
	}
	f.Set("ine_text", now.INE)
	return showNew(w, v, f, frame.Wrong{})
}

func showNew(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	field := func(id, kind string) web.Input {
		return web.Input{Name: id, Label: v.Say("field." + id), Type: kind, Value: f.Get(id), Error: wrong.At(id), Autocomplete: "off"}
	}
	out := newPage{
		Frame: v.Around(v.Say("new.title"), web.Tab{Label: v.Say("title"), URL: sets}), INE: field("ine_text", ""),
		Instrument: web.Select{Name: "instrument", Label: v.Say("field.instrument"), Error: wrong.At("withdrawn"), Options: []web.Option{{Label: v.Say("new.none")}}},
		Note:       web.Area{Name: "note", Label: v.Say("field.note"), Hint: v.Say("new.note_hint"), Value: f.Get("note"), Error: wrong.At("note"), Required: true},
		From:       field("from", "date"),
		Wrong: wrong.Summary(func(at string) string {
			switch {
			case slices.ContainsFunc(numbers(), func(n number) bool { return n.name == at }), at == "ine_text", at == "note", at == "from":
				return at
			case len(at) > 8 && at[:9] == "withdrawn":
				return "instrument"
			}
			return ""
		}),
	}
	out.From.Required = true
	for _, n := range numbers() {
		out.Numbers = append(out.Numbers, field(n.name, ""))
	}
	for _, i := range instruments() {
		out.Instrument.Options = append(out.Instrument.Options, web.Option{Value: string(i), Label: v.Say("instrument." + string(i)), Chosen: string(i) == f.Get("instrument")})
	}
	for _, id := range []string{"country", "recipient", "why"} {
		out.Fall = append(out.Fall, field(id, ""))
	}
	out.Fall = append(out.Fall, field("since", "date"), field("deadline", "date"))
	return v.Render(w, max(http.StatusOK, wrong.Status), "new", out)
}

// rulesOf are the rules that hold with what the form says otherwise. A number that is none becomes one that no rules allow.
func rulesOf(now registry.Rules, f frame.Form) registry.Rules {
	next := now
	for _, n := range numbers() {
		value, err := strconv.Atoi(f.Get(n.name))
		if err != nil {
			value = -1
		}
		*n.of(&next) = value
	}
	next.INE, next.Note = f.Get("ine_text"), f.Get("note")
	if i := f.Get("instrument"); i != "" {
		next.Withdrawn = append(slices.Clone(next.Withdrawn), registry.Withdrawal{
			Instrument: registry.Instrument(i), Country: f.Get("country"), Recipient: f.Get("recipient"), Why: f.Get("why"),
			Since: f.Day("since"), Deadline: f.Day("deadline"),
		})
	}
	return next
}

func propose(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	s, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	made, err := v.Desk.ProposeRules(v.Context(), v.Caller, rulesOf(s.Rules(v.Now), f), f.Day("from"))
	if wrong, ok := v.Wrong(err); ok {
		return showNew(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, sets+"/"+strconv.Itoa(made.Rules.Version)+"?fait=proposed")
}
