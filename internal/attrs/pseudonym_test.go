package attrs_test

import (
	"regexp"
	"testing"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// subject is the pseudonym in a scene after a change.
func subject(t *testing.T, change func(*scene)) string {
	t.Helper()
	s := newScene("uai")
	change(&s)
	return s.must(t).Subject()
}

func same(*scene) {}

func TestPseudonymIsA128HexNumberThatDependsOnPersonAndFamily(t *testing.T) {
	t.Parallel()
	first := subject(t, same)
	if !regexp.MustCompile(`^[0-9a-f]{128}$`).MatchString(first) {
		t.Errorf("%q is not 128 hex characters", first)
	}
	if subject(t, same) != first {
		t.Error("the same person at the same service has two numbers")
	}
	for name, change := range map[string]func(*scene){
		"another person":      func(s *scene) { s.person.Key.ID = "2" },
		"another authority":   func(s *scene) { s.person.Key.Authority = "x" },
		"a key cut elsewhere": func(s *scene) { s.person.Key = person.Key{Authority: "a", ID: "c1"} },
		"another service":     func(s *scene) { s.service.ID, s.declaration.ServiceID = "compter", "compter" },
		"a family":            func(s *scene) { s.service.Sector = "lecture" },
		"another scope":       func(s *scene) { s.declaration.Pseudonym = registry.Stable },
	} {
		if subject(t, change) == first {
			t.Errorf("%s: the same number", name)
		}
	}
	for name, change := range map[string]func(*scene){
		"another name":                 func(s *scene) { s.person.Values[person.FamilyName] = []string{"King"} },
		"another source":               func(s *scene) { s.person.Authn.Method = "other" },
		"another class":                func(s *scene) { s.person.Affiliations[0].Classes = nil },
		"another version":              func(s *scene) { s.declaration.Version = 2 },
		"another school (hard case 1)": func(s *scene) { s.place.UAI = college },
	} {
		if subject(t, change) != first {
			t.Errorf("%s: another number", name)
		}
	}
	s := newScene("uai")
	r, err := (&attrs.Engine{Dictionary: words(t), Keys: hasher("another key")}).Release(s.person, s.grant(t), s.request)
	if err != nil || r.Subject() == first {
		t.Errorf("another key gives the same number; %v", err)
	}
}

func TestPseudonymItemIsTheSubject(t *testing.T) {
	t.Parallel()
	r := newScene("pseudonym").must(t)
	if got := values(r)["pseudonym"]; len(got) != 1 || got[0] != r.Subject() {
		t.Error("the item pseudonym is another number than the subject")
	}
}

func TestFamilyOfServicesSharesANumber(t *testing.T) {
	t.Parallel()
	one := subject(t, func(s *scene) { s.service.Sector = "lecture" })
	other := subject(t, func(s *scene) {
		s.service.Sector, s.service.ID, s.declaration.ServiceID = "lecture", "relire", "relire"
	})
	if one != other {
		t.Error("two services of one family have two numbers")
	}
}

// moved is the same pupil a year later, in the collège.
func moved(s *scene) {
	s.now = time.Date(2027, 11, 22, 12, 0, 0, 0, s.zone)
	s.person.Affiliations = []person.Affiliation{{
		UAI: college, Profile: person.Pupil, Classes: []string{"6B"}, Values: map[person.Attr][]string{person.Level: {"6EME"}},
	}}
	s.place.UAI = college
}

func TestHardCase4CycleSurvivesTheWayFromCM2To6e(t *testing.T) {
	t.Parallel()
	for _, scope := range []registry.PseudonymScope{registry.PerCycle, "", registry.Stable} {
		before := subject(t, func(s *scene) { s.declaration.Pseudonym = scope })
		if after := subject(t, func(s *scene) { moved(s); s.declaration.Pseudonym = scope }); after != before {
			t.Errorf("scope %q: another number in 6e", scope)
		}
	}
	fifth := func(s *scene) {
		moved(s)
		s.person.Affiliations[0].Values[person.Level] = []string{"5EME"}
	}
	if subject(t, fifth) == subject(t, moved) {
		t.Error("the next cycle keeps the number")
	}
	if subject(t, func(s *scene) { fifth(s); s.declaration.Pseudonym = registry.Stable }) != subject(t, func(s *scene) { s.declaration.Pseudonym = registry.Stable }) {
		t.Error("a stable number changes with the cycle")
	}
}

func TestSchoolYearNumberChangesOnTheFirstOfSeptemberInTheZone(t *testing.T) {
	t.Parallel()
	at := func(now time.Time) string {
		return subject(t, func(s *scene) { s.declaration.Pseudonym, s.now = registry.PerSchoolYear, now })
	}
	september, last := at(time.Date(2026, 8, 31, 22, 0, 0, 0, time.UTC)), at(time.Date(2026, 8, 31, 21, 59, 59, 0, time.UTC))
	if september == last {
		t.Error("the number survives the first of September in Paris")
	}
	if at(time.Date(2027, 8, 31, 21, 59, 59, 0, time.UTC)) != september {
		t.Error("the number changes within a school year")
	}
}

func TestUnknownLevelShortensTheTraceToASchoolYear(t *testing.T) {
	t.Parallel()
	unknown := func(s *scene) { s.person.Affiliations[0].Values = nil }
	for _, levels := range [][]string{nil, {"ULIS"}, {"CM2", "5EME"}, {""}} {
		given := func(s *scene) { s.person.Affiliations[0].Values = map[person.Attr][]string{person.Level: levels} }
		if subject(t, given) != subject(t, func(s *scene) { s.declaration.Pseudonym = registry.PerSchoolYear }) {
			t.Errorf("levels %q: not the number of the school year", levels)
		}
	}
	later := func(s *scene) { unknown(s); s.now = s.now.AddDate(1, 0, 0) }
	if subject(t, unknown) == subject(t, later) {
		t.Error("a pupil of unknown level keeps the number for ever")
	}
	teacher := func(s *scene) {
		s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Teacher}}
		s.place.Profile = person.Teacher
	}
	if subject(t, teacher) != subject(t, func(s *scene) { teacher(s); s.now = s.now.AddDate(1, 0, 0) }) {
		t.Error("a teacher has no cycle and keeps the number")
	}
}

func TestCycles(t *testing.T) {
	t.Parallel()
	for cycle, levels := range map[string][]string{
		"cycle1": {"TPS", "PS", "MS", "GS"}, "cycle2": {"CP", "CE1", "CE2", "ce2", " CE2 "}, "cycle3": {"CM1", "CM2", "6EME", "6ÈME", "6ème", "6e"},
		"cycle4": {"5EME", "4e", "3ème"}, "lycee": {"2NDE", "2de", "1ERE", "1ère", "1re", "Terminale", "TLE"}, "": {"", "CE", "7EME", "BTS1", "ULIS"},
	} {
		for _, level := range levels {
			if got := attrs.Cycle([]string{level}); got != cycle {
				t.Errorf("%q is in %q, want %q", level, got, cycle)
			}
		}
	}
	if attrs.Cycle([]string{"CM1", "CM2"}) != "cycle3" || attrs.Cycle([]string{"CM2", "5EME"}) != "" || attrs.Cycle(nil) != "" {
		t.Error("several levels give their common cycle or none")
	}
}

func TestNumberOfAChildIsOpaqueAndLastsNoLongerThanDeclared(t *testing.T) {
	t.Parallel()
	child := person.Key{Authority: "ac", ID: "7"}
	number := func(change func(*scene)) string {
		s := newScene("child")
		s.person.Affiliations = []person.Affiliation{{UAI: ecole, Profile: person.Guardian}}
		s.person.Wards = []person.Ward{{Child: child, UAI: ecole, Authority: person.Yes}}
		s.place = policy.Place{UAI: ecole, Profile: person.Guardian, Child: child}
		change(&s)
		got := values(s.must(t))["child"]
		if len(got) != 1 || len(got[0]) != 128 {
			t.Fatalf("the child's number is %q", got)
		}
		return got[0]
	}
	first := number(same)
	if number(func(s *scene) { s.person.Key.ID = "other parent" }) != first {
		t.Error("two guardians of a child give two numbers")
	}
	if number(func(s *scene) { s.service.ID, s.declaration.ServiceID = "compter", "compter" }) == first {
		t.Error("two services can tell that they speak of one child")
	}
	if number(func(s *scene) { s.now = s.now.AddDate(1, 0, 0) }) == first {
		t.Error("the child's number outlives the school year although nobody declared it stable")
	}
	stable := func(s *scene) { s.declaration.Pseudonym = registry.Stable }
	if number(stable) != number(func(s *scene) { stable(s); s.now = s.now.AddDate(1, 0, 0) }) {
		t.Error("a stable number changes")
	}
	if got := values(newScene("child").must(t))["child"]; got != nil {
		t.Errorf("a pupil acts for %q", got)
	}
}
