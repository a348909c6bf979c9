package desk_test

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
)

// TestOneStepUpCoversOneBulkActAndNotOneOfMoreSchools has the head of two establishments start a service again in both.
func TestOneStepUpCoversOneBulkActAndNotOneOfMoreSchools(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	both := []person.UAI{right(veil), right(far)}
	head := at("head-of-both", registry.HeadOfSchool, both...)
	ok[desk.Report](t)(p.Decide(t.Context(), head, enable(both...)))
	ok[desk.Report](t)(p.Decide(t.Context(), head, stop(registry.SuspendedHere, both...)))
	kept := &shown{}
	p.StepUps = kept
	_, err := p.Decide(t.Context(), head, enable(both[0]))
	one := wantsStepUp(t, err).Key
	_, err = p.Decide(t.Context(), head, enable(both...))
	needed := wantsStepUp(t, err).Key
	if needed == one {
		t.Fatal("a step-up for one establishment would do for two")
	}
	kept.keys = []string{one}
	if _, err = p.Decide(t.Context(), head, enable(both...)); err == nil {
		t.Fatal("it did")
	}
	kept.keys, kept.asked = []string{needed}, nil
	report := ok[desk.Report](t)(p.Decide(t.Context(), head, enable(both...)))
	if report.Done != 2 || len(kept.asked) != 1 {
		t.Errorf("%d establishments by %d step-ups, want 2 by 1", report.Done, len(kept.asked))
	}
	all := p.kept("enabling_enable")
	if last := all[len(all)-1]; last.Detail["step_up"] != "totp" {
		t.Errorf("the journal has %+v", last)
	}
}
