package person_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"ecluse/internal/person"
)

const mark = "MARQUE"

// personal lists every type that holds personal data; spoken lists the structures that hold none, with the reason.
func personal() []any {
	return []any{person.Person{}, person.Key{}, person.Affiliation{}, person.Ward{}, person.AgeFacts{}, person.Raw{}, person.Vector{}}
}

func spoken() map[string]string {
	return map[string]string{
		"Mapping":  "configuration",
		"Further":  "configuration",
		"Mandates": "configuration",
		"Authn":    "names of sources and levels; the journal shows them",
	}
}

func TestPersonalTypesPrintNothing(t *testing.T) {
	t.Parallel()
	for _, zero := range personal() {
		v := reflect.New(reflect.TypeOf(zero)).Elem()
		fill(v)
		for _, subject := range []any{v.Interface(), v.Addr().Interface()} {
			for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X"} {
				silent(t, fmt.Sprintf("%T with %s", subject, verb), fmt.Sprintf(verb, subject))
			}
			for _, wrapped := range []any{[]any{subject}, map[string]any{"k": subject}, struct{ In any }{subject}} {
				silent(t, fmt.Sprintf("%T inside %T", subject, wrapped), fmt.Sprintf("%v %+v", wrapped, wrapped))
			}
			var out bytes.Buffer
			slog.New(slog.NewJSONHandler(&out, timeless)).Info("x", "v", subject)
			slog.New(slog.NewTextHandler(&out, timeless)).Info("x", "v", subject)
			silent(t, fmt.Sprintf("%T in a log", subject), out.String())
		}
	}
}

// timeless leaves a log's own time out: nine digits of a second hold 1987 now and then.
var timeless = &slog.HandlerOptions{ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}}

// silent finds the mark in every spelling in which a verb writes it, and the year of the date of birth.
func silent(t *testing.T, what, printed string) {
	t.Helper()
	for _, trace := range []string{mark, fmt.Sprintf("%x", mark), fmt.Sprintf("%X", mark), "1987"} {
		if strings.Contains(printed, trace) {
			t.Errorf("%s: a value is printed: %s", what, printed)
			return
		}
	}
	if printed == "" {
		t.Errorf("%s: nothing at all is printed", what)
	}
}

// fill puts the mark everywhere in v.
func fill(v reflect.Value) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Date(1987, 1, 1, 0, 0, 0, 0, time.UTC)))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(mark)
	case reflect.Struct:
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Map:
		key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
		fill(key)
		fill(value)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(key, value)
	}
}

func TestEveryStructureIsEitherPersonalOrNot(t *testing.T) {
	t.Parallel()
	var known []string
	for _, zero := range personal() {
		known = append(known, reflect.TypeOf(zero).Name())
	}
	for name := range spoken() {
		known = append(known, name)
	}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			if spec, ok := n.(*ast.TypeSpec); ok && spec.Name.IsExported() {
				if _, structure := spec.Type.(*ast.StructType); structure && !slices.Contains(known, spec.Name.Name) {
					t.Errorf("%s holds personal data or does not: say so in this test", spec.Name.Name)
				}
			}
			return true
		})
	}
}
