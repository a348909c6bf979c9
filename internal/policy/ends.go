package policy

import (
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

// Ends is the moment from which a declaration opens nothing any more under rules, and why: the first of its own end and the
// ends of what it rests on.
func Ends(d registry.Declaration, r registry.Rules, zone *time.Location) (time.Time, Lapse) {
	panic("not yet")
}
