package wizard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// modelSteps are the parts of a declaration's text that a model has too.
func modelSteps() []int { return []int{stepService, stepPurpose, stepData, stepPlace, stepPapers} }

// onlyOnes are the fields that only whoever makes a declaration can say, and the papers.
func onlyOnes() []string {
	return []string{
		"from", "until", "pilot_until", "pilot_why", "reference", "parties", "signed", "contract_until", "signed_by", "council_act",
		"terms_accepted", "terms_document", "dpia_document",
	}
}

// modelGroups are the groups of a step as a model has them.
func modelGroups(step int) []group {
	var out []group
	for _, g := range groups(step) {
		if slices.Contains([]string{"controller", "scope", "informed", "documents"}, g.key) {
			continue
		}
		g.fields = slices.DeleteFunc(g.fields, func(f field) bool { return slices.Contains(onlyOnes(), f.key) })
		out = append(out, g)
	}
	return out
}

func modelFields(step int) []field {
	var out []field
	for _, g := range modelGroups(step) {
		out = append(out, g.fields...)
	}
	return out
}

func textAt(id string, step int) string { return modelAt(id) + "/texte/" + strconv.Itoa(step) }

// modelState is a model's text on a page.
func modelState(v *frame.Visit, m registry.Model, step int) *state {
	return &state{scene: &scene{Visit: v, text: m.Draft}, step: step, saved: m.Draft, writable: true, status: http.StatusOK}
}

type modelTextPage struct {
	web.Frame
	Name, Label, Here string
	State, Problem    string
	Steps             []web.Tab
	Current           string
	Groups            []shownGroup
	Summary           []web.InputError
	Saved             bool
	Back              string
}

// textOf finds the model and the step of the address, for who may change it.
func textOf(v *frame.Visit) (registry.Model, *state, error) {
	m, err := keptModel(v)
	if err != nil {
		return m, nil, err
	}
	step, err := strconv.Atoi(v.R.PathValue("step"))
	if err != nil || !slices.Contains(modelSteps(), step) {
		return m, nil, web.NotFound(errors.New("a model has no such step"))
	}
	return m, modelState(v, m, step), nil
}

func (p *pages) modelText(w http.ResponseWriter, v *frame.Visit) error {
	m, st, err := textOf(v)
	if err != nil {
		return err
	}
	return p.renderText(w, m, st)
}

// saveModelText keeps what was typed of one part of the text.
func (p *pages) saveModelText(w http.ResponseWriter, v *frame.Visit) error {
	form, err := v.Form()
	if err != nil {
		return err
	}
	m, st, err := textOf(v)
	if err != nil {
		return err
	}
	next := m
	var wrong []registry.Finding
	for _, f := range modelFields(st.step) {
		wrong = append(wrong, f.amiss(st.scene, f.typed(m.Draft, form.Values))...)
		f.set(&next.Draft, f.typed(next.Draft, form.Values))
	}
	if len(wrong) > 0 {
		return p.textAgain(w, m, st, form.Values, &desk.Invalid{Findings: wrong})
	}
	tag := form.Get("etat")
	if tag == "" {
		tag = "none" // a form that does not say what it was made from replaces nothing
	}
	if _, err := v.Desk.PutModel(v.Context(), v.Caller, next, tag); err != nil {
		return p.textAgain(w, m, st, form.Values, err)
	}
	return v.Redirect(w, textAt(m.ID, st.step)+"?enregistre=1")
}

// textAgain shows what was typed, with why it was not kept.
func (p *pages) textAgain(w http.ResponseWriter, m registry.Model, st *state, form url.Values, cause error) error {
	var invalid *desk.Invalid
	var conflict *desk.Conflict
	switch {
	case errors.As(cause, &invalid):
		found := slices.Clone(invalid.Findings)
		for i := range found {
			found[i].Where = strings.TrimPrefix(found[i].Where, "declaration.")
		}
		st.typing(form, found...)
		st.status = http.StatusUnprocessableEntity
	case errors.As(cause, &conflict):
		st.typing(form)
		wrong, _ := st.Wrong(cause)
		st.status, st.problem, st.theirs = wrong.Status, wrong.Lines[0].Text, conflict.Code == "changed"
		if st.theirs {
			st.problem = st.Say("crossed")
		}
	default:
		return cause
	}
	return p.renderText(w, m, st)
}

func (p *pages) renderText(w http.ResponseWriter, m registry.Model, st *state) error {
	out := modelTextPage{
		Name: m.Name.In(st.In()), Label: st.Say("step." + strconv.Itoa(st.step)), Here: textAt(m.ID, st.step), State: desk.Tag(m), Problem: st.problem,
		Saved: st.Query("enregistre") != "" && !st.unsaved, Back: modelAt(m.ID),
	}
	for _, step := range modelSteps() {
		out.Steps = append(out.Steps, web.Tab{Label: st.Say("step." + strconv.Itoa(step)), URL: textAt(m.ID, step)})
	}
	for _, g := range modelGroups(st.step) {
		out.Groups = append(out.Groups, st.shownGroup(g))
	}
	for _, f := range st.wrong {
		out.Summary = append(out.Summary, web.InputError{Name: st.inputOf(f.Where), Text: st.remarkOf(f).Text})
	}
	out.Frame = st.Around(out.Label, web.Tab{Label: st.Say("model.title"), URL: catalogue}, web.Tab{Label: out.Name, URL: out.Back})
	out.Frame.Here = out.Here
	return st.Render(w, st.status, "model_text", out)
}
