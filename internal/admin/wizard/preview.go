package wizard

import (
	"html/template"
	"slices"

	"ecluse/internal/admin"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// told is what somebody would be told of the text as it stands.
type told struct {
	Who, School string
	Wordings    []wording
	Why         string // nothing can be shown, and why
}

// wording is the same in one wording.
type wording struct {
	Label string
	HTML  template.HTML
}

// mostTried bounds for how many personas a text is tried before the page says that it lets nobody in.
const mostTried = 6

// told tries the text for the personas whom it is for, pupils first, and prints what the first who is let in is told. What
// is not written yet is taken as usual, so that there is something to see from the first step on.
func (p *pages) told(st *state) told {
	view, _, err := st.Desk.Simulable(st.Context(), st.Caller, st.text.ServiceID, desk.Ref{})
	if err != nil {
		return told{Why: st.Say("told.denied")}
	}
	out := told{Why: st.Say("told.nobody")}
	tried := 0
	for _, q := range p.likely(st.text.Audience) {
		draft, uai, ok := st.usual(q)
		if !ok || tried == mostTried {
			continue
		}
		tried++
		as := admin.AsIf(view, st.Now, draft, uai)
		question, err := p.Told.About(as, p.Personas, q.ID, uai, draft.ServiceID)
		if err != nil {
			continue
		}
		question.Lang, question.Protocol = st.In(), "none"
		e := p.Told.Explain(as, question, nil)
		if !e.Allowed {
			if tried == 1 {
				out.Why = e.ReasonSays
			}
			continue
		}
		out = told{Who: q.Name.In(st.In()), School: e.School}
		for _, question.Page = range admin.Wordings() {
			for _, page := range p.Told.Explain(as, question, nil).Pages {
				out.Wordings = append(out.Wordings, wording{st.Say("told." + page.Wording), template.HTML(page.HTML)}) // printed by our own templates
			}
		}
		return out
	}
	return out
}

// likely are the personas whom an audience is for, pupils first.
func (p *pages) likely(a registry.Audience) admin.Personas {
	of := func(q admin.Persona) bool {
		profile, _ := person.ParseProfile(q.Profile)
		return len(a.Profiles) == 0 || slices.Contains(a.Profiles, profile)
	}
	out := slices.DeleteFunc(slices.Clone(p.Personas), func(q admin.Persona) bool { return !of(q) })
	slices.SortStableFunc(out, func(x, y admin.Persona) int { return rankOf(x) - rankOf(y) })
	return out
}

func rankOf(q admin.Persona) int {
	if profile, _ := person.ParseProfile(q.Profile); profile == person.Pupil {
		return 0
	}
	return 1
}

// usual is the text with what is missing filled in, and an establishment in which a persona is usually found: one that the
// text is for, else one of the visitor's own, else any.
func (st *state) usual(q admin.Persona) (registry.Declaration, person.UAI, bool) {
	d := st.text
	today := registry.DateOf(st.Now.In(st.Snapshot.Zone()))
	if d.From.IsZero() {
		d.From = today
	}
	if d.Until.IsZero() {
		d.Until = today.Add(300)
	}
	if profile, ok := person.ParseProfile(q.Profile); ok && len(d.Audience.Profiles) == 0 {
		d.Audience.Profiles = []person.Profile{profile}
	}
	best, found := registry.Establishment{}, 0
	for _, e := range st.Snapshot.Establishments() {
		if e.ClosedAt(st.Now, st.Snapshot.Zone()) || !slices.Contains(q.Usual, e.Kind) {
			continue
		}
		if rank := st.near(d, e); rank > found {
			best, found = e, rank
		}
	}
	switch {
	case found == 0:
		return d, "", false
	case d.Scope.Level == "" || found < 3:
		d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{best.UAI}}
	}
	return d, best.UAI, len(st.text.Scope.UAIs) == 0 || found == 3
}

func (st *state) near(d registry.Declaration, e registry.Establishment) int {
	own := func(h registry.Held) bool { return slices.Contains(h.Over.UAIs, e.UAI) }
	switch {
	case d.Scope.Covers(e):
		return 3
	case slices.ContainsFunc(st.Held, own):
		return 2
	default:
		return 1
	}
}

// trial is a sign-in that is tried with a persona: what would be sent, as each protocol prints it.
type trial struct {
	People      web.Select
	Explanation *admin.Explanation
	Data        web.Table
	Why         string
}

// tried tries the draft for the persona whom the address names.
func (p *pages) tried(st *state) trial {
	asked := st.Query("persona")
	out := trial{People: web.Select{Name: "persona", Label: st.Say("trial.persona"), Options: []web.Option{}}}
	for _, q := range p.Personas {
		out.People.Options = append(out.People.Options, web.Option{Value: q.ID, Label: q.Name.In(st.In()), Chosen: q.ID == asked})
	}
	q, known := p.Personas.Find(asked)
	if !known {
		return out
	}
	view, _, err := st.Desk.Simulable(st.Context(), st.Caller, st.text.ServiceID, desk.Ref{})
	draft, uai, fits := st.usual(q)
	if err != nil || !fits {
		out.Why = st.Say("trial.nowhere")
		return out
	}
	as := admin.AsIf(view, st.Now, draft, uai)
	question, err := p.Told.About(as, p.Personas, q.ID, uai, draft.ServiceID)
	if err != nil {
		out.Why = st.Say("trial.nowhere")
		return out
	}
	question.Lang = st.In()
	e := p.Told.Explain(as, question, nil)
	out.Explanation = &e
	out.Data = web.Table{Caption: st.Say("trial.data"), Head: []string{st.Say("trial.word"), st.Say("trial.value"), st.Say("trial.why")}}
	for _, r := range e.Released {
		out.Data.Rows = append(out.Data.Rows, []string{r.Label, joined(r.Values), r.Justification})
	}
	return out
}
