package desk

import (
	"fmt"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// of is the target of an act about a version.
func of(d registry.Declaration) roles.Target {
	return roles.Target{Service: d.ServiceID, Declaration: &d}
}

// sees tells whether a version is in the caller's sight: what was approved is a public register, and drafts are for those
// whom they concern.
func (t *turn) sees(d registry.Declaration) bool { return t.seesThe(&d) }

// seesThe is sees without the copy.
func (t *turn) seesThe(d *registry.Declaration) bool {
	act := roles.ReadDrafts
	if d.WasApproved() {
		act = roles.Read
	}
	_, err := t.may(act, roles.Target{Service: d.ServiceID, Declaration: d})
	return err == nil
}

// find gives a version in the caller's sight; version 0 is the newest that is.
func (t *turn) find(ref Ref) (registry.Declaration, error) {
	for _, d := range t.Versions(ref.ID) {
		if (ref.Version == 0 || d.Version == ref.Version) && t.sees(d) {
			return d, nil
		}
	}
	return registry.Declaration{}, &NotFound{"declaration", ref.String()}
}

// before finds the version that one is compared with: the newest before it that was ever approved.
func (t *turn) before(d registry.Declaration) (registry.Declaration, bool) {
	for _, older := range t.Versions(d.ID) { // newest first
		if older.Version < d.Version && older.WasApproved() {
			return older, true
		}
	}
	return registry.Declaration{}, false
}

// change says what a version changes against the one before it.
func (t *turn) kindOfChange(d registry.Declaration) registry.ChangeKind {
	before, ok := t.before(d)
	if !ok {
		return registry.First
	}
	return registry.Compare(before, d)
}

// put registers a version in its new state, and names it in the journal.
func (t *turn) put(d registry.Declaration) {
	t.change.Declarations = append(t.change.Declarations, d)
	t.about(d)
	t.detail("state", string(d.State))
}

// move is the version in its next state, or *Conflict when it cannot go there.
func move(d registry.Declaration, by registry.Decision) (registry.Declaration, error) {
	next, err := d.Move(by)
	if err != nil {
		return d, &Conflict{Code: "state", What: fmt.Sprintf("%s is %s: it cannot become %s", Ref{d.ID, d.Version}, stateWord(d.State), by.State)}
	}
	return next, nil
}

func stateWord(s registry.State) registry.State {
	if s == "" {
		return registry.Draft
	}
	return s
}

// closed tells whether a school is closed now; on its last day it is not yet.
func (t *turn) closed(e registry.Establishment) bool {
	return e.Closed || !e.ClosedOn.IsZero() && !t.now.Before(e.ClosedOn.Ends(t.Zone()))
}
