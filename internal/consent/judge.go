package consent

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Mode is what a declaration asks of somebody before anything of theirs may leave.
type Mode string

// The modes.
const (
	None        Mode = "none"        // they were told already, collectively, and the school recorded it
	Information Mode = "information" // they are told
	Consent     Mode = "consent"     // they are asked, and nobody else
	Joint       Mode = "joint"       // the child is asked, and those who hold parental authority
)

// Question is what one declaration asks of one person.
type Question struct {
	Declaration registry.Declaration
	Profile     person.Profile
	UAI         person.UAI // where; a yes on paper counts where it is kept, and nowhere when this is empty
	Mode        Mode
	Alone       bool // the person speaks for themself: no pupil, or one who is of age for this
	Holders     bool // of Joint: the declaration has the holders asked; otherwise nothing can ever leave
	All         bool // of Joint: every one of them
}

// At is the question in an establishment.
func (q Question) At(uai person.UAI) Question {
	q.UAI = uai
	return q
}

// heard tells whether a receipt counts for the question: it is of its declaration, and a yes on paper is attested by the
// establishment itself. A no on paper is a no everywhere.
func (q Question) heard(r Receipt) bool {
	return r.Declaration == q.Declaration.ID && (r.no() || r.Paper == nil || r.Paper.UAI != "" && r.Paper.UAI == q.UAI)
}

// Versions finds earlier versions of a declaration.
type Versions interface {
	Declaration(id string, version int) (registry.Declaration, bool)
}

// Asks says what a declaration asks of a person who acts under a profile. It follows from the declared legal basis and the
// person's age facts; now is in the zone in which birthdays count. What is unknown is asked more, never less: an age, a
// basis, a history of versions that is not there.
func Asks(p person.Person, profile person.Profile, d registry.Declaration, rules registry.Rules, past Versions, now time.Time) Question {
	q := Question{Declaration: d, Profile: profile, Alone: profile != person.Pupil || ofAge(p, d, rules, now)}
	switch d.Basis.Kind {
	case registry.PublicInterest, registry.LegalObligation, registry.Contract, registry.LegitimateInterest:
		q.Mode = Information
		if told(d, profile, p.Age.AtLeast(rules.Majority, now) && rules.Majority > 0, past, now) {
			q.Mode = None
		}
	default:
		q.Mode = Consent
		if !q.Alone {
			q.Mode, q.Holders, q.All = Joint, d.Basis.Parents == registry.AnswerYes, d.Basis.AllHolders == registry.AnswerYes
		}
	}
	return q
}

// ofAge tells whether a pupil may agree alone: from the rules' age of consent where nobody prescribes the service, which is
// then offered directly to the child (loi n° 78-17 du 6 janvier 1978, art. 45), and from majority everywhere else. An
// unknown age is below both, and rules that say no age let nobody agree.
func ofAge(p person.Person, d registry.Declaration, rules registry.Rules, now time.Time) bool {
	age := rules.Majority
	if d.Basis.Prescribed == registry.AnswerNo {
		age = rules.ConsentAge
	}
	return age > 0 && p.Age.AtLeast(age, now)
}

// Answer is where a question stands.
type Answer string

// The answers.
const (
	Stands   Answer = "stands"   // nothing stands in the way
	Missing  Answer = "missing"  // the person has still to be told or asked
	Declined Answer = "declined" // the person said no, to this very substance, and was not heard otherwise since
	Parents  Answer = "parents"  // the holders of parental authority have not all said yes; who did and who did not is not told
	Shut     Answer = "closed"   // the controller closed the service for this person
)

// Outcome is what was said so far to a question. Of other people's voices it tells no more than Answer does.
type Outcome struct {
	Answer  Answer
	Own     Receipt // the newest that the person said or was told under the declaration; zero when there is none
	Closing Receipt // of Shut
}

// Weigh says where the question stands, by what was said: all of it, in any order, of one person at the declaration's
// service. A no, of the person or of any holder, prevails until that same voice says yes; of two things said at one moment
// the no is the later.
func (q Question) Weigh(said []Receipt) Outcome {
	said = slices.Clone(said)
	slices.SortStableFunc(said, inTime)
	var out Outcome
	for _, r := range said {
		switch {
		case r.Voice == Controller:
			out.Closing = r
		case r.Voice == Self && q.heard(r):
			out.Own = r
		}
	}
	switch {
	case out.Closing.no():
		out.Answer = Shut
		return out
	case q.Mode == Joint && !q.agreed(said):
		out.Answer = Parents
	default:
		out.Answer = q.own(said)
	}
	out.Closing = Receipt{}
	return out
}

// inTime puts receipts in the order in which they were said.
func inTime(a, b Receipt) int {
	later := func(r Receipt) int {
		if r.no() {
			return 1
		}
		return 0
	}
	return cmp.Or(a.At.Compare(b.At), later(a)-later(b), a.Filed.Compare(b.Filed))
}

// own weighs the person's own voice. Who is of age is asked alone and anew: what they said as a child counts no more, and
// neither does what was said for them.
func (q Question) own(said []Receipt) Answer {
	if q.Mode == None {
		return Stands
	}
	var last Receipt
	for _, r := range said {
		if r.Voice == Self && q.heard(r) && (q.Mode != Consent || r.Alone) {
			last = r
		}
	}
	present := last.Substance != "" && last.Substance == q.Declaration.Substance()
	switch {
	case present && (last.Act == Agreed || q.Mode == Information && last.Act == Informed):
		return Stands
	case present && q.Mode != Information && last.no():
		return Declined
	default:
		return Missing
	}
}

// whole tells whether a paper is, says the school, the word of every holder.
func (r Receipt) whole() bool { return r.Paper != nil && r.Paper.Everyone }

// replaces tells whether a holder's word takes the place of the one before it under the same name. A no always does. A yes
// to an earlier version answers nothing that was asked since; and of two papers that name nobody the second may be somebody
// else's, so that it lifts no no and takes nothing from what all of them signed.
func (r Receipt) replaces(was Receipt) bool {
	switch {
	case r.no():
		return true
	case r.Version < was.Version:
		return false
	case r.By != "" || r.whole():
		return true
	default:
		return !was.no() && (!was.whole() || was.Substance != r.Substance)
	}
}

// agreed weighs the voices of the holders: each by what it said last.
func (q Question) agreed(said []Receipt) bool {
	last := map[string]Receipt{} // by holder; those whom a paper does not name are one voice
	for _, r := range said {
		if r.Voice != Holder || !q.heard(r) {
			continue
		}
		if r.whole() { // each of them spoke again
			maps.DeleteFunc(last, func(_ string, was Receipt) bool { return was.Version <= r.Version })
		}
		if r.replaces(last[r.By]) {
			last[r.By] = r
		}
	}
	among, everyone := map[string]int{}, false
	yes := 0
	for _, r := range last {
		switch {
		case r.no():
			return false
		case r.Act != Agreed || r.Substance == "" || r.Substance != q.Declaration.Substance():
			continue
		}
		yes++
		everyone = everyone || r.whole()
		if r.Among != "" {
			among[r.Among]++
		}
	}
	if !q.Holders {
		return false
	}
	if !q.All || everyone {
		return yes > 0
	}
	for _, n := range among { // two people whom one authority names are two people
		if n > 1 {
			return true
		}
	}
	return false
}
