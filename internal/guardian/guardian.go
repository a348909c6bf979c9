// Package guardian says what somebody who looks after a child may look at and do for that child today, and keeps what a
// school closed.
//
// Two things are told apart. Speaking for a child (agreements, requests about the child's data) asks that the source says
// that the person holds parental authority; unknown is no. Looking at what concerns the child (the view) asks for more:
// that the source says so of an attachment that holds today, and when the child was born, so that the child is a minor for
// certain. Both end at midnight, in the gateway's zone, of the day on which the child turns 18; somebody born on 29 February
// comes of age on 1 March of a year that has no such day. Both end at once where a school closed them, under whichever keys
// the two people are known, and begin again when it opens them.
//
// What the view lists is a function of the register, of where the child is, in which level and at which age, and of what
// this guardian answered. The journal is not read for it, nor what the child or anybody else said, nor what a controller
// closed for this child alone: two children of one level, age and school have one list, whatever they used and however
// often. It holds what is open to pupils there, and what was open there until less than a year ago and is not any more, so
// that a list that grows shorter is no news of the child. It is never said where the child goes to school, in which class,
// or when anything was used.
//
// Whoever sees nothing reads one page, whatever the reason: that of somebody about whom no source says anything.
package guardian

import (
	"time"

	"ecluse/internal/person"
)

// Speaks tells whether a person may speak for a ward at now, by what the source says: it says that they hold parental
// authority, and not that the child is of age. An age that nobody knows lets them, as the source answers for the authority.
// The day is that of the zone in which now is given.
func Speaks(w person.Ward, now time.Time) bool {
	return w.Authority == person.Yes && !w.Child.IsZero() && w.Age.Band(now) != person.Adult
}

// Sees tells whether a person may look at what concerns a ward at now, by what the source says: they may speak, the
// attachment holds, and the child's age is known and below 18.
func Sees(p person.Person, w person.Ward, now time.Time) bool {
	if !Speaks(w, now) || w.Age.Adult == person.Yes {
		return false // a source that says both of an age says nothing for certain
	}
	if band := w.Age.Band(now); band != person.Under15 && band != person.Minor {
		return false
	}
	_, holds := p.At(w.UAI, person.Guardian, now)
	return holds
}

// Names tells whether a page may name an establishment to a person: not where only a child of theirs goes. Whoever learns or
// works there reads its name, as does anybody who looks after no child.
func Names(p person.Person, uai person.UAI) bool {
	child := len(p.Wards) > 0
	for _, a := range p.Affiliations {
		if a.UAI == uai && a.Profile != person.Guardian {
			return true
		}
		child = child || a.Profile == person.Guardian
	}
	return !child
}
