package canary

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strings"
)

// grammar is what an XML message may hold: everything that is not listed is strange.
type grammar struct {
	spaces map[string]string // namespace -> the short name that places use
	places map[string]place  // by path, as /p:Response/a:Assertion; a last step of "*" is any name of that namespace
}

// place is one element.
type place struct {
	attrs []string // attributes without namespace
	ours  []string // those of attrs whose values we choose freely
	text  bool     // it holds text and nothing else
	many  bool     // it may stand several times in one parent
}

// node is one element that was read, at its end.
type node struct {
	path  string // as in the grammar, with the element's own name even where that says "*"
	local string
	attrs map[string]string
	text  string
	index int // 1 for the first element of the document, and so on
	above int // the index of the element around it
}

// walk reads a document and hands over each element that the grammar knows, at its end. What the grammar does not know is
// named in strange; below it everything is strange, too.
func (g grammar) walk(body []byte, visit func(node)) (strange []string, err error) {
	w := walker{grammar: g, visit: visit, strange: &strangers{}}
	dec := xml.NewDecoder(bytes.NewReader(body))
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errUnreadable
		}
		w.take(token)
	}
	if w.count == 0 {
		return nil, errUnreadable
	}
	return w.strange.names, nil
}

// strangers are names of what does not belong; a message of nothing else stops being listed.
type strangers struct{ names []string }

func (s *strangers) add(name string) {
	if len(s.names) < 4*mostNames && !slices.Contains(s.names, name) {
		s.names = append(s.names, name)
	}
}

type walker struct {
	grammar
	visit   func(node)
	strange *strangers
	stack   []open
	count   int
	roots   int
}

// open is an element whose end has not come.
type open struct {
	node
	place place
	known bool
	said  strings.Builder
	below map[string]int // how often each child stood
}

func (w *walker) take(token xml.Token) {
	switch token := token.(type) {
	case xml.StartElement:
		w.start(token)
	case xml.EndElement:
		w.end()
	case xml.CharData:
		w.chars(token)
	case xml.Comment:
		w.strange.add("comment")
	case xml.Directive:
		w.strange.add("document type")
	case xml.ProcInst:
		if token.Target != "xml" || w.count > 0 || strings.TrimSpace(strings.NewReplacer("'", `"`).Replace(string(token.Inst))) != `version="1.0" encoding="UTF-8"` {
			w.strange.add("processing instruction")
		}
	}
}

func (w *walker) start(e xml.StartElement) {
	w.count++
	short, known := w.spaces[e.Name.Space]
	step := "/" + short + ":" + e.Name.Local
	next := open{node: node{local: e.Name.Local, index: w.count, attrs: map[string]string{}}, below: map[string]int{}}
	path, parent := "", true
	if n := len(w.stack); n > 0 {
		above := &w.stack[n-1]
		path, parent = above.path, above.known
		next.above = above.index
		above.below[step]++
	} else if w.roots++; w.roots > 1 {
		known = false
	}
	next.path = path + step
	found := false
	if known && parent {
		next.place, found = w.places[next.path]
		if !found {
			next.place, found = w.places[path+"/"+short+":*"]
		}
	}
	next.known = found
	if n := len(w.stack); found && n > 0 && !next.place.many && w.stack[n-1].below[step] > 1 {
		next.known = false
	}
	if !next.known {
		w.strange.add(e.Name.Local)
	}
	w.attributes(&next, e.Attr)
	w.stack = append(w.stack, next)
}

// attributes keeps those that the place knows. A declaration of a namespace says only which one.
func (w *walker) attributes(o *open, attrs []xml.Attr) {
	for _, a := range attrs {
		_, twice := o.attrs[a.Name.Space+" "+a.Name.Local]
		o.attrs[a.Name.Space+" "+a.Name.Local] = a.Value
		switch {
		case twice:
			w.strange.add(a.Name.Local)
		case a.Name.Space == "xmlns" && len(a.Name.Local) <= 8, a.Name.Space == "" && a.Name.Local == "xmlns":
			if _, known := w.spaces[a.Value]; !known {
				w.strange.add("xmlns")
			}
		case a.Name.Space != "" || !slices.Contains(o.place.attrs, a.Name.Local):
			w.strange.add(a.Name.Local)
		}
	}
}

func (w *walker) chars(data xml.CharData) {
	if n := len(w.stack); n > 0 && w.stack[n-1].known && w.stack[n-1].place.text {
		w.stack[n-1].said.Write(data)
		return
	}
	if len(bytes.TrimSpace(data)) > 0 {
		name := "text"
		if n := len(w.stack); n > 0 {
			name = w.stack[n-1].local
		}
		w.strange.add(name)
	}
}

func (w *walker) end() {
	n := len(w.stack) - 1
	o := &w.stack[n]
	if o.known {
		o.text = o.said.String()
		w.visit(o.node)
	}
	w.stack = w.stack[:n]
}

// attr gives an attribute without namespace.
func (n node) attr(name string) string { return n.attrs[" "+name] }
