package rights_test

import (
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/rights"
)

func TestAMonthIsAMonthOfTheCalendarAndEndsWithAShortOne(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	for day, want := range map[string][2]string{
		"2026-11-22": {"2026-12-22", "2027-02-22"},
		"2027-01-28": {"2027-02-28", "2027-04-28"},
		"2027-01-31": {"2027-02-28", "2027-04-30"}, // not two months after 28 February
		"2028-01-31": {"2028-02-29", "2028-04-30"},
		"2028-01-30": {"2028-02-29", "2028-04-30"},
		"2027-03-31": {"2027-04-30", "2027-06-30"},
		"2026-11-30": {"2026-12-30", "2027-02-28"},
		"2026-12-31": {"2027-01-31", "2027-03-31"},
		"2027-02-28": {"2027-03-28", "2027-05-28"},
		"2028-02-29": {"2028-03-29", "2028-05-29"},
	} {
		d, err := registry.ParseDate(day)
		if err != nil {
			t.Fatal(err)
		}
		for _, at := range []time.Time{d.Starts(zone), d.Ends(zone).Add(-1)} {
			if got := rights.DueOn(at, zone).String(); got != want[0] {
				t.Errorf("asked at %s: due on %s, want %s", at, got, want[0])
			}
			if got := rights.ExtendedTo(at, zone).String(); got != want[1] {
				t.Errorf("asked at %s: with more time due on %s, want %s", at, got, want[1])
			}
		}
	}
}

func TestTheDayIsThatOfTheAcademy(t *testing.T) {
	t.Parallel()
	late := time.Date(2027, 1, 30, 23, 30, 0, 0, time.UTC) // the 31st in Paris, the 30th at sea
	if got := rights.DueOn(late, registrytest.Paris()).String(); got != "2027-02-28" {
		t.Errorf("in Paris: %s", got)
	}
	reunion := time.FixedZone("La Réunion", 4*3600)
	if got := rights.DueOn(time.Date(2027, 2, 28, 21, 0, 0, 0, time.UTC), reunion).String(); got != "2027-04-01" {
		t.Errorf("on La Réunion: %s", got)
	}
}

func TestARequestIsOverdueFromTheEndOfItsLastDay(t *testing.T) {
	t.Parallel()
	zone := registrytest.Paris()
	opened := time.Date(2026, 9, 25, 10, 0, 0, 0, zone) // the clocks go back on 25 October
	r := rights.Request{State: rights.Open, Opened: opened, Due: rights.DueOn(opened, zone)}
	end := time.Date(2026, 10, 26, 0, 0, 0, 0, zone)
	if r.Overdue(end.Add(-1), zone) || !r.Overdue(end, zone) {
		t.Errorf("due on %s", r.Due)
	}
	for _, s := range []rights.State{rights.Answered, rights.Closed, ""} {
		r.State = s
		if r.Overdue(end.AddDate(1, 0, 0), zone) {
			t.Errorf("%q is overdue", s)
		}
	}
	r.State = rights.Extended
	if !r.Overdue(end, zone) {
		t.Error("an extended one is never overdue")
	}
}
