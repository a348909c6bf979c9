package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"ecluse/internal/person"
)

// Headcount says how many pupils are in each class and group of one establishment: numbers, no pupil. With it the gateway
// knows which label stands for so few that it names them. It is imported; an establishment without one is not counted.
type Headcount struct {
	UAI       person.UAI     `json:"uai"`
	On        Date           `json:"on"`                // the day it was counted
	Classes   map[string]int `json:"classes,omitempty"` // by the label as the source writes it
	Groups    map[string]int `json:"groups,omitempty"`
	ManagedBy string         `json:"managed_by,omitempty"`
}

// What a headcount may hold: more is no establishment's.
const (
	MostPupils    = 5000 // in one class or group
	mostLabels    = 2000 // classes, and as many groups
	mostLabelText = 200  // characters of one label
)

// Check says what is wrong with the headcount. tenants are the UAIs of registered test tenants.
func (h Headcount) Check(tenants ...person.UAI) []Finding {
	var c checker
	c.uai("uai", h.UAI, tenants...)
	c.say(h.On.IsZero(), "on", "the day on which it was counted is missing", "yyyy-mm-dd")
	c.say(len(h.Classes) == 0 && len(h.Groups) == 0, "classes", "nothing was counted", "one class or group at least")
	c.counts("classes", h.Classes)
	c.counts("groups", h.Groups)
	return c
}

func (c *checker) counts(where string, counts map[string]int) {
	c.say(len(counts) > mostLabels, where, fmt.Sprintf("%d labels are more than any establishment has", len(counts)), fmt.Sprintf("%d at most", mostLabels))
	for i, label := range slices.Sorted(maps.Keys(counts)) {
		at := fmt.Sprintf("%s[%d]", where, i)
		c.say(strings.TrimSpace(label) == "" || utf8.RuneCountInString(label) > mostLabelText, at, "the label is missing or too long", fmt.Sprintf("1 to %d characters", mostLabelText))
		c.say(counts[label] < 0 || counts[label] > MostPupils, at, fmt.Sprintf("%d pupils is no headcount", counts[label]), fmt.Sprintf("0 to %d", MostPupils))
	}
}

// Holds tells whether the headcount still says something at now: for one year from the day on which it was counted. An
// older one is of other classes, one of a day to come is of none, and both count as if nobody had counted.
func (h Headcount) Holds(now time.Time, zone *time.Location) bool {
	if h.On.IsZero() || zone == nil || now.Before(h.On.Starts(zone)) {
		return false
	}
	return now.Before(h.On.Starts(zone).AddDate(1, 0, 0))
}
