package keybook

import (
	"context"
	"errors"
	"fmt"

	"ecluse/internal/audit"
	"ecluse/internal/person"
)

// Pair says that two keys are one person's: the one under which a source knew the person and the one under which it does
// now, or a key in doubt and one of the person whose it is.
type Pair struct{ Former, Now person.Key }

// Fate is what becomes of a pair.
type Fate string

// The fates of a pair.
const (
	Joined  Fate = "joined"      // the book did not know it
	Already Fate = "one_already" // the book knew it, or knows it by another pair
	Unseen  Fate = "never_seen"  // nobody was ever known by either key: there is nothing to carry over, and nothing is kept
	Apart   Fate = "kept_apart"  // one authority would name one person by two keys of which no pair says that they are one's
)

// Join is what a list of pairs comes to. It is carried out on the book that it was planned on, or not at all.
type Join struct {
	Fates   []Fate  // one for each pair
	Settled int     // keys in doubt whose owner is known from now on
	Merged  []Merge // pairs of people of whom each had numbers already: no pseudonym that was released changes
	keys    []string
	seen    Shelf
	change  Change
}

// Merge are the numbers of two people who are found to be one, and the pair that says so. The numbers are never released.
type Merge struct {
	Pair       int
	One, Other []string
}

// String shows nothing of whom it is about.
func (m Merge) String() string { return fmt.Sprintf("[merge of pair %d]", m.Pair) }

// GoString shows nothing of whom it is about.
func (m Merge) GoString() string { return m.String() }

// String shows nothing of the keys.
func (p Pair) String() string { return "[pair of keys]" }

// GoString shows nothing of the keys.
func (p Pair) GoString() string { return p.String() }

// Empty tells whether there is nothing to carry out.
func (j Join) Empty() bool { return j.change.Empty() }

// Count tells how many pairs have a fate.
func (j Join) Count(f Fate) int {
	n := 0
	for _, fate := range j.Fates {
		if fate == f {
			n++
		}
	}
	return n
}

// PlanJoin says what a list of pairs would change. The word of whoever made the list is taken where that of a source is
// not: a key in doubt gets the owner whom a pair names, and no sign-in brings it into doubt again. Against one thing it is
// not taken: one authority names a person once, unless the pairs themselves join one of its keys to the other. Whether they
// do so with sense is not looked at here.
//
// A key that is not in the book takes the number of the one beside it, so that whoever comes by it for the first time is
// known everywhere as before. Where both have numbers they are linked, as in a merge that a sign-in finds.
func (b *Book) PlanJoin(ctx context.Context, pairs []Pair) (Join, error) {
	p := newJoining(SchoolYear(b.Now()))
	for _, pair := range pairs {
		if pair.Former.IsZero() || pair.Now.IsZero() || pair.Former == pair.Now {
			return Join{}, errors.New("key book: a pair that does not name two keys")
		}
		p.pairs = append(p.pairs, [2]named{b.named(pair.Former), b.named(pair.Now)})
	}
	keys := p.keys()
	shelf, err := b.Store.Look(ctx, keys)
	if err != nil {
		return Join{}, fmt.Errorf("key book: %w", err)
	}
	p.fill(shelf)
	p.decide()
	return Join{Fates: p.fates, Settled: p.settled, Merged: p.merged, keys: keys, seen: shelf, change: p.written()}, nil
}

// CarryOut writes a plan and its journal entry, all or nothing and durably. It is ErrChanged when somebody of the list
// signed in meanwhile in a way that the plan does not know: then it is to be planned again.
func (b *Book) CarryOut(ctx context.Context, j Join, entry audit.Entry) error {
	if err := b.Store.Write(ctx, j.keys, j.seen, j.change, &entry); err != nil {
		return fmt.Errorf("key book: %w", err)
	}
	return nil
}
