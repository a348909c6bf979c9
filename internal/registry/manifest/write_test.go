package manifest_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"ecluse/internal/registry"
	"ecluse/internal/registry/manifest"
)

// prototypes are one empty object of every kind that files hold.
func prototypes() []any {
	return []any{
		registry.Service{},
		registry.Declaration{},
		registry.Establishment{},
		registry.Source{},
		registry.Delegation{},
		registry.Enabling{},
		registry.Charter{},
		registry.Model{},
		registry.Assessed{},
	}
}

// TestWhatIsWrittenIsReadBack fills every field of every kind that a file may say, once with harmless words and then with
// anything, writes the object and reads it.
func TestWhatIsWrittenIsReadBack(t *testing.T) {
	t.Parallel()
	for _, prototype := range prototypes() {
		kind := reflect.TypeOf(prototype)
		t.Run(kind.Name(), func(t *testing.T) {
			t.Parallel()
			full := reflect.New(kind).Elem()
			fill(full, plain, func() int { return 2 })
			readBack(t, full.Interface())
			rapid.Check(t, func(t *rapid.T) {
				drawn := reflect.New(kind).Elem()
				fill(drawn, func(v reflect.Value) { draw(t, v) }, func() int { return rapid.IntRange(0, 2).Draw(t, "length") })
				readBack(t, drawn.Interface())
			})
		})
	}
}

type fataler interface {
	Helper()
	Fatalf(string, ...any)
}

func readBack(t fataler, object any) {
	t.Helper()
	var text bytes.Buffer
	if err := manifest.Write(&text, object); err != nil {
		t.Fatalf("%v", err)
	}
	l, problems := manifest.Load(fstest.MapFS{"a.yaml": {Data: text.Bytes()}})
	if err := problems.Or(); err != nil {
		t.Fatalf("%v\n%s", err, text.String())
	}
	got := only(l.Change)
	same := cmp.Options{
		cmpopts.EquateEmpty(),
		cmp.FilterPath(func(p cmp.Path) bool { return p.Last().String() == ".ManagedBy" }, cmp.Ignore()),
		cmp.Comparer(func(a, b json.RawMessage) bool { return canonical(a) == canonical(b) }),
	}
	if diff := cmp.Diff(object, got, same); diff != "" {
		t.Fatalf("what is read is not what was written (-written +read):\n%s\n%s", diff, text.String())
	}
}

func canonical(raw json.RawMessage) string {
	var v map[string]any
	if len(raw) > 0 {
		if err := json.Unmarshal(raw, &v); err != nil {
			return err.Error()
		}
	}
	if len(v) == 0 {
		return "{}"
	}
	out, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(out)
}

// only gives the one object of a change.
func only(c registry.Change) any {
	v := reflect.ValueOf(c)
	for i := range v.NumField() {
		if f := v.Field(i); f.Kind() == reflect.Slice && f.Len() == 1 {
			return f.Index(0).Interface()
		}
	}
	return nil
}

// fill sets every field that a file may say, below v.
func fill(v reflect.Value, leaf func(reflect.Value), length func() int) {
	switch {
	case v.Type() == reflect.TypeFor[registry.Date](), v.Type() == reflect.TypeFor[json.RawMessage](), v.Kind() == reflect.Interface:
		leaf(v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).Tag.Get("yaml") != "-" || v.Field(i).Type() == reflect.TypeFor[json.RawMessage]() {
				fill(v.Field(i), leaf, length)
			}
		}
	case v.Kind() == reflect.Pointer:
		if length() > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), leaf, length)
		}
	case v.Kind() == reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), length(), 2))
		for i := range v.Len() {
			fill(v.Index(i), leaf, length)
		}
	case v.Kind() == reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range length() {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			leaf(key)
			fill(value, leaf, length)
			v.SetMapIndex(key, value)
		}
	default:
		leaf(v)
	}
}

func plain(v reflect.Value) {
	switch v.Interface().(type) {
	case registry.Date:
		v.Set(reflect.ValueOf(registry.Date{Year: 2026, Month: time.September, Day: 1}))
		return
	case json.RawMessage:
		v.SetBytes([]byte(`{"metadata":"<a>\n  <b/>\n</a>\n","list":[1,2.5,"028",null,true],"deep":{"x":"y"}}`))
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf("028"))
	case reflect.String:
		v.SetString("mot: 028")
	case reflect.Bool:
		v.SetBool(true)
	default:
		v.SetInt(7)
	}
}

func draw(t *rapid.T, v reflect.Value) {
	text := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"", " ", "~", "null", "Null", "yes", "on", "028", "1_000", "0x1f", "1e3", ".inf", "2026-09-01", "<<", "=", "- a", "a: b", "# c", "@x", "*a", "&a",
		"!!int 3", "une\nligne", "\nune", "fin\n", "a\n\n b\n", "a \nb", "\ta\n\tb", "a\r\nb", "\u0085", "\u2028", "\ufeffa", "\x00", "\x1b", "«\u00a0oui\u00a0»", "a\n---\nb", "'", `"`, "%", "|", ">",
	}))
	switch v.Interface().(type) {
	case registry.Date:
		if rapid.Bool().Draw(t, "dated") {
			v.Set(reflect.ValueOf(registry.Date{Year: 2026}.Add(rapid.IntRange(1, 9000).Draw(t, "day"))))
		}
		return
	case json.RawMessage:
		settings := map[string]any{
			"text": text.Draw(t, "text"), "number": rapid.IntRange(-9, 1<<40).Draw(t, "number"), "flag": rapid.Bool().Draw(t, "flag"),
			"none": nil, "list": []string{text.Draw(t, "item")}, "deep": map[string]any{text.Draw(t, "key"): 1.5},
		}
		raw, err := json.Marshal(settings)
		if err != nil {
			t.Fatalf("%v", err)
		}
		v.SetBytes(raw)
		return
	case time.Duration:
		v.SetInt(rapid.Int64Range(0, int64(100*time.Hour)).Draw(t, "span"))
		return
	}
	switch v.Kind() {
	case reflect.Interface:
		v.Set(reflect.ValueOf(rapid.OneOf(text.AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny()).Draw(t, "any")))
	case reflect.String:
		v.SetString(text.Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "flag"))
	default:
		v.SetInt(rapid.Int64Range(-9, 9999).Draw(t, "number"))
	}
}

func TestWhatIsWrittenLooksAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	err := manifest.Write(&text, registry.Service{
		ID: "lire", Name: registry.Text{FR: "Lire", EN: "Read"}, Sentence: registry.Text{FR: "Pour lire."}, Provider: "Lire SAS",
		Bindings:  []registry.Binding{{Protocol: "saml", Handle: "urn:lire", Settings: []byte(`{"metadata":"<a>\n</a>\n"}`)}},
		ManagedBy: "a.yaml",
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `---
kind: Service
id: lire
name: {fr: Lire, en: Read}
sentence: {fr: Pour lire.}
provider: Lire SAS
bindings:
  - protocol: saml
    handle: urn:lire
    settings:
      metadata: |
        <a>
        </a>
`
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Error(diff)
	}
}

func TestWhatBecameOfAnObjectIsNotWritten(t *testing.T) {
	t.Parallel()
	var text bytes.Buffer
	d := registry.Declaration{
		ID: "d", Version: 1, State: registry.Approved, Author: "h-author", Message: registry.Text{FR: "un mot"}, Change: registry.Wider,
		Decisions: []registry.Decision{{Office: "recteur"}}, Opinions: []registry.Opinion{{Reason: "un avis"}}, ManagedBy: "a.yaml",
		Judged: &registry.Examination{Rules: 3}, Review: &registry.Review{Why: "une revue"},
	}
	if err := manifest.Write(&text, d); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); got != "---\nkind: Declaration\nid: d\nversion: 1\n" {
		t.Errorf("written: %s", got)
	}
}

func TestWhatNoFileCanSayIsRefused(t *testing.T) {
	t.Parallel()
	for name, object := range map[string]any{
		"another type":         registry.Wish{},
		"a text in Latin-1":    registry.Service{ID: "\xe9"},
		"a key in Latin-1":     registry.Service{Labels: map[string]string{"\xe9": "x"}},
		"the name of a file":   registry.Service{Bindings: []registry.Binding{{Settings: []byte(`{"metadata_file":"/etc/x"}`)}}},
		"settings of no shape": registry.Service{Bindings: []registry.Binding{{Settings: []byte(`[1]`)}}},
	} {
		var text strings.Builder
		if err := manifest.Write(&text, object); err == nil || text.Len() > 0 {
			t.Errorf("%s: error %v, written %q", name, err, text.String())
		}
	}
}
