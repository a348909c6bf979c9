package guardian_test

import (
	"testing"
	"time"

	"ecluse/internal/guardian"
	"ecluse/internal/person"
	"ecluse/internal/registry/registrytest"
)

const college = person.UAI("0280202T")

func day(t *testing.T, text string) time.Time {
	t.Helper()
	d, err := time.Parse(time.DateOnly, text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// parent is a guardian of one child, over whom the source says that they hold parental authority.
func parent(age person.AgeFacts) (person.Person, person.Ward) {
	w := person.Ward{Child: person.Key{Authority: "ent", ID: "lina"}, UAI: college, Authority: person.Yes, Label: "Lina", Age: age}
	return person.Person{
		Key: person.Key{Authority: "ent", ID: "nadia"}, Wards: []person.Ward{w},
		Affiliations: []person.Affiliation{{UAI: college, Profile: person.Guardian}},
	}, w
}

// TestHardCase11TheViewEndsAtTheMidnightOfTheEighteenthBirthday in the gateway's zone: an hour before that of UTC in winter,
// and two in summer.
func TestHardCase11TheViewEndsAtTheMidnightOfTheEighteenthBirthday(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	for name, c := range map[string]struct {
		born string
		ends time.Time
	}{
		"in winter":                      {"2008-11-23", time.Date(2026, time.November, 23, 0, 0, 0, 0, zone)},
		"in summer":                      {"2008-07-01", time.Date(2026, time.July, 1, 0, 0, 0, 0, zone)},
		"on the first day of a year":     {"2009-01-01", time.Date(2027, time.January, 1, 0, 0, 0, 0, zone)},
		"on 29 February":                 {"2008-02-29", time.Date(2026, time.March, 1, 0, 0, 0, 0, zone)},
		"on 28 February":                 {"2008-02-28", time.Date(2026, time.February, 28, 0, 0, 0, 0, zone)},
		"on 29 February, of a leap year": {"1992-02-29", time.Date(2010, time.March, 1, 0, 0, 0, 0, zone)},
		"on the day that clocks change":  {"2008-03-29", time.Date(2026, time.March, 29, 0, 0, 0, 0, zone)},
	} {
		p, w := parent(person.AgeFacts{Born: day(t, c.born)})
		last := c.ends.Add(-time.Millisecond)
		if !guardian.Sees(p, w, last) || !guardian.Speaks(w, last) {
			t.Errorf("%s: it ends before the last midnight", name)
		}
		if guardian.Sees(p, w, c.ends) || guardian.Speaks(w, c.ends) {
			t.Errorf("%s: it goes on after midnight", name)
		}
		if guardian.Sees(p, w, c.ends.AddDate(1, 0, 0)) || guardian.Speaks(w, c.ends.AddDate(1, 0, 0)) {
			t.Errorf("%s: it begins again", name)
		}
	}
}

func TestWhoMayLookIsWhoIsCertain(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, time.November, 22, 12, 0, 0, 0, registrytest.Paris())
	minor := person.AgeFacts{Born: day(t, "2018-04-02")}
	for name, c := range map[string]struct {
		age          person.AgeFacts
		change       func(*person.Person, *person.Ward)
		sees, speaks bool
	}{
		"a minor":                      {minor, nil, true, true},
		"a minor of 17":                {person.AgeFacts{Born: day(t, "2008-11-23")}, nil, true, true},
		"whoever is 18 today":          {person.AgeFacts{Born: day(t, "2008-11-22")}, nil, false, false},
		"an unknown age":               {person.AgeFacts{}, nil, false, true},
		"a flag of majority alone":     {person.AgeFacts{Adult: person.Yes}, nil, false, false},
		"a flag of minority alone":     {person.AgeFacts{Adult: person.No}, nil, false, true},
		"a day and a flag that differ": {person.AgeFacts{Born: minor.Born, Adult: person.Yes}, nil, false, true},
		"a day that is to come":        {person.AgeFacts{Born: day(t, "2030-01-01")}, nil, false, true},
		"a placeholder":                {person.AgeFacts{Born: day(t, "1900-01-01")}, nil, false, true},
		"no authority":                 {minor, func(_ *person.Person, w *person.Ward) { w.Authority = person.No }, false, false},
		"an unknown authority":         {minor, func(_ *person.Person, w *person.Ward) { w.Authority = person.Unknown }, false, false},
		"nobody":                       {minor, func(_ *person.Person, w *person.Ward) { w.Child = person.Key{} }, false, false},
		"an attachment that ended":     {minor, func(p *person.Person, _ *person.Ward) { p.Affiliations[0].Until = now }, false, true},
		"one elsewhere":                {minor, func(p *person.Person, _ *person.Ward) { p.Affiliations[0].UAI = "0280101H" }, false, true},
		"one in another quality":       {minor, func(p *person.Person, _ *person.Ward) { p.Affiliations[0].Profile = person.Teacher }, false, true},
	} {
		p, w := parent(c.age)
		if c.change != nil {
			c.change(&p, &w)
		}
		if got := guardian.Sees(p, w, now); got != c.sees {
			t.Errorf("%s: sees %v", name, got)
		}
		if got := guardian.Speaks(w, now); got != c.speaks {
			t.Errorf("%s: speaks %v", name, got)
		}
	}
}
