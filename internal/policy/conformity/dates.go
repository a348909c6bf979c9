package conformity

import (
	"fmt"

	"ecluse/internal/registry"
)

// longest is how many years a declaration may hold before somebody must say why it is not looked at again sooner.
const longest = 3

// datesGiven wants the first day and the last.
func datesGiven(e *exam) {
	const rule, law = "dates", "RGPD art. 5(1)(e), 24(1)"
	from, until := e.d.From, e.d.Until
	if from.IsZero() {
		e.block(rule, "from", "the first day is missing", "yyyy-mm-dd", law)
	}
	switch {
	case until.IsZero():
		e.block(rule, "until", "the last day is missing", "yyyy-mm-dd", law)
	case until.String() < from.String():
		e.block(rule, "until", fmt.Sprintf("the last day, %s, is before the first, %s", until, from), "a later day", law)
	case !from.IsZero() && until.String() >= after(from, longest).String():
		e.justify("dates-long", "until", fmt.Sprintf("the declaration holds for longer than %d years", longest), "an earlier day, or why nothing will change", law)
	case !e.c.Now.Before(until.Ends(e.c.Zone)):
		e.note(rule, "until", fmt.Sprintf("the declaration ended on %s: approved or not, it opens nothing", until), "a later day", law)
	}
}

// contractOutlives refuses a declaration that goes on when the contract is over.
func contractOutlives(e *exam) {
	const rule, law = "contract-end", "RGPD art. 28(3)(g)"
	s := e.d.Supplier
	switch {
	case s.Relation == registry.Internal:
	case s.Until.IsZero():
		if s.Relation == registry.Processor {
			e.justify(rule, "supplier.until", "when the contract ends is not said", "yyyy-mm-dd, or how it is ended", law)
		}
	case e.d.Until.String() > s.Until.String():
		e.block(rule, "until", fmt.Sprintf("the declaration goes on after the contract, which ends on %s", s.Until), s.Until.String()+" at most", law)
	}
	if !s.Signed.IsZero() && !e.d.From.IsZero() && s.Signed.String() > e.d.From.String() && s.Relation != registry.Internal {
		e.block(rule, "from", fmt.Sprintf("the declaration begins before the contract is signed, on %s", s.Signed), s.Signed.String()+" at the earliest", "RGPD art. 28(3)")
	}
}

// pilotEnds wants an experiment to end, and the declaration to end with it.
func pilotEnds(e *exam) {
	const rule, law = "pilot", "RGPD art. 5(1)(b) and (e)"
	switch p := e.d.Pilot; {
	case p == nil:
	case p.Until.IsZero():
		e.block(rule, "pilot.until", "an experiment without an end is none", "yyyy-mm-dd", law)
	case e.d.Until.String() > p.Until.String():
		e.block(rule, "until", fmt.Sprintf("the declaration goes on after the experiment, which ends on %s", p.Until), p.Until.String()+" at most", law)
	}
}
