package keybook

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/person"
)

// Known is what Know would give, for whoever only looks: nothing is filed, marked or journaled.
func (b *Book) Known(ctx context.Context, own person.Key, also ...person.Key) ([]string, error) {
	if own.IsZero() {
		return nil, errors.New("key book: nobody's key")
	}
	said := b.said(own, also)
	shelf, err := b.Store.Look(ctx, said.hashes())
	if err != nil {
		return nil, fmt.Errorf("key book: %w", err)
	}
	return decide(said, shelf).numbers, nil
}

// Handles lists the keys under which a person was ever known, as person.Key.Handle writes them: own first, then those that
// were found to mean the same person. A key that two people were said to have is nobody's but of whoever signs in with it.
func (b *Book) Handles(ctx context.Context, own person.Key) ([]string, error) {
	if own.IsZero() {
		return nil, errors.New("key book: nobody's key")
	}
	first := own.Handle(b.Keys)
	shelf, err := b.Store.Look(ctx, []string{first})
	if err != nil {
		return nil, fmt.Errorf("key book: %w", err)
	}
	var rest []string
	for _, r := range shelf.Rows {
		if r.Authority != "" && !r.Disputed && r.Key != first { // a note of what was refused has no authority
			rest = append(rest, r.Key)
		}
	}
	slices.Sort(rest)
	return append([]string{first}, rest...), nil
}
