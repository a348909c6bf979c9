package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"ecluse/internal/admin"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// demoOffice is an office that the demo gives to one of its people.
type demoOffice struct {
	who  string
	uai  person.UAI
	role registry.Role
	over registry.Over
}

func demoOffices() []demoOffice {
	const rectorat person.UAI = "0280001Z"
	academy := registry.Over{Academies: []string{"exemple"}}
	return []demoOffice{
		{"dora", rectorat, registry.DPO, academy},
		{"remi", rectorat, registry.Recteur, academy},
		{"diane", rectorat, registry.DASEN, registry.Over{Departments: []string{"028"}}},
		{"alix", rectorat, registry.Admin, academy},
	}
}

// demoTerm is how long the demo's appointments last.
const demoTerm = 90

// appointDemo gives the demo's people the offices that no federation vouches for. Each is bound to the number under which
// the desk will know the person, asked of the same gate and the same engine as at a sign-in; the decision is marked as the
// demo's own.
func appointDemo(ctx context.Context, b *base) error {
	err := b.appointOnce(ctx)
	for i := 0; i < appointAgain && (errors.Is(err, registry.ErrConflict) || errors.Is(err, registry.ErrHistory)); i++ {
		err = b.appointOnce(ctx) // another process filled the same database meanwhile
	}
	return err
}

const appointAgain = 3

func (b *base) appointOnce(ctx context.Context) error {
	contents, err := b.store.Load(ctx)
	if err != nil {
		return err
	}
	view, now := b.snapshot(contents), b.now()
	simulator := admin.Simulator{Engine: b.engine, Now: b.now}
	today := registry.DateOf(now.In(b.zone))
	change := registry.Change{Base: contents.Revision}
	for _, o := range demoOffices() {
		who, err := b.demoPerson(ctx, "demo:"+o.who)
		if err != nil {
			return err
		}
		e := simulator.Explain(view, admin.Question{Person: who, UAI: o.uai, Service: registry.Desk}, nil)
		if !e.Allowed {
			b.log.Warn("a person of the demo is not let in to the desk", "person", o.who, "reason", e.Reason)
			continue
		}
		if appointedAlready(view, e.Subject, o.role, now) {
			continue
		}
		change.Appointments = append(change.Appointments, registry.Appointment{
			ID: fmt.Sprintf("demo-%s-%s", o.role, today), Role: o.role, Over: o.over, Holder: e.Subject, Author: "démonstration",
			Reason: "démonstration", Act: "démonstration", From: today, Until: today.Add(demoTerm),
			State: registry.ConfirmedApp, Since: now,
			Decisions: []registry.Decision{{At: now, State: registry.Approved, Office: "démonstration", Demo: true}},
		})
	}
	if len(change.Appointments) == 0 {
		return nil
	}
	_, err = b.applied(ctx, change, "command:demo")
	return err
}

func appointedAlready(s *registry.Snapshot, handle string, role registry.Role, now time.Time) bool {
	return slices.ContainsFunc(s.AppointmentsOf(handle), func(a registry.Appointment) bool {
		return a.Role == role && a.State == registry.ConfirmedApp && now.Before(a.Until.Ends(s.Zone()))
	})
}

// greetDesk tells how to reach the desk, and as whom.
func greetDesk(out io.Writer, public string) {
	fmt.Fprintf(out, "  desk         %s/bureau/   as paul (head), yann (deputy), sophie (école), diane (DASEN), remi (recteur), dora (DPO), alix (admin)\n", public)
}
