package consent

import (
	"errors"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Signed is what one paper says, as the school that keeps it reads it. It holds identifiers and prints nothing.
type Signed struct {
	Child  person.Key // as the source of identities names the child
	Voice  Voice      // Self for the child, Holder for whoever holds parental authority
	Holder person.Key // who signed, where the school says it; zero otherwise
	Act    Act        // Agreed, Refused or Withdrawn
	Paper  Paper
}

// String shows nothing of the people.
func (Signed) String() string { return "[signed paper]" }

// GoString shows nothing of the people.
func (s Signed) GoString() string { return s.String() }

// ErrPaper says that a paper cannot be what it is said to be.
var ErrPaper = errors.New("the paper does not say what can be attested")

// Attested is the receipt of a paper, for a version of a declaration that it was about: to be written with the journal entry
// of whoever attests. Nothing in it names anybody. A yes holds from the morning of the paper's day and a no until its
// evening, in the zone given: of a yes on paper and a no on the same day, nobody knows which came first. A paper of tomorrow
// is none. ErrPaper: the voice, the act, the day or the document is missing or unknown.
func (l *Ledger) Attested(s Signed, d registry.Declaration, zone *time.Location) (Receipt, error) {
	now := l.Now()
	known := (s.Voice == Self || s.Voice == Holder) && (s.Act == Agreed || s.Act == Refused || s.Act == Withdrawn)
	if !known || s.Child.IsZero() || s.Paper.Day.IsZero() || now.Before(s.Paper.Day.Starts(zone)) || s.Paper.Document == "" || s.Paper.UAI == "" ||
		s.Paper.Everyone && (s.Voice != Holder || !s.Holder.IsZero()) {
		return Receipt{}, ErrPaper
	}
	of := s.Child.Handle(l.Keys)
	r := l.receipt(asked{Speaker: Speaker{Voice: s.Voice, Of: []string{of}}, Question: Question{Declaration: d}}, s.Act, s.Paper.Day.Starts(zone))
	if r.no() {
		if r.At = s.Paper.Day.Ends(zone).Add(-time.Millisecond); r.At.After(now) {
			r.At = now
		}
	}
	paper := s.Paper
	r.Filed, r.Paper = now, &paper
	if !s.Holder.IsZero() {
		r.By, r.Among = speaks(l.Keys, s.Holder.Handle(l.Keys), r.Service), names(l.Keys, s.Holder.Authority, r.Service)
	}
	return r, nil
}
