package demo

import (
	"context"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
)

var _ upstream.Finder = (*Connector)(nil)

// Find implements upstream.Finder for the demo's invented people.
func (c *Connector) Find(_ context.Context, id string) (person.Raw, error) {
	who, known := c.People.Find(id)
	if !known {
		return person.Raw{}, upstream.ErrNobody
	}
	raw := who.Raw()
	raw.Authn = person.Authn{At: c.Now(), Method: Method, Authorities: who.Authorities}
	return raw, nil
}
