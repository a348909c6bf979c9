package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"ecluse/internal/admin"
	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Simulation asks what an invented person would be let into and what would be sent. There is no field for somebody real.
type Simulation struct {
	Service string         `json:"service"`
	Persona string         `json:"persona" doc:"one of the invented people; a mistake here is answered with their list"`
	UAI     person.UAI     `json:"uai,omitempty" doc:"where the persona is; a place where such a person is usually found when it is not said"`
	Profile person.Profile `json:"profile,omitempty" doc:"as whom; a persona has one profile, so this only makes sure which"`
	Draft   string         `json:"draft,omitempty" doc:"id@version: as if this version were approved and accepted in the establishment"`
	Lang    string         `json:"lang,omitempty" enum:"fr,en" doc:"of what is said in words; fr when it is not said"`
}

func (s *surface) mountSimulations() {
	add(s, kind{
		method: http.MethodPost, path: "/simulations", id: "simulate", tag: "simulations",
		summary: "What an invented person would be let into, and what would be sent",
		about: "The decision with its checks in order, what would leave and what not, attribute by attribute, and the message as each " +
			"binding of the service would print it: unsigned, it signs nobody in. Nothing is written. About somebody real only the " +
			"desk's page answers, to a signed-in person who gives a reason.",
	}, s.simulate)
}

func (s *surface) simulate(ctx context.Context, c roles.Caller, in *Made[Simulation]) (*plain[admin.Explanation], error) {
	ask := in.Body.trimmed()
	view, _, err := s.Desk.Simulable(ctx, c, ask.Service, desk.Ref{})
	if err != nil {
		return nil, err
	}
	bad := &wrongs{}
	if err := s.knows(ctx, c, ask.Service, bad); err != nil {
		return nil, err
	}
	q := s.about(view, ask, bad)
	draft, err := s.draftOf(ctx, c, ask, bad)
	if err != nil {
		return nil, err
	}
	if len(bad.list) > 0 {
		return nil, &desk.Invalid{Findings: bad.list}
	}
	if draft.ID != "" {
		view = admin.AsIf(view, s.Now(), draft, q.UAI)
	}
	return &plain[admin.Explanation]{http.StatusOK, s.Simulator.Explain(view, q, nil)}, nil
}

func (a Simulation) trimmed() Simulation {
	a.Service, a.Persona, a.Draft = strings.TrimSpace(a.Service), strings.TrimSpace(a.Persona), strings.TrimSpace(a.Draft)
	a.UAI = person.UAI(strings.ToUpper(strings.TrimSpace(string(a.UAI))))
	if a.Lang == "" {
		a.Lang = "fr"
	}
	return a
}

// wrongs are the mistakes of a question, all of them.
type wrongs struct{ list []registry.Finding }

func (w *wrongs) say(where, what, mend string) {
	w.list = append(w.list, registry.Finding{Severity: registry.Blocking, Where: where, What: what, Mend: mend})
}

// knows says which services there are in the caller's sight when the one that is asked about is not.
func (s *surface) knows(ctx context.Context, c roles.Caller, service string, bad *wrongs) error {
	services, err := s.Desk.Services(ctx, c)
	if err != nil {
		return err
	}
	var ids []string
	for _, one := range services {
		if one.ID == service && service != registry.House {
			return nil
		}
		if one.ID != registry.House {
			ids = append(ids, one.ID)
		}
	}
	bad.say("service", fmt.Sprintf("%q is not a registered service, or not for you to see", service), oneOf(ids))
	return nil
}

// about is the question that is asked of the simulator.
func (s *surface) about(view *registry.Snapshot, ask Simulation, bad *wrongs) admin.Question {
	p, known := s.Personas.Find(ask.Persona)
	if !known {
		bad.say("persona", fmt.Sprintf("there is no persona %q", ask.Persona), oneOf(s.Personas.IDs()))
	} else if ask.Profile != "" && string(ask.Profile) != p.Profile {
		bad.say("profile", fmt.Sprintf("the persona %s is not %q", p.ID, ask.Profile), "leave it out, or "+p.Profile)
	}
	if !known && ask.Profile != "" && !slices.Contains(person.Profiles(), ask.Profile) {
		bad.say("profile", fmt.Sprintf("%q is no profile", ask.Profile), "leave it out: a persona has one")
	}
	if _, registered := view.Establishment(ask.UAI); !registered && ask.UAI != "" {
		bad.say("uai", fmt.Sprintf("%q is not a registered establishment", ask.UAI), oneOf(schoolsOf(view)))
	}
	if len(bad.list) > 0 {
		return admin.Question{}
	}
	q, err := s.Simulator.About(view, s.Personas, p.ID, ask.UAI, ask.Service)
	if err != nil { // no establishment is registered at all
		bad.say("uai", err.Error(), "")
	}
	q.Lang, q.Profile = ask.Lang, ask.Profile
	return q
}

// draftOf is the version that is named, as far as it is in the caller's sight.
func (s *surface) draftOf(ctx context.Context, c roles.Caller, ask Simulation, bad *wrongs) (registry.Declaration, error) {
	if ask.Draft == "" {
		return registry.Declaration{}, nil
	}
	id, version, err := admin.ParseVersion(ask.Draft)
	if err != nil {
		bad.say("draft", err.Error(), "id@version")
		return registry.Declaration{}, nil
	}
	_, draft, err := s.Desk.Simulable(ctx, c, ask.Service, desk.Ref{ID: id, Version: version})
	var missing *desk.NotFound
	if errors.As(err, &missing) {
		bad.say("draft", fmt.Sprintf("no version %s of this service is registered, or it is not for you to see", ask.Draft), "GET "+Base+"/declarations lists those in your sight")
		return registry.Declaration{}, nil
	}
	return draft, err
}

// mostNamed is how many names of what there is a refusal gives.
const mostNamed = 40

func oneOf(names []string) string {
	if len(names) == 0 {
		return "there is none"
	}
	text := "one of " + strings.Join(names[:min(len(names), mostNamed)], ", ")
	if more := len(names) - mostNamed; more > 0 {
		text += fmt.Sprintf(", and %d more", more)
	}
	return text
}

func schoolsOf(view *registry.Snapshot) []string {
	var out []string
	for _, e := range view.Establishments() {
		out = append(out, string(e.UAI))
	}
	return out
}
