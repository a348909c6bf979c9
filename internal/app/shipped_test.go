package app

import (
	"strings"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

func TestRulesWhoseUsesNameWhatMayNotLeaveAreNotSound(t *testing.T) {
	t.Parallel()
	contents, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	rules := contents.RuleSets[0].Rules
	if err := sound(rules); err != nil {
		t.Error(err)
	}
	rules.Uses = append(rules.Uses[:1:1], registry.Use{ID: "soin", Label: registry.Text{FR: "Soin"}, Items: []person.Attr{"uai", "nir", "pointure"}})
	err = sound(rules)
	if err == nil {
		t.Fatal("a use of the NIR is sound")
	}
	for _, where := range []string{"uses[1].items[1]", "uses[1].items[2]"} {
		if !strings.Contains(err.Error(), where) {
			t.Errorf("%v does not say %s", err, where)
		}
	}
}
