package idp

import (
	"encoding/json"
	"log/slog"
)

// Participant is a service's session that came from a sign-in, as its protocol will need it to end it.
type Participant struct {
	Protocol  string          `json:"protocol"`
	ServiceID string          `json:"service"`
	State     json.RawMessage `json:"state,omitempty"`

	// Names are the words by which the service may speak of this session later (a SessionIndex, a sid, whom it is about),
	// the most precise first. They are told nobody else.
	Names []string `json:"names,omitempty"`
	// Reachable says that the service may ask for the end without a browser: it is then found by the first of the names.
	Reachable bool `json:"reachable,omitempty"`
}

// Leaving is a service's wish that the sign-in behind its session ends.
type Leaving struct {
	Protocol  string          `json:"protocol"`
	ServiceID string          `json:"service"`          // empty where nobody proved who asks: then the person is asked
	Names     []string        `json:"names,omitempty"`  // any of a participant's names; none means whatever session the service has here
	Sure      bool            `json:"sure,omitempty"`   // an authentic message that names the session: nobody needs to be asked
	Tell      bool            `json:"tell,omitempty"`   // the service that asks waits to be told like all others; otherwise it knows
	Toward    string          `json:"toward,omitempty"` // the service to which the answer leads, where it is not ServiceID
	Language  string          `json:"language,omitempty"`
	State     json.RawMessage `json:"state,omitempty"` // the protocol's own, given back to Left
}

// String shows who asks and nothing of the person.
func (l Leaving) String() string { return "[sign-out asked by " + l.ServiceID + "]" }

// GoString shows what String shows.
func (l Leaving) GoString() string { return l.String() }

// LogValue shows what String shows.
func (l Leaving) LogValue() slog.Value { return slog.StringValue(l.String()) }

// Outcome is what became of a sign-out that a service asked for.
type Outcome struct {
	Found     bool // there was such a session; false when it was over already or is another's
	Partial   bool // a session at another service may still be open
	Cancelled bool // the person was asked, and stays
}

// SignOutStep is how far a protocol got in ending a service's session.
type SignOutStep struct {
	Outcome SignOutOutcome
	Browser Handoff // when Outcome is Needed or Framed: where the browser has to go
}

// SignOutOutcome is what became of it.
type SignOutOutcome string

// The outcomes of a sign-out. A service that cannot be told is said to be still open, and one that does not say whether it
// is closed is not said to be.
const (
	Done        SignOutOutcome = "done"        // it said that its session is over
	Needed      SignOutOutcome = "browser"     // the browser has to go there and comes back with an answer
	Framed      SignOutOutcome = "frame"       // the browser loads an address in a frame; no answer comes
	Queued      SignOutOutcome = "queued"      // it did not answer; it is told again until it does
	Unsupported SignOutOutcome = "unsupported" // it cannot be told
)
