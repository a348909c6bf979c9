package roles_test

import (
	"testing"
	"time"

	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAHeadIsControllerOfTheirOwnSchoolOnly(t *testing.T) {
	t.Parallel()
	s, head := newWorld().snapshot(), by(registry.HeadOfSchool, college)
	in := may(t, s, head, roles.Enable, schools(college))
	if in.Role != registry.HeadOfSchool || in.Office != "chef d'établissement" || in.Under != "" {
		t.Errorf("the capacity is %+v", in)
	}
	mayNot(t, s, head, roles.Enable, schools(college2), "perimeter")
	mayNot(t, s, head, roles.Enable, schools(college, college2), "perimeter")
	mayNot(t, s, head, roles.Enable, schools(unheard), "perimeter")
	mayNot(t, s, head, roles.Enable, schools(), "perimeter")
	mayNot(t, s, by(registry.HeadOfSchool, unheard), roles.Enable, schools(unheard), "perimeter")
}

func TestTheHeadOfAPrivateSchoolIsItsController(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	may(t, s, by(registry.HeadOfSchool, private), roles.Enable, schools(private))
	w := newWorld()
	w.appoint("h-dasen", registry.DASEN, registry.Over{Departments: []string{"028"}})
	mayNot(t, w.snapshot(), roles.Caller{Handle: "h-dasen"}, roles.Enable, schools(private), "perimeter")
}

func TestNobodyIsHeadOfAPublicEcole(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	mayNot(t, s, by(registry.HeadOfSchool, ecole), roles.Enable, schools(ecole), "perimeter")
	mayNot(t, s, by(registry.Deputy, ecole), roles.Enable, schools(ecole), "perimeter")
	mayNot(t, s, by(registry.HeadOfSchool, ecole), roles.SuspendLocally, schools(ecole), "perimeter")
}

func TestADirecteurSuspendsInTheirEcoleAndNeverApproves(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-ien", registry.IEN, registry.Over{Circonscriptions: []string{string(inspects)}})
	s := w.snapshot()
	for _, c := range []roles.Caller{by(registry.Directeur, ecole, college), {Handle: "h-ien"}} {
		for _, act := range []roles.Act{roles.Propose, roles.AttestPaper, roles.SuspendLocally} {
			may(t, s, c, act, schools(ecole))
			mayNot(t, s, c, act, schools(ecole2), "perimeter")
			mayNot(t, s, c, act, schools(college), "perimeter")
			mayNot(t, s, c, act, schools(ecole, ecole2), "perimeter")
		}
		for _, act := range []roles.Act{roles.Enable, roles.Approve, roles.Lift, roles.ConfirmPaper, roles.Draft, roles.Suspend} {
			mayNot(t, s, c, act, schools(ecole), "role")
		}
	}
}

func TestTheDASENIsControllerOfPublicEcolesAndTheLevelAboveOtherSchools(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-dasen", registry.DASEN, registry.Over{Departments: []string{"028"}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-dasen"}
	may(t, s, c, roles.Enable, schools(ecole, ecole2))
	mayNot(t, s, c, roles.Enable, schools(ecole, college), "perimeter")
	mayNot(t, s, c, roles.Enable, schools(farEcole), "perimeter")
	may(t, s, c, roles.SuspendLocally, schools(college, private, ecole))
	mayNot(t, s, c, roles.SuspendLocally, schools(far), "perimeter")
	may(t, s, c, roles.Approve, about(declared(registry.ByDepartment, "028")))
	mayNot(t, s, c, roles.Approve, about(declared(registry.ByDepartment, "028", "037")), "perimeter")
	may(t, s, c, roles.Approve, about(declared(registry.ByEstablishment, string(ecole))))
	mayNot(t, s, c, roles.Approve, about(declared(registry.ByEstablishment, string(college))), "perimeter")
	mayNot(t, s, c, roles.Approve, about(declared(registry.ByAcademy, "exemple")), "perimeter")
}

func TestTheRecteurDecidesForTheAcademyAndItsOffices(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	s, c := w.snapshot(), roles.Caller{Handle: "h-recteur"}
	may(t, s, c, roles.Approve, about(declared(registry.ByAcademy, "exemple")))
	mayNot(t, s, c, roles.Approve, about(declared(registry.ByAcademy, "exemple", "ailleurs")), "perimeter")
	mayNot(t, s, c, roles.Approve, about(declared(registry.ByAcademy)), "perimeter")
	mayNot(t, s, c, roles.Approve, about(declared("everywhere")), "perimeter")
	may(t, s, c, roles.Enable, schools(office, inspects))
	mayNot(t, s, c, roles.Enable, schools(college), "perimeter")
	mayNot(t, s, c, roles.Enable, schools(ecole), "perimeter")
	may(t, s, c, roles.SuspendLocally, schools(college, ecole))
	may(t, s, c, roles.OpenInCrisis, roles.Target{Service: "lecture", Academy: "exemple"})
	mayNot(t, s, c, roles.OpenInCrisis, roles.Target{Service: "lecture", Academy: "ailleurs"}, "perimeter")
	mayNot(t, s, c, roles.OpenInCrisis, roles.Target{Service: "lecture"}, "perimeter")
	may(t, s, c, roles.ApproveSource, roles.Target{Source: "annuaire"})
	may(t, s, c, roles.Lift, roles.Target{Service: "lecture"})
}

func TestTheRecteurDecidesInAHeadsPlaceOnlyAfterAnUnfavourableOpinion(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	s, c := w.snapshot(), roles.Caller{Handle: "h-recteur"}
	for _, d := range []*registry.Declaration{
		declared(registry.ByEstablishment, string(college)), declared(registry.ByDepartment, "028"),
	} {
		mayNot(t, s, c, roles.Approve, about(d), "perimeter")
		d.Opinions = []registry.Opinion{{Value: registry.Favourable}, {Value: registry.Unfavourable}}
		may(t, s, c, roles.Approve, about(d))
		d.Opinions = append(d.Opinions, registry.Opinion{Value: registry.WithReservations})
		mayNot(t, s, c, roles.Approve, about(d), "perimeter")
	}
	d := declared(registry.ByEstablishment, string(college), string(far))
	d.Opinions = []registry.Opinion{{Value: registry.Unfavourable}}
	mayNot(t, s, c, roles.Approve, about(d), "perimeter")
}

func TestADeclarationForSeveralSchoolsIsApprovedByTheControllerOfOne(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	d := declared(registry.ByEstablishment, string(college), string(college2), string(ecole))
	may(t, s, by(registry.HeadOfSchool, college), roles.Approve, about(d))
	mayNot(t, s, by(registry.HeadOfSchool, private), roles.Approve, about(d), "perimeter")
	mayNot(t, s, by(registry.HeadOfSchool, ecole), roles.Approve, about(d), "perimeter")
}

func TestAuthorAndApproverDiffer(t *testing.T) {
	t.Parallel()
	s, d := newWorld().snapshot(), declared(registry.ByEstablishment, string(college))
	head := by(registry.HeadOfSchool, college)
	may(t, s, head, roles.Approve, about(d))
	d.Author = head.Handle
	mayNot(t, s, head, roles.Approve, about(d), "own_act")
	may(t, s, head, roles.Draft, about(d))
	w := newWorld()
	w.appoint("h-dpo", registry.DPO, inAcademy("exemple"))
	on := roles.Target{Role: registry.Assistant, Over: at(college), Author: "h-head"}
	may(t, w.snapshot(), roles.Caller{Handle: "h-dpo"}, roles.ConfirmAppoint, on)
	on.Author = "h-dpo"
	mayNot(t, w.snapshot(), roles.Caller{Handle: "h-dpo"}, roles.ConfirmAppoint, on, "own_act")
}

func TestWithNoHeadInOfficeNothingNewOpensAndTheLevelAboveMaySuspend(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	w.appoint("h-dasen", registry.DASEN, registry.Over{Departments: []string{"028"}})
	s := w.snapshot()
	d := declared(registry.ByEstablishment, string(vacant))
	for _, c := range []roles.Caller{by(registry.HeadOfSchool, vacant), {Handle: "h-recteur"}, {Handle: "h-dasen"}} {
		mayNot(t, s, c, roles.Enable, schools(vacant), "perimeter")
		mayNot(t, s, c, roles.Approve, about(d), "perimeter")
		may(t, s, c, roles.SuspendLocally, schools(vacant))
	}
	may(t, s, by(registry.Deputy, vacant), roles.Enable, schools(vacant)) // an interim head holds a dated delegation
}

func TestAClosedSchoolHasNoController(t *testing.T) {
	t.Parallel()
	w := newWorld()
	mayNot(t, w.snapshot(), by(registry.HeadOfSchool, shut), roles.Enable, schools(shut), "perimeter")
	lastDay := time.Date(2026, 8, 31, 23, 59, 59, 0, zone)
	head := by(registry.HeadOfSchool, shut)
	head.Held[0].From = lastDay.Add(-time.Hour)
	if _, err := roles.May(w.snapshot(), lastDay, head, roles.Enable, schools(shut)); err != nil {
		t.Errorf("on the last day: %v", err)
	}
	w.Establishments[3].Closed = true
	mayNot(t, w.snapshot(), by(registry.HeadOfSchool, college), roles.Enable, schools(college), "perimeter")
}

func TestAKindThatNobodyKnowsHasNoController(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.Establishments[3].Kind = "campus"
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	mayNot(t, w.snapshot(), by(registry.HeadOfSchool, college), roles.Enable, schools(college), "perimeter")
	mayNot(t, w.snapshot(), roles.Caller{Handle: "h-recteur"}, roles.Enable, schools(college), "perimeter")
}

func TestACiteScolaireIsDecidedForSchoolBySchoolOrForBothByWhoHeadsBoth(t *testing.T) {
	t.Parallel()
	s := newWorld().snapshot()
	both := by(registry.HeadOfSchool, college)
	both.Held = append(both.Held, by(registry.HeadOfSchool, college2).Held...)
	may(t, s, both, roles.Enable, schools(college, college2))
	mixed := by(registry.HeadOfSchool, college)
	mixed.Held = append(mixed.Held, by(registry.Deputy, college2).Held...)
	mayNot(t, s, mixed, roles.Enable, schools(college, college2), "perimeter")
	for _, uai := range []person.UAI{college, college2} {
		may(t, s, mixed, roles.Enable, schools(uai))
	}
}
