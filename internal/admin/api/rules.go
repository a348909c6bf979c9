package api

import (
	"context"
	"fmt"
	"net/http"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Proposal is a next version of the rules, and from when it is to hold.
type Proposal struct {
	Rules registry.Rules `json:"rules"`
	From  registry.Date  `json:"from"`
}

// OneSet names a version of the rules in the path.
type OneSet struct {
	Version int `path:"version" minimum:"1" maximum:"1000000"`
	Body    *Because
}

func (s *surface) mountRules() {
	add(s, kind{
		method: http.MethodGet, path: "/rules", id: "get-rules", tag: "rules", summary: "The rules that hold now", conditional: true,
	}, func(ctx context.Context, c roles.Caller, in *IfNoneMatch) (*single[registry.Rules], error) {
		view, err := s.Desk.Catalogue(ctx, c)
		if err != nil {
			return nil, err
		}
		now := view.Rules(s.Now())
		return show(now, desk.Tag(now), in.IfNoneMatch), nil
	})
	add(s, kind{
		method: http.MethodGet, path: "/rules/sets", id: "list-rules", tag: "rules", summary: "Every version of the rules, proposals included",
	}, func(ctx context.Context, c roles.Caller, in *Paging) (*listed[registry.RuleSet], error) {
		view, err := s.Desk.Catalogue(ctx, c)
		if err != nil {
			return nil, err
		}
		return paged(view.RuleSets(), func(r registry.RuleSet) string { return fmt.Sprintf("%08d", r.Rules.Version) }, *in)
	})
	add(s, kind{
		method: http.MethodPost, path: "/rules/effect", id: "effect-of-rules", tag: "rules",
		summary: "What other rules would stop or flag; nothing is written",
	}, func(ctx context.Context, c roles.Caller, in *Made[registry.Rules]) (*plain[desk.Effect], error) {
		effect, err := s.Desk.EffectOf(ctx, c, in.Body)
		if err != nil {
			return nil, err
		}
		return &plain[desk.Effect]{http.StatusOK, effect}, nil
	})
	add(s, kind{
		method: http.MethodGet, path: "/flags", id: "list-flags", tag: "rules",
		summary: "Declarations in force that end before their own last day, or rest on an instrument that fell; the first to end first",
	}, func(ctx context.Context, c roles.Caller, _ *struct{}) (*listed[desk.Flag], error) {
		list, err := s.Desk.Flagged(ctx, c)
		if err != nil {
			return nil, err
		}
		for i := range list {
			list[i].Until = list[i].Until.UTC()
		}
		return &listed[desk.Flag]{page[desk.Flag]{Items: list}}, nil
	})
	s.mountRuleSets()
}

func (s *surface) mountRuleSets() {
	add(s, kind{
		method: http.MethodPost, path: "/rules/sets", id: "propose-rules", tag: "rules", status: http.StatusCreated,
		summary: "Propose a next version of the rules; the author's signature is the first",
	}, func(ctx context.Context, c roles.Caller, in *Made[Proposal]) (*single[registry.RuleSet], error) {
		set, err := s.Desk.ProposeRules(ctx, c, in.Body.Rules, in.Body.From)
		return ruled(http.StatusCreated, set, err)
	})
	add(s, kind{
		method: http.MethodPost, path: "/rules/sets/{version}/signatures", id: "sign-rules", tag: "rules", status: http.StatusCreated,
		summary: "Sign a proposal: two persons, one of them the data-protection officer",
	}, func(ctx context.Context, c roles.Caller, in *OneSet) (*single[registry.RuleSet], error) {
		set, err := s.Desk.SignRules(ctx, c, in.Version, false, why(in.Body))
		return ruled(http.StatusCreated, set, err)
	})
	add(s, kind{
		method: http.MethodDelete, path: "/rules/sets/{version}", id: "drop-rules", tag: "rules", summary: "Withdraw a proposal",
	}, func(ctx context.Context, c roles.Caller, in *OneSet) (*single[registry.RuleSet], error) {
		set, err := s.Desk.SignRules(ctx, c, in.Version, true, why(in.Body))
		return ruled(http.StatusOK, set, err)
	})
}

func ruled(status int, set registry.RuleSet, err error) (*single[registry.RuleSet], error) {
	if err != nil {
		return nil, err
	}
	return wrote(status, set, desk.Tag(set)), nil
}
