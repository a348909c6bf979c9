package sqldb

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/audit/audittest"
	"ecluse/internal/tally"
)

func TestAMonthIsCountedByServiceAndEstablishment(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Tally{DB: d}
		if at, err := s.First(t.Context()); err != nil || !at.IsZero() {
			t.Fatalf("%v, %v", at, err)
		}
		at := time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC)
		first := at
		j := audittest.Journal(t, d.Audit(), journalRing(t), "w", func() time.Time { return at })
		keep := func(class audit.Class, action, service, uai string, who int) {
			t.Helper()
			e := audit.Entry{Class: class, Action: action, Outcome: audit.Done, Service: service, UAI: uai, Ref: "r"}
			if who > 0 {
				e.Subject = strings.Repeat(fmt.Sprint(who), 64)
			}
			if _, err := j.Append(t.Context(), e); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 6 {
			keep(audit.ClassRelease, "release", "lire", "A", 1+i%2)
		}
		keep(audit.ClassRelease, "release.later", "lire", "A", 3)
		keep(audit.ClassSignIn, "sign_in", "lire", "A", 3)
		keep(audit.ClassSignIn, "refusal", "lire", "", 0)
		keep(audit.ClassSignIn, "refusal", "lire", "", 0)
		at = time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
		keep(audit.ClassRelease, "release", "lire", "A", 1)
		if got, err := s.First(t.Context()); err != nil || !got.Equal(first) {
			t.Errorf("%v, %v", got, err)
		}
		from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
		want := []tally.Found{{Service: "lire", UAI: "A", What: tally.SignIns, N: 6, People: 2}, {Service: "lire", What: tally.Refusals, N: 2, People: 1}}
		if got, err := s.Find(t.Context(), from, at); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%+v, %v", got, err)
		}
	})
}

func TestCountsAreKeptInThePlaceOfThoseBefore(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Tally{DB: d}
		count := func(month, service, uai string, n int) tally.Count {
			return tally.Count{Month: month, Academy: "a", Service: service, UAI: uai, What: tally.SignIns, N: n, Hidden: n == 0}
		}
		old := []tally.Count{count("2026-10", "gone", "A", 3)}
		at := time.Date(2026, 11, 5, 8, 0, 0, 0, time.UTC)
		october := []tally.Count{count("2026-10", tally.All, tally.All, 9), count("2026-10", "lire", tally.All, 9), count("2026-10", tally.All, "A", 9), count("2026-10", "lire", "A", 0)}
		for _, step := range []struct {
			month string
			list  []tally.Count
		}{{"2026-10", old}, {"2026-10", october}, {"2026-11", []tally.Count{count("2026-11", "lire", "A", 4)}}, {"2026-09", nil}} {
			if err := s.Keep(t.Context(), step.month, at, step.list); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			q    tally.Query
			want []tally.Count
		}{
			{tally.Query{From: "2026-10", To: "2026-10", Academy: "a", Service: tally.All, UAI: tally.All}, october[:1]},
			{tally.Query{From: "2026-10", To: "2026-10", Academy: "a", Service: tally.Each, UAI: tally.All}, october[1:2]},
			{tally.Query{From: "2026-10", To: "2026-10", Academy: "a", Service: tally.All, UAI: tally.Each}, october[2:3]},
			{tally.Query{From: "2026-10", To: "2026-11", Academy: "a", Service: "lire", UAI: "A"}, []tally.Count{october[3], count("2026-11", "lire", "A", 4)}},
			{tally.Query{From: "2026-10", To: "2026-11", Academy: "b", Service: "lire", UAI: "A"}, nil},
		} {
			if got, err := s.Counts(t.Context(), c.q); err != nil || !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v: %+v, %v", c.q, got, err)
			}
		}
		kept, err := s.Kept(t.Context())
		if err != nil || len(kept) != 3 || !kept["2026-09"].Equal(at) {
			t.Errorf("%v, %v", kept, err)
		}
	})
}
