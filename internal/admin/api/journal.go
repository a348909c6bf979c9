package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Event is an entry of the journal as it is shown: what happened and who acted, never about whom.
type Event struct {
	ID          string            `json:"id"`
	At          time.Time         `json:"at"`
	Class       audit.Class       `json:"class"`
	Action      string            `json:"action"`
	Outcome     audit.Outcome     `json:"outcome"`
	Reason      string            `json:"reason,omitempty"`
	Ref         string            `json:"ref,omitempty" doc:"the reference number that a page showed"`
	Actor       string            `json:"actor,omitempty" doc:"a handle, or command:…"`
	Service     string            `json:"service,omitempty"`
	Declaration string            `json:"declaration,omitempty"`
	Version     int               `json:"version,omitempty"`
	UAI         string            `json:"uai,omitempty"`
	Source      string            `json:"source,omitempty"`
	Protocol    string            `json:"protocol,omitempty"`
	Attributes  []string          `json:"attributes,omitempty" doc:"names of what was released, never values"`
	Detail      map[string]string `json:"detail,omitempty"`
}

// Events narrows the journal.
type Events struct {
	From        time.Time     `query:"from"`
	Until       time.Time     `query:"until"`
	Class       audit.Class   `query:"class" enum:"admin,system,sign_in,release" default:"admin"`
	Action      string        `query:"action"`
	Outcome     audit.Outcome `query:"outcome"`
	Actor       string        `query:"actor"`
	Service     string        `query:"service"`
	Declaration string        `query:"declaration"`
	UAI         person.UAI    `query:"uai" doc:"one school; without it, all whose journal one reads"`
	Ref         string        `query:"ref" doc:"needed for the classes sign_in and release"`
	Paging
}

func (s *surface) mountJournal() {
	add(s, kind{
		method: http.MethodGet, path: "/journal", id: "list-journal", tag: "register", summary: "The journal, the newest entry first",
		about: "References and events, never values. A sign-in or a release is shown only by the reference number that somebody was given: " +
			"nobody reads here who uses what.",
	}, s.journal)
}

func (s *surface) journal(ctx context.Context, c roles.Caller, in *Events) (*listed[Event], error) {
	people := in.Class == audit.ClassSignIn || in.Class == audit.ClassRelease
	if people && in.Ref == "" {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", "sign-ins and releases are looked up by reference number only", nil).
			With("errors", []Mistake{{Parameter: "ref", Message: "it is missing", Mend: "the reference number that the page showed"}})
	}
	found, err := s.Desk.ReadJournal(ctx, c, audit.Query{
		From: in.From, Until: in.Until, Class: in.Class, Action: in.Action, Outcome: in.Outcome, Actor: in.Actor, Service: in.Service,
		Declaration: in.Declaration, UAI: string(in.UAI), Ref: in.Ref, Limit: in.PageSize, After: audit.Cursor(in.PageToken),
	})
	if errors.Is(err, audit.ErrCursor) {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", err.Error(), err).
			With("errors", []Mistake{{Parameter: "page_token", Message: "no token of a page", Mend: "next_page_token of the page before"}})
	}
	if err != nil {
		return nil, err
	}
	out := &listed[Event]{page[Event]{Items: []Event{}, Next: string(found.Next)}}
	for _, e := range found.Entries {
		out.Body.Items = append(out.Body.Items, eventOf(e))
	}
	return out, nil
}

func eventOf(e audit.Entry) Event {
	return Event{
		ID: e.ID(), At: e.At, Class: e.Class, Action: e.Action, Outcome: e.Outcome, Reason: e.Reason, Ref: e.Ref, Actor: e.Actor,
		Service: e.Service, Declaration: e.Declaration, Version: e.Version, UAI: e.UAI, Source: e.Source, Protocol: e.Protocol,
		Attributes: slices.Clone(e.Attributes), Detail: e.Detail,
	}
}
