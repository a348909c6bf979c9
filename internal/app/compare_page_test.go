package app_test

import (
	"slices"
	"strings"

	"golang.org/x/net/html"

	"ecluse/internal/attrs"
	"ecluse/internal/person"
)

// child tells whether the page speaks to a child.
func (k *comparison) child() bool {
	for _, root := range k.b.tab.page.all(tag("html")) {
		return attribute(root, "data-audience") == "enfant"
	}
	return false
}

func (k *comparison) label(name string) string {
	entry, _ := k.words.Entry(attrs.Name(name))
	if k.child() {
		return plain(entry.Child.FR)
	}
	return plain(entry.Label.FR)
}

// labelled is what the page must show: each attribute by its label, with its values as they are sent.
func (k *comparison) labelled(list []item) []item {
	out := []item{}
	for _, i := range list {
		out = append(out, item{k.label(i.Name), []string{plain(strings.Join(i.Values, ", "))}})
	}
	return out
}

func (k *comparison) withheld() []string {
	out := []string{}
	for _, w := range k.explained.Withheld {
		out = append(out, k.label(w.Attribute))
	}
	return out
}

// onPage reads what the page says will leave and what will not. A page for a child says it twice: in words for the child
// on top, and exactly for the grown-up beside them, in the details; the latter is read.
func (k *comparison) onPage() (sent []item, kept []string) {
	k.t.Helper()
	sent, kept = []item{}, []string{}
	lists := k.b.tab.page.all(tag("dl"))
	if k.child() {
		lists = slices.DeleteFunc(lists, func(n *html.Node) bool { return !follows(n, "Ce qui est transmis exactement") })
	}
	for _, row := range rows(lists) {
		sent = append(sent, k.row(row))
	}
	for _, list := range k.b.tab.page.all(tag("ul")) {
		if follows(list, "Ce qui n'est pas transmis") || !k.child() && inFold(list, "Et aussi") || !k.child() && (follows(list, "ne saura pas") || follows(list, "ne recevra pas")) {
			for _, li := range below(list, tag("li")) {
				kept = append(kept, words(li))
			}
		}
	}
	return sent, kept
}

// inFold tells whether a list stands in the fold with this summary.
func inFold(list *html.Node, summary string) bool {
	for n := list.Parent; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && n.Data == "details" {
			return strings.HasPrefix(words(n), summary)
		}
	}
	return false
}

// rows are the entries of the first list; a page without one has none.
func rows(lists []*html.Node) []*html.Node {
	if len(lists) == 0 {
		return nil
	}
	var out []*html.Node
	for row := range lists[0].ChildNodes() {
		if row.Type == html.ElementNode {
			out = append(out, row)
		}
	}
	return out
}

// row reads one entry: the label, and the values without the words around them.
func (k *comparison) row(n *html.Node) item {
	var i item
	for _, dt := range below(n, tag("dt")) {
		i.Name = words(dt)
	}
	for _, dd := range below(n, tag("dd")) {
		if class("hint")(dd) {
			continue
		}
		value := words(dd)
		for _, long := range below(dd, class("details-in")) {
			value = words(long)
		}
		for _, profile := range person.Profiles() {
			if strings.Contains(value, "("+string(profile)+")") {
				value = string(profile) // "Élève (National_ELV)"
			}
		}
		i.Values = []string{value}
	}
	return i
}

// follows tells whether the heading before a list has these words.
func follows(n *html.Node, heading string) bool {
	for before := n.PrevSibling; before != nil; before = before.PrevSibling {
		if before.Type == html.ElementNode {
			return before.Data == "h2" && strings.Contains(words(before), heading)
		}
	}
	return false
}

// onPageRef is the reference of the sign-in, among what the register says.
func (k *comparison) onPageRef() string {
	for _, term := range k.b.tab.page.all(tag("dt")) {
		if words(term) != "Référence de cette connexion" {
			continue
		}
		for _, dd := range below(term.Parent, tag("dd")) {
			return words(dd)
		}
	}
	k.t.Error("the page shows no reference")
	return ""
}
