package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ConfirmTerms says that the supplier's terms are still of that version. Another version reopens the review: the
// declaration runs until the deadline that the rules give, and what replaces it is a new version with an opinion of its
// own. Either holds for every approved version that rests on the same terms.
func (d *Desk) ConfirmTerms(ctx context.Context, c roles.Caller, m Move, version string) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_terms", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.ConfirmTerms, of(v))
		if err != nil {
			return v, err
		}
		if err := termsAt(v, version); err != nil {
			return v, err
		}
		next := t.termsSeen(v, version, in)
		for _, other := range t.Versions(v.ID) {
			if other.Version != v.Version && termsAt(other, version) == nil && other.Supplier.Terms.Version == v.Supplier.Terms.Version {
				t.put(t.termsSeen(other, version, in))
			}
		}
		return next, nil
	})
}

// termsAt wants an approved version with terms, whose review is not open already: a deadline is not put off by a word.
func termsAt(v registry.Declaration, version string) error {
	var bad mistakes
	bad.text("version", version, mostName)
	bad.say(v.Supplier.Terms.Version == "", "version", "the declaration names no terms of a supplier", "")
	if err := bad.err(); err != nil {
		return err
	}
	switch {
	case v.State != registry.Approved && v.State != registry.Suspended:
		return &Conflict{Code: "state", What: fmt.Sprintf("%s is not approved: its terms are looked at with its review", Ref{v.ID, v.Version})}
	case v.Review != nil:
		return &Conflict{Code: "state", What: fmt.Sprintf("%s is to be reviewed by %s: a new version answers that", Ref{v.ID, v.Version}, v.Review.Deadline)}
	}
	return nil
}

func (t *turn) termsSeen(v registry.Declaration, version string, in roles.Capacity) registry.Declaration {
	t.detail("terms", version)
	if version == v.Supplier.Terms.Version {
		v.Terms = append(slices.Clone(v.Terms), registry.Confirmed{At: t.now, Version: version, Office: in.Office, By: t.by.Handle})
		return v
	}
	v.Review = &registry.Review{
		Since: t.now, Why: fmt.Sprintf("terms %s in the place of %s", version, v.Supplier.Terms.Version),
		Deadline: t.today().Add(t.Rules(t.now).TermsGrace), By: t.by.Handle,
	}
	t.detail("review", v.Review.Deadline.String())
	return v
}
