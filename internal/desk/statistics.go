package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/tally"
)

// Counting is over what the caller reads statistics.
type Counting struct {
	Academies []string     // as a whole
	UAIs      []person.UAI // where they read no academy: single establishments
	Counted   time.Time    // until when was counted; zero for never
}

// Counting tells over what the caller reads statistics: where they read the journal. It has months counted that were not.
func (d *Desk) Counting(ctx context.Context, c roles.Caller) (Counting, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return Counting{}, err
	}
	var out Counting
	denied := g.may(roles.ReadJournal, roles.Target{})
	for _, academy := range g.academies() {
		if g.may(roles.ReadJournal, roles.Target{Academy: academy}) == nil {
			out.Academies = append(out.Academies, academy)
		}
	}
	if len(out.Academies) == 0 {
		out.UAIs = g.journals()
	}
	if len(out.Academies)+len(out.UAIs) == 0 {
		if denied == nil {
			return out, nil // no establishment is registered
		}
		return out, denied
	}
	if d.Tally == nil {
		return out, nil
	}
	d.Tally.Ask(ctx)
	out.Counted, err = d.Tally.Counted(ctx)
	return out, err
}

// academies are those of the registered establishments.
func (g glance) academies() []string {
	var out []string
	for _, e := range g.Establishments() {
		if e.Academy != "" {
			out = append(out, e.Academy)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Statistics lists counts. The sums of an academy are for whoever reads its journal as a whole, those of an establishment for
// whoever reads its own; of a list of establishments, each is shown to whoever reads its journal. Without an academy the
// query is about that of its establishment, or the only one there is.
func (d *Desk) Statistics(ctx context.Context, c roles.Caller, q tally.Query) ([]tally.Count, error) {
	g, err := d.glance(ctx, c)
	if err != nil {
		return nil, err
	}
	school, single := g.Establishment(person.UAI(q.UAI))
	switch all := g.academies(); {
	case single:
		q.Academy = school.Academy
	case q.Academy == "" && len(all) == 1:
		q.Academy = all[0]
	}
	on := roles.Target{Academy: q.Academy}
	if q.UAI != tally.All && q.UAI != tally.Each {
		on = roles.Target{UAIs: []person.UAI{person.UAI(q.UAI)}}
	}
	denied := g.may(roles.ReadJournal, on)
	var mine []person.UAI
	if denied != nil && q.UAI == tally.Each {
		mine = slices.Sorted(slices.Values(g.journals()))
	}
	if denied != nil && len(mine) == 0 {
		return nil, denied
	}
	if d.Tally == nil {
		return nil, nil
	}
	found, err := d.Tally.Store.Counts(ctx, q)
	if err != nil {
		return nil, fmt.Errorf("desk: statistics: %w", err)
	}
	if denied == nil {
		return found, nil
	}
	return slices.DeleteFunc(found, func(one tally.Count) bool {
		_, own := slices.BinarySearch(mine, person.UAI(one.UAI))
		return !own
	}), nil
}

// SmallGroup is about fewer than how many people statistics are hidden.
func (d *Desk) SmallGroup(s *registry.Snapshot) int {
	if small := s.Rules(d.Now()).SmallGroup; small > 0 {
		return small
	}
	return tally.UsualSmall
}
