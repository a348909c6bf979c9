package sqldb

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/keybook"
	"ecluse/internal/person"
)

func joinEntry() audit.Entry {
	return audit.Entry{Class: audit.ClassAdmin, Action: "people_join", Outcome: audit.Done, Actor: "command:people"}
}

// pairsOf takes keys by two.
func pairsOf(keys ...person.Key) []keybook.Pair {
	var out []keybook.Pair
	for i := 0; i < len(keys); i += 2 {
		out = append(out, keybook.Pair{Former: keys[i], Now: keys[i+1]})
	}
	return out
}

// join plans a list and carries it out, and holds it to the fates that are wanted.
func (s *shelved) join(want string, pairs []keybook.Pair) keybook.Join {
	s.t.Helper()
	j, err := s.PlanJoin(s.t.Context(), pairs)
	if err == nil && !j.Empty() {
		err = s.CarryOut(s.t.Context(), j, joinEntry())
	}
	if err != nil {
		s.t.Fatal(err)
	}
	var got []string
	for _, f := range j.Fates {
		got = append(got, string(f))
	}
	if strings.Join(got, " ") != want {
		s.t.Errorf("the pairs are %v, want %s", got, want)
	}
	if again, err := s.PlanJoin(s.t.Context(), pairs); err != nil || !again.Empty() || again.Count(keybook.Joined) != 0 {
		s.t.Errorf("a second time there is something left to join: %v, %v", again.Fates, err)
	}
	return j
}

func TestAnOperatorSaysWhoseAKeyInDoubtIsAndNoSignInBringsItBackIntoDoubt(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		ine, one, other := named("ine", "h"), named("ent-a", "1"), named("ent-a", "2")
		first, second := s.know(one, ine), s.know(other, ine)
		before := s.know(named("educonnect", "x"), ine) // during the doubt: somebody new
		if j := s.join("joined", pairsOf(ine, other)); j.Settled != 1 || len(j.Merged) != 0 {
			t.Errorf("%d keys settled, %d people merged", j.Settled, len(j.Merged))
		}
		for range 2 {
			if !slices.Equal(s.know(other, ine), second) || !slices.Equal(s.know(one, ine), first) {
				t.Error("the numbers of those who were in doubt changed")
			}
		}
		if s.conflicts() != 2 {
			t.Errorf("%d reports: one of the doubt, one of whoever has the key that is another's", s.conflicts())
		}
		if got := s.know(named("ent-b", "9"), ine); !slices.Equal(got, second) {
			t.Error("the key does not join its owner's sources again")
		}
		after := s.know(named("educonnect", "x"), ine)
		if after[0] != before[0] || !slices.Contains(after, second[0]) || slices.Contains(after, first[0]) {
			t.Error("who came during the doubt is not found to be the owner, or has lost a number")
		}
		if got := s.know(one, named("ine", "right")); !slices.Equal(got, first) {
			t.Error("the other pupil cannot have a key of their own")
		}
	})
}

// Whoever signed in with a key while it was in doubt has a number of their own, which goes on.
func TestAKeyInDoubtWithWhichSomebodySignsInKeepsItsNumber(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		owner := named("ent-a", "1")
		a := s.know(named("ent-b", "a"), owner)
		s.know(named("ent-b", "b"), owner)
		mine := s.know(owner)
		s.release("lire "+mine[0], 2026)
		s.release("lire "+a[0], 2026)
		if j := s.join("joined", pairsOf(owner, named("ent-b", "a"))); j.Settled != 1 || len(j.Merged) != 1 {
			t.Errorf("%d keys settled, %d people merged", j.Settled, len(j.Merged))
		}
		now, theirs := s.know(owner), s.know(named("ent-b", "a"), owner)
		if len(now) != 2 || now[0] != mine[0] || s.serving(now, at("lire")) != mine[0] || s.serving(theirs, at("lire")) != a[0] {
			t.Error("a number that a service knew changed")
		}
		if s.serving(now, at("later")) != s.serving(theirs, at("later")) {
			t.Error("a later service sees two people")
		}
	})
}

// The owner was known before the doubt: the pair says nothing new but that there is no doubt.
func TestAKeyInDoubtThatIsItsOwnersAlreadyJoinsAgain(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		owner := named("ent-a", "1")
		was := s.know(named("ent-b", "c"), owner)
		s.know(owner)
		s.know(named("ent-b", "d"), owner)
		if got := s.know(named("ent-e", "1"), owner); got[0] == was[0] {
			t.Fatal("a key in doubt joins")
		}
		if j := s.join("joined", pairsOf(owner, named("ent-b", "c"))); j.Settled != 1 || len(j.Merged) != 0 {
			t.Errorf("%d keys settled, %d people merged", j.Settled, len(j.Merged))
		}
		if got := s.know(named("ent-f", "1"), owner); got[0] != was[0] {
			t.Error("the key is in doubt still")
		}
	})
}

func TestNeitherKeyOfAPairComesIntoDoubtByASourcesWord(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a, b := named("ent-a", "1"), named("ent-b", "1")
		s.know(a)
		s.know(b)
		s.join("joined", pairsOf(a, b))
		s.know(named("ent-a", "2"), b)
		s.know(named("ent-b", "2"), a)
		for i, k := range []person.Key{a, b} {
			if got := s.know(named(fmt.Sprint("ent-c", i), "1"), k); !slices.Contains(got, s.know(a)[0]) {
				t.Error("another's claim brought into doubt what an operator had said")
			}
		}
	})
}

func TestAnIdentifierThatAnEntChangedIsKnownEverywhereAsBefore(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		former, now := named("ent-a", "1"), named("ent-a", "28-1")
		was := s.know(former, named("ine", "h"))
		s.join("joined", pairsOf(former, now))
		if !slices.Equal(s.know(now), was) || !slices.Equal(s.know(now, named("ine", "h")), was) || !slices.Equal(s.know(former), was) {
			t.Error("the number is another by the new identifier")
		}
		handles, err := s.Handles(t.Context(), now)
		if err != nil || !slices.Contains(handles, former.Handle(s.Keys)) {
			t.Errorf("the person's history begins anew: %v", err)
		}
		if s.conflicts() != 0 {
			t.Error("what an operator said is reported as a conflict")
		}
		other, claim := named("ent-a", "2"), named("ent-b", "x") // another source says that the new identifier is somebody else's
		s.know(claim, other)
		s.know(claim, now)
		if got := s.know(now); !slices.Equal(got, was) {
			t.Error("a source's word took somebody what an operator had said")
		}
	})
}

func TestAListIsOneInAnyOrderAndKeepsNobodyWhomItNeverSaw(t *testing.T) {
	t.Parallel()
	a, b, c, d := named("ent-a", "1"), named("ent-b", "1"), named("ent-c", "1"), named("ent-d", "1")
	for _, order := range [][]person.Key{{a, b, b, c, c, d}, {c, d, b, c, a, b}, {b, c, c, d, a, b}} {
		onEachBook(t, func(t *testing.T, s *shelved) {
			was := s.know(a)
			s.join("joined joined joined never_seen", pairsOf(append(order, named("ent-x", "1"), named("ent-y", "1"))...))
			for _, k := range []person.Key{b, c, d} {
				if !slices.Equal(s.know(k), was) {
					t.Error("a chain does not lead to its end")
				}
			}
			shelf, err := s.store.Look(t.Context(), []string{hashed(s, named("ent-x", "1")), hashed(s, named("ent-y", "1"))})
			if err != nil || len(shelf.Rows) != 0 {
				t.Errorf("somebody is kept who was never seen, %v", err)
			}
		})
	}
}

func TestTwoPeopleOfOneAuthorityAreNotJoinedBehindItsBack(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a1, a2, b1, b9, c1 := named("ent-a", "1"), named("ent-a", "2"), named("ent-b", "1"), named("ent-b", "9"), named("ent-c", "1")
		one := s.know(a1, named("ine", "1"))
		two := s.know(a2, named("ine", "2"))
		s.know(b1, named("ine", "2")) // a2
		s.know(c1, named("ine", "2")) // a2
		if j := s.join("kept_apart", pairsOf(a1, b1)); !j.Empty() {
			t.Error("a refusal writes")
		}
		s.join("kept_apart kept_apart", pairsOf(a1, named("ent-x", "1"), named("ent-x", "1"), c1))
		s.join("kept_apart", pairsOf(a2, b9)) // nobody was known by b9 yet, and a2 is b1 already
		s.join("one_already kept_apart", pairsOf(a2, b1, named("ine", "2"), b9))
		if !slices.Equal(s.know(a1), one) || s.know(a2)[0] != two[0] {
			t.Error("a refused pair changed a number")
		}
	})
}

func TestOneAuthoritysTwoKeysAreJoinedWhenTheListItselfSaysSo(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a1, a2 := named("ent-a", "1"), named("ent-a", "2")
		one, two := s.know(a1, named("ine", "1")), s.know(a2, named("ine", "2"))
		s.join("kept_apart", pairsOf(a1, a2)) // their national numbers differ
		j := s.join("joined one_already", pairsOf(a1, a2, named("ine", "1"), named("ine", "2")))
		if len(j.Merged) != 1 {
			t.Errorf("%d people merged", len(j.Merged))
		}
		if s.know(a1)[0] != one[0] || s.know(a2)[0] != two[0] || len(s.know(a1)) != 2 {
			t.Error("they are not one, or a number of theirs is lost")
		}
		if s.conflicts() != 0 {
			t.Error("what an operator said is reported as a conflict")
		}
	})
}

func TestAKeyThatWasForgottenIsJoinedToWhoeverIsKnown(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		former, now := named("ent-a", "1"), named("ent-b", "1")
		was := s.know(former)
		s.now = s.now.AddDate(5, 0, 0)
		entry := audit.Entry{Class: audit.ClassSystem, Action: "keybook_purge", Outcome: audit.Done}
		if _, _, err := s.store.Purge(t.Context(), 2030, entry); err != nil {
			t.Fatal(err)
		}
		s.join("never_seen", pairsOf(former, now)) // both unknown: nothing is brought back
		mine := s.know(now)
		s.join("joined", pairsOf(former, now))
		if got := s.know(former); !slices.Equal(got, mine) || slices.Equal(got, was) {
			t.Error("who comes back by the forgotten key is not whoever is known")
		}
	})
}

func TestAJoinIsNotWrittenOnABookThatChanged(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a, b := named("ent-a", "1"), named("ent-b", "1")
		s.know(a)
		j, err := s.PlanJoin(t.Context(), pairsOf(a, b))
		if err != nil || fmt.Sprintf("%v %+v", j.Merged, pairsOf(a, b)) != "[] [[pair of keys]]" {
			t.Fatal(err)
		}
		theirs := s.know(b) // comes for the first time meanwhile
		if err := s.CarryOut(t.Context(), j, joinEntry()); !errors.Is(err, keybook.ErrChanged) {
			t.Errorf("written over: %v", err)
		}
		if got := s.know(b); !slices.Equal(got, theirs) {
			t.Error("somebody's number changed")
		}
		for _, wrong := range [][]keybook.Pair{pairsOf(a, a), pairsOf(a, person.Key{}), pairsOf(person.Key{}, a)} {
			if _, err := s.PlanJoin(t.Context(), wrong); err == nil {
				t.Error("a pair of one key is taken")
			}
		}
	})
}

// TestNoJoinChangesANumberThatAServiceHas joins people at random, in lists and by sign-ins, while services learn numbers
// in between: no key's number ever changes at a service that has it, and a service that nobody was known to sees one.
func TestNoJoinChangesANumberThatAServiceHas(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		r := rand.New(rand.NewPCG(7, 9)) //nolint:gosec // the same every time
		var keys []person.Key
		for i := range 24 {
			keys = append(keys, named(fmt.Sprint("ent-", i), "1")) // an authority each: nothing is refused
		}
		has := map[string]string{} // key and service -> number
		use := func(k person.Key, service string) {
			n := s.serving(s.know(k), at(service))
			if was := has[k.Authority+service]; was != "" && was != n {
				t.Fatal("the number that a service has changed")
			}
			if has[k.Authority+service] == "" {
				has[k.Authority+service] = n
				s.release(service+" "+n, 2026)
			}
		}
		for range 24 {
			for range 4 {
				use(keys[r.IntN(len(keys))], fmt.Sprint("s", r.IntN(4)))
			}
			a, b := keys[r.IntN(len(keys))], keys[r.IntN(len(keys))]
			switch {
			case a == b:
			case r.IntN(3) == 0:
				link := named("ine", a.Authority+b.Authority)
				s.know(a, link)
				s.know(b, link)
			default:
				j, err := s.PlanJoin(t.Context(), pairsOf(a, b))
				if err == nil && !j.Empty() {
					err = s.CarryOut(t.Context(), j, joinEntry())
				}
				if err != nil {
					t.Fatal(err)
				}
			}
			for _, k := range keys {
				for service := range 4 {
					if service := fmt.Sprint("s", service); has[k.Authority+service] != "" {
						use(k, service)
					}
				}
			}
		}
		for _, k := range keys {
			numbers := s.know(k)
			for _, n := range numbers {
				for _, other := range keys {
					if theirs := s.know(other); theirs[0] == n && s.serving(theirs, at("later")) != s.serving(numbers, at("later")) {
						t.Fatal("a service that nobody was known to sees one person as two")
					}
				}
			}
		}
	})
}
