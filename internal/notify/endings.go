package notify

import (
	"fmt"
	"slices"
	"time"

	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// stages are how many days before an end somebody is told, the last one once it is over.
func stages() []int { return []int{90, 30, 7, 0} }

// levelUp is the stage from which one level up is told too: whoever can renew has had three mails by then.
const levelUp = 7

// pastEnd is for how many days somebody is told that something has just ended.
const pastEnd = 7

// Endings lists the declarations that are near their end, or just over, and for which no newer version is approved: with
// the stage that they have reached, and to whoever can renew. On the last stage before the end, and once it is over, one
// level up is told too.
func (v *View) Endings() []Occasion {
	rules := v.Rules(v.now)
	var out []Occasion
	for _, d := range v.AllDeclarations() {
		if o, ok := v.ending(d, rules); ok {
			out = append(out, o)
		}
	}
	return out
}

func (v *View) ending(d registry.Declaration, rules registry.Rules) (Occasion, bool) {
	end, _ := policy.Ends(d, rules, v.Zone())
	if d.State != registry.Approved || d.From.IsZero() || end.IsZero() || v.succeeded(d) {
		return Occasion{}, false
	}
	last := registry.DateOf(end.Add(-time.Nanosecond).In(v.Zone()))
	left := days(registry.DateOf(v.now.In(v.Zone())), last)
	stage, due := stageOf(left)
	if !due {
		return Occasion{}, false
	}
	o := Occasion{
		Mark: fmt.Sprintf("end %s v%d %s %d", d.ID, d.Version, last, stage), Kind: Ending, About: d.ServiceID, Name: v.service(d.ServiceID),
		Last: last, Days: left, Stage: stage, To: v.deciders(d),
	}
	if stage <= levelUp {
		o.To = once(append(slices.Clone(o.To), v.above(d)...))
	}
	return o, true
}

// stageOf is the stage that is reached when so many days are left, the last day counted as 0.
func stageOf(left int) (stage int, due bool) {
	if left < 0 {
		return 0, left >= -pastEnd
	}
	for _, s := range stages() {
		if s > 0 && left <= s {
			stage, due = s, true // the nearest one
		}
	}
	return stage, due
}

// succeeded tells whether a newer version was approved.
func (v *View) succeeded(d registry.Declaration) bool {
	return slices.ContainsFunc(v.Versions(d.ID), func(o registry.Declaration) bool {
		return o.Version > d.Version && o.State == registry.Approved
	})
}

// days counts from one calendar day to another, whatever the clocks do between them.
func days(from, to registry.Date) int {
	return int(to.Starts(time.UTC).Sub(from.Starts(time.UTC)) / (24 * time.Hour))
}
