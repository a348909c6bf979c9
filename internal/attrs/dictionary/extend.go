package dictionary

import (
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/strictyaml"
)

// With adds the words of a file, written as the shipped dictionary is, and tells every mistake with its line. name is
// what the file is called in what is told.
//
// Of a word that is there already the file may change how people read it and what protocols call it, and make it
// stricter; what kind of data it is, that it names a person, and how its value comes about stay as they are. A word of
// one's own is whole; it says whether it names a person, because what is not known must not pass for harmless, and its
// values are held back where they reveal. What may never leave stays refused whatever the file says.
func (d *Dictionary) With(name string, data []byte) (*Dictionary, strictyaml.Problems) {
	docs, problems := strictyaml.Parse(name, data)
	if len(docs) > 1 {
		problems = append(problems, docs[1].At("", "a dictionary is one document", ""))
	}
	if len(docs) == 0 {
		return d, problems
	}
	x := extension{file: name, own: map[Name]strictyaml.Document{}, entries: slices.Clone(d.entries), problems: problems}
	if docs[0].Node.Kind != yaml.SequenceNode {
		x.say(docs[0], "", "a list of words is expected here", "- attribute: …")
		return d, x.problems
	}
	for _, node := range docs[0].Node.Content {
		x.take(strictyaml.Document{File: name, Node: node}, d)
	}
	x.lessTelling(d)
	out := index(x.entries, x.flawed)
	if len(x.problems) > 0 {
		return d, x.problems
	}
	return out, nil
}

// extension gathers the words of a file over those that are there.
type extension struct {
	file     string
	own      map[Name]strictyaml.Document // where each word of the file stands
	entries  []Entry
	problems strictyaml.Problems
}

func (x *extension) say(doc strictyaml.Document, path, what, mend string) {
	x.problems = append(x.problems, doc.At(path, what, mend))
}

// flawed says a flaw where the file has the word. A word of ours has one only because of a name that the file gave to
// another: that one is told.
func (x *extension) flawed(i int, f flaw) {
	doc, own := x.own[x.entries[i].Attr]
	if !own {
		x.problems = append(x.problems, strictyaml.Problem{File: x.file, What: fmt.Sprintf("%s: %v", x.entries[i].Attr, f.err)})
		return
	}
	x.say(doc, f.key, f.err.Error(), "")
}

// lessTelling takes from what stands in the place of a word of ours those that the file has made name somebody.
func (x *extension) lessTelling(d *Dictionary) {
	naming := map[Name]bool{}
	for _, e := range x.entries {
		naming[e.Attr] = e.Names
	}
	for i, e := range x.entries {
		if _, ours := d.at[e.Attr]; ours && !e.Names {
			x.entries[i].Instead = slices.DeleteFunc(slices.Clone(e.Instead), func(n Name) bool { return naming[n] })
		}
	}
}

// take reads one word of the file.
func (x *extension) take(doc strictyaml.Document, d *Dictionary) {
	var e Entry
	if bad := doc.Decode(&e); len(bad) > 0 {
		x.problems = append(x.problems, bad...)
		return
	}
	if _, twice := x.own[e.Attr]; twice {
		x.say(doc, "attribute", fmt.Sprintf("the word %q stands twice in this file", e.Attr), "")
		return
	}
	x.own[e.Attr] = doc
	for _, name := range e.wire() {
		if e.Attr != person.INE && nationalNumber(name) {
			x.say(doc, e.keyOf(name), fmt.Sprintf("%q: the national pupil number has a word of its own, %s", strings.TrimSpace(name), person.INE), "")
		}
	}
	if before, there := d.Entry(e.Attr); there {
		x.change(doc, before, e)
		return
	}
	if _, said := doc.Field("names"); !said {
		x.say(doc, "", fmt.Sprintf("%q: it does not say whether it names a person or could single one out", e.Attr), "names: true or names: false")
	}
	if e.Derived {
		x.say(doc, "derived", fmt.Sprintf("%q: nobody computes it: a word of one's own is said by a source", e.Attr), "leave it out")
	}
	if e.Reveals == NoLabel {
		e.Reveals = ByLabel
	}
	x.entries = append(x.entries, e)
}

// changeable lists the keys that a file may give to a word that is there.
func changeable() []string {
	return []string{"attribute", "label", "child", "names", "feared", "gar", "sdet", "saml", "oidc", "cas", "also"}
}

// change lays what the file says over the word that is there.
func (x *extension) change(doc strictyaml.Document, before, e Entry) {
	for i := 0; i+1 < len(doc.Node.Content); i += 2 {
		if key := doc.Node.Content[i].Value; !slices.Contains(changeable(), key) {
			x.say(doc, key, fmt.Sprintf("%q comes with the program: this stays as it is", e.Attr), fmt.Sprintf("one of %q", changeable()))
		}
	}
	if _, said := doc.Field("names"); said && before.Names && !e.Names {
		x.say(doc, "names", fmt.Sprintf("%q names a person, whatever a file says", e.Attr), "leave it out")
	}
	if _, said := doc.Field("feared"); said && before.Feared && !e.Feared {
		x.say(doc, "feared", fmt.Sprintf("pages go on saying that %q does not leave", e.Attr), "leave it out")
	}
	after := before
	after.Names, after.Feared = before.Names || e.Names, before.Feared || e.Feared
	after.Label, after.Child = text(before.Label, e.Label), text(before.Child, e.Child)
	after.GAR, after.SDET, after.CAS = or(e.GAR, before.GAR), or(e.SDET, before.SDET), or(e.CAS, before.CAS)
	if e.SAML.Name != "" {
		after.SAML = e.SAML
	}
	after.OIDC = Claim{Name: or(e.OIDC.Name, before.OIDC.Name), Scope: or(e.OIDC.Scope, before.OIDC.Scope)}
	if len(e.Also) > 0 {
		after.Also = e.Also
	}
	x.entries[slices.IndexFunc(x.entries, func(o Entry) bool { return o.Attr == e.Attr })] = after
}

func text(before, after registry.Text) registry.Text {
	return registry.Text{FR: or(after.FR, before.FR), EN: or(after.EN, before.EN)}
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}
