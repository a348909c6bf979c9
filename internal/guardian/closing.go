package guardian

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

// Reason is why a view was closed or opened again, for the school's journal. A kind says it: no text, in which somebody
// could be named.
type Reason string

// The reasons.
const (
	Court   Reason = "court"   // a judge decided
	Source  Reason = "source"  // the source says what is no longer so
	Danger  Reason = "danger"  // the child may be in danger
	Asked   Reason = "asked"   // the child asked, or somebody who looks after the child
	Over    Reason = "over"    // what it was closed for is over
	Mistake Reason = "mistake" // it was closed by mistake
)

// ToClose and ToOpen list the reasons of each act.
func ToClose() []Reason { return []Reason{Court, Source, Danger, Asked} }

// ToOpen lists why a view is opened again.
func ToOpen() []Reason { return []Reason{Court, Source, Over, Mistake} }

// Closing is one guardian's view of one child that a school closed. Mark is a derivation of the two, made for closings alone:
// it tells closings apart and says nothing of either.
type Closing struct {
	Mark   string
	UAI    person.UAI // the establishment whose school closed it, and opens it again
	Office string     // in which capacity
	By     string     // the handle of who did
	Reason Reason
	At     time.Time
}

// Store is what storage owes. Every write goes with its journal entry in one transaction, durably.
type Store interface {
	// Closed gives the marks that stand under some pairs, by pair.
	Closed(ctx context.Context, pairs []string) (map[string][]string, error)
	// Close files a closing under each of its pairs. Where all of them are there already it changes nothing, writes no entry
	// and gives false.
	Close(ctx context.Context, c Closing, pairs []string, entry audit.Entry) (fresh bool, err error)
	// Open removes what an establishment closed under any of some pairs, whole. Where there is nothing it writes no entry and
	// gives false.
	Open(ctx context.Context, uai person.UAI, pairs []string, entry audit.Entry) (opened bool, err error)
	// Closings lists what an establishment closed, the newest first.
	Closings(ctx context.Context, uai person.UAI) ([]Closing, error)
	// Seen counts, of some handles, those under which the key book knows somebody.
	Seen(ctx context.Context, handles []string) (int, error)
	// Purge removes the closings of before a moment, and journals how many. Without any it writes nothing.
	Purge(ctx context.Context, before time.Time, entry audit.Entry) (int, error)
}

// Deriver computes keyed values: the same for the same purpose and parts, unrelated otherwise, 64 bytes.
type Deriver interface {
	Derive(purpose string, parts ...string) []byte
}

// Book knows what schools closed. It is safe for concurrent use, also by several processes; what one writes all read.
type Book struct {
	Store Store
	Keys  Deriver
	// Handles lists the handles of every key that means a person, that of today first; nil knows of one key only.
	Handles func(ctx context.Context, own person.Key) ([]string, error)
	Now     func() time.Time
}

// Pair is one guardian and one child, by the keys that a source gives them. It prints nothing.
type Pair struct{ Guardian, Child person.Key }

// String shows nothing of the two.
func (p Pair) String() string { return "[guardian and child]" }

// GoString shows nothing of the two.
func (p Pair) GoString() string { return p.String() }

// keptYears is for how long a closing is kept that nobody opens: then no child of that time is a minor.
const keptYears = 18

// Today gives the wards of a person with the authority that they hold today: that of a ward for whom they may not speak, or
// whose view a school closed, is unknown. The wards keep their places. Without any authority nothing is asked of the store.
func (b *Book) Today(ctx context.Context, p person.Person, now time.Time) ([]person.Ward, error) {
	out := slices.Clone(p.Wards)
	var open []int
	for i, w := range out {
		if !Speaks(w, now) {
			if w.Authority == person.Yes {
				out[i].Authority = person.Unknown
			}
			continue
		}
		open = append(open, i)
	}
	if len(open) == 0 || b == nil {
		return out, nil
	}
	own, err := b.handles(ctx, p.Key)
	if err != nil {
		return nil, err
	}
	pairs, all := map[int][]string{}, []string(nil)
	for _, i := range open {
		of, err := b.handles(ctx, out[i].Child)
		if err != nil {
			return nil, err
		}
		pairs[i] = b.pairs(own, of)
		all = append(all, pairs[i]...)
	}
	slices.Sort(all)
	closed, err := b.Store.Closed(ctx, slices.Compact(all))
	if err != nil {
		return nil, fmt.Errorf("guardians: %w", err)
	}
	for _, i := range open {
		if slices.ContainsFunc(pairs[i], func(pair string) bool { return len(closed[pair]) > 0 }) {
			out[i].Authority = person.Unknown
		}
	}
	return out, nil
}

// Close closes a view, under every key of both that is known, until it is opened. A second time changes nothing and writes
// no entry. seen tells whether somebody is known here under each of the two keys: where not, an identifier may be mistyped,
// or nobody has signed in yet. What is filed goes with entry, which is given the mark and the reason.
func (b *Book) Close(ctx context.Context, p Pair, c Closing, entry audit.Entry) (fresh, seen bool, err error) {
	pairs, seen, err := b.find(ctx, p)
	if err != nil {
		return false, false, err
	}
	c.Mark, c.At = pairs[0][:markLength], b.Now().UTC().Truncate(time.Millisecond)
	fresh, err = b.Store.Close(ctx, c, pairs, told(entry, c.Mark, c.Reason))
	if err != nil {
		return false, false, fmt.Errorf("guardians: %w", err)
	}
	return fresh, seen, nil
}

// Open opens what an establishment closed. What another one closed stays closed.
func (b *Book) Open(ctx context.Context, p Pair, uai person.UAI, why Reason, entry audit.Entry) (opened, seen bool, err error) {
	pairs, seen, err := b.find(ctx, p)
	if err != nil {
		return false, false, err
	}
	opened, err = b.Store.Open(ctx, uai, pairs, told(entry, pairs[0][:markLength], why))
	if err != nil {
		return false, false, fmt.Errorf("guardians: %w", err)
	}
	return opened, seen, nil
}

// Closings lists what an establishment closed, the newest first. It names nobody.
func (b *Book) Closings(ctx context.Context, uai person.UAI) ([]Closing, error) {
	out, err := b.Store.Closings(ctx, uai)
	if err != nil {
		return nil, fmt.Errorf("guardians: %w", err)
	}
	return out, nil
}

// Forget removes the closings of which no child is a minor any more.
func (b *Book) Forget(ctx context.Context) error {
	_, err := b.Store.Purge(ctx, b.Now().AddDate(-keptYears, 0, 0), audit.Entry{
		Class: audit.ClassSystem, Action: "guardians_purge", Outcome: audit.Done,
	})
	return err
}

// markLength is how much of a derivation tells closings apart.
const markLength = 16

func told(entry audit.Entry, mark string, why Reason) audit.Entry {
	detail := map[string]string{"closing": mark, "reason": string(why)}
	for key, value := range entry.Detail {
		detail[key] = value
	}
	entry.Detail = detail
	return entry
}

// find gives the pairs of all keys of two people, that of the two keys themselves first.
func (b *Book) find(ctx context.Context, p Pair) (pairs []string, seen bool, err error) {
	if p.Guardian == p.Child {
		return nil, false, errors.New("guardians: nobody is their own guardian")
	}
	own, err := b.handles(ctx, p.Guardian)
	if err != nil {
		return nil, false, err
	}
	of, err := b.handles(ctx, p.Child)
	if err != nil {
		return nil, false, err
	}
	n, err := b.Store.Seen(ctx, []string{own[0], of[0]})
	if err != nil {
		return nil, false, fmt.Errorf("guardians: %w", err)
	}
	return b.pairs(own, of), n == 2, nil
}

func (b *Book) handles(ctx context.Context, key person.Key) ([]string, error) {
	if key.IsZero() {
		return nil, errors.New("guardians: nobody's key")
	}
	if b.Handles == nil {
		return []string{key.Handle(b.Keys)}, nil
	}
	out, err := b.Handles(ctx, key)
	if err != nil {
		return nil, fmt.Errorf("guardians: %w", err)
	}
	if len(out) == 0 {
		return nil, errors.New("guardians: nobody's handle")
	}
	return out, nil
}

// pairs are derivations of each key of one with each key of the other.
func (b *Book) pairs(own, of []string) []string {
	var out []string
	for _, g := range own {
		for _, c := range of {
			out = append(out, hex.EncodeToString(b.Keys.Derive("guardian closing", g, c)[:32]))
		}
	}
	return out
}
