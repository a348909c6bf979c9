package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Button is what one press stops, or starts again.
type Button struct {
	Kind   registry.StopKind `json:"kind"`
	ID     string            `json:"id"` // of a service or source, a UAI, an appointment's id, a handle of the desk
	Reason string            `json:"reason"`
}

// Stopped is something that is suspended, or was a moment ago.
type Stopped struct {
	Kind      registry.StopKind `json:"kind"`
	ID        string            `json:"id"`
	Suspended bool              `json:"suspended"`
	Decision  registry.Decision `json:"decision"`         // the newest: when, in which function, and why
	Untold    []Untold          `json:"untold,omitempty"` // where people stay signed in: told by nobody
}

// Untold is a binding of a service that cannot be told of a sign-out without the person's browser: who is signed in there
// stays so until the service itself ends it.
type Untold struct {
	Service  string `json:"service"`
	Protocol string `json:"protocol"`
	Handle   string `json:"handle"`
}

// Stop suspends a service, a source, an establishment's access, an appointment, or all that somebody may at the desk. It
// wants a reason and no second person. Nothing is issued on what is stopped from the next answer on; rights to later answers
// that rest on it are over for good, and who is signed in is signed out in the background where the protocol can say so.
// The answer lists where it cannot.
func (d *Desk) Stop(ctx context.Context, c roles.Caller, b Button) (Stopped, error) {
	return d.press(ctx, c, b, true)
}

// Start lifts a suspension. It wants a reason, a step-up, and somebody else than who stopped it.
func (d *Desk) Start(ctx context.Context, c roles.Caller, b Button) (Stopped, error) {
	return d.press(ctx, c, b, false)
}

func (d *Desk) press(ctx context.Context, c roles.Caller, b Button, stop bool) (Stopped, error) {
	var list []registry.Decision
	var err error
	switch b.Kind {
	case registry.StopService:
		var made registry.Service
		made, err = d.SuspendService(ctx, c, b.ID, stop, b.Reason)
		list = made.Decisions
	case registry.StopSource:
		var made registry.Source
		made, err = d.SuspendSource(ctx, c, b.ID, stop, b.Reason)
		list = made.Decisions
	case registry.StopEstablishment, registry.StopAppointment, registry.StopHolder:
		var made registry.Stop
		made, err = d.suspend(ctx, c, b, stop)
		list = made.Decisions
	default:
		err = (&mistakes{{Where: "kind", What: fmt.Sprintf("%q is not known", b.Kind), Mend: fmt.Sprintf("one of %q", registry.StopKinds())}}).err()
	}
	if err != nil {
		return Stopped{}, err
	}
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Stopped{}, err
	}
	return d.stoppedAs(t, b.Kind, b.ID, list), nil
}

// suspend stops and starts what has no word of its own in the registry.
func (d *Desk) suspend(ctx context.Context, c roles.Caller, b Button, stop bool) (registry.Stop, error) {
	var made registry.Stop
	act, word, state := b.acts(stop)
	err := d.act(ctx, c, word, func(t *turn) error {
		next, _ := t.Stop(b.Kind, b.ID)
		next.Kind, next.ID = b.Kind, b.ID
		on, known := t.button(b)
		if !stop {
			last, _ := registry.LastStop(next.Decisions)
			on.Author = last.By
			t.bind(b.ID)
		}
		t.names(b, on)
		in, err := t.may(act, on)
		asked := stopping{kind: string(b.Kind), id: b.ID, reason: b.Reason, known: known, is: next.Suspended, wanted: stop}
		if err := asked.check(err); err != nil {
			return err
		}
		next.Suspended, next.Since = stop, t.now
		next.Decisions = append(slices.Clone(next.Decisions), t.decision(in, state, b.Reason))
		t.change.Stops = []registry.Stop{next}
		if stop {
			t.endTokens(on.Holder)
		}
		made = next
		return nil
	})
	return made, err
}

// acts are what roles is asked, and what the journal says: establishment_suspend, appointment_lift.
func (b Button) acts(stop bool) (roles.Act, string, registry.State) {
	act, lift := roles.SuspendOffice, roles.LiftOffice
	if b.Kind == registry.StopEstablishment {
		act, lift = roles.SuspendSchool, roles.LiftSchool
	}
	if stop {
		return act, string(b.Kind) + "_suspend", registry.Suspended
	}
	return lift, string(b.Kind) + "_lift", registry.Approved
}

// button is what an act on a stop is about. A handle is nobody's in particular: only who looks after a whole academy stops
// it, and it need not have done anything yet.
func (t *turn) button(b Button) (on roles.Target, known bool) {
	switch b.Kind {
	case registry.StopEstablishment:
		_, known = t.Establishment(person.UAI(b.ID))
		return roles.Target{UAIs: []person.UAI{person.UAI(b.ID)}}, known
	case registry.StopAppointment:
		a, known := t.appointment(b.ID)
		on = target(a)
		on.Author, on.Holder = "", a.Holder
		return on, known
	default:
		return roles.Target{Holder: b.ID}, b.ID != "" && len(b.ID) <= mostName
	}
}

// names says in the journal what is stopped. A handle stands there as that of whoever acts does.
func (t *turn) names(b Button, on roles.Target) {
	switch b.Kind {
	case registry.StopEstablishment:
		t.entry.UAI = b.ID
	case registry.StopAppointment:
		t.detail("appointment", b.ID)
		t.detail("role", string(on.Role))
	default:
		t.detail("holder", b.ID)
	}
}

// endTokens ends whatever acts for a handle without it.
func (t *turn) endTokens(holder string) {
	n := 0
	for _, k := range t.Tokens() {
		if holder != "" && k.Holder == holder && !k.Revoked && t.now.Before(k.Until) {
			k.Revoked = true
			t.change.Tokens = append(t.change.Tokens, k)
			n++
		}
	}
	if n > 0 {
		t.detail("tokens", fmt.Sprint(n))
	}
}

// Stops lists what is suspended now and in the caller's sight: services and sources that they may read of, and what they
// could stop or start themselves. The newest comes first.
func (d *Desk) Stops(ctx context.Context, c roles.Caller) ([]Stopped, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return nil, err
	}
	var out []Stopped
	add := func(kind registry.StopKind, id string, list []registry.Decision, on roles.Target, acts ...roles.Act) {
		if slices.ContainsFunc(acts, func(a roles.Act) bool { _, err := t.asks().May(a, on); return err == nil }) {
			out = append(out, d.stoppedAs(t, kind, id, list))
		}
	}
	for _, s := range t.Services() {
		if s.Suspended {
			add(registry.StopService, s.ID, s.Decisions, roles.Target{Service: s.ID}, roles.Read)
		}
	}
	for _, s := range t.Sources() {
		if s.Suspended {
			add(registry.StopSource, s.ID, s.Decisions, roles.Target{Source: s.ID}, roles.Read)
		}
	}
	for _, s := range t.Snapshot.Stops() {
		b := Button{Kind: s.Kind, ID: s.ID}
		stop, _, _ := b.acts(true)
		lift, _, _ := b.acts(false)
		if on, _ := t.button(b); s.Suspended {
			add(s.Kind, s.ID, s.Decisions, on, stop, lift)
		}
	}
	slices.SortStableFunc(out, func(a, b Stopped) int { return b.Decision.At.Compare(a.Decision.At) })
	return out, nil
}

// stoppedAs is a stop as it is shown. Who decided is said by their function.
func (d *Desk) stoppedAs(t *turn, kind registry.StopKind, id string, list []registry.Decision) Stopped {
	out := Stopped{Kind: kind, ID: id}
	if n := len(list); n > 0 {
		out.Decision = list[n-1]
		out.Suspended = out.Decision.State == registry.Suspended
	}
	out.Decision.By = ""
	if s, ok := t.Service(id); kind == registry.StopService && ok && len(list) == 0 {
		out.Suspended = s.Suspended // a file says so
	}
	if out.Suspended {
		out.Untold = d.untold(t, kind, id)
	}
	return out
}

// untold lists the bindings behind which people stay signed in: those of one service; of all that people may have entered,
// for a source or an establishment. At the desk nothing needs to be told: roles are looked up at each act.
func (d *Desk) untold(t *turn, kind registry.StopKind, id string) []Untold {
	var out []Untold
	for _, s := range t.Services() {
		switch {
		case s.ID == registry.House || s.ID == registry.Desk:
			continue
		case kind == registry.StopService && s.ID != id, kind == registry.StopAppointment, kind == registry.StopHolder:
			continue
		case kind == registry.StopEstablishment && !t.entered(s.ID, person.UAI(id)):
			continue
		}
		for _, b := range s.Bindings {
			if d.Tells == nil || !d.Tells(s, b) {
				out = append(out, Untold{s.ID, b.Protocol, b.Handle})
			}
		}
	}
	return out
}

// entered tells whether people of an establishment may have entered a service: some version that was approved reaches it.
func (t *turn) entered(service string, uai person.UAI) bool {
	e, _ := t.Establishment(uai)
	return slices.ContainsFunc(t.Declarations(service), func(v registry.Declaration) bool { return v.WasApproved() && v.Scope.Covers(e) })
}
