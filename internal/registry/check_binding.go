package registry

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"ecluse/internal/person"
)

// Bounds of what a binding may say of outputs.
const (
	mostOutputs = 100
	mostParts   = 20
	mostName    = 512
	mostText    = 256
)

// Check says what is wrong with how the binding names and writes what leaves. Whether its words are words of the
// dictionary is attrs' to say, and whether a name means something else in a protocol is the protocol's.
func (b Binding) Check() []Finding {
	var c checker
	c.subject(b)
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		c.outputName("names."+string(word), b.Names[word])
	}
	c.say(len(b.Outputs) > mostOutputs, "outputs", fmt.Sprintf("more than %d", mostOutputs), "")
	for i, o := range b.Outputs {
		c.output(fmt.Sprintf("outputs[%d]", i), b, o)
	}
	c.twice(b)
	c.limit(b)
	return c
}

// subject: whatever could make two values one could give one person another's account.
func (c *checker) subject(b Binding) {
	f := b.SubjectForm
	valued := b.Subject != "" && b.Subject != "pseudonym"
	c.say(!valued && !f.IsZero(), "subject_form", "no released value serves as subject", "name one in subject, or choose a shape")
	c.say(valued && b.Shape != Hex128, "shape", "the pseudonym is not the subject here", "leave out subject or shape")
	c.oneOf("shape", string(b.Shape), string(Hex128), string(Pairwise), string(Compact), string(UUID), string(Code))
	c.form("subject_form", f)
	merges := len(f.Values) > 0 || f.ASCII || f.Labelled != "" || f.Join != "" || f.First || f.Over == "cut"
	c.say(merges, "subject_form", "it could make one subject of two persons", "before, after, case, date, encode, most")
}

func (c *checker) outputName(where, name string) {
	switch {
	case strings.TrimSpace(name) == "":
		c.say(true, where, "the name is missing", "the name that the service expects")
	case len(name) > mostName:
		c.say(true, where, fmt.Sprintf("the name is longer than %d bytes", mostName), "")
	case strings.ContainsFunc(name, func(r rune) bool { return unicode.IsSpace(r) || !unicode.IsPrint(r) }):
		c.say(true, where, fmt.Sprintf("%q has a space or a sign that cannot be seen", name), "")
	}
}

func (c *checker) output(where string, b Binding, o Output) {
	c.outputName(where+".name", o.Name)
	c.say(o.Attr == "" && len(o.Parts) == 0, where, "it speaks of no word", "attribute, or parts")
	c.say(o.Attr != "" && len(o.Parts) > 0, where, "it speaks of one word and of several", "attribute or parts")
	c.say(len(o.Parts) == 0 && o.Between != "", where+".between", "there are no parts", "join in form puts all values in one")
	c.say(len(o.Parts) > mostParts, where+".parts", fmt.Sprintf("more than %d", mostParts), "")
	c.say(len(o.Between) > mostText, where+".between", fmt.Sprintf("longer than %d bytes", mostText), "")
	c.say(o.Friendly != "" && b.Protocol != "saml", where+".friendly", "only SAML has one", "")
	c.say(o.Format != "" && b.Protocol != "saml", where+".name_format", "only SAML has one", "")
	c.oneOf(where+".name_format", string(o.Format), "", string(URIName), string(BasicName), string(UnspecifiedName))
	if len(o.Profiles) > 0 {
		c.profiles(where+".profiles", o.Profiles)
	}
	c.form(where+".form", o.Form)
	c.parts(where, o)
}

func (c *checker) parts(where string, o Output) {
	speaks := len(o.Parts) == 0
	for i, p := range o.Parts {
		at := fmt.Sprintf("%s.parts[%d]", where, i)
		speaks = speaks || p.Attr != ""
		c.say(p.Attr == "" && p.Text == "", at, "it is empty", "attribute, or text")
		c.say(p.Attr != "" && p.Text != "", at, "it is a word and a fixed text", "attribute or text")
		c.say(p.Attr == "" && (len(p.With) > 0 || p.Empty || !p.Form.IsZero()), at, "only a word has with, empty and form", "")
		c.say(len(p.With) > 0 && len(p.Form.Values) == 0, at+".with", "what the words mean together is missing", "values in form")
		c.say(len(p.Text) > mostText, at+".text", fmt.Sprintf("longer than %d bytes", mostText), "")
		c.apart(at+".text", "the separator of the parts", o.Between, p.Text)
		c.form(at+".form", p.Form)
		c.apart(at+".form", "the separator of the parts", o.Between, p.Form.written()...)
	}
	c.say(!speaks, where+".parts", "they hold no word", "one attribute at least")
	if len(o.Parts) > 0 {
		c.whole(where, o)
	}
}

// whole: a composite must still be what its parts made it. With nothing between them nobody could tell which optional part
// was left out; and a form that reads or shortens a value would read or shorten several words as if they were one.
func (c *checker) whole(where string, o Output) {
	open := o.Between == "" && slices.ContainsFunc(o.Parts, func(p Part) bool { return p.Empty })
	c.say(open, where+".between", "a part may be empty and nothing stands between the parts", "a text between them")
	f := o.Form
	c.say(len(f.Values) > 0 || f.Date != "" || f.Labelled != "", where+".form", "values, date and labelled read one word, not several together", "in the form of a part")
	c.say(f.Over == "cut", where+".form.over", "several words that are cut together lose the last ones first", "omit or refuse, or most in the form of a part")
}

// apart refuses a separator that stands in a fixed text too: nobody could take the value apart again.
func (c *checker) apart(where, what, separator string, texts ...string) {
	if !Separates(separator) {
		return
	}
	for _, text := range texts {
		if strings.Contains(text, separator) {
			c.say(true, where, fmt.Sprintf("%s, %q, stands in %q too", what, separator, text), "another separator")
			return
		}
	}
}

// Separates tells whether a text between values is one by which they are taken apart again; spaces are only for the eye.
func Separates(between string) bool { return strings.TrimSpace(between) != "" }

// written lists the fixed texts that a form writes, in a fixed order.
func (f Form) written() []string {
	out := []string{f.Before, f.After, f.Labelled}
	for _, key := range slices.Sorted(maps.Keys(f.Values)) {
		out = append(out, f.Values[key])
	}
	return append(out, f.Join)
}

func (c *checker) form(where string, f Form) {
	c.oneOf(where+".others", f.Others, "", "omit", "keep")
	c.say(f.Others != "" && len(f.Values) == 0, where+".others", "there are no values that it could be beside", "values, or leave it out")
	c.oneOf(where+".date", f.Date, "", "yyyy-mm-dd", "dd/mm/yyyy", "yyyymmdd", "ddmmyyyy")
	c.oneOf(where+".case", f.Case, "", "lower", "upper")
	c.oneOf(where+".encode", f.Encode, "", "base64")
	c.oneOf(where+".over", f.Over, "", "omit", "cut", "refuse")
	c.say(f.Over != "" && f.Most == 0, where+".over", "nothing says beyond what", "most")
	c.say(f.Most < 0, where+".most", fmt.Sprintf("%d is no number of bytes", f.Most), "")
	c.say(f.Most > 0 && f.Most <= len(f.Before)+len(f.After), where+".most", "no value can hold it: before and after alone are as long", "")
	c.say(f.Over == "cut" && f.Encode != "", where+".over", "a value that is cut after it was encoded cannot be read", "omit or refuse")
	for _, text := range append(f.written(), slices.Collect(maps.Keys(f.Values))...) {
		c.say(len(text) > mostText, where, fmt.Sprintf("a text is longer than %d bytes", mostText), "")
	}
	c.valueMap(where+".values", f)
	texts := f.written()
	c.apart(where+".join", "the separator of the values", f.Join, texts[:len(texts)-1]...)
}

func (c *checker) valueMap(where string, f Form) {
	folded := map[string]string{}
	for _, from := range slices.Sorted(maps.Keys(f.Values)) {
		key := strings.ToLower(from)
		first, twice := folded[key]
		c.say(twice, where, fmt.Sprintf("%q and %q are one value: case is not looked at", first, from), "one of them")
		c.say(from == "", where, "a value without a text", "")
		c.say(f.Values[from] == "", where, fmt.Sprintf("%q becomes nothing", from), "leave it out: what is not listed is not sent")
		folded[key] = from
	}
}

// twice refuses two attributes under one name: to most services they would be one, with mixed values. One name for
// different profiles is another matter, since nobody acts as two.
func (c *checker) twice(b Binding) {
	words := map[string]person.Attr{}
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		name := b.Names[word]
		other, taken := words[name]
		c.say(taken, "names."+string(word), fmt.Sprintf("%q is the name of %s too", name, other), "another name")
		words[name] = word
	}
	for i, o := range b.Outputs {
		where := fmt.Sprintf("outputs[%d].name", i)
		if other, taken := words[o.Name]; taken {
			c.say(true, where, fmt.Sprintf("%q is the name of %s too", o.Name, other), "another name")
			continue
		}
		for j, other := range b.Outputs[:i] {
			if other.Name == o.Name && meet(other.Profiles, o.Profiles) {
				c.say(true, where, fmt.Sprintf("%q is the name of outputs[%d] too", o.Name, j), "another name, or other profiles")
				break
			}
		}
	}
}

func meet(a, b []person.Profile) bool {
	return len(a) == 0 || len(b) == 0 || slices.ContainsFunc(a, func(p person.Profile) bool { return slices.Contains(b, p) })
}

// limit: a bound below one name alone would let nothing leave, or refuse everybody.
func (c *checker) limit(b Binding) {
	l := b.Limit
	c.oneOf("limit.over", l.Over, "", "refuse", "drop")
	c.say(l.Over != "" && l.Bytes == 0, "limit.over", "nothing says beyond what", "bytes")
	c.say(l.Bytes < 0, "limit.bytes", fmt.Sprintf("%d is no number of bytes", l.Bytes), "")
	if l.Bytes <= 0 {
		return
	}
	longest := ""
	for _, word := range slices.Sorted(maps.Keys(b.Names)) {
		if name := b.Names[word]; len(name) > len(longest) {
			longest = name
		}
	}
	for _, o := range b.Outputs {
		if len(o.Name) > len(longest) {
			longest = o.Name
		}
	}
	c.say(longest != "" && l.Bytes <= len(longest), "limit.bytes", fmt.Sprintf("it cannot hold: the name %q alone is as long", longest), "")
}
