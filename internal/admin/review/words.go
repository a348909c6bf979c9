package review

import (
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// state is where a version stands, in words.
func state(v *frame.Visit, s registry.Standing) web.Badge {
	kind := "info"
	switch s {
	case registry.Active, registry.Upcoming:
		kind = "success"
	case registry.Expired, registry.Standing(registry.ToCorrect):
		kind = "warning"
	case registry.Standing(registry.Suspended), registry.Standing(registry.Refused):
		kind = "danger"
	}
	return web.Badge{Kind: kind, Text: v.Say("state." + string(s))}
}

// changed is what a version changes against the one before it, in words.
func changed(v *frame.Visit, c registry.ChangeKind) web.Badge {
	kind := "info"
	if c == registry.Wider {
		kind = "warning"
	}
	return web.Badge{Kind: kind, Text: v.Say("change." + string(c))}
}

func changeOf(v *frame.Visit, d registry.Difference, address string) change {
	out := change{Kind: web.Badge{Text: v.Say("change.paper")}, Field: field(v, d.Where), Before: or(said(v, d.Before)), After: or(said(v, d.After))}
	switch {
	case d.Wider:
		out.Kind = web.Badge{Kind: "warning", Text: v.Say("change.wider")}
	case d.Narrower:
		out.Kind = web.Badge{Kind: "success", Text: v.Say("change.narrower")}
	}
	out.Comment = commentAt(address, d.Where)
	return out
}

func or(text string) string {
	if text == "" {
		return "–"
	}
	return text
}

// stakes is how much is at stake, in words.
func stakes(v *frame.Visit, s desk.Stakes) web.Badge {
	kind := map[desk.Stakes]string{desk.StakesHigh: "danger", desk.StakesUnknown: "warning", desk.StakesMedium: "info", desk.StakesLow: "success"}[s]
	return web.Badge{Kind: kind, Text: v.Say("stakes." + string(s))}
}

// controllerOf names who answers for it, with their function.
func controllerOf(d registry.Declaration) string {
	if d.Controller.Office == "" {
		return d.Controller.Name
	}
	return strings.TrimSpace(d.Controller.Name + " (" + d.Controller.Office + ")")
}

func facts(v *frame.Visit, s desk.Sheet) []web.Term {
	d := s.Declaration
	var purposes []string
	for _, p := range d.Purposes {
		purposes = append(purposes, p.In(v.In()))
	}
	return []web.Term{
		{Term: v.Say("facts.purpose"), Text: or(v.List(purposes...))},
		{Term: v.Say("facts.controller"), Text: or(controllerOf(d))},
		{Term: v.Say("facts.supplier"), Text: or(d.Supplier.Name)},
		{Term: v.Say("facts.scope"), Text: scope(v, d.Scope)},
		{Term: v.Say("facts.dates"), Text: v.Say("facts.from_until", "from", or(v.Date(d.From)), "until", or(v.Date(d.Until)))},
	}
}

// scope says where a declaration holds; many establishments are counted.
func scope(v *frame.Visit, s registry.Scope) string {
	if s.Level == "" {
		return v.Say("scope.none")
	}
	over := registry.Over{Academies: s.Academies, Departments: s.Departments, UAIs: s.UAIs}
	text := v.Over(over)
	if len(s.UAIs) > 3 {
		text = v.Say("scope.schools", "count", len(s.UAIs))
	}
	if s.All {
		text = v.Say("scope.all", "where", text)
	}
	return text
}

// text is everything that a version declares, field by field.
func text(v *frame.Visit, d registry.Declaration) web.Table {
	out := web.Table{Caption: v.Say("text.caption"), Head: []string{v.Say("text.field"), v.Say("text.says")}}
	for _, f := range registry.Diff(registry.Declaration{}, d) {
		if top := topOf(f.Where); f.After != "" && top != "id" {
			out.Rows = append(out.Rows, []string{field(v, f.Where), said(v, f.After)})
		}
	}
	return out
}

// others are the other versions of the declaration in the visitor's sight, the newest first.
func others(v *frame.Visit, d registry.Declaration) ([]web.Tab, error) {
	found, err := v.Desk.Find(v.Context(), v.Caller, desk.Query{ID: d.ID, Service: d.ServiceID})
	var out []web.Tab
	for _, o := range found {
		if o.Version != d.Version {
			ref := desk.Ref{ID: o.ID, Version: o.Version}
			out = append(out, web.Tab{Label: ref.String(), URL: addressOf(ref)})
		}
	}
	return out, err
}

func effect(v *frame.Visit, s desk.Sheet) []web.Term {
	out := []web.Term{
		{Term: v.Say("effect.schools"), Text: v.Number(s.Schools)},
		{Term: v.Say("effect.pupils"), Text: v.Pupils(s.Pupils, s.Schools)},
	}
	if s.Waiting > 0 {
		out = append(out, web.Term{Term: v.Say("effect.waiting"), Text: v.Number(s.Waiting)})
	}
	return out
}

func (p *pages) papers(v *frame.Visit, d registry.Declaration) []paper {
	var out []paper
	reads := v.May(roles.ReadPapers, of(d))
	for _, doc := range d.Documents {
		one := paper{Label: v.Say("paper."+string(doc.Kind), "name", doc.Name), Date: v.Date(doc.Date)}
		if reads && doc.Hash != "" {
			one.URL = p.Documents + doc.Hash
		}
		out = append(out, one)
	}
	return out
}

func opinion(v *frame.Visit, d registry.Declaration, o registry.Opinion) event {
	out := event{At: o.At, What: v.Say("verdict." + string(o.Value)), Office: v.InOffice(o.Office), Reason: o.Reason}
	switch {
	case o.From != "":
		out.Remark = v.Say("opinion.from", "from", o.From)
	case o.Beside:
		out.Remark = v.Say("opinion.beside")
	case o.Text != d.Fingerprint():
		out.Remark = v.Say("opinion.stale")
	}
	return out
}

// decision is one act in words. The mark of a joint controller's approval is no remark of anybody's.
func decision(v *frame.Visit, by registry.Decision) event {
	out := event{At: by.At, What: v.Say("state." + string(by.State)), Office: v.InOffice(by.Office), Reason: by.Reason}
	if out.Office == "" {
		out.Office = v.Say("history.author")
	}
	if by.Under != "" {
		out.Office = v.Say("history.under", "office", out.Office, "act", by.Under)
	}
	if by.Paper != nil {
		out.Remark = v.Say("history.paper", "act", by.Paper.Act)
	}
	for _, n := range by.Notes {
		if by.State == registry.ToCorrect {
			out.Notes = append(out.Notes, web.Term{Term: field(v, n.Where), Text: n.What})
		} else {
			out.What = v.Say("history.joint")
		}
	}
	return out
}

// inCharge says who may do what comes next, and who stands in.
func inCharge(v *frame.Visit, all []desk.InCharge) []web.Term {
	var out []web.Term
	for _, c := range all {
		texts := []string{v.Role(c.Role)}
		if c.Vacant {
			texts[0] = v.Say("charge.vacant", "role", texts[0])
		}
		for _, s := range c.Stands {
			texts = append(texts, v.Say("charge.stands", "act", s.Under, "until", v.Date(s.Until)))
		}
		out = append(out, web.Term{Term: v.Say("charge." + string(c.Act)), Text: v.List(texts...)})
	}
	return out
}
