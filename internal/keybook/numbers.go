package keybook

import (
	"context"
	"errors"
	"fmt"

	"ecluse/internal/person"
)

// Numbers gives what Know would give for a key alone, and files nothing: the book does not remember that it was asked. Of a
// key that it never saw it gives the number that the key would have, under which nothing was released.
func (b *Book) Numbers(ctx context.Context, own person.Key) ([]string, error) {
	if own.IsZero() {
		return nil, errors.New("key book: nobody's key")
	}
	said := b.said(own, nil)
	shelf, err := b.Store.Look(ctx, said.hashes())
	if err != nil {
		return nil, fmt.Errorf("key book: %w", err)
	}
	return decide(said, shelf).numbers, nil
}
