package desk

import (
	"context"
	"fmt"
	"slices"
	"time"

	"ecluse/internal/policy"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Effect is what other rules would stop or flag, shown before anybody signs. Declarations are named as id and version.
type Effect struct {
	Stops    []string                      `json:"stops"`   // declarations in force that would end earlier: at once, or after a deadline
	Blocks   []string                      `json:"blocks"`  // declarations in force that could be approved again today and then no longer
	Schools  int                           `json:"schools"` // establishments that the stopped ones reach
	Findings map[string][]registry.Finding `json:"findings,omitempty"`
}

// EffectOf computes the effect of rules without writing anything.
func (d *Desk) EffectOf(ctx context.Context, c roles.Caller, r registry.Rules) (Effect, error) {
	s, err := d.view(ctx)
	if err != nil {
		return Effect{}, err
	}
	now := d.Now().UTC()
	if _, err := roles.May(s, now, c, roles.ProposeRules, roles.Target{}); err != nil {
		return Effect{}, err
	}
	if err := mistakes(conformity.CheckRules(r, d.Words)).err(); err != nil {
		return Effect{}, err
	}
	return d.effect(s, now, registry.RuleSet{Rules: r}), nil
}

// effect compares the rules that hold with others, at now, or on their first day when that is later.
func (d *Desk) effect(s *registry.Snapshot, now time.Time, set registry.RuleSet) Effect {
	e := Effect{Stops: []string{}, Blocks: []string{}, Findings: map[string][]registry.Finding{}}
	at := now
	if first := set.From.Starts(s.Zone()); !set.From.IsZero() && first.After(at) {
		at = first
	}
	today, reached, shared := s.Rules(now), map[string]bool{}, &conformity.Shared{}
	for one := range s.EachDeclaration() {
		if one.State != registry.Approved || !running(s, *one, today, at) {
			continue
		}
		v := *one
		name := Ref{v.ID, v.Version}.String()
		if ending := earlier(s, v, today, set.Rules); ending != nil {
			e.Stops = append(e.Stops, name)
			e.Findings[name] = append(e.Findings[name], *ending)
			for _, school := range s.FindEstablishments() {
				if reaches(s, v, *school) {
					reached[string(school.UAI)] = true
				}
			}
		}
		before, after := d.examined(s, v, today, at, shared), d.examined(s, v, set.Rules, at, shared)
		if registry.Blocks(after) && !registry.Blocks(before) {
			e.Blocks = append(e.Blocks, name)
			e.Findings[name] = append(e.Findings[name], slices.DeleteFunc(after, func(f registry.Finding) bool { return f.Severity != registry.Blocking })...)
		}
	}
	e.Schools = len(reached)
	return e
}

// running tells whether a version opens something at a moment under rules.
func running(s *registry.Snapshot, v registry.Declaration, r registry.Rules, at time.Time) bool {
	end, _ := policy.Ends(v, r, s.Zone())
	return v.InForce(at, s.Zone()) && at.Before(end)
}

// earlier is the finding that a version ends before the day on which it would end under the present rules.
func earlier(s *registry.Snapshot, v registry.Declaration, present, other registry.Rules) *registry.Finding {
	before, _ := policy.Ends(v, present, s.Zone())
	after, why := policy.Ends(v, other, s.Zone())
	if !after.Before(before) {
		return nil
	}
	last := registry.DateOf(after.In(s.Zone()).Add(-time.Nanosecond))
	return &registry.Finding{Where: "until", What: fmt.Sprintf("it would end after %s (%s)", last, why), Rule: string(why)}
}

// examined is what package conformity finds in a state of the registry under rules that need not hold there.
func (d *Desk) examined(s *registry.Snapshot, v registry.Declaration, r registry.Rules, at time.Time, shared *conformity.Shared) []registry.Finding {
	c := conformity.In(s, v.ServiceID, r, at, d.Words)
	c.Shared = shared
	if d.Asked != nil {
		c.Asked = d.Asked(c.Service)
	}
	if d.Says != nil {
		c.Says = d.Says(c.Service)
	}
	return conformity.Examine(v, c)
}

// reaches tells whether a version opens its service in an establishment: it covers it, nobody there said no, and the
// controller enabled it where that is needed.
func reaches(s *registry.Snapshot, v registry.Declaration, school registry.Establishment) bool {
	if school.Closed || !v.Scope.Covers(school) {
		return false
	}
	e, _ := s.Enabling(v.ServiceID, school.UAI)
	switch e.State {
	case registry.Enabled:
		return e.Declaration == v.ID
	case registry.RefusedHere, registry.SuspendedHere:
		return false
	}
	return v.Scope.Level == registry.ByDepartment || v.Scope.Level == registry.ByAcademy && v.Scope.All
}

// stopped counts the services of the declarations that an effect stops.
func (t *turn) stopped(e Effect) int {
	services := map[string]bool{}
	for _, v := range t.AllDeclarations() {
		if slices.Contains(e.Stops, Ref{v.ID, v.Version}.String()) {
			services[v.ServiceID] = true
		}
	}
	return len(services)
}
