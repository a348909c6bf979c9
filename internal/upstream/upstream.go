// Package upstream is the contract of an identity source: how the gateway sends a browser there and what comes back.
// A connector proves who somebody is, as the source sees it; what that means in our own words is person.Mapping's.
package upstream

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Connector is one kind of source, set up for one registered source.
type Connector interface {
	// Mount declares the connector's routes, all below prefix (/source/{id}).
	Mount(mux *web.Mux, prefix string, host Host)
	// Begin takes over the browser to prove who somebody is. It ends in Host.Finished or Host.Failed with the
	// challenge's id.
	Begin(w http.ResponseWriter, r *http.Request, challenge Challenge) error
	// SignOut says where a browser ends the source's own session, on pages of the source's. It is empty when there is no way
	// from here and the session stays open; ErrNoSession says that the source keeps none.
	SignOut(ctx context.Context, authn person.Authn) (location string, err error)
	// Probe says whether the source can be used now.
	Probe(ctx context.Context) []registry.Finding
	// Close releases what the connector holds.
	Close() error
}

// Preparing is a connector that keeps something of a challenge until it is answered.
type Preparing interface {
	// Prepare comes before Begin and gives what is to be stored, as one write with the challenge itself. What Begin has to
	// know of it is left in Challenge.Prepared. Its errors are Begin's.
	Prepare(ctx context.Context, challenge *Challenge) ([]store.Op, error)
}

// Challenge is one question to a source.
type Challenge struct {
	ID      string // unguessable, single use
	Service string // the name of the service, for the page
	Fresh   bool   // a session at the source must not be reused
	Proof   bool   // for an act: it is Fresh, and an answer says when the person proved who they are, which is not before the question
	// Contexts are the source's own words for the ways that will do: an answer says one of them. Any will do when empty.
	Contexts []string
	Passive  bool   // no page may be shown
	Login    string // a hint
	Language string
	Frame    web.Frame // what surrounds the pages that the connector shows: the wording, and the way back
	Prepared any       `json:"-"` // the connector's own, between Prepare and Begin
	Held     any       `json:"-"` // the host's own, between Asked and Finished
}

// Assertion is what a source vouched for.
type Assertion struct {
	person.Raw
	Session string    // the source's own name for its session, for a sign-out that it sends
	Ends    time.Time // when that session ends at the latest, and ours with it; zero when the source does not say
	Context string    // the source's own word for the way (AuthnContextClassRef, acr); empty when it says none

	// Answers is the challenge as Host.Asked gave it for this very request, which spares the host another look; it may be left out.
	Answers Challenge

	// With is what the connector writes when the assertion is used, as one with the use of the challenge: that a question was
	// answered, or that this was not used before (store.Take, store.Create).
	With []store.Op
}

// Host is the gateway as a connector sees it. Package login implements it.
type Host interface {
	// Finished hands over an assertion for a challenge that this browser was given, and carries on. The error is ErrUsed when
	// Assertion.With cannot be written: then nothing is, and the connector says Failed.
	Finished(w http.ResponseWriter, r *http.Request, challenge string, a Assertion) error
	// Failed carries on without one.
	Failed(w http.ResponseWriter, r *http.Request, challenge string, cause error) error
	// Asked gives back an open challenge of this browser, for a page that the connector shows itself.
	Asked(r *http.Request, challenge string) (Challenge, error)
	// SignedOut ends the sessions that rest on a source's session.
	SignedOut(ctx context.Context, source, session string) error
	// Leave is SignedOut for a message that a browser brought: the services that need one are visited by it where it is the
	// browser of the session, and in the end Leaver.Answer is carried to the source.
	Leave(w http.ResponseWriter, r *http.Request, leaving Leaving) error
	// Left carries on after a browser came back from where SignOutOf led it under word. ended is whether the source says that
	// its session is over, and nothing else. A word that is not this browser's shows it how things are.
	Left(w http.ResponseWriter, r *http.Request, word string, ended bool) error
}

// ErrUsed says that an assertion, or the question that it answers, was used before.
var ErrUsed = errors.New("the source's answer was used before")

// Causes of failure that the pages tell apart. A connector wraps them.
var (
	// ErrNoSession says that a passive challenge found nobody signed in, or that the source keeps no session at all.
	ErrNoSession = errors.New("nobody is signed in at the source")
	// ErrUnavailable says that the source does not answer; nobody's password was wrong.
	ErrUnavailable = errors.New("the source does not answer")
	// ErrRejected says that the source's answer may not be used: forged, stale, or meant for something else.
	ErrRejected = errors.New("the source's answer cannot be used")
	// ErrContext is an ErrRejected: the person did not prove who they are in one of Challenge.Contexts.
	ErrContext = fmt.Errorf("%w: not in a way that was asked for", ErrRejected)
	// ErrStale is an ErrRejected: a fresh proof was asked for, and an old one came.
	ErrStale = fmt.Errorf("%w: not proved anew", ErrRejected)
	// ErrCancelled says that the person gave up.
	ErrCancelled = errors.New("the person gave up")
)
