package handbook

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/yuin/goldmark/ast"
)

// anchors names headings as repositories do: small letters with their accents, hyphens for blanks, nothing else.
type anchors struct{ made *[]string }

// Generate implements parser.IDs.
func (a *anchors) Generate(value []byte, _ ast.NodeKind) []byte {
	name := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '_' || r == '-':
			return unicode.ToLower(r)
		case r == ' ':
			return '-'
		default:
			return -1
		}
	}, strings.TrimSpace(string(value)))
	once := name
	for n := 1; slices.Contains(*a.made, name) || name == ""; n++ {
		name = fmt.Sprintf("%s-%d", once, n)
	}
	*a.made = append(*a.made, name)
	return []byte(name)
}

// Put implements parser.IDs.
func (a *anchors) Put(value []byte) { *a.made = append(*a.made, string(value)) }
