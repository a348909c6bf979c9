package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Source is an identity source as it is shown: without what its connector alone needs.
type Source struct {
	ID          string                      `json:"id"`
	Name        registry.Text               `json:"name"`
	Connector   string                      `json:"connector"`
	Authority   string                      `json:"authority"`
	UAIs        []person.UAI                `json:"uais,omitempty" doc:"the establishments that it may speak for; all when missing"`
	Hidden      bool                        `json:"hidden,omitempty"`
	Suspended   bool                        `json:"suspended,omitempty"`
	Declaration *registry.SourceDeclaration `json:"declaration,omitempty" doc:"the register entry that covers the interconnection"`
	Decisions   []registry.Decision         `json:"decisions,omitempty"`
	ManagedBy   string                      `json:"managed_by,omitempty"`
}

func sourceOf(v registry.Source) Source {
	return Source{
		ID: v.ID, Name: v.Name, Connector: v.Connector, Authority: v.Authority, UAIs: v.UAIs, Hidden: v.Hidden,
		Suspended: v.Suspended, Declaration: v.Declaration, Decisions: v.Decisions, ManagedBy: v.ManagedBy,
	}
}

// SourceDecision approves the declaration of a source, or refuses it.
type SourceDecision struct {
	State  registry.State `json:"state" enum:"approved,refused"`
	Reason string         `json:"reason,omitempty" doc:"required to refuse"`
}

func (s *surface) mountSources() {
	add(s, kind{
		method: http.MethodGet, path: "/sources", id: "list-sources", tag: "sources", summary: "Identity sources",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[Source], error) {
		all, err := s.Desk.Sources(ctx, c)
		if err != nil {
			return nil, err
		}
		var out []Source
		for _, v := range all {
			out = append(out, sourceOf(v))
		}
		return paged(out, func(v Source) string { return v.ID }, *in)
	})
	add(s, kind{
		method: http.MethodGet, path: "/sources/{id}", id: "get-source", tag: "sources", summary: "One identity source", conditional: true,
	}, func(ctx context.Context, c roles.Caller, in *OneOf) (*single[Source], error) {
		v, err := s.source(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return show(v, desk.Tag(v), in.IfNoneMatch.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/sources/{id}/suspension", id: "suspend-source", tag: "sources", summary: "Stop a source, at once",
	}, s.suspendSource(true))
	add(s, kind{
		method: http.MethodDelete, path: "/sources/{id}/suspension", id: "lift-source", tag: "sources", summary: "Lift the suspension of a source",
	}, s.suspendSource(false))
	add(s, kind{
		method: http.MethodPut, path: "/sources/{id}/approval", id: "approve-source", tag: "sources", summary: "Approve the declaration of a source, or refuse it",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body SourceDecision
	},
	) (*single[Source], error) {
		v, err := s.Desk.ApproveSource(ctx, c, in.ID, in.Body.State, in.Body.Reason)
		return sourced(v, err)
	})
}

func (s *surface) source(ctx context.Context, c roles.Caller, id string) (Source, error) {
	all, err := s.Desk.Sources(ctx, c)
	if err != nil {
		return Source{}, err
	}
	for _, v := range all {
		if v.ID == id {
			return sourceOf(v), nil
		}
	}
	return Source{}, &desk.NotFound{Kind: "source", ID: id}
}

func (s *surface) suspendSource(stop bool) func(context.Context, roles.Caller, *Explained) (*single[Source], error) {
	return func(ctx context.Context, c roles.Caller, in *Explained) (*single[Source], error) {
		v, err := s.Desk.SuspendSource(ctx, c, in.ID, stop, why(in.Body))
		return sourced(v, err)
	}
}

func sourced(v registry.Source, err error) (*single[Source], error) {
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, sourceOf(v), desk.Tag(sourceOf(v))), nil
}
