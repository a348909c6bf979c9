package app

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"ecluse/internal/admin/factors"
	"ecluse/internal/desk"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
	"ecluse/internal/store/sqldb"
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
	factors.Mount(g.mux, g.frame, factors.Config{
		Book: g.steps, Again: g.mux, Source: func(*http.Request, string) string { return "" },
	})
}
