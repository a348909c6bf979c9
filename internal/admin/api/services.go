package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Findings is a list of what there is to say.
type Findings struct {
	Findings []registry.Finding `json:"findings"`
}

func (s *surface) mountServices() {
	add(s, kind{
		method: http.MethodGet, path: "/services", id: "list-services", tag: "services", summary: "The services in one's sight",
	}, s.listServices)
	add(s, kind{
		method: http.MethodGet, path: "/services/{id}", id: "get-service", tag: "services", summary: "One service",
		about: "The settings of its bindings are shown to those who may change them.", conditional: true,
	}, s.getService)
	add(s, kind{
		method: http.MethodPut, path: "/services/{id}", id: "put-service", tag: "services", summary: "Register or change a service",
		about:  "Whether it is suspended is not changed by this. A service that is there needs If-Match.",
		errors: []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, s.putService)
	add(s, kind{
		method: http.MethodPost, path: "/services/{id}/remarks", id: "remark-service", tag: "services",
		summary: "What there is to say about a service before it is registered or changed; nothing is written",
	}, s.remarkService)
	add(s, kind{
		method: http.MethodPut, path: "/services/{id}/suspension", id: "suspend-service", tag: "services", summary: "Stop a service everywhere, at once",
	}, s.suspendService(true))
	add(s, kind{
		method: http.MethodDelete, path: "/services/{id}/suspension", id: "lift-service", tag: "services", summary: "Lift the suspension of a service",
	}, s.suspendService(false))
}

func (s *surface) listServices(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Service], error) {
	all, err := s.Desk.Services(ctx, c)
	if err != nil {
		return nil, err
	}
	return paged(all, func(v registry.Service) string { return v.ID }, *in)
}

func (s *surface) getService(ctx context.Context, c roles.Caller, in *OneOf) (*single[registry.Service], error) {
	v, tag, err := s.Desk.Service(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	return show(v, tag, in.IfNoneMatch.IfNoneMatch), nil
}

func (s *surface) putService(ctx context.Context, c roles.Caller, in *Put[registry.Service]) (*single[registry.Service], error) {
	_, _, missing := s.Desk.Service(ctx, c, in.ID)
	tag, err := in.replacing(missing)
	if err != nil {
		return nil, err
	}
	in.Body.ID = in.ID
	v, err := s.Desk.PutService(ctx, c, in.Body, tag)
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, v, desk.Tag(v)), nil
}

func (s *surface) remarkService(ctx context.Context, c roles.Caller, in *struct {
	ByID
	Body registry.Service
},
) (*plain[Findings], error) {
	in.Body.ID = in.ID
	list, err := s.Desk.Remarks(ctx, c, in.Body)
	if err != nil {
		return nil, err
	}
	return &plain[Findings]{http.StatusOK, Findings{append([]registry.Finding{}, list...)}}, nil
}

func (s *surface) suspendService(stop bool) func(context.Context, roles.Caller, *Explained) (*single[registry.Service], error) {
	return func(ctx context.Context, c roles.Caller, in *Explained) (*single[registry.Service], error) {
		if _, err := s.Desk.SuspendService(ctx, c, in.ID, stop, why(in.Body)); err != nil {
			return nil, err
		}
		v, tag, err := s.Desk.Service(ctx, c, in.ID) // as the caller may see it
		if err != nil {
			return nil, err
		}
		return wrote(http.StatusOK, v, tag), nil
	}
}
