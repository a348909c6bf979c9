// Package rights is the noun of a request that somebody makes of whoever answers for their data (RGPD art. 12 and 15 to 21):
// access, rectification, erasure, objection; about one service in one establishment, or about the gateway itself there; and
// of an incident: somebody says of something that was sent that it was not them (art. 33), which nobody drops. It owns what a request is, by when it is answered, what may become of it, what of it is sealed and when that is erased.
//
//	open ──► answered (accepted or refused) ──► closed
//	  │          ▲
//	  └► extended┘       an open or extended one that the person drops is closed at once
//
// Who answers is the controller of the establishment, with the data-protection officer beside; package desk asks package
// roles for that. Who may ask is settled before this package is called: a Party is the person, or somebody who holds
// authority over the child whom the request is about.
//
// Requests are filed under a derivation of the handle of whoever asks, made for requests alone, and a short reference that
// they keep. What people write is sealed; it is erased when the request is closed, and what is left (kind, service,
// establishment, days, outcome) is removed years later.
//
// The package has no HTTP, no SQL and no clock of its own. It holds no receipts: that a service is closed for one person is
// done by Doors.
package rights

import (
	"cmp"
	"log/slog"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Kind is what is asked for.
type Kind string

// The kinds.
const (
	Access        Kind = "access"        // RGPD art. 15
	Rectification Kind = "rectification" // art. 16
	Erasure       Kind = "erasure"       // art. 17
	Objection     Kind = "objection"     // art. 21
	Incident      Kind = "incident"      // something was sent in the person's name and it was not them (art. 33); see Report
)

// kinds lists those that are asked for by a form.
func kinds() []Kind { return []Kind{Access, Rectification, Erasure, Objection} }

// State is how far a request has come.
type State string

// The states.
const (
	Open     State = "open"
	Extended State = "extended" // more time was taken, once, and the person was told why
	Answered State = "answered" // the answer can be read
	Closed   State = "closed"   // what was written is erased
)

// Outcome is how a request ended. It is empty until then.
type Outcome string

// The outcomes.
const (
	Accepted Outcome = "accepted"
	Refused  Outcome = "refused"
	Dropped  Outcome = "dropped" // by the person, before an answer
)

// Door is where a request leaves the service for the person whom it is about.
type Door string

// The doors. Only an objection has one.
const (
	Untouched Door = ""
	Paused    Door = "paused"   // nothing leaves until the answer, as the person asked (RGPD art. 18(1)(d))
	Shut      Door = "shut"     // nothing leaves, until the person takes the objection back
	Reopened  Door = "reopened" // as it was before
)

// Request is one request. Nothing in it says who asks, but to whoever can derive Handle; what was written is in Sealed.
type Request struct {
	Ref         string // the reference that the person keeps, XXXX-XXXX
	Handle      string // of whoever asks: HandleOf
	Whom        string // of the person whom it is about: WhomOf
	Child       bool   // a guardian asks for a child
	Kind        Kind
	Service     string // registry.House for the gateway itself
	UAI         person.UAI
	Declaration string // of the entry of the register that it is about, and its version
	Version     int
	Opened      time.Time
	Due         registry.Date // the last day on which an answer is in time
	State       State
	Since       time.Time // when State was reached
	ExtendedAt  time.Time // zero unless more time was taken
	AnsweredAt  time.Time // zero before
	Outcome     Outcome
	Office      string // the function that answered, in the words of a French decision
	Fiche       bool   // the answer gives the list of everything that was sent
	Door        Door
	Settled     bool   // Door is what the receipts say
	Sealed      string // Contents, as Secrets writes them; empty once they are erased
	Revision    int64  // of the row; 0 before it was ever written
}

// String shows the reference and nothing else.
func (r Request) String() string { return "[request " + r.Ref + "]" }

// GoString shows what String shows.
func (r Request) GoString() string { return r.String() }

// LogValue shows what String shows.
func (r Request) LogValue() slog.Value { return slog.StringValue(r.String()) }

// Pending tells whether an answer is owed.
func (r Request) Pending() bool { return r.State == Open || r.State == Extended }

// Overdue tells whether an answer is owed and its last day is over, in the academy's zone; of an incident, whether its hours
// are.
func (r Request) Overdue(now time.Time, zone *time.Location) bool {
	end := r.Due.Ends(zone)
	if r.Kind == Incident {
		end = r.Opened.Add(IncidentWithin)
	}
	return r.Pending() && !now.Before(end)
}

// Stands tells whether it is an objection that was accepted and not taken back.
func (r Request) Stands() bool { return r.Kind == Objection && r.Outcome == Accepted && r.Door == Shut }

// Way is what the law gives somebody who does not want a service to be sent anything of them.
type Way string

// The ways.
const (
	Object   Way = "object"   // an objection, which the controller answers (RGPD art. 21(1))
	Withdraw Way = "withdraw" // to withdraw the agreement, which needs nobody's answer (art. 7(3))
	Neither  Way = "neither"  // neither: it rests on a law or a contract, or on nothing that can be read
)

// WayOf follows from the legal basis. A basis that is not known gives no objection.
func WayOf(basis registry.BasisKind) Way {
	switch basis {
	case registry.PublicInterest, registry.LegitimateInterest:
		return Object
	case registry.Consent:
		return Withdraw
	default:
		return Neither
	}
}

// ByUrgency orders requests as those who answer read them: what is overdue and what is due first on top, then what was
// answered, the newest first.
func ByUrgency(a, b Request) int {
	if a.Pending() != b.Pending() {
		if a.Pending() {
			return -1
		}
		return 1
	}
	if a.Pending() {
		return cmp.Or(cmp.Compare(a.Due.String(), b.Due.String()), a.Opened.Compare(b.Opened), cmp.Compare(a.Ref, b.Ref))
	}
	return cmp.Or(b.Since.Compare(a.Since), cmp.Compare(a.Ref, b.Ref))
}
