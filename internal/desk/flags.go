package desk

import (
	"context"
	"slices"
	"strings"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Flag says that what a declaration in force rests on ends before its own last day, or fell.
type Flag struct {
	Declaration string       `json:"declaration"`
	Version     int          `json:"version"`
	Service     string       `json:"service"`
	Why         policy.Lapse `json:"why" doc:"instrument when one that it rests on fell, whatever else ends sooner"`
	Until       time.Time    `json:"until" doc:"from this moment on it opens nothing"`

	since registry.Date // of the withdrawal
}

// Flagged lists the declarations in force, in the caller's sight, that what they rest on ends before their own last day:
// a contract, terms; and those that rest on an instrument that fell. The first to end comes first.
func (d *Desk) Flagged(ctx context.Context, c roles.Caller) ([]Flag, error) {
	s, err := d.view(ctx)
	if err != nil {
		return nil, err
	}
	now := d.Now().UTC()
	rules, out := s.Rules(now), []Flag{}
	by := roles.NewBearer(s, now, c)
	if _, err := by.May(roles.Read, roles.Target{}); err != nil {
		return nil, err
	}
	for one := range s.EachDeclaration() {
		if one.State != registry.Approved {
			continue
		}
		f, ok := flagOn(s, *one, rules, now)
		if !ok {
			continue
		}
		if _, err := by.May(roles.Read, roles.Target{Service: one.ServiceID, Declaration: one}); err == nil {
			out = append(out, f)
		}
	}
	slices.SortStableFunc(out, func(a, b Flag) int { return a.Until.Compare(b.Until) })
	return out, nil
}

// flagOn is the flag of one version under rules; none once it opens nothing.
func flagOn(s *registry.Snapshot, v registry.Declaration, rules registry.Rules, now time.Time) (Flag, bool) {
	if !running(s, v, rules, now) {
		return Flag{}, false
	}
	end, why := policy.Ends(v, rules, s.Zone())
	f := Flag{Declaration: v.ID, Version: v.Version, Service: v.ServiceID, Why: why, Until: end}
	for _, w := range rules.Withdrawn {
		if policy.Rests(v, w) {
			f.Why = policy.LapseWithdrawn
			if f.since.IsZero() || before(w.Since, f.since) {
				f.since = w.Since
			}
		}
	}
	return f, f.Why != policy.LapseEnd
}

// flagged tells of a fallen instrument, however far its deadline is, whoever must say what comes next: the
// data-protection officer, whoever instructs, and the controller at the declaration's level.
func (w *waiting) flagged(v registry.Declaration, about string) bool {
	f, ok := flagOn(w.Snapshot, v, w.Rules(w.now), w.now)
	if !ok || f.Why != policy.LapseWithdrawn || w.succeeded(v) || !w.allowed(roles.Opine, of(v)) && !w.allowed(roles.Instruct, of(v)) {
		return false
	}
	var since time.Time
	if !f.since.IsZero() {
		since = f.since.Starts(w.Zone())
	}
	w.add("flag", about, since, registry.DateOf(f.Until.Add(-time.Nanosecond).In(w.Zone())))
	return true
}

// news is for how many days whoever runs a service is told that it is sent less.
const news = 30

// narrowed tells whoever provides a service and the administrators which attributes it is no longer sent, and since when.
func (w *waiting) narrowed(v registry.Declaration, about string) {
	older, ok := w.before(v)
	if !ok || w.standing(v) != registry.Active || registry.Compare(older, v) != registry.Narrower {
		return
	}
	sends := func(newer registry.Declaration, a person.Attr) bool {
		return newer.Version >= v.Version && newer.InForce(w.now, w.Zone()) &&
			slices.ContainsFunc(newer.Items, func(i registry.Item) bool { return i.Attr == a })
	}
	var gone []string
	for _, item := range older.Items {
		if !slices.ContainsFunc(w.Versions(v.ID), func(newer registry.Declaration) bool { return sends(newer, item.Attr) }) {
			gone = append(gone, string(item.Attr))
		}
	}
	since := v.From.Starts(w.Zone())
	if i := slices.IndexFunc(v.Decisions, func(by registry.Decision) bool { return by.State == registry.Approved }); i >= 0 && v.Decisions[i].At.After(since) {
		since = v.Decisions[i].At
	}
	if len(gone) == 0 || !w.now.Before(since.AddDate(0, 0, news)) || !w.runs(v.ServiceID) {
		return
	}
	w.add("narrowed", about, since, registry.Date{})
	w.tasks[len(w.tasks)-1].What = strings.Join(gone, ", ")
}

// runs tells whether the caller provides a service or connects it.
func (w *waiting) runs(service string) bool {
	if w.allowed(roles.EditService, roles.Target{Service: service}) {
		return true
	}
	provides := func(h registry.Held) bool {
		return h.Role == registry.Provider && slices.Contains(h.Over.Services, service)
	}
	return w.allowed(roles.Read, roles.Target{Service: service}) && slices.ContainsFunc(roles.Holds(w.Snapshot, w.now, w.by), provides)
}
