package conformity_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func TestWhatAServiceSaysOfItselfIsShownAndOpensNothing(t *testing.T) {
	t.Parallel()
	d, c := registry.Declaration{ServiceID: "lire"}, conformity.Case{}
	without := conformity.Examine(d, c)
	c.Says = []string{"Research and Scholarship (REFEDS R&S)", "Security incident response (SIRTFI)"}
	with := conformity.Examine(d, c)
	var said []registry.Finding
	rest := slices.DeleteFunc(slices.Clone(with), func(f registry.Finding) bool {
		if f.Rule == "service-says" {
			said = append(said, f)
		}
		return f.Rule == "service-says"
	})
	if !slices.Equal(rest, without) {
		t.Errorf("other findings change with what the service says:\n%v\n%v", rest, without)
	}
	if !registry.Blocks(with) {
		t.Error("the positive control stands against nothing")
	}
	if len(said) != 2 || !strings.Contains(said[0].What, "REFEDS R&S") || !strings.Contains(said[1].What, "SIRTFI") {
		t.Errorf("%v", said)
	}
	for _, f := range said {
		if f.Severity != registry.Note || f.Law == "" {
			t.Errorf("%+v", f)
		}
	}
}
