package rules

import (
	"bytes"
	"encoding/json"
	"slices"
	"sort"

	"ecluse/internal/admin/frame"
	"ecluse/internal/registry"
)

// change is one field of the rules that another version says otherwise.
type change struct {
	Field         string
	Before, After []string
}

// fields are those of the rules, in the order in which they are shown. The version and its note stand apart.
func fields() []string {
	return []string{
		"consent_age", "majority", "terms_months", "terms_grace_days", "keep_months", "small_group", "dpia_from", "ine_text", "withdrawn", "eea",
		"adequate", "certified", "uses", "sensitive", "sensitive_codes", "dpia",
	}
}

// changes compares two versions field by field; of a list, the entries that one has and the other has not.
func changes(v *frame.Visit, before, after registry.Rules) []change {
	a, b := spread(before), spread(after)
	var out []change
	for _, f := range fields() {
		if bytes.Equal(a[f], b[f]) {
			continue
		}
		was, is := entries(a[f]), entries(b[f])
		gone := slices.DeleteFunc(slices.Clone(was), func(e string) bool { return slices.Contains(is, e) })
		come := slices.DeleteFunc(slices.Clone(is), func(e string) bool { return slices.Contains(was, e) })
		if len(gone)+len(come) > 0 {
			out = append(out, change{Field: v.Say("field." + f), Before: gone, After: come})
		}
	}
	return out
}

func spread(r registry.Rules) map[string]json.RawMessage {
	text, err := json.Marshal(r)
	if err != nil {
		return nil // rules always encode
	}
	out := map[string]json.RawMessage{}
	_ = json.Unmarshal(text, &out) // what was encoded a line before decodes
	return out
}

// entries are the entries of a list, or the one value.
func entries(raw json.RawMessage) []string {
	var many []json.RawMessage
	if json.Unmarshal(raw, &many) != nil {
		many = []json.RawMessage{raw}
	}
	var out []string
	for _, m := range many {
		var text string
		if json.Unmarshal(m, &text) != nil {
			text = plain(m)
		}
		if text != "" {
			out = append(out, text)
		}
	}
	return out
}

// plain writes an entry of several words without the signs of JSON.
func plain(m json.RawMessage) string {
	var parts map[string]any
	if json.Unmarshal(m, &parts) != nil {
		return string(m)
	}
	var names []string
	for name := range parts {
		names = append(names, name)
	}
	sort.Strings(names)
	var b bytes.Buffer
	for _, name := range names {
		text, err := json.Marshal(parts[name])
		if err != nil {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(name + " " + string(bytes.Trim(text, `"`)))
	}
	return b.String()
}
