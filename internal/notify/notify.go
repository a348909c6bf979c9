// Package notify says who is told what by mail, and when: at once of a suspension, of an incident and of an appointment by
// the command line; 90, 30 and 7 days before an end whoever can renew, then one level up; once a week all else, as a
// digest. It owns these rules, the words of the mails and the contract of the outbox. It does not own addresses (a Box
// names a function, never a person), nor how a mail travels.
//
// What is due follows from the registry and the clock alone (View); what was told is in the outbox, under marks that are
// kept in the same transaction as the mails. So nothing is told twice, whatever is restarted and however many replicas
// look, and nothing is lost that was due while all of them were down. Network is touched by Postman alone.
//
// A mail names services, schools and functions, counts the rest and leads to the desk, where one signs in: no person, no
// reason that somebody wrote, no link that does anything.
package notify

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Box is a functional mailbox: of a function, over what it is held. Who reads it is not known here.
type Box struct {
	Role registry.Role `json:"role"`
	Of   string        `json:"of,omitempty"` // a school's UAI, a DASEN's department, a provider's service, the academy of the others
}

// String is the function and what it is held over.
func (b Box) String() string {
	if b.Of == "" {
		return string(b.Role)
	}
	return string(b.Role) + " " + b.Of
}

// UAI is the school whose box it is; ok is false for all others.
func (b Box) UAI() (person.UAI, bool) {
	if b.Role != registry.HeadOfSchool && b.Role != registry.Directeur {
		return "", false
	}
	return person.UAI(b.Of), b.Of != ""
}

// Kind is what a mail is about: a stable word.
type Kind string

// The kinds.
const (
	Suspended Kind = "suspended"      // a service, a declaration or a source was stopped
	Stopped   Kind = "suspended_here" // a service was stopped in one school
	Incident  Kind = "incident"       // something happened to data; the desk says what
	ByLink    Kind = "admin_link"     // somebody was appointed by the command line
	Ending    Kind = "ending"         // a declaration ends before long, or has just ended
	Digest    Kind = "digest"         // what waits
)

// Kinds lists every kind.
func Kinds() []Kind { return []Kind{Suspended, Stopped, Incident, ByLink, Ending, Digest} }

// Urgent tells whether a mail of the kind leaves before all others.
func (k Kind) Urgent() bool { return k != Ending && k != Digest }

// State is where a mail stands.
type State string

// The states.
const (
	Queued  State = "queued"
	Sent    State = "sent"    // the relay has taken it
	Failed  State = "failed"  // given up
	Bounced State = "bounced" // the relay had taken it, and reported later that it could not be delivered
)

// Mail is one mail to one mailbox. It holds nothing personal and no address.
type Mail struct {
	ID      string // not to be guessed: whoever reports a bounce knows it from the mail's head
	To      Box
	Kind    Kind
	About   string // a service, a source or an incident; empty where it is about several things
	Subject string
	Text    string
	Made    time.Time

	State    State
	Code     string // why it failed or bounced, in numbers: recipient 550 5.1.1
	Attempts int    // set by Lease: this one included
	Settled  time.Time
}

// String shows the id, the kind and the function, not the text.
func (m Mail) String() string {
	return "mail " + m.ID + " (" + string(m.Kind) + ") to " + m.To.String()
}

// GoString shows what String shows.
func (m Mail) GoString() string { return m.String() }

// LogValue shows what String shows.
func (m Mail) LogValue() slog.Value { return slog.StringValue(m.String()) }

// Query chooses mails of the list.
type Query struct {
	UAIs   []person.UAI // of the boxes of these schools; nil of every box, an empty list of none
	Wrong  bool         // only what failed or bounced
	Limit  int          // 1 to 500
	Before time.Time    // made before; zero begins with the newest
	Past   string       // and, of those made at that very instant, only ids after this one
}

// ErrNone says that there is no such mail, or that it does not stand where it would have to.
var ErrNone = errors.New("no such mail")

// Outbox keeps what is to be sent, what was, and what was told. What it acknowledged survives a kill.
type Outbox interface {
	// Unknown gives those of the marks that nothing was told under.
	Unknown(ctx context.Context, marks []string) ([]string, error)
	// Put keeps mails and the marks they are told under, all or none: put is false, and nothing is kept, when one of the
	// marks is there. Of several replicas one puts.
	Put(ctx context.Context, marks []string, mails []Mail, at time.Time) (put bool, err error)
	// Lease gives queued mails that are due, urgent ones first, and hides them from every other lease until the given
	// instant; what is not settled by then is leased again.
	Lease(ctx context.Context, limit int, now, until time.Time) ([]Mail, error)
	// Settle says what became of the attempt that a lease began; of an older attempt nothing is kept. Queued needs the
	// instant of the next one.
	Settle(ctx context.Context, m Mail, next time.Time) error
	// Bounce says that a mail which had been sent came back, or ErrNone.
	Bounce(ctx context.Context, id, code string, at time.Time) error
	// List gives the newest mails first, without their texts.
	List(ctx context.Context, q Query) ([]Mail, error)
	// Count gives how many mails wait, and how many were settled in each way since an instant.
	Count(ctx context.Context, since time.Time) (map[State]int, error)
	// Forget removes mails that were settled before an instant, and marks that are older than another.
	Forget(ctx context.Context, settled, marked time.Time) error
}
