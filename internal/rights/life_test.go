package rights_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/registry/registrytest"
	"ecluse/internal/rights"
)

func at(t testing.TB, day string) time.Time {
	t.Helper()
	d, err := registry.ParseDate(day)
	if err != nil {
		t.Fatal(err)
	}
	return d.Starts(registrytest.Paris()).Add(12 * time.Hour)
}

func asked(t testing.TB, kind rights.Kind, pause bool) rights.Request {
	t.Helper()
	opened := at(t, "2027-01-31")
	r := rights.Request{Ref: "R", Kind: kind, Opened: opened, Due: rights.DueOn(opened, registrytest.Paris()), State: rights.Open, Settled: true}
	if pause {
		r.Door, r.Settled = rights.Paused, true
	}
	return r
}

func TestMoreTimeIsTakenOnceAndWithinTheFirstMonth(t *testing.T) {
	t.Parallel()
	zone, r := registrytest.Paris(), asked(t, rights.Access, false)
	late := r
	if err := late.Extend(r.Due.Ends(zone), zone); !errors.Is(err, rights.ErrLate) || late != r {
		t.Errorf("a moment too late: %v, %+v", err, late)
	}
	if err := r.Extend(r.Due.Ends(zone).Add(-1), zone); err != nil || r.State != rights.Extended || r.Due.String() != "2027-04-30" || r.ExtendedAt.IsZero() {
		t.Fatalf("%v, due on %s", err, r.Due)
	}
	if err := r.Extend(at(t, "2027-03-01"), zone); !errors.Is(err, rights.ErrState) || r.Due.String() != "2027-04-30" {
		t.Errorf("a second time: %v, due on %s", err, r.Due)
	}
	if err := r.Answer(rights.Refused, "DASEN", false, at(t, "2027-06-01")); err != nil || r.State != rights.Answered || r.Office != "DASEN" {
		t.Errorf("an overdue one is not answered: %v", err)
	}
}

func TestOnlyAnAcceptedObjectionShutsADoorAndEveryOtherEndOpensAPausedOne(t *testing.T) {
	t.Parallel()
	answer := func(o rights.Outcome) func(*rights.Request) error {
		return func(r *rights.Request) error { return r.Answer(o, "x", false, r.Opened) }
	}
	drop := func(r *rights.Request) error { return r.Drop(r.Opened) }
	for name, c := range map[string]struct {
		kind  rights.Kind
		pause bool
		end   func(*rights.Request) error
		want  rights.Door
		owed  bool
	}{
		"accepted":             {rights.Objection, false, answer(rights.Accepted), rights.Shut, true},
		"accepted, paused":     {rights.Objection, true, answer(rights.Accepted), rights.Shut, true},
		"refused":              {rights.Objection, false, answer(rights.Refused), rights.Untouched, false},
		"refused, paused":      {rights.Objection, true, answer(rights.Refused), rights.Reopened, true},
		"dropped, paused":      {rights.Objection, true, drop, rights.Reopened, true},
		"dropped":              {rights.Objection, false, drop, rights.Untouched, false},
		"an erasure, accepted": {rights.Erasure, false, answer(rights.Accepted), rights.Untouched, false},
	} {
		r := asked(t, c.kind, c.pause)
		if err := c.end(&r); err != nil || r.Door != c.want || r.Settled == c.owed {
			t.Errorf("%s: %v, door %q, settled %v", name, err, r.Door, r.Settled)
		}
		if got, want := r.Stands(), c.want == rights.Shut; got != want {
			t.Errorf("%s: stands %v", name, got)
		}
	}
}

func TestNothingIsDoneTwiceNorOutOfOrder(t *testing.T) {
	t.Parallel()
	zone, now := registrytest.Paris(), at(t, "2027-02-10")
	acts := map[string]func(*rights.Request) error{
		"extend":    func(r *rights.Request) error { return r.Extend(now, zone) },
		"answer":    func(r *rights.Request) error { return r.Answer(rights.Accepted, "x", false, now) },
		"drop":      func(r *rights.Request) error { return r.Drop(now) },
		"close":     func(r *rights.Request) error { return r.Close(now) },
		"take back": func(r *rights.Request) error { return r.TakeBack(now) },
	}
	for state, may := range map[rights.State][]string{
		rights.Open:     {"extend", "answer", "drop"},
		rights.Extended: {"answer", "drop"},
		rights.Answered: {"close"},
		rights.Closed:   nil,
		"":              nil,
	} {
		for name, act := range acts {
			r := asked(t, rights.Access, false)
			r.State = state
			before := r
			if err := act(&r); (err == nil) != slices.Contains(may, name) || err != nil && r != before {
				t.Errorf("%s of %q: %v", name, state, err)
			}
		}
	}
	r := asked(t, rights.Objection, false)
	if err := r.Answer("", "x", false, now); !errors.Is(err, rights.ErrState) {
		t.Errorf("an answer that says nothing: %v", err)
	}
	_ = r.Answer(rights.Accepted, "x", false, now) // tried above
	for range 2 {
		err := r.TakeBack(now)
		if r.State != rights.Closed || r.Door != rights.Reopened {
			t.Errorf("taken back: %v, %+v", err, r)
		}
	}
	if err := r.TakeBack(now); !errors.Is(err, rights.ErrState) {
		t.Errorf("twice: %v", err)
	}
}

func TestAnObjectionIsOfferedOnlyWhereTheLawGivesIt(t *testing.T) {
	t.Parallel()
	for basis, want := range map[registry.BasisKind]rights.Way{
		registry.PublicInterest: rights.Object, registry.LegitimateInterest: rights.Object, registry.Consent: rights.Withdraw,
		registry.LegalObligation: rights.Neither, registry.Contract: rights.Neither, "": rights.Neither, "vital": rights.Neither,
	} {
		if got := rights.WayOf(basis); got != want {
			t.Errorf("%q: %q", basis, got)
		}
		f := form(rights.Objection)
		f.Entry.Basis.Kind = basis
		if found := f.Check(); (len(found) == 0) != (want == rights.Object) {
			t.Errorf("%q: %v", basis, found)
		}
		for _, kind := range []rights.Kind{rights.Access, rights.Rectification, rights.Erasure} {
			if f.Kind = kind; len(f.Check()) > 0 {
				t.Errorf("%s on %q: %v", kind, basis, f.Check())
			}
		}
	}
}

func form(kind rights.Kind) rights.Form {
	return rights.Form{
		Ref: "AAAA-BBBB", Kind: kind, UAI: "0280202T", Words: "je veux MARQUE", Contact: "MARQUE@exemple.fr",
		Entry: registry.Declaration{ID: "lire-d", ServiceID: "lire", Version: 3, Basis: registry.Basis{Kind: registry.PublicInterest}},
	}
}

func TestEverythingThatIsWrongWithAFormIsSaidAtOnceAndNothingOfItRepeated(t *testing.T) {
	t.Parallel()
	var where []string
	for _, f := range (rights.Form{Words: "MARQUE\x00" + strings.Repeat("é", 2000), Contact: "MARQUE" + strings.Repeat("é", 200)}).Check() {
		if where = append(where, f.Where); strings.Contains(f.String(), "MARQUE") {
			t.Errorf("%v repeats what was typed", f)
		}
	}
	if want := []string{"kind", "service", "words", "words", "contact"}; !slices.Equal(where, want) {
		t.Errorf("%q, want %q", where, want)
	}
	house := form(rights.Objection)
	house.Entry.ServiceID = registry.House
	if found := house.Check(); len(found) != 1 || found[0].Where != "kind" {
		t.Errorf("an objection to the gateway: %v", found)
	}
	silent := form(rights.Rectification)
	silent.Words = " \n"
	if found := silent.Check(); len(found) != 1 || found[0].Where != "words" {
		t.Errorf("a rectification of nothing: %v", found)
	}
	long := form(rights.Access)
	long.Words, long.Contact = strings.Repeat("é", 1999)+"\n", ""
	if found := long.Check(); len(found) > 0 {
		t.Errorf("a long one: %v", found)
	}
}

func TestWhatIsDueFirstIsReadFirst(t *testing.T) {
	t.Parallel()
	day := func(s string) registry.Date { d, _ := registry.ParseDate(s); return d }
	list := []rights.Request{
		{Ref: "old answer", State: rights.Answered, Since: at(t, "2027-01-01")},
		{Ref: "late", State: rights.Extended, Due: day("2027-03-01")},
		{Ref: "overdue", State: rights.Open, Due: day("2026-12-01")},
		{Ref: "new answer", State: rights.Answered, Since: at(t, "2027-02-01")},
		{Ref: "soon", State: rights.Open, Due: day("2027-02-01")},
	}
	slices.SortFunc(list, rights.ByUrgency)
	var got []string
	for _, r := range list {
		got = append(got, r.Ref)
	}
	if want := []string{"overdue", "soon", "late", "new answer", "old answer"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}
