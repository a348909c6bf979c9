package conformity_test

import (
	"slices"
	"testing"

	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity"
	"ecluse/internal/registry"
)

func TestTheRulesThatComeWithTheProgramAreInOrder(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := shipped(t)
	for _, f := range conformity.CheckRules(r, words) {
		t.Error(f)
	}
	if r.Version != 0 || len(r.EEA) != 36 || len(r.Adequate) != 15 || len(r.DPIA) != 9 || r.ConsentAge != 15 || r.Majority != 18 {
		t.Errorf("version %d, %d countries, %d decisions, %d criteria, ages %d and %d", r.Version, len(r.EEA), len(r.Adequate), len(r.DPIA), r.ConsentAge, r.Majority)
	}
	if len(r.Certified) != 0 || r.INE != "" || len(r.Withdrawn) != 0 {
		t.Error("the program certifies somebody, allows the INE or withdraws an instrument by itself")
	}
	for _, word := range []string{"ULIS", "UPE2A", "SEGPA", "ELCO", "EREA", "UEE", "IME", "ITEP", "DAR", "UEMA", "NSA", "allophone"} {
		if _, found := r.Reveals(word); !found {
			t.Errorf("%s is not held back", word)
		}
	}
	for _, id := range []string{"vulnerable", "large_scale", "sensitive"} {
		if !slices.ContainsFunc(r.DPIA, func(c registry.Criterion) bool { return c.ID == id }) {
			t.Errorf("the criterion %s, which a declaration shows by itself, is missing", id)
		}
	}
	if !slices.ContainsFunc(r.Uses, func(u registry.Use) bool { return u.ID == "suite" }) {
		t.Error("the rule about free suites has no use to go by")
	}
}

func TestRulesNameNoWordThatMayNotLeave(t *testing.T) {
	t.Parallel()
	words, err := dictionary.Shipped()
	if err != nil {
		t.Fatal(err)
	}
	r := shipped(t)
	r.Uses = append(r.Uses[:1:1], registry.Use{ID: "new", Label: registry.Text{FR: "x"}, Items: []person.Attr{"uai", "nir", "shoe_size"}})
	found := conformity.CheckRules(r, words)
	if len(found) != 2 || found[0].Where != "uses[1].items[1]" || found[1].Where != "uses[1].items[2]" {
		t.Errorf("%v", found)
	}
}
