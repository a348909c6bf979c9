package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// SuspendSource stops a source, or lifts that, which is the recteur's; both want a reason. A file that manages the source keeps
// nobody from it.
func (d *Desk) SuspendSource(ctx context.Context, c roles.Caller, id string, stop bool, reason string) (registry.Source, error) {
	var made registry.Source
	act, word, state := stopOrLift(stop, roles.SuspendSource, "source_suspend", "source_lift")
	err := d.act(ctx, c, word, func(t *turn) error {
		t.entry.Source = id
		next, ok := t.Source(id)
		in, err := t.may(act, roles.Target{Source: id, Author: stopper(stop, next.Decisions)})
		asked := stopping{kind: "source", id: id, reason: reason, known: ok, is: next.Suspended, wanted: stop}
		if err := asked.check(err); err != nil {
			return err
		}
		next.Suspended = stop
		next.Decisions = append(slices.Clone(next.Decisions), t.decision(in, state, reason))
		t.change.Sources = []registry.Source{next}
		made = next
		return nil
	})
	return made, err
}

// ApproveSource approves the declaration of a source, or refuses it, which wants a reason. It wants an entry that is
// submitted, whose form is right and whose last day has not passed. What was decided on once is decided on again when
// another text of it is submitted; until then an approved source can be suspended. A collectivité that runs the source
// approves beside the recteur, before them, and opens nothing by that.
func (d *Desk) ApproveSource(ctx context.Context, c roles.Caller, id string, state registry.State, reason string) (registry.Source, error) {
	var made registry.Source
	err := d.act(ctx, c, "source_decide", func(t *turn) error {
		t.entry.Source = id
		next, ok := t.Source(id)
		in, err := t.may(roles.ApproveSource, roles.Target{Source: id})
		switch {
		case err != nil:
			return err
		case !ok:
			return &NotFound{"source", id}
		}
		var m mistakes
		m.say(state != registry.Approved && state != registry.Refused, "state", fmt.Sprintf("%q is not known", state), "approved or refused")
		m.say(state == registry.Refused && reason == "", "reason", "why is missing", "a sentence")
		m.say(len([]rune(reason)) > mostReason, "reason", fmt.Sprintf("it is longer than %d characters", mostReason), "say it shorter")
		if err := m.err(); err != nil {
			return err
		}
		if err := t.approvable(next, state); err != nil {
			return err
		}
		if state == registry.Refused {
			t.stops()
		}
		t.bind(Tag(next))
		by := t.decision(in, state, reason)
		entry, err := next.Declaration.Move(by)
		switch {
		case err != nil:
			return &Conflict{Code: "state", What: fmt.Sprintf("source %s: its declaration is %s: there is nothing to decide", id, stateWord(next.Declaration.State))}
		case state == registry.Approved && in.Role == registry.Collectivite:
			if agreedOn(next) {
				return &Conflict{Code: "state", What: fmt.Sprintf("a collectivité has approved the declaration of source %s already", id)}
			}
			entry = *next.Declaration
			by.State, by.Notes = entry.State, []registry.Remark{{Where: jointNote, What: sourceText(next)}}
			entry.Decisions = append(slices.Clone(entry.Decisions), by)
		case state == registry.Approved && t.runsJointly(id) && !agreedOn(next):
			return &Conflict{Code: "joint", What: fmt.Sprintf("the collectivité that runs source %s has not approved this declaration", id)}
		}
		entry.Demo = by.Demo
		next.Declaration = &entry
		t.detail("state", string(entry.State))
		t.change.Sources = []registry.Source{next}
		made = next
		return nil
	})
	return made, err
}

func (t *turn) approvable(s registry.Source, state registry.State) error {
	switch {
	case s.Declaration == nil:
		return &Conflict{Code: "state", What: fmt.Sprintf("source %s has no declaration", s.ID)}
	case state == registry.Refused:
		return nil
	case registry.Blocks(s.Check()):
		return &Conflict{Code: "findings", What: fmt.Sprintf("source %s: its declaration is not complete", s.ID), Need: s.Check()}
	case !t.now.Before(s.Declaration.Until.Ends(t.Zone())):
		return &Conflict{Code: "state", What: fmt.Sprintf("source %s: its declaration ended on %s", s.ID, s.Declaration.Until)}
	}
	return nil
}
