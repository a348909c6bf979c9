package attrs_test

import (
	"encoding/hex"
	"math/bits"
	"strconv"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestThePseudonymIsMadeOfTheKeyBooksNumber(t *testing.T) {
	t.Parallel()
	first := subject(t, same)
	for name, change := range map[string]func(*scene){
		"the number of the key alone": func(s *scene) { s.person.Numbers = []string{s.person.Key.Number(hasher("key"))} },
		"another key, the same number": func(s *scene) {
			s.person.Numbers = []string{s.person.Key.Number(hasher("key"))}
			s.person.Key = person.Key{Authority: "educonnect", ID: "x"}
		},
		"the number that serves here": func(s *scene) {
			s.person.Numbers, s.request.Number = []string{"another", "x"}, s.person.Key.Number(hasher("key"))
		},
	} {
		if subject(t, change) != first {
			t.Errorf("%s: another pseudonym", name)
		}
	}
	if subject(t, func(s *scene) { s.person.Numbers = []string{"n1", "n2"} }) != subject(t, func(s *scene) { s.person.Numbers = []string{"n1"} }) {
		t.Error("a person of several numbers does not go by the first where none is chosen")
	}
	if subject(t, func(s *scene) { s.person.Numbers = []string{"n1", "n2"} }) == subject(t, func(s *scene) { s.person.Numbers = []string{"n2", "n1"} }) {
		t.Error("two numbers give one pseudonym")
	}
}

func TestEveryInputOfAPseudonymCountsAndNothingElse(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for _, number := range []string{"1", "11", "2"} {
		for _, sector := range []string{"a", "a1", "b"} {
			for _, generation := range []int{0, 1, 11} {
				for _, scope := range []registry.PseudonymScope{registry.PerCycle, registry.PerSchoolYear, registry.Stable} {
					got := subject(t, func(s *scene) {
						s.person.Numbers, s.service.Sector, s.declaration.Pseudonym = []string{number}, sector, scope
						s.family = registry.Family{ID: sector, Generation: generation, State: registry.Approved}
					})
					at := number + " " + sector + " " + strconv.Itoa(generation) + " " + string(scope)
					if was, twice := seen[got]; twice {
						t.Errorf("%s and %s have one pseudonym", at, was)
					}
					seen[got] = at
				}
			}
		}
	}
}

// What can be shown without breaking the hash: pseudonyms of one person at two services, and under two keys, differ in
// about half of their bits, and so do those of two people.
func TestPseudonymsLookUnrelated(t *testing.T) {
	t.Parallel()
	e := &attrs.Engine{Dictionary: words(t), Keys: hasher("key")}
	other := &attrs.Engine{Dictionary: words(t), Keys: hasher("another")}
	s := newScene("uai")
	here := s.grant(t)
	s.service.Sector = "b"
	there := s.grant(t)
	total := map[string]int{}
	const many = 300
	for i := range many {
		n := strconv.Itoa(i)
		mine := e.Pseudonym(s.person, here, n)
		total["two services"] += apart(t, mine, e.Pseudonym(s.person, there, n))
		total["two keys"] += apart(t, mine, other.Pseudonym(s.person, here, n))
		total["two people"] += apart(t, mine, e.Pseudonym(s.person, here, n+"0"))
		ones := 0
		raw, _ := hex.DecodeString(mine)
		for _, b := range raw {
			ones += bits.OnesCount8(b)
		}
		total["zero and one"] += ones
	}
	for what, n := range total {
		if mean := float64(n) / many; mean < 250 || mean > 262 { // 256 of 512, and five times what chance allows either way
			t.Errorf("%s: %.1f of 512 bits differ", what, mean)
		}
	}
}

func apart(t *testing.T, a, b string) int {
	t.Helper()
	x, errX := hex.DecodeString(a)
	y, errY := hex.DecodeString(b)
	if errX != nil || errY != nil || len(x) != 64 || len(y) != 64 {
		t.Fatal("not a number of 128 hexadecimal digits")
	}
	n := 0
	for i := range x {
		n += bits.OnesCount8(x[i] ^ y[i])
	}
	return n
}

func TestHardCase34AServiceResoldKeepsItsPseudonymsWithItsFamily(t *testing.T) {
	t.Parallel()
	before := subject(t, func(s *scene) { s.service.Sector = "lecture" })
	after := subject(t, func(s *scene) {
		s.service.ID, s.service.Sector, s.service.Provider = "lire-plus", "lecture", "Another"
		s.declaration.ServiceID, s.declaration.ID, s.declaration.Supplier.Name = "lire-plus", "lire-plus", "Another"
	})
	if before != after {
		t.Error("a service that was resold knows people by other numbers")
	}
}

func TestHardCase36ANewGenerationChangesOneSectorAlone(t *testing.T) {
	t.Parallel()
	before, elsewhere := subject(t, same), subject(t, func(s *scene) { s.service.Sector = "other" })
	renewed := func(s *scene) {
		s.family = registry.Family{ID: "lire", Generation: 1, State: registry.Approved, Overlap: registry.Date{Year: 2026, Month: 12, Day: 1}}
	}
	if subject(t, renewed) == before {
		t.Error("the number that got out is still good")
	}
	if subject(t, func(s *scene) { renewed(s); s.service.Sector = "other" }) != elsewhere {
		t.Error("another sector's number changes with it")
	}
	waiting := func(s *scene) {
		s.family = registry.Family{ID: "lire", State: registry.Submitted, Next: registry.Date{Year: 2026, Month: 12, Day: 1}}
	}
	if subject(t, waiting) != before {
		t.Error("one person's word is enough for a new generation")
	}
	former := func(now time.Time) []string {
		s := newScene("uai", "former_pseudonym")
		renewed(&s)
		s.now = now
		return values(s.must(t))["former_pseudonym"]
	}
	if got := former(time.Date(2026, 12, 1, 22, 59, 59, 0, time.UTC)); len(got) != 1 || got[0] != before {
		t.Error("the former number does not leave on the last day of the overlap")
	}
	if got := former(time.Date(2026, 12, 1, 23, 0, 0, 0, time.UTC)); got != nil {
		t.Error("the former number leaves after the overlap")
	}
}

func TestTheFormerNumberLeavesAfterARollOverForAsLongAsIsDeclared(t *testing.T) {
	t.Parallel()
	at := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 12, 0, 0, 0, time.UTC)
	}
	for _, c := range []struct {
		name  string
		scope registry.PseudonymScope
		days  int
		level string
		now   time.Time
		was   func(*scene) // the scene in which the former number was the present one; nil: none leaves
	}{
		{"the first day of the year", registry.PerSchoolYear, 30, "CM2", at(2027, 9, 1), func(*scene) {}},
		{"the last day of the overlap", registry.PerSchoolYear, 30, "CM2", at(2027, 9, 30), func(*scene) {}},
		{"the day after", registry.PerSchoolYear, 30, "CM2", at(2027, 10, 1), nil},
		{"no overlap", registry.PerSchoolYear, 0, "CM2", at(2027, 9, 1), nil},
		{"a stable number", registry.Stable, 30, "CM2", at(2027, 9, 1), nil},
		{"6e is in the cycle of CM2", registry.PerCycle, 30, "6EME", at(2027, 9, 1), nil},
		{"5e begins a cycle", registry.PerCycle, 30, "5EME", at(2027, 9, 1), func(s *scene) { level(s, "6EME") }},
		{"CM1 begins a cycle", "", 30, "CM1", at(2027, 9, 1), func(s *scene) { level(s, "CE2") }},
		{"CP begins a cycle", "", 30, "CP", at(2027, 9, 1), func(s *scene) { level(s, "GS") }},
		{"2nde begins a cycle", "", 30, "2NDE", at(2027, 9, 1), func(s *scene) { level(s, "3EME") }},
		{"petite section is the first of all", "", 30, "PS", at(2027, 9, 1), nil},
		{"an unknown level goes by the year", "", 30, "ULIS", at(2027, 9, 1), func(s *scene) { level(s, "ULIS") }},
	} {
		s := newScene("uai", "former_pseudonym")
		s.declaration.Pseudonym, s.declaration.Overlap, s.now = c.scope, c.days, c.now
		level(&s, c.level)
		got := values(s.must(t))["former_pseudonym"]
		if c.was == nil {
			if got != nil {
				t.Errorf("%s: a former number leaves", c.name)
			}
			continue
		}
		before := subject(t, func(s *scene) { s.declaration.Pseudonym = c.scope; c.was(s) })
		if len(got) != 1 || got[0] != before {
			t.Errorf("%s: not the number of the year before", c.name)
		}
	}
}

func level(s *scene, level string) {
	s.person.Affiliations[0].Values = map[person.Attr][]string{person.Level: {level}}
}

func TestAChildHasOneNumberWhoeverSignsIn(t *testing.T) {
	t.Parallel()
	child := person.Key{Authority: "a", ID: "child"}
	of := func(scope registry.PseudonymScope, told, own, number string) (guardian, pupil string) {
		s := newScene("uai", "child")
		s.declaration.Pseudonym, s.declaration.Audience.Profiles = scope, []person.Profile{person.Guardian, person.Pupil}
		s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Guardian}}
		s.person.Wards = []person.Ward{{Child: child, UAI: ecole, Authority: person.Yes, Level: told, Number: number}}
		s.place.Profile, s.place.Child = person.Guardian, child
		got := values(s.must(t))["child"]
		if len(got) != 1 {
			t.Fatal("no number of the child leaves")
		}
		return got[0], subject(t, func(s *scene) {
			s.declaration.Pseudonym, s.person.Key = scope, child
			level(s, own)
			if number != "" {
				s.person.Numbers = []string{number}
			}
		})
	}
	for _, scope := range []registry.PseudonymScope{registry.Stable, registry.PerSchoolYear} {
		for _, number := range []string{"", "n"} {
			if guardian, pupil := of(scope, "", "CM2", number); guardian != pupil {
				t.Errorf("scope %s, number %q: the child has two numbers at one service", scope, number)
			}
		}
	}
	if guardian, pupil := of(registry.PerCycle, "CM1", "CM2", "n"); guardian != pupil {
		t.Error("scope cycle, level known: the child has two numbers at one service")
	}
	if guardian, pupil := of(registry.PerCycle, "", "CM2", "n"); guardian == pupil {
		t.Error("scope cycle, level unknown: the child's number is known all the same")
	}
	if guardian, pupil := of(registry.PerCycle, "", "ULIS", "n"); guardian == pupil {
		t.Error("a number that may change for the child would be taken for the child's own")
	}
}

func TestTheOtherWordsOfANumberAreTheSameNumber(t *testing.T) {
	t.Parallel()
	s := newScene("pairwise_id", "short_code")
	e := &attrs.Engine{Dictionary: words(t), Keys: hasher("key"), Scope: "id.example.fr"}
	r, err := e.Release(s.person, s.grant(t), s.request)
	if err != nil {
		t.Fatal(err)
	}
	if got := values(r)["pairwise_id"]; len(got) != 1 || got[0] != r.Subject()[:64]+"@id.example.fr" {
		t.Error("the pairwise-id is another number")
	}
	if got := values(r)["short_code"]; len(got) != 1 || len(got[0]) != 14 {
		t.Error("there is no short code")
	}
	if got := r.Pseudonyms(); len(got) != 1 || got[0] != r.Subject() {
		t.Error("a release does not remember the number that leaves")
	}
}

func TestAReleaseRemembersTheNumbersThatLeaveAndNoOther(t *testing.T) {
	t.Parallel()
	s := newScene("mail")
	s.declaration.Mode, s.request.Subject = registry.Nominative, person.Mail
	if n := len(s.must(t).Pseudonyms()); n != 0 {
		t.Errorf("%d numbers are remembered where the mail is the subject", n)
	}
	s.declaration.Items = append(s.declaration.Items, registry.Item{Attr: "pseudonym", Justification: registry.Text{FR: "x"}})
	if n := len(s.must(t).Pseudonyms()); n != 1 {
		t.Errorf("%d numbers are remembered where one leaves beside the mail", n)
	}
}
