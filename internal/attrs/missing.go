package attrs

import (
	"fmt"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
)

// Missing says that an attribute which the declaration requires, or which serves as subject, cannot leave.
type Missing struct {
	Entry  dictionary.Entry
	Source string // who could supply it
	Why    WhyNot

	Neutral string  // where labels reveal too much: what is offered in their place
	Reason  Lacking // what a page, a journal and a metric call it
}

// Lacking is a refusal for want of an attribute, as one word.
type Lacking string

// The words. The last two are about people whom the source places in no class and no group at all: between two school
// years that is to be expected, and later it is a mistake in the school's own base.
const (
	AttributeMissing Lacking = "attribute_missing"
	YearNotReady     Lacking = "year_not_ready"
	NoClass          Lacking = "no_class"
)

// AllLacking lists every word, for the tables that must be complete.
func AllLacking() []Lacking { return []Lacking{AttributeMissing, YearNotReady, NoClass} }

// Error names the attribute and the source, no value.
func (m *Missing) Error() string {
	return fmt.Sprintf("attribute %s is required and cannot be sent (%s); source %s", m.Entry.Attr, m.Why.ForJournal(), m.Source)
}

func (v *values) missing(entry dictionary.Entry, f finding) *Missing {
	m := &Missing{Entry: entry, Source: v.grant.Source().ID, Why: f.why, Neutral: f.neutral, Reason: AttributeMissing}
	if f.why == NotKnown && ofClasses(entry.Attr) && len(v.affiliation.Classes) == 0 && len(v.affiliation.Groups) == 0 {
		m.Reason = NoClass
		if betweenYears(v.grant.At()) {
			m.Reason = YearNotReady
		}
	}
	return m
}

// ofClasses tells whether a word says in which class, group or level somebody is.
func ofClasses(n Name) bool {
	switch n {
	case "classes", "class_levels", "groups", "division_of_groups", "group_links", person.Level, person.LevelCode, "neutral_level", "cycle":
		return true
	}
	return false
}

// betweenYears tells whether schools may not have written down their classes yet: from the end of lessons to the end of
// September. It explains a refusal and decides nothing.
func betweenYears(at time.Time) bool { return at.Month() >= time.July && at.Month() <= time.September }
