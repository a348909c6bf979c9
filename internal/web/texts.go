package web

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ownName is the kit's own contribution; its texts are found from every page, and its group "common" is nobody else's.
const (
	ownName     = "web"
	sharedGroup = "common"
)

// catalogue holds every text of every contribution, in every language.
type catalogue struct {
	byLang map[Lang]map[string]text // keys are "contribution/page.key"
}

// text is one entry: what is said to each audience.
type text map[Audience]plural

// plural is a text with its form for one; without one, other is always meant.
type plural struct{ one, other phrase }

// loadTexts reads texts/fr.yaml and texts/en.yaml of every contribution and reports all mistakes at once. English may
// be missing here, French may not; Findings tells what is missing.
func loadTexts(contributions []Contribution) (*catalogue, error) {
	c := &catalogue{byLang: map[Lang]map[string]text{French: {}, English: {}}}
	var errs []error
	for _, contribution := range contributions {
		for _, lang := range languages() {
			file := "texts/" + string(lang) + ".yaml"
			raw, err := fs.ReadFile(contribution.Files, file)
			if errors.Is(err, fs.ErrNotExist) && lang != French {
				continue
			}
			if err == nil {
				err = c.read(lang, contribution.Name, raw)
			}
			if err != nil {
				errs = append(errs, fmt.Errorf("%s: %s: %w", contribution.Name, file, err))
			}
		}
	}
	return c, errors.Join(errs...)
}

func (c *catalogue) read(lang Lang, contribution string, raw []byte) error {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return err
	}
	if len(doc.Content) == 0 {
		return nil
	}
	return c.walk(lang, contribution+"/", doc.Content[0])
}

// walk goes down a mapping until it meets texts.
func (c *catalogue) walk(lang Lang, key string, node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode || isVariants(node) || isPlural(node) {
		t, err := readText(lang, node)
		if err == nil && t == nil {
			err = errors.New("empty text")
		}
		if err != nil {
			return fmt.Errorf("line %d: %s: %w", node.Line, key, err)
		}
		c.byLang[lang][key] = t
		return nil
	}
	if node.Kind != yaml.MappingNode {
		return fmt.Errorf("line %d: %s: neither a text nor a group of texts", node.Line, key)
	}
	var errs []error
	seen := map[string]bool{}
	for name, value := range pairs(node) {
		if name == sharedGroup && strings.HasSuffix(key, "/") && key != ownName+"/" {
			errs = append(errs, fmt.Errorf("line %d: group %q belongs to the kit", value.Line, sharedGroup))
			continue
		}
		child := key + name
		if !strings.HasSuffix(key, "/") {
			child = key + "." + name
		}
		if seen[name] {
			errs = append(errs, fmt.Errorf("line %d: %s: said twice", value.Line, child))
		}
		seen[name] = true
		errs = append(errs, c.walk(lang, child, value))
	}
	return errors.Join(errs...)
}

// readText makes the text of a node; nil for an empty one.
func readText(lang Lang, node *yaml.Node) (text, error) {
	if !isVariants(node) {
		p, err := readPlural(lang, node)
		if err != nil || len(p.other) == 0 {
			return nil, err
		}
		return text{Adult: p}, nil
	}
	t := text{}
	for name, value := range pairs(node) {
		p, err := readPlural(lang, value)
		if err != nil {
			return nil, err
		}
		if len(p.other) == 0 {
			return nil, fmt.Errorf("%s: empty text", name)
		}
		t[Audience(name)] = p
	}
	if len(t[Adult].other) == 0 {
		return nil, errors.New(`no wording for "adulte", on which the others fall back`)
	}
	return t, nil
}

func readPlural(lang Lang, node *yaml.Node) (plural, error) {
	if node.Kind == yaml.ScalarNode {
		return plural{other: typeset(lang, node.Value)}, nil
	}
	if !isPlural(node) {
		return plural{}, errors.New("neither a text nor its forms one and other")
	}
	var p plural
	for name, value := range pairs(node) {
		if name == "one" {
			p.one = typeset(lang, value.Value)
		} else {
			p.other = typeset(lang, value.Value)
		}
	}
	return p, nil
}

func typeset(lang Lang, s string) phrase {
	s = strings.TrimSpace(s)
	if lang == French {
		s = TypesetFrench(s)
	}
	return parsePhrase(s)
}

// find gives the text of a key as a template of the contribution means it: its own first, then the kit's. A missing
// language falls back to French.
func (c *catalogue) find(lang Lang, contribution, key string) (text, bool) {
	for _, l := range []Lang{lang, French} {
		for _, owner := range []string{contribution, ownName} {
			if t, ok := c.byLang[l][owner+"/"+key]; ok {
				return t, true
			}
		}
	}
	return nil, false
}

// keys lists the keys of a language in order.
func (c *catalogue) keys(lang Lang) []string { return slices.Sorted(maps.Keys(c.byLang[lang])) }

// names lists the arguments that any of its wordings uses, in order.
func (t text) names() []string {
	set := map[string]bool{}
	for _, p := range t {
		for _, name := range append(p.one.names(), p.other.names()...) {
			set[name] = true
		}
	}
	return slices.Sorted(maps.Keys(set))
}

// to gives the wording for an audience, which may be that for adults.
func (t text) to(audience Audience) plural {
	if p, ok := t[audience]; ok {
		return p
	}
	return t[Adult]
}
