package app

import (
	"context"

	"ecluse/internal/keybook"
	"ecluse/internal/store/sqldb"
)

// doubles finds the pairs that make one of two people whom a same sector knows by two numbers. Neither changes, for the
// service has accounts under both; later releases go on under the number of the key by which the person comes.
func (b *base) doubles(ctx context.Context, merged []keybook.Merge) (map[int]bool, error) {
	out := map[int]bool{}
	d := doubling{base: b, store: &sqldb.Keybook{DB: b.db, Journal: b.journal}}
	years, err := d.store.Years(ctx)
	if err != nil || len(years) == 0 || len(merged) == 0 {
		return out, err
	}
	d.first, d.last = years[0], years[len(years)-1]
	contents, err := b.store.Load(ctx)
	if err != nil {
		return nil, err
	}
	view := b.snapshot(contents)
	d.generations = map[string]int{}
	for _, s := range contents.Services {
		d.generations[s.Family()] = view.Family(s.Family()).Generation
	}
	for _, m := range merged {
		double, err := d.double(ctx, m)
		if err != nil {
			return nil, err
		}
		if double {
			out[m.Pair] = true
		}
	}
	return out, nil
}

// doubling looks for what two people were known by.
type doubling struct {
	*base
	store       *sqldb.Keybook
	first, last int
	generations map[string]int // of every sector
}

func (d doubling) double(ctx context.Context, m keybook.Merge) (bool, error) {
	for family, generation := range d.generations {
		one, err := d.known(ctx, m.One, family, generation)
		if err != nil {
			return false, err
		}
		if len(one) == 0 {
			continue
		}
		other, err := d.known(ctx, m.Other, family, generation)
		if err != nil {
			return false, err
		}
		for span := range other {
			if one[span] {
				return true, nil
			}
		}
	}
	return false, nil
}

// known tells under which spans a sector knows somebody with these numbers.
func (d doubling) known(ctx context.Context, numbers []string, family string, generation int) (map[int]bool, error) {
	spans := map[string]int{} // mark -> span
	var marks []string
	for _, n := range numbers {
		for span, p := range d.engine.Spans(n, family, generation, d.first, d.last) {
			mark := keybook.Mark(d.ring, p)
			spans[mark], marks = span, append(marks, mark)
		}
	}
	released, err := d.store.Released(ctx, marks)
	out := map[int]bool{}
	for mark := range released {
		out[spans[mark]] = true
	}
	return out, err
}
