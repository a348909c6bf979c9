package person

import (
	"log/slog"
	"time"
)

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
	switch b {
	case Under15:
		return "under 15"
	case Minor:
		return "minor"
	case Adult:
		return "adult"
	default:
		return "unknown"
	}
}

// oldest is the age above which a date of birth is a placeholder, such as 01/01/1900, and says nothing.
const oldest = 120

// Band tells the band at now. A birthday counts as reached from midnight in the zone in which now is given.
func (a AgeFacts) Band(now time.Time) Band {
	years, known := a.years(now)
	switch {
	case known && years >= 18, a.flagged():
		return Adult
	case known && years >= 15:
		return Minor
	case known:
		return Under15
	default:
		return UnknownAge
	}
}

// AtLeast tells whether the person is known to have reached that many years, by the day in the zone in which now is
// given. An unknown age has reached none but zero.
func (a AgeFacts) AtLeast(years int, now time.Time) bool {
	if years <= 0 {
		return true
	}
	has, known := a.years(now)
	if known {
		return has >= years
	}
	return a.flagged() && years <= 18
}

// flagged tells whether the majority flag alone makes an adult: a date that contradicts itself is not mended by it.
func (a AgeFacts) flagged() bool { return a.Born.IsZero() && a.Adult == Yes }

// years counts by calendar days: somebody born on 29 February is a year older on 1 March of a common year.
func (a AgeFacts) years(now time.Time) (years int, known bool) {
	if a.Born.IsZero() {
		return 0, false
	}
	years = now.Year() - a.Born.Year()
	if now.Month() < a.Born.Month() || (now.Month() == a.Born.Month() && now.Day() < a.Born.Day()) {
		years--
	}
	if years < 0 || years > oldest {
		return 0, false
	}
	return years, true
}

// String shows nothing: a date of birth is personal data.
func (a AgeFacts) String() string { return "[age facts]" }

// GoString shows nothing.
func (a AgeFacts) GoString() string { return a.String() }

// LogValue shows nothing.
func (a AgeFacts) LogValue() slog.Value { return slog.StringValue(a.String()) }
