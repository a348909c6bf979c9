package sqldb

import (
	"fmt"
	"slices"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/person"
)

func at(service string) func(string) string {
	return func(number string) string { return service + " " + number }
}

// lower gives a key of an authority whose number sorts before another's.
func (s *shelved) lower(authority string, than person.Key) person.Key {
	for i := 0; ; i++ {
		if k := named(authority, fmt.Sprint(i)); k.Number(s.Keys) < than.Number(s.Keys) {
			return k
		}
	}
}

func TestALaterMergeChangesNoNumberThatAnEarlierOneGave(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a, c := named("ent-a", "1"), named("ent-c", "1")
		d := s.lower("ent-d", a)
		known, unknown, late := s.know(a)[0], s.know(c)[0], s.know(d)[0]
		s.release("lire "+known, 2026)
		s.release("lire "+late, 2026)
		s.know(a, named("ine", "1"))
		joined := s.know(c, named("ine", "1"))
		if s.serving(joined, at("lire")) != known || joined[0] != unknown {
			t.Fatal("a merge gave somebody another number than the service knew")
		}
		s.know(d, named("oid", "1"))
		after := s.know(c, named("oid", "1"))
		if len(after) != 3 || !slices.Equal(after[:2], joined) {
			t.Error("what was found first does not go first")
		}
		if s.serving(after, at("lire")) != known || s.serving(s.know(c), at("lire")) != known || s.serving(s.know(a), at("lire")) != known {
			t.Error("a later merge changed the number that a service has")
		}
		if s.serving(s.know(d), at("lire")) != late {
			t.Error("a later merge changed the number of the one that was found")
		}
		links, err := s.store.Links(t.Context())
		if err != nil || len(links) != 2 || links[0].Place+links[1].Place != 3 {
			t.Errorf("%d links, %v", len(links), err)
		}
	})
}

// TestANumberServesOnWhenTheKeyThatBroughtItIsForgotten is about the key of an ENT that is gone, while the person goes on.
func TestANumberServesOnWhenTheKeyThatBroughtItIsForgotten(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		entry := audit.Entry{Class: audit.ClassSystem, Action: "keybook_purge", Outcome: audit.Done}
		a, b, c := named("ent-a", "1"), named("ent-b", "1"), named("ent-c", "1")
		known := s.know(a)[0]
		s.know(b)
		s.know(c)
		s.release("lire "+known, 2031)
		for _, key := range []person.Key{b, c} { // c hangs on b, b on a
			s.know(key, named("ine", "1"))
			s.know(a, named("ine", "1"))
		}
		s.now = s.now.AddDate(5, 0, 0)
		if got := s.serving(s.know(c), at("lire")); got != known {
			t.Fatal("a merge gave another number")
		}
		if keys, marks, err := s.store.Purge(t.Context(), 2030, entry); err != nil || keys != 3 || marks != 0 {
			t.Fatalf("%d keys, %d marks, %v", keys, marks, err)
		}
		if got := s.serving(s.know(c), at("lire")); got != known {
			t.Error("forgetting the key of an ENT that is gone changed the number that a service has")
		}
		if numbers, err := s.store.Numbers(t.Context(), "", 10); err != nil || len(numbers) != 3 || !slices.Contains(numbers, known) {
			t.Errorf("the list of numbers lacks one that serves: %d, %v", len(numbers), err)
		}
		if numbers, err := s.store.Numbers(t.Context(), "", 1); err != nil || len(numbers) != 1 {
			t.Errorf("%d numbers on a page of one, %v", len(numbers), err)
		}
		s.now = s.now.AddDate(5, 0, 0)
		if keys, _, err := s.store.Purge(t.Context(), 2036, entry); err != nil || keys != 1 {
			t.Fatalf("%d keys, %v", keys, err)
		}
		if links, err := s.store.Links(t.Context()); err != nil || len(links) != 0 {
			t.Errorf("%d links are left of somebody who is forgotten, %v", len(links), err)
		}
	})
}
