package person

import "time"

// AgeFacts is what a source vouches for about a person's age. The gate reads it; it is never released by itself.
// The zero value is an unknown age.
type AgeFacts struct {
	Born  time.Time // midnight UTC of the date of birth; zero when the source does not say
	Adult Tri       // the source's own majority flag, used when Born is not given
}

// Band is an age as far as the law asks for it.
type Band int

// The bands. An unknown age is treated everywhere as the youngest.
const (
	UnknownAge Band = iota
	Under15
	Minor
	Adult
)

// String gives the band as a word.
func (b Band) String() string {
	return [...]string{"unknown", "under 15", "minor", "adult"}[b]
}

// Band tells the band at now. The birthday itself counts as reached in UTC.
func (a AgeFacts) Band(now time.Time) Band {
	years, known := a.years(now)
	switch {
	case known && years >= 18, !known && a.Adult == Yes:
		return Adult
	case known && years >= 15:
		return Minor
	case known:
		return Under15
	default:
		return UnknownAge
	}
}

// AtLeast tells whether the person is known to have reached that many years. An unknown age has reached none but zero.
func (a AgeFacts) AtLeast(years int, now time.Time) bool {
	if years <= 0 {
		return true
	}
	has, known := a.years(now)
	if known {
		return has >= years
	}
	return a.Adult == Yes && years <= 18
}

func (a AgeFacts) years(now time.Time) (years int, known bool) {
	if a.Born.IsZero() || a.Born.After(now) {
		return 0, false
	}
	now = now.UTC()
	years = now.Year() - a.Born.Year()
	if now.Month() < a.Born.Month() || (now.Month() == a.Born.Month() && now.Day() < a.Born.Day()) {
		years--
	}
	return years, true
}

// String shows nothing: a date of birth is personal data.
func (a AgeFacts) String() string { return "[age facts]" }

// GoString shows nothing.
func (a AgeFacts) GoString() string { return a.String() }
