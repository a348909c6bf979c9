// Package conformity helps the data-protection officer: it examines a declaration and says what stands against approving
// it, each finding blocking, to be justified by the controller, or for information, with its legal reference, the field
// to mend and what would mend it. It approves nothing. What a lawyer may change is registry.Rules; what is logic is here,
// one rule in one function, worded so that a lawyer can confirm or change it.
package conformity

import (
	"slices"
	"strings"
	"time"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// Case is what a declaration is examined against.
type Case struct {
	Rules   registry.Rules
	Now     time.Time
	Zone    *time.Location // of bare dates; nil is UTC
	Words   *dictionary.Dictionary
	Service registry.Service                                // the zero service is not looked at
	School  func(person.UAI) (registry.Establishment, bool) // nil knows no school
	Model   func(id string) (registry.Model, bool)          // nil looks at no model
	Asked   []person.Attr                                   // what the service's own metadata asks for; nil says nothing
	Says    []string                                        // what it says it keeps to, in words: entity categories, certifications

	Schools   func() []*registry.Establishment            // every establishment; nil knows none
	Labels    func() *registry.Labels                     // the rules' words, prepared; nil: the rules are asked
	Revealing func() registry.Revealing                   // what names and labels reveal; nil: they are looked at one by one
	Headcount func(person.UAI) (registry.Headcount, bool) // nil: nobody counted
	Services  func() []registry.Service                   // every service that is of its family or provider; nil looks at no other
	Declared  func(service string) []registry.Declaration // the versions that were approved; nil knows none
	Shared    *Shared                                     // what examinations in one state of the registry share; nil shares nothing
}

// Examine lists what it finds in the order of the rules: nothing for a declaration against which nothing stands. Every
// finding carries its rule's word and its legal reference. The declaration is not changed.
func Examine(d registry.Declaration, c Case) []registry.Finding {
	if c.Zone == nil {
		c.Zone = time.UTC
	}
	e := &exam{d: d, c: c}
	for _, rule := range rules() {
		rule(e)
	}
	return e.found
}

// Unanswered lists the findings that the controller must justify and has not: an answer names the finding's rule, and
// its place unless it means every place, and says something. A blocking finding takes no answer.
func Unanswered(findings []registry.Finding, d registry.Declaration) []registry.Finding {
	var out []registry.Finding
	for _, f := range findings {
		answered := slices.ContainsFunc(d.Justified, func(j registry.Justified) bool {
			return j.Rule != "" && j.Rule == f.Rule && (j.Where == "" || j.Where == f.Where) && !blank(j.Text)
		})
		if f.Severity == registry.ToJustify && !answered {
			out = append(out, f)
		}
	}
	return out
}

// exam is one examination under way.
type exam struct {
	d     registry.Declaration
	c     Case
	found []registry.Finding
	seen  *seen
	words *registry.Labels
}

// rules lists every rule in the order in which a register entry is read.
func rules() []func(*exam) {
	return []func(*exam){
		rulesHold,
		controllerNamed, controllerMayAnswer, purposesNamed, usesKnown, categoriesNamed, securityDescribed, directoryCovered,
		relationKnown, evidenceFits, processorBound, offerFits, jointArranged, publicBodyFounded, internalAlone,
		subProcessorsNamed, signatoryMay, houseBound, houseForgets, houseTold, providerDeclared,
		missionFounded, interestInvoked, consentFree, contractWithPupils, parentsAsked,
		hostingKnown, countriesCovered, transfersFounded, withdrawnFlagged, freeSuite,
		itemsKnown, itemsJustified, itemsUsual, itemsAsked, serviceSays, outputsDeclared, namesNeedNominative, subjectLasts,
		pseudonymExamined, pseudonymBetrayed, pseudonymLinked, pseudonymCrossed, overlapFits, fewSingledOut, labelsNamed,
		sectorShared, providerTwice, labelsHeldBack, placeReveals, audienceReveals, dataTaboo, dataReveals,
		assessmentDone, riskComplete, riskAnswered,
		erasureDelays, keptBeyondSchooling,
		minorsInformed, staffInformed, publicInformed,
		datesGiven, contractOutlives, pilotEnds, documentsAttached, paperComplete, modelReviewed,
	}
}

func (e *exam) say(severity registry.Severity, rule, where, what, mend, law string) {
	e.found = append(e.found, registry.Finding{Severity: severity, Rule: rule, Where: where, What: what, Mend: mend, Law: law})
}

func (e *exam) block(rule, where, what, mend, law string) {
	e.say(registry.Blocking, rule, where, what, mend, law)
}

func (e *exam) justify(rule, where, what, mend, law string) {
	e.say(registry.ToJustify, rule, where, what, mend, law)
}

func (e *exam) note(rule, where, what, mend, law string) {
	e.say(registry.Note, rule, where, what, mend, law)
}

// rulesHold refuses to judge by no rules: an empty list of countries or an age of nought would let everything through.
func rulesHold(e *exam) {
	if r := e.c.Rules; len(r.EEA) == 0 || r.Majority <= 0 || r.ConsentAge <= 0 || r.DPIAFrom <= 0 || len(r.Uses) == 0 {
		e.block("rules", "", "no rules hold: nothing can be judged", "the rules that come with the program, or those that two persons signed", "RGPD art. 5(2)")
	}
}

// minors tells whether pupils who may be minors are in the audience. Only the declared minimum age says otherwise.
func (e *exam) minors() bool { return e.pupilsUnder(e.c.Rules.Majority) }

func (e *exam) pupilsUnder(age int) bool {
	return e.reaches(person.Pupil) && (age <= 0 || e.d.Audience.MinAge < age)
}

// reaches tells whether any of the profiles is in the audience.
func (e *exam) reaches(profiles ...person.Profile) bool {
	return slices.ContainsFunc(profiles, func(p person.Profile) bool { return slices.Contains(e.d.Audience.Profiles, p) })
}

// schools tells whether every establishment of a scope by establishment is known and fits. A wider scope never does.
func (e *exam) schools(fits func(registry.Establishment) bool) bool {
	if e.d.Scope.Level != registry.ByEstablishment || e.c.School == nil || len(e.d.Scope.UAIs) == 0 {
		return false
	}
	return !slices.ContainsFunc(e.d.Scope.UAIs, func(uai person.UAI) bool {
		school, known := e.c.School(uai)
		return !known || !fits(school)
	})
}

// private tells whether the declaration holds in private schools only; an unknown school counts as public.
func (e *exam) private() bool {
	return e.schools(func(s registry.Establishment) bool { return s.Private })
}

func blank(text string) bool { return strings.TrimSpace(text) == "" }

// said tells whether a list says anything.
func said(list []registry.Text) bool {
	return slices.ContainsFunc(list, func(t registry.Text) bool { return !blank(t.FR) })
}
