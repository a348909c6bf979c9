package oidcop

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// TestAClaimIsAskedForByItsNameAndNeedsAllItsWords plays names of a client's own, and a claim put together of words.
func TestAClaimIsAskedForByItsNameAndNeedsAllItsWords(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	w := wording{dictionary: words, binding: registry.Binding{
		Names: map[person.Attr]string{"mail": "adresse"},
		Outputs: []registry.Output{
			{Attr: "classes", Name: "division", Form: registry.Form{Join: ";"}},
			{Name: "vecteur", Parts: []registry.Part{{Attr: "profile", With: []person.Attr{"school_kind"}}, {Attr: "uai", Empty: true}}},
		},
	}}
	for claim, want := range map[string][]attrs.Name{
		"adresse": {"mail"}, "email": nil, "division": {"classes"}, "classes": nil, "vecteur": {"profile", "school_kind", "uai"}, "uai": nil,
		"groups": {"groups"}, "nothing": nil, "": nil,
	} {
		if got := w.words(claim); !slices.Equal(got, want) {
			t.Errorf("%q asks for %q, want %q", claim, got, want)
		}
	}
	out := attrs.Output{Values: []attrs.Named{
		{Name: "adresse", Values: []string{"a@b.example"}, Words: []attrs.Name{"mail"}},
		{Name: "division", Values: []string{"A;B"}, Words: []attrs.Name{"classes"}},
		{Name: "groups", Values: []string{"G"}, Words: []attrs.Name{"groups"}, Many: true},
		{Name: "vecteur", Values: []string{"3"}, Words: []attrs.Name{"profile", "school_kind"}},
		{Name: "aud", Values: []string{"elsewhere"}, Words: []attrs.Name{"mail"}},
	}}
	got := w.pick(out, []attrs.Name{"mail", "classes", "groups", "profile"})
	want := map[string]any{"adresse": "a@b.example", "division": "A;B", "groups": []string{"G"}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
	if got := w.pick(out, []attrs.Name{"profile", "school_kind"}); len(got) != 1 || got["vecteur"] != "3" {
		t.Errorf("a composite all of whose words are wanted: %v", got)
	}
}
