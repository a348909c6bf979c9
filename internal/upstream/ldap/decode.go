package ldap

import (
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// decoder reads a map of settings into Settings and gathers what is wrong with it. encoding/json would stop at the
// first mistake.
type decoder struct {
	values   map[string]any
	findings []registry.Finding
}

func (d *decoder) say(key, what, mend string) {
	d.findings = append(d.findings, registry.Finding{Where: "settings." + key, What: what, Mend: mend})
}

// fill sets the fields that are named, by their json tags.
func (d *decoder) fill(s *Settings) {
	fields := map[string]reflect.Value{}
	into := reflect.ValueOf(s).Elem()
	for i := range into.NumField() {
		if tag := into.Type().Field(i).Tag.Get("json"); tag != "" {
			fields[tag] = into.Field(i)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(d.values)) {
		field, known := fields[key]
		if !known {
			d.say(key, "this setting is not known", fmt.Sprintf("one of %q", slices.Sorted(maps.Keys(fields))))
			continue
		}
		d.set(key, field)
	}
}

func (d *decoder) set(key string, field reflect.Value) {
	switch into := field.Addr().Interface().(type) {
	case *string:
		d.need(key, "a text", assign(into, d.values[key]))
	case *bool:
		d.need(key, "true or false", assign(into, d.values[key]))
	case *int:
		n, ok := whole(d.values[key])
		d.need(key, "a whole number", ok && assign(into, any(n)))
	case *time.Duration:
		text, _ := d.values[key].(string)
		span, err := time.ParseDuration(text)
		d.need(key, "a duration such as 5s", err == nil && assign(into, any(span)))
	}
}

// need says what was expected; never what was found, which may be a password in the wrong place.
func (d *decoder) need(key, what string, fits bool) {
	if !fits {
		d.say(key, "this does not fit", what+" is expected")
	}
}

func assign[T any](into *T, value any) bool {
	v, ok := value.(T)
	if ok {
		*into = v
	}
	return ok
}

// whole reads the numbers that YAML (int) and JSON (float64) make.
func whole(value any) (int, bool) {
	switch n := value.(type) {
	case int:
		return n, true
	case float64:
		return int(n), n == math.Trunc(n) && math.Abs(n) < 1<<31
	default:
		return 0, false
	}
}
