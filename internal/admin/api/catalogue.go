package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func (s *surface) mountCatalogue() {
	add(s, kind{
		method: http.MethodGet, path: "/catalogue/models", id: "list-models", tag: "catalogue", summary: "Declaration models and technical recipes of products",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Model], error) {
		view, err := s.Desk.Catalogue(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(view.Models(), func(m registry.Model) string { return m.ID }, *in)
	})
	add(s, kind{
		method: http.MethodGet, path: "/catalogue/models/{id}", id: "get-model", tag: "catalogue", summary: "One model", conditional: true,
	}, func(ctx context.Context, c roles.Caller, in *OneOf) (*single[registry.Model], error) {
		m, err := s.model(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return show(m, desk.Tag(m), in.IfNoneMatch.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/catalogue/models/{id}", id: "put-model", tag: "catalogue",
		summary: "Add or change a model for this academy; a change of its text is its next version",
		errors:  []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, func(ctx context.Context, c roles.Caller, in *Put[registry.Model]) (*single[registry.Model], error) {
		_, missing := s.model(ctx, c, in.ID)
		tag, err := in.replacing(missing)
		if err != nil {
			return nil, err
		}
		in.Body.ID = in.ID
		m, err := s.Desk.PutModel(ctx, c, in.Body, tag)
		return modelled(m, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/catalogue/models/{id}/opinion", id: "opine-model", tag: "catalogue",
		summary: "Record the one examination that adopting a model unchanged needs",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body Verdict
	},
	) (*single[registry.Model], error) {
		m, err := s.Desk.OpineModel(ctx, c, in.ID, in.Body.Value, in.Body.Reason)
		return modelled(m, err)
	})
	s.mountUse()
	s.mountTools()
}

// mountUse puts a model out of use and back.
func (s *surface) mountUse() {
	retiring := func(retire bool) func(context.Context, roles.Caller, *struct {
		ByID
		Body Because
	}) (*single[registry.Model], error) {
		return func(ctx context.Context, c roles.Caller, in *struct {
			ByID
			Body Because
		},
		) (*single[registry.Model], error) {
			m, err := s.Desk.RetireModel(ctx, c, in.ID, retire, in.Body.Reason)
			return modelled(m, err)
		}
	}
	add(s, kind{
		method: http.MethodPost, path: "/catalogue/models/{id}/retire", id: "retire-model", tag: "catalogue",
		summary: "Put a model out of use, with a reason: nothing new begins with it, and what was made from it stays",
		errors:  []int{http.StatusConflict},
	}, retiring(true))
	add(s, kind{
		method: http.MethodPost, path: "/catalogue/models/{id}/restore", id: "restore-model", tag: "catalogue",
		summary: "Put a model back into use, with a reason", errors: []int{http.StatusConflict},
	}, retiring(false))
}

func modelled(m registry.Model, err error) (*single[registry.Model], error) {
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, m, desk.Tag(m)), nil
}

func (s *surface) model(ctx context.Context, c roles.Caller, id string) (registry.Model, error) {
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return registry.Model{}, err
	}
	m, ok := view.Model(id)
	if !ok {
		return m, &desk.NotFound{Kind: "model", ID: id}
	}
	return m, nil
}

func (s *surface) mountTools() {
	add(s, kind{
		method: http.MethodGet, path: "/catalogue/tools", id: "list-tools", tag: "catalogue", summary: "Tools that were assessed and refused",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.Assessed], error) {
		view, err := s.Desk.Catalogue(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(view.Assessments(), func(a registry.Assessed) string { return a.ID }, *in)
	})
	add(s, kind{
		method: http.MethodGet, path: "/catalogue/tools/{id}", id: "get-tool", tag: "catalogue", summary: "One assessed tool", conditional: true,
		about: "The id may also be a name or an address by which people ask for it.",
	}, func(ctx context.Context, c roles.Caller, in *OneOf) (*single[registry.Assessed], error) {
		a, err := s.tool(ctx, c, in.ID, false)
		if err != nil {
			return nil, err
		}
		return show(a, desk.Tag(a), in.IfNoneMatch.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/catalogue/tools/{id}", id: "put-tool", tag: "catalogue",
		summary: "Add or change an assessed tool for this academy",
		errors:  []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, func(ctx context.Context, c roles.Caller, in *Put[registry.Assessed]) (*single[registry.Assessed], error) {
		_, missing := s.tool(ctx, c, in.ID, true)
		tag, err := in.replacing(missing)
		if err != nil {
			return nil, err
		}
		in.Body.ID = in.ID
		a, err := s.Desk.PutAssessed(ctx, c, in.Body, tag)
		if err != nil {
			return nil, err
		}
		return wrote(http.StatusOK, a, desk.Tag(a)), nil
	})
}

// tool finds an assessed tool by its id, or, unless that is all that counts, by any of its names.
func (s *surface) tool(ctx context.Context, c roles.Caller, id string, exact bool) (registry.Assessed, error) {
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return registry.Assessed{}, err
	}
	a, ok := view.Assessed(id)
	if !ok || exact && a.ID != id {
		return a, &desk.NotFound{Kind: "assessed tool", ID: id}
	}
	return a, nil
}
