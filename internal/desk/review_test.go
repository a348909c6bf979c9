package desk_test

import (
	"fmt"
	"slices"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// enabled enables a version in some schools, each by its own controller.
func enabled(t *testing.T, h *desktest.House, d registry.Declaration, uais ...person.UAI) {
	t.Helper()
	for _, uai := range uais {
		c := h.Head(uai)
		if uai == desktest.Ecole {
			c = h.DASEN()
		}
		if _, err := h.Decide(t.Context(), c, desk.Stance{
			Service: d.ServiceID, Declaration: d.ID, Version: d.Version, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{uai}},
		}); err != nil {
			t.Fatal(explain(err))
		}
	}
}

func TestTheSheetShowsWhatChangesWhomItReachesAndWhatIsMissing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	enabled(t, h, d, desktest.Ecole, desktest.College, desktest.Lycee)
	if _, err := h.Decide(t.Context(), h.Head(desktest.Lycee), desk.Stance{
		Service: "lire", State: registry.RefusedHere, Reason: "non", Where: desk.Where{UAIs: []person.UAI{desktest.Lycee}},
	}); err != nil {
		t.Fatal(err)
	}
	wider := next(t, h, d.ID, widened)
	sheet, err := h.Sheet(t.Context(), h.DRANE(), ref(wider))
	if err != nil {
		t.Fatal(err)
	}
	if sheet.Schools != 4 || sheet.Pupils != 120+400+350 || sheet.Waiting != 2 {
		t.Errorf("%d schools, %d pupils, %d waiting", sheet.Schools, sheet.Pupils, sheet.Waiting)
	}
	if sheet.Before != 1 || sheet.Change != registry.Wider || sheet.Standing != registry.Standing(registry.Submitted) || sheet.Tag != desk.Tag(wider) {
		t.Errorf("before %d, change %s, standing %s", sheet.Before, sheet.Change, sheet.Standing)
	}
	if !slices.ContainsFunc(sheet.Changes, func(c registry.Difference) bool { return c.Wider }) {
		t.Errorf("changes %+v", sheet.Changes)
	}
	if len(sheet.Missing) != 1 || sheet.Missing[0].Rule != "opinion" {
		t.Errorf("missing %+v", sheet.Missing)
	}
	opined(t, h, wider, registry.Favourable)
	if sheet, err = h.Sheet(t.Context(), h.DRANE(), ref(wider)); err != nil || len(sheet.Missing) != 0 {
		t.Errorf("missing %+v, %v", sheet.Missing, err)
	}
}

func TestHardCase40TestTenantsAndClosedSchoolsAreInNoNumber(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	before, err := h.Sheet(t.Context(), h.DRANE(), ref(d))
	if err != nil {
		t.Fatal(err)
	}
	h.Apply(t, registry.Change{Establishments: []registry.Establishment{
		{UAI: "0289999X", Name: "Essai", Kind: registry.College, Academy: desktest.Academy, Department: "028", Pupils: 5000, Test: true},
		{UAI: "0281111F", Name: "Fermé", Kind: registry.College, Academy: desktest.Academy, Department: "028", Pupils: 100, ClosedOn: desktest.Day("2026-08-31")},
	}})
	after, err := h.Sheet(t.Context(), h.DRANE(), ref(d))
	if err != nil || after.Schools != before.Schools || after.Pupils != before.Pupils {
		t.Errorf("%d schools and %d pupils became %d and %d, %v", before.Schools, before.Pupils, after.Schools, after.Pupils, err)
	}
}

func TestNoRoleSeesAnotherSchoolsDrafts(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	own := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	theirs := begun(t, h, h.Provider(), desktest.Reading())
	for name, who := range map[string]struct {
		c    roles.Caller
		sees []string
	}{
		"its head": {h.Head(desktest.College), []string{own.ID}}, "another head": {h.Head(desktest.Other), nil},
		"a teacher there": {h.Teacher(desktest.College), nil}, "the provider": {h.Provider(), []string{own.ID, theirs.ID}},
		"the academy": {h.DRANE(), []string{own.ID, theirs.ID}}, "support": {h.Support(), nil}, "a stranger": {h.Stranger(), nil},
	} {
		found, err := h.Find(t.Context(), who.c, desk.Query{Service: "lire"})
		var ids []string
		for _, d := range found {
			ids = append(ids, d.ID)
		}
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, who.sees) {
			t.Errorf("%s sees %v, want %v; %v", name, ids, who.sees, err)
		}
		for _, d := range []registry.Declaration{own, theirs} {
			_, err := h.Sheet(t.Context(), who.c, ref(d))
			if seen := slices.Contains(who.sees, d.ID); seen != (err == nil) {
				t.Errorf("%s asks for the sheet of %s: %v", name, d.ID, err)
			} else if !seen {
				isMissing(t, err)
			}
		}
	}
	approved(t, h, h.Head(desktest.College), opined(t, h, own, registry.Favourable))
	if found, err := h.Find(t.Context(), h.Teacher(desktest.Other), desk.Query{Service: "lire"}); err != nil || len(found) != 1 {
		t.Errorf("what is approved is a public register: %v, %v", found, err)
	}
}

func TestFindNarrows(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	academy := inForce(t, h, desktest.Reading())
	text := desktest.ForSchools(desktest.Other)
	text.ServiceID, text.Purposes = "calcul", []registry.Text{{FR: "Compter juste"}}
	school := begun(t, h, h.Head(desktest.Other), text)
	house := "ecluse-2026"
	for _, c := range []struct {
		q    desk.Query
		want []string
	}{
		{desk.Query{}, []string{academy.ID, school.ID, house}},
		{desk.Query{Service: "calcul"}, []string{school.ID}},
		{desk.Query{ID: academy.ID}, []string{academy.ID}},
		{desk.Query{Standing: registry.Active}, []string{academy.ID, house}},
		{desk.Query{Standing: registry.Standing(registry.Draft)}, []string{school.ID}},
		{desk.Query{UAI: string(desktest.College)}, []string{academy.ID, house}},
		{desk.Query{UAI: string(desktest.Other), Standing: registry.Standing(registry.Draft)}, []string{school.ID}},
		{desk.Query{UAI: "0000000A"}, nil},
		{desk.Query{Text: "compter JUSTE"}, []string{school.ID}},
		{desk.Query{Text: "éditions du canal", Service: "lire"}, []string{academy.ID}},
		{desk.Query{Text: "nothing says this"}, nil},
	} {
		found, err := h.Find(t.Context(), h.DRANE(), c.q)
		var ids []string
		for _, d := range found {
			ids = append(ids, d.ID)
		}
		slices.Sort(ids)
		if err != nil || !slices.Equal(ids, c.want) {
			t.Errorf("%+v finds %v, want %v; %v", c.q, ids, c.want, err)
		}
	}
}

// tasks are those of somebody, in words.
func tasks(t *testing.T, h *desktest.House, c roles.Caller) []string {
	t.Helper()
	all, err := h.Waiting(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, task := range all {
		out = append(out, fmt.Sprintf("%s %s %s %d", task.Kind, task.About, task.UAI, task.Count))
	}
	return out
}

func waits(t *testing.T, h *desktest.House, who string, c roles.Caller, want ...string) {
	t.Helper()
	got := tasks(t, h, c)
	got = slices.DeleteFunc(got, func(s string) bool { return len(s) > 12 && s[:12] == "model_review" })
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("for %s wait %q, want %q", who, got, want)
	}
}

func TestEachStepWaitsForThoseWhoMayTakeIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	one := "2026-001 v1"
	waits(t, h, "the DRANE", h.DRANE(), "review "+one+"  0")
	waits(t, h, "the DPO", h.DPO(), "opinion "+one+"  0")
	waits(t, h, "the recteur", h.Recteur(), "review "+one+"  0")
	waits(t, h, "a head", h.Head(desktest.College))
	opined(t, h, d, registry.Favourable)
	waits(t, h, "the DPO, after", h.DPO())
	waits(t, h, "the recteur, after", h.Recteur(), "review "+one+"  0", "approve "+one+"  0")
	approved(t, h, h.Recteur(), d)
	waits(t, h, "the recteur, approved", h.Recteur())

	back := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	if _, err := h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(back), Notes: []registry.Remark{{Where: "items", What: "moins"}}}); err != nil {
		t.Fatal(explain(err))
	}
	waits(t, h, "the assistant", h.Assistant(), "correct "+back.ID+" v1  0")
	waits(t, h, "another head", h.Head(desktest.Other))
}

func TestAWiderVersionWaitsForEachSchoolThatHadAcceptedTheOther(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	enabled(t, h, d, desktest.College, desktest.Lycee)
	h.Apply(t, registry.Change{Establishments: []registry.Establishment{
		{UAI: "0280404M", Name: "Autre école", Kind: registry.Ecole, Academy: desktest.Academy, Department: desktest.Department},
	}})
	enabled(t, h, d, desktest.Ecole)
	if _, err := h.Decide(t.Context(), h.DASEN(), desk.Stance{
		Service: "lire", Declaration: d.ID, Version: 1, State: registry.Enabled, Where: desk.Where{UAIs: []person.UAI{"0280404M"}},
	}); err != nil {
		t.Fatal(explain(err))
	}
	approved(t, h, h.Recteur(), next(t, h, d.ID, renewed))
	waits(t, h, "a head, renewed", h.Head(desktest.College))
	wider := approved(t, h, h.Recteur(), opined(t, h, next(t, h, d.ID, widened), registry.Favourable))
	about := desk.Ref{ID: wider.ID, Version: wider.Version}.String()
	waits(t, h, "a head", h.Head(desktest.College), "accept "+about+" "+string(desktest.College)+" 0")
	waits(t, h, "the DASEN", h.DASEN(), "accept "+about+"  2")
	waits(t, h, "a head who never enabled it", h.Head(desktest.Other))
	enabled(t, h, wider, desktest.College)
	waits(t, h, "a head who accepted", h.Head(desktest.College))
}

func TestWhatEndsBeforeLongIsToldWhileThereIsTime(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-01-31")
	d := inForce(t, h, text)
	waits(t, h, "the DRANE, early", h.DRANE())
	h.Day("2026-12-15")
	all, err := h.Waiting(t.Context(), h.DRANE())
	if err != nil || len(all) != 1 || all[0].Kind != "expiry" || all[0].Until != "2027-01-31" {
		t.Fatalf("%+v, %v", all, err)
	}
	approved(t, h, h.Recteur(), next(t, h, d.ID, func(v *registry.Declaration) {
		v.From, v.Until = desktest.Day("2027-02-01"), desktest.Day("2027-08-31")
	}))
	waits(t, h, "the DRANE, renewed", h.DRANE())

	h.Day("2027-05-20") // the terms were accepted on 15 June 2026
	all, err = h.Waiting(t.Context(), h.DRANE())
	if err != nil || !slices.ContainsFunc(all, func(task desk.Task) bool {
		return task.Kind == "terms" && task.About == d.ID+" v2" && task.Until == "2027-07-15"
	}) {
		t.Fatalf("%+v, %v", all, err)
	}
	if _, err := h.ConfirmTerms(t.Context(), h.DRANE(), desk.Move{Ref: desk.Ref{ID: d.ID, Version: 2}}, "2026-1"); err != nil {
		t.Fatal(explain(err))
	}
	if got := tasks(t, h, h.DRANE()); slices.Contains(got, "terms "+d.ID+" v2  0") {
		t.Errorf("confirmed terms are asked for again: %v", got)
	}
}

func TestAdheringToTheGatewaysOwnEntryWaitsForEachHead(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	all := h.Snapshot(t).Declarations(registry.House)[0]
	each := all
	each.ID, each.Scope.All, each.Decisions = "ecluse-2027", false, nil
	waits(t, h, "a head, covered", h.Head(desktest.College))
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{each}})
	waits(t, h, "a head", h.Head(desktest.College), "enable ecluse-2027 v1 "+string(desktest.College)+" 0")
	if got := tasks(t, h, h.Teacher(desktest.College)); len(got) != 0 {
		t.Errorf("a teacher is told %q", got)
	}
}

func TestAppointmentsAndPapersWaitForThoseWhoConfirmThem(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	a, _, err := h.Appoint(t.Context(), h.Admin(), registry.Appointment{
		Role: registry.Support, Over: registry.Over{Academies: []string{desktest.Academy}}, Reason: "renfort de rentrée",
		From: desktest.Day("2026-11-22"), Until: desktest.Day("2027-02-22"),
	})
	if err != nil {
		t.Fatal(explain(err))
	}
	waits(t, h, "the DPO", h.DPO(), "appointment "+a.ID+"  0")
	waits(t, h, "the administrator", h.Admin())
	h.Apply(t, registry.Change{Enablings: []registry.Enabling{claimed(desktest.College, d), claimed(desktest.Ecole, d)}})
	waits(t, h, "a head", h.Head(desktest.College), "paper lire "+string(desktest.College)+" 0")
	waits(t, h, "another", h.Head(desktest.Other))
}
