package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Foreseen is what an act over many establishments would do, in numbers, before anybody does it.
type Foreseen struct {
	Report
	Pupils  int          // of the establishments that would change, as far as the ministry's list says
	Version int          // of the declaration that would be enabled
	Same    []person.UAI // those that stay as they are: it stands so there already, or the act does not concern them
	Others  int          // those that the choice by fields names and that are not the caller's to decide for
}

// Foresee tells what Decide would do with a stance, and gives the error that it would give: nothing is written, and nothing
// journaled.
func (d *Desk) Foresee(ctx context.Context, c roles.Caller, s Stance) (Foreseen, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Foreseen{}, err
	}
	var out Foreseen
	schools, err := t.decide(s, &out.Report)
	if err != nil && !errors.Is(err, errIdle) {
		return Foreseen{}, err
	}
	out.Version = t.entry.Version
	changed := map[person.UAI]bool{}
	for _, uai := range out.UAIs {
		changed[uai] = true
	}
	for _, e := range schools {
		if changed[e.UAI] {
			out.Pupils += e.Pupils
		} else {
			out.Same = append(out.Same, e.UAI)
		}
	}
	out.Others = t.fitting(s.Where) - len(schools)
	return out, nil
}

// fitting counts the open establishments that a choice by fields names; of a list, those that are named.
func (t *turn) fitting(w Where) int {
	if !w.fields() {
		uais := slices.Sorted(slices.Values(w.UAIs))
		return len(slices.Compact(uais))
	}
	n := 0
	for _, e := range t.Establishments() {
		if w.fits(e) && !e.ClosedAt(t.now, t.Zone()) {
			n++
		}
	}
	return n
}

// Claimed lists the enablings that were taken over from papers in the establishments of a choice and wait for the caller to
// confirm them; of one service where it is named. A list is taken whole or not at all.
func (d *Desk) Claimed(ctx context.Context, c roles.Caller, service string, w Where) ([]EnablingRef, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	schools, err := t.choose(roles.Enable, service, w)
	if err != nil {
		return nil, err
	}
	mine := map[person.UAI]bool{}
	for _, e := range schools {
		mine[e.UAI] = true
	}
	var out []EnablingRef
	for _, e := range t.Enablings() {
		if e.State == registry.ClaimedOnPaper && mine[e.UAI] && (service == "" || e.Service == service) {
			out = append(out, EnablingRef{e.Service, e.UAI})
		}
	}
	slices.SortFunc(out, func(a, b EnablingRef) int { return strings.Compare(string(a.UAI)+a.Service, string(b.UAI)+b.Service) })
	return out, nil
}

// ForeseePapers tells what ConfirmPaper would do with enablings, and gives the error that it would give. Nothing is written.
func (d *Desk) ForeseePapers(ctx context.Context, c roles.Caller, enablings []EnablingRef) (Foreseen, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Foreseen{}, err
	}
	report, err := d.confirmAll(t, nil, enablings)
	if err != nil {
		return Foreseen{}, err
	}
	out := Foreseen{Report: report}
	seen := map[person.UAI]bool{}
	for _, uai := range report.UAIs {
		if e, _ := t.Establishment(uai); !seen[uai] {
			seen[uai] = true
			out.Pupils += e.Pupils
		}
	}
	return out, nil
}

// Acts is what the caller did in one act.
type Acts struct {
	Enablings    []registry.Enabling
	Declarations []registry.Declaration
}

// Acted finds what the caller did at a moment, and nobody has decided on since: the report of an act is what the register says of it.
func (d *Desk) Acted(ctx context.Context, c roles.Caller, at time.Time) (Acts, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil || c.Handle == "" {
		return Acts{}, err
	}
	did := func(all []registry.Decision) bool {
		return len(all) > 0 && all[len(all)-1].By == c.Handle && all[len(all)-1].At.Equal(at)
	}
	var out Acts
	for _, e := range t.Enablings() {
		if did(e.Decisions) {
			out.Enablings = append(out.Enablings, e)
		}
	}
	for _, s := range t.Services() {
		for _, v := range t.Declarations(s.ID) {
			if did(v.Decisions) {
				out.Declarations = append(out.Declarations, v)
			}
		}
	}
	return out, nil
}
