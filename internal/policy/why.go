package policy

import (
	"slices"
	"time"

	"ecluse/internal/registry"
)

// whyClosed explains a service that stands on nothing anywhere. One that is declared and available waits for controllers;
// otherwise the version that closed last is explained, or else the newest there is.
func (c *inquiry) whyClosed() *Refusal {
	all := c.snapshot.Declarations(c.ask.Service)
	if len(all) == 0 {
		return c.no(NoDeclaration)
	}
	for i := range all {
		if _, lives := c.live(&all[i]); lives && c.governs(&all[i]) {
			return c.waiting(&all[i])
		}
	}
	return c.explain(c.closedLast(all))
}

// closedLast is, of the newest version that was ever approved of each declaration, the one that closed last or has yet to
// begin; the newest version of all when none was ever approved.
func (c *inquiry) closedLast(all []registry.Declaration) *registry.Declaration {
	best, at := &all[0], time.Time{}
	var seen []string
	for i := range all { // newest first
		d := &all[i]
		if !d.WasApproved() || slices.Contains(seen, d.ID) {
			continue
		}
		seen = append(seen, d.ID)
		if closed := c.closedAt(d); !best.WasApproved() || closed.After(at) {
			best, at = d, closed
		}
	}
	return best
}

func (c *inquiry) closedAt(d *registry.Declaration) time.Time {
	end, _ := Ends(*d, *c.rules, c.zone)
	if d.State != registry.Approved && d.Since.Before(end) {
		return d.Since
	}
	return end
}

// waiting tells a service that some controller accepted in an older version from one that nobody enabled.
func (c *inquiry) waiting(d *registry.Declaration) *Refusal {
	refusal := c.no(NotEnabled)
	for _, uai := range c.snapshot.Said(c.ask.Service) {
		e, _ := c.snapshot.Enabling(c.ask.Service, uai)
		if e.State != registry.Enabled || e.Declaration != d.ID {
			continue
		}
		if _, waits := c.accepted(e.Declaration, c.ask.Service, e.Version, e.Before); waits {
			refusal.Reason = AwaitingController
			break
		}
	}
	return refusal
}

// explain says why a version opens nothing.
func (c *inquiry) explain(d *registry.Declaration) *Refusal {
	refusal := c.no(NotApproved)
	refusal.Office, refusal.Message = d.Controller.Office, d.Message
	switch {
	case d.State == registry.Suspended:
		refusal.Reason = DeclarationStopped
		if !d.Since.IsZero() {
			refusal.Date = registry.DateOf(d.Since.In(c.zone))
		}
	case d.State == registry.Approved && !d.From.IsZero() && c.now.Before(d.From.Starts(c.zone)):
		refusal.Reason, refusal.Date = NotYet, d.From
	case d.State == registry.Approved:
		c.over(refusal, d)
	}
	return refusal
}

func (c *inquiry) over(refusal *Refusal, d *registry.Declaration) {
	last, why := lastDay(d, c.rules, c.zone)
	refusal.Reason, refusal.Date = Expired, d.Until
	if why != LapseEnd {
		refusal.Reason, refusal.Lapse, refusal.Date = Lapsed, why, last
	}
}

// whyNotHere explains a service that stands somewhere, and not in this establishment.
func (c *inquiry) whyNotHere() *Refusal {
	if e := c.snapshot.FindEnabling(c.ask.Service, c.school.UAI); e != nil && e.State == registry.Enabled {
		if refusal := c.whyEnablingFails(e); refusal != nil {
			return refusal
		}
	}
	all := c.snapshot.Declarations(c.ask.Service)
	for i := range all {
		d := &all[i]
		if _, lives := c.live(d); lives && d.Scope.Covers(*c.school) && c.governs(d) {
			refusal := c.no(NotEnabled)
			refusal.Office = office(c.school.Controller())
			return refusal
		}
	}
	return c.no(NotHere)
}

// whyEnablingFails explains an enabling whose version opens nothing; nil when nothing is known of it.
func (c *inquiry) whyEnablingFails(e *registry.Enabling) *Refusal {
	run, waits := c.accepted(e.Declaration, c.ask.Service, e.Version, e.Before)
	newest := c.newest(e.Declaration, c.ask.Service)
	switch {
	case run == nil:
		list := c.snapshot.Versions(e.Declaration)
		if i := slices.IndexFunc(list, func(d registry.Declaration) bool { return d.Version == e.Version && d.ServiceID == c.ask.Service }); i >= 0 {
			return c.explain(&list[i])
		}
		return nil
	case waits:
		if _, lives := c.live(newest); lives && newest.Scope.Covers(*c.school) {
			refusal := c.no(AwaitingController)
			refusal.Office = office(c.school.Controller())
			return refusal
		}
	}
	if _, lives := c.live(run); lives {
		return nil // its scope no longer reaches this establishment
	}
	return c.explain(run)
}

// office is the function that can act, as pages name it.
func office(r registry.Role) string {
	switch r {
	case registry.DASEN:
		return "DASEN"
	case registry.HeadOfSchool:
		return "chef d'établissement"
	case registry.Recteur:
		return "recteur"
	default:
		return ""
	}
}
