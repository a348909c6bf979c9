package web

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"go.yaml.in/yaml/v3"
)

// pairs walks the keys and values of a mapping.
func pairs(node *yaml.Node) iter.Seq2[string, *yaml.Node] {
	return func(yield func(string, *yaml.Node) bool) {
		for i := 0; i+1 < len(node.Content); i += 2 {
			if !yield(node.Content[i].Value, node.Content[i+1]) {
				return
			}
		}
	}
}

// isVariants tells a text with wordings per audience from a group of texts.
func isVariants(node *yaml.Node) bool {
	return hasOnly(node, string(Child), string(Teen), string(Adult))
}

// isPlural tells a text with its forms per number from a group of texts.
func isPlural(node *yaml.Node) bool { return hasOnly(node, "one", "other") }

func hasOnly(node *yaml.Node, names ...string) bool {
	if node.Kind != yaml.MappingNode || len(node.Content) == 0 {
		return false
	}
	for name := range pairs(node) {
		known := false
		for _, n := range names {
			known = known || n == name
		}
		if !known {
			return false
		}
	}
	return true
}

var (
	errNoText    = errors.New("no such text")
	errArguments = errors.New("arguments do not fit the text")
)

// words says texts in one language to one audience, for the templates of one contribution.
type words struct {
	catalogue    *catalogue
	contribution string
	lang         Lang
	audience     Audience
}

// say is t in templates.
func (w words) say(key string, args ...any) (string, error) {
	t, ok := w.catalogue.find(w.lang, w.contribution, key)
	if !ok {
		return "", fmt.Errorf("text %s/%s: %w", w.contribution, key, errNoText)
	}
	out, err := t.to(w.audience).other.fill(args)
	if err != nil {
		return "", fmt.Errorf("text %s/%s: %w", w.contribution, key, err)
	}
	return out, nil
}

// count is tn in templates.
func (w words) count(key string, n int, args ...any) (string, error) {
	t, ok := w.catalogue.find(w.lang, w.contribution, key)
	if !ok {
		return "", fmt.Errorf("text %s/%s: %w", w.contribution, key, errNoText)
	}
	p := t.to(w.audience)
	form := p.other
	if len(p.one) > 0 && (n == 1 || n == -1 || (n == 0 && w.lang == French)) { // CLDR: French counts zero as one
		form = p.one
	}
	out, err := form.fill(append(args, "n", n))
	if err != nil {
		return "", fmt.Errorf("text %s/%s: %w", w.contribution, key, err)
	}
	return out, nil
}

// phrase is a text cut at its named arguments: literal parts and names in turn, beginning with a literal part.
type phrase []string

// parsePhrase cuts a text; a name is {a-z_}, anything else in braces is literal.
func parsePhrase(s string) phrase {
	var p phrase
	literal := 0
	for i := 0; i < len(s); i++ {
		if s[i] != '{' {
			continue
		}
		end := strings.IndexByte(s[i:], '}')
		if end < 2 || strings.Trim(s[i+1:i+end], "abcdefghijklmnopqrstuvwxyz_") != "" {
			continue
		}
		p = append(p, s[literal:i], s[i+1:i+end])
		literal = i + end + 1
		i = literal - 1
	}
	if literal < len(s) || len(p) > 0 {
		p = append(p, s[literal:])
	}
	return p
}

// names lists the arguments of a phrase.
func (p phrase) names() []string {
	var out []string
	for i := 1; i < len(p); i += 2 {
		out = append(out, p[i])
	}
	return out
}

// fill puts the arguments, given as name and value in turn, in their places. One that is not used is no mistake, as
// another audience's wording may use it; a missing one is.
func (p phrase) fill(args []any) (string, error) {
	if len(args)%2 != 0 {
		return "", fmt.Errorf("names and values are not in pairs: %w", errArguments)
	}
	var b strings.Builder
	for i, part := range p {
		if i%2 == 0 {
			b.WriteString(part)
			continue
		}
		value, ok := argument(args, part)
		if !ok {
			return "", fmt.Errorf("{%s} is not given: %w", part, errArguments)
		}
		b.WriteString(value)
	}
	return b.String(), nil
}

func argument(args []any, name string) (string, bool) {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return fmt.Sprint(args[i+1]), true
		}
	}
	return "", false
}
