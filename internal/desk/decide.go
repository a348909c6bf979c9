package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Stance is what a controller decides for establishments about a service.
type Stance struct {
	Service     string                 `json:"service"`
	Declaration string                 `json:"declaration,omitempty"` // required to enable
	Version     int                    `json:"version,omitempty"`     // the one in force when 0, or else the next to come
	Where       Where                  `json:"where"`
	State       registry.EnablingState `json:"state"` // enabled, refused, suspended, withdrawn
	Reason      string                 `json:"reason,omitempty"`
	Message     registry.Text          `json:"message,omitzero"`
	Renews      bool                   `json:"renews,omitempty" doc:"to enable only where an older version of the declaration is enabled: what waited for the controller goes on"`
}

// act is what the stance asks of roles, and the journal's word for it.
func (s Stance) act() (roles.Act, string) {
	switch s.State {
	case registry.Enabled:
		if s.Renews {
			return roles.Enable, "enabling_renew"
		}
		return roles.Enable, "enabling_enable"
	case registry.RefusedHere:
		return roles.Enable, "enabling_refuse"
	case registry.SuspendedHere:
		return roles.SuspendLocally, "enabling_suspend"
	default:
		return roles.Enable, "enabling_withdraw"
	}
}

// check wants a state that a controller may decide, and a reason to stop something.
func (s Stance) check() error {
	var m mistakes
	states := []registry.EnablingState{registry.Enabled, registry.RefusedHere, registry.SuspendedHere, registry.Withdrawn}
	m.say(!slices.Contains(states, s.State), "state", fmt.Sprintf("%q is not known", s.State), fmt.Sprintf("one of %q", states))
	stops := s.State == registry.RefusedHere || s.State == registry.SuspendedHere
	m.say(stops && s.Reason == "", "reason", "why is missing", "a sentence")
	m.say(len([]rune(s.Reason)) > mostReason, "reason", fmt.Sprintf("it is longer than %d characters", mostReason), "say it shorter")
	m.say(s.State == registry.Enabled && s.Declaration == "", "declaration", "under which declaration is missing", "")
	return m.err()
}

// Decide enables, refuses, suspends or withdraws in one attributable act, all or none: an establishment outside the
// caller's perimeter refuses the whole, and *Invalid names each. Enabling a version accepts it, wider or not. A local
// suspension is lifted by enabling again or by withdrawing. These are decisions of people: that a file manages an
// enabling, which it can only claim, keeps no controller from deciding. What already stands so is left unchanged, with
// its own decision.
func (d *Desk) Decide(ctx context.Context, c roles.Caller, s Stance) (Report, error) {
	var report Report
	_, word := s.act()
	err := d.settle(ctx, c, word, func(t *turn) error {
		report = Report{}
		_, err := t.decide(s, &report)
		return err
	})
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// decide puts a stance into the change, and gives the establishments that it is about.
func (t *turn) decide(s Stance, report *Report) ([]chosen, error) {
	act, _ := s.act()
	t.entry.Service = s.Service
	schools, err := t.choose(act, s.Service, s.Where)
	if err != nil {
		return nil, err
	}
	if err := s.check(); err != nil {
		return schools, err
	}
	if _, ok := t.Service(s.Service); !ok {
		return schools, &NotFound{"service", s.Service}
	}
	if s.State == registry.Enabled {
		return schools, t.enable(s, schools, report)
	}
	for _, e := range schools {
		t.stand(s, e, report)
	}
	return schools, t.decided(*report)
}

// decided fills the journal entry, or says that there was nothing to do.
func (t *turn) decided(r Report) error {
	if r.Done == 0 {
		return errIdle
	}
	t.at(r.UAIs...)
	return nil
}

// stand puts one establishment's stance into the change, where it differs from the one that stands.
func (t *turn) stand(s Stance, e chosen, report *Report) {
	old, _ := t.Enabling(s.Service, e.UAI)
	if s.keeps(old) {
		report.Unchanged++
		return
	}
	if s.lifts(old) {
		t.wants(roles.Lift, roles.Target{Service: s.Service, UAIs: []person.UAI{e.UAI}})
		t.bind(s.Declaration, fmt.Sprint(s.Version))
	}
	next := old
	next.Service, next.UAI, next.State, next.Message, next.Since = s.Service, e.UAI, s.State, s.Message, t.now
	by := t.decision(e.in, registry.State(s.State), s.Reason)
	switch s.State {
	case registry.Enabled:
		next.Before = t.meanwhile(s, old)
		next.Declaration, next.Version = s.Declaration, s.Version
		by.Notes = []registry.Remark{{Where: "declaration", What: Ref{s.Declaration, s.Version}.String()}}
	case registry.Withdrawn:
		next.Declaration, next.Version, next.Before = "", 0, 0
	}
	next.Decisions = append(slices.Clone(old.Decisions), by)
	t.change.Enablings = append(t.change.Enablings, next)
	report.Done++
	report.UAIs = append(report.UAIs, e.UAI)
}

// meanwhile is the version accepted before, which runs until the one that is accepted now begins.
func (t *turn) meanwhile(s Stance, old registry.Enabling) int {
	v, _ := t.Declaration(s.Declaration, s.Version)
	if old.State != registry.Enabled || old.Declaration != s.Declaration || !t.now.Before(v.From.Starts(t.Zone())) {
		return 0
	}
	before, known := t.Declaration(old.Declaration, old.Version)
	if known && t.now.Before(before.From.Starts(t.Zone())) {
		return old.Before
	}
	return old.Version
}

// keeps tells whether the stance leaves an enabling as it is. A suspension, which more people may decide, never takes the
// place of a controller's refusal.
func (s Stance) keeps(old registry.Enabling) bool {
	switch s.State {
	case registry.Enabled:
		return old.State == s.State && old.Declaration == s.Declaration && old.Version == s.Version
	case registry.SuspendedHere:
		return old.State == registry.RefusedHere || old.State == s.State && old.Message == s.Message
	case registry.Withdrawn:
		return old.State == "" || old.State == s.State
	default:
		return old.State == s.State && old.Message == s.Message
	}
}

// enable wants a version in force or to come, that nothing has stopped, and whose scope covers each establishment.
func (t *turn) enable(s Stance, schools []chosen, report *Report) error {
	v, superseded, err := t.version(s)
	if err != nil {
		return err
	}
	s.Version = v.Version
	t.about(v)
	var m mistakes
	for _, e := range schools {
		if old, _ := t.Enabling(s.Service, e.UAI); s.Renews && !waits(old, v) {
			report.Unchanged++
			continue
		}
		where := s.Where.at(e.UAI)
		m.say(!v.Scope.Covers(e.Establishment), where, fmt.Sprintf("%s does not cover %s", Ref{v.ID, v.Version}, e.UAI), "leave it out, or have the scope widened by a new version")
		m.say(superseded && !t.accepted(s, e.UAI), where, fmt.Sprintf("%s: a newer version than %d is in force", e.UAI, v.Version), "the newer version")
		t.stand(s, e, report)
	}
	if err := m.err(); err != nil {
		return err
	}
	return t.decided(*report)
}

// accepted tells whether the establishment had accepted this very version before it was suspended there: lifting that
// accepts nothing new.
func (t *turn) accepted(s Stance, uai person.UAI) bool {
	old, _ := t.Enabling(s.Service, uai)
	return old.Declaration == s.Declaration && old.Version == s.Version &&
		(old.State == registry.SuspendedHere || old.State == registry.Enabled)
}

// version finds the version that a stance enables, and whether a newer one is in force.
func (t *turn) version(s Stance) (_ registry.Declaration, superseded bool, _ error) {
	service, _ := t.Service(s.Service)
	if service.Suspended {
		return registry.Declaration{}, false, &Conflict{Code: "state", What: fmt.Sprintf("service %s is suspended", s.Service)}
	}
	versions := t.Versions(s.Declaration)
	if len(versions) == 0 || versions[0].ServiceID != s.Service {
		return registry.Declaration{}, false, &NotFound{"declaration", s.Declaration}
	}
	if slices.ContainsFunc(versions, func(v registry.Declaration) bool { return v.State == registry.Suspended }) {
		return registry.Declaration{}, false, &Conflict{Code: "state", What: fmt.Sprintf("declaration %s is suspended", s.Declaration)}
	}
	newest := slices.IndexFunc(versions, func(v registry.Declaration) bool { return v.WasApproved() && t.begun(v) })
	i := slices.IndexFunc(versions, func(v registry.Declaration) bool { return v.Version == s.Version })
	if s.Version == 0 {
		i = t.next(versions, newest)
	}
	if i < 0 || !t.stands(versions[i]) {
		return registry.Declaration{}, false, &Conflict{Code: "state", What: fmt.Sprintf("%s is not approved, or over", Ref{s.Declaration, s.Version})}
	}
	return versions[i], newest >= 0 && i > newest, nil
}

// next is the place of the version in force, or else of the first to come; less than 0 is none.
func (t *turn) next(versions []registry.Declaration, newest int) int {
	if newest >= 0 && t.stands(versions[newest]) {
		return newest
	}
	next := -1
	for i, v := range versions { // newest first
		if t.stands(v) && !t.begun(v) {
			next = i
		}
	}
	return next
}

// stands tells whether a version is approved and not over; it may be still to come.
func (t *turn) stands(v registry.Declaration) bool {
	end, _ := policy.Ends(v, t.Rules(t.now), t.Zone())
	return v.State == registry.Approved && t.now.Before(end)
}

// begun tells whether a version's first day has come.
func (t *turn) begun(v registry.Declaration) bool { return !t.now.Before(v.From.Starts(t.Zone())) }
