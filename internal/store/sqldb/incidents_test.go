package sqldb

import (
	"fmt"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/incident"
	"ecluse/internal/person"
)

// aMonth fills a journal with releases of a month, and says what a count by hand comes to. Everybody has a handle of their
// own at each service.
func aMonth(t *testing.T, d *DB, n int) []audit.Entry {
	t.Helper()
	now := time.Date(2026, 10, 24, 6, 0, 0, 0, time.UTC)
	journal := audittest.Journal(t, d.Audit(), journalRing(t), "w-releases", func() time.Time { return now })
	lists := [][]string{{"uai"}, {"uai", "class"}, {"uai", "class", "given_name"}, {"uai", "class_", "classe"}, nil}
	var all []audit.Entry
	var failed error
	put := make(chan error, 64)
	for i := range n {
		e := audit.Entry{
			Class: audit.ClassRelease, At: now.Add(time.Duration(i) * 4 * time.Minute), Action: "release", Outcome: audit.Released, Reason: "told",
			Service: fmt.Sprint("s", i%3), UAI: fmt.Sprintf("028%04dA", i%7), Source: fmt.Sprint("ent", i%2), Attributes: lists[i%len(lists)],
			Subject: fmt.Sprintf("%064x", 1000*(i%3)+i%211),
		}
		switch {
		case i%10 == 7:
			e.Action = "release.later"
		case i%10 == 8:
			e.Outcome = audit.Refused
		case i%10 == 9:
			e.Class, e.Outcome = audit.ClassSignIn, audit.SignedIn
		}
		all = append(all, e)
		go func() { _, err := journal.Append(t.Context(), e); put <- err }()
		if i >= 63 {
			failed = firstOf(failed, <-put)
		}
	}
	for range min(n, 63) {
		failed = firstOf(failed, <-put)
	}
	if failed != nil {
		t.Fatal(failed)
	}
	return all
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// byHand counts as the law's words do.
func byHand(all []audit.Entry, what incident.Span) []incident.Counted {
	people, sent, schools := map[string]map[string]bool{}, map[string]map[string]map[string]bool{}, map[string]map[string]map[string]bool{}
	messages := map[string]int{}
	in := func(list []string, v string) bool { return len(list) == 0 || slices.Contains(list, v) }
	var uais []string
	for _, uai := range what.UAIs {
		uais = append(uais, string(uai))
	}
	note := func(m map[string]map[string]map[string]bool, service, of, who string) {
		if m[service] == nil {
			m[service] = map[string]map[string]bool{}
		}
		if m[service][of] == nil {
			m[service][of] = map[string]bool{}
		}
		m[service][of][who] = true
	}
	for _, e := range all {
		if e.Outcome != audit.Released || e.At.Before(what.From) || !e.At.Before(what.Until) || !in(what.Services, e.Service) || !in(what.Sources, e.Source) || !in(uais, e.UAI) {
			continue
		}
		if people[e.Service] == nil {
			people[e.Service] = map[string]bool{}
		}
		people[e.Service][e.Subject] = true
		messages[e.Service]++
		note(schools, e.Service, e.UAI, e.Subject)
		for _, name := range e.Attributes {
			note(sent, e.Service, name, e.Subject)
		}
	}
	var out []incident.Counted
	for _, service := range keysOf(people) {
		c := incident.Counted{Service: service, People: len(people[service]), Messages: messages[service]}
		for _, uai := range keysOf(schools[service]) {
			c.Schools = append(c.Schools, incident.School{UAI: person.UAI(uai), People: len(schools[service][uai])})
		}
		for _, name := range keysOf(sent[service]) {
			c.Sent = append(c.Sent, incident.Sent{Name: name, People: len(sent[service][name])})
		}
		slices.SortStableFunc(c.Sent, func(a, b incident.Sent) int { return b.People - a.People })
		out = append(out, c)
	}
	return out
}

func keysOf[V any](m map[string]V) []string {
	var out []string
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

func TestAnIncidentCountsTenThousandEntriesAsTheJournalHasThem(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		all := aMonth(t, d, 10_000)
		from := all[1000].At
		counter := &Incidents{DB: d}
		for name, what := range map[string]incident.Span{
			"one service":      {Services: []string{"s0"}, From: from, Until: from.Add(400 * time.Hour)},
			"two services":     {Services: []string{"s2", "s0"}, From: from, Until: from.Add(400 * time.Hour)},
			"a source":         {Sources: []string{"ent1"}, From: from, Until: from.Add(100 * time.Hour)},
			"two schools":      {UAIs: []person.UAI{"0280003A", "0280005A"}, From: from, Until: from.Add(200 * time.Hour)},
			"all of them":      {Services: []string{"s1"}, Sources: []string{"ent0"}, UAIs: []person.UAI{"0280001A"}, From: from, Until: from.Add(900 * time.Hour)},
			"one instant":      {Services: []string{"s0"}, From: from, Until: from.Add(time.Millisecond)},
			"before there was": {Services: []string{"s0"}, From: from.Add(-9000 * time.Hour), Until: from.Add(-8000 * time.Hour)},
			"nobody's service": {Services: []string{"s9"}, From: from, Until: from.Add(400 * time.Hour)},
		} {
			got, err := counter.Count(t.Context(), what)
			if err != nil {
				t.Fatal(err)
			}
			if want := byHand(all, what); !reflect.DeepEqual(got, want) {
				t.Errorf("%s: %+v\nwant %+v", name, got, want)
			}
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := counter.Count(t.Context(), incident.Span{Services: []string{"s0", "s1", "s2"}, From: all[0].At, Until: from.Add(900 * time.Hour)}); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		t.Logf("a count of everything allocates %d bytes", after.TotalAlloc-before.TotalAlloc)
	})
}
