package app

import (
	"context"
	"time"

	"ecluse/internal/admin/lists"
	"ecluse/internal/admin/places"
	"ecluse/internal/audit"
	"ecluse/internal/registry"
)

// mountPlaces adds the pages of establishments, of lists of them, and of identity sources.
func (g *gateway) mountPlaces() {
	lists.Mount(g.mux, g.frame)
	places.Mount(g.mux, g.frame, places.Config{
		Ready: func(id string) bool { _, ready := g.flow.Connectors[id]; return ready },
		Seen:  func(ctx context.Context, id string) (time.Time, error) { return lastSignIn(ctx, g.db.Audit(), id) },
		Probe: func(ctx context.Context, id string) ([]registry.Finding, bool) {
			connector, ready := g.flow.Connectors[id]
			if !ready {
				return nil, false
			}
			return connector.Probe(ctx), true
		},
		Mailbox: g.schoolBox,
	})
}

// lastSignIn looks for a source among the newest sign-ins; a source that nobody came by of late is not looked for further.
func lastSignIn(ctx context.Context, journal audit.Reader, source string) (time.Time, error) {
	page, err := journal.List(ctx, audit.Query{Class: audit.ClassSignIn, Action: "sign_in", Limit: audit.MaxLimit})
	if err != nil {
		return time.Time{}, err
	}
	for _, e := range page.Entries {
		if e.Source == source {
			return e.At, nil
		}
	}
	return time.Time{}, nil
}
