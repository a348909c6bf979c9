package registry

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// A measure says what a difference between two values of one field is.
type measure func(before, after string) ChangeKind

// everything stands for an empty list that leaves nobody out; listed stands between the words of a list.
const (
	everything = "*"
	listed     = ", "
)

// wholeList names the lists that are compared as a whole, because an empty one is everybody.
func wholeList(kind string) bool { return kind == "audience.levels" || kind == "items[].profiles" }

// counted names the numbers whose zero is a value.
func counted(kind string) bool {
	return kind == "audience.min_age" || kind == "erasure[].months"
}

// measures is the table of what a change of each field is: every field of a declaration's text stands here, and a test
// holds a new field to it. The kind of a thing in a list measures its being added or taken away. What is not known to
// let less out counts as letting more out.
func measures() map[string]measure {
	return map[string]measure{
		"id": wider, "service": wider, "model": paper,

		"controller.name": wider, "controller.office": wider, "controller.dpo": paper, "controller.contact": paper,
		"joint_controllers[]": wider, "joint_controllers[].name": wider, "joint_controllers[].office": wider,
		"joint_controllers[].dpo": paper, "joint_controllers[].contact": paper,

		"supplier.relation": wider, "supplier.name": wider, "supplier.kind": wider, "supplier.country": wider, "supplier.free": wider,
		"supplier.evidence": wider, "supplier.reference": paper, "supplier.parties[]": wider, "supplier.signed": paper,
		"supplier.until": paper, "supplier.signed_by": paper, "supplier.council_act": paper,
		"supplier.essence.fr": wider, "supplier.essence.en": paper,
		"supplier.terms.offer": wider, "supplier.terms.version": paper, "supplier.terms.accepted": paper, "supplier.terms.document": paper,
		"supplier.sub_processors[]": more, "supplier.sub_processors[].name": wider, "supplier.sub_processors[].country": wider,
		"supplier.sub_processors[].for": wider, "supplier.sub_processors[].remote": wider,

		"scope.level": wider, "scope.academies[]": more, "scope.departments[]": more, "scope.uais[]": more, "scope.covers_all": more,

		"uses[]": more, "purposes[]": more, "purposes[].fr": wider, "purposes[].en": paper,
		"basis.kind": wider, "basis.text": wider, "basis.prescribed": wider, "basis.parents": wider, "basis.all_holders": wider,
		"persons[]": more, "persons[].fr": wider, "persons[].en": paper,
		"data[]": more, "data[].fr": wider, "data[].en": paper,
		"recipients[]": more, "recipients[].fr": wider, "recipients[].en": paper,

		"mode":              upward(string(Pseudonymous), string(Nominative)),
		"pseudonym":         upward(string(PerSchoolYear), string(PerCycle), string(Stable)),
		"pseudonym_overlap": greater(number),
		"pseudonym_why.fr":  paper, "pseudonym_why.en": paper,
		"items[]": more, "items[].attribute": wider, "items[].profiles": wholly, "items[].justification.fr": wider,
		"items[].justification.en": paper, "items[].required": narrower,
		"audience.profiles[]": more, "audience.levels": wholly, "audience.min_age": less(number),

		"hosting[]":   more,
		"transfers[]": more, "transfers[].country": wider, "transfers[].recipient": wider, "transfers[].remote": wider,
		"transfers[].instrument": wider, "transfers[].reference": paper, "transfers[].assessment": paper,
		"transfers[].signed": paper, "transfers[].until": paper,

		"retention.fr": wider, "retention.en": paper,
		"erasure[]": fewer, "erasure[].what.fr": wider, "erasure[].what.en": paper, "erasure[].months": greater(number), "erasure[].after": wider,
		"security[]": fewer, "security[].fr": wider, "security[].en": paper,

		"dpia.done": done, "dpia.date": paper, "dpia.document": paper, "dpia.why.fr": paper, "dpia.why.en": paper,
		"dpia.large_scale": wider, "dpia.criteria[]": more,
		"risk.information.level": risen, "risk.vulnerability.level": risen, "risk.framework.level": risen, "risk.exposure.level": risen,
		"risk.identification.level": risen, "risk.flaws.level": risen, "risk.harvesting.level": risen,
		"risk.information.why": paper, "risk.vulnerability.why": paper, "risk.framework.why": paper, "risk.exposure.why": paper,
		"risk.identification.why": paper, "risk.flaws.why": paper, "risk.harvesting.why": paper,

		"informed[]": paper, "informed[].kind": paper, "informed[].date": paper, "informed[].document": paper,
		"directory": paper, "pilot": fewer, "pilot.until": paper, "pilot.why": paper,
		"documents[]": paper, "documents[].kind": paper, "documents[].name": paper, "documents[].hash": paper, "documents[].date": paper,
		"justified[]": paper, "justified[].rule": paper, "justified[].where": paper, "justified[].text": paper,
		"max_session": greater(span), "from": paper, "until": paper,
		"paper": paper, "paper.act": paper, "paper.date": paper, "paper.signatory": paper, "paper.document": paper,
	}
}

func paper(_, _ string) ChangeKind    { return Renewal }
func wider(_, _ string) ChangeKind    { return Wider }
func narrower(_, _ string) ChangeKind { return Narrower }

// more is wider when something came, narrower when it went; a change from one thing to another is wider.
func more(_, after string) ChangeKind {
	if after == "" {
		return Narrower
	}
	return Wider
}

// fewer is wider when something went: a promise to erase, a protection, the end of an experiment.
func fewer(before, _ string) ChangeKind {
	if before == "" {
		return Narrower
	}
	return Wider
}

// done is paper when an assessment was made, wider when it no longer counts.
func done(_, after string) ChangeKind {
	if after == string(AnswerYes) {
		return Renewal
	}
	return Wider
}

// wholly compares two lists of which an empty one is everybody.
func wholly(before, after string) ChangeKind {
	had := strings.Split(before, listed)
	for _, word := range strings.Split(after, listed) {
		if before != everything && !slices.Contains(had, word) {
			return Wider
		}
	}
	return Narrower
}

// upward compares two words of a scale; a word that is not on it is wider.
func upward(scale ...string) measure {
	return func(before, after string) ChangeKind {
		from, to := slices.Index(scale, before), slices.Index(scale, after)
		if from < 0 || to < 0 || to > from {
			return Wider
		}
		return Narrower
	}
}

func risen(before, after string) ChangeKind {
	return upward(string(Low), string(Medium), string(High))(before, after)
}

// greater is wider when the amount grows, less when it falls; what cannot be read is wider.
func greater(read func(string) (int64, error)) measure {
	return func(before, after string) ChangeKind {
		from, err := read(before)
		to, err2 := read(after)
		if err != nil || err2 != nil || to > from {
			return Wider
		}
		return Narrower
	}
}

func less(read func(string) (int64, error)) measure {
	return func(before, after string) ChangeKind { return greater(read)(after, before) }
}

func number(s string) (int64, error) { return strconv.ParseInt(s, 10, 64) }

func span(s string) (int64, error) {
	d, err := time.ParseDuration(s)
	return int64(d), err
}
