package oidcrp

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

// preset lays what a preset says over the defaults.
func (d *decoder) preset(s *Settings) {
	name, _ := d.values["preset"].(string)
	if lay, known := presets()[name]; known {
		lay(s)
	} else if name != "" {
		d.say("preset", "this preset is not known", fmt.Sprintf("one of %q", slices.Sorted(maps.Keys(presets()))))
	}
}

// fill sets the fields that are named, by their json tags. Attributes are laid over the preset's, one by one.
func (d *decoder) fill(s *Settings) {
	fields := map[string]reflect.Value{}
	into := reflect.ValueOf(s).Elem()
	for i := range into.NumField() {
		if tag := into.Type().Field(i).Tag.Get("json"); tag != "" {
			fields[tag] = into.Field(i)
		}
	}
	under := s.Attributes
	s.Attributes = nil
	for _, key := range slices.Sorted(maps.Keys(d.values)) {
		field, known := fields[key]
		if !known {
			d.say(key, "this setting is not known", fmt.Sprintf("one of %q", slices.Sorted(maps.Keys(fields))))
			continue
		}
		d.set(key, field)
	}
	over := s.Attributes
	s.Attributes = map[string]Pick{}
	maps.Copy(s.Attributes, under)
	maps.Copy(s.Attributes, over)
	maps.DeleteFunc(s.Attributes, func(_ string, p Pick) bool { return p.none })
}

// set reads one value strictly. It never says what was found, which may be a secret in the wrong place.
func (d *decoder) set(key string, field reflect.Value) {
	fresh := reflect.New(field.Type())
	text, err := json.Marshal(d.values[key])
	if err == nil && string(text) == "null" {
		err = errors.New("nothing")
	}
	if err == nil {
		strict := json.NewDecoder(bytes.NewReader(text))
		strict.DisallowUnknownFields()
		err = strict.Decode(fresh.Interface())
	}
	if err != nil {
		d.say(key, "this does not fit", expected(field)+" is expected")
		return
	}
	field.Set(fresh.Elem())
}

func expected(field reflect.Value) string {
	switch field.Interface().(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case span:
		return "a duration such as 5s"
	case []string:
		return "a list of texts"
	case map[string]string:
		return "texts under names"
	case map[string]Pick:
		return "for each name a claim, a list of claims, or claim, each, join and words"
	default:
		return "an object under id_token or userinfo"
	}
}

// span is a duration that is written as 5s.
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
