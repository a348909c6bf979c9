package registry

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
)

// Reading is how what the source says is read: its own mapping, or the SDET's. Of the identifiers of other authorities it
// keeps those on which the source's word is taken: whoever says that somebody is a certain pupil gets that pupil's
// pseudonym, so a source is believed on it by a decision of its own and never because it happens to know the number.
func (s Source) Reading() person.Mapping {
	m := person.SDET(s.Authority)
	if s.Mapping != nil {
		m = s.Mapping.Whole(s.Authority)
	}
	m.Also = slices.DeleteFunc(slices.Clone(m.Also), func(f person.Further) bool { return !slices.Contains(s.Vouches, f.Authority) })
	return m
}

// vouching checks the identifiers of other authorities. One that is read and not vouched for is no mistake: it is left
// out. One that is vouched for and not read is.
func (c *checker) vouching(s Source) {
	m := person.SDET(s.Authority)
	if s.Mapping != nil {
		_, known := person.Shipped(s.Mapping.Like, s.Authority)
		c.say(s.Mapping.Like != "" && !known, "mapping.like", fmt.Sprintf("%q is no mapping that comes with the program", s.Mapping.Like), "sdet or educonnect")
		m = s.Mapping.Whole(s.Authority)
		for i, f := range m.Also {
			at := fmt.Sprintf("mapping.also[%d]", i)
			c.say(f.Authority == "", at+".authority", "who guarantees the identifier is missing", person.NationalNumber)
			c.say(f.Authority != "" && f.Authority == m.Authority, at+".authority", "the source's own identifier is mapping.id", "")
			c.say(f.Attribute == "", at+".attribute", "the attribute's name is missing", "")
			c.say(!slices.Contains([]string{"", "upper", "lower"}, f.Case), at+".case", "it is upper, lower or empty", "")
			c.say(!slices.Contains(person.Digests(), f.Digest), at+".digest", fmt.Sprintf("%q is not known", f.Digest), strings.Join(person.Digests()[1:], ", "))
		}
	}
	for i, authority := range s.Vouches {
		at := fmt.Sprintf("vouches[%d]", i)
		read := slices.ContainsFunc(m.Also, func(f person.Further) bool { return f.Authority == authority })
		c.say(authority == "" || authority == m.Authority, at, "it names an authority other than the source's own", "")
		c.say(authority != "" && authority != m.Authority && !read, at, "the mapping reads no identifier of this authority", "mapping.also")
	}
}
