package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

func TestWhatABulkActWouldDoIsToldInNumbersAndNothingIsWritten(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	enabled(t, h, d, desktest.College)
	before := len(h.Entries(t))
	all := desk.Stance{Service: "lire", Declaration: d.ID, State: registry.Enabled, Where: desk.Where{Department: desktest.Department}}
	got, err := h.Foresee(t.Context(), h.DASEN(), all)
	if err != nil || got.Done != 1 || got.Pupils != 120 || got.Version != 1 || got.Others != 4 || !slices.Equal(got.UAIs, []person.UAI{desktest.Ecole}) {
		t.Errorf("%+v, %v", got, err)
	}
	got, err = h.Foresee(t.Context(), h.Head(desktest.College), desk.Stance{
		Service: "lire", Declaration: d.ID, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{desktest.College, desktest.College}},
	})
	if err != nil || got.Done != 0 || got.Unchanged != 1 || got.Pupils != 0 || got.Others != 0 || !slices.Equal(got.Same, []person.UAI{desktest.College}) {
		t.Errorf("%+v, %v", got, err)
	}
	_, err = h.Foresee(t.Context(), h.Head(desktest.College), stop(registry.RefusedHere, desktest.College, desktest.Other))
	isInvalid(t, err, "where.uais[1]")
	_, err = h.Foresee(t.Context(), h.Teacher(desktest.College), stop(registry.RefusedHere, desktest.College))
	isDenied(t, err, "role")
	if after := h.Entries(t); len(after) != before || len(h.Snapshot(t).Enablings()) != 1 {
		t.Errorf("%d entries became %d", before, len(after))
	}
}

func TestToRenewIsToAcceptTheNewestWhereAnOlderVersionIsEnabled(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	enabled(t, h, d, desktest.College, desktest.Lycee)
	wider := approved(t, h, h.Recteur(), opined(t, h, next(t, h, d.ID, widened), registry.Favourable))
	s := desk.Stance{Service: "lire", Declaration: d.ID, State: registry.Enabled, Renews: true, Where: desk.Where{UAIs: []person.UAI{desktest.Other}}}
	if got, err := h.Foresee(t.Context(), h.Head(desktest.Other), s); err != nil || got.Done != 0 || got.Unchanged != 1 {
		t.Errorf("where nothing was enabled: %+v, %v", got, err)
	}
	s.Where = desk.Where{Kind: registry.College}
	report, err := h.Decide(t.Context(), h.Head(desktest.College), s)
	if err != nil || report.Done != 1 {
		t.Fatalf("%+v, %v", report, explain(err))
	}
	snapshot := h.Snapshot(t)
	if e, _ := snapshot.Enabling("lire", desktest.College); e.Version != wider.Version {
		t.Errorf("the collège accepted v%d", e.Version)
	}
	if e, _ := snapshot.Enabling("lire", desktest.Lycee); e.Version != 1 {
		t.Errorf("the lycée accepted v%d", e.Version)
	}
	if _, ok := snapshot.Enabling("lire", desktest.Other); ok {
		t.Error("it was opened where it was not")
	}
	entries := slices.DeleteFunc(h.Entries(t), func(e audit.Entry) bool { return e.Action != "enabling_renew" })
	if len(entries) != 1 || entries[0].Version != wider.Version {
		t.Errorf("journal %+v", entries)
	}
}

func TestWhatWasSignedOnPaperIsAttestedForAChoiceOfSchools(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	claim := func(uai person.UAI) registry.Enabling {
		return registry.Enabling{
			Service: "lire", UAI: uai, State: registry.ClaimedOnPaper, Declaration: d.ID, Version: 1,
			Paper: &registry.Paper{Act: "CA-12", Date: desktest.Day("2026-06-30"), Signatory: "principal", Document: conformitytest.Hash("acte")},
		}
	}
	bad := claim(desktest.Lycee)
	bad.Paper = nil
	h.Apply(t, registry.Change{Enablings: []registry.Enabling{claim(desktest.College), claim(desktest.Ecole), bad}})
	refs, err := h.Claimed(t.Context(), h.DASEN(), "", desk.Where{Department: desktest.Department})
	if err != nil || len(refs) != 1 || refs[0].UAI != desktest.Ecole {
		t.Fatalf("%v, %v", refs, err)
	}
	if got, err := h.ForeseePapers(t.Context(), h.DASEN(), refs); err != nil || got.Done != 1 || got.Pupils != 120 {
		t.Errorf("%+v, %v", got, explain(err))
	}
	if refs, err := h.Claimed(t.Context(), h.Head(desktest.College), "calcul", desk.Where{UAIs: []person.UAI{desktest.College}}); err != nil || len(refs) != 0 {
		t.Errorf("of another service: %v, %v", refs, err)
	}
	_, err = h.Claimed(t.Context(), h.Head(desktest.College), "", desk.Where{UAIs: []person.UAI{desktest.College, desktest.Lycee}})
	isInvalid(t, err, "where.uais[1]")
	_, err = h.Claimed(t.Context(), h.Teacher(desktest.College), "", desk.Where{UAIs: []person.UAI{desktest.College}})
	isDenied(t, err, "role")
	if refs, err = h.Claimed(t.Context(), h.Head(desktest.Lycee), "", desk.Where{UAIs: []person.UAI{desktest.Lycee}}); err != nil || len(refs) != 1 {
		t.Fatalf("%v, %v", refs, err)
	}
	_, err = h.ForeseePapers(t.Context(), h.Head(desktest.Lycee), refs)
	conflicts(t, err, "state")
	if e, _ := h.Snapshot(t).Enabling("lire", desktest.Ecole); e.State != registry.ClaimedOnPaper {
		t.Errorf("foreseeing confirmed it: %s", e.State)
	}
}
