package incidents

import (
	"net/http"
	"net/url"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// stopPage is the button, and what is stopped.
type stopPage struct {
	web.Frame
	Wrong   []web.InputError
	Kind    web.Select
	ID      web.Input
	Reason  web.Area
	Stopped []stopped
}

type stopped struct {
	Kind, ID         string
	What, By, Reason string
	At               string
	Untold           []string
	Last             bool   // the one that the address names
	Why, Wrong       string // what was typed to lift it, and what is wrong with that
}

func showButton(w http.ResponseWriter, v *frame.Visit) error {
	b := desk.Button{Kind: registry.StopKind(v.Query("genre")), ID: v.Query("id")}
	return renderButton(w, v, b, desk.Button{}, frame.Wrong{})
}

// renderButton shows the form with what was typed, or the one that lifts. A head finds the own establishment in it.
func renderButton(w http.ResponseWriter, v *frame.Visit, b, lifts desk.Button, wrong frame.Wrong) error {
	all, err := v.Desk.Stops(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	if b.Kind == "" && b.ID == "" {
		b.Kind = registry.StopService
		if uai, one := ownSchool(v); one {
			b.Kind, b.ID = registry.StopEstablishment, string(uai)
		}
	}
	summary, lifted := wrong, ""
	if lifts.ID != "" {
		wrong = frame.Wrong{Status: wrong.Status} // nothing is wrong with the button
	}
	page := stopPage{
		Frame:  v.Around(v.Say("stop.title")),
		Kind:   web.Select{Name: "genre", Label: v.Say("stop.kind.label"), Error: wrong.At("kind")},
		ID:     web.Input{Name: "id", Label: v.Say("stop.id"), Hint: v.Say("stop.id_hint"), Value: b.ID, Error: wrong.At("id"), Autocomplete: "off", Required: true},
		Reason: web.Area{Name: "motif", Label: v.Say("stop.reason"), Hint: v.Say("stop.reason_hint"), Value: b.Reason, Error: wrong.At("reason"), Required: true},
	}
	for _, kind := range registry.StopKinds() {
		page.Kind.Options = append(page.Kind.Options, web.Option{Value: string(kind), Label: v.Say("stop.kind." + string(kind)), Chosen: kind == b.Kind})
	}
	for _, s := range all {
		one := stoppedOf(v, s, b)
		if s.Kind == lifts.Kind && s.ID == lifts.ID {
			one.Why, one.Wrong, lifted = lifts.Reason, summary.At("reason"), "lever-"+one.Kind+"-"+one.ID
		}
		page.Stopped = append(page.Stopped, one)
	}
	page.Wrong = summary.Summary(func(field string) string {
		if lifts.ID != "" {
			return lifted
		}
		return map[string]string{"kind": "genre", "id": "id", "reason": "motif"}[field]
	})
	return v.Render(w, max(http.StatusOK, wrong.Status), "stop", page)
}

// ownSchool is the one establishment that the visitor heads.
func ownSchool(v *frame.Visit) (person.UAI, bool) {
	var found []person.UAI
	for _, h := range v.Held {
		if h.Role == registry.HeadOfSchool || h.Role == registry.Deputy || h.Role == registry.Directeur {
			found = append(found, h.Over.UAIs...)
		}
	}
	if len(found) != 1 {
		return "", false
	}
	return found[0], true
}

func stoppedOf(v *frame.Visit, s desk.Stopped, asked desk.Button) stopped {
	out := stopped{
		Kind: string(s.Kind), ID: s.ID, What: v.Say("stop.kind."+string(s.Kind)) + " " + s.ID, By: v.InOffice(s.Decision.Office), Reason: s.Decision.Reason,
		Last: s.Kind == asked.Kind && s.ID == asked.ID,
	}
	switch s.Kind {
	case registry.StopService:
		out.What = v.Service(s.ID)
	case registry.StopEstablishment:
		out.What = v.School(person.UAI(s.ID))
	}
	if !s.Decision.At.IsZero() {
		out.At = v.Kit.DateTime(v.Lang, s.Decision.At)
	}
	for _, u := range s.Untold {
		out.Untold = append(out.Untold, v.Service(u.Service)+", "+u.Protocol)
	}
	return out
}

func posted(v *frame.Visit) (desk.Button, error) {
	f, err := v.Form()
	return desk.Button{Kind: registry.StopKind(f.Get("genre")), ID: f.Get("id"), Reason: f.Get("motif")}, err
}

func stop(w http.ResponseWriter, v *frame.Visit) error {
	b, err := posted(v)
	if err != nil {
		return err
	}
	_, err = v.Desk.Stop(v.Context(), v.Caller, b)
	if wrong, ok := v.Wrong(err); ok {
		return renderButton(w, v, b, desk.Button{}, wrong)
	}
	return pressed(w, v, b, err)
}

func start(w http.ResponseWriter, v *frame.Visit) error {
	b, err := posted(v)
	if err != nil {
		return err
	}
	_, err = v.Desk.Start(v.Context(), v.Caller, b)
	if wrong, ok := v.Wrong(err); ok {
		return renderButton(w, v, desk.Button{}, b, wrong)
	}
	return pressed(w, v, b, err)
}

// pressed shows what is stopped now.
func pressed(w http.ResponseWriter, v *frame.Visit, b desk.Button, err error) error {
	if err != nil {
		return err
	}
	return v.Redirect(w, button+"?"+url.Values{"genre": {string(b.Kind)}, "id": {b.ID}}.Encode())
}
