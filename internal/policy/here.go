package policy

import (
	"time"

	"ecluse/internal/registry"
)

// Stand is how a service stands in an establishment, apart from anybody in it.
type Stand struct {
	Version *registry.Declaration // under which it stands; the snapshot's own, which nobody changes
	By      Opener
	Since   registry.Date // since when it stands so; zero when nobody wrote it down
	Last    registry.Date // the last day on which it stands; zero where it is stopped
	Stopped bool          // it would be open and somebody has stopped it
}

// Opener is who opens a service in an establishment.
type Opener string

// The openers.
const (
	ByController Opener = "controller" // the establishment's own
	ByDASEN      Opener = "dasen"
	ByRectorat   Opener = "rectorat" // for the whole academy
	ByCrisis     Opener = "crisis"   // the recteur, for a time
)

// Here tells how a service stands in an establishment at now: open there, for those for whom it is declared, or stopped by
// whomever. ok is false where it is neither: never opened, refused, over, or not begun. The gate asks of a person what Here
// asks of nobody; what Here does not call open the gate opens to nobody.
func Here(s *registry.Snapshot, now time.Time, service string, school registry.Establishment) (stand Stand, ok bool) {
	v := newView(s, now)
	registered := s.FindService(service)
	said := s.FindEnabling(service, school.UAI)
	if registered == nil || school.ClosedAt(now, v.zone) || !Reached(s, now, school) || said != nil && against(said.State) && said.State != registry.SuspendedHere {
		return Stand{}, false
	}
	f, by, ok := v.openHere(service, said, &school)
	if ok {
		stand = Stand{Version: f.version, By: by, Since: f.version.From, Last: f.last}
	} else if stand, ok = v.stoppedHere(service, said, &school); !ok {
		return Stand{}, false
	}
	if stand.By == ByController && !said.Since.IsZero() {
		stand.Since = registry.DateOf(said.Since.In(v.zone))
	}
	if registered.Suspended || said != nil && said.State == registry.SuspendedHere || s.Stopped(registry.StopEstablishment, string(school.UAI)) {
		stand.Stopped = true
	}
	if stand.Stopped {
		stand.Since, stand.Last = registry.Date{}, registry.Date{}
	}
	return stand, true
}

// openHere is what on and crisis find, and whose word it is. A suspended enabling is looked at as if it were none of a stop.
func (v *view) openHere(service string, said *registry.Enabling, school *registry.Establishment) (footing, Opener, bool) {
	if said != nil {
		as := *said
		if as.State == registry.SuspendedHere && as.Declaration != "" {
			as.State = registry.Enabled
		}
		if f, ok := v.under(&as, school); ok {
			return f, ByController, true
		}
	}
	if f, ok := v.alone(service, school); ok {
		return f, openerOf(f.version), true
	}
	f, ok := v.crisis(service, school)
	return f, ByCrisis, ok
}

func openerOf(d *registry.Declaration) Opener {
	if d.Scope.Level == registry.ByDepartment {
		return ByDASEN
	}
	return ByRectorat
}

// stoppedHere finds the suspended version under which the service would stand.
func (v *view) stoppedHere(service string, said *registry.Enabling, school *registry.Establishment) (Stand, bool) {
	if said != nil && (said.State == registry.Enabled || said.State == registry.SuspendedHere) {
		if d := v.newest(said.Declaration, service); d != nil && d.State == registry.Suspended && d.Scope.Covers(*school) {
			return Stand{Version: d, By: ByController, Stopped: true}, true
		}
	}
	list := v.snapshot.Declarations(service)
	for i := range list {
		if d := &list[i]; d.State == registry.Suspended && d.Scope.Alone() && d.Scope.Covers(*school) && v.governs(d) {
			return Stand{Version: d, By: openerOf(d), Stopped: true}, true
		}
	}
	return Stand{}, false
}
