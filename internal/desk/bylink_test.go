package desk_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// Whoever holds the machine gives technical rights only, never approval.
func TestTheCommandLineAppointsNobodyWhoDecides(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	deciding := []registry.Role{
		registry.Directeur, registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur, registry.Collectivite,
	}
	for _, role := range registry.Roles() {
		a := proposed(role)
		a.Act = "Arrêté 2026-1"
		made, word, err := h.AppointByLink(t.Context(), a)
		if want := !slices.Contains(deciding, role); (err == nil) != want || (word != "") != want || (made.ID != "") != want {
			t.Errorf("%s: %v", role, err)
		}
	}
}

func TestTheDataProtectionOfficerIsToldOfWhatTheCommandLineAppointed(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	a, _, err := h.AppointByLink(t.Context(), proposed(registry.Admin))
	if err != nil {
		t.Fatal(err)
	}
	told := func(c roles.Caller) bool {
		t.Helper()
		tasks, err := h.Waiting(t.Context(), c)
		if err != nil {
			t.Fatal(err)
		}
		return slices.ContainsFunc(tasks, func(task desk.Task) bool { return task.Kind == "by_link" && task.About == a.ID })
	}
	for name, one := range map[string]struct {
		who  roles.Caller
		want bool
	}{
		"the officer": {h.DPO(), true}, "the recteur": {h.Recteur(), true}, "an administrator": {h.Admin(), false},
		"a head": {h.Head(desktest.College), false}, "a teacher": {h.Teacher(desktest.College), false},
	} {
		if got := told(one.who); got != one.want {
			t.Errorf("%s: %t", name, got)
		}
	}
	h.Wait(30*24*time.Hour - time.Second)
	if !told(h.DPO()) {
		t.Error("it is gone before a month")
	}
	h.Wait(time.Second)
	if told(h.DPO()) {
		t.Error("it stays for ever")
	}
}
