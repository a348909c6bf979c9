package admin

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// AsIf is the view as if a draft were approved now, and accepted by the controllers of some establishments. What stands
// against it all the same still does: a controller's no, a contract that is over, dates that have passed.
//
// A draft that would begin later begins today, so that it can be looked at. The view is for explaining: it is never
// stored, and nobody signs in on it.
func AsIf(view *registry.Snapshot, now time.Time, draft registry.Declaration, uais ...person.UAI) *registry.Snapshot {
	today := registry.DateOf(now.In(view.Zone()))
	if draft.Version == 0 {
		draft.Version = 1
		for _, d := range view.Versions(draft.ID) {
			draft.Version = max(draft.Version, d.Version+1)
		}
	}
	draft.State, draft.Since, draft.Review = registry.Approved, now, nil
	if today.String() < draft.From.String() {
		draft.From = today
	}
	change := registry.Contents{Revision: view.Revision(), Declarations: []registry.Declaration{draft}}
	for _, uai := range uais {
		e, said := view.Enabling(draft.ServiceID, uai)
		school, known := view.Establishment(uai)
		if !known || draft.Scope.Alone() || !draft.Scope.Covers(school) {
			continue
		}
		if said && (e.State == registry.RefusedHere || e.State == registry.SuspendedHere) {
			continue
		}
		change.Enablings = append(change.Enablings, registry.Enabling{
			Service: draft.ServiceID, UAI: uai, State: registry.Enabled, Declaration: draft.ID, Version: draft.Version, Since: now,
		})
	}
	return view.With(change)
}

// ParseVersion reads id@version, as people name one version of a declaration.
func ParseVersion(text string) (id string, version int, err error) {
	id, number, _ := strings.Cut(text, "@")
	version, err = strconv.Atoi(strings.TrimPrefix(number, "v"))
	if err != nil || id == "" || version < 1 {
		return "", 0, fmt.Errorf("%q: id@version is expected, as in 2026-001@1", text)
	}
	return id, version, nil
}
