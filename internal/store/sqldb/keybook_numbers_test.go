package sqldb

import (
	"encoding/hex"
	"slices"
	"testing"

	"ecluse/internal/person"
)

func TestLookingSomebodyUpFilesNothing(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		one, other, unseen := named("ent-a", "1"), named("ent-b", "2"), named("ent-a", "3")
		s.know(one)
		s.know(other)
		s.know(one, other) // two numbers that mean one person
		s.know(other, named("ine-hash", "h"))
		s.now = s.now.AddDate(1, 0, 0)
		before, err := s.store.Look(t.Context(), []string{hashed(s, one), hashed(s, unseen)})
		if err != nil || len(before.Rows) == 0 {
			t.Fatalf("%d rows, %v", len(before.Rows), err)
		}
		for _, k := range []person.Key{one, other, unseen} {
			if _, err := s.Known(t.Context(), k); err != nil {
				t.Fatal(err)
			}
		}
		after, err := s.store.Look(t.Context(), []string{hashed(s, one), hashed(s, unseen)})
		if err != nil || !sameShelf(before, after) {
			t.Errorf("the book remembers that it was asked, %v", err)
		}
		for _, k := range []person.Key{one, other, unseen} {
			asked, _ := s.Known(t.Context(), k)
			if filed := s.know(k); !slices.Equal(asked, filed) {
				t.Errorf("%d numbers when asked, %d when filed, or others", len(asked), len(filed))
			}
		}
		if _, err := s.Known(t.Context(), person.Key{}); err == nil {
			t.Error("nobody has a number")
		}
	})
}

// hashed is a key as the book writes it.
func hashed(s *shelved, k person.Key) string {
	return hex.EncodeToString(s.Keys.Derive("key book key", k.Authority, k.ID)[:32])
}
