package desk

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// commandPseudonyms is who takes a sector's list at the command line.
const commandPseudonyms = "command:pseudonyms"

// Renewed gives a sector whose list of former and new numbers may be taken: a second person confirmed the new ones, and the
// list was not taken yet. The error is *NotFound or *Conflict otherwise, which says by whom it was taken, and when.
func (d *Desk) Renewed(ctx context.Context, id string) (registry.Family, error) {
	t, err := d.begin(ctx, roles.Caller{Handle: commandPseudonyms}, "")
	if err != nil {
		return registry.Family{}, err
	}
	f := t.Family(id)
	if !t.knows(id) {
		return f, &NotFound{"family", id}
	}
	return f, t.takeable(f)
}

// TakeList keeps that the list of one generation of a sector is handed out, and how many numbers stand in it. It comes
// before the list has a name: of two who take it at once one is refused. Whoever runs the command holds the machine; by is
// the function in which they do, for whoever asks later.
func (d *Desk) TakeList(ctx context.Context, id string, generation, count int, by string) (registry.Family, error) {
	return d.family(ctx, roles.Caller{Handle: commandPseudonyms}, "pseudonyms_taken", id, func(t *turn, f *registry.Family) error {
		var bad mistakes
		bad.text("by", by, mostReason)
		if err := bad.err(); err != nil {
			return err
		}
		if err := t.takeable(*f); err != nil {
			return err
		}
		if f.Generation != generation {
			return &Conflict{Code: "changed", What: "the sector has been given other numbers meanwhile"}
		}
		f.Taken = t.now
		f.Decisions = append(slices.Clone(f.Decisions), t.decision(roles.Capacity{Office: by}, registry.Approved, "liste des anciens et nouveaux numéros"))
		t.detail("count", strconv.Itoa(count))
		return nil
	})
}

// takeable refuses a list that there is not, not yet, or no more.
func (t *turn) takeable(f registry.Family) error {
	switch {
	case f.State == registry.Submitted:
		return &Conflict{Code: "state", What: "new numbers were asked for and no second person has confirmed them"}
	case f.Generation == 0:
		return &Conflict{Code: "state", What: "this sector was never given new numbers: there is no list"}
	case !f.Taken.IsZero():
		by := "?"
		for _, d := range f.Decisions {
			if d.At.Equal(f.Taken) {
				by = d.Office
			}
		}
		at := f.Taken.In(t.Zone()).Format("2006-01-02 15:04")
		return &Conflict{Code: "state", What: fmt.Sprintf("the list of generation %d was taken on %s by %s; it is handed out once", f.Generation, at, by)}
	default:
		return nil
	}
}

// knows tells whether a registered service is in a sector.
func (t *turn) knows(family string) bool {
	return slices.ContainsFunc(t.Services(), func(s registry.Service) bool { return s.Family() == family })
}
