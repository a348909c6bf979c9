package desk

import (
	"context"
	"fmt"
	"slices"

	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// atEntry refuses what no draft may even hold: words that the dictionary does not know or forbids, a UAI whose letter does
// not fit, unless it is a test tenant's, and papers of somebody else's that the text before it did not refer to.
func (d *Desk) atEntry(ctx context.Context, t *turn, last, text registry.Declaration) error {
	bad := mistakes(d.Words.Check(text.Items, t.Rules(t.now)))
	for i, uai := range text.Scope.UAIs {
		canonical, err := person.ParseUAI(string(uai))
		if err != nil && !t.tests(uai) {
			bad.say(true, placeOf(i), err.Error(), "")
		}
		bad.say(err == nil && canonical != uai, placeOf(i), fmt.Sprintf("UAI %q is not in its usual spelling", uai), string(canonical))
	}
	borrowed, err := d.borrowed(ctx, t, last, text)
	if err != nil {
		return err
	}
	return append(bad, borrowed...).err()
}

func placeOf(i int) string { return fmt.Sprintf("scope.uais[%d]", i) }

// tests tells whether a UAI is a registered test tenant's.
func (t *turn) tests(uai person.UAI) bool {
	school, _ := t.Establishment(uai)
	return school.Test
}

// form says everything that is wrong with a text before anybody judges it.
func (d *Desk) form(t *turn, v registry.Declaration) []registry.Finding {
	var tenants []string
	for i, uai := range v.Scope.UAIs {
		if t.tests(uai) {
			tenants = append(tenants, placeOf(i))
		}
	}
	found := slices.DeleteFunc(v.Check(), func(f registry.Finding) bool { return slices.Contains(tenants, f.Where) })
	return slices.Concat(found, d.Words.Check(v.Items, t.Rules(t.now)), t.succession(v))
}

// succession wants a version to have the controller of the one before it: another one answers in a declaration of its own,
// and so does another level, whose controller is another.
func (t *turn) succession(v registry.Declaration) []registry.Finding {
	older, ok := t.before(v)
	if !ok {
		return nil
	}
	var bad mistakes
	bad.say(v.Controller.Name != older.Controller.Name, "controller.name", "another controller answers in a declaration of its own", older.Controller.Name)
	bad.say(v.Scope.Level != older.Scope.Level, "scope.level", "another level has another controller, who answers in a declaration of its own", string(older.Scope.Level))
	return bad
}
