package admin

import (
	"ecluse/internal/attrs"
	"ecluse/internal/person"
)

// reading finds what the source said behind a word, for the one establishment of a release.
type reading struct {
	person person.Person
	here   person.Affiliation
	chosen []string
}

func newReading(p person.Person, r attrs.Release) reading {
	out := reading{person: p, chosen: []string{string(r.Establishment().UAI)}}
	for _, a := range p.Affiliations {
		if a.UAI == r.Establishment().UAI && a.Profile == r.Profile() {
			out.here = a
			break
		}
	}
	return out
}

// said is what the source says, before anything is done to it. What the gateway makes itself, as a pseudonym, has
// nothing: the key behind it is nobody's to read.
func (r reading) said(n attrs.Name) []string {
	switch n {
	case "uai", "school_name", "school_kind", "school_type":
		return r.chosen
	case "profile", "affiliation":
		return one(string(r.here.Profile))
	case "classes", "class_label", "class_short":
		return r.here.Classes
	case "groups":
		return r.here.Groups
	case "functions":
		return r.here.Functions
	case "cycle":
		return r.here.Values[person.Level]
	case "initials":
		return append(append([]string{}, r.person.Values[person.GivenName]...), r.person.Values[person.FamilyName]...)
	case "mail_domain":
		return r.person.Values[person.Mail]
	}
	if found := r.here.Values[n]; len(found) > 0 {
		return found
	}
	return r.person.Values[n]
}

// shown is said as far as the question may see it: of somebody real, what was transformed is not shown as it was before,
// for the source may say more than what leaves.
func (r reading) shown(item attrs.Item, q Question) []string {
	if q.Real && item.How != "" {
		return nil
	}
	return r.said(item.Entry.Attr)
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}
