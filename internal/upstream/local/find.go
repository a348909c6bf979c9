package local

import (
	"context"
	"fmt"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
)

var _ upstream.Finder = (*Connector)(nil)

// Find implements upstream.Finder: it says of the holder of an open account what a sign-in would.
func (c *Connector) Find(ctx context.Context, id string) (person.Raw, error) {
	a, known, err := c.accounts.Account(ctx, id)
	if err != nil {
		return person.Raw{}, fmt.Errorf("%w: %w", upstream.ErrUnavailable, err)
	}
	if !known || a.Source != c.source || !a.Open(c.now(), c.zone) {
		return person.Raw{}, upstream.ErrNobody
	}
	return c.vouch(a), nil
}
