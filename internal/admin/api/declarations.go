package api

import (
	"context"
	"fmt"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Beginning is how a declaration begins.
type Beginning struct {
	Model       string               `json:"model,omitempty" doc:"the catalogue's model to start from; what the declaration says wins"`
	Declaration registry.Declaration `json:"declaration,omitzero"`
}

// OneVersion names a version of a declaration in the path.
type OneVersion struct {
	ByID
	Version int `path:"version" minimum:"1" maximum:"1000000"`
}

func (v OneVersion) ref() desk.Ref { return desk.Ref{ID: v.ID, Version: v.Version} }

// Filter narrows the list of declarations.
type Filter struct {
	Service  string            `query:"service"`
	ID       string            `query:"id" doc:"every version of one declaration"`
	Standing registry.Standing `query:"standing" enum:"draft,submitted,in_review,to_correct,approved,upcoming,active,expired,suspended,archived,refused"`
	UAI      string            `query:"uai" doc:"that reach this establishment"`
	Text     string            `query:"text" doc:"in names and purposes"`
	Paging
}

// Comparison is what one version says differently from another.
type Comparison struct {
	Against int                   `json:"against"`
	Change  registry.ChangeKind   `json:"change"`
	Changes []registry.Difference `json:"changes"`
}

func (s *surface) mountDeclarations() {
	add(s, kind{
		method: http.MethodGet, path: "/declarations", id: "list-declarations", tag: "declarations",
		summary: "The versions in one's sight: what was approved, and the drafts of one's own perimeter",
	}, s.listDeclarations)
	add(s, kind{
		method: http.MethodPost, path: "/declarations", id: "begin-declaration", tag: "declarations", status: http.StatusCreated,
		summary: "Begin a declaration: version 1, a draft, from a model or from nothing",
		about:   "A tool that was assessed and refused gives 422 with the code assessed_tool, the reasons and the alternatives.",
	}, s.beginDeclaration)
	add(s, kind{
		method: http.MethodGet, path: "/declarations/{id}/versions/{version}", id: "get-declaration", tag: "declarations",
		summary: "One version", conditional: true,
	}, s.getDeclaration)
	add(s, kind{
		method: http.MethodPut, path: "/declarations/{id}/versions/{version}", id: "edit-declaration", tag: "declarations",
		summary: "Replace the text of a draft, or of a version to correct",
		about:   "What became of the version (state, decisions, opinions and the like) is no part of its text: what the body says of it is not read.",
		errors:  []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}, s.editDeclaration)
	add(s, kind{
		method: http.MethodPost, path: "/declarations/{id}/versions", id: "new-version", tag: "declarations", status: http.StatusCreated,
		summary: "Begin the next version, from the newest approved one",
	}, s.newVersion)
	add(s, kind{
		method: http.MethodGet, path: "/declarations/{id}/versions/{version}/sheet", id: "get-sheet", tag: "declarations",
		summary: "What whoever decides looks at: the version, what differs, what the machine found, what is missing, whom it reaches",
	}, s.getSheet)
	add(s, kind{
		method: http.MethodGet, path: "/declarations/{id}/versions/{version}/diff", id: "get-diff", tag: "declarations",
		summary: "What a version says differently from another one, field by field",
	}, s.getDiff)
}

func (s *surface) listDeclarations(ctx context.Context, c roles.Caller, in *Filter) (*listed[registry.Declaration], error) {
	all, err := s.Desk.Find(ctx, c, desk.Query{Service: in.Service, ID: in.ID, Standing: in.Standing, UAI: in.UAI, Text: in.Text})
	if err != nil {
		return nil, err
	}
	return paged(all, func(d registry.Declaration) string { return fmt.Sprintf("%s %08d", d.ID, d.Version) }, in.Paging)
}

func (s *surface) beginDeclaration(ctx context.Context, c roles.Caller, in *Made[Beginning]) (*single[registry.Declaration], error) {
	d, err := s.Desk.Begin(ctx, c, in.Body.Model, in.Body.Declaration)
	return declared(http.StatusCreated, d, err)
}

// declared answers a write on a version.
func declared(status int, d registry.Declaration, err error) (*single[registry.Declaration], error) {
	if err != nil {
		return nil, err
	}
	return wrote(status, d, desk.Tag(d)), nil
}

// version finds one version in the caller's sight.
func (s *surface) version(ctx context.Context, c roles.Caller, ref desk.Ref) (registry.Declaration, error) {
	all, err := s.Desk.Find(ctx, c, desk.Query{ID: ref.ID})
	if err != nil {
		return registry.Declaration{}, err
	}
	for _, d := range all {
		if d.ID == ref.ID && d.Version == ref.Version {
			return d, nil
		}
	}
	return registry.Declaration{}, &desk.NotFound{Kind: "declaration", ID: ref.String()}
}

func (s *surface) getDeclaration(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	IfNoneMatch
},
) (*single[registry.Declaration], error) {
	d, err := s.version(ctx, c, in.ref())
	if err != nil {
		return nil, err
	}
	return show(d, desk.Tag(d), in.IfNoneMatch.IfNoneMatch), nil
}

func (s *surface) editDeclaration(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	IfMatch
	Body registry.Declaration
},
) (*single[registry.Declaration], error) {
	tag, err := in.required()
	if err != nil {
		return nil, err
	}
	in.Body.ID, in.Body.Version = in.ID, in.Version
	d, err := s.Desk.Edit(ctx, c, in.Body, tag)
	return declared(http.StatusOK, d, err)
}

func (s *surface) newVersion(ctx context.Context, c roles.Caller, in *ByID) (*single[registry.Declaration], error) {
	d, err := s.Desk.NewVersion(ctx, c, in.ID)
	return declared(http.StatusCreated, d, err)
}

func (s *surface) getSheet(ctx context.Context, c roles.Caller, in *OneVersion) (*single[desk.Sheet], error) {
	sheet, err := s.Desk.Sheet(ctx, c, in.ref())
	if err != nil {
		return nil, err
	}
	return wrote(http.StatusOK, sheet, sheet.Tag), nil
}

func (s *surface) getDiff(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	Against int `query:"against" required:"true" minimum:"1" doc:"the version to compare with"`
},
) (*plain[Comparison], error) {
	next, err := s.version(ctx, c, in.ref())
	if err != nil {
		return nil, err
	}
	before, err := s.version(ctx, c, desk.Ref{ID: in.ID, Version: in.Against})
	if err != nil {
		return nil, err
	}
	changes := append([]registry.Difference{}, registry.Diff(before, next)...)
	return &plain[Comparison]{http.StatusOK, Comparison{Against: in.Against, Change: registry.Compare(before, next), Changes: changes}}, nil
}
