package attrs_test

import (
	"slices"
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// TestALabelThatHoldsThePersonsNameDoesNotLeaveUnderAPseudonym tells the person's own name from another's, which the
// examination of the declaration speaks of.
func TestALabelThatHoldsThePersonsNameDoesNotLeaveUnderAPseudonym(t *testing.T) {
	t.Parallel()
	s := newScene("uai", "classes", "groups")
	s.person.Values[person.FamilyName], s.person.Values[person.GivenName] = []string{"Lefèvre"}, []string{"Zoé"}
	s.person.Affiliations[0].Classes = []string{"CM2 ZOE"}
	s.person.Affiliations[0].Groups = []string{"G1", "soutien LEFEVRE", "Chorale"}
	r := s.must(t)
	if got := values(r); got["classes"] != nil || !slices.Equal(got["groups"], []string{"G1", "Chorale"}) {
		t.Errorf("%v leave", got)
	}
	if got := why(r); got["classes"] != attrs.NamesThem || got["groups"] != attrs.NamesThem || attrs.NamesThem.ForJournal() != attrs.NotKnown {
		t.Errorf("withheld %v", got)
	}
	s.declaration.Mode = registry.Nominative
	if got := values(s.must(t)); len(got["classes"]) != 1 || len(got["groups"]) != 3 {
		t.Errorf("where names leave: %v", got)
	}
}
