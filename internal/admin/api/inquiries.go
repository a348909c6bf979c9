package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Inquiry is a question which services one person used, or which of some candidates a service knows by a pseudonym: who
// asked and why, and who confirmed; never about whom.
type Inquiry struct {
	ID         string              `json:"id"`
	Academy    string              `json:"academy"`
	Kind       string              `json:"kind" enum:"uses,match"`
	Source     string              `json:"source,omitempty" doc:"of the person, where the kind is uses"`
	Candidates int                 `json:"candidates,omitempty" doc:"how many, where the kind is match"`
	State      registry.State      `json:"state" enum:"submitted,approved,archived"`
	Until      time.Time           `json:"until" doc:"when it can no longer be confirmed, or read"`
	Decisions  []registry.Decision `json:"decisions"`
}

// Matched says which candidates of a match the service can have known by the pseudonym.
type Matched struct {
	Positions []int `json:"positions" doc:"in the list of candidates that was asked about, from 0; empty when it is none of them"`
}

// Found is one release to a service: when, where, and the names of what left.
type Found struct {
	At         time.Time  `json:"at"`
	Service    string     `json:"service"`
	UAI        person.UAI `json:"uai"`
	Attributes []string   `json:"attributes" doc:"names, never values"`
}

func inquiryOf(q registry.Inquiry) Inquiry {
	kind := "uses"
	if q.Matches() {
		kind = "match"
	}
	return Inquiry{
		ID: q.ID, Academy: q.Academy, Kind: kind, Source: q.Source, Candidates: q.Candidates, State: q.State, Until: q.Until, Decisions: q.Decisions,
	}
}

func (s *surface) mountInquiries() {
	add(s, kind{
		method: http.MethodGet, path: "/inquiries", id: "list-inquiries", tag: "inquiries", summary: "Who asked which services a person used, or who is behind a pseudonym, and why",
	}, s.inquiries)
	add(s, kind{
		method: http.MethodPost, path: "/inquiries", id: "ask-inquiry", tag: "inquiries", status: http.StatusCreated,
		summary: "Ask which services a person used, or which of some candidates a service knows by a pseudonym: a data-protection officer's, with a reason; nothing is read before a second person confirms",
		about: "No token is good for it. Either source and person, or service, pseudonym and 2 to 500 candidates with up to 5 identifiers each. " +
			"All of these but the source of the one person are kept sealed and given back to nobody.",
	}, func(ctx context.Context, c roles.Caller, in *Made[desk.Question]) (*plain[Inquiry], error) {
		q, err := s.Desk.Inquire(ctx, c, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[Inquiry]{http.StatusCreated, inquiryOf(q)}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/inquiries/{id}/confirm", id: "confirm-inquiry", tag: "inquiries",
		summary: "Be the second person of an inquiry: both may then read, for seven days",
	}, inquired(s.Desk.ConfirmInquiry))
	add(s, kind{
		method: http.MethodPost, path: "/inquiries/{id}/end", id: "end-inquiry", tag: "inquiries",
		summary: "End an inquiry, or decline it, and erase whom it was about",
	}, inquired(s.Desk.EndInquiry))
	add(s, kind{
		method: http.MethodGet, path: "/inquiries/{id}/findings", id: "read-inquiry", tag: "inquiries",
		summary: "What a confirmed inquiry finds: services, moments, establishments and names of attributes, never values",
		about:   "For the two who stand for it. Each reading is in the journal.",
	}, s.findings)
	add(s, kind{
		method: http.MethodGet, path: "/inquiries/{id}/matches", id: "read-match", tag: "inquiries",
		summary: "Which candidates of a confirmed match the service can have known by the pseudonym: their positions, nothing else",
		about:   "For the two who stand for it. Each reading is in the journal.",
	}, func(ctx context.Context, c roles.Caller, in *struct{ ByID }) (*plain[Matched], error) {
		positions, err := s.Desk.Matches(ctx, c, in.ID)
		if err != nil {
			return nil, err
		}
		return &plain[Matched]{http.StatusOK, Matched{positions}}, nil
	})
}

// onInquiry names an inquiry, and why something is done about it.
type onInquiry struct {
	ByID
	Body Because
}

func inquired(do func(context.Context, roles.Caller, string, string) (registry.Inquiry, error)) func(context.Context, roles.Caller, *onInquiry) (*plain[Inquiry], error) {
	return func(ctx context.Context, c roles.Caller, in *onInquiry) (*plain[Inquiry], error) {
		q, err := do(ctx, c, in.ID, in.Body.Reason)
		if err != nil {
			return nil, err
		}
		return &plain[Inquiry]{http.StatusOK, inquiryOf(q)}, nil
	}
}

func (s *surface) inquiries(ctx context.Context, c roles.Caller, in *struct{ Paging }) (*listed[Inquiry], error) {
	all, err := s.Desk.Inquiries(ctx, c)
	if err != nil {
		return nil, err
	}
	var out []Inquiry
	for _, q := range all {
		out = append(out, inquiryOf(q))
	}
	return paged(out, func(q Inquiry) string { return q.ID }, in.Paging)
}

func (s *surface) findings(ctx context.Context, c roles.Caller, in *struct{ ByID }) (*plain[[]Found], error) {
	uses, err := s.Desk.Uses(ctx, c, in.ID)
	if err != nil {
		return nil, err
	}
	out := []Found{}
	for _, u := range uses {
		out = append(out, Found{At: u.At, Service: u.Service, UAI: u.UAI, Attributes: append([]string{}, u.Attributes...)})
	}
	return &plain[[]Found]{http.StatusOK, out}, nil
}
