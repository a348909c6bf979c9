package app

import (
	"context"

	"ecluse/internal/audit"
	"ecluse/internal/charter"
	"ecluse/internal/portal"
	"ecluse/internal/store/sqldb"
)

// charters is the book of who has read a charter, under whichever of their keys.
func (b *base) charters() *charter.Book {
	return &charter.Book{
		Store: &sqldb.Charters{DB: b.db, Journal: b.journal}, Keys: b.ring, Handles: b.people().Handles, Now: b.now,
	}
}

// mountCharters adds the page of a charter.
func (g *gateway) mountCharters() {
	portal.MountCharter(g.mux, portal.Charters{Kit: g.kit, Live: g.live, Book: g.flow.Charters, Visitor: g.flow.Visitor, About: g.aboutWhom, Now: g.now})
}

// keptAcknowledgements is for how many years an acknowledgement is kept: its own, and one for who asks about it.
const keptAcknowledgements = 2

// forgetCharters removes the acknowledgements that nobody asks about any more.
func (b *base) forgetCharters(ctx context.Context) error {
	store := &sqldb.Charters{DB: b.db, Journal: b.journal}
	_, err := store.Purge(ctx, b.now().AddDate(-keptAcknowledgements, 0, 0), audit.Entry{
		Class: audit.ClassSystem, Action: "charter_purge", Outcome: audit.Done,
	})
	return err
}
