package inquiries

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

type askPage struct {
	web.Frame
	Uses, Match         bool
	Academies           web.Select
	Sources             web.Select
	Person              web.Input
	Service, Pseudonym  web.Input
	Candidates          []web.Area // one for each source
	Reason              web.Area
	Wrong               []web.InputError
	OtherKind, OtherURL string
}

// kinds are what may be asked, as the address and the form say it.
const (
	uses  = "services"
	match = "pseudonyme"
)

// academies are those over which the visitor asks.
func academies(v *frame.Visit) []string {
	var out []string
	for _, h := range v.Held {
		if h.Role != registry.DPO {
			continue
		}
		for _, id := range h.Over.Academies {
			if !slices.Contains(out, id) {
				out = append(out, id)
			}
		}
	}
	return out
}

// mayAsk refuses who asks nowhere, and says who does.
func mayAsk(v *frame.Visit) error {
	first := ""
	if all := academies(v); len(all) > 0 {
		first = all[0]
	}
	_, err := roles.May(v.Snapshot, v.Now, v.Caller, roles.Inquire, roles.Target{Academy: first})
	return err
}

func beginning(w http.ResponseWriter, v *frame.Visit) error {
	f := frame.Form{Values: url.Values{}}
	f.Set("genre", v.Query("genre"))
	return form(w, v, f, frame.Wrong{})
}

// form shows what is asked. What was typed of people is shown again to whoever typed it, in the answer to the form alone.
func form(w http.ResponseWriter, v *frame.Visit, f frame.Form, wrong frame.Wrong) error {
	if err := mayAsk(v); err != nil {
		return err
	}
	out := askPage{Match: f.Get("genre") == match}
	all := everybody(v, f)
	wrong = placed(v, all, wrong)
	out.Uses = !out.Match
	out.Academies = web.Select{Name: "academie", Label: v.Say("ask.academie"), Error: wrong.At("academy")}
	for _, id := range academies(v) {
		out.Academies.Options = append(out.Academies.Options, web.Option{Value: id, Label: v.Over(registry.Over{Academies: []string{id}}), Chosen: id == f.Get("academie")})
	}
	out.Sources = web.Select{Name: "source", Label: v.Say("ask.source"), Hint: v.Say("ask.source_hint"), Error: wrong.At("source")}
	for _, s := range v.Snapshot.Sources() {
		if s.Authority != "" {
			out.Sources.Options = append(out.Sources.Options, web.Option{Value: s.ID, Label: s.Name.In(v.In()), Chosen: s.ID == f.Get("source")})
		}
	}
	line := func(name, at string) web.Input {
		return web.Input{Name: name, Label: v.Say("ask." + name), Hint: v.Say("ask." + name + "_hint"), Value: f.Get(name), Error: wrong.At(at), Required: true, Autocomplete: "off"}
	}
	out.Person, out.Service, out.Pseudonym = line("personne", "person"), line("service", "service"), line("pseudonyme", "pseudonym")
	out.Candidates = areas(v, all, wrong)
	out.Reason = web.Area{Name: "motif", Label: v.Say("ask.motif"), Hint: v.Say("ask.motif_hint"), Value: f.Get("motif"), Error: wrong.At("reason"), Required: true}
	out.Wrong = wrong.Summary(func(at string) string {
		if at == "candidates" && len(all) > 0 {
			return ofSource + all[0].source
		}
		return inputOf(at)
	})
	out.OtherKind, out.OtherURL = v.Say("ask.to_match"), begin+"?genre="+match
	if out.Match {
		out.OtherKind, out.OtherURL = v.Say("ask.to_uses"), begin
	}
	out.Frame = v.Around(v.Say("ask.title"), web.Tab{Label: v.Say("title"), URL: home})
	out.Frame.Here = begin
	return v.Render(w, max(http.StatusOK, wrong.Status), "ask", out)
}

func inputOf(at string) string {
	if strings.HasPrefix(at, ofSource) {
		return at
	}
	return map[string]string{
		"academy": "academie", "source": "source", "person": "personne", "service": "service", "pseudonym": "pseudonyme", "reason": "motif",
	}[at]
}

// ask asks, and leads to the inquiry.
func ask(w http.ResponseWriter, v *frame.Visit) error {
	f, err := v.Form()
	if err != nil {
		return err
	}
	q := desk.Question{Academy: f.Get("academie"), Reason: f.Get("motif")}
	if f.Get("genre") == match {
		q.Service, q.Pseudonym, q.Candidates = serviceCalled(v, f.Get("service")), f.Get("pseudonyme"), candidates(everybody(v, f))
	} else {
		q.Source, q.Person = f.Get("source"), f.Get("personne")
	}
	if f.Get("genre") == match && q.Service == "" && q.Pseudonym == "" && len(q.Candidates) == 0 {
		q.Service = "?" // nothing was typed: it is still a match that is asked for, and all of it is missing
	}
	made, err := v.Desk.Inquire(v.Context(), v.Caller, q)
	if wrong, ok := v.Wrong(err); ok {
		return form(w, v, f, wrong)
	}
	if err != nil {
		return err
	}
	return v.Redirect(w, at(made.ID)+"?fait=demander")
}

// serviceCalled finds a service by its name as people write it, where one service has it; else what was typed is its
// identifier, if any.
func serviceCalled(v *frame.Visit, typed string) string {
	if _, known := v.Snapshot.Service(typed); known {
		return typed
	}
	var hits []string
	for _, s := range v.Snapshot.Services() {
		if strings.EqualFold(s.Name.FR, typed) || strings.EqualFold(s.Name.EN, typed) {
			hits = append(hits, s.ID)
		}
	}
	if len(hits) == 1 {
		return hits[0]
	}
	return typed
}
