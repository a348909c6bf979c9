package ldap

import (
	"context"
	"strings"

	ldapv3 "github.com/go-ldap/ldap/v3"

	"ecluse/internal/person"
)

const (
	relationAttribute = "ENTElevePersRelEleve"
	mostWards         = 40
)

// isGuardian tells whether any profile that the directory gives is a guardian's.
func isGuardian(m person.Mapping, raw map[string][]string) bool {
	for _, v := range raw[m.Profile] {
		last := v[strings.LastIndexByte(v, '$')+1:]
		if p, known := person.ParseProfile(last); known && p == person.Guardian {
			return true
		}
	}
	return false
}

// wards finds the children of a guardian, in whose entries the relation stands:
// `guardian$typeRelation$respFinancier$respLegal$contact$paiement`, the guardian as key or as name of the entry. It
// gives `child id$UAI$respLegal$first name` for each establishment of each child. More children than any family has
// are a mistake of the directory, and then nobody is anybody's child.
func (c *Connector) wards(ctx context.Context, dn string, raw map[string][]string, r *resolution) ([]string, error) {
	ids := raw[c.mapping.ID]
	if c.mapping.Wards == "" || c.mapping.Structure == "" || len(ids) != 1 || ids[0] == "" {
		return nil, nil
	}
	begin := func(key string) string { return "(" + relationAttribute + "=" + ldapv3.EscapeFilter(key) + "$*)" }
	first := c.givenName()
	children, tooMany, err := c.directory.search(ctx, "find the children of a guardian", query{
		base: c.settings.BaseDN, scope: ldapv3.ScopeWholeSubtree, most: mostWards,
		filter:     "(&(objectClass=ENTEleve)(|" + begin(ids[0]) + begin(dn) + "))",
		attributes: []string{c.mapping.ID, c.mapping.Structure, first, relationAttribute},
	})
	if err != nil || tooMany {
		if tooMany {
			c.log.WarnContext(ctx, "a guardian has more children than can be: none is believed", "most", mostWards)
		}
		return nil, err
	}
	var out []string
	for _, child := range children {
		values, err := c.wardsOf(ctx, child, first, []string{ids[0], dn}, r)
		if err != nil {
			return nil, err
		}
		out = append(out, values...)
	}
	return out, nil
}

// givenName is the attribute that holds a first name.
func (c *Connector) givenName() string {
	if name := c.mapping.Values[person.GivenName]; name != "" {
		return name
	}
	return "givenName"
}

// wardsOf gives the values of one child, one for each of its establishments.
func (c *Connector) wardsOf(ctx context.Context, child *ldapv3.Entry, first string, keys []string, r *resolution) ([]string, error) {
	ids := child.GetEqualFoldAttributeValues(c.mapping.ID)
	authority, related := relation(child.GetEqualFoldAttributeValues(relationAttribute), keys)
	if len(ids) != 1 || ids[0] == "" || !related {
		return nil, nil
	}
	uais, err := r.values(ctx, child.GetEqualFoldAttributeValues(c.mapping.Structure), true)
	if err != nil {
		return nil, err
	}
	name := ""
	if names := child.GetEqualFoldAttributeValues(first); len(names) > 0 {
		name = names[0]
	}
	var out []string
	for _, uai := range uais {
		out = append(out, strings.Join([]string{ids[0], uai, authority, name}, "$"))
	}
	return out, nil
}

// relation reads respLegal from the values that begin with one of a guardian's keys. What is not said, and what is
// said in two ways, is unknown.
func relation(values, keys []string) (authority string, related bool) {
	const fields, respLegal = 5, 2 // after the key, which may hold a $ itself
	for _, v := range values {
		for _, key := range keys {
			if len(v) <= len(key) || !strings.EqualFold(v[:len(key)], key) || v[len(key)] != '$' {
				continue
			}
			part := strings.Split(v[len(key)+1:], "$")
			if len(part) > fields {
				continue // the key of somebody else, which begins with this one
			}
			said := ""
			if len(part) == fields {
				said = strings.TrimSpace(part[respLegal])
			}
			if related && said != authority {
				return "", true
			}
			authority, related = said, true
		}
	}
	return authority, related
}
