package storetest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"ecluse/internal/store"
)

// What a write of several tickets promises.

// changing is one change of a ticket.
func changing(do store.Verb, t store.Ticket) store.Op { return store.Op{Do: do, Ticket: t} }

func (s *suite) writeAll() {
	old, over, gone := s.ticket("session", "old", "0"), s.ticket("session", "over", "0"), s.ticket("grant", "gone", "0")
	used := s.ticket("challenge", "used", "0")
	for _, t := range []store.Ticket{old, over, gone, used} {
		s.ok("put", s.store.Put(s.ctx, t))
	}
	s.count("grant", "gone", 1)
	s.count("challenge", "used", 1)
	stored, before := s.get("session", old.Name), s.get("session", over.Name)
	next := stored
	next.Value, next.Expires = []byte("1"), s.now().Add(2*time.Hour)
	fresh, made := s.ticket("code", "fresh", "1"), s.ticket("mark", "made", "1")
	over.Value = []byte("1")
	ops := []store.Op{
		changing(store.Replace, next), changing(store.Create, fresh), changing(store.Delete, gone),
		changing(store.Put, over), changing(store.Put, made), changing(store.Take, used), changing(store.Delete, s.ticket("grant", "never", "")),
	}
	s.ok("write", s.store.Write(s.ctx, ops...))
	fresh.Value[0], next.Value[0] = 'X', 'X'
	for _, name := range []store.Ticket{old, over, fresh, made} {
		if got := s.get(name.Kind, name.Name); string(got.Value) != "1" || got.Version == 0 {
			s.Errorf("%s: got %q, version %d", name, got.Value, got.Version)
		}
	}
	got := s.get("session", old.Name)
	if got.Version != stored.Version+1 || got.Expires.UnixMilli() != next.Expires.UnixMilli() {
		s.Errorf("replaced: version %d after %d, end %s, want %s", got.Version, stored.Version, got.Expires, next.Expires)
	}
	if s.get("session", over.Name).Version == before.Version {
		s.Error("a ticket that was put over another has its version")
	}
	s.absent("grant", gone.Name)
	s.count("grant", "gone", 1)
	s.absent("challenge", used.Name)
	s.count("challenge", "used", 2) // as Take leaves it
	s.is("taken a second time", s.store.Write(s.ctx, changing(store.Put, made), changing(store.Take, used)), store.ErrNotFound)
	s.ok("replace with the version plus one", s.store.Replace(s.ctx, got))
}

// writeNone has each change that cannot be made stand before, between and after others.
func (s *suite) writeNone() {
	there, kept, doomed := s.ticket("session", "there", "0"), s.ticket("session", "kept", "0"), s.ticket("grant", "doomed", "0")
	for _, t := range []store.Ticket{there, kept, doomed} {
		s.ok("put", s.store.Put(s.ctx, t))
	}
	s.count("grant", "doomed", 1)
	was := s.get("session", kept.Name)
	other := s.get("session", there.Name)
	other.Version--
	changed, want := was, int64(1)
	changed.Value = []byte("1")
	others := []store.Op{
		changing(store.Put, s.ticket("code", "new", "1")), changing(store.Create, s.ticket("mark", "new", "1")),
		changing(store.Replace, changed), changing(store.Delete, doomed),
	}
	for bad, why := range map[*store.Op]error{
		{Do: store.Create, Ticket: there}:                                                                  store.ErrExists,
		{Do: store.Replace, Ticket: other}:                                                                 store.ErrConflict,
		{Do: store.Replace, Ticket: s.ticket("session", "absent", "1")}:                                    store.ErrNotFound,
		{Do: store.Take, Ticket: s.ticket("session", "absent", "")}:                                        store.ErrNotFound,
		{Do: store.Create, Ticket: store.Ticket{Kind: "session", Name: s.name("ended"), Expires: s.now()}}: store.ErrInvalid,
	} {
		for at := range len(others) + 1 {
			ops := append(append(append([]store.Op(nil), others[:at]...), *bad), others[at:]...)
			s.is(fmt.Sprintf("write with a %s as number %d", bad, at), s.store.Write(s.ctx, ops...), why)
			s.absent("code", s.name("new"))
			s.absent("mark", s.name("new"))
			want++
			s.count("grant", "doomed", want)
			if got := s.get("session", kept.Name); got.Version != was.Version || string(got.Value) != "0" {
				s.Errorf("a write that failed left %q", got.Value)
			}
			s.get("grant", doomed.Name)
		}
	}
}

func (s *suite) writeInvalid() {
	one := changing(store.Put, s.ticket("session", "one", "1"))
	many := make([]store.Op, store.MaxWrite+1)
	for i := range many {
		many[i] = changing(store.Put, s.ticket("session", strconv.Itoa(i), "1"))
	}
	nameless := one
	nameless.Ticket.Name = ""
	for what, ops := range map[string][]store.Op{
		"nothing":                    nil,
		"too many":                   many,
		"one ticket twice":           {one, changing(store.Create, one.Ticket)},
		"a ticket and its end":       {one, changing(store.Delete, store.Ticket{Kind: one.Ticket.Kind, Name: one.Ticket.Name})},
		"no verb":                    {one, changing("", s.ticket("session", "two", "1"))},
		"an unknown verb":            {one, changing("seize", s.ticket("session", "two", "1"))},
		"a put without a name":       {nameless},
		"a deletion without a name":  {one, changing(store.Delete, nameless.Ticket)},
		"a taking without a name":    {one, changing(store.Take, nameless.Ticket)},
		"a deletion of no kind":      {one, changing(store.Delete, store.Ticket{Name: "two"})},
		"a replacement without end":  {one, changing(store.Replace, store.Ticket{Kind: "session", Name: s.name("two")})},
		"a creation that has ended":  {one, changing(store.Create, store.Ticket{Kind: "session", Name: s.name("two"), Expires: s.now()})},
		"a put of a kind in capital": {one, changing(store.Put, store.Ticket{Kind: "Session", Name: "two", Expires: one.Ticket.Expires})},
	} {
		s.is("write of "+what, s.store.Write(s.ctx, ops...), store.ErrInvalid)
		s.absent("session", one.Ticket.Name)
	}
	s.absent("session", many[0].Ticket.Name)
	s.ok("write of the most", s.store.Write(s.ctx, many[:store.MaxWrite]...))
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	s.is("write with an ended context", s.store.Write(ctx, one), context.Canceled)
	s.absent("session", one.Ticket.Name)
	// The same name under two kinds is two tickets.
	s.ok("write of two kinds", s.store.Write(s.ctx, one, changing(store.Put, s.ticket("code", "one", "2"))))
}

func (s *suite) writeExpired() {
	short, kept := s.ticket("code", "short", "0"), s.ticket("code", "kept", "0")
	short.Expires = s.now().Add(150 * time.Millisecond)
	s.ok("put", s.store.Put(s.ctx, short))
	old := s.get("code", short.Name)
	s.pass(200 * time.Millisecond)
	old.Expires, short.Expires = s.now().Add(time.Hour), s.now().Add(time.Hour)
	s.is("taking of an ended ticket", s.store.Write(s.ctx, changing(store.Put, kept), changing(store.Take, old)), store.ErrNotFound)
	s.is("replacement of an ended ticket", s.store.Write(s.ctx, changing(store.Put, kept), changing(store.Replace, old)), store.ErrNotFound)
	s.absent("code", kept.Name)
	s.ok("creation over an ended ticket", s.store.Write(s.ctx, changing(store.Put, kept), changing(store.Create, short)))
}

// manyWriters use one version up: exactly one of them does, and what it writes beside is all that is there.
func (s *suite) manyWriters() {
	for round := range rounds {
		t := s.ticket("code", strconv.Itoa(round), "unused")
		s.ok("put", s.store.Put(s.ctx, t))
		seen := s.get("code", t.Name)
		token := func(i int) store.Ticket { return s.ticket("token", fmt.Sprint(round, "/", i), "") }
		s.onlyOne(together(callers, func(i int) error {
			used := seen
			used.Value = fmt.Append(nil, i)
			return s.store.Write(s.ctx, changing(store.Create, token(i)), changing(store.Replace, used))
		}), store.ErrConflict)
		winner := string(s.get("code", t.Name).Value)
		for i := range callers {
			_, err := s.store.Get(s.ctx, "token", token(i).Name)
			if found := err == nil; found != (strconv.Itoa(i) == winner) {
				s.Errorf("round %d: caller %s won, what caller %d wrote beside is there: %t", round, winner, i, found)
			}
		}
	}
}

// manyTakersBeside take one ticket: exactly one of them does, and what it writes beside is all that is there.
func (s *suite) manyTakersBeside() {
	for round := range rounds {
		t := s.ticket("challenge", strconv.Itoa(round), "")
		s.ok("put", s.store.Put(s.ctx, t))
		session := func(i int) store.Ticket { return s.ticket("session", fmt.Sprint(round, "/", i), "") }
		s.onlyOne(together(callers, func(i int) error {
			return s.store.Write(s.ctx, changing(store.Create, session(i)), changing(store.Take, t))
		}), store.ErrNotFound)
		found := 0
		for i := range callers {
			if _, err := s.store.Get(s.ctx, "session", session(i).Name); err == nil {
				found++
			}
		}
		if found != 1 {
			s.Errorf("round %d: what %d takers wrote beside is there", round, found)
		}
	}
}

// manyPairs count two numbers up together, half of the callers naming them the other way round.
func (s *suite) manyPairs() {
	a, b := s.ticket("session", "a", "0"), s.ticket("session", "b", "0")
	s.ok("write", s.store.Write(s.ctx, changing(store.Create, a), changing(store.Create, b)))
	const each = 3
	errs := together(callers, func(i int) error {
		names := []string{a.Name, b.Name}
		if i%2 == 1 {
			names = []string{b.Name, a.Name}
		}
		for range each {
			if err := s.addOneToEach(names); err != nil {
				return err
			}
		}
		return nil
	})
	s.ok("write", errors.Join(errs...))
	for _, t := range []store.Ticket{a, b} {
		if got := string(s.get("session", t.Name).Value); got != strconv.Itoa(callers*each) {
			s.Errorf("got %s after %d additions", got, callers*each)
		}
	}
}

func (s *suite) addOneToEach(names []string) error {
	for {
		var ops []store.Op
		for _, name := range names {
			t, err := s.store.Get(s.ctx, "session", name)
			if err != nil {
				return err
			}
			n, err := strconv.Atoi(string(t.Value))
			if err != nil {
				return err
			}
			t.Value = strconv.AppendInt(nil, int64(n)+1, 10)
			ops = append(ops, changing(store.Replace, t))
		}
		if err := s.store.Write(s.ctx, ops...); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}
