package desk

import (
	"context"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Trial is a version as somebody writes it, judged before anybody submits or even saves it.
type Trial struct {
	Declaration registry.Declaration
	Saved       registry.Declaration // what is kept, without the change
	Writable    bool                 // the caller may edit it, in its present state
	Form        []registry.Finding   // what keeps it from being submitted
	Findings    []registry.Finding   // what package conformity finds under the rules that hold now
}

// Try judges a version in the caller's sight as change would make it; nil changes nothing. Nothing is written. A change is
// for those alone who could save it, and is refused where Edit would refuse it. It puts new lists in the place of the old.
func (d *Desk) Try(ctx context.Context, c roles.Caller, ref Ref, change func(*registry.Declaration)) (Trial, error) {
	t, err := d.begin(ctx, c, "")
	if err != nil {
		return Trial{}, err
	}
	last, err := t.find(ref)
	if err != nil {
		return Trial{}, err
	}
	out := Trial{Declaration: last, Saved: last, Writable: t.mayEdit(last, last, "") == nil}
	if change != nil {
		next := last
		change(&next)
		next = withLife(next, last)
		if err := t.mayEdit(last, next, ""); err != nil {
			return Trial{}, err
		}
		if err := d.atEntry(ctx, t, last, next); err != nil {
			return Trial{}, err
		}
		out.Declaration = next
	}
	out.Form = d.form(t, out.Declaration)
	out.Findings = d.examine(t, out.Declaration)
	return out, nil
}
