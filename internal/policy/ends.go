package policy

import (
	"slices"
	"time"

	"ecluse/internal/registry"
)

// Lapse is why a declaration stops opening anything: a stable word.
type Lapse string

// The lapses.
const (
	LapseEnd       Lapse = "end"        // its own last day
	LapseContract  Lapse = "contract"   // the supplier's contract is over
	LapseTerms     Lapse = "terms"      // the terms were not confirmed in time
	LapseTransfer  Lapse = "transfer"   // an instrument of a transfer is over
	LapseWithdrawn Lapse = "instrument" // an instrument fell, and the deadline has passed
	LapsePilot     Lapse = "pilot"      // the experiment is over
	LapseReview    Lapse = "review"     // a review that was reopened did not end in time
)

// Lapses lists every lapse, for the tables that must be complete.
func Lapses() []Lapse {
	return []Lapse{LapseEnd, LapseContract, LapseTerms, LapseTransfer, LapseWithdrawn, LapsePilot, LapseReview}
}

// Ends is the moment from which a declaration opens nothing any more under rules, and why: the first of its own end and
// the ends of what it rests on. Each last day is the whole day in zone. A delay whose beginning or end nobody knows is
// over before it begins.
func Ends(d registry.Declaration, r registry.Rules, zone *time.Location) (time.Time, Lapse) {
	last, why := lastDay(&d, &r, zone)
	if last.IsZero() {
		return time.Time{}, why
	}
	return last.Ends(zone), why
}

// lastDay is the last day on which a declaration opens anything; none when it has no first or no last day of its own.
func lastDay(d *registry.Declaration, r *registry.Rules, zone *time.Location) (registry.Date, Lapse) {
	e := end{last: d.Until, why: LapseEnd, from: d.From}
	if d.From.IsZero() || d.Until.IsZero() {
		return registry.Date{}, LapseEnd
	}
	if !d.Supplier.Until.IsZero() {
		e.on(d.Supplier.Until, LapseContract)
	}
	if terms := d.Supplier.Terms; terms != (registry.Terms{}) {
		e.on(termsEnd(d, r, zone), LapseTerms)
	}
	for i := range d.Transfers {
		e.transfer(&d.Transfers[i], r)
	}
	if d.Pilot != nil {
		e.on(d.Pilot.Until, LapsePilot)
	}
	if d.Review != nil {
		e.on(d.Review.Deadline, LapseReview)
	}
	return e.last, e.why
}

// end is the earliest last day found so far.
type end struct {
	last registry.Date
	why  Lapse
	from registry.Date
}

func (e *end) on(last registry.Date, why Lapse) {
	if last.IsZero() {
		last = e.from.Add(-1) // what is unknown was over before it began
	}
	if before(last, e.last) {
		e.last, e.why = last, why
	}
}

func before(a, b registry.Date) bool {
	switch {
	case a.Year != b.Year:
		return a.Year < b.Year
	case a.Month != b.Month:
		return a.Month < b.Month
	default:
		return a.Day < b.Day
	}
}

// termsEnd is the last day of the delay that runs from the newest confirmation of the terms' own version. A confirmation
// of other terms says nothing of these.
func termsEnd(d *registry.Declaration, r *registry.Rules, zone *time.Location) registry.Date {
	from := d.Supplier.Terms.Accepted
	for _, c := range d.Terms {
		if on := registry.DateOf(c.At.In(zone)); c.Version == d.Supplier.Terms.Version && before(from, on) {
			from = on
		}
	}
	if from.IsZero() {
		return from
	}
	return registry.DateOf(time.Date(from.Year, from.Month+time.Month(r.TermsMonths), from.Day+r.TermsGrace, 0, 0, 0, 0, time.UTC))
}

func (e *end) transfer(t *registry.Transfer, r *registry.Rules) {
	if !t.Until.IsZero() {
		e.on(t.Until, LapseTransfer)
	}
	if last, ok := certified(t, r); ok {
		e.on(last, LapseTransfer)
	}
	if t.Instrument == registry.Adequacy {
		for i := range r.Adequate {
			if a := &r.Adequate[i]; a.Country == t.Country && !a.Until.IsZero() {
				e.on(a.Until, LapseTransfer)
			}
		}
	}
	for i := range r.Withdrawn {
		if w := &r.Withdrawn[i]; w.Concerns(*t) {
			e.on(w.Deadline, LapseWithdrawn)
		}
	}
}

// certified is the last day of the newest certificate of a recipient under the EU-US framework, where the rules know one.
func certified(t *registry.Transfer, r *registry.Rules) (last registry.Date, ok bool) {
	if t.Instrument != registry.DPF && (t.Instrument != registry.Adequacy || t.Country != registry.Framework) {
		return last, false
	}
	for i := range r.Certified {
		if c := &r.Certified[i]; registry.SameName(c.Organisation, t.Recipient) {
			if !ok || before(last, c.Until) {
				last = c.Until
			}
			ok = true
		}
	}
	return last, ok
}

// Rests tells whether a declaration makes a transfer that rests on an instrument that fell, so that it can be flagged
// before the deadline.
func Rests(d registry.Declaration, w registry.Withdrawal) bool {
	return slices.ContainsFunc(d.Transfers, func(t registry.Transfer) bool { return w.Concerns(t) })
}
