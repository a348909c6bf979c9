package wizard

import (
	"cmp"
	"errors"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/admin/frame"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/web"
)

// refusedTool is a tool that was assessed and refused: why, and what there is instead.
type refusedTool struct {
	Name    string
	Reasons []reasonShown
	Instead []insteadShown
}

type reasonShown struct{ Text, Law string }

type insteadShown struct {
	Name, Audience, Use string
	URL                 string // begins with its model, where the catalogue has it
}

func refusedOf(s *scene, a registry.Assessed) *refusedTool {
	out := &refusedTool{Name: a.Name.In(s.In())}
	for _, r := range a.Reasons {
		out.Reasons = append(out.Reasons, reasonShown{r.Text.In(s.In()), r.Law})
	}
	for _, i := range a.Alternatives {
		one := insteadShown{Name: i.Name, Audience: i.Audience.In(s.In()), Use: i.Use.In(s.In())}
		if m, ok := s.Snapshot.Model(i.Model); ok && !m.Retired {
			one.Name, one.URL = cmp.Or(i.Name, m.Name.In(s.In())), begin+"?modele="+m.ID
		}
		out.Instead = append(out.Instead, one)
	}
	return out
}

// beginPage is where a declaration begins.
type beginPage struct {
	web.Frame
	Asked    string
	Search   web.Input
	Refused  *refusedTool
	Services web.Select
	Models   web.Select
	Summary  []web.InputError
	Problem  string
	Model    *modelShown
}

type modelShown struct {
	Name, Vendor, About, Usable string
	Limits                      []string
}

// beginning says first whether the tool that is asked for was refused, then what there is to begin with.
func (p *pages) beginning(w http.ResponseWriter, v *frame.Visit) error {
	return p.renderBegin(w, v, http.StatusOK, frame.Form{Values: v.R.URL.Query()}, nil)
}

// begin makes the draft.
func (p *pages) begin(w http.ResponseWriter, v *frame.Visit) error {
	form, err := v.Form()
	if err != nil {
		return err
	}
	d, err := v.Desk.Begin(v.Context(), v.Caller, form.Get("modele"), p.start(v, form.Get("service")))
	if err != nil {
		return p.renderBegin(w, v, http.StatusUnprocessableEntity, form, err)
	}
	return v.Redirect(w, at(desk.Ref{ID: d.ID, Version: d.Version}, stepService))
}

// start is what a new text says by itself: the service, and where the visitor answers for anything, so that the text is in
// their own sight. The roles say what may be written; a school's own people write for their school.
func (p *pages) start(v *frame.Visit, service string) registry.Declaration {
	d := registry.Declaration{ServiceID: service}
	for _, h := range v.Held {
		switch {
		case !slices.Contains([]registry.Role{registry.HeadOfSchool, registry.Deputy, registry.Assistant, registry.DASEN, registry.Recteur, registry.DRANE}, h.Role):
		case len(h.Over.UAIs) > 0:
			d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: h.Over.UAIs}
			return d
		case len(h.Over.Departments) > 0:
			d.Scope = registry.Scope{Level: registry.ByDepartment, Departments: h.Over.Departments}
		case len(h.Over.Academies) > 0:
			d.Scope = registry.Scope{Level: registry.ByAcademy, Academies: h.Over.Academies}
		}
	}
	return d
}

func (p *pages) renderBegin(w http.ResponseWriter, v *frame.Visit, status int, form frame.Form, cause error) error {
	s := &scene{Visit: v}
	view, err := v.Desk.Catalogue(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	list, err := v.Desk.Services(v.Context(), v.Caller)
	if err != nil {
		return err
	}
	page := beginPage{
		Frame: v.Around(v.Say("begin.title")), Asked: form.Get("q"),
		Search: web.Input{Name: "q", Label: v.Say("begin.search"), Hint: v.Say("begin.search_hint"), Value: form.Get("q"), Type: "search", Autocomplete: "off"},
	}
	page.Frame.Here = begin
	if tool, hit := view.Assessed(form.Get("q")); hit && form.Get("q") != "" {
		page.Refused = refusedOf(s, tool)
	}
	page.Services = web.Select{Name: "service", Label: v.Say("begin.service"), Hint: v.Say("begin.service_hint"), Options: offered(s, list, form)}
	page.Models = web.Select{Name: "modele", Label: v.Say("begin.model"), Hint: v.Say("begin.model_hint"), Options: models(s, view.Models(), form)}
	if m, ok := view.Model(form.Get("modele")); ok && !m.Retired {
		page.Model = &modelShown{Name: m.Name.In(s.In()), Vendor: m.Vendor, About: m.About.In(s.In()), Usable: m.Usable.In(s.In())}
		for _, l := range m.Limits {
			page.Model.Limits = append(page.Model.Limits, l.In(s.In()))
		}
	}
	if cause != nil {
		if status, err = page.wrong(s, cause); err != nil {
			return err
		}
	}
	return v.Render(w, status, "begin", page)
}

// wrong says why nothing was begun; what is no affair of this page comes back.
func (page *beginPage) wrong(s *scene, cause error) (status int, err error) {
	var refused *desk.NotOffered
	var missing *desk.NotFound
	wrong, known := s.Wrong(cause)
	switch {
	case errors.As(cause, &refused):
		page.Refused = refusedOf(s, refused.Tool)
		return http.StatusUnprocessableEntity, nil
	case errors.As(cause, &missing) && missing.Kind != "declaration":
		page.Problem = s.Say("begin.missing")
		return http.StatusUnprocessableEntity, nil
	case known:
		page.Summary = wrong.Summary(func(string) string { return "" })
		return wrong.Status, nil
	default:
		return 0, cause
	}
}

// offered are the services in sight, those whose names hold what is searched first.
func offered(s *scene, list []registry.Service, form frame.Form) []web.Option {
	out := []web.Option{{Label: s.Say("begin.choose")}}
	asked := form.Get("q")
	for _, v := range list {
		if v.ID == registry.House || v.ID == registry.Desk {
			continue
		}
		hit := asked != "" && (holds(v.Name.FR, asked) || holds(v.Provider, asked) || holds(v.Start, asked))
		out = append(out, web.Option{Value: v.ID, Label: v.Name.In(s.In()) + " (" + v.Provider + ")", Chosen: v.ID == form.Get("service") || form.Get("service") == "" && hit})
	}
	return out
}

func models(s *scene, list []registry.Model, form frame.Form) []web.Option {
	out := []web.Option{{Label: s.Say("begin.nothing")}}
	asked := form.Get("q")
	for _, m := range list {
		if m.Retired {
			continue
		}
		hit := asked != "" && (holds(m.Name.FR, asked) || holds(m.Vendor, asked))
		out = append(out, web.Option{Value: m.ID, Label: m.Name.In(s.In()) + " (" + m.Vendor + ")", Chosen: m.ID == form.Get("modele") || form.Get("modele") == "" && hit})
	}
	return out
}

func holds(text, asked string) bool {
	return strings.Contains(strings.ToLower(text), strings.ToLower(asked))
}
