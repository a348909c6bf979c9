// Package settings reads what the register says of an identity source into the settings of its connector: each value strictly,
// and with all mistakes at once, where encoding/json would stop at the first. A finding never says what was found, which may
// be a secret in the wrong place.
package settings

import (
	"bytes"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"reflect"
	"slices"
	"time"

	"ecluse/internal/registry"
)

// Reader reads one source's settings and gathers what is wrong with them.
type Reader struct {
	values   map[string]any
	findings []registry.Finding
}

// New reads from the settings of a source.
func New(values map[string]any) *Reader { return &Reader{values: values} }

// Say notes a mistake of a setting, and what would mend it.
func (r *Reader) Say(key, what, mend string) {
	r.Add(registry.Finding{Where: "settings." + key, What: what, Mend: mend})
}

// Add notes mistakes of anything else.
func (r *Reader) Add(findings ...registry.Finding) { r.findings = append(r.findings, findings...) }

// Findings are all the mistakes, in the order in which they were noted.
func (r *Reader) Findings() []registry.Finding { return r.findings }

// Text is a setting that is a text; empty for any other.
func (r *Reader) Text(key string) string {
	text, _ := r.values[key].(string)
	return text
}

// Names lists what may be said, sorted: the json tags of a struct.
func Names(of any) []string { return slices.Sorted(maps.Keys(fieldsOf(of))) }

// Fill sets the fields that are named, by their json tags, of the struct that into points to. shape names what belongs in a
// field of a type of the connector's own, and is asked for no other; it may be nil where there is none.
func (r *Reader) Fill(into any, shape func(any) string) {
	fields := fieldsOf(into)
	for _, key := range slices.Sorted(maps.Keys(r.values)) {
		field, known := fields[key]
		if !known {
			r.Say(key, "this setting is not known", fmt.Sprintf("one of %q", Names(into)))
			continue
		}
		if err := set(field, r.values[key]); err != nil {
			r.Say(key, "this does not fit", expected(field.Interface(), shape)+" is expected")
		}
	}
}

// File reads the file that a setting names; ok is false where that was a mistake.
func (r *Reader) File(key, name string) (content []byte, ok bool) {
	content, err := os.ReadFile(name)
	if err != nil {
		r.Say(key, fmt.Sprintf("the file cannot be read: %v", err), "")
	}
	return content, err == nil
}

// Roots reads the authorities in the file that ca_file names. After a mistake there are none, which trusts nobody.
func (r *Reader) Roots(name string) *x509.CertPool {
	pool := x509.NewCertPool()
	if pem, ok := r.File("ca_file", name); ok && !pool.AppendCertsFromPEM(pem) {
		r.Say("ca_file", "there is no certificate in the file", "PEM is expected")
	}
	return pool
}

func fieldsOf(of any) map[string]reflect.Value {
	fields, into := map[string]reflect.Value{}, reflect.Indirect(reflect.ValueOf(of))
	for i := range into.NumField() {
		if tag := into.Type().Field(i).Tag.Get("json"); tag != "" {
			fields[tag] = into.Field(i)
		}
	}
	return fields
}

// set reads one value; on an error the field is as it was.
func set(field reflect.Value, value any) error {
	if into, ok := field.Addr().Interface().(*time.Duration); ok {
		text, _ := value.(string)
		span, err := time.ParseDuration(text)
		if err == nil {
			*into = span
		}
		return err
	}
	text, err := json.Marshal(value)
	if err != nil || string(text) == "null" {
		return errors.Join(err, errors.New("nothing"))
	}
	fresh := reflect.New(field.Type())
	strict := json.NewDecoder(bytes.NewReader(text))
	strict.DisallowUnknownFields()
	if err := strict.Decode(fresh.Interface()); err != nil {
		return err
	}
	field.Set(fresh.Elem())
	return nil
}

func expected(field any, shape func(any) string) string {
	switch field.(type) {
	case string:
		return "a text"
	case bool:
		return "true or false"
	case int:
		return "a whole number"
	case time.Duration:
		return "a duration such as 5s"
	case registry.Date:
		return "a day such as 2027-07-07"
	case []string:
		return "a list of texts"
	case map[string]string:
		return "texts under names"
	}
	if shape == nil {
		return "another value"
	}
	return shape(field)
}
