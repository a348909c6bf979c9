package api

import (
	"context"
	"net/http"

	"ecluse/internal/charter"
	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ByPlace names the charter of an academy, a department or an establishment in the path.
type ByPlace struct {
	Level registry.Level `path:"level" enum:"academy,department,establishment"`
	Of    string         `path:"of" maxLength:"64" doc:"the academy, the department's code or the UAI"`
}

func (s *surface) mountCharters() {
	add(s, kind{
		method: http.MethodGet, path: "/charters", id: "list-charters", tag: "charters", summary: "Charters, withdrawn ones too",
	}, func(ctx context.Context, c roles.Caller, in *struct{ Paging }) (*listed[registry.Charter], error) {
		all, err := s.Desk.Charters(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(all, registry.Charter.Name, in.Paging)
	})
	add(s, kind{
		method: http.MethodGet, path: "/charters/{level}/{of}", id: "get-charter", tag: "charters", conditional: true,
		summary: "What an academy, a department or an establishment itself says",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByPlace
		IfNoneMatch
	},
	) (*single[registry.Charter], error) {
		o, err := s.Desk.Charter(ctx, c, in.Level, in.Of)
		if err != nil {
			return nil, err
		}
		return show(o, desk.Tag(o), in.IfNoneMatch.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodPut, path: "/charters/{level}/{of}", id: "put-charter", tag: "charters",
		summary: "Write a charter: it holds at once, and what it leaves unsaid is said by the next broader one",
		about:   "One that is there needs If-Match. Whose it is, is what the path says. Each text is kept for good under its version.",
		errors:  []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, s.putCharter)
	add(s, kind{
		method: http.MethodGet, path: "/charter-texts/{version}", id: "get-charter-text", tag: "charters",
		summary: "The text of one version, as it was read, whether or not it still holds",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		Version string `path:"version" maxLength:"64"`
	},
	) (*plain[registry.CharterText], error) {
		text, err := s.Desk.CharterText(ctx, c, in.Version)
		if err != nil {
			return nil, err
		}
		return &plain[registry.CharterText]{http.StatusOK, text}, nil
	})
	add(s, kind{
		method: http.MethodGet, path: "/establishments/{uai}/charter", id: "get-charter-of-establishment", tag: "charters",
		summary: "What holds in an establishment: texts with their origin, terms, and how many have read",
		about:   "Numbers are for those who keep the establishment's register. They name nobody, and those under ten are hidden.",
	}, func(ctx context.Context, c roles.Caller, in *BySchool) (*plain[desk.Applied], error) {
		a, err := s.Desk.CharterAt(ctx, c, in.UAI)
		if err != nil {
			return nil, err
		}
		return &plain[desk.Applied]{http.StatusOK, a}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/establishments/{uai}/charter/attestations", id: "attest-charter", tag: "charters", status: http.StatusCreated,
		summary: "Attest on paper what was read in the classes of an école and signed by parents: numbers, and nobody's name",
		about:   "All or none. A class that was attested this year is replaced.",
	}, s.attestCharter)
}

func (s *surface) putCharter(ctx context.Context, c roles.Caller, in *struct {
	ByPlace
	IfMatch
	Body registry.Charter
},
) (*single[registry.Charter], error) {
	_, missing := s.Desk.Charter(ctx, c, in.Level, in.Of)
	tag, err := in.replacing(missing)
	if err != nil {
		return nil, err
	}
	o, err := s.Desk.PutCharter(ctx, c, in.Body.At(in.Level, in.Of), tag)
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, o, desk.Tag(o)), nil
}

// ClassesRead is what an école attests of its classes.
type ClassesRead struct {
	Classes []desk.ReadInClass `json:"classes"`
}

// AttestedClasses is what was filed.
type AttestedClasses struct {
	Attested []charter.Attestation `json:"attested"`
}

func (s *surface) attestCharter(ctx context.Context, c roles.Caller, in *struct {
	BySchool
	Body ClassesRead
},
) (*plain[AttestedClasses], error) {
	list, err := s.Desk.AttestCharter(ctx, c, in.UAI, in.Body.Classes)
	if err != nil {
		return nil, err
	}
	return &plain[AttestedClasses]{http.StatusCreated, AttestedClasses{list}}, nil
}
