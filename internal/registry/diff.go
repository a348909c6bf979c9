package registry

import (
	"cmp"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"
)

// compareFields walks two declarations at once and notes every difference, judged by the table in measure.go.
func compareFields(before, next Declaration, out *[]Difference) {
	w := differ{measures: measures(), out: out}
	w.walk("", "", reflect.ValueOf(before), reflect.ValueOf(next))
}

type differ struct {
	measures map[string]measure
	out      *[]Difference
}

// note keeps one difference. kind is the path without names in brackets: what has no measure is wider.
func (w differ) note(where, kind, before, after string) {
	if before == after {
		return
	}
	judge, known := w.measures[kind]
	if !known {
		judge = wider
	}
	change := judge(before, after)
	*w.out = append(*w.out, Difference{
		Where: where, Before: before, After: after, Wider: change == Wider, Narrower: change == Narrower,
	})
}

func (w differ) walk(where, kind string, a, b reflect.Value) {
	switch {
	case a.Type() == reflect.TypeFor[time.Time]():
		// Only what became of a version has moments; a text has days.
	case a.Type() == reflect.TypeFor[Date](), a.Kind() == reflect.Slice && wholeList(kind):
		w.note(where, kind, leaf(kind, a), leaf(kind, b))
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			name := fieldName(a.Type().Field(i))
			w.walk(dotted(where, name), dotted(kind, name), a.Field(i), b.Field(i))
		}
	case a.Kind() == reflect.Pointer && (a.IsNil() || b.IsNil()):
		w.note(where, kind, leaf(kind, a), leaf(kind, b))
	case a.Kind() == reflect.Pointer:
		w.walk(where, kind, a.Elem(), b.Elem())
	case a.Kind() == reflect.Slice:
		w.list(where, kind+"[]", named(a), named(b))
	default:
		w.note(where, kind, leaf(kind, a), leaf(kind, b))
	}
}

// list compares what two lists hold under the same names, wherever it stands in them.
func (w differ) list(where, kind string, a, b []entry) {
	for _, x := range a {
		at := fmt.Sprintf("%s[%s]", where, x.name)
		if y, ok := find(b, x.name); ok {
			w.walk(at, kind, x.value, y)
		} else {
			w.note(at, kind, leaf(kind, x.value), "")
		}
	}
	for _, y := range b {
		if _, ok := find(a, y.name); !ok {
			w.note(fmt.Sprintf("%s[%s]", where, y.name), kind, "", leaf(kind, y.value))
		}
	}
}

// entry is one thing in a list, under the name by which people would call it.
type entry struct {
	name  string
	value reflect.Value
}

func find(list []entry, name string) (reflect.Value, bool) {
	i := slices.IndexFunc(list, func(e entry) bool { return e.name == name })
	if i < 0 {
		return reflect.Value{}, false
	}
	return list[i].value, true
}

// named names the things of a list. Two of one name are told apart by what they say, so that their order is no change.
func named(list reflect.Value) []entry {
	out := make([]entry, list.Len())
	for i := range out {
		out[i] = entry{name: naturalName(list.Index(i)), value: list.Index(i)}
	}
	slices.SortStableFunc(out, func(a, b entry) int {
		return cmp.Or(strings.Compare(a.name, b.name), strings.Compare(said(a.value), said(b.value)))
	})
	for i, twin := 1, 1; i < len(out); i++ {
		if first := out[i-twin].name; out[i].name != first {
			twin = 1
			continue
		}
		twin++
		out[i].name += fmt.Sprintf("#%d", twin)
	}
	return out
}

func naturalName(v reflect.Value) string {
	switch o := v.Interface().(type) {
	case Controller:
		return o.Name
	case Text:
		return o.FR
	case Item:
		return string(o.Attr)
	case SubProcessor:
		return o.Name
	case Transfer:
		return strings.TrimSpace(o.Country + " " + o.Recipient)
	case Erasure:
		return o.What.FR
	case Notice:
		return string(o.Kind)
	case Document:
		return o.Hash
	case Justified:
		return strings.TrimSpace(o.Rule + " " + o.Where)
	default:
		return fmt.Sprint(o)
	}
}

// leaf is a value in words: nothing for nothing.
func leaf(kind string, v reflect.Value) string {
	if v.Kind() == reflect.Slice {
		if v.Len() == 0 {
			return everything
		}
		words := make([]string, v.Len())
		for i := range words {
			words[i] = fmt.Sprint(v.Index(i).Interface())
		}
		slices.Sort(words)
		return strings.Join(slices.Compact(words), listed)
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		return ""
	}
	if text, ok := v.Interface().(Text); ok {
		return text.FR
	}
	if v.Kind() == reflect.Struct && v.Type() != reflect.TypeFor[Date]() || v.Kind() == reflect.Pointer {
		return said(v)
	}
	if v.IsZero() && !counted(kind) {
		return ""
	}
	return fmt.Sprint(v.Interface())
}

// said is everything a thing says, in its fields' words. The order of an item's profiles says nothing.
func said(v reflect.Value) string {
	o := v.Interface()
	if item, ok := o.(Item); ok {
		item.Profiles = slices.Sorted(slices.Values(item.Profiles))
		o = item
	}
	text, err := json.Marshal(o)
	if err != nil {
		return err.Error() // these types always encode
	}
	return string(text)
}

// fieldName is the name that files and the API give a field.
func fieldName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

func dotted(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
