package offices

import (
	"net/http"
	"net/url"
	"slices"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// The states of an appointment as the pages say them.
const (
	proposed  = "proposed"  // it waits for somebody else
	unclaimed = "unclaimed" // confirmed, and nobody used the word
	held      = "held"
	ended     = "ended"
	revoked   = "revoked"
	suspended = "suspended"
)

func standings() []string { return []string{proposed, unclaimed, held, suspended, ended, revoked} }

func standing(v *frame.Visit, a registry.Appointment) string {
	switch {
	case a.State == registry.Revoked:
		return revoked
	case !v.Now.Before(a.Until.Ends(v.Snapshot.Zone())):
		return ended
	case a.State == registry.Proposed:
		return proposed
	case v.Snapshot.Stopped(registry.StopAppointment, a.ID):
		return suspended
	case a.Holder == "":
		return unclaimed
	}
	return held
}

func badge(v *frame.Visit, word string) web.Badge {
	kind := map[string]string{proposed: "warning", unclaimed: "info", held: "success", suspended: "danger"}[word]
	return web.Badge{Kind: kind, Text: v.Say("standing." + word)}
}

// on is what an act about an appointment is about.
func on(a registry.Appointment) roles.Target {
	return roles.Target{Role: a.Role, Over: a.Over, Author: a.Author}
}

type listPage struct {
	web.Frame
	Text  web.Input
	State web.Select
	Rows  []row
	Count int
	Pager web.Pager
	New   bool // whether the visitor proposes any
	Del   string
}

type row struct {
	Role, URL, Over, Until string
	Mine                   bool
	State                  web.Badge
}

func list(w http.ResponseWriter, v *frame.Visit) error {
	all, err := v.Desk.Appointments(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	sought, state := frame.Seek(v.Query("q")), v.Query("etat")
	all = slices.DeleteFunc(all, func(a registry.Appointment) bool {
		return slices.Contains(standings(), state) && standing(v, a) != state || !sought.In(v.Role(a.Role), v.Over(a.Over))
	})
	slices.SortStableFunc(all, func(a, b registry.Appointment) int { // what waits first, then the newest
		return slices.Index(standings(), standing(v, a)) - slices.Index(standings(), standing(v, b))
	})
	part, pager := frame.Part(v, all, perPage)
	out := listPage{
		Frame: v.Around(v.Say("title")), Count: len(all), Pager: pager, New: appoints(v),
		Text:  web.Input{Name: "q", Label: v.Say("list.text"), Type: "search", Value: v.Query("q"), Autocomplete: "off"},
		State: web.Select{Name: "etat", Label: v.Say("list.state"), Options: []web.Option{{Label: v.Say("list.any")}}},
	}
	if sees(v) {
		out.Del = delegations
	}
	for _, word := range standings() {
		out.State.Options = append(out.State.Options, web.Option{Value: word, Label: v.Say("standing." + word), Chosen: word == state})
	}
	for _, a := range part {
		out.Rows = append(out.Rows, row{
			Role: v.Role(a.Role), URL: mandates + "/" + url.PathEscape(a.ID), Over: v.Over(a.Over), Until: v.Date(a.Until),
			Mine: a.Holder == v.Caller.Handle, State: badge(v, standing(v, a)),
		})
	}
	return v.Render(w, http.StatusOK, "list", out)
}

// appoints tells whether the visitor holds a role that proposes appointments somewhere; package desk asks where.
func appoints(v *frame.Visit) bool {
	return v.Holds(registry.HeadOfSchool, registry.Recteur, registry.Admin)
}

type onePage struct {
	web.Frame
	ID, Role string
	State    web.Badge
	Terms    []web.Term
	History  []string
	Confirm  bool
	Own      bool // one's own proposal, which somebody else confirms
	Revoke   bool
	Reason   web.Area
	Stop     string
	Wrong    []web.InputError
	Done     string
}

func find(v *frame.Visit, id string) (registry.Appointment, error) {
	all, err := v.Desk.Appointments(v.Context(), v.Caller)
	if err != nil {
		return registry.Appointment{}, err
	}
	i := slices.IndexFunc(all, func(a registry.Appointment) bool { return a.ID == id })
	if i < 0 {
		return registry.Appointment{}, &desk.NotFound{Kind: "appointment", ID: id}
	}
	return all[i], nil
}

func one(w http.ResponseWriter, v *frame.Visit) error {
	return show(w, v, v.R.PathValue("id"), "", frame.Wrong{})
}

func show(w http.ResponseWriter, v *frame.Visit, id, typed string, wrong frame.Wrong) error {
	a, err := find(v, id)
	if err != nil {
		return err
	}
	word := standing(v, a)
	out := onePage{
		ID: id, Role: v.Role(a.Role), State: badge(v, word), Terms: terms(v, a),
		Confirm: word == proposed && v.May(roles.ConfirmAppoint, on(a)),
		Own:     word == proposed && a.Author == v.Caller.Handle,
		Revoke:  word != revoked && word != ended && v.May(roles.RevokeAppoint, on(a)),
		Reason:  web.Area{Name: "motif", Label: v.Say("decide.reason"), Hint: v.Say("decide.hint"), Value: typed, Error: wrong.At("reason")},
		Wrong:   wrong.Summary(func(field string) string { return map[string]string{"reason": "motif"}[field] }),
	}
	for _, d := range a.Decisions {
		out.History = append(out.History, v.Say("history."+historyWord(d), "date", v.Kit.DateTime(v.Lang, d.At), "office", v.InOffice(d.Office), "text", d.Reason))
	}
	stop := frame.Home + "suspendre?" + url.Values{"genre": {string(registry.StopAppointment)}, "id": {id}}.Encode()
	stops := word == held && v.May(roles.SuspendOffice, on(a)) || word == suspended && v.May(roles.LiftOffice, on(a))
	if stops && v.Mounted(stop) {
		out.Stop = stop
	}
	if said := v.Query("fait"); slices.Contains([]string{"confirmed", "revoked"}, said) && v.R.Method == http.MethodGet {
		out.Done = v.Say("done." + said)
	}
	out.Frame = v.Around(out.Role, web.Tab{Label: v.Say("title"), URL: mandates})
	if wrong.Status != 0 {
		out.Here = mandates + "/" + url.PathEscape(id)
	}
	return v.Render(w, max(http.StatusOK, wrong.Status), "one", out)
}

func historyWord(d registry.Decision) string {
	if d.State == registry.Approved {
		return "confirmed"
	}
	return "revoked"
}

func terms(v *frame.Visit, a registry.Appointment) []web.Term {
	var out []web.Term
	say := func(key, text string) {
		if text != "" {
			out = append(out, web.Term{Term: v.Say("one." + key), Text: text})
		}
	}
	say("over", v.Over(a.Over))
	say("act", a.Act)
	say("reason", a.Reason)
	say("from", v.Date(a.From))
	say("until", v.Date(a.Until))
	if a.Holder != "" {
		say("claimed", v.Say("one.claimed_yes"))
	} else {
		say("claimed", v.Say("one.claimed_no"))
	}
	return out
}

// secondWord confirms for somebody who cannot sign in yet, and shows the second word, once.
func secondWord(w http.ResponseWriter, v *frame.Visit, id, reason string) error {
	made, word, err := v.Desk.ConfirmWithWord(v.Context(), v.Caller, id, reason)
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, id, reason, wrong)
	}
	if err != nil {
		return err
	}
	w.Header().Set("Cache-Control", "no-store")
	out := wordPage{
		Frame: v.Around(v.Say("word.title"), web.Tab{Label: v.Say("title"), URL: mandates}), Word: word, Second: true,
		Role: v.Role(made.Role), Over: v.Over(made.Over), URL: mandates + "/" + made.ID,
	}
	return v.Render(w, http.StatusOK, "word", out)
}

func decide(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	id, state := v.R.PathValue("id"), registry.AppState(f.Get("etat"))
	if _, err := find(v, id); err != nil {
		return err
	}
	if f.Get("etat") == "word" {
		return secondWord(w, v, id, f.Get("motif"))
	}
	_, err = v.Desk.ConfirmAppointment(v.Context(), v.Caller, id, state, f.Get("motif"))
	if wrong, ok := v.Wrong(err); ok {
		return show(w, v, id, f.Get("motif"), wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, mandates+"/"+url.PathEscape(id)+"?fait="+string(state))
}
