package api

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/incident"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// IncidentSeen is a record with what is known about it now.
type IncidentSeen struct {
	Incident registry.Incident       `json:"incident"`
	Due      time.Time               `json:"due" doc:"the end of the 72 hours (RGPD art. 33(1))"`
	Late     bool                    `json:"late" doc:"the authority was told after them, or was not and they are over"`
	Counted  []incident.Counted      `json:"counted" doc:"how many people were sent what, by service: nobody is listed"`
	Warned   []incident.Warned       `json:"controllers" doc:"whom to warn, and when they were"`
	Timeline []registry.IncidentStep `json:"timeline"`
}

// StepTaken is something that was done about an incident.
type StepTaken struct {
	Word registry.StepWord `json:"word" enum:"noted,warned,notified,informed"`
	To   string            `json:"to,omitempty" doc:"who was warned: a role and what it is held over, as in head 0280202T"`
	Text string            `json:"text,omitempty"`
}

// StopAt names what one button stops.
type StopAt struct {
	Kind registry.StopKind `path:"kind" enum:"service,source,establishment,appointment,holder"`
	ID   string            `path:"id" maxLength:"128"`
}

// mountStops: one route for every button, beside those of services and sources.
func (s *surface) mountStops() {
	add(s, kind{
		method: http.MethodGet, path: "/suspensions", id: "list-suspensions", tag: "incidents", summary: "What is suspended now, in one's sight",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[desk.Stopped], error) {
		all, err := s.Desk.Stops(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, func(v desk.Stopped) string { return string(v.Kind) + " " + v.ID }, *in)
	})
	press := func(do func(context.Context, roles.Caller, desk.Button) (desk.Stopped, error)) func(context.Context, roles.Caller, *struct {
		StopAt
		Body *Because
	}) (*plain[desk.Stopped], error) {
		return func(ctx context.Context, c roles.Caller, in *struct {
			StopAt
			Body *Because
		},
		) (*plain[desk.Stopped], error) {
			out, err := do(ctx, c, desk.Button{Kind: in.Kind, ID: in.ID, Reason: why(in.Body)})
			if err != nil {
				return nil, err
			}
			return &plain[desk.Stopped]{http.StatusOK, out}, nil
		}
	}
	add(s, kind{
		method: http.MethodPut, path: "/suspensions/{kind}/{id}", id: "suspend", tag: "incidents",
		summary: "Stop a service, a source, an establishment's access, an appointment or a handle, at once and alone",
		about:   "Rights to later answers end for good; people are signed out in the background. untold lists the bindings that cannot be told.",
	}, press(s.Desk.Stop))
	add(s, kind{
		method: http.MethodDelete, path: "/suspensions/{kind}/{id}", id: "lift", tag: "incidents",
		summary: "Start it again: by somebody else than who stopped it, with a step-up",
	}, press(s.Desk.Start))
}

func (s *surface) mountIncidents() {
	s.mountStops()
	add(s, kind{
		method: http.MethodGet, path: "/incidents", id: "list-incidents", tag: "incidents", summary: "Records of incidents in one's sight",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Incident], error) {
		all, err := s.Desk.Incidents(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, func(v registry.Incident) string { return v.ID }, *in)
	})
	add(s, kind{
		method: http.MethodPost, path: "/incidents", id: "open-incident", tag: "incidents", status: http.StatusCreated,
		summary: "Open the record of an incident", about: "The 72 hours run from known, which is now when it is missing. Steps, state and id are not taken from the body.",
	}, func(ctx context.Context, c roles.Caller, in *Made[registry.Incident]) (*single[registry.Incident], error) {
		made, err := s.Desk.OpenIncident(ctx, c, in.Body)
		return kept(http.StatusCreated, made, err)
	})
	add(s, kind{
		method: http.MethodGet, path: "/incidents/{id}", id: "get-incident", tag: "incidents", summary: "One record, with how many people were sent what",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*single[IncidentSeen], error) {
		v, tag, err := s.Desk.Incident(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return wrote(http.StatusOK, IncidentSeen{v.Incident, v.Due, v.Late, v.Counted, v.Warned, v.Timeline}, tag), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/incidents/{id}", id: "revise-incident", tag: "incidents", summary: "Write a record anew, as more is known",
		errors: []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, func(ctx context.Context, c roles.Caller, in *Put[registry.Incident]) (*single[registry.Incident], error) {
		tag, err := in.required()
		if err != nil {
			return nil, err
		}
		in.Body.ID = in.ID
		made, err := s.Desk.ReviseIncident(ctx, c, in.Body, tag)
		return kept(http.StatusOK, made, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/incidents/{id}/steps", id: "add-incident-step", tag: "incidents", summary: "Add what was done: a note, a controller warned, the authority or the people told",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body StepTaken
	},
	) (*single[registry.Incident], error) {
		made, err := s.Desk.StepIncident(ctx, c, in.ID, registry.IncidentStep{Word: in.Body.Word, To: in.Body.To, Text: in.Body.Text})
		return kept(http.StatusOK, made, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/incidents/{id}/close", id: "close-incident", tag: "incidents", summary: "Close a record, with a reason; it is kept and changes no more",
	}, func(ctx context.Context, c roles.Caller, in *Explained) (*single[registry.Incident], error) {
		made, err := s.Desk.CloseIncident(ctx, c, in.ID, why(in.Body))
		return kept(http.StatusOK, made, err)
	})
	add(s, kind{
		method: http.MethodGet, path: "/incidents/{id}/notification", id: "export-notification", tag: "incidents",
		summary: "What the authority's notification asks (RGPD art. 33(3))", out: []string{"text/markdown"},
	}, s.notification)
}

func kept(status int, i registry.Incident, err error) (*single[registry.Incident], error) {
	if err != nil {
		return nil, err
	}
	return wrote(status, i, desk.Tag(i)), nil
}

// Notifying says in which form the notification is wanted.
type Notifying struct {
	ByID
	Format string `query:"format" enum:"json,markdown" default:"json"`
}

func (s *surface) notification(ctx context.Context, c roles.Caller, in *Notifying) (*file, error) {
	n, err := s.Desk.Notification(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	f := &file{Status: http.StatusOK, Type: "application/json", Disposition: `attachment; filename="notification.json"`, Policy: inert}
	if in.Format == "markdown" {
		f.Type, f.Disposition = "text/markdown; charset=utf-8", `attachment; filename="notification.md"`
		f.Body = []byte(n.Markdown(s.Desk.Live.Zone))
		return f, nil
	}
	f.Body, err = json.MarshalIndent(n, "", "  ")
	return f, err
}
