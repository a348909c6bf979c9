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

// left tells whether every value of a composite has nothing where a word stands that may be missing.
func left(o registry.Output, word person.Attr, values []string) bool {
	holds := func(p registry.Part) bool { return p.Attr == word || slices.Contains(p.With, word) }
	if slices.ContainsFunc(o.Parts, func(p registry.Part) bool { return holds(p) && !p.Empty }) {
		return false
	}
	for _, value := range values {
		rows := []string{value}
		if registry.Separates(o.Form.Join) {
			rows = strings.Split(value, o.Form.Join)
		}
		if slices.ContainsFunc(rows, func(row string) bool { return !empty(o, holds, bare(o.Form, row)) }) {
			return false
		}
	}
	return true
}

// empty tells whether some parts of one composite are. Where nothing stands between the parts nobody can tell, and where
// only spaces do, a text of several words may be one part: then the spaces around what is missing must be there.
func empty(o registry.Output, missing func(registry.Part) bool, row string) bool {
	if registry.Separates(o.Between) {
		fields := strings.Split(row, o.Between)
		if len(fields) != len(o.Parts) {
			return false
		}
		for i, p := range o.Parts {
			if missing(p) && fields[i] != "" {
				return false
			}
		}
		return true
	}
	var before, after string
	n := len(o.Parts)
	for i := 0; i < n && missing(o.Parts[i]); i++ {
		before += o.Between
	}
	for i := n - 1; i >= 0 && missing(o.Parts[i]); i-- {
		after += o.Between
	}
	within := slices.ContainsFunc(o.Parts, missing) && before == "" && after == ""
	return o.Between != "" && strings.HasPrefix(row, before) && strings.HasSuffix(row, after) &&
		(!within || strings.Contains(row, o.Between+o.Between))
}

// bare is a value without the fixed text around it.
func bare(f registry.Form, value string) string {
	if n := len(f.Before); n <= len(value) && strings.EqualFold(value[:n], f.Before) {
		value = value[n:]
	}
	if n := len(value) - len(f.After); n >= 0 && strings.EqualFold(value[n:], f.After) {
		value = value[:n]
	}
	return value
}

// fixed is the value of a composite that holds no word at all.
func fixed(o registry.Output) string {
	texts := make([]string, len(o.Parts))
	for i, p := range o.Parts {
		texts[i] = p.Text
	}
	return strings.Join(texts, o.Between)
}
