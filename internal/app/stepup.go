package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/admin/factors"
	"ecluse/internal/desk"
	"ecluse/internal/idp"
	"ecluse/internal/idp/console"
	"ecluse/internal/login"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/upstream"
)

// newSteps keeps second means. No setting turns them off.
func (g *gateway) newSteps() (*stepup.Book, error) {
	at, err := url.Parse(g.config.PublicURL)
	if err != nil {
		return nil, fmt.Errorf("public_url: %w", err)
	}
	return stepup.New(stepup.Config{
		Store: &sqldb.Factors{DB: g.db, Journal: g.journal}, Tickets: g.tickets, Keys: g.ring, Journal: g.journal, Now: g.now,
		Issuer: at.Hostname(), Origin: at.Scheme + "://" + at.Host,
	})
}

// stepUps says who stepped up. The demo's people have no telephones: unless it is asked to, the demo takes their sign-in
// for the second means.
func stepUps(book *stepup.Book, extra sides) desk.StepUps {
	if extra.demo && !extra.stepUp {
		return bySignIn{}
	}
	return book
}

// bySignIn takes the sign-in at the desk for the second means. It is the demo's.
type bySignIn struct{}

// Spend is a yes to whoever is signed in at the desk.
func (bySignIn) Spend(_ context.Context, c roles.Caller, _ string) (means string, ok bool, err error) {
	return "sign_in", c.Session != "", nil
}

// mountFactors adds the pages of second means.
func (g *gateway) mountFactors() {
	factors.Mount(g.mux, g.frame, factors.Config{Book: g.steps, Again: g.mux, Source: g.ownSource, Ask: g.askSource})
	g.flow.Proofs = proofs{g.steps}
}

// ownSource is the source that signed somebody in to the desk, where it is registered with a strong factor of its own. Who
// came by a one-time word has none.
func (g *gateway) ownSource(r *http.Request) (factors.Source, bool) {
	s, ok, _ := g.console.Session(r) // a store that does not answer offers no source
	snapshot, err := g.live.Current()
	if !ok || err != nil {
		return factors.Source{}, false
	}
	source, known := snapshot.Source(s.Source)
	contexts := g.flow.StrongFactor(snapshot, s.Source)
	return factors.Source{ID: source.ID, Name: source.Name, Contexts: contexts}, known && len(contexts) > 0
}

// askSource asks a source who is there, as the desk would know them.
func (g *gateway) askSource(w http.ResponseWriter, r *http.Request, source factors.Source, word string) error {
	return g.flow.Prove(w, r, login.Question{Source: source.ID, Word: word, Request: idp.Request{
		Protocol: console.Name, ServiceID: registry.Desk, Handle: registry.Desk, Asked: console.Asked(),
	}})
}

// proofs gives what sources say to the book of second means.
type proofs struct{ book *stepup.Book }

// Proved implements login.Proofs.
func (p proofs) Proved(ctx context.Context, said login.Proved) (back string, err error) {
	id, why, err := p.book.ComeBack(ctx, said.Word, stepup.Said{
		Source: said.Source, Handles: said.Numbers, Context: said.Context, At: said.At, Why: whyNot(said.Failed),
	})
	if errors.Is(err, stepup.ErrOver) {
		return "", factors.Over(err)
	}
	return factors.BackFrom(id, why), err
}

// whyNot says in the book's words why a source gave no proof.
func whyNot(cause error) stepup.Why {
	switch {
	case cause == nil:
		return ""
	case errors.Is(cause, upstream.ErrContext):
		return stepup.Weak
	case errors.Is(cause, upstream.ErrStale):
		return stepup.Stale
	case errors.Is(cause, upstream.ErrUnavailable):
		return stepup.Unavailable
	case errors.Is(cause, upstream.ErrCancelled), errors.Is(cause, upstream.ErrNoSession):
		return stepup.Cancelled
	default:
		return stepup.Rejected
	}
}
