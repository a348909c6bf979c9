// Package login is the thread of one sign-in, from a service's request to the answer: the transaction, the SSO session,
// the choice of a source and of an establishment, the decision, the page that informs or asks, the answer, later
// answers, and the way out. It implements idp.Gateway toward protocols and upstream.Host toward sources, and it alone
// holds a consent.Book.
//
// It decides nothing about data: package policy does, and attrs, and consent. Persons live in tickets, sealed, with an
// end; grants and releases are computed anew at each hop and never stored.
//
// No step calls another one. Each leaves its mark in the transaction; then Flow.next looks at the transaction and names
// the step to take:
//
//	request in ─► open? ─► session? ─► recognised? ─► place? ─► charter? ─► gate ► release ─► told? ─► clear ─► answer out
//	               │no       │no          │no           │many      │unread      │no             │no
//	               ▼         ▼            ▼             ▼          ▼            ▼               ▼
//	            refusal  source ► …  "is it you?"    chooser   its page      refusal     information page
//
// "Is it you?" is for shared devices alone, and for whoever gave no proof in the course of this very request.
//
// Routes (all GET or POST of our own pages, but /go, which an ENT links to):
//
//	GET  /go/{service}            a tile of an ENT: remembers the hints and sends the browser to the service
//	GET  /entrer                  begins a sign-in for a page of ours, and for no service
//	GET  /flow/{txn}              the dispatcher
//	POST /flow/{txn}/source       a source was chosen
//	POST /flow/{txn}/recognise    "it is me"
//	POST /flow/{txn}/notme        "it is not me": ends the session and begins again at the source
//	POST /flow/{txn}/place        an establishment was chosen
//	POST /flow/{txn}/charter      the charter of the establishment was read, or put off
//	POST /flow/{txn}/inform       the information page was answered
//	POST /flow/{txn}/back         back to the service after a refusal
//	GET  /signout, POST /signout  the end of the session, and what it came to at each service
//	GET  /signout/next            the next service that the browser has to visit for it
//	GET  /signout/back            back to the service that asked for it
//	GET  /signout/asked/{leaving} a service asks for it; POST takes the person's answer
//	GET  /demander/{service}      staff ask for a service that was refused to them; POST sends it
package login

import (
	"context"
	"errors"
	"log/slog"
	"net/netip"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/consent"
	"ecluse/internal/guardian"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/upstream"
	"ecluse/internal/web"
)

// Flow runs sign-ins. Its fields are filled by package app and not changed afterwards; it is safe for concurrent use.
type Flow struct {
	Live       Registry
	Engine     *attrs.Engine
	Book       *consent.Book
	People     People        // the key book; nil asks nobody, and everybody goes by their source's own key
	Charters   *charter.Book // nil asks nobody to read a charter
	Journal    Journal
	Tickets    store.Tickets
	Keys       Keys
	Kit        *web.Kit
	Protocols  map[string]idp.Protocol
	Connectors map[string]upstream.Connector // by source id
	SetUp      map[string]registry.Source    // by source id, as it stood when its connector was made
	Meter      Meter
	Log        *slog.Logger
	Now        func() time.Time
	Limits     Limits

	SharedNetworks []netip.Prefix // whoever comes from one of them sits at a shared device
	Guardians      *guardian.Book // which views schools closed; nil knows of none
	Proofs         Proofs         // takes what sources say to Prove; nil takes nothing
	Wishes         Wishes         // takes what staff ask to have opened; nil offers nobody to ask
	Home           string         // the local path of a person's own pages; empty where there are none

	seen  lastSeen
	rolls rolls
	marks marks
}

// Wishes takes requests of staff to have a service opened in their establishment. Nothing opens by them.
type Wishes interface {
	// Wish records that somebody would like a service; the same wish of several people is one, and wishing twice changes
	// nothing. about is the service's name, reason what it is for. The error is ErrMayNot for whoever may ask for nothing
	// there; it never says who else wishes it.
	Wish(ctx context.Context, who person.Person, uai person.UAI, about, reason string) error
}

// ErrMayNot says that somebody may not ask for a service in an establishment.
var ErrMayNot = errors.New("this person may not ask for a service there")

// Registry gives the present view of what is registered.
type Registry interface {
	Current() (*registry.Snapshot, error)
}

// Journal writes entries that stand for themselves: sign-ins, refusals, sign-outs.
type Journal interface {
	Append(ctx context.Context, e audit.Entry) (audit.Entry, error)
}

// Keys proves that a form belongs to a step of a transaction, and derives the journal's name of a person.
type Keys interface {
	MAC(purpose string, parts ...string) string
	CheckMAC(mac, purpose string, parts ...string) bool
	Derive(purpose string, parts ...string) []byte
}

// Meter counts. Its labels come from closed lists.
type Meter interface {
	Decision(outcome, reason string)
	SignIn(protocol, outcome string)
	Took(stage string, d time.Duration)
}

// Limits are how long things last.
type Limits struct {
	Transaction time.Duration // from the request to the answer
	Idle        time.Duration // a session without a sign-in
	Shared      time.Duration // the same on a shared device
	Session     time.Duration // a session at most
	Later       time.Duration // later answers, where the declaration does not say
	Recent      time.Duration // a proof that is good for taking an agreement back and for a copy of everything
}

// DefaultLimits suit a school day on shared devices.
func DefaultLimits() Limits {
	return Limits{Transaction: 30 * time.Minute, Idle: time.Hour, Shared: 10 * time.Minute, Session: 8 * time.Hour, Later: 10 * time.Minute, Recent: 15 * time.Minute}
}

// step is what happens next in a transaction.
type step int

const (
	stepRefuse step = iota
	stepPassive
	stepSource
	stepBegin
	stepRecognise
	stepPage
	stepPlace
	stepDecide
)

// next looks at the transaction and names the next step. view is what the browser and the registry say now.
func (f *Flow) next(t *transaction, v view) step {
	switch {
	case t.Failure != nil:
		return stepRefuse
	case v.session != nil && t.accepts(v.session, f.Now()) && f.suits(v, t):
		if v.shared && t.Recognised != v.session.ID {
			return stepRecognise
		}
		if t.Page != "" {
			return stepPage
		}
		if t.Place == nil {
			return stepPlace
		}
		return stepDecide
	case t.Request.Passive:
		return stepPassive
	case t.Source != "":
		return stepBegin
	default:
		return stepSource
	}
}

// view is what one hop reads once and keeps to.
type view struct {
	snapshot *registry.Snapshot
	session  *session
	audience web.Audience
	shared   bool // the device passes from hand to hand
}

// accepts tells whether a session is good enough for the request: fresh if it wants a fresh one, proved since somebody
// said that it was not them, young enough, and of the source that a hint names.
func (t *transaction) accepts(s *session, now time.Time) bool {
	at := s.Person.Authn.At
	switch {
	case t.Request.Fresh && at.Before(t.Created):
		return false
	case at.Before(t.Renewed): // somebody said that it was not them
		return false
	case t.Request.MaxAge != nil && now.Sub(at) > *t.Request.MaxAge && at.Before(t.Created):
		return false
	case t.hintedSource() != "" && s.Person.Authn.Source != t.hintedSource():
		return false
	}
	return true
}

func (t *transaction) hintedSource() string {
	if t.Entry.Source != "" {
		return t.Entry.Source
	}
	return t.Request.Hints.Source
}

func (t *transaction) hintedUAI() person.UAI {
	if t.Entry.UAI != "" {
		return t.Entry.UAI
	}
	return person.UAI(t.Request.Hints.UAI)
}
