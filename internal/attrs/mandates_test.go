package attrs_test

import (
	"slices"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
)

// TestASourceOfOneSchoolMakesNobodyHeadOfAnother has a school's own directory claim that a teacher heads and acts for
// another one as well.
func TestASourceOfOneSchoolMakesNobodyHeadOfAnother(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		speaks []person.UAI
		want   []string
	}{
		"for one school":   {[]person.UAI{college}, []string{string(college)}},
		"for every school": {nil, []string{string(ecole), string(college)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScene(person.HeadsOf, person.ActsFor)
			dates := " 2026-09-01 2027-08-31 délégation 7"
			s.person = person.Person{
				Key: person.Key{Authority: "ac", ID: "2"}, Authn: person.Authn{Source: "ent"},
				Values: map[person.Attr][]string{
					person.HeadsOf: {string(ecole), string(college)}, person.ActsFor: {string(ecole) + dates, string(college) + dates},
				},
				Affiliations: []person.Affiliation{{UAI: college, Profile: person.Teacher}},
			}
			s.place = policy.Place{UAI: college, Profile: person.Teacher}
			entry := &registry.SourceDeclaration{State: registry.Approved, From: s.declaration.From, Until: s.declaration.Until}
			contents := registry.Contents{
				Services: []registry.Service{s.service}, Declarations: []registry.Declaration{s.declaration},
				Establishments: []registry.Establishment{{UAI: college, Name: "Collège", Kind: registry.College, Academy: "Exemple", Department: "028"}},
				Sources:        []registry.Source{{ID: "ent", UAIs: c.speaks, Declaration: entry}},
			}
			registrytest.Cover(&contents)
			grant, err := policy.Gate(registry.NewSnapshot(contents, s.zone), s.now, policy.Ask{Person: s.person, Place: s.place, Service: "lire"})
			if err != nil {
				t.Fatal(err)
			}
			release, err := engine(t).Release(s.person, grant, attrs.Request{Session: "s1"})
			if err != nil {
				t.Fatal(err)
			}
			got := values(release)
			var acts []string
			for _, uai := range c.want {
				acts = append(acts, uai+dates)
			}
			if !slices.Equal(got[person.HeadsOf], c.want) || !slices.Equal(got[person.ActsFor], acts) {
				t.Errorf("heads of %q, acts for %q; want %q", got[person.HeadsOf], got[person.ActsFor], c.want)
			}
		})
	}
}
