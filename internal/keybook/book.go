package keybook

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/audit"
	"ecluse/internal/person"
)

// Deriver computes keyed values: the same for the same purpose and parts, unrelated otherwise, 64 bytes.
type Deriver interface {
	Derive(purpose string, parts ...string) []byte
}

// Row is one key in the book. Key and Authority are keyed hashes; Number is what the book calls the person.
type Row struct {
	Key, Number, Authority string
	Disputed               bool // two people were said to have it: it joins nobody any more
	Owned                  bool // somebody signed in with it: it is not only what another source says
	Settled                bool // an operator said whose it is: no source's word brings it into doubt
	Year                   int  // the year in which the last school year began in which it was seen
}

// Link says that two numbers were found to mean one person, after each had been given. Place is the order in which those
// of one person were found: what was known before goes before what was found later, so that it keeps on serving.
type Link struct {
	One, Other string
	Place      int
}

// Shelf is what the book holds of some keys: their rows, and the rows and links of every number that belongs with theirs.
type Shelf struct {
	Rows  []Row
	Links []Link
}

// Change is what is to be written: rows that are new or replace the one of their key, and links.
type Change struct {
	Rows  []Row
	Links []Link
}

// Empty tells whether there is nothing to write.
func (c Change) Empty() bool { return len(c.Rows) == 0 && len(c.Links) == 0 }

// ErrChanged says that the shelf is no longer what was looked at.
var ErrChanged = errors.New("the key book has changed meanwhile")

// Store keeps the book and the marks of what was released.
type Store interface {
	// Look gives the shelf of some keys, as of one instant, in no particular order.
	Look(ctx context.Context, keys []string) (Shelf, error)
	// Write writes a change that was decided on what Look gave for the same keys, and an entry of the journal where there
	// is one, all or nothing and durably. It is ErrChanged when Look would give something else by now.
	Write(ctx context.Context, keys []string, seen Shelf, change Change, entry *audit.Entry) error
	// Released tells which of some marks are known.
	Released(ctx context.Context, marks []string) (map[string]bool, error)
}

// Book knows which keys mean one person. It is safe for concurrent use, also by several processes.
type Book struct {
	Store Store
	Keys  Deriver
	Now   func() time.Time // in the academy's time zone, whose school years begin on the first of September
}

// tries is how often a sign-in is decided again on what another one wrote meanwhile.
const tries = 20

// Know files a person's keys and gives what the book calls the person: the number of own first, then those that were found
// to mean the same person, in the order in which they were. also are further keys on which the source's word is taken.
// An error is never an answer: who goes on without one gives the person another pseudonym.
func (b *Book) Know(ctx context.Context, source string, own person.Key, also ...person.Key) ([]string, error) {
	if own.IsZero() {
		return nil, errors.New("key book: nobody's key")
	}
	said := b.said(own, also)
	keys := said.hashes()
	for range tries {
		shelf, err := b.Store.Look(ctx, keys)
		if err != nil {
			return nil, fmt.Errorf("key book: %w", err)
		}
		v := decide(said, shelf)
		if v.change.Empty() {
			return v.numbers, nil
		}
		err = b.Store.Write(ctx, keys, shelf, v.change, v.entry(source))
		if err == nil {
			return v.numbers, nil
		}
		if !errors.Is(err, ErrChanged) {
			return nil, fmt.Errorf("key book: %w", err)
		}
	}
	return nil, fmt.Errorf("key book: %w", ErrChanged)
}

// Serving chooses which of a person's numbers serves for one pseudonym: the first whose pseudonym was released, so that a
// merge changes none; where none was, the same one from whichever source the person comes.
func (b *Book) Serving(ctx context.Context, numbers []string, pseudonym func(number string) string) (string, error) {
	if len(numbers) == 0 {
		return "", errors.New("key book: a person without a number")
	}
	if len(numbers) == 1 {
		return numbers[0], nil
	}
	marks := make([]string, len(numbers))
	for i, n := range numbers {
		marks[i] = Mark(b.Keys, pseudonym(n))
	}
	known, err := b.Store.Released(ctx, marks)
	if err != nil {
		return "", fmt.Errorf("key book: %w", err)
	}
	for i, n := range numbers {
		if known[marks[i]] {
			return n, nil
		}
	}
	return slices.Min(numbers), nil
}

// Mark is how it is remembered that a pseudonym was released. It links it with nothing: not with the person, not with the
// service, not with another pseudonym.
func Mark(keys Deriver, pseudonym string) string {
	return hex.EncodeToString(keys.Derive("released pseudonym", pseudonym)[:32])
}

// SchoolYear is the year in which the school year of a moment began, in the moment's own zone.
func SchoolYear(at time.Time) int {
	if at.Month() < time.September {
		return at.Year() - 1
	}
	return at.Year()
}

// named is a key as the book writes it.
type named struct {
	hash, authority, refused string
	number                   string // what the person is called when nothing else is known
	source                   string // the authority in clear, for the journal
}

// told is what one sign-in says: the source's own key and further ones, and when.
type told struct {
	own  named
	also []named
	year int
}

func (b *Book) said(own person.Key, also []person.Key) told {
	t := told{own: b.named(own), year: SchoolYear(b.Now())}
	for _, k := range also {
		n := b.named(k)
		double := n.authority == t.own.authority || slices.ContainsFunc(t.also, func(o named) bool { return o.authority == n.authority })
		if !k.IsZero() && !double {
			n.refused = b.hash("key book refusal", own.Authority, own.ID, k.Authority, k.ID)
			t.also = append(t.also, n)
		}
	}
	return t
}

func (b *Book) named(k person.Key) named {
	return named{
		hash: k.Handle(b.Keys), authority: b.hash("key book authority", k.Authority),
		number: k.Number(b.Keys), source: k.Authority,
	}
}

func (b *Book) hash(purpose string, parts ...string) string {
	return hex.EncodeToString(b.Keys.Derive(purpose, parts...)[:32])
}

func (t told) hashes() []string {
	out := []string{t.own.hash}
	for _, k := range t.also {
		out = append(out, k.hash, k.refused)
	}
	return out
}
