package registry

import (
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"
)

// TestEveryFieldOfATextIsMeasured goes through the type: a field that somebody adds fails here until somebody has said
// what a change of it is, and a measure of a field that is no more fails too.
func TestEveryFieldOfATextIsMeasured(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{"id": true, "service": true}
	life := lifeFields(t)
	for i := range reflect.TypeFor[Declaration]().NumField() {
		f := reflect.TypeFor[Declaration]().Field(i)
		if fieldName(f) == "" {
			t.Errorf("%s has no name", f.Name)
		}
		if f.Name != "Version" && !life[f.Name] {
			kinds(fieldName(f), f.Type, seen)
		}
	}
	known := measures()
	for _, kind := range slices.Sorted(maps.Keys(seen)) {
		if known[kind] == nil {
			t.Errorf("%s has no measure: what is a change of it?", kind)
		}
	}
	for kind := range known {
		if !seen[kind] {
			t.Errorf("%s is measured and is no field", kind)
		}
	}
}

// lifeFields are those that bare empties.
func lifeFields(t *testing.T) map[string]bool {
	t.Helper()
	var d Declaration
	v := reflect.ValueOf(&d).Elem()
	for i := range v.NumField() {
		fill(v.Field(i))
	}
	out, bare := map[string]bool{}, reflect.ValueOf(d.bare())
	for i := range bare.NumField() {
		if bare.Field(i).IsZero() {
			out[bare.Type().Field(i).Name] = true
		}
	}
	if len(out) < 8 || out["Items"] {
		t.Fatalf("what became of a version is %v", out)
	}
	return out
}

// fill gives a value that is not zero.
func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x")
	case reflect.Int, reflect.Int64:
		v.SetInt(1)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			v.Set(reflect.ValueOf(time.Unix(1, 0)))
			return
		}
		for i := range v.NumField() {
			fill(v.Field(i))
		}
	}
}

func kinds(kind string, t reflect.Type, into map[string]bool) {
	switch {
	case t.Kind() == reflect.Slice && !wholeList(kind):
		into[kind+"[]"] = true
		if t.Elem().Kind() == reflect.Struct {
			kinds(kind+"[]", t.Elem(), into)
		}
	case t.Kind() == reflect.Pointer:
		into[kind] = true
		kinds(kind, t.Elem(), into)
	case t.Kind() == reflect.Struct && t != reflect.TypeFor[Date]():
		for i := range t.NumField() {
			kinds(dotted(kind, fieldName(t.Field(i))), t.Field(i).Type, into)
		}
	default:
		into[kind] = true
	}
}

func TestWhatHasNoMeasureIsWider(t *testing.T) {
	t.Parallel()
	var out []Difference
	w := differ{measures: map[string]measure{}, out: &out}
	w.note("somewhere", "somewhere", "a", "b")
	if len(out) != 1 || !out[0].Wider {
		t.Errorf("%+v", out)
	}
}
