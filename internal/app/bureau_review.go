package app

import (
	"ecluse/internal/admin/api"
	"ecluse/internal/admin/bulk"
	"ecluse/internal/admin/calendar"
	"ecluse/internal/admin/review"
)

// mountReview adds the pages on which declarations are examined and decided on, on which one act is done for many, and on
// which stands what will end.
func (g *gateway) mountReview() {
	review.Mount(g.mux, g.frame, review.Config{Documents: api.Base + "/documents/"})
	bulk.Mount(g.mux, g.frame)
	calendar.Mount(g.mux, g.frame, calendar.Config{Renewals: bulk.Renewals})
}
