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
	"ecluse/internal/registry/headcounts"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// CountImport is how a list of headcounts is read.
type CountImport struct {
	DryRun  bool   `query:"dry_run" doc:"only say what would change"`
	On      string `query:"on" format:"date" doc:"the day on which it was counted (yyyy-mm-dd); today when it is not said"`
	SkipBad bool   `query:"skip_bad" doc:"leave out establishments with a row that cannot be read; without it one keeps everything back"`
	RawBody []byte `contentType:"text/csv"`
}

// CountPlan is what a list of headcounts changes, or would.
type CountPlan struct {
	Written   bool               `json:"written"`
	Created   []person.UAI       `json:"created" doc:"counted for the first time"`
	Changed   []person.UAI       `json:"changed"`
	Managed   []person.UAI       `json:"managed" doc:"that files manage: they stay as they are"`
	Unchanged int                `json:"unchanged"`
	Problems  []annuaire.Problem `json:"problems" doc:"rows that cannot be taken"`
	Named     []annuaire.Problem `json:"named" doc:"rows whose label is written as a person is called: they are taken as they are"`
	Stop      string             `json:"stop,omitempty" doc:"why nothing may be written"`
}

func uaisOf(list []registry.Headcount) []person.UAI {
	out := make([]person.UAI, len(list))
	for i, h := range list {
		out[i] = h.UAI
	}
	return out
}

func (s *surface) importHeadcounts(ctx context.Context, c roles.Caller, in *CountImport) (*plain[CountPlan], error) {
	if err := s.Desk.Importable(ctx, c, nil); err != nil {
		return nil, err // before a list of many megabytes is read
	}
	view, err := s.Desk.Catalogue(ctx, c)
	if err != nil {
		return nil, err
	}
	var on registry.Date
	if err := on.UnmarshalText([]byte(in.On)); err != nil {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", err.Error(), err)
	}
	list, err := headcounts.Read(bytes.NewReader(in.RawBody))
	if err != nil {
		return nil, web.Problem(http.StatusUnprocessableEntity, "invalid", err.Error(), err)
	}
	plan := headcounts.NewPlan(list, view, headcounts.How{On: on, Now: s.Now(), Zone: view.Zone(), SkipBad: in.SkipBad})
	var schools []registry.Establishment
	for _, h := range plan.Headcounts() {
		school, _ := view.Establishment(h.UAI)
		schools = append(schools, school)
	}
	if err := s.Desk.Importable(ctx, c, schools); err != nil {
		return nil, err
	}
	out := CountPlan{
		Created: uaisOf(plan.Created), Changed: uaisOf(plan.Changed), Managed: plan.Managed, Unchanged: plan.Unchanged,
		Problems: plan.Problems, Named: plan.Named, Stop: plan.Stop,
	}
	switch {
	case in.DryRun:
	case plan.Stop != "":
		return nil, web.Problem(http.StatusUnprocessableEntity, "list", plan.Stop, &desk.Conflict{What: plan.Stop}).
			With("errors", rowMistakes(plan.Problems))
	case len(schools) > 0:
		sum := sha256.Sum256(in.RawBody)
		if _, err := s.Desk.ImportHeadcounts(ctx, c, plan.Headcounts(), hex.EncodeToString(sum[:])); err != nil {
			return nil, err
		}
		out.Written = true
	}
	return &plain[CountPlan]{http.StatusOK, out}, nil
}

func (s *surface) getHeadcount(ctx context.Context, c roles.Caller, in *struct {
	BySchool
	IfNoneMatch
},
) (*single[registry.Headcount], error) {
	h, err := s.Desk.Headcount(ctx, c, in.UAI)
	if err != nil {
		return nil, err
	}
	return show(h, desk.Tag(h), in.IfNoneMatch.IfNoneMatch), nil
}
