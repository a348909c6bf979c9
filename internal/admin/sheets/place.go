package sheets

import (
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// placeOf is how a service stands in an establishment, and what the caller may decide there.
func placeOf(v *frame.Visit, s registry.Service, e registry.Establishment, d registry.Declaration, standing string, was posted) *place {
	now, _ := v.Snapshot.Enabling(s.ID, e.UAI)
	on := roles.Target{Service: s.ID, UAIs: []person.UAI{e.UAI}}
	out := &place{
		UAI: string(e.UAI), Name: v.School(e.UAI), Here: here(v, s.ID, e, openers(v, s)), Pupils: pupils(v, e),
		Covered: d.ID != "" && d.Scope.Covers(e),
	}
	if !now.Since.IsZero() {
		out.Since = v.Kit.Date(v.Lang, now.Since)
	}
	if n := len(now.Decisions); n > 0 && v.May(roles.ReadJournal, on) {
		out.Reason = now.Decisions[n-1].Reason
	}
	if v.May(roles.Enable, on) {
		out.Enable, out.Hint = enabling(v, now, d, standing, out.Covered)
		if now.State != registry.RefusedHere {
			out.Refuse = reason(v, string(registry.RefusedHere), was)
		}
	}
	if v.May(roles.SuspendLocally, on) && now.State != registry.SuspendedHere && now.State != registry.RefusedHere {
		out.Suspend = reason(v, string(registry.SuspendedHere), was)
	}
	return out
}

// enabling is the button that opens a service in a school, and what it means; or why there is none.
func enabling(v *frame.Visit, now registry.Enabling, d registry.Declaration, standing string, covered bool) (button, hint string) {
	same := now.Declaration == d.ID && now.Version == d.Version
	switch {
	case standing == suspended:
		return "", v.Say("enable.suspended")
	case !covered || standing == closed:
		return "", v.Say("enable.not_covered")
	case standing == ended:
		return "", v.Say("enable.ended")
	case now.State == registry.Enabled && same:
		return "", v.Say("enable.open")
	case now.State == registry.Enabled:
		return v.Say("enable.accept"), v.Say("enable.accept_hint", "version", desk.Ref{ID: d.ID, Version: d.Version}.String())
	case now.State == registry.SuspendedHere:
		return v.Say("enable.lift"), v.Say("enable.lift_hint")
	case standing == upcoming:
		return v.Say("enable.button"), v.Say("enable.upcoming", "date", v.Date(d.From))
	case d.Scope.Level == registry.ByAcademy && d.Scope.Alone():
		return "", v.Say("enable.everywhere")
	}
	return v.Say("enable.button"), v.Say("enable.hint")
}

func reason(v *frame.Visit, action string, was posted) *area {
	out := &area{Area: web.Area{Name: "motif-" + action, Label: v.Say("reason.label"), Hint: v.Say("reason.hint"), Required: true}}
	if was.action == action {
		out.Open, out.Value, out.Error = true, was.form.Get(out.Name), was.wrong.At("reason")
	}
	return out
}

// pupils says how many pupils an establishment has, as far as anybody counted.
func pupils(v *frame.Visit, e registry.Establishment) string {
	if h, ok := v.Snapshot.Headcount(e.UAI); ok && len(h.Classes) > 0 {
		n := 0
		for _, of := range h.Classes {
			n += of
		}
		return v.Say("pupils.counted", "n", n, "date", v.Date(h.On))
	}
	if e.Pupils > 0 {
		return v.Say("pupils.listed", "n", e.Pupils)
	}
	return v.Say("pupils.unknown")
}

// decide takes the form of one establishment.
func (p *pages) decide(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, state := v.R.PathValue("id"), registry.EnablingState(f.Get("etat"))
	stance := desk.Stance{
		Service: id, State: state, Where: desk.Where{UAIs: []person.UAI{person.UAI(f.Get("uai"))}}, Reason: f.Get("motif-" + string(state)),
	}
	if state == registry.Enabled {
		e, _ := v.Snapshot.Establishment(person.UAI(f.Get("uai")))
		d, _, _ := current(v, id, &e)
		stance.Declaration, stance.Version = d.ID, d.Version
	}
	_, err = v.Desk.Decide(v.Context(), v.Caller, stance)
	return p.after(w, v, id, f, posted{form: f, action: string(state)}, err)
}

// stop takes the form that stops a service everywhere, or starts it again.
func (p *pages) stop(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id := v.R.PathValue("id")
	button := desk.Button{Kind: registry.StopService, ID: id, Reason: f.Get("motif-stop")}
	if f.Get("etat") == "lift" {
		_, err = v.Desk.Start(v.Context(), v.Caller, button)
	} else {
		_, err = v.Desk.Stop(v.Context(), v.Caller, button)
	}
	return p.after(w, v, id, f, posted{form: f, action: "stop"}, err)
}

// after leads back to the sheet, or shows it again with what is wrong.
func (p *pages) after(w http.ResponseWriter, v *frame.Visit, id string, f frame.Form, was posted, err error) error {
	var wrong bool
	if was.wrong, wrong = v.Wrong(err); wrong {
		return p.show(w, v, id, f.Get("uai"), was)
	}
	if err != nil {
		return err
	}
	q := url.Values{"fait": {f.Get("etat")}}
	if uai := f.Get("uai"); uai != "" {
		q.Set("uai", uai)
	}
	return v.Redirect(w, home+"/"+url.PathEscape(id)+"?"+q.Encode())
}

// done says what was just done, as the address tells.
func done(v *frame.Visit) string {
	word := v.Query("fait")
	if v.R.Method != http.MethodGet || !slices.Contains([]string{"enabled", "refused", "suspended", "stop", "lift"}, word) {
		return ""
	}
	return v.Say("done." + word)
}

// stopping is the form that stops a service everywhere, or starts it again, for who may.
func stopping(v *frame.Visit, s registry.Service, sheet desk.Sheet, was posted) *stopForm {
	act := roles.Suspend
	if s.Suspended {
		act = roles.Lift
	}
	if !v.May(act, roles.Target{Service: s.ID}) {
		return nil
	}
	out := &stopForm{
		Reason: web.Area{Name: "motif-stop", Label: v.Say("reason.label"), Hint: v.Say("reason.hint"), Required: true},
		Lift:   s.Suspended, Schools: v.Number(sheet.Schools), Pupils: v.Pupils(sheet.Pupils, sheet.Schools),
	}
	if was.action == "stop" {
		out.Open, out.Reason.Value, out.Reason.Error = true, was.form.Get("motif-stop"), was.wrong.At("reason")
	}
	return out
}
