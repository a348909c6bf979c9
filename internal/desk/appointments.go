package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// adminLink is the author of what the command line appoints.
const adminLink = "command:admin-link"

// Appoint proposes an appointment and gives the one-time word with which it is claimed, shown once. It wants a reason, an
// end a year away at most, something that it is held over and that lies in the caller's own perimeter, and an act for
// whoever will decide in an authority's name. It counts for nothing until somebody else confirmed it.
func (d *Desk) Appoint(ctx context.Context, c roles.Caller, a registry.Appointment) (_ registry.Appointment, claim string, _ error) {
	return d.appoint(ctx, c, "appointment_propose", a, func(t *turn, next *registry.Appointment) error {
		_, err := t.may(roles.Appoint, target(*next))
		t.bind(next.Act, next.From.String(), next.Until.String())
		next.State, next.Author = registry.Proposed, c.Handle
		return err
	})
}

// AppointByLink is the command line's: a confirmed appointment, with its one-time word, for the first day and for bad
// days. It gives no role that decides: whoever runs it holds the machine, and nobody alone makes somebody approve. The
// data-protection officer is told, it is journaled, and every auditor sees it. Whoever decides on the first day is proposed
// at the desk by the administrator whom it appointed, and confirmed by the data-protection officer.
func (d *Desk) AppointByLink(ctx context.Context, a registry.Appointment) (_ registry.Appointment, claim string, _ error) {
	return d.appoint(ctx, roles.Caller{Handle: adminLink}, "appointment_by_link", a, func(t *turn, next *registry.Appointment) error {
		if roles.Decides(next.Role) {
			found := []registry.Finding{{
				Where: "role", What: fmt.Sprintf("the command line appoints nobody who decides, and %s does", next.Role),
				Mend: "an administrator proposes the appointment at the desk, and the data-protection officer confirms it",
			}}
			var invalid *Invalid
			if errors.As(t.appointable(*next), &invalid) {
				found = append(found, invalid.Findings...)
			}
			return mistakes(found).err()
		}
		next.State, next.Author = registry.ConfirmedApp, adminLink
		next.Decisions = []registry.Decision{t.decision(roles.Capacity{Office: adminLink}, registry.Approved, next.Reason)}
		return nil
	})
}

func (d *Desk) appoint(ctx context.Context, c roles.Caller, word string, a registry.Appointment, may func(*turn, *registry.Appointment) error) (_ registry.Appointment, claim string, _ error) {
	var made registry.Appointment
	secret := newWord()
	err := d.act(ctx, c, word, func(t *turn) error {
		next := a
		next.ID, next.Holder, next.Claim, next.Decisions, next.Since = newID(), "", hashWord(secret), nil, t.now
		if next.From.IsZero() {
			next.From = t.today()
		}
		t.detail("role", string(next.Role))
		if err := may(t, &next); err != nil {
			return err
		}
		if err := t.appointable(next); err != nil {
			return err
		}
		t.detail("appointment", next.ID)
		t.detail("until", next.Until.String())
		t.change.Appointments = []registry.Appointment{next}
		made = next
		return nil
	})
	if err != nil {
		return registry.Appointment{}, "", err
	}
	return withoutClaim(made), secret, nil
}

// target is what an act about an appointment is about.
func target(a registry.Appointment) roles.Target {
	return roles.Target{Role: a.Role, Over: a.Over, Author: a.Author}
}

// withoutClaim leaves out the hash of the one-time word, which is nobody's business.
func withoutClaim(a registry.Appointment) registry.Appointment {
	a.Claim = ""
	return a
}

func (t *turn) appointable(a registry.Appointment) error {
	var m mistakes
	m.say(!slices.Contains(registry.Roles(), a.Role), "role", fmt.Sprintf("%q is not known", a.Role), fmt.Sprintf("one of %q", registry.Roles()))
	m.text("reason", a.Reason, mostReason)
	m.say(len([]rune(a.Act)) > mostName, "act", fmt.Sprintf("it is longer than %d characters", mostName), "")
	m.say(signs(a.Role) && a.Act == "", "act", "whoever decides in an authority's name does so under an act", "its reference")
	m.say(a.Until.IsZero(), "until", "the last day is missing", "yyyy-mm-dd")
	m.say(!a.Until.IsZero() && before(a.Until, a.From), "until", "the last day is before the first", "")
	m.say(!a.Until.IsZero() && before(a.Until, t.today()), "until", "the last day is past", "")
	m.say(before(yearAfter(a.From), a.Until), "until", "an appointment by hand lasts a year at most", yearAfter(a.From).String())
	return mistakes(append(m, t.over(a.Over)...)).err()
}

// signs tells whether a role decides in the name of an authority.
func signs(role registry.Role) bool {
	return slices.Contains([]registry.Role{registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur}, role)
}

// over wants something that a role is held over, and that is registered.
func (t *turn) over(o registry.Over) []registry.Finding {
	var m mistakes
	something := len(o.Academies) + len(o.Departments) + len(o.Circonscriptions) + len(o.UAIs) + len(o.Services) + len(o.Sources)
	m.say(something == 0, "over", "nothing is named that it is held over", "academies, departments, circonscriptions, uais, services or sources")
	for i, uai := range o.UAIs {
		_, known := t.Establishment(uai)
		m.say(!known, fmt.Sprintf("over.uais[%d]", i), fmt.Sprintf("%s is not registered", uai), "")
	}
	for i, id := range o.Services {
		_, known := t.Service(id)
		m.say(!known, fmt.Sprintf("over.services[%d]", i), fmt.Sprintf("%s is not registered", id), "")
	}
	for i, id := range o.Sources {
		_, known := t.Source(id)
		m.say(!known, fmt.Sprintf("over.sources[%d]", i), fmt.Sprintf("%s is not registered", id), "")
	}
	return m
}

// ConfirmAppointment confirms somebody else's proposal, or revokes an appointment in whatever state, which wants a reason.
func (d *Desk) ConfirmAppointment(ctx context.Context, c roles.Caller, id string, state registry.AppState, reason string) (registry.Appointment, error) {
	return d.confirmAppointment(ctx, c, id, state, reason, "")
}

// ConfirmWithWord confirms somebody else's proposal for somebody who cannot sign in yet, as on the first day, and gives a
// second one-time word, shown once. From then on the appointment is claimed with both words, the proposer's before the
// confirmer's: neither of the two can claim it.
func (d *Desk) ConfirmWithWord(ctx context.Context, c roles.Caller, id, reason string) (_ registry.Appointment, second string, _ error) {
	second = newWord()
	made, err := d.confirmAppointment(ctx, c, id, registry.ConfirmedApp, reason, second)
	if err != nil {
		return registry.Appointment{}, "", err
	}
	return made, second, nil
}

func (d *Desk) confirmAppointment(ctx context.Context, c roles.Caller, id string, state registry.AppState, reason, second string) (registry.Appointment, error) {
	var made registry.Appointment
	act, word, as := roles.RevokeAppoint, "appointment_revoke", registry.Archived
	if state == registry.ConfirmedApp {
		act, word, as = roles.ConfirmAppoint, "appointment_confirm", registry.Approved
	}
	err := d.act(ctx, c, word, func(t *turn) error {
		t.detail("appointment", id)
		next, known := t.appointment(id)
		in, err := t.may(act, target(next))
		switch {
		case err != nil:
			return err
		case !known:
			return &NotFound{"appointment", id}
		}
		t.bind(next.ID)
		t.detail("role", string(next.Role))
		if err := t.decidable(next, state, reason); err != nil {
			return err
		}
		next.State, next.Since = state, t.now
		if second != "" {
			next.Claim = joined(next.Claim, second)
		}
		next.Decisions = append(slices.Clone(next.Decisions), t.decision(in, as, reason))
		t.change.Appointments = []registry.Appointment{next}
		made = withoutClaim(next)
		return nil
	})
	return made, err
}

func (t *turn) appointment(id string) (registry.Appointment, bool) {
	all := t.Appointments()
	i := slices.IndexFunc(all, func(a registry.Appointment) bool { return a.ID == id })
	if i < 0 {
		return registry.Appointment{}, false
	}
	return all[i], true
}

func (t *turn) decidable(a registry.Appointment, state registry.AppState, reason string) error {
	var m mistakes
	m.say(state != registry.ConfirmedApp && state != registry.Revoked, "state", fmt.Sprintf("%q is not known", state), "confirmed or revoked")
	m.say(state == registry.Revoked && reason == "", "reason", "why is missing", "a sentence")
	m.say(len([]rune(reason)) > mostReason, "reason", fmt.Sprintf("it is longer than %d characters", mostReason), "say it shorter")
	if err := m.err(); err != nil {
		return err
	}
	switch {
	case a.State == registry.Revoked, state == registry.ConfirmedApp && a.State != registry.Proposed:
		return &Conflict{Code: "state", What: fmt.Sprintf("appointment %s is %s already", a.ID, a.State)}
	case state == registry.Revoked:
		return nil
	case !t.now.Before(a.Until.Ends(t.Zone())):
		return &Conflict{Code: "state", What: fmt.Sprintf("appointment %s ended on %s", a.ID, a.Until)}
	}
	return nil
}
