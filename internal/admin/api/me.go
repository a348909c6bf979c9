package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Me is who calls.
type Me struct {
	Handle string          `json:"handle" doc:"the same from one day to the next; it names nobody"`
	Roles  []registry.Held `json:"roles" doc:"what the caller holds now, over what, and until when"`
	Scopes []string        `json:"scopes,omitempty" doc:"what the token may be used for; missing for a session"`
}

func (s *surface) mountMe() {
	add(s, kind{
		method: http.MethodGet, path: "/me", id: "get-me", tag: "me", summary: "Who calls, and in which roles",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*plain[Me], error) {
		held, err := s.Desk.Whoami(ctx, c)
		if err != nil {
			return nil, err
		}
		for i := range held {
			held[i].From, held[i].Until = held[i].From.UTC(), held[i].Until.UTC()
		}
		return &plain[Me]{http.StatusOK, Me{Handle: c.Handle, Roles: append([]registry.Held{}, held...), Scopes: c.Scopes}}, nil
	})
	add(s, kind{
		method: http.MethodGet, path: "/todo", id: "list-todo", tag: "me", summary: "What waits for the caller, the oldest first",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*listed[desk.Task], error) {
		list, err := s.Desk.Waiting(ctx, c)
		if err != nil {
			return nil, err
		}
		return &listed[desk.Task]{page[desk.Task]{Items: append([]desk.Task{}, list...)}}, nil
	})
}
