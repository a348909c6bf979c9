package conformity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// itemsKnown refuses what the dictionary does not know or forbids: the social security number and biometrics always, the
// national pupil number unless the rules cite the text that allows it here. What the service itself asks for is held to
// the same.
func itemsKnown(e *exam) {
	for i, item := range e.d.Items {
		e.word(fmt.Sprintf("items[%d].attribute", i), item.Attr, false)
		if slices.ContainsFunc(e.d.Items[:i], func(other registry.Item) bool { return other.Attr == item.Attr }) {
			e.block("item-word", fmt.Sprintf("items[%d].attribute", i), fmt.Sprintf("%q is declared twice", item.Attr), "one item of each", "RGPD art. 5(1)(c)")
		}
	}
	for _, a := range e.c.Asked {
		e.word("items", a, true)
	}
}

// word judges one word. What is only asked for need not be known: it leaves in no case.
func (e *exam) word(where string, a person.Attr, asked bool) {
	if person.Attr(strings.ToLower(string(a))) == person.INE {
		if blank(e.c.Rules.INE) {
			e.block("ine", where, "the national pupil number may not be released: no text that allows it here is cited", "another item",
				"RGPD art. 5(1)(c), 87")
		} else if !asked {
			e.justify("ine", where, "the national pupil number is declared", "how the service falls under the text", e.c.Rules.INE)
		}
		return
	}
	if e.c.Words == nil {
		e.block("item-word", where, fmt.Sprintf("%q cannot be looked up: there is no dictionary", a), "", "RGPD art. 5(1)(c)")
		return
	}
	for _, f := range e.c.Words.Check([]registry.Item{{Attr: a}}, e.c.Rules) {
		forbidden := f.Law != ""
		if forbidden {
			e.block("item-forbidden", where, f.What, "another item, or none", f.Law)
		} else if !asked {
			e.block("item-word", where, f.What, "a word of the dictionary", "RGPD art. 5(1)(c)")
		}
	}
}

// itemsJustified wants the reason for each item.
func itemsJustified(e *exam) {
	for i, item := range e.d.Items {
		if blank(item.Justification.FR) {
			e.block("item-justified", fmt.Sprintf("items[%d].justification", i), fmt.Sprintf("why %s is needed is missing", cmp.Or(item.Attr, "it")),
				"what the service does with it for the person", "RGPD art. 5(1)(c), 25(2)")
		}
	}
}

// itemsUsual asks why an item goes beyond what the declared uses usually need.
func itemsUsual(e *exam) {
	usual := map[person.Attr]bool{}
	for _, id := range e.d.Uses {
		use, _ := e.use(id)
		for _, a := range use.Items {
			usual[a] = true
		}
	}
	for i, item := range e.d.Items {
		if item.Attr != "" && !usual[item.Attr] { // that a word is missing is said elsewhere
			e.justify("item-usual", fmt.Sprintf("items[%d]", i), fmt.Sprintf("%s is more than %s usually needs", item.Attr, strings.Join(e.d.Uses, ", ")),
				"why this service cannot do without it", "RGPD art. 5(1)(c)")
		}
	}
}

// itemsAsked compares what is declared with what the service's own metadata asks for.
func itemsAsked(e *exam) {
	const rule, law = "item-asked", "RGPD art. 5(1)(c)"
	if e.c.Asked == nil {
		return
	}
	declared := map[person.Attr]bool{}
	for i, item := range e.d.Items {
		declared[item.Attr] = true
		if !slices.Contains(e.c.Asked, item.Attr) && !e.subject(item.Attr) {
			e.note(rule, fmt.Sprintf("items[%d]", i), fmt.Sprintf("%s is declared, and the service never asks for it", item.Attr), "leave it out", law)
		}
	}
	for _, a := range e.c.Asked {
		if !declared[a] {
			e.note(rule, "items", fmt.Sprintf("the service asks for %s, which is not declared and does not leave", a), "nothing, or an item with its justification", law)
		}
	}
}

// subject tells whether an attribute serves one of the service's bindings as the name of the person.
func (e *exam) subject(a person.Attr) bool {
	return slices.ContainsFunc(e.c.Service.Bindings, func(b registry.Binding) bool { return b.Subject == a || b.Subject == "" && a == "pseudonym" })
}
