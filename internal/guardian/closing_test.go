package guardian_test

import (
	"context"
	"crypto/sha512"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/guardian"
	"ecluse/internal/person"
)

// noted is a store that notes what it is asked. Those of the real databases are tried in store/sqldb.
type noted struct {
	guardian.Store
	pairs []string
	known []string // the handles that somebody has
}

func (n *noted) Close(_ context.Context, _ guardian.Closing, pairs []string, _ audit.Entry) (bool, error) {
	n.pairs = pairs
	return true, nil
}

func (n *noted) Seen(_ context.Context, handles []string) (int, error) {
	return len(slices.DeleteFunc(slices.Clone(handles), func(h string) bool { return !slices.Contains(n.known, h) })), nil
}

type hashed struct{}

func (hashed) Derive(purpose string, parts ...string) []byte {
	sum := sha512.Sum512([]byte(purpose + "\x00" + strings.Join(parts, "\x00")))
	return sum[:]
}

var (
	nadia = person.Key{Authority: "ent", ID: "nadia"}
	lina  = person.Key{Authority: "ent", ID: "lina"}
)

// book knows each of two people by two keys.
func book(n *noted) *guardian.Book {
	return &guardian.Book{Store: n, Keys: hashed{}, Now: time.Now, Handles: func(_ context.Context, own person.Key) ([]string, error) {
		return []string{own.ID, own.ID + " before"}, nil
	}}
}

func TestAClosingStandsUnderEveryKeyOfBoth(t *testing.T) {
	t.Parallel()
	n := &noted{}
	if _, _, err := book(n).Close(t.Context(), guardian.Pair{Guardian: nadia, Child: lina}, guardian.Closing{UAI: college}, audit.Entry{}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(n.pairs)
	if len(slices.Compact(n.pairs)) != 4 {
		t.Errorf("%d pairs, want two keys of one with two of the other", len(n.pairs))
	}
}

func TestBothAreKnownOrTheIdentifierMayBeMistyped(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		known []string
		seen  bool
	}{{nil, false}, {[]string{"nadia"}, false}, {[]string{"lina"}, false}, {[]string{"lina", "nadia"}, true}} {
		_, seen, err := book(&noted{known: c.known}).Close(t.Context(), guardian.Pair{Guardian: nadia, Child: lina}, guardian.Closing{UAI: college}, audit.Entry{})
		if err != nil || seen != c.seen {
			t.Errorf("known %v: seen %t, %v", c.known, seen, err)
		}
	}
}

func TestNobodyIsTheirOwnGuardian(t *testing.T) {
	t.Parallel()
	n := &noted{}
	b := book(n)
	same := guardian.Pair{Guardian: lina, Child: lina}
	_, _, err := b.Close(t.Context(), same, guardian.Closing{UAI: college}, audit.Entry{})
	_, _, errOpen := b.Open(t.Context(), same, college, guardian.Over, audit.Entry{})
	if err == nil || errOpen == nil || n.pairs != nil {
		t.Errorf("closed: %v, opened: %v, filed: %v", err, errOpen, n.pairs)
	}
}

func TestAPersonWithoutAHandleClosesNothing(t *testing.T) {
	t.Parallel()
	away := errors.New("away")
	for name, handles := range map[string]func(context.Context, person.Key) ([]string, error){
		"none":   func(context.Context, person.Key) ([]string, error) { return nil, nil },
		"failed": func(context.Context, person.Key) ([]string, error) { return []string{"x"}, away },
	} {
		n := &noted{}
		b := book(n)
		b.Handles = handles
		if _, _, err := b.Close(t.Context(), guardian.Pair{Guardian: nadia, Child: lina}, guardian.Closing{}, audit.Entry{}); err == nil || n.pairs != nil {
			t.Errorf("%s: %v, %v", name, err, n.pairs)
		}
	}
}

// TestASchoolIsNamedToWhomItIsTheirOwn and to nobody to whom it may be that of a child, by what the source says of children
// or of an attachment as their guardian: either is enough.
func TestASchoolIsNamedToWhomItIsTheirOwn(t *testing.T) {
	t.Parallel()
	ward := []person.Ward{{Child: lina, UAI: college}}
	at := func(profiles ...person.Profile) (out []person.Affiliation) {
		for _, p := range profiles {
			out = append(out, person.Affiliation{UAI: college, Profile: p})
		}
		return out
	}
	for name, c := range map[string]struct {
		who  person.Person
		want bool
	}{
		"nobody's guardian":                  {person.Person{}, true},
		"a pupil there":                      {person.Person{Affiliations: at(person.Pupil)}, true},
		"a guardian by the attachment alone": {person.Person{Affiliations: at(person.Guardian)}, false},
		"a guardian by the child alone":      {person.Person{Wards: ward}, false},
		"a guardian by both":                 {person.Person{Wards: ward, Affiliations: at(person.Guardian)}, false},
		"a teacher there with a child there": {person.Person{Wards: ward, Affiliations: at(person.Guardian, person.Teacher)}, true},
		"a teacher elsewhere with a child": {person.Person{Wards: ward, Affiliations: []person.Affiliation{
			{UAI: "0280101H", Profile: person.Teacher},
		}}, false},
	} {
		if got := guardian.Names(c.who, college); got != c.want {
			t.Errorf("%s: named %t", name, got)
		}
	}
}
