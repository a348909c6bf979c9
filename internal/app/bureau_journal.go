package app

import (
	"context"

	"ecluse/internal/admin/journal"
	"ecluse/internal/admin/stats"
	"ecluse/internal/audit"
	"ecluse/internal/store/sqldb"
	"ecluse/internal/tally"
)

// mountJournal adds the pages about what happened.
func (g *gateway) mountJournal() {
	check := g.newChainCheck()
	journal.Mount(g.mux, g.frame, journal.Config{
		Words: g.words,
		Chain: func() journal.Chain {
			at, found := check.Report()
			out := journal.Chain{At: at, Entries: found.Entries, Chains: found.Chains}
			for _, p := range found.Problems {
				out.Problems = append(out.Problems, p.String())
			}
			return out
		},
		Fits: func(ctx context.Context, of audit.Chain, sequence int64) (bool, error) {
			return audit.Fits(ctx, g.db.Audit(), of, sequence)
		},
	})
	stats.Mount(g.mux, g.frame)
}

// newTally counts for statistics, behind whoever looks at them.
func (g *gateway) newTally() *tally.Book {
	b := &tally.Book{Store: &sqldb.Tally{DB: g.db}, Live: g.live, Now: g.now}
	g.closers.add(b.Close)
	return b
}
