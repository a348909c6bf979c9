package attrs_test

import (
	"slices"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// everySpan are the scenes under which a number can be made: each declared scope, each cycle, staff, two school years, and
// a child for whom somebody acts.
func everySpan() []func(*scene) {
	out := []func(*scene){
		func(s *scene) {
			s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Teacher}}
			s.place.Profile = person.Teacher
		},
		func(s *scene) { s.declaration.Pseudonym, s.now = registry.PerSchoolYear, s.now.AddDate(-1, 0, 0) },
		func(s *scene) { s.declaration.Pseudonym = registry.Stable },
		func(s *scene) { s.family = registry.Family{ID: "lire", Generation: 2} },
	}
	for _, level := range []string{"GS", "CP", "CM2", "3EME", "TLE", "ULIS"} {
		out = append(out, func(s *scene) {
			s.person.Affiliations[0].Values = map[person.Attr][]string{person.Level: {level}}
		})
	}
	return out
}

func TestEveryNumberThatWasMadeIsAmongTheSpans(t *testing.T) {
	t.Parallel()
	for i, change := range everySpan() {
		s := newScene("uai")
		change(&s)
		made := s.must(t).Subject()
		number := s.person.Key.Number(engine(t).Keys)
		if !slices.Contains(engine(t).Spans(number, "lire", s.family.Generation, 2025, 2026), made) {
			t.Errorf("scene %d: the number is not listed", i)
		}
		if slices.Contains(engine(t).Spans(number, "lire", s.family.Generation+1, 2025, 2026), made) ||
			slices.Contains(engine(t).Spans(number, "calcul", s.family.Generation, 2025, 2026), made) ||
			slices.Contains(engine(t).Spans("another", "lire", s.family.Generation, 2025, 2026), made) {
			t.Errorf("scene %d: the number is listed for another generation, family or person", i)
		}
	}
}

func TestTheNumberOfAChildOfUnknownLevelIsAmongTheSpans(t *testing.T) {
	t.Parallel()
	child := person.Key{Authority: "ac", ID: "zoé"}
	for _, scope := range []registry.PseudonymScope{registry.PerCycle, registry.PerSchoolYear, registry.Stable} {
		s := newScene("uai", "child")
		s.declaration.Pseudonym = scope
		s.person.Wards = []person.Ward{{Child: child, UAI: ecole, Authority: person.Yes}}
		s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Guardian}}
		s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: child}
		made := engine(t).Child(s.person, s.grant(t), "")
		if made == "" || !slices.Contains(engine(t).Spans(child.Number(engine(t).Keys), "lire", 0, 2025, 2026), made) {
			t.Errorf("scope %q: the child's number is not listed", scope)
		}
	}
}

func TestSpansStandInOneOrderAndNoTwoAreAlike(t *testing.T) {
	t.Parallel()
	e, seen := engine(t), map[string]bool{}
	for _, generation := range []int{0, 1} {
		list := e.Spans("number", "lire", generation, 2021, 2026)
		if want := 1 + 6 + 2*6; len(list) != want {
			t.Errorf("%d numbers, want %d", len(list), want)
		}
		for _, n := range list {
			if seen[n] || len(n) != 128 {
				t.Errorf("%q came twice, or is no number", n)
			}
			seen[n] = true
		}
	}
	before, now := newScene("uai"), newScene("uai")
	now.family = registry.Family{ID: "lire", Generation: 1}
	number := before.person.Key.Number(e.Keys)
	if slices.Index(e.Spans(number, "lire", 0, 2026, 2026), before.must(t).Subject()) != slices.Index(e.Spans(number, "lire", 1, 2026, 2026), now.must(t).Subject()) {
		t.Error("the numbers of two generations do not stand one by one")
	}
}
