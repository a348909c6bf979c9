package api

import (
	"context"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Step is what goes with a step in the life of a version.
type Step struct {
	Reason  string            `json:"reason,omitempty" doc:"required to refuse, to suspend, and to approve against reservations"`
	Message registry.Text     `json:"message,omitzero" doc:"what people read while it is suspended"`
	Notes   []registry.Remark `json:"notes,omitempty" doc:"field by field, with a correction"`
}

// Stepping is a step of one version.
type Stepping struct {
	OneVersion
	IfMatch
	Body *Step
}

func (in *Stepping) move() (desk.Move, error) {
	tag, err := in.tag()
	m := desk.Move{Ref: in.ref(), Match: tag}
	if in.Body != nil {
		m.Reason, m.Message, m.Notes = in.Body.Reason, in.Body.Message, in.Body.Notes
	}
	return m, err
}

func (s *surface) mountMoves() {
	for _, step := range []struct {
		word, summary string
		do            func(context.Context, roles.Caller, desk.Move) (registry.Declaration, error)
	}{
		{"submit", "Hand a draft over for review", s.Desk.Submit},
		{"take", "Begin the review", s.Desk.Take},
		{"correct", "Send a version back to its author, with remarks", s.Desk.Correct},
		{"refuse", "End a review with a no", s.Desk.Refuse},
		{"approve", "Approve: the controller's act, by somebody else than the author", s.Desk.Approve},
		{"suspend", "Stop a declaration in every version, everywhere, at once", s.Desk.Suspend},
		{"lift", "End a suspension", s.Desk.Lift},
		{"archive", "End a version for good", s.Desk.Archive},
	} {
		add(s, kind{
			method: http.MethodPost, path: "/declarations/{id}/versions/{version}/" + step.word, id: step.word + "-declaration", tag: "acts",
			summary: step.summary, errors: []int{http.StatusPreconditionFailed},
			about: "With If-Match it acts on the very text that was read, or not at all.",
		}, func(ctx context.Context, c roles.Caller, in *Stepping) (*single[registry.Declaration], error) {
			m, err := in.move()
			if err != nil {
				return nil, err
			}
			d, err := step.do(ctx, c, m)
			return declared(http.StatusOK, d, err)
		})
	}
	add(s, kind{
		method: http.MethodPost, path: "/declarations/{id}/versions/{version}/opinion", id: "opine-declaration", tag: "acts",
		summary: "Record a data-protection officer's opinion on the text as it is", errors: []int{http.StatusPreconditionFailed},
		about: "An opinion is never an approval. With reservations or unfavourable it wants a reason.",
	}, s.opine)
	add(s, kind{
		method: http.MethodPost, path: "/declarations/{id}/versions/{version}/terms", id: "confirm-terms", tag: "acts",
		summary: "Say which version the supplier's terms are of today", errors: []int{http.StatusPreconditionFailed},
		about: "The version that was accepted confirms it for another year; another one reopens the review, with a deadline.",
	}, s.confirmTerms)
	add(s, kind{
		method: http.MethodPost, path: "/papers/confirm", id: "confirm-papers", tag: "acts",
		summary: "Confirm decisions that were signed on paper and taken over from files, all or none",
	}, s.confirmPapers)
}

func (s *surface) opine(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	IfMatch
	Body Verdict
},
) (*single[registry.Declaration], error) {
	tag, err := in.tag()
	if err != nil {
		return nil, err
	}
	d, err := s.Desk.Opine(ctx, c, desk.Move{Ref: in.ref(), Match: tag, Reason: in.Body.Reason}, in.Body.Value)
	return declared(http.StatusOK, d, err)
}

// TermsNow says which version the supplier's terms are of.
type TermsNow struct {
	Version string `json:"version"`
	Reason  string `json:"reason,omitempty"`
}

func (s *surface) confirmTerms(ctx context.Context, c roles.Caller, in *struct {
	OneVersion
	IfMatch
	Body TermsNow
},
) (*single[registry.Declaration], error) {
	tag, err := in.tag()
	if err != nil {
		return nil, err
	}
	d, err := s.Desk.ConfirmTerms(ctx, c, desk.Move{Ref: in.ref(), Match: tag, Reason: in.Body.Reason}, in.Body.Version)
	return declared(http.StatusOK, d, err)
}

// Papers names what was signed on paper.
type Papers struct {
	Declarations []desk.Ref         `json:"declarations,omitempty"`
	Enablings    []desk.EnablingRef `json:"enablings,omitempty"`
}

func (s *surface) confirmPapers(ctx context.Context, c roles.Caller, in *Made[Papers]) (*plain[desk.Report], error) {
	report, err := s.Desk.ConfirmPaper(ctx, c, in.Body.Declarations, in.Body.Enablings)
	if err != nil {
		return nil, err
	}
	return &plain[desk.Report]{http.StatusOK, report}, nil
}
