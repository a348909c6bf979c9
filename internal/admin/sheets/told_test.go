package sheets_test

import (
	"strings"
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

func TestASheetSaysWhenPeopleWereToldToTheirOwnSchoolAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Apply(t, registry.Change{Given: []registry.Given{{
		ID: "g-1", Service: "lire", UAI: desktest.College, Declaration: "d-1", Version: 1, To: registry.ReadCouncil, On: desktest.Day("2026-11-20"),
		How: registry.GivenAtMeeting, Office: "chef d'établissement", At: desktest.Start(),
	}}})
	frametest.Has(t, b.Get(t, b.Head(desktest.College), "/bureau/services/lire"), "Conseil informé le vendredi 20 novembre 2026 (d-1 v1).")
	if page := b.Get(t, b.Head(desktest.Other), "/bureau/services/lire"); strings.Contains(page, "20 novembre") {
		t.Errorf("another school reads it: %s", page)
	}
}
