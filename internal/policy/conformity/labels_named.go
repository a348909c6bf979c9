package conformity

import (
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// labelsNamed looks for names of people in labels that go beside a pseudonym: a group is called as somebody wished to call
// it. Labels that are known are looked at; a label that holds a name of the very person is held back when it would leave.
func labelsNamed(e *exam) {
	if !e.pseudonymous() {
		return
	}
	e.each(classWords(), func(where string, item registry.Item) {
		counted, uncounted := e.look().counted, e.look().uncounted
		if n, told := holding(counted, fitting(item.Attr, registry.LooksNamed)); n > 0 {
			e.justify("label-names", where, fmt.Sprintf("%s of %s are written as a person is called: %s", count(n, "label"), item.Attr, told),
				"have them renamed at the source, or "+e.instead(item.Attr), notPseudonymous)
		}
		if uncounted > 0 {
			e.note("label-names", where, fmt.Sprintf("whoever names a group may write a person's name into its label: %s, so nobody can look", e.notCounted(uncounted)),
				"headcounts (gateway import classes), or "+e.instead(item.Attr), notPseudonymous)
		}
	})
}

// fitting counts the labels of a word that fit.
func fitting(a person.Attr, fits func(string) bool) func(registry.Headcount) int {
	return func(h registry.Headcount) (n int) {
		for label := range labelsOf(h, a) {
			if fits(label) {
				n++
			}
		}
		return n
	}
}

// holding counts the labels that fit, and tells in which establishments they are, never what they say: it may be
// somebody's name.
func holding(counted []registry.Headcount, fit func(registry.Headcount) int) (all int, told string) {
	var at []string
	more := 0
	for _, h := range counted {
		n := fit(h)
		if n == 0 {
			continue
		}
		if all += n; len(at) < mostTold {
			at = append(at, fmt.Sprintf("%s (%d)", h.UAI, n))
		} else {
			more++
		}
	}
	if more > 0 {
		at = append(at, "and in "+count(more, "other establishment"))
	}
	return all, strings.Join(at, ", ")
}

// labelsHeldBack tells what becomes of items whose values are labels: of classes, groups, subjects, functions. One that reveals
// health, disability, origin or religion does not leave, and the neutral level is offered in its place. Where labels are
// known it counts those that do. The level itself is the least that a declaration of pupils says: nothing is told of it.
func labelsHeldBack(e *exam) {
	if e.c.Words == nil {
		return
	}
	for i, item := range e.d.Items {
		if entry, known := e.c.Words.Entry(item.Attr); !known || entry.Reveals != dictionary.ByLabel || item.Attr == "level" {
			continue
		}
		what := fmt.Sprintf("labels of %s that reveal health, disability, origin or religion are held back", item.Attr)
		if slices.Contains(classWords(), item.Attr) {
			if n, told := holding(e.look().counted, e.revealed(item.Attr)); n > 0 {
				what += fmt.Sprintf(": %s of those known, %s", fmt.Sprint(n), told)
			}
		}
		e.note("labels", fmt.Sprintf("items[%d]", i), what, "the neutral level is offered in their place", sensitive)
	}
}

// placeReveals tells where an establishment's own name says of everybody in it what no label may say.
func placeReveals(e *exam) {
	if !e.declares(placeWords()...) {
		return
	}
	var at []string
	reveals, n := e.revealing(), 0
	for _, s := range e.look().reached {
		if reveals(s) {
			if n++; n <= mostTold {
				at = append(at, string(s.UAI))
			}
		}
	}
	if n == 0 {
		return
	}
	if n > mostTold {
		at = append(at, fmt.Sprintf("and %d more", n-mostTold))
	}
	e.note("place-reveals", "scope", fmt.Sprintf("the name of %s reveals something of everybody there, and %s leaves: %s",
		count(n, "establishment"), listed(e.declared(placeWords()...)), strings.Join(at, ", ")), "school_kind in its place, or a scope without them", sensitive)
}

// revealing tells whether the name of an establishment reveals something.
func (e *exam) revealing() func(*registry.Establishment) bool {
	if e.c.Revealing != nil {
		known := e.c.Revealing().Places
		return func(s *registry.Establishment) bool { return known[s.UAI] }
	}
	labels := e.c.Rules.Labels()
	return func(s *registry.Establishment) bool {
		_, found := labels.Reveals(s.Name)
		return found
	}
}

// revealed counts the labels of a word that reveal something.
func (e *exam) revealed(a person.Attr) func(registry.Headcount) int {
	if e.c.Revealing == nil {
		labels := e.c.Rules.Labels()
		return fitting(a, func(l string) bool { _, found := labels.Reveals(l); return found })
	}
	all := e.c.Revealing()
	known := all.Groups
	if ofClasses(a) {
		known = all.Classes
	}
	return func(h registry.Headcount) int { return known[h.UAI] }
}
