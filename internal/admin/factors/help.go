package factors

import (
	"errors"
	"net/http"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// helpers are the roles that take away the means of somebody who lost theirs; package roles has the table.
func helpers() []registry.Role {
	return []registry.Role{registry.Recteur, registry.DPO, registry.Admin}
}

type helpPage struct {
	web.Frame
	Word   web.Input
	Reason web.Input
	Known  string   // the word, once it was found
	Held   []string // in which capacities that person is at the desk
	Done   bool
}

// help is the page of a second administrator: a word, then whom it is of, then a reason.
func (p *page) help(w http.ResponseWriter, v *frame.Visit) error {
	if !v.Holds(helpers()...) {
		return &roles.Denied{Act: roles.ResetFactors, Why: "role", Who: helpers()}
	}
	out := helpPage{
		Word:   web.Input{Name: "mot", Label: v.Say("help.word"), Hint: v.Say("help.word_hint"), Autocomplete: "off", Required: true},
		Reason: web.Input{Name: "motif", Label: v.Say("help.reason"), Hint: v.Say("help.reason_hint"), Autocomplete: "off", Required: true},
	}
	status := http.StatusOK
	if v.R.Method == http.MethodPost {
		f, err := v.Form()
		if err != nil {
			return err
		}
		if status, err = p.helped(v, f, &out); err != nil {
			return err
		}
	}
	out.Frame = v.Around(v.Say("help.title"), web.Tab{Label: v.Say("title"), URL: home})
	out.Here = home + "/aider"
	return v.Render(w, status, "help", out)
}

func (p *page) helped(v *frame.Visit, f frame.Form, out *helpPage) (int, error) {
	word := f.Get("mot")
	out.Word.Value = word
	lost, err := v.Desk.WhoLost(v.Context(), v.Caller, word)
	var missing *desk.NotFound
	if errors.As(err, &missing) {
		out.Word.Error = v.Say("help.unknown")
		return http.StatusNotFound, nil
	}
	if err != nil {
		return 0, err
	}
	out.Known = word
	for _, h := range lost.Held {
		out.Held = append(out.Held, strings.TrimSpace(v.Role(h.Role)+" – "+v.Over(h.Over)))
	}
	if !f.Values.Has("motif") {
		return http.StatusOK, nil
	}
	err = v.Desk.ResetFactors(v.Context(), v.Caller, word, f.Get("motif"))
	if wrong, ok := v.Wrong(err); ok {
		out.Reason.Value, out.Reason.Error = f.Get("motif"), v.Say("help.why")
		return wrong.Status, nil
	}
	out.Done = err == nil
	return http.StatusOK, err
}
