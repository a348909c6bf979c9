package attrs

import (
	"slices"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// values finds what is known of a person in the one establishment of the grant. It holds the question whole: what it only
// pointed to would need memory of its own.
type values struct {
	engine      *Engine
	person      person.Person
	affiliation person.Affiliation
	grant       policy.Grant
	ask         Request

	nominative, cited bool
	few               int // a class or group of fewer is held back; 0 holds none back
	counted           registry.Headcount
	ine               [][]byte       // the national numbers of the person, as they are compared
	fewest            int            // digits in whatever is looked for that may not leave
	names             registry.Names // what the person is called, once a label was looked at
	named             bool
	subject, child    string
}

// look finds what the decision rests on.
func (v *values) look() {
	rules, counted := v.grant.Rules(), v.grant.Headcount()
	v.nominative, v.cited, v.ine = v.grant.Nominative(), dictionary.Cited(rules), ines(&v.person, &v.affiliation)
	v.fewest = fewest(v.ine)
	if !v.nominative && counted.Holds(v.grant.At(), v.grant.At().Location()) {
		v.few, v.counted = rules.SmallGroup, counted
	}
	v.subject = v.engine.pseudonym(&v.person, &v.grant, v.ask.Number)
	v.child = v.engine.child(&v.person, &v.grant, v.ask.Child)
}

// finding is the values of a word that may leave, what was done to them, and why others may not.
type finding struct {
	values  []string
	said    []string
	how     string
	rule    Rule
	why     WhyNot // beside values only where some of them are held back
	neutral string // what is offered in the place of those
}

// of finds the values of a word, and what forbids them. Every check only takes away.
func (v *values) of(entry *dictionary.Entry) finding {
	switch n := entry.Attr; {
	case v.ask.Asked != nil && n != v.ask.Subject && !slices.Contains(v.ask.Asked, n):
		return finding{why: NotRequested}
	case entry.Names && !v.nominative:
		return finding{why: NotNominative}
	case n == person.INE && !v.cited:
		return finding{why: NotAllowed}
	case v.ofAnotherProfile(n):
		return finding{why: NotThisProfile}
	}
	var f finding
	if entry.Derived {
		f = v.derived(entry.Attr)
	} else {
		f.values, f.rule = v.said(entry.Attr)
		f.said = f.values
	}
	if len(f.values) == 0 {
		return finding{why: NotKnown, said: f.said}
	}
	return v.unnamed(entry, v.enough(entry.Attr, v.harmless(entry, v.permitted(entry, f))))
}

// said prefers what holds in this establishment to what holds everywhere.
func (v *values) said(n Name) ([]string, Rule) {
	found, rule := v.affiliation.Values[n], OfThePlace
	if len(found) == 0 {
		found, rule = v.person.Values[n], AsSaid
	}
	if n == person.HeadsOf || n == person.ActsFor {
		return v.vouched(found), Vouched
	}
	return found, rule
}

// first is the first value of a word that somebody has everywhere, or nothing.
func (v *values) first(n Name) string { return v.person.First(n) }

// vouched keeps the establishments for which the source may speak: one that speaks for a school makes nobody head of
// another. Each value begins with its UAI.
func (v *values) vouched(found []string) []string {
	source := v.grant.Source()
	var out []string
	for _, value := range found {
		uai, _, _ := strings.Cut(value, " ")
		if source.SpeaksFor(person.UAI(uai)) {
			out = append(out, value)
		}
	}
	return out
}

// ofAnotherProfile tells whether a word belongs to what the person is elsewhere. An agent may be a parent too: the address,
// the login and the offices that a source knows everywhere are the agent's, and do not leave where the person acts for a
// child. What the source says in the very establishment, for this profile, is this profile's.
func (v *values) ofAnotherProfile(n Name) bool {
	guardian := v.grant.Place().Profile == person.Guardian
	switch n {
	case person.HeadsOf, person.ActsFor, "entitlement", "before_pupils":
		return guardian
	}
	n = wordBehind(n)
	if !ofTheAccount(n) || len(v.affiliation.Values[n]) > 0 || !v.agentAndParent() {
		return false
	}
	return guardian || len(v.person.Values[n]) > 1 // of several nobody knows which is the agent's
}

// ofTheAccount tells whether a word is an account's rather than a person's.
func ofTheAccount(n Name) bool {
	return n == person.Mail || n == person.Login || n == person.Anchor || n == "principal_name"
}

func (v *values) agentAndParent() bool {
	guardian := func(a person.Affiliation) bool { return a.Profile == person.Guardian }
	all := v.person.Affiliations
	return slices.ContainsFunc(all, guardian) && slices.ContainsFunc(all, func(a person.Affiliation) bool { return !guardian(a) })
}

// wordBehind is the word that the source says where another is computed from it.
func wordBehind(n Name) Name {
	if n == "mail_domain" {
		return person.Mail
	}
	return n
}

func declares(items []registry.Item, n Name) bool {
	for i := range items {
		if items[i].Attr == n {
			return true
		}
	}
	return false
}
