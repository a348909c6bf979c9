package attrs

import (
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

const withoutNamed = "without the labels that name the person"

// unnamed holds back, under a pseudonym, labels that hold what the person is called: a group "Soutien L. Martin" says to
// a service who its number is.
func (v *values) unnamed(entry *dictionary.Entry, f finding) finding {
	if v.nominative || entry.Reveals != dictionary.ByLabel || len(f.values) == 0 {
		return f
	}
	if !v.named {
		v.names = registry.NewNames(v.called(person.FamilyName), v.called(person.GivenName), v.called("birth_name"), v.called("other_names"))
		v.named = true
	}
	if !slices.ContainsFunc(f.values, v.names.In) {
		return f
	}
	if f.why == "" {
		f.why = NamesThem
	}
	f.shaped(slices.DeleteFunc(slices.Clone(f.values), v.names.In), withoutNamed)
	return f
}

// called is what the source says of a name, wherever it says it.
func (v *values) called(n Name) []string {
	found, _ := v.said(n)
	return found
}
