package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Said is a comment on a version, by a function and nobody's name.
type Said struct {
	ID     string    `json:"id"`
	Where  string    `json:"where,omitempty" doc:"the field; the whole version when empty"`
	Says   string    `json:"says"`
	Office string    `json:"office"`
	At     time.Time `json:"at"`
	Mine   bool      `json:"mine,omitempty"`
	Stale  bool      `json:"stale,omitempty" doc:"the text has changed since"`
}

// Saying is a comment as it is made.
type Saying struct {
	Where string `json:"where,omitempty" doc:"a field of the declaration, as findings name it: items[mail].justification"`
	Says  string `json:"says"`
}

// Case is one thing that waits for review: a version, or what staff of one school ask for.
type Case struct {
	Declaration string            `json:"declaration,omitempty"`
	Version     int               `json:"version,omitempty"`
	Service     string            `json:"service,omitempty"`
	Standing    registry.Standing `json:"standing,omitempty"`
	Wishes      []string          `json:"wishes,omitempty" doc:"the requests that are one case"`
	About       string            `json:"about,omitempty"`
	UAI         person.UAI        `json:"uai,omitempty"`
	People      int               `json:"people,omitempty" doc:"how many ask"`
	Mine        bool              `json:"mine,omitempty"`
	Stakes      desk.Stakes       `json:"stakes" enum:"high,unknown,medium,low"`
	Since       time.Time         `json:"since"`
	Due         registry.Date     `json:"due"`
	Late        bool              `json:"late,omitempty"`
	Acts        []roles.Act       `json:"acts,omitempty" doc:"what the caller may do about it now"`
}

// Ending is a version that will end, and what closes with it.
type Ending struct {
	Declaration string        `json:"declaration"`
	Version     int           `json:"version"`
	Service     string        `json:"service"`
	Last        registry.Date `json:"last" doc:"its last day"`
	Why         policy.Lapse  `json:"why"`
	Schools     int           `json:"schools" doc:"of those whose register the caller keeps"`
	Pupils      int           `json:"pupils"`
	Renewable   bool          `json:"renewable,omitempty" doc:"the caller may begin its renewal"`
}

// Prolonging renews declarations until a day.
type Prolonging struct {
	Declarations []string      `json:"declarations"`
	Until        registry.Date `json:"until"`
}

// Renewing approves versions that change nothing in substance.
type Renewing struct {
	Versions []desk.Ref `json:"versions"`
	Reason   string     `json:"reason,omitempty"`
}

// Answering answers the requests that are one case.
type Answering struct {
	Wishes []string `json:"wishes"`
	WishAnswer
}

// Outlook is what an act over many establishments would do.
type Outlook struct {
	desk.Report
	Pupils  int          `json:"pupils"`
	Version int          `json:"version,omitempty"`
	Same    []person.UAI `json:"same,omitempty" doc:"that stay as they are"`
	Others  int          `json:"others,omitempty" doc:"that fit the choice and are not the caller's to decide for"`
}

func (s *surface) mountReviews() {
	add(s, kind{
		method: http.MethodGet, path: "/review", id: "list-cases", tag: "declarations",
		summary: "What waits for review: the highest stakes first; the requests of one school for one service are one",
	}, s.listCases)
	add(s, kind{
		method: http.MethodGet, path: "/declarations/{id}/versions/{version}/comments", id: "list-comments", tag: "declarations",
		summary: "What was said about a version, field by field, for whoever reads drafts there",
	}, s.listComments)
	add(s, kind{
		method: http.MethodPost, path: "/declarations/{id}/versions/{version}/comments", id: "comment", tag: "declarations", status: http.StatusCreated,
		summary: "Say something about a field of a version; it decides nothing",
	}, s.comment)
	add(s, kind{
		method: http.MethodGet, path: "/calendar", id: "list-endings", tag: "declarations",
		summary: "What ends in the coming months, and in how many schools it closes a service",
	}, s.listEndings)
	add(s, kind{
		method: http.MethodPost, path: "/renewals", id: "prolong-declarations", tag: "acts", status: http.StatusCreated,
		summary: "Begin the renewal of declarations, all or none: the same text until another day, handed over at once",
	}, func(ctx context.Context, c roles.Caller, in *Made[Prolonging]) (*plain[[]desk.Ref], error) {
		made, err := s.Desk.Prolong(ctx, c, in.Body.Declarations, in.Body.Until)
		return &plain[[]desk.Ref]{http.StatusCreated, made}, err
	})
	add(s, kind{
		method: http.MethodPost, path: "/renewals/approval", id: "approve-renewals", tag: "acts",
		summary: "Approve versions that change nothing in substance, in one act, all or none",
	}, func(ctx context.Context, c roles.Caller, in *Made[Renewing]) (*plain[desk.Report], error) {
		done, err := s.Desk.ApproveRenewals(ctx, c, in.Body.Versions, in.Body.Reason)
		return &plain[desk.Report]{http.StatusOK, done}, err
	})
	add(s, kind{
		method: http.MethodPost, path: "/wishes/answers", id: "answer-request", tag: "wishes", status: http.StatusNoContent,
		summary: "Answer the requests that are one case, all or none",
	}, func(ctx context.Context, c roles.Caller, in *Made[Answering]) (*none, error) {
		return &none{http.StatusNoContent}, s.Desk.AnswerRequest(ctx, c, in.Body.Wishes, in.Body.State, in.Body.Answer)
	})
	add(s, kind{
		method: http.MethodPost, path: "/enablings/outlook", id: "foresee-enablings", tag: "enablings",
		summary: "What deciding for establishments would do, in numbers; nothing is written",
	}, func(ctx context.Context, c roles.Caller, in *Made[desk.Stance]) (*plain[Outlook], error) {
		f, err := s.Desk.Foresee(ctx, c, in.Body)
		return &plain[Outlook]{http.StatusOK, Outlook{f.Report, f.Pupils, f.Version, f.Same, f.Others}}, err
	})
}

// mostCases is how much of the queue one answer holds; it is longer nowhere.
const mostCases = 1000

func (s *surface) listCases(ctx context.Context, c roles.Caller, in *struct {
	All bool `query:"all" doc:"what one can do nothing about, too"`
},
) (*plain[[]Case], error) {
	list, _, err := s.Desk.Queue(ctx, c, desk.Queued{All: in.All, Most: mostCases})
	out := []Case{}
	for _, o := range list {
		out = append(out, Case{
			Declaration: o.ID, Version: o.Version, Service: o.Service, Standing: o.Standing, Wishes: o.Wishes, About: o.About, UAI: o.UAI,
			People: o.People, Mine: o.Mine, Stakes: o.Stakes, Since: o.Since, Due: o.Due, Late: o.Late, Acts: o.Acts,
		})
	}
	return &plain[[]Case]{http.StatusOK, out}, err
}

func (s *surface) listComments(ctx context.Context, c roles.Caller, in *OneVersion) (*plain[[]Said], error) {
	all, err := s.Desk.Comments(ctx, c, in.ref())
	out := []Said{}
	for _, o := range all {
		out = append(out, Said{o.ID, o.Where, o.Says, o.Office, o.At, o.Mine, o.Stale})
	}
	return &plain[[]Said]{http.StatusOK, out}, err
}

func (s *surface) comment(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	Body Saying
},
) (*plain[Said], error) {
	o, err := s.Desk.Comment(ctx, c, in.ref(), in.Body.Where, in.Body.Says)
	return &plain[Said]{http.StatusCreated, Said{o.ID, o.Where, o.Says, o.Office, o.At, true, false}}, err
}

func (s *surface) listEndings(ctx context.Context, c roles.Caller, in *struct {
	Months int `query:"months" minimum:"1" maximum:"36" default:"12"`
},
) (*plain[[]Ending], error) {
	months, err := s.Desk.Calendar(ctx, c, in.Months)
	out := []Ending{}
	for _, m := range months {
		for _, e := range m.Expiries {
			out = append(out, Ending{e.ID, e.Version, e.Service, e.Last, e.Why, e.Schools, e.Pupils, e.Renewable})
		}
	}
	return &plain[[]Ending]{http.StatusOK, out}, err
}
