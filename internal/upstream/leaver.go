package upstream

import (
	"context"
	"encoding/json"

	"ecluse/internal/web"
)

// Leaver is a connector that can name one session at its source: to end it there, and to say what became of ours when they
// end it.
type Leaver interface {
	// SignOutOf is Connector.SignOut for the session that Assertion.Session named. Whoever comes back from there goes to
	// Host.Left with word, which is unguessable and new each time. What is kept of the session is used up.
	SignOutOf(ctx context.Context, session, word string) (Exit, error)
	// Ask has the source end what Exit.Ask names, without a browser, and says whether its session is over. An error means that
	// nobody said.
	Ask(ctx context.Context, ask json.RawMessage) (ended bool, err error)
	// Answer is how the source is told that a sign-out that it asked for (Host.Leave) is done. open says that a session at a
	// service may still be open.
	Answer(ctx context.Context, state json.RawMessage, open bool) (Handoff, error)
}

// Leaving is a source's wish that sessions end, in a message that a browser brought and that is theirs.
type Leaving struct {
	Sessions []string        // as Assertion.Session named them
	State    json.RawMessage // the connector's own, given back to Leaver.Answer; it may be kept for minutes
}

// Exit is the way to the end of a session at a source. It is gone when a person says so, and by a browser where the source
// takes one. The zero Exit says that there is none.
type Exit struct {
	Browser Handoff
	Ask     json.RawMessage // given to Leaver.Ask where no browser is needed; it may be kept for minutes
}

// Empty tells whether there is none.
func (e Exit) Empty() bool {
	return e.Browser.Location == "" && e.Browser.Action == "" && len(e.Ask) == 0
}

// Handoff is how a browser carries a message to a source: to a location, or, where that is empty, by a form.
type Handoff struct {
	Location string      `json:"location,omitempty"`
	Action   string      `json:"action,omitempty"`
	Fields   []web.Param `json:"fields,omitempty"`
}
