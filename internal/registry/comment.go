package registry

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
)

// Comment is what somebody who works on a version of a declaration says about one field of it, or about the whole. It
// decides nothing and is no part of the text; it is added and never changed.
type Comment struct {
	ID          string    `json:"id"`
	Declaration string    `json:"declaration"`
	Version     int       `json:"version"`
	Where       string    `json:"where,omitempty"` // the field, as in a Finding; the whole version when empty
	Says        string    `json:"says"`
	Text        string    `json:"text"`   // the fingerprint of the text that it is about
	Office      string    `json:"office"` // in which function
	By          string    `json:"by"`     // the handle, for nobody to read
	At          time.Time `json:"at"`
}

// versionKey names a version of a declaration.
type versionKey struct {
	id      string
	version int
}

// CommentsOn lists the comments on a version, the oldest first. Callers must not change the slice.
func (s *Snapshot) CommentsOn(id string, version int) []Comment {
	if s == nil {
		return nil
	}
	return s.comments[versionKey{id, version}]
}

// withComments files comments under their version; one that is there already stays as it is.
func withComments(filed map[versionKey][]Comment, added []Comment) map[versionKey][]Comment {
	if len(added) == 0 {
		return filed
	}
	if filed = maps.Clone(filed); filed == nil {
		filed = map[versionKey][]Comment{}
	}
	for _, c := range added {
		key := versionKey{c.Declaration, c.Version}
		if slices.ContainsFunc(filed[key], func(o Comment) bool { return o.ID == c.ID }) {
			continue
		}
		list := append(slices.Clone(filed[key]), c)
		slices.SortFunc(list, func(a, b Comment) int { return cmp.Or(a.At.Compare(b.At), strings.Compare(a.ID, b.ID)) })
		filed[key] = list
	}
	return filed
}

// TextFields lists the fields of a declaration's text by the names that files, findings and differences give them, in their
// order. What tells one version from another, and what became of it, are none.
func TextFields() []string {
	var out []string
	kind := reflect.TypeFor[Declaration]()
	for i := range kind.NumField() {
		f := kind.Field(i)
		name := fieldName(f)
		if f.Tag.Get("yaml") != "-" && !slices.Contains([]string{"id", "version"}, name) {
			out = append(out, name)
		}
	}
	return out
}
