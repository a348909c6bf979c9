package registry

import (
	"fmt"
	"time"
)

// Date is a calendar day without a time. As an end it means the end of that day in the academy's time zone, as a
// beginning its first moment there.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// ParseDate reads yyyy-mm-dd.
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("date %q: yyyy-mm-dd is expected", s)
	}
	return DateOf(t), nil
}

// DateOf is the day of t in t's own zone.
func DateOf(t time.Time) Date {
	y, m, d := t.Date()
	return Date{y, m, d}
}

// IsZero tells whether no date is given.
func (d Date) IsZero() bool { return d == Date{} }

// Starts is the first moment of the day in a zone.
func (d Date) Starts(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, zone)
}

// Ends is the first moment after the day in a zone: what is valid until this date is no longer valid then.
func (d Date) Ends(zone *time.Location) time.Time {
	return time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, zone)
}

// Add is the date some days later, or earlier.
func (d Date) Add(days int) Date {
	return DateOf(time.Date(d.Year, d.Month, d.Day+days, 0, 0, 0, 0, time.UTC))
}

// String gives yyyy-mm-dd, or nothing for no date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	if d.Year < 0 || d.Year > 9999 || d.Month > 99 || d.Day < 0 || d.Day > 99 {
		return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
	}
	month := int(d.Month)
	digit := func(n int) byte { return byte('0' + n%10) }
	return string([]byte{ // compared by the thousand
		digit(d.Year / 1000), digit(d.Year / 100), digit(d.Year / 10), digit(d.Year), '-',
		digit(month / 10), digit(month), '-', digit(d.Day / 10), digit(d.Day),
	})
}

// MarshalText gives what String gives.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads yyyy-mm-dd; an empty text is no date.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}
