package desk

import (
	"context"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Effect is what other rules would stop or flag, shown before anybody signs.
type Effect struct {
	Stops    []string                      `json:"stops"`   // declarations in force that would no longer be
	Blocks   []string                      `json:"blocks"`  // declarations in force that could not be approved again
	Schools  int                           `json:"schools"` // establishments that the stopped ones reach
	Findings map[string][]registry.Finding `json:"findings,omitempty"`
}

// EffectOf computes the effect of rules without writing anything.
func (d *Desk) EffectOf(ctx context.Context, c roles.Caller, r registry.Rules) (Effect, error) {
	panic("not yet")
}

// ProposeRules writes a next version of the rules down; the author's signature is the first.
func (d *Desk) ProposeRules(ctx context.Context, c roles.Caller, r registry.Rules, from registry.Date) (registry.RuleSet, error) {
	panic("not yet")
}

// SignRules adds a signature, which records how many services the signatory was shown to be stopped; drop withdraws the
// proposal instead.
func (d *Desk) SignRules(ctx context.Context, c roles.Caller, version int, drop bool, reason string) (registry.RuleSet, error) {
	panic("not yet")
}
