package storetest

import (
	"bytes"
	"context"
	"strings"
	"time"

	"ecluse/internal/store"
)

// What one caller alone may rely on.

func (s *suite) putGet() {
	want := s.ticket("session", "a", "value")
	want.Expires = want.Expires.Add(123_456_789 * time.Nanosecond)
	s.ok("put", s.store.Put(s.ctx, want))
	got := s.get("session", want.Name)
	if got.Kind != want.Kind || got.Name != want.Name || !bytes.Equal(got.Value, want.Value) {
		s.Errorf("got %s %q %q, want %s %q %q", got.Kind, got.Name, got.Value, want.Kind, want.Name, want.Value)
	}
	if got.Expires.UnixMilli() != want.Expires.UnixMilli() {
		s.Errorf("got end %s, want %s to the millisecond", got.Expires, want.Expires)
	}
	if got.Version == 0 {
		s.Error("got version zero")
	}
}

func (s *suite) getNothing() { s.absent("session", s.name("never")) }

func (s *suite) putOver() {
	t := s.ticket("session", "a", "one")
	s.ok("put", s.store.Put(s.ctx, t))
	first := s.get("session", t.Name)
	t.Value = []byte("two")
	s.ok("put again", s.store.Put(s.ctx, t))
	second := s.get("session", t.Name)
	if string(second.Value) != "two" {
		s.Errorf("got %q, want the second value", second.Value)
	}
	if first.Version == second.Version {
		s.Error("the second put kept the version of the first")
	}
	s.is("replace of the first", s.store.Replace(s.ctx, first), store.ErrConflict)
}

func (s *suite) create() {
	t := s.ticket("replay", "a", "one")
	s.ok("create", s.store.Create(s.ctx, t))
	t.Value = []byte("two")
	s.is("create again", s.store.Create(s.ctx, t), store.ErrExists)
	if got := s.get("replay", t.Name); string(got.Value) != "one" {
		s.Errorf("got %q, want the first value", got.Value)
	}
	s.ok("delete", s.store.Delete(s.ctx, "replay", t.Name))
	s.ok("create after delete", s.store.Create(s.ctx, t))
	_, err := s.store.Take(s.ctx, "replay", t.Name)
	s.ok("take", err)
	s.ok("create after take", s.store.Create(s.ctx, t))
}

func (s *suite) replace() {
	t := s.ticket("session", "a", "one")
	t.Version = 7
	s.is("replace of nothing", s.store.Replace(s.ctx, t), store.ErrNotFound)
	s.ok("put", s.store.Put(s.ctx, t))
	got := s.get("session", t.Name)
	got.Value, got.Expires = []byte("two"), got.Expires.Add(time.Minute)
	s.ok("replace", s.store.Replace(s.ctx, got))
	s.is("replace with the old version", s.store.Replace(s.ctx, got), store.ErrConflict)
	again := s.get("session", t.Name)
	if again.Version != got.Version+1 {
		s.Errorf("got version %d, want the one before plus one, %d", again.Version, got.Version+1)
	}
	if string(again.Value) != "two" || !again.Expires.Equal(got.Expires) {
		s.Errorf("got %q until %s, want %q until %s", again.Value, again.Expires, got.Value, got.Expires)
	}
	got.Version++
	s.ok("replace with the version plus one", s.store.Replace(s.ctx, got))
}

func (s *suite) replaceReborn() {
	t := s.ticket("session", "a", "one")
	s.ok("put", s.store.Put(s.ctx, t))
	old := s.get("session", t.Name)
	s.ok("delete", s.store.Delete(s.ctx, "session", t.Name))
	s.ok("create", s.store.Create(s.ctx, t))
	s.is("replace of a ticket made anew", s.store.Replace(s.ctx, old), store.ErrConflict)
}

func (s *suite) count(kind store.Kind, name string, want int64) {
	s.Helper()
	got, err := s.store.Increment(s.ctx, kind, s.name(name), time.Hour)
	s.ok("increment", err)
	if got != want {
		s.Errorf("counter %s %s: got %d, want %d", kind, name, got, want)
	}
}

func (s *suite) increment() {
	for want := int64(1); want <= 3; want++ {
		s.count("guess", "a", want)
	}
	s.count("guess", "b", 1)
	s.count("mail", "a", 1)
	s.absent("guess", s.name("a"))
	s.ok("put beside the counter", s.store.Put(s.ctx, s.ticket("guess", "a", "ticket")))
	s.count("guess", "a", 4)
	_, err := s.store.Take(s.ctx, "guess", s.name("a"))
	s.ok("take beside the counter", err)
	s.count("guess", "a", 5)
}

func (s *suite) take() {
	t := s.ticket("code", "a", "value")
	s.ok("put", s.store.Put(s.ctx, t))
	got, err := s.store.Take(s.ctx, "code", t.Name)
	s.ok("take", err)
	if string(got.Value) != "value" || got.Name != t.Name || got.Kind != "code" || got.Version == 0 ||
		got.Expires.UnixMilli() != t.Expires.UnixMilli() {
		s.Errorf("took %#v %q until %s, want what was put", got, got.Value, got.Expires)
	}
	_, err = s.store.Take(s.ctx, "code", t.Name)
	s.is("second take", err, store.ErrNotFound)
	s.absent("code", t.Name)
}

func (s *suite) remove() {
	t := s.ticket("code", "a", "value")
	s.ok("delete of nothing", s.store.Delete(s.ctx, "code", t.Name))
	s.ok("put", s.store.Put(s.ctx, t))
	s.count("code", "a", 1)
	s.ok("delete", s.store.Delete(s.ctx, "code", t.Name))
	s.absent("code", t.Name)
	s.count("code", "a", 1)
}

func (s *suite) epoch() {
	before := time.Now().Add(-time.Minute)
	if s.clock != nil {
		before = s.now()
	}
	first, err := s.store.Epoch(s.ctx)
	s.ok("epoch", err)
	s.pass(2 * time.Millisecond)
	second, err := s.store.Epoch(s.ctx)
	s.ok("epoch again", err)
	if !first.Equal(second) {
		s.Errorf("the epoch moved from %s to %s", first, second)
	}
	if first.Before(before) || first.After(s.now().Add(time.Second)) {
		s.Errorf("epoch %s is not about now, %s", first, s.now())
	}
}

func (s *suite) kinds() {
	// The pairs would meet if kind and name were joined without care.
	for _, kind := range []store.Kind{"a", "a-b", "b"} {
		for _, name := range []string{"x", "b-x", "-b:x", ":x"} {
			t := s.ticket(kind, "", string(kind)+" "+name)
			t.Name = name + s.Name()
			s.ok("create", s.store.Create(s.ctx, t))
		}
	}
	for _, kind := range []store.Kind{"a", "a-b", "b"} {
		for _, name := range []string{"x", "b-x", "-b:x", ":x"} {
			got, err := s.store.Take(s.ctx, kind, name+s.Name())
			s.ok("take", err)
			if want := string(kind) + " " + name; string(got.Value) != want {
				s.Errorf("got %q, want %q", got.Value, want)
			}
		}
	}
}

func (s *suite) names() {
	every := make([]byte, 256)
	for i := range every {
		every[i] = byte(i)
	}
	prefix := s.Name()
	for _, name := range []string{
		"\x00", "a\x00", "a\x00b", "\xff\xfe", "é", "e\u0301", "A", "a", "a ", " a", "'; --", "%", "_", "*", "{}",
		"}a{", "\r\n", string(every), strings.Repeat("n", store.MaxName-len(prefix)),
	} {
		t := s.ticket("replay", "", name)
		t.Name = prefix + name
		s.ok("create under a name of its own", s.store.Create(s.ctx, t))
		got := s.get("replay", t.Name)
		if got.Name != t.Name || string(got.Value) != name {
			s.Errorf("got %q %q, want %q", got.Name, got.Value, t.Name)
		}
		if n, err := s.store.Increment(s.ctx, "replay", t.Name, time.Hour); n != 1 || err != nil {
			s.Errorf("counter %q: got %d, %v, want 1", t.Name, n, err)
		}
	}
}

func (s *suite) values() {
	large := make([]byte, 200_000)
	for i := range large {
		large[i] = byte(i * 7)
	}
	for name, value := range map[string][]byte{"nil": nil, "empty": {}, "zero": {0}, "large": large} {
		t := s.ticket("session", name, "")
		t.Value = value
		s.ok("put", s.store.Put(s.ctx, t))
		got := s.get("session", t.Name)
		if !bytes.Equal(got.Value, value) {
			s.Errorf("%s: got %d bytes that differ from the %d put", name, len(got.Value), len(value))
		}
		s.ok("replace", s.store.Replace(s.ctx, got))
		taken, err := s.store.Take(s.ctx, "session", t.Name)
		s.ok("take", err)
		if !bytes.Equal(taken.Value, value) {
			s.Errorf("%s: took %d bytes that differ from the %d put", name, len(taken.Value), len(value))
		}
	}
}

func (s *suite) copies() {
	t := s.ticket("session", "a", "value")
	s.ok("put", s.store.Put(s.ctx, t))
	t.Value[0] = 'X'
	got := s.get("session", t.Name)
	got.Value[1] = 'X'
	if again := s.get("session", t.Name); string(again.Value) != "value" {
		s.Errorf("got %q: the store shares memory with its callers", again.Value)
	}
}

func (s *suite) invalid() {
	good := s.ticket("session", "a", "value")
	bad := map[string]store.Ticket{}
	for name, change := range map[string]func(*store.Ticket){
		"no kind":         func(t *store.Ticket) { t.Kind = "" },
		"kind in capital": func(t *store.Ticket) { t.Kind = "Session" },
		"kind with colon": func(t *store.Ticket) { t.Kind = "a:b" },
		"kind too long":   func(t *store.Ticket) { t.Kind = store.Kind(strings.Repeat("k", 33)) },
		"no name":         func(t *store.Ticket) { t.Name = "" },
		"name too long":   func(t *store.Ticket) { t.Name = strings.Repeat("n", store.MaxName+1) },
		"no end":          func(t *store.Ticket) { t.Expires = time.Time{} },
		"end now":         func(t *store.Ticket) { t.Expires = s.now() },
		"end past":        func(t *store.Ticket) { t.Expires = s.now().Add(-time.Second) },
	} {
		t := good
		change(&t)
		bad[name] = t
	}
	for name, t := range bad {
		s.is("put with "+name, s.store.Put(s.ctx, t), store.ErrInvalid)
		s.is("create with "+name, s.store.Create(s.ctx, t), store.ErrInvalid)
		s.is("replace with "+name, s.store.Replace(s.ctx, t), store.ErrInvalid)
		if t.Kind == good.Kind && t.Name == good.Name {
			continue
		}
		_, err := s.store.Get(s.ctx, t.Kind, t.Name)
		s.is("get with "+name, err, store.ErrInvalid)
		_, err = s.store.Take(s.ctx, t.Kind, t.Name)
		s.is("take with "+name, err, store.ErrInvalid)
		_, err = s.store.Increment(s.ctx, t.Kind, t.Name, time.Hour)
		s.is("increment with "+name, err, store.ErrInvalid)
		s.is("delete with "+name, s.store.Delete(s.ctx, t.Kind, t.Name), store.ErrInvalid)
	}
	for _, ttl := range []time.Duration{-time.Second, 0, time.Microsecond} {
		_, err := s.store.Increment(s.ctx, "guess", good.Name, ttl)
		s.is("increment for "+ttl.String(), err, store.ErrInvalid)
	}
	s.absent(good.Kind, good.Name)
}

func (s *suite) cancelled() {
	there, absent := s.ticket("session", "a", "value"), s.ticket("session", "b", "value")
	s.ok("put", s.store.Put(s.ctx, there))
	stored := s.get("session", there.Name)
	ctx, cancel := context.WithCancel(s.ctx)
	cancel()
	changed := stored
	changed.Value = []byte("changed")
	_, getErr := s.store.Get(ctx, "session", there.Name)
	_, takeErr := s.store.Take(ctx, "session", there.Name)
	_, incrementErr := s.store.Increment(ctx, "session", there.Name, time.Hour)
	_, epochErr := s.store.Epoch(ctx)
	for what, err := range map[string]error{
		"put": s.store.Put(ctx, changed), "create": s.store.Create(ctx, absent), "get": getErr, "take": takeErr,
		"replace": s.store.Replace(ctx, changed), "delete": s.store.Delete(ctx, "session", there.Name),
		"increment": incrementErr, "epoch": epochErr,
	} {
		s.is(what+" with an ended context", err, context.Canceled)
	}
	s.absent("session", absent.Name)
	if got := s.get("session", there.Name); got.Version != stored.Version || string(got.Value) != "value" {
		s.Error("an operation with an ended context changed the ticket")
	}
	s.count("session", "a", 1)
}
