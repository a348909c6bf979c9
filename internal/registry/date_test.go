package registry_test

import (
	"encoding/json"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func TestADateIsADayOfTheAcademysZone(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		zone        string
		date        registry.Date
		start, ends string
		hours       int
	}{
		{"Europe/Paris", registry.Date{Year: 2026, Month: 11, Day: 22}, "2026-11-21T23:00:00Z", "2026-11-22T23:00:00Z", 24},
		{"Europe/Paris", registry.Date{Year: 2026, Month: 3, Day: 29}, "2026-03-28T23:00:00Z", "2026-03-29T22:00:00Z", 23},
		{"Europe/Paris", registry.Date{Year: 2026, Month: 10, Day: 25}, "2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z", 25},
		{"Europe/Paris", registry.Date{Year: 2026, Month: 12, Day: 31}, "2026-12-30T23:00:00Z", "2026-12-31T23:00:00Z", 24},
		{"Europe/Paris", registry.Date{Year: 2028, Month: 2, Day: 29}, "2028-02-28T23:00:00Z", "2028-02-29T23:00:00Z", 24},
		{"Indian/Reunion", registry.Date{Year: 2026, Month: 3, Day: 29}, "2026-03-28T20:00:00Z", "2026-03-29T20:00:00Z", 24},
		{"Pacific/Noumea", registry.Date{Year: 2026, Month: 11, Day: 22}, "2026-11-21T13:00:00Z", "2026-11-22T13:00:00Z", 24},
		{"America/Guadeloupe", registry.Date{Year: 2026, Month: 11, Day: 22}, "2026-11-22T04:00:00Z", "2026-11-23T04:00:00Z", 24},
	} {
		z := zone(t, c.zone)
		start, end := c.date.Starts(z), c.date.Ends(z)
		if got := start.UTC().Format(time.RFC3339); got != c.start {
			t.Errorf("%s %s starts at %s, want %s", c.zone, c.date, got, c.start)
		}
		if got := end.UTC().Format(time.RFC3339); got != c.ends {
			t.Errorf("%s %s ends at %s, want %s", c.zone, c.date, got, c.ends)
		}
		if got := end.Sub(start); got != time.Duration(c.hours)*time.Hour {
			t.Errorf("%s %s lasts %v, want %d hours", c.zone, c.date, got, c.hours)
		}
		if registry.DateOf(start.In(z)) != c.date || registry.DateOf(end.Add(-1).In(z)) != c.date || registry.DateOf(end.In(z)) == c.date {
			t.Errorf("%s %s: DateOf disagrees about its edges", c.zone, c.date)
		}
		if !c.date.Add(1).Starts(z).Equal(end) {
			t.Errorf("%s %s: the next day does not begin where it ends", c.zone, c.date)
		}
	}
}

func TestInForceFromTheFirstMomentToTheLast(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"Europe/Paris", "Indian/Reunion", "Pacific/Noumea"} {
		z := zone(t, name)
		d := registry.Declaration{
			State: registry.Approved, From: registry.Date{Year: 2026, Month: 3, Day: 29}, Until: registry.Date{Year: 2026, Month: 10, Day: 25},
		}
		source := &registry.SourceDeclaration{State: d.State, From: d.From, Until: d.Until}
		for _, c := range []struct {
			at   time.Time
			want bool
		}{
			{time.Date(2026, 3, 28, 23, 59, 59, 999999999, z), false},
			{time.Date(2026, 3, 29, 0, 0, 0, 0, z), true},
			{time.Date(2026, 10, 25, 23, 59, 59, 999999999, z), true},
			{time.Date(2026, 10, 26, 0, 0, 0, 0, z), false},
		} {
			if got := d.InForce(c.at, z); got != c.want {
				t.Errorf("%v: %v, want %v", c.at, got, c.want)
			}
			if got := source.InForce(c.at, z); got != c.want {
				t.Errorf("source at %v: %v, want %v", c.at, got, c.want)
			}
		}
	}
}

func TestNothingIsInForceWithoutApprovalOrWithoutBothDates(t *testing.T) {
	t.Parallel()
	first, last := registry.Date{Year: 2026, Month: 1, Day: 1}, registry.Date{Year: 2026, Month: 12, Day: 31}
	at := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	for _, state := range states() {
		d := registry.Declaration{State: state, From: first, Until: last}
		if got := d.InForce(at, time.UTC); got != (state == registry.Approved) {
			t.Errorf("state %q: %v", state, got)
		}
	}
	for name, d := range map[string]registry.Declaration{
		"no first day": {State: registry.Approved, Until: last}, "no last day": {State: registry.Approved, From: first},
		"no day": {State: registry.Approved}, "the wrong way round": {State: registry.Approved, From: last, Until: first},
	} {
		if d.InForce(at, time.UTC) {
			t.Errorf("%s: in force", name)
		}
	}
	var none *registry.SourceDeclaration
	if none.InForce(at, time.UTC) {
		t.Error("a source without a declaration is in force")
	}
}

func TestParseDateReadsOneSpelling(t *testing.T) {
	t.Parallel()
	if got, err := registry.ParseDate("2028-02-29"); err != nil || got.String() != "2028-02-29" {
		t.Errorf("%v, %v", got, err)
	}
	for _, bad := range []string{"", "2026-02-29", "22/11/2026", "2026-1-1", "2026-11-22T00:00:00Z", "2026-13-01", " 2026-11-22"} {
		if got, err := registry.ParseDate(bad); err == nil || !got.IsZero() {
			t.Errorf("%q is read as %v", bad, got)
		}
	}
}

func TestDatesAreWrittenAsRead(t *testing.T) {
	t.Parallel()
	type holder struct {
		D registry.Date `json:"d"`
	}
	for _, text := range []string{`{"d":"2026-11-22"}`, `{"d":""}`} {
		var h holder
		if err := json.Unmarshal([]byte(text), &h); err != nil {
			t.Fatal(err)
		}
		if out, err := json.Marshal(h); err != nil || string(out) != text {
			t.Errorf("%s becomes %s, %v", text, out, err)
		}
	}
	var h holder
	if err := json.Unmarshal([]byte(`{"d":"demain"}`), &h); err == nil || !h.D.IsZero() {
		t.Error("demain is a date")
	}
	if got := (registry.Date{Year: 2026, Month: 12, Day: 31}).Add(-31).String(); got != "2026-11-30" {
		t.Errorf("31 days before the end of the year: %s", got)
	}
}
