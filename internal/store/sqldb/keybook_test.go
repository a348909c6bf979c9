package sqldb

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/consent"
	"ecluse/internal/keybook"
	"ecluse/internal/keys/keystest"
	"ecluse/internal/person"
)

// shelved is one book on one database, at a moment that a test may move.
type shelved struct {
	*keybook.Book
	store *Keybook
	t     *testing.T
	now   time.Time
}

func newBook(t *testing.T, d *DB, writer string) *shelved {
	t.Helper()
	s := &shelved{store: &Keybook{DB: d, Journal: testJournal(t, d, writer)}, t: t, now: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}
	s.Book = &keybook.Book{Store: s.store, Keys: keystest.Ring(t), Now: func() time.Time { return s.now }}
	return s
}

func named(authority, id string) person.Key { return person.Key{Authority: authority, ID: id} }

func (s *shelved) know(own person.Key, also ...person.Key) []string {
	s.t.Helper()
	numbers, err := s.Know(s.t.Context(), "ent", own, also...)
	if err != nil || len(numbers) == 0 {
		s.t.Fatalf("%d numbers, %v", len(numbers), err)
	}
	return numbers
}

func (s *shelved) conflicts() int {
	s.t.Helper()
	page, err := s.store.DB.Audit().List(s.t.Context(), audit.Query{Class: audit.ClassSystem, Limit: audit.MaxLimit})
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range page.Entries {
		if e.Action == "keybook_conflict" {
			n++
			if e.Source != "ent" || e.Subject != "" || e.Outcome != audit.Refused {
				s.t.Errorf("the entry of a conflict is %+v", e)
			}
		}
	}
	return n
}

func (s *shelved) release(pseudonym string, year int) {
	s.t.Helper()
	r := &Receipts{DB: s.store.DB, Journal: s.store.Journal}
	entry := audit.Entry{Class: audit.ClassRelease, Action: "release", Outcome: audit.Released, Service: "lire"}
	if err := r.Record(s.t.Context(), entry, nil, consent.Left{Marks: []string{keybook.Mark(s.Keys, pseudonym)}, Year: year}); err != nil {
		s.t.Fatal(err)
	}
}

func (s *shelved) serving(numbers []string, pseudonym func(string) string) string {
	s.t.Helper()
	n, err := s.Serving(s.t.Context(), numbers, pseudonym)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

func onEachBook(t *testing.T, test func(t *testing.T, s *shelved)) {
	t.Helper()
	onEach(t, func(t *testing.T, d *DB) { test(t, newBook(t, d, "w-1")) })
}

func TestHardCase4OnePersonFromCM2To6eByTheNationalNumberAlone(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		ine := named("ine-hash", "h1")
		first := s.know(named("ent-a", "1"), ine)
		if len(first) != 1 || first[0] != named("ent-a", "1").Number(s.Keys) {
			t.Error("somebody new does not go by their source's own key")
		}
		s.now = s.now.AddDate(1, 0, 0)
		if got := s.know(named("educonnect", "x"), ine); !slices.Equal(got, first) {
			t.Error("the way from ENT A to EduConnect gives another number")
		}
		if got := s.know(named("educonnect", "x")); !slices.Equal(got, first) {
			t.Error("the second source's own key alone gives another number")
		}
		if got := s.know(named("ent-b", "7"), ine); !slices.Equal(got, first) {
			t.Error("a third source gives another number")
		}
		if got := s.know(named("ent-b", "8")); got[0] == first[0] {
			t.Error("two people have one number")
		}
		if s.conflicts() != 0 {
			t.Error("joins without a doubt are reported")
		}
	})
}

func TestAMergeNeverChangesAReleasedPseudonym(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		a, b, ine := named("ent-a", "1"), named("educonnect", "x"), named("ine-hash", "h1")
		one, other := s.know(a)[0], s.know(b)[0]
		at := func(service string) func(string) string { return func(n string) string { return service + " " + n } }
		s.release("both "+one, 2026)
		s.release("both "+other, 2026)
		s.release("theirs "+other, 2026)
		s.know(a, ine)
		fromB, fromA := s.know(b, ine), s.know(a)
		if len(fromA) != 2 || len(fromB) != 2 || fromA[0] != one || fromB[0] != other || fromA[1] != other || fromB[1] != one {
			t.Fatal("two numbers that were found to mean one person are not both kept, each source's own first")
		}
		if s.serving(fromA, at("both")) != one || s.serving(fromB, at("both")) != other {
			t.Error("a service that knew both loses one")
		}
		if s.serving(fromA, at("theirs")) != other || s.serving(fromB, at("theirs")) != other {
			t.Error("a service that knew one sees another")
		}
		if n := s.serving(fromA, at("new")); n != s.serving(fromB, at("new")) || n != min(one, other) {
			t.Error("a service that knew neither sees two")
		}
		if s.conflicts() != 0 {
			t.Error("a merge is reported as a conflict")
		}
	})
}

func TestTwoPupilsWithOneNationalNumberAreTwoAndTheNumberJoinsNobodyAnyMore(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		ine := named("ine-hash", "h1")
		first, second := s.know(named("ent-a", "1"), ine), s.know(named("ent-a", "2"), ine)
		if first[0] == second[0] || len(first) != 1 || len(second) != 1 {
			t.Fatal("two pupils of one ENT were taken for one")
		}
		if s.conflicts() != 1 {
			t.Errorf("%d reports", s.conflicts())
		}
		third := s.know(named("educonnect", "x"), ine)
		if third[0] == first[0] || third[0] == second[0] {
			t.Error("a number that two pupils have joins a third source")
		}
		for range 2 {
			if !slices.Equal(s.know(named("ent-a", "1"), ine), first) || !slices.Equal(s.know(named("ent-a", "2"), ine), second) {
				t.Error("a pupil's number changed")
			}
		}
		if s.conflicts() != 1 {
			t.Error("each sign-in reports it again")
		}
	})
}

func TestASourceCannotTakeOverSomebodyItNamesDifferently(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		evil, victim, x, y := named("ent-b", "evil"), named("ent-a", "1"), named("ine-hash", "x"), named("ine-hash", "y")
		mine := s.know(evil, x)
		for range 2 { // having one national number, somebody cannot lay claim to another before its owner comes
			if got := s.know(evil, y); !slices.Equal(got, mine) {
				t.Error("a second national number changes who somebody is")
			}
		}
		if s.conflicts() != 1 {
			t.Errorf("%d reports", s.conflicts())
		}
		theirs := s.know(victim, y)
		if theirs[0] == mine[0] {
			t.Fatal("somebody else's number was waiting for the owner")
		}
		if got := s.know(evil, y); !slices.Equal(got, mine) { // nor after
			t.Error("somebody who has a national number of their own was merged with the owner of another")
		}
		if got := s.know(victim, y); !slices.Equal(got, theirs) {
			t.Error("the owner's numbers changed")
		}
		if got := s.know(named("ent-b", "other"), y); got[0] != theirs[0] {
			t.Error("somebody's claim brought another's number into doubt")
		}
	})
}

// TestAKeyInDoubtIsItsOwnersAlone is about a source that is believed on the keys of another that signs people in itself.
func TestAKeyInDoubtIsItsOwnersAlone(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		owner := named("ent-a", "1")
		first, second := s.know(named("ent-b", "a"), owner), s.know(named("ent-b", "b"), owner)
		mine := s.know(owner)
		if mine[0] == first[0] || mine[0] == second[0] || len(mine) != 1 {
			t.Fatal("whoever truly holds the key was taken for one of those that another source named by it")
		}
		if got := s.know(owner); !slices.Equal(got, mine) {
			t.Error("the owner's number changed")
		}
		if a, b := s.know(named("ent-b", "a"), owner), s.know(named("ent-b", "b"), owner); !slices.Equal(a, first) || !slices.Equal(b, second) {
			t.Error("the others' numbers changed")
		}

		known := named("ent-a", "2") // here the owner came before the doubt
		joined := s.know(named("ent-b", "c"), known)
		if got := s.know(known); got[0] != joined[0] {
			t.Fatal("a key that one source named once did not join")
		}
		s.know(named("ent-b", "d"), known)
		if got := s.know(known); got[0] != joined[0] {
			t.Error("a doubt that came later changed the number of somebody who was known")
		}
	})
}

func TestOneAuthorityTwiceInOneSignInIsNoKey(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		one := s.know(named("ent-a", "1"), named("ent-a", "2"), named("ine-hash", "x"), named("ine-hash", "y"), person.Key{})
		if s.know(named("ent-a", "2"))[0] == one[0] || s.know(named("ent-c", "3"), named("ine-hash", "y"))[0] == one[0] {
			t.Error("a second key of one authority joined")
		}
		if _, err := s.Know(t.Context(), "ent", person.Key{}); err == nil {
			t.Error("nobody has a number")
		}
		if _, err := s.Serving(t.Context(), nil, func(string) string { return "" }); err == nil {
			t.Error("nobody has a number that serves")
		}
	})
}

func TestTwoReplicasThatSeeSomebodyAtOnceAgree(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		one, other := newBook(t, d, "w-1"), newBook(t, d, "w-2")
		ine := named("ine-hash", "h")
		const many = 8
		got := make([][]string, 2*many)
		var all sync.WaitGroup
		for i := range many {
			for j, s := range []*shelved{one, other} {
				all.Go(func() {
					authority := "ent-" + string(rune('a'+i))
					got[2*i+j], _ = s.Know(context.Background(), "ent", named(authority, "1"), ine)
				})
			}
		}
		all.Wait()
		for i, numbers := range got {
			if len(numbers) == 0 {
				t.Fatal("a replica could not say who it is")
			}
			now := one.know(named("ent-"+string(rune('a'+i/2)), "1"), ine)
			if now[0] != numbers[0] || !slices.Equal(slices.Sorted(slices.Values(now)), slices.Sorted(slices.Values(one.know(named("ent-a", "1"))))) {
				t.Error("one person has different numbers on two replicas")
			}
		}
		if one.conflicts() != 0 {
			t.Error("a race is reported as a conflict")
		}
	})
}

// Two pupils with one national number that arrive at once are kept apart as they would be one after the other.
func TestTwoReplicasDoNotMergeTwoPeopleBetweenThem(t *testing.T) {
	t.Parallel()
	onEach(t, func(t *testing.T, d *DB) {
		one, other := newBook(t, d, "w-1"), newBook(t, d, "w-2")
		var a, b []string
		var both sync.WaitGroup
		both.Go(func() { a, _ = one.Know(context.Background(), "ent", named("ent-a", "1"), named("ine-hash", "h")) })
		both.Go(func() { b, _ = other.Know(context.Background(), "ent", named("ent-a", "2"), named("ine-hash", "h")) })
		both.Wait()
		if len(a) != 1 || len(b) != 1 || a[0] == b[0] || one.conflicts() != 1 {
			t.Errorf("%d and %d numbers, %d reports", len(a), len(b), one.conflicts())
		}
	})
}

func TestWhatWasDecidedOnAnOlderShelfIsNotWritten(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		change := keybook.Change{Rows: []keybook.Row{{Key: "k", Number: "n", Year: 2026}}, Links: []keybook.Link{{One: "n", Other: "m"}}}
		if err := s.store.Write(t.Context(), []string{"k"}, keybook.Shelf{}, change, nil); err != nil {
			t.Fatal(err)
		}
		change.Rows[0].Number = "another"
		entry := &audit.Entry{Class: audit.ClassSystem, Action: "keybook_conflict", Outcome: audit.Refused, Source: "ent"}
		for _, e := range []*audit.Entry{nil, entry} {
			if err := s.store.Write(t.Context(), []string{"k"}, keybook.Shelf{}, change, e); !errors.Is(err, keybook.ErrChanged) {
				t.Errorf("written over: %v", err)
			}
		}
		shelf, err := s.store.Look(t.Context(), []string{"k"})
		if err != nil || len(shelf.Rows) != 1 || shelf.Rows[0].Number != "n" || len(shelf.Links) != 1 || s.conflicts() != 0 {
			t.Errorf("%d rows, %d links, %d entries, %v", len(shelf.Rows), len(shelf.Links), s.conflicts(), err)
		}
	})
}

func TestHardCase10APupilWhoComesBackInNovemberHasTheNumberStill(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		before := s.know(named("ent-a", "1"), named("ine-hash", "h"))
		s.now = s.now.AddDate(0, 11, 0)
		if got := s.know(named("ent-b", "9"), named("ine-hash", "h")); !slices.Equal(got, before) {
			t.Error("a pupil who left and came back has another number")
		}
	})
}

func TestHardCase37TheBookForgetsAfterRetentionWhatNobodyUsedSince(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		entry := audit.Entry{Class: audit.ClassSystem, Action: "keybook_purge", Outcome: audit.Done}
		gone, stays := named("ent-a", "1"), named("ent-a", "2")
		s.know(gone, named("ine-hash", "h"))
		s.know(stays)
		s.release("old", 2020)
		s.release("used again", 2020)
		s.release("used again", 2026)
		s.release("used again", 2021) // a late writer moves nothing back
		s.now = s.now.AddDate(5, 0, 0)
		s.know(stays)
		keys, marks, err := s.store.Purge(t.Context(), 2027, entry)
		if err != nil || keys != 2 || marks != 2 {
			t.Fatalf("%d keys, %d marks, %v", keys, marks, err)
		}
		shelf, _ := s.store.Look(t.Context(), nil)
		if numbers, err := s.store.Numbers(t.Context(), "", 10); err != nil || len(numbers) != 1 || len(shelf.Rows) != 0 {
			t.Errorf("%d people are left, %v", len(numbers), err)
		}
		if keys, marks, err := s.store.Purge(t.Context(), 2027, entry); err != nil || keys+marks != 0 {
			t.Errorf("a second purge: %d, %d, %v", keys, marks, err)
		}
	})
}

func TestAMarkIsKeptForTheLastYearOfItsPseudonym(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		entry := audit.Entry{Class: audit.ClassSystem, Action: "keybook_purge", Outcome: audit.Done}
		s.release("p", 2020)
		s.release("p", 2026)
		s.release("p", 2021)
		mark := keybook.Mark(s.Keys, "p")
		if _, marks, err := s.store.Purge(t.Context(), 2026, entry); err != nil || marks != 0 {
			t.Errorf("%d marks of a pseudonym that was in use went, %v", marks, err)
		}
		if known, err := s.store.Released(t.Context(), []string{mark, "another"}); err != nil || !known[mark] || known["another"] {
			t.Errorf("what was released is not known: %v, %v", known, err)
		}
	})
}

func TestNothingOfAKeyIsInTheBook(t *testing.T) {
	t.Parallel()
	onEachBook(t, func(t *testing.T, s *shelved) {
		s.know(named("the-authority", "the-identifier"), named("ine-hash", "the-number"))
		shelf, err := s.store.Look(t.Context(), nil)
		if err != nil {
			t.Fatal(err)
		}
		numbers, err := s.store.Numbers(t.Context(), "", 10)
		if err != nil || len(numbers) != 1 || len(numbers[0]) != 64 || len(shelf.Rows) != 0 {
			t.Fatalf("%d people, %v", len(numbers), err)
		}
		rows, err := s.store.DB.reader().QueryContext(t.Context(), `SELECT id, number, authority FROM keybook_keys`)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var columns [3]string
			if err := rows.Scan(&columns[0], &columns[1], &columns[2]); err != nil {
				t.Fatal(err)
			}
			for _, c := range columns {
				if len(c) != 64 || c == columns[1] && c != numbers[0] {
					t.Error("a column holds something else than a keyed hash")
				}
			}
			if columns[0] == columns[1] {
				t.Error("a key's hash is the person's number")
			}
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
	})
}
