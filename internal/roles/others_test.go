package roles_test

import (
	"slices"
	"testing"

	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestHardCase18ATeacherAloneProposesAndOpensNothing(t *testing.T) {
	t.Parallel()
	s, c := newWorld().snapshot(), by(registry.Staff, college)
	may(t, s, c, roles.Propose, schools(college))
	mayNot(t, s, c, roles.Propose, schools(college2), "perimeter")
	d := declared(registry.ByEstablishment, string(college))
	for _, act := range []roles.Act{
		roles.Draft, roles.Approve, roles.Enable, roles.SuspendLocally, roles.Suspend, roles.Lift, roles.Instruct, roles.Opine,
		roles.ConfirmPaper, roles.AttestPaper, roles.ReadDrafts, roles.AnswerWish, roles.ReadJournal, roles.Export,
	} {
		mayNot(t, s, c, act, roles.Target{Service: "lecture", Declaration: d, UAIs: schools(college).UAIs}, "role")
	}
}

func TestTheDataProtectionOfficerGivesOpinionsAndNeverApproves(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-dpo", registry.DPO, inAcademy("exemple"))
	w.appoint("h-own", registry.DPO, at(private))
	s, dpo, own := w.snapshot(), roles.Caller{Handle: "h-dpo"}, roles.Caller{Handle: "h-own"}
	wide, local := declared(registry.ByAcademy, "exemple"), declared(registry.ByEstablishment, string(private))
	for _, d := range []*registry.Declaration{wide, local} {
		for _, act := range []roles.Act{roles.Opine, roles.Suspend, roles.ReadDrafts, roles.Read} {
			may(t, s, dpo, act, about(d))
		}
		for _, act := range []roles.Act{roles.Approve, roles.Draft, roles.Lift, roles.Instruct, roles.Enable, roles.Archive} {
			mayNot(t, s, dpo, act, about(d), "role")
		}
	}
	may(t, s, own, roles.Opine, about(local))
	may(t, s, dpo, roles.Opine, roles.Target{}) // a model of the catalogue
	may(t, s, dpo, roles.SignRules, roles.Target{})
	for _, act := range []roles.Act{roles.Opine, roles.Suspend, roles.ReadDrafts} {
		mayNot(t, s, own, act, about(wide), "perimeter")
	}
	mayNot(t, s, own, roles.Opine, about(declared(registry.ByEstablishment, string(private), string(college))), "perimeter")
	mayNot(t, s, own, roles.Opine, roles.Target{}, "perimeter")
	mayNot(t, s, own, roles.SignRules, roles.Target{}, "perimeter")
}

func TestTheOfficerOfAnotherBodyLooksAfterWhatItRunsAndGivesNoOpinionThatApprovalNeeds(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-body", registry.DPO, registry.Over{Services: []string{"lecture"}, Sources: []string{"ent"}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-body"}
	wide, local := declared(registry.ByAcademy, "exemple"), declared(registry.ByEstablishment, string(college))
	for _, d := range []*registry.Declaration{wide, local, declared("")} {
		for _, act := range []roles.Act{roles.ReadDrafts, roles.ReadPapers, roles.OpineBeside, roles.Suspend} {
			may(t, s, c, act, about(d))
		}
		mayNot(t, s, c, roles.Opine, about(d), "perimeter")
		for _, act := range []roles.Act{roles.Approve, roles.Draft, roles.Lift, roles.Instruct, roles.Enable, roles.Archive, roles.ConfirmPaper} {
			mayNot(t, s, c, act, about(d), "role")
		}
	}
	other := declared(registry.ByAcademy, "exemple")
	other.ServiceID = "calcul"
	for _, act := range []roles.Act{roles.ReadDrafts, roles.ReadPapers, roles.Opine, roles.OpineBeside, roles.Suspend} {
		mayNot(t, s, c, act, about(other), "perimeter")
		mayNot(t, s, c, act, roles.Target{Service: "lecture", Declaration: other}, "perimeter")
	}
	may(t, s, c, roles.SuspendSource, roles.Target{Source: "ent"})
	mayNot(t, s, c, roles.SuspendSource, roles.Target{Source: "annuaire"}, "perimeter")
	mayNot(t, s, c, roles.ApproveSource, roles.Target{Source: "ent"}, "role")
	mayNot(t, s, c, roles.Opine, roles.Target{Service: "lecture", Academy: "exemple"}, "perimeter") // on renewing a crisis opening
	mayNot(t, s, c, roles.Opine, roles.Target{}, "perimeter")
	mayNot(t, s, c, roles.OpineBeside, roles.Target{}, "perimeter")
	mayNot(t, s, c, roles.SignRules, roles.Target{}, "perimeter")
	mayNot(t, s, c, roles.Inquire, roles.Target{Academy: "exemple"}, "perimeter")
	mayNot(t, s, c, roles.SuspendLocally, schools(college), "perimeter")
	mayNot(t, s, c, roles.ReadJournal, roles.Target{Service: "lecture"}, "perimeter")
	mayNot(t, s, c, roles.ConfirmAppoint, roles.Target{Role: registry.Provider, Over: registry.Over{Services: []string{"lecture"}}}, "perimeter")
}

func TestTheRecteurAppointsTheOfficerOfAnotherBody(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	s := w.snapshot()
	over := registry.Over{Services: []string{"lecture"}, Sources: []string{"ent"}}
	may(t, s, roles.Caller{Handle: "h-recteur"}, roles.Appoint, roles.Target{Role: registry.DPO, Over: over})
	mayNot(t, s, by(registry.HeadOfSchool, college), roles.Appoint, roles.Target{Role: registry.DPO, Over: over}, "perimeter")
}

func TestAnOpinionBesideSendsNoCaseUpALevel(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-recteur", registry.Recteur, inAcademy("exemple"))
	s, c := w.snapshot(), roles.Caller{Handle: "h-recteur"}
	d := declared(registry.ByEstablishment, string(college))
	d.Opinions = []registry.Opinion{{Value: registry.Unfavourable, Beside: true}}
	mayNot(t, s, c, roles.Approve, about(d), "perimeter")
	d.Opinions = []registry.Opinion{{Value: registry.Unfavourable}, {Value: registry.Favourable, Beside: true}}
	may(t, s, c, roles.Approve, about(d))
}

func TestAnAdministratorConnectsAndNeverApproves(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-admin", registry.Admin, inAcademy("exemple"))
	w.appoint("h-small", registry.Admin, registry.Over{Departments: []string{"028"}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-admin"}
	may(t, s, c, roles.EditService, roles.Target{Service: "lecture"})
	may(t, s, c, roles.EditSource, roles.Target{Source: "annuaire"})
	may(t, s, c, roles.EditSchool, roles.Target{Academy: "exemple", UAIs: schools(unheard, college).UAIs})
	mayNot(t, s, c, roles.EditSchool, roles.Target{Academy: "exemple", UAIs: schools(far).UAIs}, "perimeter")
	mayNot(t, s, c, roles.EditSchool, roles.Target{Academy: "ailleurs"}, "perimeter")
	mayNot(t, s, c, roles.EditSchool, roles.Target{UAIs: schools(unheard).UAIs}, "perimeter")
	mayNot(t, s, c, roles.EditSchool, roles.Target{}, "perimeter")
	may(t, s, c, roles.Appoint, roles.Target{Role: registry.DPO, Over: inAcademy("exemple")})
	mayNot(t, s, c, roles.Appoint, roles.Target{Role: registry.DPO, Over: inAcademy("exemple", "ailleurs")}, "perimeter")
	mayNot(t, s, c, roles.Appoint, roles.Target{Role: registry.DPO}, "perimeter")
	mayNot(t, s, c, roles.Appoint, roles.Target{Role: "king", Over: inAcademy("exemple")}, "perimeter")
	mayNot(t, s, c, roles.Appoint, roles.Target{Over: inAcademy("exemple")}, "perimeter")
	for _, act := range []roles.Act{
		roles.Approve, roles.ApproveSource, roles.Enable, roles.ReadDrafts, roles.Draft, roles.ConfirmAppoint, roles.Lift,
		roles.Suspend, roles.SignRules, roles.ConfirmPaper, roles.EditCatalogue,
	} {
		mayNot(t, s, c, act, about(declared(registry.ByAcademy, "exemple")), "role")
	}
	mayNot(t, s, roles.Caller{Handle: "h-small"}, roles.EditService, roles.Target{Service: "lecture"}, "perimeter")
	mayNot(t, s, roles.Caller{Handle: "h-small"}, roles.EditSource, roles.Target{Source: "annuaire"}, "perimeter")
}

func TestOnCallSuspendsAndNothingElse(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-oncall", registry.OnCall, inAcademy("exemple"))
	s, c := w.snapshot(), roles.Caller{Handle: "h-oncall"}
	d := declared(registry.ByAcademy, "exemple")
	d.State = registry.Approved
	may(t, s, c, roles.Suspend, about(d))
	may(t, s, c, roles.SuspendLocally, schools(college))
	may(t, s, c, roles.SuspendSource, roles.Target{Source: "annuaire"})
	mayNot(t, s, c, roles.Suspend, about(declared(registry.ByAcademy, "ailleurs")), "perimeter")
	for _, act := range []roles.Act{roles.Lift, roles.Approve, roles.Enable, roles.Draft, roles.Archive, roles.EditService} {
		mayNot(t, s, c, act, about(d), "role")
	}
}

func TestAProviderSeesTheirOwnServicesOnly(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-provider", registry.Provider, registry.Over{Services: []string{"lecture"}, Academies: []string{"exemple"}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-provider"}
	mine, other := declared(registry.ByAcademy, "exemple"), declared(registry.ByAcademy, "exemple")
	other.ServiceID = "calcul"
	for _, act := range []roles.Act{roles.Read, roles.ReadDrafts, roles.Draft, roles.Suspend} {
		may(t, s, c, act, about(mine))
		mayNot(t, s, c, act, about(other), "perimeter")
		mayNot(t, s, c, act, roles.Target{Service: "lecture", Declaration: other}, "perimeter")
	}
	may(t, s, c, roles.Read, roles.Target{})
	mayNot(t, s, c, roles.Read, roles.Target{Service: "calcul", UAIs: schools(college).UAIs}, "perimeter")
	for _, act := range []roles.Act{roles.Approve, roles.Enable, roles.ReadJournal, roles.EditService, roles.Lift, roles.Propose} {
		mayNot(t, s, c, act, about(mine), "role")
	}
}

func TestACollectiviteReadsWhatConcernsItsSchoolsAndDecidesOnWhatItRuns(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-ct", registry.Collectivite, registry.Over{UAIs: at(college).UAIs, Services: []string{"lecture"}, Sources: []string{"ent"}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-ct"}
	covering, elsewhere := declared(registry.ByAcademy, "exemple"), declared(registry.ByAcademy, "ailleurs")
	for _, d := range []*registry.Declaration{covering, elsewhere} {
		d.ServiceID, d.State = "calcul", registry.Approved
	}
	may(t, s, c, roles.Read, about(covering))
	may(t, s, c, roles.Read, roles.Target{Service: "calcul"})
	may(t, s, c, roles.Read, schools(college))
	mayNot(t, s, c, roles.Read, about(elsewhere), "perimeter")
	mayNot(t, s, c, roles.Read, roles.Target{UAIs: schools(college2).UAIs}, "perimeter")
	mayNot(t, s, c, roles.Read, roles.Target{Service: "unknown"}, "perimeter")
	covering.State = registry.Draft
	mayNot(t, s, c, roles.Read, about(covering), "perimeter")
	ours := declared(registry.ByAcademy, "exemple")
	may(t, s, c, roles.Approve, about(ours))
	mayNot(t, s, c, roles.Approve, about(covering), "perimeter")
	may(t, s, c, roles.ApproveSource, roles.Target{Source: "ent"})
	mayNot(t, s, c, roles.ApproveSource, roles.Target{Source: "annuaire"}, "perimeter")
	mayNot(t, s, c, roles.Enable, schools(college), "role")
	mayNot(t, s, c, roles.Lift, about(ours), "role")
}

func TestNoRoleSeesAnotherSchoolsDrafts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	for _, role := range registry.Roles() {
		w.appoint("h-"+string(role), role, registry.Over{
			UAIs: at(college2, ecole2).UAIs, Circonscriptions: []string{"other"}, Departments: []string{"037"},
			Academies: []string{"ailleurs"}, Services: []string{"calcul"}, Sources: []string{"ent"},
		})
	}
	s := w.snapshot()
	for _, role := range registry.Roles() {
		for _, uai := range []string{string(college), string(ecole), string(private)} {
			for _, act := range []roles.Act{roles.Read, roles.ReadDrafts, roles.Draft} {
				if in, err := roles.May(s, noon, roles.Caller{Handle: "h-" + string(role)}, act, about(declared(registry.ByEstablishment, uai))); err == nil {
					t.Errorf("%s: a draft of %s may be met with %s, as %v", role, uai, act, in)
				}
			}
		}
	}
	w.appoint("h-dasen028", registry.DASEN, registry.Over{Departments: []string{"028"}})
	c := roles.Caller{Handle: "h-dasen028"}
	may(t, w.snapshot(), c, roles.ReadDrafts, about(declared(registry.ByEstablishment, string(ecole))))
	mayNot(t, w.snapshot(), c, roles.ReadDrafts, about(declared(registry.ByEstablishment, string(college))), "perimeter")
	mayNot(t, w.snapshot(), c, roles.ReadDrafts, about(declared(registry.ByAcademy, "exemple")), "perimeter")
}

func TestADraftWhoseScopeIsNotSaidIsItsAuthors(t *testing.T) {
	t.Parallel()
	w, d := newWorld(), declared("")
	w.appoint("h-assistant", registry.Assistant, at(college))
	s, other := w.snapshot(), by(registry.HeadOfSchool, college)
	d.Author = "h-assistant"
	may(t, s, roles.Caller{Handle: "h-assistant"}, roles.Draft, about(d))
	mayNot(t, s, other, roles.Draft, about(d), "perimeter")
	mayNot(t, s, other, roles.Read, about(d), "perimeter")
}

func TestWhatWasNeverApprovedIsArchivedByWhoeverDrafts(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-assistant", registry.Assistant, at(college))
	s, c := w.snapshot(), roles.Caller{Handle: "h-assistant"}
	d := declared(registry.ByEstablishment, string(college))
	may(t, s, c, roles.Archive, about(d))
	d.State = registry.Approved
	mayNot(t, s, c, roles.Archive, about(d), "role")
	may(t, s, by(registry.HeadOfSchool, college), roles.Archive, about(d))
}

func TestAHeadProposesAnAssistantOrADeputyOfTheirSchool(t *testing.T) {
	t.Parallel()
	s, head := newWorld().snapshot(), by(registry.HeadOfSchool, college)
	for _, role := range registry.Roles() {
		on := roles.Target{Role: role, Over: at(college)}
		if role == registry.Assistant || role == registry.Deputy {
			may(t, s, head, roles.Appoint, on)
			continue
		}
		mayNot(t, s, head, roles.Appoint, on, "perimeter")
	}
	mayNot(t, s, head, roles.Appoint, roles.Target{Role: registry.Assistant, Over: at(college, college2)}, "perimeter")
	mayNot(t, s, head, roles.Appoint, roles.Target{Role: registry.Assistant, Over: registry.Over{UAIs: at(college).UAIs, Services: []string{"lecture"}}}, "perimeter")
	mayNot(t, s, by(registry.Deputy, college), roles.Appoint, roles.Target{Role: registry.Deputy, Over: at(college)}, "role")
}

func TestWhoeverIsDeniedLearnsWhoMay(t *testing.T) {
	t.Parallel()
	_, err := roles.May(newWorld().snapshot(), noon, by(registry.Staff, college), roles.Enable, schools(college))
	denied, ok := err.(*roles.Denied)
	if !ok {
		t.Fatalf("got %v", err)
	}
	want := []registry.Role{registry.HeadOfSchool, registry.Deputy, registry.DASEN, registry.Recteur}
	if !slices.Equal(denied.Who, want) || denied.Error() != "enable: not allowed (role)" {
		t.Errorf("%v may, says %v; want %v", denied.Who, denied, want)
	}
}

func TestAnActOrARoleThatNobodyKnowsIsNo(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-king", "king", inAcademy("exemple"))
	s := w.snapshot()
	mayNot(t, s, by(registry.HeadOfSchool, college), "crown", schools(college), "role")
	mayNot(t, s, roles.Caller{Handle: "h-king"}, roles.Read, roles.Target{}, "role")
	mayNot(t, s, roles.Caller{Handle: "d", Demo: true}, "crown", schools(college), "role")
	mayNot(t, nil, by(registry.HeadOfSchool, college), roles.Enable, schools(college), "perimeter")
}

func TestASourceLiesWhereItsSchoolsLie(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-admin", registry.Admin, inAcademy("exemple"))
	w.appoint("h-far", registry.Admin, inAcademy("ailleurs"))
	w.appoint("h-small", registry.Admin, registry.Over{Departments: []string{"028"}})
	s := w.snapshot()
	for handle, may := range map[string]bool{"h-admin": true, "h-far": false, "h-small": true} {
		if _, err := roles.May(s, noon, roles.Caller{Handle: handle}, roles.EditSource, roles.Target{Source: "ent"}); (err == nil) != may {
			t.Errorf("%s: %v", handle, err)
		}
	}
	mayNot(t, s, roles.Caller{Handle: "h-admin"}, roles.EditSource, roles.Target{Source: "unheard"}, "perimeter")
}

func TestACollectiviteDoesNotReadAServiceThatWasOnlyDrafted(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-ct", registry.Collectivite, registry.Over{UAIs: at(college).UAIs})
	may(t, w.snapshot(), roles.Caller{Handle: "h-ct"}, roles.Read, roles.Target{Service: "calcul"})
	w.Declarations[0].State = registry.Draft
	mayNot(t, w.snapshot(), roles.Caller{Handle: "h-ct"}, roles.Read, roles.Target{Service: "calcul"}, "perimeter")
}

func TestACirconscriptionIsNamedByItselfOnly(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.appoint("h-dpo", registry.DPO, registry.Over{Circonscriptions: []string{string(college), string(inspects)}})
	s, c := w.snapshot(), roles.Caller{Handle: "h-dpo"}
	may(t, s, c, roles.SuspendLocally, schools(ecole, inspects))
	mayNot(t, s, c, roles.SuspendLocally, schools(college), "perimeter")
	mayNot(t, s, c, roles.SuspendLocally, schools(ecole2), "perimeter")
}
