package canary

import (
	"slices"
	"strings"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// meaning is what a wire name stands for at one service: one word, or several in one value.
type meaning struct {
	words    []person.Attr
	form     registry.Form
	composed *registry.Output // when words are put together in one value
	friendly string
}

// meanings lists what a wire name may stand for. What the binding says of a name goes before what the dictionary says of
// it: at that service the name means that and nothing else.
func (j *judge) meanings(name string) []meaning {
	var own []meaning
	for i := range j.binding.Outputs {
		o := &j.binding.Outputs[i]
		if o.Name != name || len(o.Profiles) > 0 && !slices.Contains(o.Profiles, j.profile) {
			continue
		}
		m := meaning{words: []person.Attr{o.Attr}, form: o.Form, friendly: o.Friendly}
		if len(o.Parts) > 0 {
			m.words, m.composed = partWords(o.Parts), o
		}
		own = append(own, m)
	}
	for word, called := range j.binding.Names {
		if called == name {
			own = append(own, meaning{words: []person.Attr{word}})
		}
	}
	if len(own) > 0 {
		return own
	}
	for _, e := range j.words.Entries() {
		if called, friendly := wire(j.message.Protocol, e); called == name {
			own = append(own, meaning{words: []person.Attr{e.Attr}, friendly: friendly})
		}
	}
	return own
}

// partWords lists the words that a composite is made of, those that only decide which text stands there included.
func partWords(parts []registry.Part) []person.Attr {
	var out []person.Attr
	for _, p := range parts {
		if p.Attr != "" {
			out = append(out, p.Attr)
		}
		out = append(out, p.With...)
	}
	return out
}

// wire is the dictionary's name of a word for a protocol.
func wire(protocol string, e dictionary.Entry) (name, friendly string) {
	switch protocol {
	case "saml":
		return e.SAML.Name, e.SAML.Friendly
	case "oidc":
		return e.OIDC.Name, ""
	case "cas":
		return e.CAS, ""
	default:
		return "", ""
	}
}

// allowed judges a word by the declaration: empty when it may leave.
func (j *judge) allowed(word person.Attr) Kind {
	e, known := j.words.Entry(word)
	declared := slices.ContainsFunc(j.version.Items, func(i registry.Item) bool { return i.Attr == word && i.For(j.profile) })
	switch {
	case dictionary.Forbidden(string(word)):
		return Forbidden
	case word == person.INE && !dictionary.Cited(j.rules):
		return Uncited
	case known && e.Names && !j.nominative():
		return NamesSomeone
	case !known, !declared:
		return Undeclared
	}
	return ""
}

// nominative tells whether names may leave: the declaration says so, and the service's own setting does not narrow it.
func (j *judge) nominative() bool {
	return j.version.Mode == registry.Nominative && j.service.Narrow != registry.Pseudonymous
}

// covers judges one meaning of an item: empty when every word of it may leave.
func (j *judge) covers(m meaning, values []string) Kind {
	for _, word := range m.words {
		kind := j.allowed(word)
		if kind == "" || m.composed != nil && left(*m.composed, word, values) {
			continue
		}
		return kind
	}
	if m.composed != nil && len(m.words) == 0 && slices.ContainsFunc(values, func(v string) bool { return v != fixed(*m.composed) }) {
		return Undeclared
	}
	return ""
}

// left tells whether every value of a composite has an empty field where a word stands that may be missing.
func left(o registry.Output, word person.Attr, values []string) bool {
	if o.Between == "" {
		return false
	}
	for i, p := range o.Parts {
		if p.Attr != word && !slices.Contains(p.With, word) {
			continue
		}
		for _, value := range values {
			fields := strings.Split(value, o.Between)
			if !p.Empty || len(fields) != len(o.Parts) || fields[i] != "" && fields[i] != p.Form.Before+p.Form.After {
				return false
			}
		}
	}
	return true
}

// fixed is the value of a composite that holds no word at all.
func fixed(o registry.Output) string {
	texts := make([]string, len(o.Parts))
	for i, p := range o.Parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, o.Between)
}
