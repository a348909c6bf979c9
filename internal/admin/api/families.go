package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func (s *surface) mountFamilies() {
	add(s, kind{
		method: http.MethodGet, path: "/families", id: "list-families", tag: "families", summary: "Sectors to whose numbers something happened",
	}, func(ctx context.Context, c roles.Caller, in *struct{ Paging }) (*listed[registry.Family], error) {
		all, err := s.Desk.Families(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, func(f registry.Family) string { return f.ID }, in.Paging)
	})
	add(s, kind{
		method: http.MethodPost, path: "/families/{id}/renewal", id: "ask-renewal", tag: "families",
		summary: "Ask that everybody in a sector be given another number, because a list of them got out",
		about:   "No token is good for it. Nothing changes before a second person confirms.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body desk.Renewal
	},
	) (*plain[registry.Family], error) {
		f, err := s.Desk.AskRenewal(ctx, c, in.ID, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[registry.Family]{http.StatusOK, f}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/families/{id}/renewal/confirm", id: "confirm-renewal", tag: "families",
		summary: "Be the second person: everybody in the sector has another number from now on, and nobody elsewhere",
	}, renewed(s.Desk.ConfirmRenewal))
	add(s, kind{
		method: http.MethodPost, path: "/families/{id}/renewal/decline", id: "decline-renewal", tag: "families",
		summary: "Take the question back, or decline it",
	}, renewed(s.Desk.DeclineRenewal))
}

// onFamily names a sector, and why something is done about it.
type onFamily struct {
	ByID
	Body Because
}

func renewed(do func(context.Context, roles.Caller, string, string) (registry.Family, error)) func(context.Context, roles.Caller, *onFamily) (*plain[registry.Family], error) {
	return func(ctx context.Context, c roles.Caller, in *onFamily) (*plain[registry.Family], error) {
		f, err := do(ctx, c, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &plain[registry.Family]{http.StatusOK, f}, nil
	}
}
