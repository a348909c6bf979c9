package review

import (
	"net/url"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// commentAt leads to the form that says something about a field.
func commentAt(address, where string) string {
	return address + "?champ=" + url.QueryEscape(where) + "#commenter"
}

// fields fills the forms, with what was typed where one was refused.
func (o *versionPage) fields(v *frame.Visit, a asked) {
	typed := func(step, key string) string {
		if a.step == step {
			return a.form.Get(key)
		}
		return ""
	}
	wrong := func(step, where string) string {
		if a.step == step {
			return a.wrong.At(where)
		}
		return ""
	}
	at := v.Query("champ")
	if a.step == "commentaire" {
		at = a.form.Get("precision")
		if topOf(at) != a.form.Get("champ") {
			at = a.form.Get("champ")
		}
	}
	top := topOf(at)
	if !slices.Contains(registry.TextFields(), top) {
		top, at = "", ""
	}
	if at != top {
		o.Form.Below = at
	}
	o.Form.Field = web.Select{Name: "champ", Label: v.Say("comment.field"), Error: wrong("commentaire", "where"), Options: fieldOptions(v, top)}
	if o.Form.Below != "" {
		o.Form.Field.Hint = v.Say("comment.below", "field", field(v, at))
	}
	o.Form.Says = web.Area{Name: "commentaire", Label: v.Say("comment.says"), Value: typed("commentaire", "commentaire"), Error: wrong("commentaire", "says"), Required: true}
	o.Form.Verdict = web.Select{Name: "avis", Label: v.Say("opinion.value"), Error: wrong("avis", "value"), Options: verdicts(v, typed("avis", "avis"))}
	o.Form.Opinion = web.Area{Name: "avis-motif", Label: v.Say("opinion.reason"), Hint: v.Say("opinion.hint"), Value: typed("avis", "avis-motif"), Error: wrong("avis", "reason")}
	o.Form.Spot = web.Select{Name: "correction-champ", Label: v.Say("correct.field"), Options: fieldOptions(v, topOf(typed("correction", "correction-champ")))}
	o.Form.Remark = web.Area{Name: "remarque", Label: v.Say("correct.remark"), Value: typed("correction", "remarque"), Error: wrong("correction", "notes")}
	o.Form.Approving = web.Area{Name: "approbation-motif", Label: v.Say("approve.reason"), Hint: v.Say("approve.hint"), Value: typed("approbation", "approbation-motif"), Error: wrong("approbation", "reason")}
	o.Form.Refusal = web.Area{Name: "refus-motif", Label: v.Say("refuse.reason"), Hint: v.Say("refuse.hint"), Value: typed("refus", "refus-motif"), Error: wrong("refus", "reason"), Required: true}
}

// fieldOptions are the fields of a declaration; none is the whole of it.
func fieldOptions(v *frame.Visit, chosen string) []web.Option {
	out := []web.Option{{Label: v.Say("field.declaration"), Chosen: chosen == ""}}
	for _, f := range registry.TextFields() {
		out = append(out, web.Option{Value: f, Label: v.Say("field." + f), Chosen: f == chosen})
	}
	return out
}

func verdicts(v *frame.Visit, chosen string) []web.Option {
	out := []web.Option{{Label: v.Say("opinion.choose"), Chosen: chosen == ""}}
	for _, one := range []registry.Verdict{registry.Favourable, registry.WithReservations, registry.Unfavourable} {
		out = append(out, web.Option{Value: string(one), Label: v.Say("verdict." + string(one)), Chosen: string(one) == chosen})
	}
	return out
}
