package attrs

import (
	"slices"
	"strings"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// writer puts one release in the words of one binding.
type writer struct {
	release   *Release
	protocol  string
	binding   *registry.Binding
	list      []pending
	shortened []Name
}

// pending is one attribute whose values are still apart: bounds are kept by leaving out whole values.
type pending struct {
	Named
	join string
}

// names lists the words that leave as they are, under the binding's short name or the dictionary's.
func (w *writer) names() {
	items, b := w.release.items, w.binding
	w.list = make([]pending, 0, len(items)+len(b.Outputs))
	words := make([]Name, len(items))
	for i := range items {
		n, ok := w.name(&items[i])
		if !ok {
			continue
		}
		words[i] = items[i].Entry.Attr
		n.Words, n.Values = words[i:i+1:i+1], items[i].Values
		if b.Limit.ASCII {
			n.Values, _ = write(registry.Form{ASCII: true}, n.Values, false)
		}
		w.add(pending{Named: n})
	}
}

// name is what a word is called where no output speaks of it.
func (w *writer) name(item *Item) (Named, bool) {
	word := item.Entry.Attr
	if own := w.binding.Names[word]; own != "" {
		n := Named{Name: own, Many: item.Entry.Many}
		if w.protocol == ForSAML {
			n.Format = formatOf(own)
		}
		return n, true
	}
	if w.binding.SubjectOnly && word == w.subject() || w.spoken(word) {
		return Named{}, false
	}
	return named(w.protocol, item.Entry), true
}

func (w *writer) subject() Name {
	if w.release.valued != "" {
		return w.release.valued
	}
	return "pseudonym"
}

func (w *writer) spoken(word Name) bool {
	return slices.ContainsFunc(w.binding.Outputs, func(o registry.Output) bool { return o.Speaks(word) })
}

func (w *writer) add(p pending) {
	if len(p.Values) > 0 {
		w.list = append(w.list, p)
	}
}

// outputs lists what the binding wants written in its own way.
func (w *writer) outputs() error {
	profile := w.release.Profile()
	for i := range w.binding.Outputs {
		o := &w.binding.Outputs[i]
		if !o.For(profile) {
			continue
		}
		n := Named{Name: o.Name, Many: o.Form.Join == "" && w.many(o)}
		if w.protocol == ForSAML {
			n.Friendly, n.Format = o.Friendly, o.Format
			if n.Format == "" {
				n.Format = formatOf(o.Name)
			}
		}
		values, words, err := w.valuesOf(o)
		if err != nil {
			return err
		}
		if len(values) == 0 {
			continue
		}
		n.Words = words
		if n.Values, err = w.form(o.Form, values, words); err != nil {
			return err
		}
		w.add(pending{Named: n, join: o.Form.Join})
	}
	return nil
}

// many tells whether a service must always get a list: one of its words is one that has many values.
func (w *writer) many(o *registry.Output) bool {
	for _, n := range o.Words() {
		if item := w.release.item(n); item != nil && item.Entry.Many {
			return !o.Form.First
		}
	}
	return false
}

// valuesOf gives the values of an output before its own form, and the words that are in them.
func (w *writer) valuesOf(o *registry.Output) ([]string, []Name, error) {
	if len(o.Parts) > 0 {
		return w.composite(o)
	}
	item := w.release.item(o.Attr)
	if item == nil {
		return nil, nil, nil
	}
	return item.Values, []Name{o.Attr}, nil
}

// form writes values, and says when one is too long for a service that wants it refused.
func (w *writer) form(f registry.Form, values []string, words []Name) ([]string, error) {
	out, over := write(f, values, w.binding.Limit.ASCII)
	if over > 0 {
		return nil, &Oversize{Service: w.release.Service().ID, Word: words[0], Bytes: over, Limit: f.Most}
	}
	return apart(out, f.Join), nil
}

// apart leaves out values that hold the separator: nobody could tell them from two.
func apart(values []string, separator string) []string {
	if !registry.Separates(separator) {
		return values
	}
	held := func(v string) bool { return strings.Contains(v, separator) }
	if !slices.ContainsFunc(values, held) {
		return values
	}
	return slices.DeleteFunc(slices.Clone(values), held)
}

// complete refuses when a required word is meant for this profile and stands in nothing that leaves.
func (w *writer) complete() error {
	if len(w.binding.Outputs) == 0 && w.binding.Limit == (registry.Limit{}) {
		return nil
	}
	for i := range w.release.items {
		item := &w.release.items[i]
		if item.Required && w.meant(item.Entry.Attr) && !slices.ContainsFunc(w.list, func(p pending) bool { return p.Holds(item.Entry.Attr) }) {
			return w.release.unwritten(item)
		}
	}
	return nil
}

func (w *writer) meant(word Name) bool {
	if w.binding.Names[word] != "" {
		return true
	}
	profile := w.release.Profile()
	if w.spoken(word) {
		return slices.ContainsFunc(w.binding.Outputs, func(o registry.Output) bool { return o.Speaks(word) && o.For(profile) })
	}
	return !w.binding.SubjectOnly || word != w.subject()
}

func (w *writer) required(p *pending) bool {
	return slices.ContainsFunc(p.Words, func(n person.Attr) bool {
		item := w.release.item(n)
		return item != nil && item.Required
	})
}

// joined is what leaves.
func (w *writer) joined() []Named {
	if len(w.list) == 0 {
		return nil
	}
	out := make([]Named, len(w.list))
	for i, p := range w.list {
		if p.join != "" {
			p.Values = []string{strings.Join(p.Values, p.join)}
		}
		out[i] = p.Named
	}
	return out
}
