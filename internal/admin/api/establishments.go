package api

import (
	"context"
	"net/http"
	"strings"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/headcounts"
	"ecluse/internal/roles"
)

// BySchool names an establishment in the path.
type BySchool struct {
	UAI person.UAI `path:"uai" maxLength:"8"`
}

// Schools narrows the list of establishments.
type Schools struct {
	Academy    string        `query:"academy"`
	Department string        `query:"department"`
	District   string        `query:"circonscription"`
	Kind       registry.Kind `query:"type"`
	Text       string        `query:"text" doc:"in the name or the town"`
	Paging
}

func (q Schools) fits(e registry.Establishment) bool {
	return (q.Academy == "" || e.Academy == q.Academy) && (q.Department == "" || e.Department == q.Department) &&
		(q.District == "" || e.District == q.District) && (q.Kind == "" || e.Kind == q.Kind) &&
		strings.Contains(strings.ToLower(e.Name+" "+e.Town), strings.ToLower(q.Text))
}

func (s *surface) mountEstablishments() {
	add(s, kind{
		method: http.MethodGet, path: "/establishments", id: "list-establishments", tag: "establishments", summary: "Establishments",
	}, s.listEstablishments)
	add(s, kind{
		method: http.MethodGet, path: "/establishments/{uai}", id: "get-establishment", tag: "establishments", summary: "One establishment", conditional: true,
	}, func(ctx context.Context, c roles.Caller, in *struct {
		BySchool
		IfNoneMatch
	},
	) (*single[registry.Establishment], error) {
		e, err := s.establishment(ctx, c, in.UAI)
		if err != nil {
			return nil, err
		}
		return show(e, desk.Tag(e), in.IfNoneMatch.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/establishments/{uai}", id: "put-establishment", tag: "establishments",
		summary: "Add or change an establishment; what applies by level is inherited by that alone",
		about:   "One that is there needs If-Match. A UAI with a wrong letter is refused and the right one proposed.",
		errors:  []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, s.putEstablishment)
	add(s, kind{
		method: http.MethodPost, path: "/establishments/import", id: "import-establishments", tag: "establishments", body: mostListed,
		summary: "Read the ministry's list of schools (CSV), all or nothing; with dry_run only the plan",
	}, s.importEstablishments)
	add(s, kind{
		method: http.MethodGet, path: "/establishments/{uai}/headcount", id: "get-headcount", tag: "establishments",
		summary: "How many pupils are in each class and group of an establishment", conditional: true,
	}, s.getHeadcount)
	add(s, kind{
		method: http.MethodPost, path: "/establishments/headcounts", id: "import-headcounts", tag: "establishments", body: headcounts.MostBytes,
		summary: "Read how many pupils are in each class and group (CSV: uai;type;libellé;effectif), all or nothing; with dry_run only the plan",
		about:   "An establishment of the list is replaced whole, the others stay. A headcount holds for one year from its day.",
	}, s.importHeadcounts)
}

func (s *surface) listEstablishments(ctx context.Context, c roles.Caller, in *Schools) (*listed[registry.Establishment], error) {
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return nil, err
	}
	return paged(only(view.Establishments(), in.fits), func(e registry.Establishment) string { return string(e.UAI) }, in.Paging)
}

func (s *surface) establishment(ctx context.Context, c roles.Caller, uai person.UAI) (registry.Establishment, error) {
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return registry.Establishment{}, err
	}
	e, ok := view.Establishment(uai)
	if !ok {
		return e, &desk.NotFound{Kind: "establishment", ID: string(uai)}
	}
	return e, nil
}

func (s *surface) putEstablishment(ctx context.Context, c roles.Caller, in *struct {
	BySchool
	IfMatch
	Body registry.Establishment
},
) (*single[registry.Establishment], error) {
	_, missing := s.establishment(ctx, c, in.UAI)
	tag, err := in.replacing(missing)
	if err != nil {
		return nil, err
	}
	in.Body.UAI = in.UAI
	e, err := s.Desk.PutEstablishment(ctx, c, in.Body, tag)
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, e, desk.Tag(e)), nil
}
