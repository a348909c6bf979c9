package registry_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"ecluse/internal/registry"
)

// TestNamesAreFoundInLabelsAsOneByOne holds the quick look to the slow one.
func TestNamesAreFoundInLabelsAsOneByOne(t *testing.T) {
	t.Parallel()
	name := rapid.SampledFrom([]string{"Dupont", "DE LA TOUR", "Noël", "Li", "", " ", "Müller-Strauß", "Anne Sophie", "O'Brien", "d'Étigny", "X"})
	label := rapid.OneOf(name, rapid.StringMatching(`[A-Za-z0-9éÉïß .'-]{0,14}`), rapid.Custom(func(t *rapid.T) string {
		before := rapid.SampledFrom([]string{"", "GR ", "6E", "soutien-", "M", "aide "}).Draw(t, "before")
		return before + name.Draw(t, "name") + rapid.SampledFrom([]string{"", " 2", "M", "é", "_B"}).Draw(t, "after")
	}))
	for _, of := range []string{"DUPONT", "MDUPONT", "DUPONTM", "6EDUPONT", "6emedupontm", "gr Élèves de M. Dupont", "dupont’s"} {
		if names := registry.NewNames([]string{"Dupont"}, nil); !names.In(of) {
			t.Errorf("%q names nobody", of)
		}
	}
	found := 0
	rapid.Check(t, func(rt *rapid.T) {
		names, of := rapid.SliceOfN(name, 0, 3).Draw(rt, "names"), label.Draw(rt, "label")
		want := registry.NamesSomebody(of, names...)
		if got := registry.NewNames(names[:len(names)/2], names[len(names)/2:]).In(of); got != want {
			rt.Errorf("%q in %q: %v, want %v", names, of, got, want)
		}
		if want {
			found++
		}
	})
	if found == 0 {
		t.Error("no drawn label names anybody")
	}
	if got := fmt.Sprintf("%v %+v %#v", registry.NewNames([]string{"Dupont"}), registry.NewNames([]string{"Dupont"}), registry.NewNames([]string{"Dupont"})); got != "[names] [names] [names]" {
		t.Errorf("it prints %s", got)
	}
}
