// Package idp is the contract of a protocol that we speak to services. A protocol parses requests and prints answers; it
// decides nothing about data. It is handed a cleared Release, already named and mapped for it, and never sees a person:
// the import test refuses an import of package person, policy, upstream or login below here.
package idp

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"time"

	"ecluse/internal/attrs"
	"ecluse/internal/consent"
	"ecluse/internal/registry"
	"ecluse/internal/store"
	"ecluse/internal/web"
)

// Protocol is one protocol toward services. Implementations live in folders below this one.
type Protocol interface {
	// Name is the word in registry.Binding.Protocol: saml, oidc, cas.
	Name() string
	// Mount declares the protocol's routes. They hand authentic requests to gateway and answer all others themselves.
	Mount(mux *web.Mux, gateway Gateway)
	// Answer says yes: it turns a cleared release into the message for the service, and tells how to end it later.
	Answer(ctx context.Context, request Request, answered Answered) (Handoff, Participant, error)
	// Refuse turns a failure into the protocol's error, addressed to the registered return address of the request. A
	// request without one gives the zero Handoff: then only our own page speaks.
	Refuse(ctx context.Context, request Request, failure Failure) (Handoff, error)
	// SignOut begins to end the service's session. step names this attempt: an answer that the browser brings back is
	// handed to Gateway.Told with it. It is empty when no browser is there, and the service can only be told without one.
	// It takes no longer than ctx allows.
	SignOut(ctx context.Context, participant Participant, step string) (SignOutStep, error)
	// Left answers the service that asked for a sign-out, once everything is over that could be ended. The zero Handoff
	// leaves the person on our own page.
	Left(ctx context.Context, leaving Leaving, outcome Outcome) (Handoff, error)
	// CheckSettings says what is wrong with a binding's settings, all of it.
	CheckSettings(binding registry.Binding) []registry.Finding
	// Preview prints what the service would receive, for people to read.
	Preview(release attrs.Release, binding registry.Binding) ([]byte, error)
	// Probe tells what a binding's settings come to: the service's addresses, its keys and when they end. It asks its return
	// addresses whether a server is there, unless reach is nil. The error says why the settings cannot be read.
	Probe(ctx context.Context, binding registry.Binding, reach Reach) (Probed, error)
}

// Gateway is what a protocol may ask of the gateway. Package login implements it.
type Gateway interface {
	// Start takes over the browser for a request that is authentic and whose return address is registered.
	Start(w http.ResponseWriter, r *http.Request, request Request) error
	// Resume re-runs gate, release, information and journal for a later answer of a sign-in (code exchange, refresh,
	// userinfo). It never shows a page; the error is a *Failure.
	Resume(ctx context.Context, id string) (consent.Cleared, error)
	// Forget ends the right to later answers.
	Forget(ctx context.Context, id string) error
	// ByPassword answers an authentic request of a program that shows no page, with a password that a source of ours checks
	// without one. There is no session before, none behind, and staff alone are let through. Whatever would need a page is a
	// *Failure of the kind PageNeeded. Its other errors are a *Failure, ErrPassword and a WaitError.
	ByPassword(ctx context.Context, request Request, who Password) (Handoff, error)
	// Registry is the present view of what is registered, or an error when it is too old to act on.
	Registry() (*registry.Snapshot, error)
	// Leave takes over the browser to end its sign-in, as a service asked. The person is asked first unless the request is
	// sure. In the end the browser goes where Protocol.Left says.
	Leave(w http.ResponseWriter, r *http.Request, leaving Leaving) error
	// End ends the sign-in that a service names, without a browser. Only a participant that is Reachable is found.
	End(ctx context.Context, leaving Leaving) (Outcome, error)
	// Told goes on with a sign-out after a service's answer came back with the browser. ended is whether its session is
	// over. A step that is not known, or not of this browser, shows a page of ours.
	Told(w http.ResponseWriter, r *http.Request, step string, ended bool) error

	// Lost goes on with a sign-out after an answer that cannot be believed: what became of that session is not known. Where
	// this browser visits nobody on its way out, it gives the cause back for its page.
	Lost(w http.ResponseWriter, r *http.Request, cause error) error
}

// Watcher is told what was really sent to services. It never blocks and never fails: what it makes of that is its own
// business. A protocol tells it of each message that carries data of a person, after the message is made and before or
// while it leaves.
type Watcher interface {
	Sent(Sent)
}

// Sent is one message as it went out. It holds personal data and prints none.
type Sent struct {
	Protocol    string // as in registry.Binding
	Kind        string // what Body is: saml-response (the XML), id-token (the JWT), userinfo (JSON or JWT), cas (the XML)
	Service     string
	Handle      string
	Declaration string
	Version     int
	UAI         string
	Profile     string
	At          time.Time
	Body        []byte // not changed afterwards by anybody
}

// String shows what it was and nothing of the person.
func (s Sent) String() string { return "[" + s.Kind + " to " + s.Service + "]" }

// GoString shows what String shows.
func (s Sent) GoString() string { return s.String() }

// LogValue shows what String shows.
func (s Sent) LogValue() slog.Value { return slog.StringValue(s.String()) }

// Request is what a service asked for, in neutral words.
type Request struct {
	Protocol  string          `json:"protocol"`
	ServiceID string          `json:"service"`
	Handle    string          `json:"handle"` // the binding's handle
	Fresh     bool            `json:"fresh,omitempty"`
	Passive   bool            `json:"passive,omitempty"`
	Ask       bool            `json:"ask,omitempty"` // the person is told or asked again what leaves, even if they were before
	MaxAge    *time.Duration  `json:"max_age,omitempty"`
	Assurance []string        `json:"assurance,omitempty"`
	Needs     []string        `json:"needs,omitempty"` // a source that says what it can vouch for, and none of these, is not asked; any is when empty
	Asked     []attrs.Name    `json:"asked"`           // nil asks for all that is declared, an empty list for the subject alone
	Later     bool            `json:"later,omitempty"` // the protocol answers again later: Answered.Resume is filled
	Hints     Hints           `json:"hints"`
	State     json.RawMessage `json:"state,omitempty"` // the protocol's own, given back to Answer and Refuse
	Once      *Once           `json:"-"`               // nil where the protocol wrote that the request was seen, or need not
}

// Once is the mark by which a second request like this one is refused. Whoever takes the request over creates it before
// anything becomes of the request: before it is stored, shown, refused or answered, or in one transaction with the journal
// entry of what is answered. Whether the request is new is for Told to say, which is asked after the write and never before,
// with its error: nil, or what the browser is told.
type Once struct {
	Mark store.Ticket
	Told func(ctx context.Context, written error) error
}

// Alone creates the mark by itself. Without a mark there is nothing to write.
func (o *Once) Alone(ctx context.Context, tickets store.Tickets) error {
	if o == nil {
		return nil
	}
	return o.Told(ctx, tickets.Create(ctx, o.Mark))
}

// Hints are wishes that spare the person a question. A hint that is not registered is refused, never followed.
type Hints struct {
	Source   string `json:"source,omitempty"`
	UAI      string `json:"uai,omitempty"`
	Login    string `json:"login,omitempty"`
	Language string `json:"language,omitempty"`
}

// Answered is a yes.
type Answered struct {
	Cleared consent.Cleared
	Resume  string // the id for Gateway.Resume; empty unless Request.Later
	At      time.Time
}

// Handoff is how the browser carries a message to the service: a redirect, or a form post. The zero Handoff goes nowhere.
type Handoff struct {
	Location string  // redirect here, or
	Action   string  // post Fields here
	Fields   []Field // in order

	// Before is what has to be in the store before the message leaves: the record of a code that it carries. Only Answer
	// gives any; whoever called it writes it, with what it has to write itself, as one write. When that write fails with
	// store.ErrExists, the request was answered before, and only our page speaks.
	Before []store.Op `json:"-"`
}

// Empty tells whether it goes nowhere.
func (h Handoff) Empty() bool { return h.Location == "" && h.Action == "" }

// Field is one hidden field of a form post.
type Field struct{ Name, Value string }
