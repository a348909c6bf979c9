package samlsp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// decoder reads a map of settings into Settings and gathers what is wrong with it.
type decoder struct {
	values   map[string]any
	findings []registry.Finding
}

func (d *decoder) say(key, what, mend string) {
	d.findings = append(d.findings, registry.Finding{Where: "settings." + key, What: what, Mend: mend})
}

// SettingNames lists what may be said of a source, sorted.
func SettingNames() []string { return slices.Sorted(maps.Keys(fieldsOf(&Settings{}))) }

// fieldsOf gives the fields by their json tags.
func fieldsOf(s *Settings) map[string]reflect.Value {
	fields := map[string]reflect.Value{}
	into := reflect.ValueOf(s).Elem()
	for i := range into.NumField() {
		if tag := into.Type().Field(i).Tag.Get("json"); tag != "" {
			fields[tag] = into.Field(i)
		}
	}
	return fields
}

// fill sets the fields that are named.
func (d *decoder) fill(s *Settings) {
	fields := fieldsOf(s)
	for _, key := range slices.Sorted(maps.Keys(d.values)) {
		field, known := fields[key]
		if !known {
			d.say(key, "this setting is not known", fmt.Sprintf("one of %q", SettingNames()))
			continue
		}
		if err := set(field, d.values[key]); err != nil {
			d.say(key, "this does not fit", expected(field)+" is expected")
		}
	}
}

// set reads one value strictly.
func set(field reflect.Value, value any) error {
	text, err := json.Marshal(value)
	if err != nil || string(text) == "null" {
		return errors.Join(err, errors.New("nothing"))
	}
	fresh := reflect.New(field.Type())
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(fresh.Interface()); err != nil {
		return err
	}
	field.Set(fresh.Elem())
	return nil
}

// expected says what belongs in a field; never what was found there.
func expected(field reflect.Value) string {
	switch field.Interface().(type) {
	case bool:
		return "true or false"
	case registry.Date:
		return "a day such as 2027-07-07"
	case span:
		return "a duration such as 5m"
	case []string:
		return "a list of texts"
	default:
		return "a text"
	}
}

// span is a duration that is written as 5m.
type span time.Duration

// UnmarshalJSON implements json.Unmarshaler.
func (s *span) UnmarshalJSON(text []byte) error {
	var written string
	if err := json.Unmarshal(text, &written); err != nil {
		return err
	}
	d, err := time.ParseDuration(written)
	*s = span(d)
	return err
}
