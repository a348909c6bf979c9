package sqldb

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/keybook"
)

func TestFavouritesAreFoundUnderEachSubjectOfAPersonAndNoOther(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		s := &Favourites{DB: d}
		mark := func(subject, service string, on bool, all ...string) {
			t.Helper()
			for range 2 { // twice is once
				if err := s.Mark(t.Context(), subject, all, service, on); err != nil {
					t.Fatal(err)
				}
			}
		}
		marked := func(subjects ...string) []string {
			t.Helper()
			out, err := s.Marked(t.Context(), subjects)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		mark("today", "lire", true)
		mark("before", "lire", true)
		mark("before", "calcul", true)
		mark("other", "carte", true)
		if got := marked("today", "before"); !slices.Equal(got, []string{"calcul", "lire"}) {
			t.Errorf("of both keys: %q", got)
		}
		if got := marked(); got != nil {
			t.Errorf("of nobody: %q", got)
		}
		mark("today", "lire", false, "today", "before")
		if got := marked("today", "before"); !slices.Equal(got, []string{"calcul"}) {
			t.Errorf("after it was unmarked under every key: %q", got)
		}
		if got := marked("other"); !slices.Equal(got, []string{"carte"}) {
			t.Errorf("somebody else's: %q", got)
		}
	})
}

func TestFavouritesAreForgottenByTheSchoolYearOfTheirMark(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		at := time.Date(2025, 10, 1, 12, 0, 0, 0, time.UTC)
		s := &Favourites{DB: d.withClock(func() time.Time { return at })}
		for _, service := range []string{"old", "again"} {
			if err := s.Mark(t.Context(), "me", nil, service, true); err != nil {
				t.Fatal(err)
			}
		}
		at = at.AddDate(1, 0, 0)
		for _, service := range []string{"again", "new"} {
			if err := s.Mark(t.Context(), "me", nil, service, true); err != nil {
				t.Fatal(err)
			}
		}
		if n, err := s.Forget(t.Context(), keybook.SchoolYear(at)-1); n != 0 || err != nil {
			t.Errorf("%d were forgotten a year early, %v", n, err)
		}
		if n, err := s.Forget(t.Context(), keybook.SchoolYear(at)); n != 1 || err != nil {
			t.Errorf("%d were forgotten, %v", n, err)
		}
		if got, err := s.Marked(t.Context(), []string{"me"}); !slices.Equal(got, []string{"again", "new"}) || err != nil {
			t.Errorf("%q are left, %v", got, err)
		}
	})
}
