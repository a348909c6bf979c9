package attrs_test

import (
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

func TestDigestChangesWithAnythingThatIsShown(t *testing.T) {
	t.Parallel()
	base := newScene("uai", "classes", person.Mail)
	base.declaration.Mode = registry.Nominative
	first := base.must(t).Digest()
	if again := base.must(t).Digest(); again != first {
		t.Fatal("the same release has two digests")
	}
	for name, change := range map[string]func(*scene){
		"a value":            func(s *scene) { s.person.Values[person.Mail] = []string{"b@example.org"} },
		"a value more":       func(s *scene) { s.person.Affiliations[0].Classes = []string{"CM2A", "CM2B"} },
		"a value less":       func(s *scene) { delete(s.person.Values, person.Mail) },
		"an item less":       func(s *scene) { s.declaration.Items = s.declaration.Items[:2] },
		"a justification":    func(s *scene) { s.declaration.Items[0].Justification.FR = "autre" },
		"the request":        func(s *scene) { s.request.Asked = []attrs.Name{"uai"} },
		"the mode":           func(s *scene) { s.declaration.Mode = registry.Pseudonymous },
		"the narrowing":      func(s *scene) { s.service.Narrow = registry.Pseudonymous },
		"the version":        func(s *scene) { s.declaration.Version = 2 },
		"the declaration":    func(s *scene) { s.declaration.ID = "other" },
		"the officer":        func(s *scene) { s.declaration.Controller.DPO = "x@example.org" },
		"the basis":          func(s *scene) { s.declaration.Basis.Kind = registry.Consent },
		"the place":          func(s *scene) { s.place.UAI = college },
		"the service's name": func(s *scene) { s.service.Name.FR = "Autre" },
		"the provider":       func(s *scene) { s.service.Provider = "Autre" },
		"the person":         func(s *scene) { s.person.Key.ID = "2" },
	} {
		s := newScene("uai", "classes", person.Mail)
		s.declaration.Mode = registry.Nominative
		change(&s)
		if s.must(t).Digest() == first {
			t.Errorf("%s changes and the digest does not", name)
		}
	}
}

func TestDigestTellsTheProfilesOfAPersonApart(t *testing.T) {
	t.Parallel()
	s := newScene("uai")
	s.declaration.Pseudonym = registry.Stable // the subject does not tell them apart
	s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Head}, {UAI: ecole, Profile: person.Teacher}}
	s.place.Profile = person.Head
	head := s.must(t)
	s.place.Profile = person.Teacher
	if teacher := s.must(t); teacher.Subject() != head.Subject() || teacher.Digest() == head.Digest() {
		t.Error("a page about the head answers for the teacher")
	}
}

func TestDigestTellsTheChildrenOfAGuardianApart(t *testing.T) {
	t.Parallel()
	s := newScene("uai")
	s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Guardian}}
	var digests []string
	for _, id := range []string{"a", "b"} {
		child := person.Key{Authority: "ac", ID: id}
		s.person.Wards = append(s.person.Wards, person.Ward{Child: child, UAI: ecole, Authority: person.Yes})
		s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: child}
		digests = append(digests, s.must(t).Digest())
	}
	if digests[0] == digests[1] {
		t.Error("a page about one child answers for the other")
	}
}
