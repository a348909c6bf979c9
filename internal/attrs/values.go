package attrs

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// values finds what is known of a person in the one establishment of the grant.
type values struct {
	engine      *Engine
	person      person.Person
	affiliation person.Affiliation
	grant       policy.Grant
	subject     string
	child       string
	ask         Request
}

// finding is the values of a word that may leave, what was done to them, and why others may not.
type finding struct {
	values  []string
	how     string
	why     WhyNot // beside values only where some of them are held back
	neutral string // what is offered in the place of those
}

func (v *values) of(entry dictionary.Entry, ask Request) finding {
	switch {
	case ask.Asked != nil && entry.Attr != ask.Subject && !slices.Contains(ask.Asked, entry.Attr):
		return finding{why: NotRequested}
	case entry.Names && !v.grant.Nominative():
		return finding{why: NotNominative}
	case entry.Attr == person.INE && !dictionary.Cited(v.grant.Rules()):
		return finding{why: NotAllowed}
	}
	var f finding
	if entry.Derived {
		f.values, f.how = v.derived(entry.Attr)
	} else {
		f.values = v.said(entry.Attr)
	}
	if len(f.values) == 0 {
		return finding{why: NotKnown}
	}
	return v.harmless(entry, f)
}

// said prefers what holds in this establishment to what holds everywhere.
func (v *values) said(n Name) []string {
	found := v.affiliation.Values[n]
	if len(found) == 0 {
		found = v.person.Values[n]
	}
	if n == person.HeadsOf || n == person.ActsFor {
		return v.vouched(found)
	}
	return found
}

// vouched keeps the establishments for which the source may speak: one that speaks for a school makes nobody head of
// another. Each value begins with its UAI.
func (v *values) vouched(found []string) []string {
	speaks := v.grant.Source().UAIs
	if len(speaks) == 0 {
		return found
	}
	var out []string
	for _, value := range found {
		uai, _, _ := strings.Cut(value, " ")
		if slices.Contains(speaks, person.UAI(uai)) {
			out = append(out, value)
		}
	}
	return out
}

func (v *values) derived(n Name) (found []string, how string) {
	place, school := v.grant.Place(), v.grant.Establishment()
	switch n {
	case "pseudonym":
		return one(v.subject), "keyed hash for this family of services"
	case "pairwise_id":
		return one(shaped(v.subject, registry.Pairwise, v.engine.Scope)), "keyed hash for this family of services, with our domain"
	case "short_code":
		return one(shaped(v.subject, registry.Code, "")), "keyed hash for this family of services, shortened"
	case "former_pseudonym":
		return one(v.engine.Former(v.person, v.grant, cmp.Or(v.ask.Former, v.ask.Number))), "keyed hash for this family of services, as it was before"
	case "uai":
		return one(string(place.UAI)), "the establishment chosen"
	case "school_name":
		return one(school.Name), "the register's name of the establishment chosen"
	case "school_kind":
		return one(string(school.Kind)), "the register's kind of the establishment chosen"
	case "profile":
		return one(string(place.Profile)), "the profile in the establishment chosen"
	case "affiliation":
		return one(eduPerson(place.Profile)), "eduPerson's word for the profile"
	case "classes":
		return v.affiliation.Classes, "the classes in the establishment chosen"
	case "groups":
		return v.affiliation.Groups, "the groups in the establishment chosen"
	case "functions":
		return v.affiliation.Functions, "the functions in the establishment chosen"
	case "cycle":
		return one(Cycle(v.affiliation.Values[person.Level])), "the cycle of the level"
	case "initials":
		return one(initial(v.person.First(person.GivenName)) + initial(v.person.First(person.FamilyName))), "first letters of the names"
	case "child":
		return one(v.child), "keyed hash for this family of services"
	default:
		return nil, ""
	}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func initial(s string) string {
	r, _ := utf8.DecodeRuneInString(strings.TrimSpace(s))
	if r == utf8.RuneError || !unicode.IsLetter(r) {
		return ""
	}
	return string(unicode.ToUpper(r))
}

func eduPerson(p person.Profile) string {
	switch p {
	case person.Pupil:
		return "student"
	case person.Teacher, person.Librarian:
		return "faculty"
	case person.Guardian:
		return "affiliate"
	case person.Head, person.SchoolLife, person.SchoolStaff, person.LocalAuthority, person.AcademyStaff:
		return "staff"
	default:
		return ""
	}
}
