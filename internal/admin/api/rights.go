package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/rights"
	"ecluse/internal/roles"
)

// Right is a request that somebody makes of whoever answers for their data: what, where and by when. It says nothing of who
// asks.
type Right struct {
	Ref         string         `json:"ref" example:"K7Q2-9FMZ" doc:"the reference that the person keeps"`
	Kind        rights.Kind    `json:"kind" enum:"access,rectification,erasure,objection,incident"`
	Service     string         `json:"service" doc:"ecluse for the gateway itself"`
	UAI         person.UAI     `json:"uai"`
	Declaration string         `json:"declaration"`
	Version     int            `json:"version"`
	Child       bool           `json:"child,omitempty" doc:"a holder of parental authority asks for a child"`
	Opened      time.Time      `json:"opened"`
	Due         registry.Date  `json:"due" doc:"the last day on which an answer is in time"`
	Overdue     bool           `json:"overdue,omitempty"`
	State       rights.State   `json:"state" enum:"open,extended,answered,closed"`
	Outcome     rights.Outcome `json:"outcome,omitempty" enum:"accepted,refused,dropped"`
	Office      string         `json:"office,omitempty" doc:"the function that answered"`
	Meanwhile   bool           `json:"stopped_meanwhile,omitempty" doc:"nothing is sent to the service of this person until the answer, as they asked"`
}

// RightInFull is a request with what was written in it.
type RightInFull struct {
	Right      Right               `json:"right"`
	Words      string              `json:"words,omitempty" doc:"the person's own"`
	Releases   []string            `json:"releases,omitempty" doc:"of an incident: the references of what was sent, which the person says was not theirs"`
	Contact    string              `json:"contact,omitempty" doc:"how to reach them; absent when they read the answer on their page"`
	Longer     string              `json:"longer,omitempty" doc:"why more time was taken"`
	Answer     string              `json:"answer,omitempty"`
	Instead    *RightInstead       `json:"instead,omitempty"`
	Comments   []RightComment      `json:"comments,omitempty"`
	Controller registry.Controller `json:"controller" doc:"as the declaration names it"`
}

// RightInstead is what the person does in the place of a service, in one of two ways.
type RightInstead struct {
	Service string `json:"service,omitempty" doc:"another service"`
	Text    string `json:"text,omitempty" doc:"in a sentence"`
}

// RightComment is what one of those who answer said to the others.
type RightComment struct {
	At     time.Time `json:"at"`
	Office string    `json:"office"`
	Text   string    `json:"text"`
}

// RightReply is an answer as it is given.
type RightReply struct {
	Outcome rights.Outcome `json:"outcome" enum:"accepted,refused"`
	Text    string         `json:"text,omitempty" doc:"what the person reads; why, when it is refused"`
	Instead RightInstead   `json:"instead,omitzero" doc:"of an objection that is accepted: an equivalent activity"`
	Fiche   bool           `json:"fiche,omitempty" doc:"of an access: the list of everything that was sent stands beside the answer"`
}

// RightText is something that is said about a request.
type RightText struct {
	Text string `json:"text"`
}

// Issued is one release: when, to which service, where, and the names of what left.
type Issued struct {
	At          time.Time  `json:"at,omitzero" doc:"absent where a guardian asks for a child: each service stands once then"`
	Service     string     `json:"service"`
	UAI         person.UAI `json:"uai"`
	Declaration string     `json:"declaration"`
	Version     int        `json:"version"`
	Attributes  []string   `json:"attributes" doc:"names, never values"`
	Later       bool       `json:"later,omitempty" doc:"on a sign-in that had begun before"`
}

func (s *surface) rightOf(r rights.Request) Right {
	zone := time.UTC
	if s.Desk.Rights != nil {
		zone = s.Desk.Rights.Zone
	}
	return Right{
		Ref: r.Ref, Kind: r.Kind, Service: r.Service, UAI: r.UAI, Declaration: r.Declaration, Version: r.Version, Child: r.Child,
		Opened: r.Opened, Due: r.Due, Overdue: r.Overdue(s.Now(), zone), State: r.State, Outcome: r.Outcome, Office: r.Office,
		Meanwhile: r.Door == rights.Paused,
	}
}

func (s *surface) rightInFull(a desk.RightAsked, err error) (*plain[RightInFull], error) {
	if err != nil {
		return nil, err
	}
	out := RightInFull{
		Right: s.rightOf(a.Request), Words: a.Words.Words, Releases: a.Words.Lines, Contact: a.Words.Contact, Longer: a.Words.Longer, Answer: a.Words.Answer,
		Controller: a.Entry.Controller,
	}
	if i := a.Words.Instead; i != (rights.Instead{}) {
		out.Instead = &RightInstead{i.Service, i.Text}
	}
	for _, c := range a.Words.Comments {
		out.Comments = append(out.Comments, RightComment{c.At, c.Office, c.Text})
	}
	return &plain[RightInFull]{http.StatusOK, out}, nil
}

// ByRef names a request in the path.
type ByRef struct {
	Ref string `path:"ref" maxLength:"16"`
}

func (s *surface) mountRights() {
	add(s, kind{
		method: http.MethodGet, path: "/rights", id: "list-rights", tag: "rights",
		summary: "Requests of people that wait for an answer, incidents among them, and those whose answer can still be read: what, where and by when",
		about:   "For the controller of the establishment and its data-protection officer. Overdue ones come first, and there are no pages.",
	}, s.listRights)
	add(s, kind{
		method: http.MethodGet, path: "/rights/{ref}", id: "read-right", tag: "rights",
		summary: "What somebody asks, in their own words, and how to reach them",
		about:   "Each reading is in the journal. No token is good for it. Everything that was written is erased when the request is closed.",
	}, func(ctx context.Context, c roles.Caller, in *ByRef) (*plain[RightInFull], error) {
		return s.rightInFull(s.Desk.Right(ctx, c, in.Ref))
	})
	add(s, kind{
		method: http.MethodGet, path: "/rights/{ref}/fiche", id: "read-fiche", tag: "rights",
		summary: "Everything that was sent of the person of an access request: services, moments and names of attributes, never values",
		about:   "In the establishment of the request. Each reading is in the journal. No token is good for it.",
	}, s.fiche)
	add(s, kind{
		method: http.MethodPost, path: "/rights/{ref}/answer", id: "answer-right", tag: "rights",
		summary: "Answer a request: the controller's. An objection that is accepted closes the service for that person alone",
		about:   "No token is good for it.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByRef
		Body RightReply
	},
	) (*plain[RightInFull], error) {
		b := in.Body
		return s.rightInFull(s.Desk.AnswerRight(ctx, c, in.Ref, desk.RightAnswer{
			Outcome: b.Outcome, Text: b.Text, Instead: rights.Instead{Service: b.Instead.Service, Text: b.Instead.Text}, Fiche: b.Fiche,
		}))
	})
	add(s, kind{
		method: http.MethodPost, path: "/rights/{ref}/extend", id: "extend-right", tag: "rights",
		summary: "Take two more months, once, within the first; the person reads why",
		about:   "No token is good for it.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByRef
		Body Because
	},
	) (*plain[RightInFull], error) {
		return s.rightInFull(s.Desk.ExtendRight(ctx, c, in.Ref, in.Body.Reason))
	})
	add(s, kind{
		method: http.MethodPost, path: "/rights/{ref}/comment", id: "comment-right", tag: "rights",
		summary: "Say something to the others who answer; the person does not read it on their page",
		about:   "No token is good for it.",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByRef
		Body RightText
	},
	) (*plain[RightInFull], error) {
		return s.rightInFull(s.Desk.CommentRight(ctx, c, in.Ref, in.Body.Text))
	})
}

func (s *surface) listRights(ctx context.Context, c roles.Caller, in *struct {
	UAI person.UAI `query:"uai"`
},
) (*plain[[]Right], error) {
	all, err := s.Desk.RightsOf(ctx, c)
	if err != nil {
		return nil, err
	}
	out := []Right{}
	for _, r := range all {
		if in.UAI == "" || r.UAI == in.UAI {
			out = append(out, s.rightOf(r))
		}
	}
	return &plain[[]Right]{http.StatusOK, out}, nil
}

func (s *surface) fiche(ctx context.Context, c roles.Caller, in *struct{ ByRef }) (*plain[[]Issued], error) {
	list, err := s.Desk.Fiche(ctx, c, in.Ref)
	if err != nil {
		return nil, err
	}
	out := []Issued{}
	for _, i := range list {
		out = append(out, Issued{
			At: i.At, Service: i.Service, UAI: i.UAI, Declaration: i.Declaration, Version: i.Version,
			Attributes: append([]string{}, i.Attributes...), Later: i.Later,
		})
	}
	return &plain[[]Issued]{http.StatusOK, out}, nil
}
