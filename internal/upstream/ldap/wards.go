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
func (c *Connector) wards(ctx context.Context, dn string, raw map[string][]string, r *resolution) (children, error) {
	ids := raw[c.mapping.ID]
	if c.mapping.Wards == "" || c.mapping.Structure == "" || len(ids) != 1 || ids[0] == "" {
		return children{}, nil
	}
	begin := func(key string) string { return "(" + relationAttribute + "=" + ldapv3.EscapeFilter(key) + "$*)" }
	first := c.givenName()
	entries, tooMany, err := c.directory.search(ctx, "find the children of a guardian", query{
		base: c.settings.BaseDN, scope: ldapv3.ScopeWholeSubtree, most: mostWards,
		filter:     "(&(objectClass=ENTEleve)(|" + begin(ids[0]) + begin(dn) + "))",
		attributes: []string{c.mapping.ID, c.mapping.Structure, first, relationAttribute, c.level(), c.born()},
	})
	if err != nil || tooMany {
		if tooMany {
			c.log.WarnContext(ctx, "a guardian has more children than can be: none is believed", "most", mostWards)
		}
		return children{}, err
	}
	var out children
	for _, child := range entries {
		of, err := c.wardsOf(ctx, child, first, []string{ids[0], dn}, r)
		if err != nil {
			return children{}, err
		}
		out.values, out.levels, out.born = append(out.values, of.values...), append(out.levels, of.levels...), append(out.born, of.born...)
	}
	return out, nil
}

// children is what the mapping reads of them: `child id$UAI$respLegal$first name`, and `child id$UAI$level` and
// `child id$day of birth` where the child's own entry says it.
type children struct{ values, levels, born []string }

// level is the attribute that holds a child's level; the identifier again where the mapping reads none.
func (c *Connector) level() string {
	if name := c.mapping.Local[person.Level]; name != "" && c.mapping.Levels != "" {
		return name
	}
	return c.mapping.ID
}

// born is the attribute that holds a child's day of birth; the identifier again where the mapping reads none.
func (c *Connector) born() string {
	if c.mapping.Born != "" && c.mapping.WardBorn != "" {
		return c.mapping.Born
	}
	return c.mapping.ID
}

// givenName is the attribute that holds a first name.
func (c *Connector) givenName() string {
	if name := c.mapping.Values[person.GivenName]; name != "" {
		return name
	}
	return "givenName"
}

// wardsOf gives the values of one child, one for each of its establishments.
func (c *Connector) wardsOf(ctx context.Context, child *ldapv3.Entry, first string, keys []string, r *resolution) (children, error) {
	ids := child.GetEqualFoldAttributeValues(c.mapping.ID)
	authority, related := relation(child.GetEqualFoldAttributeValues(relationAttribute), keys)
	if len(ids) != 1 || ids[0] == "" || !related {
		return children{}, nil
	}
	uais, err := r.values(ctx, child.GetEqualFoldAttributeValues(c.mapping.Structure), true)
	if err != nil {
		return children{}, err
	}
	var levels []string
	if name := c.level(); name != c.mapping.ID {
		if levels, err = r.values(ctx, child.GetEqualFoldAttributeValues(name), false); err != nil {
			return children{}, err
		}
	}
	name := ""
	if names := child.GetEqualFoldAttributeValues(first); len(names) > 0 {
		name = names[0]
	}
	var out children
	if attribute := c.born(); attribute != c.mapping.ID {
		for _, day := range child.GetEqualFoldAttributeValues(attribute) {
			out.born = append(out.born, ids[0]+"$"+day)
		}
	}
	for _, uai := range uais {
		out.values = append(out.values, strings.Join([]string{ids[0], uai, authority, name}, "$"))
		for _, level := range levels {
			if at, bare, local := strings.Cut(level, "$"); !local {
				out.levels = append(out.levels, strings.Join([]string{ids[0], uai, level}, "$"))
			} else if at == uai {
				out.levels = append(out.levels, strings.Join([]string{ids[0], uai, bare}, "$"))
			}
		}
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
