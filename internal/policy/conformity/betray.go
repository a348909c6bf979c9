package conformity

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// What the rules of this file rest on: a pseudonym is one only while nothing beside it says whose it is (RGPD art. 4(5)), and
// the three ways in which data lead back to a person (G29, avis 05/2014, WP 216): singling out, linking, inferring.
const (
	notPseudonymous = "RGPD art. 4(5), 25(1); G29, avis 05/2014 (WP 216)"
	tooPrecise      = "RGPD art. 4(5), 5(1)(c), 25(1); considérant 26; G29, avis 05/2014 (WP 216)"
)

func placeWords() []person.Attr { return []person.Attr{"uai", "school_name", "scoped_affiliation"} }
func classWords() []person.Attr {
	return []person.Attr{"classes", "main_classes", "groups", "division_of_groups", "group_links"}
}

func levelWords() []person.Attr {
	return append([]person.Attr{"level", "level_code", "level_label", "level_stat1", "level_stat2", "level_stat3", "level_stat4", "class_levels"}, classWords()...)
}

// sameEverywhere lists words that have one value for a person at every service.
func sameEverywhere() []person.Attr {
	return []person.Attr{person.Mail, person.Login, "principal_name", person.Anchor, person.DisplayName, person.INE, "school_local_id", "subject_id"}
}

// numbers lists the words under which a service has a number of ours.
func numbers() []person.Attr { return []person.Attr{"pseudonym", "pairwise_id", "short_code"} }

// namesNeedNominative refuses an item that names a person where the declaration says that nobody is named.
func namesNeedNominative(e *exam) {
	if !e.pseudonymous() {
		return
	}
	for i, item := range e.d.Items {
		if e.names(item.Attr) {
			e.block("nominative", fmt.Sprintf("items[%d].attribute", i), fmt.Sprintf("%s names a person, and the declaration is pseudonymous", item.Attr),
				e.instead(item.Attr)+", or mode: nominative", "RGPD art. 5(1)(c), 4(5)")
		}
	}
}

// instead says what tells a service less and often does in the place of a word, as the dictionary knows it.
func (e *exam) instead(a person.Attr) string {
	const none = "leave it out"
	if e.c.Words == nil {
		return none
	}
	entry, _ := e.c.Words.Entry(a)
	less := slices.DeleteFunc(slices.Clone(entry.Instead), func(n person.Attr) bool { return e.pseudonymous() && e.names(n) })
	if len(less) == 0 {
		return none
	}
	texts := make([]string, len(less))
	for i, n := range less {
		texts[i] = string(n)
	}
	return strings.Join(texts, " or ") + " in its place"
}

// pseudonymBetrayed tells that a pseudonym hides nobody where a name for the same person goes beside it.
func pseudonymBetrayed(e *exam) {
	if e.pseudonymous() || !e.declares(numbers()...) {
		return
	}
	e.each(sameEverywhere(), func(where string, item registry.Item) {
		e.note("pseudonym-betrayed", where, fmt.Sprintf("%s goes beside the pseudonym and betrays it", item.Attr), "one of the two", "RGPD art. 4(5)")
	})
}

// pseudonymLinked asks why a word leaves that is the same at every service and names nobody by itself: two services that have
// it put together what each knows under its own number.
func pseudonymLinked(e *exam) {
	if !e.pseudonymous() {
		return
	}
	e.each(sameEverywhere(), func(where string, item registry.Item) {
		if !e.names(item.Attr) {
			e.justify("pseudonym-linked", where, fmt.Sprintf("%s is the same at every service: it links what the pseudonyms keep apart", item.Attr),
				e.instead(item.Attr)+", or why it must", notPseudonymous)
		}
	})
	if e.declares("mail_domain") && e.declares(append(numbers(), "relay_mail")...) {
		e.each([]person.Attr{"mail_domain"}, func(where string, _ registry.Item) {
			e.justify("pseudonym-linked", where, "the domain of an address of one's own is a name, and goes beside the pseudonym",
				"leave it out, or say why the domain is one of many people", notPseudonymous)
		})
	}
	if e.d.Pseudonym != registry.Stable && e.declares("relay_mail") && e.declares(numbers()...) {
		e.each([]person.Attr{"relay_mail"}, func(where string, _ registry.Item) {
			e.note("pseudonym-linked", where, "a relay address that lasts longer than the pseudonym links the former one with the next",
				"a relay whose addresses change with the pseudonym", notPseudonymous)
		})
	}
}

// pseudonymCrossed asks for the reason where several harmless words leave few people between them: the age of a pupil in one
// class of one school.
func pseudonymCrossed(e *exam) {
	places := e.declared(placeWords()...)
	if len(places) == 0 {
		return
	}
	e.each([]person.Attr{person.BirthDate, "age_band"}, func(where string, item registry.Item) {
		with := append(slices.Clone(places), e.declared(levelWords()...)...)
		what := fmt.Sprintf("%s with %s leaves few people, and often one", item.Attr, listed(with))
		switch {
		case e.pseudonymous() && len(with) > len(places):
			e.justify("pseudonym-crossed", where, what, "one of them less, or why each is needed", tooPrecise)
		case !e.pseudonymous() && item.Attr == person.BirthDate:
			e.note("pseudonym-crossed", where, what, e.instead(item.Attr), tooPrecise)
		}
	})
}

// pseudonymExamined asks why a pseudonym never changes, and tells what one that lasts lets a service follow.
func pseudonymExamined(e *exam) {
	const rule = "pseudonym-follows"
	switch {
	case e.d.Pseudonym == registry.Stable:
		if blank(e.d.Why.FR) {
			e.justify("pseudonym-stable", "pseudonym_why", "why the pseudonym must outlast a cycle is missing", "pseudonym_why, or cycle", "RGPD art. 5(1)(c) and (e), 25(2)")
		}
		words := slices.Concat(placeWords(), levelWords(), []person.Attr{"school_kind", "cycle", "age_band"})
		e.each(words, func(where string, item registry.Item) {
			e.justify(rule, where, fmt.Sprintf("with %s, a stable pseudonym lets the service follow moves and repeated years", item.Attr),
				"a pseudonym per cycle or school year, or why it must", "RGPD art. 5(1)(c), 25(1)")
		})
	case e.d.Pseudonym != registry.PerSchoolYear && e.declares(numbers()...) && e.pupilsHave(levelWords()...):
		e.note(rule, "pseudonym", fmt.Sprintf("with %s, a pseudonym per cycle lets the service see a repeated year within the cycle", listed(e.declared(levelWords()...))),
			"a pseudonym per school year, or cycle in the place of the level", "RGPD art. 5(1)(c), 25(1)")
	}
}

// pupilsHave tells whether one of the words leaves for pupils.
func (e *exam) pupilsHave(words ...person.Attr) bool {
	found := false
	e.each(words, func(_ string, item registry.Item) { found = found || item.For(person.Pupil) })
	return found && e.reaches(person.Pupil)
}

// mostOverlap is the longest time, in days, for which two numbers of one person may leave without a reason: a school term.
const mostOverlap = 120

// overlapFits compares for how long a former number may be sent with whether it is declared.
func overlapFits(e *exam) {
	const rule, law = "pseudonym-overlap", "RGPD art. 5(1)(c) and (e)"
	declared := e.declares("former_pseudonym")
	switch {
	case e.d.Overlap > 0 && !declared:
		e.note(rule, "pseudonym_overlap", "an overlap is declared, and no former number leaves: former_pseudonym is no item", "the item, or no overlap", law)
	case e.d.Overlap <= 0 && declared:
		e.each([]person.Attr{"former_pseudonym"}, func(where string, _ registry.Item) {
			e.note(rule, where, "former_pseudonym is an item, and never leaves: no overlap is declared", "pseudonym_overlap in days, or leave it out", law)
		})
	case e.d.Overlap > mostOverlap:
		e.justify(rule, "pseudonym_overlap", fmt.Sprintf("for %d days, more than a school term, the service has two numbers of each person", e.d.Overlap),
			fmt.Sprintf("%d at most, or why it must", mostOverlap), law)
	}
}

// listed names words as a sentence does.
func listed(words []person.Attr) string {
	texts := make([]string, len(words))
	for i, w := range words {
		texts[i] = string(w)
	}
	if n := len(texts); n > 1 {
		return strings.Join(texts[:n-1], ", ") + " and " + texts[n-1]
	}
	return strings.Join(texts, "")
}
