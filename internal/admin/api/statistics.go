package api

import (
	"cmp"
	"context"
	"net/http"

	"ecluse/internal/person"
	"ecluse/internal/roles"
	"ecluse/internal/tally"
)

// Numbers chooses counts.
type Numbers struct {
	From    string     `query:"from" required:"true" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"the first month"`
	Until   string     `query:"until" pattern:"^[0-9]{4}-[0-9]{2}$" doc:"the last month; the first where it is missing"`
	By      string     `query:"by" enum:"month,service,establishment" default:"month"`
	Service string     `query:"service" doc:"one service; all together where it is missing"`
	UAI     person.UAI `query:"uai" doc:"one establishment; all together where it is missing"`
	Academy string     `query:"academy" doc:"needed where there are several"`
	Paging
}

func (s *surface) mountStatistics() {
	add(s, kind{
		method: http.MethodGet, path: "/statistics", id: "list-statistics", tag: "register", summary: "How often services were entered, and how often somebody was refused, by month",
		about: "What is about few people is hidden, and so is what it could be computed from: a hidden count has no number. " +
			"A service or an establishment * stands for all of them.",
	}, func(ctx context.Context, c roles.Caller, in *Numbers) (*listed[tally.Count], error) {
		if _, err := s.Desk.Counting(ctx, c); err != nil { // months that were not counted are now
			return nil, err
		}
		q := tally.Query{
			From: in.From, To: cmp.Or(in.Until, in.From), Academy: in.Academy,
			Service: cmp.Or(in.Service, tally.All), UAI: cmp.Or(string(in.UAI), tally.All),
		}
		switch in.By {
		case "service":
			q.Service = tally.Each
		case "establishment":
			q.UAI = tally.Each
		}
		found, err := s.Desk.Statistics(ctx, c, q)
		if err != nil {
			return nil, err
		}
		return paged(found, func(n tally.Count) string { return n.Month + " " + n.Service + " " + n.UAI + " " + string(n.What) }, in.Paging)
	})
}
