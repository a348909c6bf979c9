package app_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"golang.org/x/net/html"
)

// page is one answer as a person has it before their eyes.
type page struct {
	url    *url.URL
	status int
	header http.Header
	root   *html.Node // nil when the answer is no HTML
	body   string
}

// matcher chooses elements.
type matcher func(*html.Node) bool

func tag(name string) matcher {
	return func(n *html.Node) bool { return n.Type == html.ElementNode && n.Data == name }
}

func class(name string) matcher {
	return func(n *html.Node) bool {
		for _, word := range strings.Fields(attribute(n, "class")) {
			if word == name {
				return true
			}
		}
		return false
	}
}

func attribute(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

// below lists what matches below a node, in the order of the page.
func below(n *html.Node, match matcher) []*html.Node {
	var out []*html.Node
	if n == nil {
		return nil
	}
	for d := range n.Descendants() {
		if d.Type == html.ElementNode && match(d) {
			out = append(out, d)
		}
	}
	return out
}

func (p *page) all(match matcher) []*html.Node { return below(p.root, match) }

// plain makes text comparable: one space between words, however the typography parted them.
func plain(s string) string {
	s = strings.NewReplacer("\u00a0", " ", "\u202f", " ", "’", "'").Replace(s)
	return strings.Join(strings.Fields(s), " ")
}

// words is what a reader reads below a node.
func words(n *html.Node) string {
	var b strings.Builder
	if n == nil {
		return ""
	}
	for d := range n.Descendants() {
		if d.Type == html.TextNode {
			b.WriteString(d.Data)
			b.WriteByte(' ')
		}
	}
	text := plain(b.String())
	return strings.NewReplacer(" ,", ",", " .", ".", "( ", "(", " )", ")").Replace(text)
}

func (p *page) words() string { return words(p.root) }

func (p *page) heading() string {
	for _, h := range p.all(tag("h1")) {
		return words(h)
	}
	return ""
}

func (p *page) String() string {
	return fmt.Sprintf("%d %s %q", p.status, p.url.Redacted(), p.heading())
}

// reference is the number that a page shows for whoever can help.
func (p *page) reference() string {
	for _, n := range p.all(class("reference-number")) {
		return words(n)
	}
	return ""
}

// form is a form of a page with the values that stand in it.
type form struct {
	node   *html.Node
	action *url.URL
	post   bool
	fields url.Values
}

func (p *page) forms() []form {
	var out []form
	for _, n := range p.all(tag("form")) {
		action, err := p.url.Parse(attribute(n, "action"))
		if err != nil {
			continue
		}
		f := form{node: n, action: action, post: strings.EqualFold(attribute(n, "method"), "post"), fields: url.Values{}}
		for _, input := range below(n, tag("input")) {
			kind, name := attribute(input, "type"), attribute(input, "name")
			if name != "" && kind != "radio" && kind != "checkbox" && kind != "submit" {
				f.fields.Add(name, attribute(input, "value"))
			}
		}
		out = append(out, f)
	}
	return out
}

// offers tells whether the form has a button or a radio field of that name and value.
func (f form) offers(name, value string) bool {
	return len(below(f.node, func(n *html.Node) bool {
		return (n.Data == "button" || n.Data == "input" && attribute(n, "type") == "radio") &&
			attribute(n, "name") == name && attribute(n, "value") == value
	})) > 0
}

// pressed is the form as it goes out when that button was pressed, or that radio field chosen.
func (p *page) pressed(name, value string) (form, error) {
	for _, f := range p.forms() {
		if f.offers(name, value) {
			f.fields.Set(name, value)
			return f, nil
		}
	}
	return form{}, fmt.Errorf("no form offers %s=%s", name, value)
}

// formTo finds the form whose address ends so.
func (p *page) formTo(end string) (form, error) {
	for _, f := range p.forms() {
		if strings.HasSuffix(f.action.Path, end) {
			return f, nil
		}
	}
	return form{}, fmt.Errorf("no form leads to …%s", end)
}

// link finds a link by its words.
func (p *page) link(text string) (*url.URL, error) {
	for _, a := range p.all(tag("a")) {
		if words(a) == plain(text) {
			return p.url.Parse(attribute(a, "href"))
		}
	}
	return nil, fmt.Errorf("no link says %q", text)
}

// goesOn is where the page leads by itself: a refresh, or a form that a script of the page sends.
func (p *page) goesOn() (next *url.URL, send *form) {
	for _, m := range p.all(tag("meta")) {
		if strings.EqualFold(attribute(m, "http-equiv"), "refresh") {
			_, to, _ := strings.Cut(attribute(m, "content"), "url=")
			if u, err := p.url.Parse(strings.TrimSpace(to)); err == nil {
				return u, nil
			}
		}
	}
	for _, f := range p.forms() {
		for _, a := range f.node.Attr {
			if a.Key == "data-autosubmit" || a.Key == "id" && a.Val == "envoi" {
				return nil, &f
			}
		}
	}
	return nil, nil
}

// formTargets are the origins that the page's policy lets its forms and their redirects lead to; nil lets all.
func (p *page) formTargets() []string {
	for part := range strings.SplitSeq(p.header.Get("Content-Security-Policy"), ";") {
		list := strings.Fields(part)
		if len(list) == 0 || list[0] != "form-action" {
			continue
		}
		out := []string{}
		for _, source := range list[1:] {
			if source == "'self'" {
				source = origin(p.url)
			}
			out = append(out, source)
		}
		return out
	}
	return nil
}

func origin(u *url.URL) string { return u.Scheme + "://" + u.Host }
