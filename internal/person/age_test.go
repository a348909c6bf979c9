package person_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
)

func day(s string) time.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestBandChangesWithTheFirstMomentOfABirthday(t *testing.T) {
	t.Parallel()
	paris := zone(t, "Europe/Paris")
	for _, c := range []struct {
		name, born string
		now        time.Time
		want       person.Band
	}{
		{"the day before fifteen", "2011-11-22", time.Date(2026, 11, 21, 23, 59, 59, 999, paris), person.Under15},
		{"the first moment of fifteen", "2011-11-22", time.Date(2026, 11, 22, 0, 0, 0, 0, paris), person.Minor},
		{"the day before eighteen", "2008-11-22", time.Date(2026, 11, 21, 23, 59, 59, 0, paris), person.Minor},
		{"eighteen", "2008-11-22", time.Date(2026, 11, 22, 0, 0, 0, 0, paris), person.Adult},
		{"born on 29 February, 28 February of a common year", "2008-02-29", time.Date(2026, 2, 28, 23, 59, 59, 0, paris), person.Minor},
		{"born on 29 February, 1 March of a common year", "2008-02-29", time.Date(2026, 3, 1, 0, 0, 0, 0, paris), person.Adult},
		{"born on 28 February, that day of a leap year", "2010-02-28", time.Date(2028, 2, 28, 0, 0, 0, 0, paris), person.Adult},
		{"born on 1 March, 29 February of a leap year", "2010-03-01", time.Date(2028, 2, 29, 0, 0, 0, 0, paris), person.Minor},
		{"born today", "2026-11-22", time.Date(2026, 11, 22, 12, 0, 0, 0, paris), person.Under15},
		{"a placeholder of 1900", "1900-01-01", time.Date(2026, 11, 22, 0, 0, 0, 0, paris), person.UnknownAge},
		{"born tomorrow", "2026-11-23", time.Date(2026, 11, 22, 0, 0, 0, 0, paris), person.UnknownAge},
	} {
		age := person.AgeFacts{Born: day(c.born)}
		if got := age.Band(c.now); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

func TestBirthdaysFollowTheCalendarOfTheZone(t *testing.T) {
	t.Parallel()
	age := person.AgeFacts{Born: day("2011-11-22")}
	at := time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC) // still the 21st in Guadeloupe
	if got := age.Band(at.In(zone(t, "America/Guadeloupe"))); got != person.Under15 {
		t.Errorf("in Guadeloupe: %v, want under 15", got)
	}
	if got := age.Band(at.In(zone(t, "Indian/Reunion"))); got != person.Minor {
		t.Errorf("in Réunion: %v, want minor", got)
	}
}

func TestUnknownAgeIsBelowEveryMinimum(t *testing.T) {
	t.Parallel()
	now := day("2026-11-22")
	for name, age := range map[string]person.AgeFacts{
		"nothing said": {}, "a minor by the flag": {Adult: person.No}, "a birth to come": {Born: day("2030-01-01")},
		"a date and a flag that contradict each other": {Born: day("2030-01-01"), Adult: person.Yes},
		"a placeholder and a flag":                     {Born: day("1900-01-01"), Adult: person.Yes},
	} {
		for _, minimum := range []int{1, 6, 13, 15, 18, 99} {
			if age.AtLeast(minimum, now) {
				t.Errorf("%s: has reached %d", name, minimum)
			}
		}
		if !age.AtLeast(0, now) || !age.AtLeast(-1, now) {
			t.Errorf("%s: has not reached 0, which is no minimum", name)
		}
		if got := age.Band(now); got != person.UnknownAge {
			t.Errorf("%s: band %v, want unknown", name, got)
		}
	}
}

func TestAdultFlagCountsForEighteenAndNotMore(t *testing.T) {
	t.Parallel()
	now, age := day("2026-11-22"), person.AgeFacts{Adult: person.Yes}
	if got := age.Band(now); got != person.Adult {
		t.Errorf("band %v, want adult", got)
	}
	if !age.AtLeast(18, now) || !age.AtLeast(15, now) || age.AtLeast(19, now) {
		t.Error("the flag says eighteen reached, nothing more and nothing less")
	}
}

func TestDateOfBirthBeatsTheFlag(t *testing.T) {
	t.Parallel()
	now := day("2026-11-22")
	child := person.AgeFacts{Born: day("2018-01-01"), Adult: person.Yes}
	if child.Band(now) != person.Under15 || child.AtLeast(9, now) || !child.AtLeast(8, now) {
		t.Error("a child of eight passes for an adult by a flag")
	}
	grown := person.AgeFacts{Born: day("2000-01-01"), Adult: person.No}
	if grown.Band(now) != person.Adult {
		t.Error("a flag that was not kept up makes a child of an adult")
	}
}

func TestBandsHaveWords(t *testing.T) {
	t.Parallel()
	want := map[person.Band]string{
		person.UnknownAge: "unknown", person.Under15: "under 15", person.Minor: "minor", person.Adult: "adult", 17: "unknown",
	}
	for band, word := range want {
		if band.String() != word {
			t.Errorf("band %d is %q, want %q", int(band), band.String(), word)
		}
	}
}

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
