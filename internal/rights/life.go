package rights

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"ecluse/internal/registry"
)

// The errors of what cannot be done with a request as it is.
var (
	// ErrState says that it is not in a state for that.
	ErrState = errors.New("the request is not in a state for this")
	// ErrLate says that the time in which more could be taken is over (RGPD art. 12(3): within one month).
	ErrLate = errors.New("more time is taken within the first month, or not at all")
)

// Extend takes more time, once, before the first last day is over.
func (r *Request) Extend(now time.Time, zone *time.Location) error {
	switch {
	case r.State != Open, r.Kind == Incident: // art. 33 gives no more time
		return ErrState
	case r.Overdue(now, zone):
		return ErrLate
	}
	r.State, r.Since, r.ExtendedAt, r.Due = Extended, now, now, ExtendedTo(r.Opened, zone)
	return nil
}

// Answer ends what is owed. An objection that is accepted shuts the door; any other end opens one that was paused. Late is
// better than never: an overdue request is answered as any other.
func (r *Request) Answer(outcome Outcome, office string, fiche bool, now time.Time) error {
	if !r.Pending() || outcome != Accepted && outcome != Refused {
		return ErrState
	}
	r.State, r.Since, r.AnsweredAt, r.Outcome, r.Office, r.Fiche = Answered, now, now, outcome, office, fiche
	if r.Kind == Objection && outcome == Accepted {
		r.door(Shut)
	} else {
		r.unpause()
	}
	return nil
}

// Drop is the person's own end of a request that waits for an answer. An incident is looked at whatever they think of it
// later: it may be somebody else who says so in their name.
func (r *Request) Drop(now time.Time) error {
	if !r.Pending() || r.Kind == Incident {
		return ErrState
	}
	r.State, r.Since, r.Outcome = Closed, now, Dropped
	r.unpause()
	return nil
}

// Close ends an answered request: the person has read the answer, or had the time to. What was written may be erased.
func (r *Request) Close(now time.Time) error {
	if r.State != Answered {
		return ErrState
	}
	r.State, r.Since = Closed, now
	return nil
}

// TakeBack takes back an objection that was accepted: the service is as it was before.
func (r *Request) TakeBack(now time.Time) error {
	if !r.Stands() {
		return ErrState
	}
	r.State, r.Since = Closed, now
	r.door(Reopened)
	return nil
}

func (r *Request) unpause() {
	if r.Door == Paused {
		r.door(Reopened)
	}
}

func (r *Request) door(to Door) { r.Door, r.Settled = to, false }

// How long texts may be, in characters.
const (
	MostWords   = 2000
	MostContact = 200
	MostAnswer  = 4000
)

// Form is a request as somebody makes it.
type Form struct {
	Ref     string // drawn for the form, so that sending it twice is one request
	Kind    Kind
	Entry   registry.Declaration // the entry of the register that it is about
	UAI     string
	Pause   bool   // that nothing leaves until the answer; objections alone
	Words   string // the person's own
	Contact string // how to reach them; empty when the portal will do
}

// Check says everything that is wrong with a form, and repeats nothing of it.
func (f Form) Check() []registry.Finding {
	var out []registry.Finding
	say := func(bad bool, where, what, mend string) {
		if bad {
			out = append(out, registry.Finding{Where: where, What: what, Mend: mend})
		}
	}
	known := false
	for _, k := range kinds() {
		known = known || k == f.Kind
	}
	say(!known, "kind", "what is asked for is not chosen", fmt.Sprintf("one of %q", kinds()))
	say(f.Entry.ServiceID == "" || f.UAI == "", "service", "which service it is about is not chosen", "")
	say(f.Kind == Objection && f.Entry.ServiceID != "" && WayOf(f.Entry.Basis.Kind) != Object, "kind",
		"the legal basis of this service gives no objection", string(WayOf(f.Entry.Basis.Kind)))
	say(f.Kind == Objection && f.Entry.ServiceID == registry.House, "kind", "an objection is to one service", "choose the service")
	say((f.Kind == Rectification || f.Kind == Objection) && strings.TrimSpace(f.Words) == "", "words", "it is missing", "a sentence")
	text := func(where, text string, most int) {
		say(len([]rune(text)) > most, where, fmt.Sprintf("it is longer than %d characters", most), "say it shorter")
		say(strings.ContainsFunc(text, odd), where, "it holds a control character", "")
	}
	text("words", f.Words, MostWords)
	text("contact", f.Contact, MostContact)
	return out
}

// odd tells the control characters that nobody types into a text of several lines.
func odd(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }
