package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
)

// Issue is one release of somebody's data: when, to which service, where, under which declaration, and the names of what
// left, never a value.
type Issue struct {
	At          time.Time
	Service     string
	UAI         person.UAI
	Declaration string
	Version     int
	Attributes  []string
	Later       bool // on a sign-in that had begun before
}

// Fiche lists everything that was sent of the person whom an access request is about, the newest first: to its service, or
// to every one where it is about the gateway itself, and in the establishment of the request alone. It is for who answers
// somebody who no longer can sign in; whoever can reads it on their own page. What a guardian asks for a child is one line
// for each service, without moments: parents do not read when a child was where. Each reading is in the journal before
// anything is read, and nothing can be read once the request is closed.
func (d *Desk) Fiche(ctx context.Context, c roles.Caller, ref string) ([]Issue, error) {
	t, r, err := d.rightFor(ctx, c, "right_fiche", roles.ReadRight, ref)
	if err != nil {
		return nil, err
	}
	if r.Kind != rights.Access || r.State == rights.Closed {
		return nil, &Conflict{Code: "state", What: "the list of what was sent goes with an access request that is not closed"}
	}
	if d.Events == nil || d.Sent == nil {
		return nil, errNoRights()
	}
	if err := d.journaled(ctx, t, r); err != nil {
		return nil, err
	}
	h, err := d.Rights.Read(r)
	if err != nil {
		return nil, fmt.Errorf("desk: %w", err)
	}
	return d.issued(ctx, t, h)
}

func (d *Desk) issued(ctx context.Context, t *turn, h rights.Held) ([]Issue, error) {
	if len(h.Who) == 0 {
		return nil, errors.New("desk: a request about nobody")
	}
	services := []string{h.Service}
	if h.Service == registry.House {
		services = services[:0]
		for _, v := range t.Services() {
			services = append(services, v.ID)
		}
	}
	var subjects []string
	for _, service := range services {
		for _, handle := range h.Who {
			subjects = append(subjects, d.Sent(handle, service))
		}
	}
	var out []Issue
	query := audit.Query{Outcome: audit.Released, AnyOf: subjects, UAI: string(h.UAI), Limit: audit.MaxLimit}
	for more := true; more; more = query.After != "" {
		page, err := d.Events.List(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("desk: fiche: %w", err)
		}
		for _, e := range page.Entries {
			one := Issue{
				At: e.At, Service: e.Service, UAI: person.UAI(e.UAI), Declaration: e.Declaration, Version: e.Version,
				Attributes: slices.Clone(e.Attributes), Later: e.Action == "release.later",
			}
			if h.Child {
				out = together(out, one)
			} else {
				out = append(out, one)
			}
		}
		query.After = page.Next
	}
	return out, nil
}

// together adds an issue to that of the same service, and says when of none.
func together(list []Issue, one Issue) []Issue {
	one.At, one.Later = time.Time{}, false
	i := slices.IndexFunc(list, func(o Issue) bool { return o.Service == one.Service })
	if i < 0 {
		return append(list, one)
	}
	for _, name := range one.Attributes {
		if !slices.Contains(list[i].Attributes, name) {
			list[i].Attributes = append(list[i].Attributes, name)
		}
	}
	return list
}

// rights are told to the controllers and the data-protection officer whose establishments they are about.
func (w *waiting) rights(ctx context.Context) error {
	if w.desk.Rights == nil {
		return nil
	}
	list, err := w.desk.rightsOf(ctx, w.turn)
	if err != nil {
		return err
	}
	for _, r := range list {
		if r.Pending() {
			w.add("right", r.Ref, r.Opened, r.Due)
			w.tasks[len(w.tasks)-1].UAI = string(r.UAI)
		}
	}
	return nil
}
