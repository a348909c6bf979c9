package sqldb

import (
	"fmt"
	"slices"
	"testing"

	"ecluse/internal/keybook"
)

func TestWhatIsHandedOutCountsAsReleasedInItsYear(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		if years, err := s.store.Years(t.Context()); err != nil || len(years) != 0 {
			t.Errorf("years of an empty book: %v, %v", years, err)
		}
		many := make([]string, 1203) // more than two lots
		for i := range many {
			many[i] = fmt.Sprintf("mark-%04d", i)
		}
		for _, c := range []struct {
			marks []string
			year  int
		}{{many, 2025}, {many[:1], 2026}, {many[1:2], 2021}, {nil, 2030}} {
			for range 2 { // twice is once
				if err := s.store.GiveOut(t.Context(), c.marks, c.year); err != nil {
					t.Fatal(err)
				}
			}
		}
		known, err := s.store.Released(t.Context(), append(slices.Clone(many), "another"))
		if err != nil || len(known) != len(many) || known["another"] {
			t.Errorf("%d of %d are known, %v", len(known), len(many), err)
		}
		if years, err := s.store.Years(t.Context()); err != nil || !slices.Equal(years, []int{2025, 2026}) {
			t.Errorf("years %v, %v: a mark keeps the last year of its own", years, err)
		}
	})
}

func TestLinksAreListedOncePerPair(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		if links, err := s.store.Links(t.Context()); err != nil || len(links) != 0 {
			t.Errorf("links of an empty book: %v, %v", links, err)
		}
		national := named("ine-hash", "pupil")
		one, other := s.know(named("ent-a", "pupil"), national)[0], s.know(named("ent-b", "pupil"))[0]
		s.know(named("ent-c", "somebody"))
		if both := s.know(named("ent-b", "pupil"), national); len(both) != 2 {
			t.Fatalf("%d numbers after the merge", len(both))
		}
		links, err := s.store.Links(t.Context())
		if err != nil || len(links) != 1 {
			t.Fatalf("%d links, %v", len(links), err)
		}
		want := keybook.Link{One: min(one, other), Other: max(one, other), Place: links[0].Place}
		if links[0] != want {
			t.Errorf("%+v, want %+v", links[0], want)
		}
	})
}
