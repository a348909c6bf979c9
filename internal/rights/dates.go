package rights

import (
	"time"

	"ecluse/internal/registry"
)

// How long things take, in calendar months.
const (
	AnswerMonths   = 1 // RGPD art. 12(3)
	ExtendedMonths = 2 // more, once, for what is complex or much (art. 12(3))
	ReadMonths     = 2 // from the answer until what was written is erased, unless the person has read it before
)

// DueOn is the last day on which an answer is in time: a calendar month after the day on which the request came, in the
// academy's zone, and the last day of the next month where that has no such day (regulation (EEC, Euratom) no 1182/71,
// art. 3(2)(c)). A day off at the end does not move it: an answer may always come earlier.
func DueOn(opened time.Time, zone *time.Location) registry.Date {
	return months(registry.DateOf(opened.In(zone)), AnswerMonths)
}

// incidentDue is the day on which the hours of an incident end.
func incidentDue(opened time.Time, zone *time.Location) registry.Date {
	return registry.DateOf(opened.Add(IncidentWithin).In(zone))
}

// ExtendedTo is the last day once more time was taken. It is counted from the day on which the request came, and not from
// a day that a short month has brought forward.
func ExtendedTo(opened time.Time, zone *time.Location) registry.Date {
	return months(registry.DateOf(opened.In(zone)), AnswerMonths+ExtendedMonths)
}

// ReadUntil is the last day on which an answer can be read.
func ReadUntil(answered time.Time, zone *time.Location) registry.Date {
	return months(registry.DateOf(answered.In(zone)), ReadMonths)
}

// months is the same day some months later, or the last of that month.
func months(d registry.Date, n int) registry.Date {
	last := time.Date(d.Year, d.Month+time.Month(n)+1, 0, 0, 0, 0, 0, time.UTC)
	if d.Day > last.Day() {
		return registry.DateOf(last)
	}
	return registry.Date{Year: last.Year(), Month: last.Month(), Day: d.Day}
}
