package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/registry/annuaire"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Import is how a list of schools is read.
type Import struct {
	DryRun     bool   `query:"dry_run" doc:"only say what would change"`
	Academy    string `query:"academy" doc:"of this academy only"`
	Department string `query:"department" doc:"of this department only"`
	SkipBad    bool   `query:"skip_bad" doc:"leave out rows that cannot be read; without it one keeps everything back"`
	Close      bool   `query:"close" doc:"close the schools that the list no longer has"`
	CloseMany  bool   `query:"close_many" doc:"even if they are many"`
	RawBody    []byte `contentType:"text/csv"`
}

// mostListed bounds a list that is sent here, in bytes; the whole country's is smaller.
const mostListed = 64 << 20

// ImportPlan is what a list of schools changes, or would.
type ImportPlan struct {
	Written   bool                     `json:"written"`
	Created   []registry.Establishment `json:"created"`
	Changed   []ImportChange           `json:"changed"`
	Closed    []registry.Establishment `json:"closed"`
	Missing   []person.UAI             `json:"missing" doc:"that the list no longer has and that stay as they are"`
	Managed   []person.UAI             `json:"managed" doc:"that files manage: they stay as they are"`
	Unchanged int                      `json:"unchanged"`
	Problems  []annuaire.Problem       `json:"problems" doc:"rows that cannot be read"`
	Stop      string                   `json:"stop,omitempty" doc:"why nothing may be written"`
}

// ImportChange is a school that the list says something new of.
type ImportChange struct {
	Line   int                    `json:"line"`
	Fields []string               `json:"fields" doc:"what differs"`
	Next   registry.Establishment `json:"next"`
}

func planOf(p annuaire.Plan) ImportPlan {
	out := ImportPlan{
		Created: p.Created, Changed: []ImportChange{}, Closed: p.Closed, Missing: p.Missing, Managed: p.Managed,
		Unchanged: p.Unchanged, Problems: p.Problems, Stop: p.Stop,
	}
	for _, c := range p.Changed {
		out.Changed = append(out.Changed, ImportChange{Line: c.Line, Fields: c.Fields, Next: c.Next})
	}
	return out
}

func (s *surface) importEstablishments(ctx context.Context, c roles.Caller, in *Import) (*plain[ImportPlan], error) {
	if err := s.Desk.Importable(ctx, c, nil); err != nil {
		return nil, err // before a list of many megabytes is read
	}
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return nil, err
	}
	narrow := annuaire.Only{Academy: in.Academy, Department: in.Department}
	list, err := annuaire.Read(bytes.NewReader(in.RawBody), narrow)
	if err != nil {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", err.Error(), err)
	}
	plan := annuaire.NewPlan(list, view.Establishments(), annuaire.How{
		Only: narrow, Today: registry.DateOf(s.Now().In(view.Zone())), SkipBad: in.SkipBad, Close: in.Close, CloseMany: in.CloseMany,
	})
	schools := plan.Establishments()
	if err := s.Desk.Importable(ctx, c, schools); err != nil {
		return nil, err
	}
	out := planOf(plan)
	switch {
	case in.DryRun:
	case plan.Stop != "":
		return nil, web.Problem(http.StatusUnprocessableEntity, "list", plan.Stop, &desk.Conflict{What: plan.Stop}).
			With("errors", rowMistakes(plan.Problems))
	case len(schools) > 0:
		sum := sha256.Sum256(in.RawBody)
		if _, err := s.Desk.ImportEstablishments(ctx, c, schools, hex.EncodeToString(sum[:])); err != nil {
			return nil, err
		}
		out.Written = true
	}
	return &plain[ImportPlan]{http.StatusOK, out}, nil
}

func rowMistakes(problems []annuaire.Problem) []Mistake {
	out := make([]Mistake, 0, len(problems))
	for _, p := range problems {
		out = append(out, Mistake{Message: p.Error(), Mend: p.Mend})
	}
	return out
}
