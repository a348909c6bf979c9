package desk

import (
	"context"
	"fmt"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Move is a step in the life of a version.
type Move struct {
	Ref
	Match   string            // the Tag that whoever decides saw; empty does not care
	Reason  string            // required to refuse, to suspend, to lift, to archive, and to approve against reservations
	Message registry.Text     // what people read while it is suspended
	Notes   []registry.Remark // field by field, with a correction
}

// step is an act about one version in the caller's sight: f asks whether the caller may and gives the version in its next
// state.
func (d *Desk) step(ctx context.Context, c roles.Caller, word string, m Move, f func(*turn, registry.Declaration) (registry.Declaration, error)) (registry.Declaration, error) {
	var made registry.Declaration
	err := d.act(ctx, c, word, func(t *turn) error {
		v, err := t.find(m.Ref)
		if err != nil {
			return err
		}
		t.about(v)
		next, err := f(t, v)
		if err != nil {
			return err
		}
		if err := match(v, m.Match); err != nil {
			return err
		}
		if len([]rune(m.Reason)) > mostReason {
			return &Invalid{Findings: mistakes{{Where: "reason", What: fmt.Sprintf("it is longer than %d characters", mostReason), Mend: "say it shorter"}}}
		}
		t.put(next)
		made = next
		return nil
	})
	return made, err
}

// because wants a written reason.
func (m Move) because() error {
	var bad mistakes
	bad.text("reason", m.Reason, mostReason)
	return bad.err()
}

// Take begins the review.
func (d *Desk) Take(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_take", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.Instruct, of(v))
		if err != nil {
			return v, err
		}
		return move(v, t.decision(in, registry.InReview, m.Reason))
	})
}

// Correct sends a version back to its author, with a remark for each field that is to be mended.
func (d *Desk) Correct(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_correct", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.Instruct, of(v))
		if err != nil {
			return v, err
		}
		by := t.decision(in, registry.ToCorrect, m.Reason)
		by.Notes = m.Notes
		next, err := move(v, by)
		if err != nil {
			return v, err
		}
		return next, m.remarks()
	})
}

// remarks wants one at least, each with its field.
func (m Move) remarks() error {
	var bad mistakes
	bad.say(len(m.Notes) == 0, "notes", "what is to be mended is missing", "a remark for each field")
	for i, n := range m.Notes {
		bad.text(fmt.Sprintf("notes[%d].where", i), n.Where, mostName)
		bad.text(fmt.Sprintf("notes[%d].what", i), n.What, mostReason)
	}
	return bad.err()
}

// Refuse ends a review with a no.
func (d *Desk) Refuse(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_refuse", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.mayApprove(v)
		if err != nil {
			return v, err
		}
		t.stops()
		next, err := move(v, t.decision(in, registry.Refused, m.Reason))
		if err != nil {
			return v, err
		}
		return next, m.because()
	})
}

// Suspend stops a declaration in every version, everywhere, at once.
func (d *Desk) Suspend(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_suspend", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.Suspend, of(v))
		if err != nil {
			return v, err
		}
		if err := m.because(); err != nil {
			return v, err
		}
		by := t.decision(in, registry.Suspended, m.Reason)
		return t.all(v, by, func(d registry.Declaration) registry.Declaration {
			d.Message = m.Message
			return d
		})
	})
}

// Lift ends a suspension of every version that it stopped.
func (d *Desk) Lift(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_lift", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.may(roles.Lift, of(v))
		if err != nil {
			return v, err
		}
		if err := m.because(); err != nil {
			return v, err
		}
		if v.State != registry.Suspended {
			return v, &Conflict{Code: "state", What: fmt.Sprintf("%s is not suspended", Ref{v.ID, v.Version})}
		}
		by := t.decision(in, registry.Approved, m.Reason)
		return t.all(v, by, func(d registry.Declaration) registry.Declaration {
			d.Message = registry.Text{}
			return d
		})
	})
}

// all moves a version, and with it every other version of the declaration that is in the same state.
func (t *turn) all(v registry.Declaration, by registry.Decision, change func(registry.Declaration) registry.Declaration) (registry.Declaration, error) {
	moved, err := move(v, by)
	if err != nil {
		return v, err
	}
	for _, other := range t.Versions(v.ID) {
		if other.Version == v.Version || other.State != v.State {
			continue
		}
		next, err := move(other, by)
		if err != nil {
			return v, err
		}
		t.put(change(next))
	}
	return change(moved), nil
}

// Archive ends a version for good. A draft is put away by whoever may write it.
func (d *Desk) Archive(ctx context.Context, c roles.Caller, m Move) (registry.Declaration, error) {
	return d.step(ctx, c, "declaration_archive", m, func(t *turn, v registry.Declaration) (registry.Declaration, error) {
		in, err := t.mayArchive(v)
		if err != nil {
			return v, err
		}
		next, err := move(v, t.decision(in, registry.Archived, m.Reason))
		if err != nil {
			return v, err
		}
		return next, m.because()
	})
}

func (t *turn) mayArchive(v registry.Declaration) (roles.Capacity, error) {
	if writable(v) {
		return roles.Capacity{}, t.mayWrite(v)
	}
	return t.may(roles.Archive, of(v))
}
