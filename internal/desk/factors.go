package desk

import (
	"context"
	"errors"
	"fmt"

	"ecluse/internal/audit"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/stepup"
)

// noFactors is the answer of a desk without a book of second means.
func noFactors() error {
	return &Conflict{Code: "state", What: "this gateway keeps no second means"}
}

// here is whoever is signed in at the desk, for an act on their own means. A token has none.
func (d *Desk) here(ctx context.Context, c roles.Caller, word string) (*turn, stepup.Who, error) {
	t, err := d.begin(ctx, c, word)
	if err != nil {
		return nil, stepup.Who{}, err
	}
	if _, err := t.may(roles.ManageFactors, roles.Target{Holder: c.Handle}); err != nil {
		return nil, stepup.Who{}, d.keepDenial(ctx, t, err)
	}
	if d.Factors == nil {
		return nil, stepup.Who{}, noFactors()
	}
	return t, stepup.Who{Handle: c.Handle, Session: c.Session}, nil
}

// MyFactors lists the caller's second means, the oldest first.
func (d *Desk) MyFactors(ctx context.Context, c roles.Caller) ([]stepup.Factor, error) {
	if _, _, err := d.here(ctx, c, ""); err != nil {
		return nil, err
	}
	return d.Factors.Factors(ctx, c.Handle)
}

// BeginCode makes the secret of a code for the caller's telephone. Whoever has a means already steps up first, so that
// nobody adds one to a session that was left open.
func (d *Desk) BeginCode(ctx context.Context, c roles.Caller) (stepup.Enrolment, error) {
	who, err := d.enrols(ctx, c)
	if err != nil {
		return stepup.Enrolment{}, err
	}
	e, err := d.Factors.BeginCode(ctx, who)
	return e, factorError(err)
}

// BeginKey is BeginCode for a key of the caller's device: what the browser needs, as JSON, and the name of the ceremony.
func (d *Desk) BeginKey(ctx context.Context, c roles.Caller) (id string, options []byte, err error) {
	who, err := d.enrols(ctx, c)
	if err != nil {
		return "", nil, err
	}
	id, options, err = d.Factors.BeginKey(ctx, who)
	return id, options, factorError(err)
}

// enrols wants a step-up of whoever has a means already.
func (d *Desk) enrols(ctx context.Context, c roles.Caller) (stepup.Who, error) {
	t, who, err := d.here(ctx, c, "factor_add")
	if err != nil {
		return who, err
	}
	has, err := d.Factors.Factors(ctx, c.Handle)
	if err != nil {
		return who, err
	}
	if len(has) > 0 {
		t.wants(roles.ManageFactors, roles.Target{Holder: c.Handle})
	}
	_, err = d.confirmed(ctx, t, confirmation{})
	return who, err
}

// EnrolCode adds the code that BeginCode began, when a first one is right. name is what the caller calls it.
func (d *Desk) EnrolCode(ctx context.Context, c roles.Caller, id, code, name string) (stepup.Factor, error) {
	return d.enrol(ctx, c, stepup.TOTP, name, func(w stepup.Who, entry audit.Entry) (stepup.Factor, error) {
		return d.Factors.EnrolCode(ctx, w, id, code, plain(name), entry)
	})
}

// EnrolKey adds the key that a browser made for BeginKey; answer is what it gave, as JSON.
func (d *Desk) EnrolKey(ctx context.Context, c roles.Caller, id string, answer []byte, name string) (stepup.Factor, error) {
	return d.enrol(ctx, c, stepup.Key, name, func(w stepup.Who, entry audit.Entry) (stepup.Factor, error) {
		return d.Factors.EnrolKey(ctx, w, id, answer, plain(name), entry)
	})
}

func (d *Desk) enrol(ctx context.Context, c roles.Caller, means stepup.Means, name string, add func(stepup.Who, audit.Entry) (stepup.Factor, error)) (stepup.Factor, error) {
	t, who, err := d.here(ctx, c, "factor_add")
	if err != nil {
		return stepup.Factor{}, err
	}
	var m mistakes
	m.text("name", name, mostName)
	if err := m.err(); err != nil {
		return stepup.Factor{}, err
	}
	t.detail("means", string(means))
	f, err := add(who, t.entry)
	return f, codeError(err)
}

// ShowCode takes a code of the caller's for one act, which the key of a *StepUp names. The act is asked for again afterwards,
// in the same session, within five minutes.
func (d *Desk) ShowCode(ctx context.Context, c roles.Caller, key, code string) error {
	_, who, err := d.here(ctx, c, "step_up")
	if err != nil {
		return err
	}
	var m mistakes
	m.text("step_up", key, mostName)
	if err := m.err(); err != nil {
		return err
	}
	return codeError(d.Factors.ShowCode(ctx, who, key, code))
}

// codeError says in this package's words what stood against a code.
func codeError(err error) error {
	switch {
	case errors.Is(err, stepup.ErrWrong):
		return errors.Join(&Invalid{Findings: mistakes{{Where: "code", What: stepup.ErrWrong.Error(), Mend: "the next code"}}}, err)
	case errors.Is(err, stepup.ErrTooMany):
		return errors.Join(&Conflict{Code: "too_many", What: "too many wrong codes: none is looked at for ten minutes"}, err)
	case errors.Is(err, stepup.ErrNone):
		return errors.Join(&Conflict{Code: "none", What: "no code is enrolled: that comes first"}, err)
	}
	return factorError(err)
}

// RemoveFactor takes one of the caller's means away, after a step-up with one of them.
func (d *Desk) RemoveFactor(ctx context.Context, c roles.Caller, id string) error {
	t, _, err := d.here(ctx, c, "factor_remove")
	if err != nil {
		return err
	}
	if id == "" { // in the store that means all of them, which ResetFactors takes away
		return &NotFound{"factor", id}
	}
	t.wants(roles.ManageFactors, roles.Target{Holder: c.Handle})
	t.bind(id)
	if _, err := d.confirmed(ctx, t, confirmation{}); err != nil {
		return err
	}
	n, err := d.Factors.Store.Remove(ctx, c.Handle, id, t.entry)
	if err == nil && n == 0 {
		return &NotFound{"factor", id}
	}
	return err
}

// ReportLost says that the caller has none of their means at hand any more. The word that it gives is told to a second
// administrator, by a way by which that one knows who speaks; it works for a day.
func (d *Desk) ReportLost(ctx context.Context, c roles.Caller) (word string, err error) {
	t, _, err := d.here(ctx, c, "factor_lost")
	if err != nil {
		return "", err
	}
	has, err := d.Factors.Factors(ctx, c.Handle)
	if err != nil {
		return "", err
	}
	if len(has) == 0 {
		return "", &Conflict{Code: "state", What: "nothing is enrolled: a first means is enrolled without anybody's help"}
	}
	word, err = d.Factors.Report(ctx, stepup.Lost{Handle: c.Handle, Held: roles.Holds(t.Snapshot, t.now, c)})
	if err != nil {
		return "", err
	}
	if d.Journal != nil {
		_, err = d.Journal.Append(ctx, t.entry)
	}
	return word, err
}

// WhoLost shows to a second administrator in which capacities somebody is at the desk who lost their means. Nobody looks
// at their own.
func (d *Desk) WhoLost(ctx context.Context, c roles.Caller, word string) (stepup.Lost, error) {
	_, lost, err := d.lost(ctx, c, word)
	return lost, err
}

// ResetFactors takes away all means of somebody who lost theirs, who then enrols a first one again. It is a second
// administrator's, of the perimeter in which that person acts, after a step-up of their own, with a reason, and journaled.
func (d *Desk) ResetFactors(ctx context.Context, c roles.Caller, word, reason string) error {
	t, lost, err := d.lost(ctx, c, word)
	if err != nil {
		return err
	}
	var m mistakes
	m.text("reason", reason, mostReason)
	if err := m.err(); err != nil {
		return err
	}
	t.bind(lost.Handle)
	if _, err := d.confirmed(ctx, t, confirmation{}); err != nil {
		return d.keepDenial(ctx, t, err)
	}
	if err := d.Factors.Settled(ctx, word); err != nil {
		return factorError(err)
	}
	t.detail("holder", lost.Handle)
	t.entry.Reason = "lost"
	_, err = d.Factors.Store.Remove(ctx, lost.Handle, "", t.entry)
	return err
}

// lost finds who lost their means, for a caller who may help them.
func (d *Desk) lost(ctx context.Context, c roles.Caller, word string) (*turn, stepup.Lost, error) {
	t, err := d.begin(ctx, c, "factor_reset")
	if err != nil {
		return nil, stepup.Lost{}, err
	}
	if d.Factors == nil {
		return nil, stepup.Lost{}, noFactors()
	}
	lost, err := d.Factors.Reported(ctx, word)
	if errors.Is(err, stepup.ErrOver) {
		lost.Held = []registry.Held{{}} // whoever may help nobody is told so, and not whether a word is known
	} else if err != nil {
		return nil, stepup.Lost{}, err
	}
	for _, h := range lost.Held {
		on := roles.Target{Role: h.Role, Over: h.Over, Author: lost.Handle}
		if _, err := t.may(roles.ResetFactors, on); err != nil {
			return nil, stepup.Lost{}, d.keepDenial(ctx, t, err)
		}
	}
	if err != nil || len(lost.Held) == 0 {
		return nil, stepup.Lost{}, &NotFound{"word", ""}
	}
	return t, lost, nil
}

// factorError says in this package's words what stood against a means.
func factorError(err error) error {
	switch {
	case errors.Is(err, stepup.ErrOver):
		return &Conflict{Code: "over", What: stepup.ErrOver.Error()}
	case errors.Is(err, stepup.ErrNoKeys):
		return &Conflict{Code: "state", What: stepup.ErrNoKeys.Error()}
	case errors.Is(err, stepup.ErrFull):
		return &Conflict{Code: "full", What: fmt.Sprintf("%d means are enrolled already", stepup.Most)}
	}
	return err
}
