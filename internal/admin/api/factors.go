package api

import (
	"context"
	"net/http"
	"time"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
)

// Factor is a second means that the caller enrolled.
type Factor struct {
	ID    string       `json:"id"`
	Means stepup.Means `json:"means" enum:"totp,webauthn"`
	Name  string       `json:"name" doc:"what its holder calls it"`
	Made  time.Time    `json:"made"`
	Used  *time.Time   `json:"used,omitempty" doc:"missing for never"`
}

func factorOf(f stepup.Factor) Factor {
	out := Factor{ID: f.ID, Means: f.Means, Name: f.Name, Made: f.Made.UTC()}
	if !f.Used.IsZero() {
		used := f.Used.UTC()
		out.Used = &used
	}
	return out
}

// CodeBegun is the secret of a code that is being enrolled.
type CodeBegun struct {
	ID     string `json:"id"`
	Secret string `json:"secret" doc:"base32 in groups of four; given once"`
	URI    string `json:"uri" doc:"the same for an application that reads pictures (otpauth)"`
}

// FirstCode finishes the enrolment of a code.
type FirstCode struct {
	Code string `json:"code" maxLength:"20"`
	Name string `json:"name" maxLength:"200"`
}

// CodeShown is a code for one act.
type CodeShown struct {
	StepUp string `json:"step_up" maxLength:"200" doc:"what the refusal with the code step_up gave"`
	Code   string `json:"code" maxLength:"20"`
}

// ResetWanted takes away the means of somebody who lost theirs.
type ResetWanted struct {
	Word   string `json:"word" maxLength:"100" doc:"what that person was given and told"`
	Reason string `json:"reason"`
}

func (s *surface) mountFactors() {
	const tag = "access"
	add(s, kind{
		method: http.MethodGet, path: "/me/factors", id: "list-factors", tag: tag, summary: "One's second means; not with a token",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*listed[Factor], error) {
		all, err := s.Desk.MyFactors(ctx, c)
		if err != nil {
			return nil, err
		}
		out := []Factor{}
		for _, f := range all {
			out = append(out, factorOf(f))
		}
		return &listed[Factor]{page[Factor]{Items: out}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/me/factors/codes", id: "begin-code", tag: tag, status: http.StatusCreated, errors: []int{http.StatusConflict},
		summary: "Begin to enrol a code of six digits", about: "Whoever has a means already steps up for it. A key of a device is enrolled on the desk's pages.",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*plain[CodeBegun], error) {
		e, err := s.Desk.BeginCode(ctx, c)
		if err != nil {
			return nil, err
		}
		return &plain[CodeBegun]{http.StatusCreated, CodeBegun{e.ID, e.Secret, e.URI}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/me/factors/codes/{id}", id: "enrol-code", tag: tag, status: http.StatusCreated, errors: []int{http.StatusConflict},
		summary: "Enrol the code with its first six digits",
	}, func(ctx context.Context, c roles.Caller, in *struct {
		ByID
		Body FirstCode
	},
	) (*plain[Factor], error) {
		f, err := s.Desk.EnrolCode(ctx, c, in.ID, in.Body.Code, in.Body.Name)
		if err != nil {
			return nil, err
		}
		return &plain[Factor]{http.StatusCreated, factorOf(f)}, nil
	})
	s.mountStepUps()
}

func (s *surface) mountStepUps() {
	const tag = "access"
	add(s, kind{
		method: http.MethodDelete, path: "/me/factors/{id}", id: "remove-factor", tag: tag, status: http.StatusNoContent,
		summary: "Take one of one's means away, after a step-up",
	}, func(ctx context.Context, c roles.Caller, in *ByID) (*struct{}, error) {
		return nil, s.Desk.RemoveFactor(ctx, c, in.ID)
	})
	add(s, kind{
		method: http.MethodPost, path: "/step-ups", id: "step-up", tag: tag, status: http.StatusNoContent, errors: []int{http.StatusConflict},
		summary: "Show a code for one act; not with a token",
		about: "An act that wants a step-up answers 403 with the code step_up and a name for it. After a code was shown under that name, " +
			"the same request goes through once, in the same session, within five minutes. A token cannot step up: it does such an act " +
			"only if its scopes name the act itself, and it was made with a step-up.",
	}, func(ctx context.Context, c roles.Caller, in *Made[CodeShown]) (*struct{}, error) {
		return nil, s.Desk.ShowCode(ctx, c, in.Body.StepUp, in.Body.Code)
	})
	add(s, kind{
		method: http.MethodPost, path: "/factor-resets", id: "reset-factors", tag: tag, status: http.StatusNoContent, errors: []int{http.StatusConflict},
		summary: "Take away the means of somebody who lost theirs: never one's own",
	}, func(ctx context.Context, c roles.Caller, in *Made[ResetWanted]) (*struct{}, error) {
		return nil, s.Desk.ResetFactors(ctx, c, in.Body.Word, in.Body.Reason)
	})
	add(s, kind{
		method: http.MethodPost, path: "/me/factors/lost", id: "report-lost", tag: tag, status: http.StatusCreated, errors: []int{http.StatusConflict},
		summary: "Say that one has none of one's means any more, and get the word for a second administrator",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*plain[LostWord], error) {
		word, err := s.Desk.ReportLost(ctx, c)
		if err != nil {
			return nil, err
		}
		return &plain[LostWord]{http.StatusCreated, LostWord{word}}, nil
	})
	add(s, kind{
		method: http.MethodPost, path: "/factor-resets/look", id: "look-lost", tag: tag,
		summary: "In which capacities somebody is at the desk who lost their means, by the word that they tell",
	}, func(ctx context.Context, c roles.Caller, in *Made[LostWord]) (*plain[LostRoles], error) {
		lost, err := s.Desk.WhoLost(ctx, c, in.Body.Word)
		if err != nil {
			return nil, err
		}
		return &plain[LostRoles]{http.StatusOK, LostRoles{lost.Held}}, nil
	})
}

// LostWord is what somebody tells a second administrator.
type LostWord struct {
	Word string `json:"word" maxLength:"100"`
}

// LostRoles says who that is, without a name.
type LostRoles struct {
	Roles []registry.Held `json:"roles"`
}
