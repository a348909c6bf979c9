package strictyaml

import (
	"encoding"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Decode fills into (a pointer to a struct with yaml tags) from the document, and reports every unknown key, every key
// that stands twice and every value that does not fit, all at once. What fits is filled in even so.
func (d Document) Decode(into any) Problems {
	return decode(d.File, d.Node, "", reflect.ValueOf(into).Elem())
}

func decode(file string, n *yaml.Node, path string, into reflect.Value) Problems {
	if n.Kind == yaml.AliasNode {
		return nil // reported when the file was parsed
	}
	if n.Tag == "!!null" {
		return nil
	}
	if into.Kind() == reflect.Pointer {
		into.Set(reflect.New(into.Type().Elem()))
		return decode(file, n, path, into.Elem())
	}
	if isScalar(into.Type()) {
		return scalar(file, n, path, into)
	}
	switch into.Kind() {
	case reflect.Struct:
		return structure(file, n, path, into)
	case reflect.Slice:
		return sequence(file, n, path, into)
	case reflect.Map:
		return mapping(file, n, path, into)
	default:
		return scalar(file, n, path, into)
	}
}

func isScalar(t reflect.Type) bool {
	return t == reflect.TypeFor[time.Duration]() || reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func scalar(file string, n *yaml.Node, path string, into reflect.Value) Problems {
	if into.Kind() == reflect.Interface {
		if err := n.Decode(into.Addr().Interface()); err != nil {
			return Problems{at(file, n, path, err.Error(), "")}
		}
		return nil
	}
	if n.Kind != yaml.ScalarNode {
		return Problems{at(file, n, path, "one value is expected here", kindOf(into))}
	}
	switch v := into.Addr().Interface().(type) {
	case *time.Duration:
		span, err := time.ParseDuration(n.Value)
		if err != nil {
			return Problems{at(file, n, path, fmt.Sprintf("%q is no duration", n.Value), "as in 90s, 10m or 8h")}
		}
		*v = span
		return nil
	case encoding.TextUnmarshaler:
		if err := v.UnmarshalText([]byte(n.Value)); err != nil {
			return Problems{at(file, n, path, err.Error(), "")}
		}
		return nil
	}
	if into.Kind() == reflect.String {
		into.SetString(n.Value) // a code such as 028 or a version such as 1.0 is a text here, quoted or not
		return nil
	}
	if err := n.Decode(into.Addr().Interface()); err != nil {
		return Problems{at(file, n, path, fmt.Sprintf("%q does not fit", n.Value), kindOf(into))}
	}
	return nil
}

func kindOf(v reflect.Value) string {
	switch v.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int64:
		return "a whole number"
	default:
		return "a text"
	}
}

func structure(file string, n *yaml.Node, path string, into reflect.Value) Problems {
	if n.Kind != yaml.MappingNode {
		return Problems{at(file, n, path, "keys and values are expected here", strings.Join(keys(into.Type()), ", "))}
	}
	var problems Problems
	known := keys(into.Type())
	seen := map[string]int{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		where := join(path, key.Value)
		if line, twice := seen[key.Value]; twice {
			problems = append(problems, at(file, key, where, fmt.Sprintf("this key stands twice, first in line %d", line), ""))
			continue
		}
		seen[key.Value] = key.Line
		field := fieldOf(into, key.Value)
		if !field.IsValid() {
			problems = append(problems, at(file, key, where, "unknown key", suggestion(key.Value, known)))
			continue
		}
		problems = append(problems, decode(file, value, where, field)...)
	}
	return problems
}

func suggestion(key string, known []string) string {
	if near := nearest(key, known); near != "" {
		return "did you mean " + near + "?"
	}
	return "known here: " + strings.Join(known, ", ")
}

func sequence(file string, n *yaml.Node, path string, into reflect.Value) Problems {
	if n.Kind != yaml.SequenceNode {
		return Problems{at(file, n, path, "a list is expected here", "as in [a, b]")}
	}
	var problems Problems
	list := reflect.MakeSlice(into.Type(), len(n.Content), len(n.Content))
	for i, child := range n.Content {
		problems = append(problems, decode(file, child, fmt.Sprintf("%s[%d]", path, i), list.Index(i))...)
	}
	into.Set(list)
	return problems
}

func mapping(file string, n *yaml.Node, path string, into reflect.Value) Problems {
	if n.Kind != yaml.MappingNode {
		return Problems{at(file, n, path, "keys and values are expected here", "")}
	}
	var problems Problems
	out := reflect.MakeMap(into.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		where := join(path, key.Value)
		k := reflect.ValueOf(key.Value).Convert(into.Type().Key())
		if out.MapIndex(k).IsValid() {
			problems = append(problems, at(file, key, where, "this key stands twice", ""))
			continue
		}
		v := reflect.New(into.Type().Elem()).Elem()
		problems = append(problems, decode(file, value, where, v)...)
		out.SetMapIndex(k, v)
	}
	into.Set(out)
	return problems
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// keys lists the keys that a struct reads, those of embedded structs included.
func keys(t reflect.Type) []string {
	var out []string
	for i := range t.NumField() {
		f := t.Field(i)
		name, rest, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		switch {
		case rest == "inline":
			out = append(out, keys(f.Type)...)
		case name != "" && name != "-":
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func fieldOf(v reflect.Value, key string) reflect.Value {
	for i := range v.NumField() {
		name, rest, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ",")
		if rest == "inline" {
			if f := fieldOf(v.Field(i), key); f.IsValid() {
				return f
			}
		}
		if name == key && name != "-" {
			return v.Field(i)
		}
	}
	return reflect.Value{}
}
