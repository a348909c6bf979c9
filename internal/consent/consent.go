// Package consent says what the person was told or agreed to before anything leaves: pass, inform or ask; and it keeps
// the receipts. It is the last link of the chain: only a Book makes a Cleared, and a protocol answers to nothing else.
//
// "Journal first" is in the type: a Cleared is made by writing, in one transaction, the journal entry of the release and
// the receipt of what the person did. When either cannot be written there is no Cleared, so there is no answer. That is
// why this package knows the journal's entry type.
//
// Only package login may hold a Book; the import test checks who calls it.
package consent

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/keybook"
	"ecluse/internal/person"
)

// Act is what the person did.
type Act string

// The acts. Passed means that nothing had to be shown.
const (
	Passed   Act = "passed"
	Informed Act = "informed"
	Agreed   Act = "agreed"
)

// Need is what has to happen before a release may leave.
type Need struct {
	Act     Act
	Changed bool // the person saw an earlier version, and its substance has changed since
}

// The errors of Clear and Needs.
var (
	// ErrNeeded says that the person must be shown or asked something first.
	ErrNeeded = errors.New("the person must be shown this first")
	// ErrParents says that consent is asked of a child whose parents have not been asked: nothing may leave.
	ErrParents = errors.New("the agreement of a holder of parental authority is missing")
	// ErrOver says that a declaration on which the release rests has ended since the decision.
	ErrOver = errors.New("the release is over")
)

// Receipt is the trace of one act. Handle is a derivation of the person's key and the declaration, made for receipts
// alone: the table does not say who, and no service holds it. It is made per declaration because somebody who enters one
// service in two establishments under two declarations was told two things, and neither takes the place of the other.
type Receipt struct {
	Handle      string
	Service     string
	Declaration string
	Version     int
	Substance   string
	Act         Act
	At          time.Time
}

// Store is what storage owes the receipts.
type Store interface {
	// Receipt finds the newest receipt of a handle at a service; found is false when there is none.
	Receipt(ctx context.Context, handle, service string) (r Receipt, found bool, err error)
	// Record writes the journal entry, the receipt when there is one, and what left, all or nothing, durably.
	Record(ctx context.Context, entry audit.Entry, receipt *Receipt, left Left) error
}

// Left is which pseudonyms left, by their marks in the key book, and the year in which the school year began.
type Left struct {
	Marks []string
	Year  int
}

// Book clears releases.
type Book struct {
	Store Store
	Keys  attrs.Deriver
	Now   func() time.Time
}

// Cleared is a release that may leave: the person was told what had to be told and the journal has it. Only a Book
// makes one; the zero Cleared answers nothing.
type Cleared struct {
	release attrs.Release
	act     Act
	at      time.Time
}

// Release is what may leave. It is empty for the zero Cleared.
func (c Cleared) Release() attrs.Release { return c.release }

// Empty tells whether nothing was cleared.
func (c Cleared) Empty() bool { return c.release.Empty() }

// Act is what the person did, or Passed when nothing had to be shown.
func (c Cleared) Act() Act { return c.act }

// At is when it was cleared.
func (c Cleared) At() time.Time { return c.at }

// String shows nothing of the person.
func (c Cleared) String() string { return "[cleared release]" }

// GoString shows nothing of the person.
func (c Cleared) GoString() string { return c.String() }

// LogValue shows nothing of the person.
func (c Cleared) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Said is what the person did on a page, and the digest of the release that the page showed.
type Said struct {
	Act    Act
	Digest string
}

// Around is what the journal should know of the sign-in beside the release.
type Around struct {
	Ref      string // the reference number that the person may be shown
	Protocol string
	Later    bool // a later answer of the same sign-in: code exchange, refresh, userinfo
}

// Needs says what has to happen before the release may leave to this person. ErrParents means that nothing can.
func (b *Book) Needs(ctx context.Context, p person.Person, r attrs.Release) (Need, error) {
	need, err := needed(p, r, b.Now())
	if err != nil || need == Passed {
		return Need{Act: need}, err
	}
	last, found, err := b.Store.Receipt(ctx, b.handle(p.Key, r), r.Service().ID)
	if err != nil {
		return Need{}, err
	}
	if found && covers(last, need, r) {
		return Need{Act: Passed}, nil
	}
	return Need{Act: need, Changed: found && last.Substance != r.Declaration().Substance()}, nil
}

// Clear makes the release a cleared one, or says ErrNeeded. The entry is in the journal when it returns without error.
func (b *Book) Clear(ctx context.Context, p person.Person, r attrs.Release, said Said, around Around) (Cleared, error) {
	if r.Empty() {
		return Cleared{}, errors.New("nothing to clear")
	}
	if !b.Now().Before(r.NotAfter()) {
		return Cleared{}, ErrOver
	}
	need, err := b.Needs(ctx, p, r)
	if err != nil {
		return Cleared{}, err
	}
	now := b.Now()
	var receipt *Receipt
	if need.Act != Passed {
		if said.Act != need.Act || said.Digest != r.Digest() {
			return Cleared{}, ErrNeeded
		}
		d := r.Declaration()
		receipt = &Receipt{
			Handle: b.handle(p.Key, r), Service: r.Service().ID, Declaration: d.ID, Version: d.Version,
			Substance: d.Substance(), Act: said.Act, At: now,
		}
	}
	if err := b.Store.Record(ctx, b.entry(p, r, need.Act, around), receipt, b.left(r)); err != nil {
		return Cleared{}, err
	}
	return Cleared{release: r, act: need.Act, at: now}, nil
}

func (b *Book) left(r attrs.Release) Left {
	left := Left{Year: keybook.SchoolYear(r.At())}
	for _, p := range r.Pseudonyms() {
		left.Marks = append(left.Marks, keybook.Mark(b.Keys, p))
	}
	return left
}
