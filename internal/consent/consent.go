// Package consent says what the person was told or agreed to before anything leaves: pass, inform or ask; and it keeps
// the receipts. It is the last link of the chain: only a Book makes a Cleared, and a protocol answers to nothing else.
//
// What is asked is a Question: it follows from the declared legal basis and the age facts (Asks). What was said to it, by
// the person, by holders of parental authority, on paper, by the controller, are receipts; Question.Weigh says where they
// leave it. Both are pure. A Ledger files what is said and reads it; a Book is a Ledger that may also clear a release.
//
// "Journal first" is in the type: a Cleared is made by writing, in one transaction, the journal entry of the release and
// the receipt of what the person did. When either cannot be written there is no Cleared, so there is no answer. That is
// why this package knows the journal's entry type. One sees a Cleared before: Around.With, which makes what is written in
// that same transaction, and keeps to itself what it makes of it until Clear has said yes.
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
	"ecluse/internal/registry"
)

// Act is what somebody did or said.
type Act string

// The acts. Passed means that nothing had to be shown.
const (
	Passed    Act = "passed"
	Informed  Act = "informed"
	Agreed    Act = "agreed"
	Refused   Act = "refused"   // no, when asked
	Withdrawn Act = "withdrawn" // no, after a yes
	Closed    Act = "closed"    // the controller's: for this person alone
	Opened    Act = "opened"    // and back
)

// Need is what has to happen before a release may leave.
type Need struct {
	Act      Act // Passed, Informed or Agreed
	Mode     Mode
	Changed  bool      // the person saw an earlier version, and its substance has changed since
	Changes  []Change  // in what, where the earlier version is still known
	Declined time.Time // when they said no to this very substance; zero when they did not, or took it back
}

// The errors of Clear and Needs.
var (
	// ErrNeeded says that the person must be shown or asked something first. It is wrapped by an *Asking, and so is ErrDeclined.
	ErrNeeded = errors.New("the person must be shown this first")
	// ErrDeclined says that the person was asked this already and said no; they may take it back, and are not asked again
	// unless they want to be.
	ErrDeclined = errors.New("the person said no")
	// ErrParents says that consent is asked of a child and that those who hold parental authority have not all said yes. It
	// does not say who.
	ErrParents = errors.New("the agreement of a holder of parental authority is missing")
	// ErrClosed says that the controller closed the service for this person. It is wrapped by a *Closing.
	ErrClosed = errors.New("the service is closed for this person")
	// ErrOver says that a declaration on which the release rests has ended since the decision.
	ErrOver = errors.New("the release is over")
)

// Asking is the error of Clear with what has to happen first, as it stood when it was looked up.
type Asking struct{ Need Need }

// Error is that of ErrDeclined for who said no already, and ErrNeeded's for everybody else.
func (a *Asking) Error() string { return a.Unwrap().Error() }

// Unwrap makes it the one or the other.
func (a *Asking) Unwrap() error {
	if a.Need.Declined.IsZero() {
		return ErrNeeded
	}
	return ErrDeclined
}

// Closing is the error of a service that is closed for one person, and what they may do instead.
type Closing struct{ Instead registry.Text }

// Error is ErrClosed's.
func (c *Closing) Error() string { return ErrClosed.Error() }

// Is makes it an ErrClosed.
func (c *Closing) Is(target error) bool { return target == ErrClosed }

// Store is what storage owes the receipts.
type Store interface {
	// Receipts lists what was said under any of the handles, in no order.
	Receipts(ctx context.Context, handles []string) ([]Receipt, error)
	// Record writes the journal entry, the receipts if there are any, and what left, all or nothing, durably.
	Record(ctx context.Context, entry audit.Entry, receipts []Receipt, left Left) error
	// RecordAll writes several journal entries and the receipts, all or nothing, durably.
	RecordAll(ctx context.Context, entries []audit.Entry, receipts []Receipt) error
}

// Left is which pseudonyms left, by their marks in the key book, and the year in which the school year began. With is
// what Around's gave.
type Left struct {
	Marks []string
	Year  int
	With  any
}

// Book clears releases.
type Book struct {
	Store  Store
	Keys   attrs.Deriver
	People People                             // nil knows everybody by one key
	Past   func() (*registry.Snapshot, error) // finds earlier versions; nil knows none
	Now    func() time.Time
}

// Ledger is a Book that clears nothing: what was said is filed in it and read from it.
type Ledger Book

// Ledger is the book without the right to clear.
func (b *Book) Ledger() *Ledger { return (*Ledger)(b) }

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
	Ask      bool // the person is told or asked again, although what they said stands

	// With, where there is one, is asked last of all for a store.Rider of the database that the journal is in, or for nil:
	// what it gives is written with what Clear writes, or nothing is, and its error is Clear's. It is shown the Cleared as
	// it will be, to make an answer of that leaves once Clear has returned without an error, and is forgotten otherwise. A
	// Clear that comes to an *Asking has not asked it.
	With func(Cleared) (any, error)
}

// again makes a question of one that is settled, for a service that wants it put anew. Whatever cannot be asked cannot be
// asked again either.
func (a Around) again(need Need) Need {
	if a.Ask && !a.Later && need.Act == Passed {
		need.Act = needed(need.Mode)
	}
	return need
}

// needed is what has to happen before anything leaves under a mode.
func needed(m Mode) Act {
	if m == Information {
		return Informed
	}
	return Agreed
}

// weigh says what has to happen before the release may leave to this person, and what was asked of whom. ErrParents and
// ErrClosed mean that nothing can.
func (b *Book) weigh(ctx context.Context, p person.Person, r attrs.Release) (Need, asked, error) {
	l := b.Ledger()
	who, err := l.Myself(ctx, p)
	if err != nil {
		return Need{}, asked{}, err
	}
	past := l.past()
	a := asked{Speaker: who, Question: Asks(p, r.Profile(), r.Declaration(), r.Rules(), past, b.Now().In(r.At().Location())).At(r.Establishment().UAI)}
	said, err := l.Said(ctx, who.Of, r.Service().ID)
	if err != nil {
		return Need{}, a, err
	}
	a.at = l.after(who, said)
	need, err := a.need(said, past)
	return need, a, err
}

// asked is a question, to whom it was put, and when their answer is said.
type asked struct {
	Speaker
	Question
	at time.Time
}

func (a asked) need(said []Receipt, past Versions) (Need, error) {
	found := a.Weigh(said)
	need := Need{Act: needed(a.Mode), Mode: a.Mode}
	switch found.Answer {
	case Shut:
		return Need{}, &Closing{found.Closing.Instead}
	case Parents:
		return Need{}, ErrParents
	case Stands:
		need.Act = Passed
	case Declined:
		need.Declined = found.Own.At
	case Missing:
		last := found.Own
		if need.Changed = last.Act != "" && last.Substance != a.Declaration.Substance(); need.Changed {
			need.Changes = a.since(last, past)
		}
	}
	return need, nil
}

// since says in what the present version differs from the one that a receipt names; nothing where that is not known.
func (a asked) since(last Receipt, past Versions) []Change {
	if past == nil {
		return nil
	}
	before, known := past.Declaration(last.Declaration, last.Version)
	if !known || before.Substance() != last.Substance {
		return nil
	}
	return Changes(before, a.Declaration, a.Profile)
}

// Clear makes the release a cleared one, or says in an *Asking what has to be shown or asked first. The entry is in the
// journal when it returns without error. ErrParents and ErrClosed mean that nothing can be asked.
func (b *Book) Clear(ctx context.Context, p person.Person, r attrs.Release, said Said, around Around) (Cleared, error) {
	if r.Empty() {
		return Cleared{}, errors.New("nothing to clear")
	}
	if !b.Now().Before(r.NotAfter()) {
		return Cleared{}, ErrOver
	}
	need, a, err := b.weigh(ctx, p, r)
	if err != nil {
		return Cleared{}, err
	}
	need = around.again(need)
	now := b.Now()
	var receipts []Receipt
	if need.Act != Passed {
		if said.Act != need.Act || said.Digest != r.Digest() {
			return Cleared{}, &Asking{need}
		}
		receipts = []Receipt{b.Ledger().receipt(a, said.Act, a.at)}
	}
	cleared, left := Cleared{release: r, act: need.Act, at: now}, b.left(r)
	if around.With != nil {
		if left.With, err = around.With(cleared); err != nil {
			return Cleared{}, err
		}
	}
	if err := b.Store.Record(ctx, b.entry(p, r, need.Act, around), receipts, left); err != nil {
		return Cleared{}, err
	}
	return cleared, nil
}

// Refuse keeps that the person said no to what a page asked them. Where the page only told them something there is nothing
// to say no to, and nothing is kept; neither is a no to something else than what is true now, or one said twice.
func (b *Book) Refuse(ctx context.Context, p person.Person, r attrs.Release, said Said, around Around) error {
	need, a, err := b.weigh(ctx, p, r)
	need = around.again(need)
	if err != nil || need.Act != Agreed || !need.Declined.IsZero() || said.Digest != r.Digest() {
		return err
	}
	entry := b.entry(p, r, Refused, around)
	entry.Action, entry.Outcome, entry.Attributes, entry.Detail = actSaid, audit.Done, nil, map[string]string{"voice": string(Self)}
	return b.Store.Record(ctx, entry, []Receipt{b.Ledger().receipt(a, Refused, a.at)}, Left{})
}

func (b *Book) left(r attrs.Release) Left {
	left := Left{Year: keybook.SchoolYear(r.At())}
	for _, p := range r.Pseudonyms() {
		left.Marks = append(left.Marks, keybook.Mark(b.Keys, p))
	}
	return left
}
