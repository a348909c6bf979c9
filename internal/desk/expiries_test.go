package desk_test

import (
	"fmt"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ends says in words what ends when: "2027-08 lire-1 v1: 2 schools, 520 pupils".
func ends(t *testing.T, h *desktest.House, c roles.Caller) (out []string) {
	t.Helper()
	months, err := h.Calendar(t.Context(), c, 24)
	if err != nil || len(months) != 24 {
		t.Fatalf("%d months, %v", len(months), err)
	}
	for _, m := range months {
		for _, e := range m.Expiries {
			if e.Service != registry.House {
				out = append(out, fmt.Sprintf("%d-%02d v%d: %d, %d", m.Year, m.Month, e.Version, e.Schools, e.Pupils))
			}
		}
	}
	return out
}

func wantEnds(t *testing.T, h *desktest.House, c roles.Caller, want ...string) {
	t.Helper()
	if got := ends(t, h, c); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("at %s: %q, want %q", h.Now().Format(time.DateOnly), got, want)
	}
}

func refuse(t *testing.T, h *desktest.House, uai person.UAI, state registry.EnablingState) {
	t.Helper()
	if _, err := h.Decide(t.Context(), h.Head(uai), desk.Stance{Service: "lire", State: state, Reason: "non", Where: desk.Where{UAIs: []person.UAI{uai}}}); err != nil {
		t.Fatal(explain(err))
	}
}

func TestTheCalendarCountsTheSchoolsAndPupilsThatAnEndCloses(t *testing.T) {
	t.Parallel()
	desktest.OnEach(t, func(t *testing.T, h *desktest.House) {
		text := desktest.Reading()
		text.Until = desktest.Day("2027-03-31")
		d := inForce(t, h, text)
		wantEnds(t, h, h.DPO())
		enabled(t, h, d, desktest.Ecole, desktest.College, desktest.Lycee)
		wantEnds(t, h, h.DPO(), "2027-03 v1: 3, 1420")
		refuse(t, h, desktest.Lycee, registry.RefusedHere)
		wantEnds(t, h, h.DPO(), "2027-03 v1: 2, 520")
		refuse(t, h, desktest.College, registry.SuspendedHere)
		wantEnds(t, h, h.DPO(), "2027-03 v1: 1, 120")
		h.Day("2027-04-01")
		wantEnds(t, h, h.DPO())
	})
}

func TestWhatCoversTheAcademyCountsEverySchoolButThoseThatSaidNo(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All, text.Until = true, desktest.Day("2027-03-31")
	inForce(t, h, text)
	wantEnds(t, h, h.DPO(), "2027-03 v1: 5, 1770")
	refuse(t, h, desktest.Lycee, registry.RefusedHere)
	wantEnds(t, h, h.DPO(), "2027-03 v1: 4, 870")
	refuse(t, h, desktest.Lycee, registry.Withdrawn)
	wantEnds(t, h, h.DPO(), "2027-03 v1: 5, 1770")
	h.Apply(t, registry.Change{Establishments: []registry.Establishment{
		{UAI: "0289999X", Kind: registry.College, Academy: desktest.Academy, Department: desktest.Department, Pupils: 5000, Test: true},
		{UAI: "0281111F", Kind: registry.College, Academy: desktest.Academy, Department: desktest.Department, Pupils: 100, Closed: true},
	}})
	wantEnds(t, h, h.DPO(), "2027-03 v1: 5, 1770")
}

func TestTheDepartmentsDeclarationCountsItsPublicEcoles(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.ForDepartment()
	text.Until = desktest.Day("2027-03-31")
	approved(t, h, h.DASEN(), opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable))
	wantEnds(t, h, h.DASEN(), "2027-03 v1: 1, 120")
	wantEnds(t, h, h.Head(desktest.College))
}

func TestEachCountsOnlyTheSchoolsWhoseRegisterTheyKeep(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	enabled(t, h, inForce(t, h, text), desktest.College, desktest.Other)
	wantEnds(t, h, h.Head(desktest.College), "2027-03 v1: 1, 400")
	wantEnds(t, h, h.Head(desktest.Other), "2027-03 v1: 1, 350")
	wantEnds(t, h, h.Head(desktest.Lycee))
	wantEnds(t, h, h.Teacher(desktest.College))
	wantEnds(t, h, h.Support())
	wantEnds(t, h, h.Auditor(), "2027-03 v1: 2, 750")
	wantEnds(t, h, h.Provider(), "2027-03 v1: 0, 0") // whose renewal they may begin, and whose schools they do not count
	_, err := h.Calendar(t.Context(), h.Stranger(), 12)
	isDenied(t, err, "role")
}

func TestARenewalTakesASchoolAlongAndAWiderVersionWaitsForIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	d := inForce(t, h, text)
	enabled(t, h, d, desktest.College, desktest.Other)
	second := next(t, h, d.ID, func(d *registry.Declaration) {
		d.From, d.Until = desktest.Day("2027-04-01"), desktest.Day("2027-06-30")
	})
	wantEnds(t, h, h.DPO(), "2027-03 v1: 2, 750")
	approved(t, h, h.Recteur(), second)
	wantEnds(t, h, h.DPO(), "2027-06 v2: 2, 750")
	wider := approved(t, h, h.Recteur(), opined(t, h, next(t, h, d.ID, func(d *registry.Declaration) {
		widened(d)
		d.From, d.Until = desktest.Day("2026-11-01"), desktest.Day("2027-07-10")
	}), registry.Favourable))
	wantEnds(t, h, h.DPO(), "2027-06 v2: 2, 750")
	enabled(t, h, wider, desktest.Other)
	wantEnds(t, h, h.DPO(), "2027-06 v2: 1, 400", "2027-07 v3: 1, 350")
}

func TestAVersionThatBeginsTooLateLeavesAGap(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Until = desktest.Day("2027-03-31")
	d := inForce(t, h, text)
	enabled(t, h, d, desktest.College)
	approved(t, h, h.Recteur(), next(t, h, d.ID, func(d *registry.Declaration) {
		d.From, d.Until = desktest.Day("2027-05-01"), desktest.Day("2027-06-30")
	}))
	wantEnds(t, h, h.DPO(), "2027-03 v1: 1, 400")
}

func TestTheCalendarSaysWhyAndWhatComesNext(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	enabled(t, h, d, desktest.College)
	one := func(c roles.Caller) desk.Expiry {
		t.Helper()
		months, err := h.Calendar(t.Context(), c, 24)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range months {
			for _, e := range m.Expiries {
				if e.Service == "lire" {
					return e
				}
			}
		}
		t.Fatal("nothing ends")
		return desk.Expiry{}
	}
	if e := one(h.DRANE()); e.Why != policy.LapseTerms || !e.Renewable || e.Approves || e.Next.Version != 0 || e.Level != registry.ByAcademy {
		t.Errorf("%+v", e)
	}
	if e := one(h.DPO()); e.Renewable {
		t.Errorf("the officer drafts nothing: %+v", e)
	}
	made, err := h.Prolong(t.Context(), h.DRANE(), []string{d.ID}, desktest.Day("2028-08-31"))
	if err != nil {
		t.Fatal(explain(err))
	}
	if e := one(h.Recteur()); !e.Approves || e.Renewable || e.Next != made[0] || e.Standing != registry.Submitted {
		t.Errorf("%+v", e)
	}
	if e := one(h.DRANE()); e.Approves || e.Renewable {
		t.Errorf("who began it decides nothing: %+v", e)
	}
	if e := one(h.Head(desktest.College)); e.Next.Version != 0 && e.Approves {
		t.Errorf("the head sees no draft of the academy's: %+v", e)
	}
}

func TestTwoServicesThatEndInOneMonthCountASchoolOnceThere(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All, text.Until = true, desktest.Day("2027-03-31")
	text.Scope.Academies = []string{desktest.Academy, desktest.Academy}
	first := inForce(t, h, text)
	second := first
	second.ID, second.ServiceID = "calcul-1", "calcul"
	third := desktest.ForDepartment()
	third.ID, third.ServiceID, third.Version, third.State, third.Decisions = "calcul-2", "calcul", 1, registry.Approved, first.Decisions
	third.Until = desktest.Day("2027-04-30")
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{second, third}})
	for _, said := range []bool{false, true} { // the one way in which it is counted and the other
		schools := 5
		if said {
			suspendedBy(t, h)
			schools = 4
		}
		months, err := h.Calendar(t.Context(), h.DPO(), 6)
		if err != nil {
			t.Fatal(err)
		}
		march, april := months[4], months[5]
		if len(march.Expiries) != 2 || march.Schools != schools || march.Pupils != 1770 || march.Expiries[0].Pupils != 1770 || march.Expiries[1].Pupils != 1770 {
			t.Errorf("said %t: %+v", said, march)
		}
		if len(april.Expiries) != 1 || april.Schools != 1 || april.Pupils != 120 {
			t.Errorf("said %t: %+v", said, april)
		}
	}
}

// suspendedBy has a service of the rectorat, without pupils, say something.
func suspendedBy(t *testing.T, h *desktest.House) {
	t.Helper()
	for _, service := range []string{"lire", "calcul"} {
		if _, err := h.Decide(t.Context(), h.Recteur(), desk.Stance{
			Service: service, State: registry.SuspendedHere, Reason: "essai", Where: desk.Where{UAIs: []person.UAI{desktest.Service}},
		}); err != nil {
			t.Fatal(explain(err))
		}
	}
}
