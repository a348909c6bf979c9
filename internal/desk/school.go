package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// School is an establishment as the caller may see it: who answers there, by function and never by name, and which
// services are open on which basis. Why something is closed, and under which act somebody signs, stays with those who keep
// its register.
type School struct {
	registry.Establishment
	Controller registry.Role // the function that decides there
	StandIns   []StandIn     // who signs for the head, for those who look after access there
	Suspended  bool          // nobody enters anything as somebody of it
	Stopped    *Stopped      // how it was suspended, for those who stop it or start it again
	Open       []OpenedHere  // by name
}

// OpenedHere is a service of which an approved declaration covers an establishment, or of which it said something.
type OpenedHere struct {
	Service string
	Ref     Ref            // the version; none where no declaration covers the establishment any more
	Level   registry.Level // at which it was decided
	Open    bool           // whether its people can enter now, as far as the register says
	State   registry.EnablingState
	Reason  string    // of the last decision there, for those who keep its register
	Ends    time.Time // when the version opens nothing any more; zero where none is in force
}

// School gives an establishment. *NotFound where none is registered.
func (d *Desk) School(ctx context.Context, c roles.Caller, uai person.UAI) (School, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return School{}, err
	}
	on := roles.Target{UAIs: []person.UAI{uai}}
	e, known := t.Establishment(uai)
	if err := t.permits(roles.Read, on); err != nil {
		return School{}, err
	}
	if !known {
		return School{}, &NotFound{"establishment", string(uai)}
	}
	out := School{Establishment: e, Controller: e.Controller(), Suspended: t.Snapshot.Stopped(registry.StopEstablishment, string(uai))}
	if t.permits(roles.ReadAccess, on) == nil {
		out.StandIns = t.heads(roles.Enable, uai).Stands
	}
	if out.Suspended && (t.permits(roles.SuspendSchool, on) == nil || t.permits(roles.LiftSchool, on) == nil) {
		stop, _ := t.Snapshot.Stop(registry.StopEstablishment, string(uai))
		as := d.stoppedAs(t, stop.Kind, stop.ID, stop.Decisions)
		out.Stopped = &as
	}
	inside := t.permits(roles.Export, on) == nil
	rules := t.Rules(t.now)
	for _, s := range t.FindServices() {
		if o, ok := t.openedHere(s, e, &rules, inside); ok {
			out.Open = append(out.Open, o)
		}
	}
	slices.SortStableFunc(out.Open, func(a, b OpenedHere) int {
		return strings.Compare(t.FindService(a.Service).Name.FR, t.FindService(b.Service).Name.FR)
	})
	return out, nil
}

// permits asks without remembering that the act would want a step-up.
func (t *turn) permits(act roles.Act, on roles.Target) error {
	_, err := t.asks().May(act, on)
	return err
}

// openedHere is how a service stands in an establishment; ok is false where neither a declaration nor anybody there says
// anything of it, and where the caller sees nothing of the declaration.
func (t *turn) openedHere(s *registry.Service, e registry.Establishment, rules *registry.Rules, inside bool) (_ OpenedHere, ok bool) {
	if s.ID == registry.House || s.ID == registry.Desk {
		return OpenedHere{}, false
	}
	now, said := t.Enabling(s.ID, e.UAI)
	out := OpenedHere{Service: s.ID, State: now.State}
	if n := len(now.Decisions); n > 0 && inside {
		out.Reason = now.Decisions[n-1].Reason
	}
	list := t.Declarations(s.ID)
	for i := range list {
		v := &list[i]
		end, _ := policy.Ends(*v, *rules, t.Zone())
		if !v.InForce(t.now, t.Zone()) || !t.now.Before(end) || !v.Scope.Covers(e) || t.permits(roles.Read, roles.Target{Service: s.ID, Declaration: v}) != nil {
			continue
		}
		opens := !s.Suspended && !t.closed(e) && reaches(t.Snapshot, *v, e)
		if out.Ref.ID == "" || opens && !out.Open {
			out.Ref, out.Level, out.Ends, out.Open = Ref{v.ID, v.Version}, v.Scope.Level, end, opens
		}
	}
	return out, said && t.permits(roles.Read, roles.Target{Service: s.ID}) == nil || out.Ref.ID != ""
}

// Oversees asks whether the caller looks after a whole academy: whoever may export its register sees how the gateway is set
// up and where its keys stand.
func (d *Desk) Oversees(ctx context.Context, c roles.Caller) error {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return err
	}
	denied := t.permits(roles.Export, roles.Target{})
	for _, h := range roles.Holds(t.Snapshot, t.now, c) {
		for _, academy := range h.Over.Academies {
			if denied = t.permits(roles.Export, roles.Target{Academy: academy}); denied == nil {
				return nil
			}
		}
	}
	if denied == nil { // a role over nothing that is named
		denied = &roles.Denied{Act: roles.Export, Why: "perimeter"}
	}
	return denied
}
