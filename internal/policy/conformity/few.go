package conformity

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// mostTold bounds how many classes, groups or establishments a finding names one by one.
const mostTold = 10

// usualSmall is below which number of pupils a class is told of where the rules say no number.
const usualSmall = 5

// small is a class or group of so few that its label, with the establishment, says who it is.
type small struct {
	uai    person.UAI
	label  string
	pupils int
}

// fewSingledOut counts, in the establishments of the scope, the classes and groups that are so small that their label with
// the school and the profile is somebody. Where nobody counted nothing can be held back, and the controller says why it must be.
func fewSingledOut(e *exam) {
	places := e.declared(placeWords()...)
	if !e.pseudonymous() || len(places) == 0 {
		return
	}
	e.each(classWords(), func(where string, item registry.Item) {
		with := listed(append(places, e.declared("profile")...))
		counted, uncounted := e.look().counted, e.look().uncounted
		if few := e.small(item.Attr, counted); len(few) > 0 {
			e.sayFew(where, item.Attr, with, few)
		}
		if uncounted > 0 {
			e.justify("pseudonym-alone", where, fmt.Sprintf("with %s, %s says who somebody is wherever it stands for one pupil or one teacher; %s, and nothing is held back there",
				with, item.Attr, e.notCounted(uncounted)), "headcounts (gateway import classes), "+e.instead(item.Attr)+", or why it must", tooPrecise)
		}
	})
}

func (e *exam) sayFew(where string, a person.Attr, with string, few []small) {
	limit := e.smallest()
	what := fmt.Sprintf("with %s, %s single out pupils: in %s, %s fewer than %d pupils: %s", with, a, count(establishments(few), "establishment"), have(len(few), a), limit, tell(few))
	if e.c.Rules.SmallGroup > 0 {
		e.note("pseudonym-few", where, what+"; these labels are held back", e.instead(a), tooPrecise)
		return
	}
	e.justify("pseudonym-few", where, what+"; the rules hold none of them back", "small_group in the rules, "+e.instead(a)+", or why it must", tooPrecise)
}

// smallest is the number of pupils from which a class is not small.
func (e *exam) smallest() int {
	if e.c.Rules.SmallGroup > 0 {
		return e.c.Rules.SmallGroup
	}
	return usualSmall
}

func (e *exam) notCounted(n int) string {
	if len(e.look().reached) == 0 {
		return "no headcount is known"
	}
	return fmt.Sprintf("no headcount of the last year is known in %s of the scope", count(n, "establishment"))
}

// labelsOf are the labels of a headcount that a word speaks of.
func labelsOf(h registry.Headcount, a person.Attr) map[string]int {
	if ofClasses(a) {
		return h.Classes
	}
	return h.Groups
}

func ofClasses(a person.Attr) bool { return a == "classes" || a == "main_classes" }

// small lists the small classes or groups, the smallest first. One without any pupil is nobody's.
func (e *exam) small(a person.Attr, counted []registry.Headcount) []small {
	var out []small
	for _, h := range counted {
		labels := labelsOf(h, a)
		for _, label := range slices.Sorted(maps.Keys(labels)) {
			if n := labels[label]; n > 0 && n < e.smallest() {
				out = append(out, small{h.UAI, label, n})
			}
		}
	}
	slices.SortStableFunc(out, func(a, b small) int {
		return cmp.Or(cmp.Compare(a.pupils, b.pupils), cmp.Compare(a.uai, b.uai), cmp.Compare(a.label, b.label))
	})
	return out
}

// tell names the first of them: "0280101H CE2 B (1), …". A label that looks like a name is not repeated.
func tell(few []small) string {
	var out []string
	for i, s := range few {
		if i == mostTold {
			out = append(out, fmt.Sprintf("and %d more", len(few)-mostTold))
			break
		}
		label := s.label
		if registry.LooksNamed(label) {
			label = "[a label like a name]"
		}
		out = append(out, fmt.Sprintf("%s %s (%d)", s.uai, label, s.pupils))
	}
	return strings.Join(out, ", ")
}

func establishments(few []small) int {
	seen := map[person.UAI]bool{}
	for _, s := range few {
		seen[s.uai] = true
	}
	return len(seen)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func have(n int, a person.Attr) string {
	one, many := "class", "classes"
	if a != "classes" && a != "main_classes" {
		one, many = "group", "groups"
	}
	if n == 1 {
		return "1 " + one + " has"
	}
	return fmt.Sprintf("%d %s have", n, many)
}
