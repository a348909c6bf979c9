package wizard

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// state is a version on the page: what is kept, and what was typed over it.
type state struct {
	*scene
	ref      desk.Ref
	step     int
	saved    registry.Declaration
	writable bool
	found    []registry.Finding
	told     []bool
	asks     []string

	typed   url.Values       // nil: nothing was
	theirs  bool             // somebody else has saved this step meanwhile
	unsaved bool             // what is shown was not saved
	status  int              // of the answer
	problem string           // said above everything
	refused *desk.NotOffered // the tool is one that was assessed and refused
	wrong   []registry.Finding
}

// open finds the version and the step that an address is about, as change would make it.
func (p *pages) open(v *frame.Visit, change func(*registry.Declaration)) (*state, error) {
	ref, err := refOf(v)
	if err != nil {
		return nil, err
	}
	step := stepSubmit
	if text := v.R.PathValue("step"); text != "" {
		step, err = strconv.Atoi(text)
		if err != nil || step < stepService || step > stepSubmit {
			return nil, web.NotFound(errors.New("there are seven steps"))
		}
	}
	return p.stateOf(v, ref, step, change)
}

func (p *pages) stateOf(v *frame.Visit, ref desk.Ref, step int, change func(*registry.Declaration)) (*state, error) {
	trial, err := v.Desk.Try(v.Context(), v.Caller, ref, change)
	if err != nil {
		return nil, err
	}
	st := &state{
		scene: &scene{Visit: v, text: trial.Declaration}, ref: ref, step: step, saved: trial.Saved, writable: trial.Writable, status: http.StatusOK,
	}
	if view, err := v.Live.Current(); err == nil {
		v.Snapshot = view // what was just saved is in it
	}
	st.service, _ = v.Snapshot.Service(trial.Declaration.ServiceID)
	st.asks = p.Asks(st.service)
	st.found = slices.Concat(trial.Form, trial.Findings)
	st.told = make([]bool, len(st.found))
	return st, nil
}

// typing puts what was typed over what is kept, with what is wrong with it.
func (st *state) typing(form url.Values, wrong ...registry.Finding) {
	st.typed, st.unsaved = form, true
	st.found = append(slices.Clone(wrong), st.found...)
	st.told = make([]bool, len(st.found))
	st.wrong = wrong
}

func (p *pages) show(w http.ResponseWriter, v *frame.Visit) error {
	st, err := p.open(v, nil)
	if err != nil {
		return err
	}
	return p.render(w, st)
}

// save keeps what was typed in one step, or shows what it would come to.
func (p *pages) save(w http.ResponseWriter, v *frame.Visit) error {
	form, err := v.Form()
	if err != nil {
		return err
	}
	st, err := p.open(v, nil)
	if err != nil {
		return err
	}
	var wrong []registry.Finding
	for _, f := range fieldsOf(st.step) {
		wrong = append(wrong, f.amiss(st.scene, f.typed(st.saved, form.Values))...)
	}
	switch {
	case len(wrong) > 0 && st.writable:
		st.typing(form.Values, wrong...)
		st.status = http.StatusUnprocessableEntity
		return p.render(w, st)
	case form.Get("etat") != part(st.step, st.saved):
		return p.crossed(w, st, form)
	case form.Get("act") == "voir":
		return p.look(w, v, form)
	}
	next := st.saved
	change(st.step, form.Values)(&next)
	_, err = v.Desk.Edit(v.Context(), v.Caller, next, desk.Tag(st.saved))
	if err != nil {
		return p.unsaved(w, v, form, err)
	}
	if form.Get("act") == "suite" && st.step < stepSubmit {
		return v.Redirect(w, at(st.ref, st.step+1))
	}
	return v.Redirect(w, at(st.ref, st.step)+"?enregistre=1")
}

// look shows what was typed as if it were saved.
func (p *pages) look(w http.ResponseWriter, v *frame.Visit, form frame.Form) error {
	st, err := p.open(v, nil)
	if err != nil {
		return err
	}
	as, err := p.open(v, change(st.step, form.Values))
	if err != nil {
		return p.unsaved(w, v, form, err)
	}
	as.typing(form.Values)
	return p.render(w, as)
}

// crossed shows what somebody else has saved beside what was typed. Saving again puts the latter in its place, knowingly.
func (p *pages) crossed(w http.ResponseWriter, st *state, form frame.Form) error {
	st.typing(form.Values)
	st.theirs, st.status, st.problem = true, http.StatusConflict, st.Say("crossed")
	return p.render(w, st)
}

// unsaved shows what was typed again, with why it was not kept.
func (p *pages) unsaved(w http.ResponseWriter, v *frame.Visit, form frame.Form, cause error) error {
	st, err := p.open(v, nil)
	if err != nil {
		return err
	}
	var invalid *desk.Invalid
	var conflict *desk.Conflict
	var refused *desk.NotOffered
	switch {
	case errors.As(cause, &invalid):
		st.typing(form.Values, invalid.Findings...)
		st.status = http.StatusUnprocessableEntity
	case errors.As(cause, &refused):
		st.typing(form.Values)
		st.refused, st.status = refused, http.StatusUnprocessableEntity
	case errors.As(cause, &conflict) && conflict.Code == "changed":
		return p.crossed(w, st, form)
	case errors.As(cause, &conflict):
		wrong, _ := v.Wrong(cause)
		st.typing(form.Values, conflict.Need...)
		st.status, st.problem = http.StatusConflict, wrong.Lines[0].Text
	default:
		return cause
	}
	return p.render(w, st)
}

// submit hands the draft over.
func (p *pages) submit(w http.ResponseWriter, v *frame.Visit) error {
	form, err := v.Form()
	if err != nil {
		return err
	}
	ref, err := refOf(v)
	if err != nil {
		return err
	}
	_, err = v.Desk.Submit(v.Context(), v.Caller, desk.Move{Ref: ref, Match: form.Get("version")})
	if err != nil {
		return p.notSubmitted(w, v, err)
	}
	return v.Redirect(w, at(ref, stepSubmit)+"?soumise=1")
}

func (p *pages) notSubmitted(w http.ResponseWriter, v *frame.Visit, cause error) error {
	st, err := p.open(v, nil)
	if err != nil {
		return err
	}
	var refused *desk.NotOffered
	wrong, known := v.Wrong(cause)
	switch {
	case errors.As(cause, &refused):
		st.refused, st.status = refused, http.StatusUnprocessableEntity
	case known && wrong.Status == http.StatusUnprocessableEntity:
		st.status, st.problem = wrong.Status, st.Say("submit.form")
	case known:
		st.status, st.problem = wrong.Status, wrong.Lines[0].Text
	default:
		return cause
	}
	return p.render(w, st)
}
