package conformity

import (
	"fmt"

	"ecluse/internal/registry"
)

// schooling is the longest schooling in months, from three years of age to eighteen.
const schooling = 15 * 12

// erasureDelays wants how long each category of data is kept, and the same as people read it.
func erasureDelays(e *exam) {
	const rule, law = "erasure", "RGPD art. 30(1)(f), 5(1)(e)"
	if blank(e.d.Retention.FR) {
		e.block(rule, "retention", "how long data is kept is missing", "a sentence as people read it", "RGPD art. 13(2)(a), 5(1)(e)")
	}
	if len(e.d.Erasure) == 0 {
		e.block(rule, "erasure", "no erasure delay is given: data would be kept for ever", "a delay for each category", law)
	}
	for i, x := range e.d.Erasure {
		where := fmt.Sprintf("erasure[%d]", i)
		if blank(x.What.FR) {
			e.block(rule, where+".what", "what the delay is for is missing", "a category of data", law)
		}
		if x.Months < 0 {
			e.block(rule, where+".months", "a delay cannot be negative", "0 or more months", law)
		}
		switch x.After {
		case registry.AfterCollection, registry.AfterYear, registry.AfterDeparture, registry.AfterSchooling:
		default:
			e.block(rule, where+".after", fmt.Sprintf("the event %q from which the delay is counted is not known", x.After),
				"collection, school_year, departure or schooling", law)
		}
	}
}

// keptBeyondSchooling asks why data outlives schooling by more than the rules' delay. What is counted from collection or
// from a school year outlives it once it is longer than a whole schooling.
func keptBeyondSchooling(e *exam) {
	for i, x := range e.d.Erasure {
		most := schooling
		if x.After == registry.AfterSchooling || x.After == registry.AfterDeparture {
			most = e.c.Rules.KeepMonths
		}
		if x.Months > most {
			e.justify("kept-long", fmt.Sprintf("erasure[%d].months", i), fmt.Sprintf("data is kept %d months after %s, beyond schooling", x.Months, x.After),
				fmt.Sprintf("%d months at most, or the text that asks for more", most), "RGPD art. 5(1)(e)")
		}
	}
}
