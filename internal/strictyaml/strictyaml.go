// Package strictyaml reads YAML files that people write and refuses what it does not know: an unknown key is an error
// with its line and a suggestion, a key that stands twice is one, a value of the wrong kind is one, and all mistakes of
// a file are reported together. It owns positions and the comparison of keys with the fields of a Go type; it does not
// know what the files mean.
package strictyaml

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Problem is one mistake in a file.
type Problem struct {
	File   string
	Line   int // 1 for the first; 0 when the mistake is in the file as a whole
	Column int
	Path   string // the key's path, as in store.url
	What   string
	Mend   string // what would be right; may be empty
}

// Error gives the problem in one line, as file:line:column: path: what (mend).
func (p Problem) Error() string {
	var b strings.Builder
	b.WriteString(p.File)
	if p.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", p.Line, p.Column)
	}
	b.WriteString(": ")
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	b.WriteString(p.What)
	if p.Mend != "" {
		b.WriteString(" (" + p.Mend + ")")
	}
	return b.String()
}

// Problems is every mistake of one or more files.
type Problems []Problem

// Error gives one line for each.
func (p Problems) Error() string {
	lines := make([]string, len(p))
	for i, problem := range p {
		lines[i] = problem.Error()
	}
	return strings.Join(lines, "\n")
}

// Or gives nil when there is no problem, and the problems otherwise.
func (p Problems) Or() error {
	if len(p) == 0 {
		return nil
	}
	return p
}

// Document is one document of a file, with the positions of its keys.
type Document struct {
	File string
	Node *yaml.Node // the document's root value
}

// maxFile bounds a file; larger ones are no configuration.
const maxFile = 8 << 20

// Parse splits a file into its documents; empty ones are left out. Aliases and merges are refused, because they hide
// from a reader what a file says.
func Parse(file string, data []byte) ([]Document, Problems) {
	if len(data) > maxFile {
		return nil, Problems{{File: file, What: fmt.Sprintf("larger than %d MiB", maxFile>>20)}}
	}
	var docs []Document
	var problems Problems
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var node yaml.Node
		err := dec.Decode(&node)
		if errors.Is(err, io.EOF) {
			return docs, problems
		}
		if err != nil {
			return docs, append(problems, syntax(file, err))
		}
		if len(node.Content) == 0 || node.Content[0].Tag == "!!null" {
			continue
		}
		problems = append(problems, aliases(file, node.Content[0])...)
		docs = append(docs, Document{File: file, Node: node.Content[0]})
	}
}

func syntax(file string, err error) Problem {
	p := Problem{File: file, What: strings.TrimPrefix(err.Error(), "yaml: ")}
	var line int
	if n, _ := fmt.Sscanf(p.What, "line %d:", &line); n == 1 {
		_, p.What, _ = strings.Cut(p.What, ": ")
		p.Line, p.Column = line, 1
	}
	if parsers(p.What) {
		p.Line, p.Column = p.Line+1, 1
	}
	return p
}

// parsers says that the library's parser found a mistake, which counts lines from 0 and leaves 0 out; its scanner counts
// from 1.
func parsers(what string) bool {
	wanted, ok := strings.CutPrefix(what, "did not find expected ")
	return ok && slices.Contains([]string{"<stream-start>", "<document start>", "node content", "'-' indicator", "key", "',' or ']'", "',' or '}'"}, wanted)
}

func aliases(file string, n *yaml.Node) Problems {
	var problems Problems
	if n.Kind == yaml.AliasNode || n.Tag == "!!merge" {
		return Problems{at(file, n, "", "aliases and merges are not read", "write the value out")}
	}
	for _, child := range n.Content {
		problems = append(problems, aliases(file, child)...)
	}
	return problems
}

func at(file string, n *yaml.Node, path, what, mend string) Problem {
	return Problem{File: file, Line: n.Line, Column: n.Column, Path: path, What: what, Mend: mend}
}

// At makes a problem at the place where a path (items[2].justification) stands in the document, or as near above it as
// the document has.
func (d Document) At(path, what, mend string) Problem {
	n := d.Node
	for _, part := range strings.FieldsFunc(path, func(r rune) bool { return r == '.' || r == '[' || r == ']' }) {
		next := child(n, part)
		if next == nil {
			break
		}
		n = next
	}
	return at(d.File, n, path, what, mend)
}

// Field gives the text of a key at the document's top, and whether it is there.
func (d Document) Field(key string) (string, bool) {
	n := child(d.Node, key)
	if n == nil || n.Kind != yaml.ScalarNode {
		return "", false
	}
	return n.Value, true
}

func child(n *yaml.Node, part string) *yaml.Node {
	switch n.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == part {
				return n.Content[i+1]
			}
		}
	case yaml.SequenceNode:
		var i int
		if _, err := fmt.Sscanf(part, "%d", &i); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i]
		}
	}
	return nil
}

// nearest suggests the key that was probably meant.
func nearest(word string, known []string) string {
	best, least := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), k); d < least || (d == least && best == "") {
			best, least = k, d
		}
	}
	if best == "" || least > 1+len(word)/3 {
		return ""
	}
	return best
}

// distance is the number of single-character edits between two words.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := before
			if a[i-1] != b[j-1] {
				cost = 1 + slices.Min([]int{before, row[j], row[j-1]})
			}
			before, row[j] = row[j], cost
		}
	}
	return row[len(b)]
}
