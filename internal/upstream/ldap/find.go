package ldap

import (
	"context"
	"unicode/utf8"

	ldapv3 "github.com/go-ldap/ldap/v3"

	"ecluse/internal/person"
	"ecluse/internal/upstream"
)

var _ upstream.Finder = (*Connector)(nil)

// Find implements upstream.Finder, with the service account: no password is asked or tried. The identifier can be nothing
// but a value of the filter (RFC 4515 section 3).
func (c *Connector) Find(ctx context.Context, id string) (person.Raw, error) {
	if c.mapping.ID == "" || id == "" || len(id) > maxLogin || !utf8.ValidString(id) || containsControl(id) {
		return person.Raw{}, upstream.ErrNobody
	}
	entries, several, err := c.directory.search(ctx, "find a person by identifier", query{
		base: c.directory.settings.BaseDN, scope: ldapv3.ScopeWholeSubtree, most: 1,
		filter: "(" + c.mapping.ID + "=" + ldapv3.EscapeFilter(id) + ")", attributes: []string{"1.1"},
	})
	if err != nil {
		return person.Raw{}, err
	}
	if several || len(entries) != 1 {
		return person.Raw{}, upstream.ErrNobody
	}
	return c.identity(ctx, entries[0].DN)
}
