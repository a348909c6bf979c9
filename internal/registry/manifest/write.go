package manifest

import (
	"bytes"
	"encoding"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"ecluse/internal/registry"
)

// Write writes one object (a registry.Service, Declaration, Establishment, Source, Delegation, Enabling, Charter,
// Model or Assessed) as a document that Load reads back to the same object: keys in the order of its fields, empty ones left out.
// What became of the object (state, decisions, opinions) is not written, because no file may say it.
func Write(w io.Writer, object any) error {
	kind, err := kindOf(object)
	if err != nil {
		return err
	}
	node, err := structNode(reflect.ValueOf(object))
	if err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	node.Content = append([]*yaml.Node{word("kind"), word(kind)}, node.Content...)
	node.Style = 0
	var text bytes.Buffer
	text.WriteString("---\n")
	enc := yaml.NewEncoder(&text)
	enc.SetIndent(2)
	if err := enc.Encode(node); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	if err := enc.Close(); err != nil {
		return fmt.Errorf("%s: %w", kind, err)
	}
	_, err = w.Write(text.Bytes())
	return err
}

func kindOf(object any) (string, error) {
	switch object.(type) {
	case registry.Service:
		return "Service", nil
	case registry.Declaration:
		return "Declaration", nil
	case registry.Establishment:
		return "Establishment", nil
	case registry.Source:
		return "Source", nil
	case registry.Delegation:
		return "Delegation", nil
	case registry.Enabling:
		return "Enabling", nil
	case registry.Charter:
		return "Charter", nil
	case registry.Model:
		return "Model", nil
	case registry.Assessed:
		return "Tool", nil
	default:
		return "", fmt.Errorf("no file has objects like a %T", object)
	}
}

func word(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s} }

func nodeOf(v reflect.Value) (*yaml.Node, error) {
	switch v.Kind() {
	case reflect.Pointer:
		return nodeOf(v.Elem())
	case reflect.Interface:
		if v.IsNil() {
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}, nil
		}
		return nodeOf(v.Elem())
	case reflect.Map:
		return mapNode(v)
	case reflect.Slice:
		return listNode(v)
	case reflect.Struct:
		if _, scalar := v.Interface().(encoding.TextMarshaler); !scalar {
			return structNode(v)
		}
	}
	return scalarNode(v)
}

// structNode lists the fields that a file may say, in their order, and leaves out what is empty.
func structNode(v reflect.Value) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	for i := range v.NumField() {
		name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if name == "" || name == "-" || empty(v.Field(i)) {
			continue
		}
		value, err := nodeOf(v.Field(i))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		out.Content = append(out.Content, word(name), value)
	}
	if b, ok := v.Interface().(registry.Binding); ok {
		settings, err := settingsNode(b.Settings)
		if err != nil {
			return nil, fmt.Errorf("settings: %w", err)
		}
		out.Content = append(out.Content, settings...)
	}
	return inOneLine(out), nil
}

func empty(v reflect.Value) bool {
	if v.Kind() == reflect.Slice || v.Kind() == reflect.Map {
		return v.Len() == 0
	}
	return v.IsZero()
}

// settingsNode writes a protocol's settings. A name that ends like that of a file would be read as one.
func settingsNode(raw json.RawMessage) ([]*yaml.Node, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var settings map[string]any
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	if err := dec.Decode(&settings); err != nil || len(settings) == 0 {
		return nil, err
	}
	for key := range settings {
		if name, isFile := strings.CutSuffix(key, "_file"); isFile && name != "" {
			return nil, fmt.Errorf("%q would be read as the name of a file", key)
		}
	}
	node, err := nodeOf(reflect.ValueOf(settings))
	return []*yaml.Node{word("settings"), node}, err
}

func mapNode(v reflect.Value) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.MappingNode}
	keys := v.MapKeys()
	slices.SortFunc(keys, func(a, b reflect.Value) int { return strings.Compare(a.String(), b.String()) })
	for _, k := range keys {
		key, err := textNode(k.String())
		if err != nil {
			return nil, err
		}
		value, err := nodeOf(v.MapIndex(k))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out.Content = append(out.Content, key, value)
	}
	return inOneLine(out), nil
}

func listNode(v reflect.Value) (*yaml.Node, error) {
	out := &yaml.Node{Kind: yaml.SequenceNode}
	for i := range v.Len() {
		value, err := nodeOf(v.Index(i))
		if err != nil {
			return nil, fmt.Errorf("[%d]: %w", i, err)
		}
		out.Content = append(out.Content, value)
	}
	return inOneLine(out), nil
}

func scalarNode(v reflect.Value) (*yaml.Node, error) {
	switch x := v.Interface().(type) {
	case time.Duration:
		return word(x.String()), nil
	case json.Number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: x.String()}, nil
	case encoding.TextMarshaler:
		text, err := x.MarshalText()
		return word(string(text)), err
	}
	if v.Kind() == reflect.String {
		return textNode(v.String())
	}
	var n yaml.Node
	err := n.Encode(v.Interface())
	return &n, err
}

// textNode writes a text of several lines as lines where it can, for people to compare; quoted where a line's ends carry
// spaces that nobody would see.
func textNode(s string) (*yaml.Node, error) {
	if !utf8.ValidString(s) {
		return nil, fmt.Errorf("a text is not written in UTF-8")
	}
	n := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: s}
	if strings.Contains(s, "\n") {
		n.Style = yaml.LiteralStyle
		if strings.TrimSpace(s[:1]) == "" || strings.Contains(s, " \n") || strings.Contains(s, "\t") || strings.Contains(s, "\n\n") {
			n.Style = yaml.DoubleQuotedStyle
		}
		return n, nil
	}
	err := n.Encode(s)
	return n, err
}

// longestLine bounds what is put in one line.
const longestLine = 100

// inOneLine puts a short list or mapping of single values in one line, as people write it.
func inOneLine(n *yaml.Node) *yaml.Node {
	length := 0
	for _, child := range n.Content {
		if child.Kind != yaml.ScalarNode || child.Style == yaml.LiteralStyle {
			return n
		}
		length += len(child.Value) + 2
	}
	if length <= longestLine {
		n.Style = yaml.FlowStyle
	}
	return n
}
