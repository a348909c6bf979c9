package policy

import (
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// view is the registry at one moment.
type view struct {
	snapshot *registry.Snapshot
	now      time.Time
	today    registry.Date
	zone     *time.Location
	rules    *registry.Rules // the snapshot's own
}

func newView(s *registry.Snapshot, now time.Time) view {
	return view{snapshot: s, now: now, today: registry.DateOf(now.In(s.Zone())), zone: s.Zone(), rules: s.RulesAt(now)}
}

// footing is the version on which a service stands in an establishment, and the last day on which it does.
type footing struct {
	version *registry.Declaration
	last    registry.Date
}

// begun tells whether a version was ever approved and its first day has come: only such versions govern or close.
func (v *view) begun(d *registry.Declaration) bool {
	return !d.From.IsZero() && !before(v.today, d.From) && (d.State == registry.Approved || d.WasApproved())
}

// live is the last day on which a version opens anything; ok is false when it opens nothing today.
func (v *view) live(d *registry.Declaration) (last registry.Date, ok bool) {
	if d.State != registry.Approved || !v.begun(d) {
		return registry.Date{}, false
	}
	last, _ = lastDay(d, v.rules, v.zone)
	return last, !before(last, v.today)
}

// newest is the version of a declaration that governs wherever its own controller decides: the newest that was ever
// approved and has begun. When it is suspended, archived or over, no older one takes its place.
func (v *view) newest(id, service string) *registry.Declaration {
	list := v.snapshot.Versions(id)
	for i := range list {
		if d := &list[i]; d.ServiceID == service && v.begun(d) {
			return d
		}
	}
	return nil
}

// accepted is the version that runs for a controller who accepted one: the newest begun one that no wider step separates
// from it. waits tells that a begun version lies beyond such a step. An accepted version that has not begun leaves the
// one accepted before it in place. When what runs is over, no older version takes its place, and a suspension of the
// newest stops every version.
func (v *view) accepted(id, service string, version, earlier int) (run *registry.Declaration, waits bool) {
	newest := v.newest(id, service)
	if newest == nil || newest.State == registry.Suspended {
		return newest, false
	}
	list := v.snapshot.Versions(id)
	from := v.at(list, service, version)
	if from < 0 {
		from = v.at(list, service, earlier)
	}
	for i := from; i >= 0; i-- {
		d := &list[i]
		switch {
		case d.ServiceID != service || d.State != registry.Approved && !d.WasApproved():
			continue
		case i != from && d.Change != registry.Renewal && d.Change != registry.Narrower:
			return run, run.Version < newest.Version
		case v.begun(d):
			run = d
		}
	}
	return run, false
}

// at finds a begun version in a list; less than 0 is none.
func (v *view) at(list []registry.Declaration, service string, version int) int {
	for i := range list {
		if d := &list[i]; d.Version == version && d.ServiceID == service && v.begun(d) {
			return i
		}
	}
	return -1
}

// under is where an enabling stands; ok is false when it opens nothing at the moment.
func (v *view) under(e *registry.Enabling, school *registry.Establishment) (footing, bool) {
	if e.State != registry.Enabled {
		return footing{}, false
	}
	run, _ := v.accepted(e.Declaration, e.Service, e.Version, e.Before)
	if run == nil || !run.Scope.Covers(*school) {
		return footing{}, false
	}
	last, ok := v.live(run)
	return footing{run, last}, ok
}

// alone is the most local declaration that needs no word of the establishment's controller: the DASEN's, or the
// rectorat's for the whole academy. A nil school is any.
func (v *view) alone(service string, school *registry.Establishment) (best footing, ok bool) {
	list := v.snapshot.Declarations(service)
	for i := range list {
		d := &list[i]
		if !d.Scope.Alone() || school != nil && !d.Scope.Covers(*school) || !v.governs(d) {
			continue
		}
		last, lives := v.live(d)
		if lives && (!ok || d.Scope.Level == registry.ByDepartment && best.version.Scope.Level != registry.ByDepartment) {
			best, ok = footing{d, last}, true
		}
	}
	return best, ok
}

// governs tells whether a version is the one that governs where its own controller decides.
func (v *view) governs(d *registry.Declaration) bool {
	newest := v.newest(d.ID, d.ServiceID)
	return newest != nil && newest.Version == d.Version
}

// crisis is where a recteur's opening puts the service in every establishment of an academy.
func (v *view) crisis(service string, school *registry.Establishment) (footing, bool) {
	list := v.snapshot.OpeningsOf(service)
	for i := range list {
		o := &list[i]
		if school != nil && (o.Academy != school.Academy || o.Academy == "") || !o.Holds(v.snapshot, v.now) {
			continue
		}
		run, _ := v.accepted(o.Declaration, service, o.Version, 0)
		if run == nil || school != nil && !run.Scope.Covers(*school) {
			continue // a version that was narrowed since is examined for fewer
		}
		if last, ok := v.live(run); ok {
			return footing{run, first(last, o.Until)}, true
		}
	}
	return footing{}, false
}

// on is the footing of a service in an establishment: what its controller enabled, or else a declaration that needs no
// word of theirs. Nothing here looks at a controller's no.
func (v *view) on(service string, school *registry.Establishment) (footing, bool) {
	if e := v.snapshot.FindEnabling(service, school.UAI); e != nil {
		if f, ok := v.under(e, school); ok {
			return f, true
		}
	}
	return v.alone(service, school)
}

// anywhere tells whether the service stands on something in any establishment at all. It looks at one first, so that who
// enters waits for no list.
func (v *view) anywhere(service string, here person.UAI) bool {
	if v.enabledAt(service, here) {
		return true
	}
	if _, ok := v.alone(service, nil); ok {
		return true
	}
	if _, ok := v.crisis(service, nil); ok {
		return true
	}
	return slices.ContainsFunc(v.snapshot.Said(service), func(uai person.UAI) bool { return v.enabledAt(service, uai) })
}

func (v *view) enabledAt(service string, uai person.UAI) bool {
	e := v.snapshot.FindEnabling(service, uai)
	if e == nil || e.State != registry.Enabled {
		return false
	}
	school := v.snapshot.FindEstablishment(uai)
	if school == nil {
		return false
	}
	_, ok := v.under(e, school)
	return ok
}

// academyWide tells whether the service is open for a whole academy, in a crisis or not.
func (v *view) academyWide(service string) bool {
	if _, ok := v.crisis(service, nil); ok {
		return true
	}
	list := v.snapshot.Declarations(service)
	for i := range list {
		d := &list[i]
		if d.Scope.Level != registry.ByAcademy || !d.Scope.Alone() || !v.governs(d) {
			continue
		}
		if _, ok := v.live(d); ok {
			return true
		}
	}
	return false
}

func first(a, b registry.Date) registry.Date {
	if before(b, a) {
		return b
	}
	return a
}
