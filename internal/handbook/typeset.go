package handbook

import (
	"bytes"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"ecluse/internal/web"
)

// typeset sets a French text as every page is set: its spaces and apostrophes, never those of code and addresses.
func typeset(doc ast.Node, source []byte) error {
	return ast.Walk(doc, func(n ast.Node, enter bool) (ast.WalkStatus, error) {
		switch n := n.(type) {
		case *ast.CodeSpan, *ast.CodeBlock, *ast.FencedCodeBlock, *ast.AutoLink:
			return ast.WalkSkipChildren, nil
		case *ast.Text:
			if enter && !n.IsRaw() {
				set(n, source)
			}
		}
		return ast.WalkContinue, nil
	})
}

// set puts the words before their node, which keeps the end of the line. A sign that is written by its name stays as it is:
// its semicolon is none.
func set(n *ast.Text, source []byte) {
	words := n.Value(source)
	if len(words) == 0 || bytes.ContainsRune(words, '&') {
		return
	}
	n.Parent().InsertBefore(n.Parent(), n, ast.NewString([]byte(web.TypesetFrench(string(words)))))
	n.Segment = text.NewSegment(n.Segment.Stop, n.Segment.Stop)
}
