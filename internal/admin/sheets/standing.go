package sheets

import (
	"slices"
	"time"

	"ecluse/internal/admin/frame"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

// Where a service stands, as the pages say it.
const (
	open      = "open"      // an approved declaration is in force
	upcoming  = "upcoming"  // one is approved and has not begun
	ended     = "ended"     // the last one is over
	suspended = "suspended" // the service, or its declaration
	closed    = "closed"    // nothing was ever approved
)

func standings() []string { return []string{open, upcoming, ended, suspended, closed} }

// current is the version of a service that matters in a school, or anywhere when none is named: the newest in force, else
// the next to come, else the last that was in force. ok is false when none was ever approved.
func current(v *frame.Visit, service string, at *registry.Establishment) (d registry.Declaration, standing string, ok bool) {
	best := 0
	order := []string{"", closed, ended, upcoming, suspended, open}
	for _, one := range v.Snapshot.Declarations(service) {
		if !one.WasApproved() || at != nil && !one.Scope.Covers(*at) {
			continue
		}
		word := standingOf(v, one)
		rank := slices.Index(order, word)
		if rank > best || rank == best && one.Version > d.Version && one.ID == d.ID {
			best, d, standing = rank, one, word
		}
	}
	if best == 0 {
		return d, closed, false
	}
	return d, standing, true
}

func standingOf(v *frame.Visit, d registry.Declaration) string {
	if d.State == registry.Suspended {
		return suspended
	}
	switch d.StandingAt(v.Now, v.Snapshot.Zone()) {
	case registry.Active:
		if end := lastMoment(v, d); v.Now.Before(end) {
			return open
		}
	case registry.Upcoming:
		return upcoming
	}
	return ended
}

// lastMoment is when a version opens nothing any more.
func lastMoment(v *frame.Visit, d registry.Declaration) time.Time {
	end, _ := policy.Ends(d, v.Snapshot.Rules(v.Now), v.Snapshot.Zone())
	return end
}

func badgeOf(v *frame.Visit, standing string) web.Badge {
	kind := map[string]string{open: "success", upcoming: "info", suspended: "danger"}[standing]
	if kind == "" {
		kind = "warning"
	}
	return web.Badge{Kind: kind, Text: v.Say("standing." + standing)}
}

// mine are the open establishments for which the caller decides, or stops at least, as whoever answers for a place: not the
// officers of a whole academy, who name one.
func mine(v *frame.Visit) []registry.Establishment {
	if !v.Holds(
		registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.Directeur, registry.IEN,
	) {
		return nil
	}
	mayStop := v.Holds(registry.Directeur, registry.IEN)
	var out []registry.Establishment
	for _, e := range v.Snapshot.Establishments() {
		on := roles.Target{UAIs: []person.UAI{e.UAI}}
		if !e.ClosedAt(v.Now, v.Snapshot.Zone()) && (v.May(roles.Enable, on) || mayStop && v.May(roles.SuspendLocally, on)) {
			out = append(out, e)
		}
	}
	return out
}

// opener is what opens a service in schools that did nothing for it.
type opener struct {
	word   string // as the badge says it
	covers func(registry.Establishment) bool
}

// openers are the versions in force that need no act of each school, and the openings of a crisis.
func openers(v *frame.Visit, s registry.Service) []opener {
	if s.Suspended {
		return nil
	}
	var out []opener
	for _, d := range v.Snapshot.Declarations(s.ID) {
		if d.Scope.Alone() && d.WasApproved() && standingOf(v, d) == open {
			out = append(out, opener{string(d.Scope.Level), d.Scope.Covers})
		}
	}
	for _, o := range v.Snapshot.OpeningsOf(s.ID) {
		if o.Holds(v.Snapshot, v.Now) {
			out = append(out, opener{"crisis", func(e registry.Establishment) bool { return e.Academy != "" && e.Academy == o.Academy }})
		}
	}
	return out
}

// here says how a service stands in a school: what was said there, or else what opens it all the same.
func here(v *frame.Visit, service string, at registry.Establishment, by []opener) web.Badge {
	e, _ := v.Snapshot.Enabling(service, at.UAI)
	switch e.State {
	case registry.Enabled:
		return web.Badge{Kind: "success", Text: v.Say("here.enabled")}
	case registry.RefusedHere:
		return web.Badge{Kind: "danger", Text: v.Say("here.refused")}
	case registry.SuspendedHere:
		return web.Badge{Kind: "danger", Text: v.Say("here.suspended")}
	}
	for _, o := range by {
		if o.covers(at) {
			return web.Badge{Kind: "success", Text: v.Say("here." + o.word)}
		}
	}
	if e.State == registry.ClaimedOnPaper {
		return web.Badge{Kind: "warning", Text: v.Say("here.claimed")}
	}
	return web.Badge{Kind: "info", Text: v.Say("here.none")}
}
