package attrs

import (
	"fmt"
	"maps"
	"slices"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// CheckOutputs says what is wrong with how a binding names and writes what leaves, as far as the dictionary knows: words
// that are none, names of what may never leave, and names under which another word leaves already. One finding is only
// worth knowing: a subject whose value may change. What is wrong with the forms themselves is Binding.Check's to say.
func CheckOutputs(d *dictionary.Dictionary, b registry.Binding) []registry.Finding {
	c := outputCheck{dictionary: d, binding: b}
	c.subject()
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		where := "names." + string(word)
		c.word(where, word)
		c.name(where, b.Names[word])
	}
	for i, o := range b.Outputs {
		where := fmt.Sprintf("outputs[%d]", i)
		c.name(where+".name", o.Name)
		c.name(where+".friendly", o.Friendly)
		if o.Attr != "" {
			c.word(where+".attribute", o.Attr)
		}
		for j, p := range o.Parts {
			at := fmt.Sprintf("%s.parts[%d].", where, j)
			if p.Attr != "" {
				c.word(at+"attribute", p.Attr)
			}
			for k, n := range p.With {
				c.word(fmt.Sprintf("%swith[%d]", at, k), n)
			}
		}
	}
	return c.found
}

type outputCheck struct {
	dictionary *dictionary.Dictionary
	binding    registry.Binding
	found      []registry.Finding
}

func (c *outputCheck) word(where string, n Name) {
	if _, known := c.dictionary.Entry(n); !known {
		c.found = append(c.found, registry.Finding{Where: where, What: fmt.Sprintf("%q is no word of the dictionary", n)})
	}
}

// name refuses the names of what may never leave: a service that reads one would believe that it has it. A name that is the
// dictionary's for another word would make two attributes one.
func (c *outputCheck) name(where, name string) {
	if name == "" {
		return
	}
	if dictionary.Forbidden(name) {
		c.found = append(c.found, registry.Finding{Where: where, What: fmt.Sprintf("%q is a name of what may never be released", name), Law: "RGPD art. 9, 87"})
		return
	}
	for _, e := range c.dictionary.Entries() {
		if named(c.binding.Protocol, &e).Name == name && !c.binding.Own(e.Attr) && !c.quiet(e.Attr) {
			c.found = append(c.found, registry.Finding{
				Where: where, What: fmt.Sprintf("%q is the name of %s too", name, e.Attr), Mend: "another name, or one of its own for " + string(e.Attr),
			})
			return
		}
	}
}

// quiet tells whether a word leaves as subject alone.
func (c *outputCheck) quiet(n Name) bool { return c.binding.SubjectOnly && n == c.binding.Subject }

// subject: a service takes another subject for another person (hard case: a teacher changes name, and with it address).
func (c *outputCheck) subject() {
	n := c.binding.Subject
	if n == "" {
		return
	}
	entry, known := c.dictionary.Entry(n)
	switch {
	case !known:
		c.word("subject", n)
	case entry.Many:
		c.found = append(c.found, registry.Finding{Where: "subject", What: fmt.Sprintf("%s may have several values: it is nobody's name", n), Mend: "a word with one value"})
	case entry.Names && n != person.Anchor && n != person.INE && n != "subject_id":
		c.found = append(c.found, registry.Finding{
			Where: "subject", Severity: registry.Note,
			What: fmt.Sprintf("%s may change, with a name for instance: the service then makes a new account, and whoever gets the old value gets the old account", n),
			Mend: "the pseudonym or source_anchor; else the source keeps the old value until the service has renamed the account",
		})
	}
}

// Unsent says, for information, which words a binding names or writes without any item of a declaration, so that nothing is
// sent of them, and for whom a declared word is never written.
func Unsent(b registry.Binding, items []registry.Item) []registry.Finding {
	var out []registry.Finding
	note := func(where, what, mend string) {
		out = append(out, registry.Finding{Where: where, What: what, Mend: mend, Severity: registry.Note})
	}
	declared := func(n Name) bool {
		return slices.ContainsFunc(items, func(i registry.Item) bool { return i.Attr == n })
	}
	for _, n := range slices.Sorted(maps.Keys(b.Names)) {
		if !declared(n) {
			note("names."+string(n), fmt.Sprintf("%s is not declared: nothing is sent of it", n), "")
		}
	}
	for i, o := range b.Outputs {
		for _, n := range o.Words() {
			if !declared(n) {
				note(fmt.Sprintf("outputs[%d]", i), fmt.Sprintf("%s is not declared: nothing is sent of it", n), "")
			}
		}
	}
	for _, item := range items {
		for _, p := range item.Profiles {
			if b.Names[item.Attr] == "" && b.Own(item.Attr) && !slices.ContainsFunc(b.Outputs, func(o registry.Output) bool { return o.Speaks(item.Attr) && o.For(p) }) {
				note("outputs", fmt.Sprintf("%s is declared for %s and written for others only", item.Attr, p), "fewer profiles in the declaration, or an output for them")
			}
		}
	}
	return out
}
