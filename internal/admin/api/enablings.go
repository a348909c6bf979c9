package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func (s *surface) mountEnablings() {
	add(s, kind{
		method: http.MethodGet, path: "/enablings", id: "list-enablings", tag: "enablings",
		summary: "Where the controllers of one's establishments stand",
	}, s.listEnablings)
	add(s, kind{
		method: http.MethodPost, path: "/enablings", id: "decide-enablings", tag: "enablings",
		summary: "Enable, refuse, suspend or withdraw a service in one establishment or many, in one act, all or none",
		about:   "A refusal wins over every other level. An establishment outside one's perimeter refuses the whole; each is named.",
	}, func(ctx context.Context, c roles.Caller, in *Made[desk.Stance]) (*plain[desk.Report], error) {
		report, err := s.Desk.Decide(ctx, c, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[desk.Report]{http.StatusOK, report}, nil
	})
	add(s, kind{
		method: http.MethodGet, path: "/openings", id: "list-openings", tag: "enablings", summary: "Crisis openings",
	}, s.listOpenings)
	add(s, kind{
		method: http.MethodPost, path: "/openings", id: "open-in-crisis", tag: "enablings", status: http.StatusCreated,
		summary: "Open an examined service for an academy in a crisis, thirty days at most",
		about:   "Local refusals still win. renews names the opening that it prolongs: once, with a data-protection officer's opinion.",
	}, func(ctx context.Context, c roles.Caller, in *Made[registry.Opening]) (*single[registry.Opening], error) {
		o, err := s.Desk.Open(ctx, c, in.Body)
		return opened(http.StatusCreated, o, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/openings/{id}/opinion", id: "opine-opening", tag: "enablings",
		summary: "Record the data-protection officer's opinion on renewing an opening",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body Verdict
	},
	) (*single[registry.Opening], error) {
		o, err := s.Desk.OpineOpening(ctx, c, in.ID, in.Body.Value, in.Body.Reason)
		return opened(http.StatusOK, o, err)
	})
	add(s, kind{
		method: http.MethodDelete, path: "/openings/{id}", id: "end-opening", tag: "enablings", summary: "End a crisis opening before its time",
	}, func(ctx context.Context, c roles.Caller, in *Explained) (*single[registry.Opening], error) {
		o, err := s.Desk.EndOpening(ctx, c, in.ID, why(in.Body))
		return opened(http.StatusOK, o, err)
	})
}

func opened(status int, o registry.Opening, err error) (*single[registry.Opening], error) {
	if err != nil {
		return nil, err
	}
	return wrote(status, o, desk.Tag(o)), nil
}

func (s *surface) listEnablings(ctx context.Context, c roles.Caller, in *struct {
	Service string     `query:"service"`
	UAI     person.UAI `query:"uai"`
	Paging
},
) (*listed[registry.Enabling], error) {
	all, err := s.Desk.Enablings(ctx, c, in.Service, in.UAI)
	if err != nil {
		return nil, err
	}
	return paged(all, func(e registry.Enabling) string { return e.Service + " " + string(e.UAI) }, in.Paging)
}

func (s *surface) listOpenings(ctx context.Context, c roles.Caller, in *struct {
	Service string `query:"service"`
	Paging
},
) (*listed[registry.Opening], error) {
	all, err := s.Desk.Openings(ctx, c)
	if err != nil {
		return nil, err
	}
	all = only(all, func(o registry.Opening) bool { return in.Service == "" || o.Service == in.Service })
	return paged(all, func(o registry.Opening) string { return o.ID }, in.Paging)
}

func only[T any](all []T, fits func(T) bool) []T {
	var out []T
	for _, o := range all {
		if fits(o) {
			out = append(out, o)
		}
	}
	return out
}
