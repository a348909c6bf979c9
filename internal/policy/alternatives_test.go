package policy_test

import (
	"slices"
	"testing"

	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

func TestForWhomAServiceIsOpenIsSaidOfAWholeAcademyOnly(t *testing.T) {
	t.Parallel()
	everybody := []person.Profile{person.Pupil, person.Teacher}
	for name, c := range map[string]struct {
		change func(*world)
		want   []person.Profile
	}{
		"open for the academy":      {func(*world) {}, everybody},
		"opened by one school":      {func(w *world) { w.local(ecole) }, nil},
		"suspended":                 {func(w *world) { w.Declarations[0].State = registry.Suspended }, nil},
		"over":                      {func(w *world) { w.Declarations[0].Until = date("2026-10-01") }, nil},
		"a newer version for fewer": {func(w *world) { w.next(2, registry.Narrower).Audience.Profiles = everybody[1:] }, everybody[1:]},
		"a newer version for a school": {func(w *world) {
			w.next(2, registry.Narrower).Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{ecole}}
		}, nil},
	} {
		w := newWorld(t)
		c.change(w)
		if got := policy.AcademyAudience(w.snapshot(), w.noon(), "lire"); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
	if got := policy.AcademyAudience(newWorld(t).snapshot(), newWorld(t).noon(), "nothing"); got != nil {
		t.Errorf("a service that nobody knows is for %v", got)
	}
}
