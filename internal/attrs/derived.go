package attrs

import (
	"cmp"
	"strings"
	"unicode"
	"unicode/utf8"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// derived computes the words that no source says. Each tells less than what it is made from, or is a number of ours.
func (v *values) derived(n Name) finding {
	switch n {
	case "pseudonym", "pairwise_id", "short_code", "former_pseudonym", "child", "relay_mail":
		return v.number(n)
	case "uai", "school_name", "school_kind", "profile", "affiliation", "scoped_affiliation", "classes", "groups", "functions":
		return v.ofThePlace(n)
	case "class_levels", "neutral_level", "cycle":
		return v.ofTheLevel(n)
	case "initials":
		given, family := v.first(person.GivenName), v.first(person.FamilyName)
		return computed(one(initial(given)+initial(family)), append(one(given), one(family)...), "first letters of the names")
	case "subject_id":
		return finding{values: one(v.engine.subjectID(&v.person)), rule: Numbered, how: "keyed hash, the same for every service, with our domain"}
	case "mail_domain":
		return v.mailDomain()
	case "age_band", "adult":
		return v.age(n)
	default:
		return finding{}
	}
}

func (v *values) number(n Name) finding {
	const hash = "keyed hash for this family of services"
	switch n {
	case "pseudonym":
		return finding{values: one(v.subject), rule: Numbered, how: hash}
	case "pairwise_id":
		return finding{values: one(shaped(v.subject, registry.Pairwise, v.engine.Scope)), rule: Numbered, how: hash + ", with our domain"}
	case "short_code":
		return finding{values: one(shaped(v.subject, registry.Code, "")), rule: Numbered, how: hash + ", shortened"}
	case "former_pseudonym":
		former := v.engine.former(&v.person, &v.grant, cmp.Or(v.ask.Former, v.ask.Number))
		return finding{values: one(former), rule: Numbered, how: hash + ", as it was before"}
	case "child":
		return finding{values: one(v.child), rule: Numbered, how: hash}
	default:
		return finding{values: one(v.engine.relayed(v.subject, v.grant.Service().ID)), rule: Numbered, how: "a relay's address for this service"}
	}
}

func (v *values) ofThePlace(n Name) finding {
	place, a := v.grant.Place(), v.affiliation
	registered := func(value, how string) finding { return finding{values: one(value), rule: Registered, how: how} }
	switch n {
	case "uai":
		return registered(string(place.UAI), "the establishment chosen")
	case "school_name":
		return registered(v.grant.Establishment().Name, "the register's name of the establishment chosen")
	case "school_kind":
		return registered(string(v.grant.Establishment().Kind), "the register's kind of the establishment chosen")
	case "profile":
		return finding{values: one(string(place.Profile)), rule: OfThePlace, how: "the profile in the establishment chosen"}
	case "affiliation":
		return computed(one(eduPerson(place.Profile)), nil, "eduPerson's word for the profile")
	case "scoped_affiliation":
		return computed(one(at(eduPerson(place.Profile), v.engine.Scope)), nil, "eduPerson's word for the profile and our domain")
	case "classes":
		return finding{values: a.Classes, said: a.Classes, rule: OfThePlace, how: "the classes in the establishment chosen"}
	case "groups":
		return finding{values: a.Groups, said: a.Groups, rule: OfThePlace, how: "the groups in the establishment chosen"}
	default:
		return finding{values: a.Functions, said: a.Functions, rule: OfThePlace, how: "the functions in the establishment chosen"}
	}
}

// The words of age_band.
const (
	under15   = "under_15"
	from15    = "15_to_17"
	fullAge   = "adult"
	isAdult   = "true"
	isNoAdult = "false"
)

// age counts birthdays by the academy's calendar. A pupil of unknown age counts as under 15; of anybody else an unknown age
// says nothing.
func (v *values) age(n Name) finding {
	band := v.person.Age.Band(v.grant.At())
	if band == person.UnknownAge && v.grant.Place().Profile != person.Pupil {
		return finding{}
	}
	said := v.person.Values[person.BirthDate]
	if n == "adult" {
		if band == person.Adult {
			return computed(one(isAdult), said, "whether the person is of age today")
		}
		return computed(one(isNoAdult), said, "whether the person is of age today")
	}
	word := under15
	switch band {
	case person.Minor:
		word = from15
	case person.Adult:
		word = fullAge
	}
	return computed(one(word), said, "the age band of the person today")
}

func computed(values, said []string, how string) finding {
	return finding{values: values, said: said, rule: Computed, how: how}
}

func one(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

// at puts a name before a domain; without either there is nothing.
func at(name, domain string) string {
	if name == "" || domain == "" {
		return ""
	}
	return name + "@" + domain
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
