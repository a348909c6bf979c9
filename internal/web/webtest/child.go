package webtest

import (
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"ecluse/internal/web"
)

// checkChild looks at what a page for children says outright: the text of its main part, without what is folded away for
// the grown-up beside them and without the values that are told of the child.
func checkChild(t testing.TB, page string) {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Errorf("the page cannot be read: %v", err)
		return
	}
	root := find(doc, atom.Html)
	if root == nil || attribute(root, "data-audience") != string(web.Child) {
		return
	}
	lang := web.Lang(attribute(root, "lang"))
	for _, said := range blocks(find(doc, atom.Main)) {
		for _, what := range web.Wording(lang, web.Child, said) {
			t.Errorf("a child reads: %s", what)
		}
	}
}

// blocks are the texts of the blocks below a node, each by itself.
func blocks(n *html.Node) []string {
	var out []string
	var b strings.Builder
	flush := func() {
		if said := strings.Join(strings.Fields(b.String()), " "); said != "" {
			out = append(out, said)
		}
		b.Reset()
	}
	var walk func(*html.Node)
	walk = func(n *html.Node) {
		switch {
		case n.Type == html.TextNode:
			b.WriteString(n.Data)
			return
		case n.Type == html.ElementNode && (n.DataAtom == atom.Details || n.DataAtom == atom.Dd || n.DataAtom == atom.Script || n.DataAtom == atom.Svg):
			return
		}
		own := n.Type == html.ElementNode && isBlock(n.DataAtom)
		if own {
			flush()
		}
		for c := n.FirstChild; c != nil; c = c.NextSibling {
			walk(c)
		}
		if own {
			flush()
		}
	}
	if n != nil {
		walk(n)
	}
	flush()
	return out
}

// isBlock tells the elements that stand by themselves on a page, or are read by themselves.
func isBlock(a atom.Atom) bool {
	switch a {
	case atom.Span, atom.Strong, atom.Em, atom.B, atom.I, atom.Time, atom.Code, atom.Abbr:
		return false
	}
	return true
}

func find(n *html.Node, a atom.Atom) *html.Node {
	if n.Type == html.ElementNode && n.DataAtom == a {
		return n
	}
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if found := find(c, a); found != nil {
			return found
		}
	}
	return nil
}

func attribute(n *html.Node, name string) string {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val
		}
	}
	return ""
}
