package sqldb

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// keepUnknown gives the body of an object with the fields of the stored one that this program does not know: a newer version
// beside it wrote them, and an act of the older takes nothing back of which it has never heard. Only the object's own fields
// are looked at, not those of what it holds.
func keepUnknown(value any, stored, body []byte) ([]byte, error) {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(stored, &fields); err != nil {
		return nil, err
	}
	for _, f := range reflect.VisibleFields(reflect.TypeOf(value)) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = f.Name
		}
		delete(fields, name)
	}
	if len(fields) == 0 {
		return body, nil
	}
	out := bytes.TrimSuffix(slices.Clone(body), []byte("}"))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if len(out) > 1 {
			out = append(out, ',')
		}
		quoted, err := json.Marshal(name)
		if err != nil {
			return nil, err
		}
		out = append(append(append(out, quoted...), ':'), fields[name]...)
	}
	return append(out, '}'), nil
}
