package registry_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/registry"
)

func TestCommentsStandUnderTheirVersionOldestFirst(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	says := func(id string, version, minute int) registry.Comment {
		return registry.Comment{ID: id, Declaration: "d1", Version: version, Says: id, At: at.Add(time.Duration(minute) * time.Minute)}
	}
	first := registry.NewSnapshot(registry.Contents{Comments: []registry.Comment{says("b", 1, 5), says("a", 1, 1), says("c", 2, 0)}}, time.UTC)
	then := first.With(registry.Contents{Comments: []registry.Comment{says("d", 1, 3), says("a", 1, 9)}})
	words := func(s *registry.Snapshot, version int) (out []string) {
		for _, c := range s.CommentsOn("d1", version) {
			out = append(out, c.ID)
		}
		return out
	}
	if got := words(first, 1); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("before: %v; an older view stays as it was", got)
	}
	if got := words(then, 1); !slices.Equal(got, []string{"a", "d", "b"}) {
		t.Errorf("after: %v", got)
	}
	if got := words(then, 2); !slices.Equal(got, []string{"c"}) {
		t.Errorf("of the other version: %v", got)
	}
	if (*registry.Snapshot)(nil).CommentsOn("d1", 1) != nil || then.CommentsOn("d2", 1) != nil {
		t.Error("comments on nothing")
	}
}

func TestTheFieldsOfATextAreThoseOfAFileAndNothingOfItsLife(t *testing.T) {
	t.Parallel()
	got := registry.TextFields()
	for _, field := range []string{"controller", "items", "until", "documents", "supplier", "pseudonym_why"} {
		if !slices.Contains(got, field) {
			t.Errorf("no field %q", field)
		}
	}
	for _, life := range []string{"id", "version", "state", "author", "decisions", "opinions", "managed_by", ""} {
		if slices.Contains(got, life) {
			t.Errorf("%q is no part of the text", life)
		}
	}
}
