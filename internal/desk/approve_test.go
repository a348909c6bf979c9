package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAHeadCannotApproveWhatNoOpinionCovers(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	_, err := h.Approve(t.Context(), h.Head(desktest.College), on(d))
	conflicts(t, err, "opinion")
	if now, _ := h.Snapshot(t).Declaration(d.ID, 1); now.State != registry.Submitted || now.Judged != nil {
		t.Errorf("it became %s", now.State)
	}
	d = approved(t, h, h.Head(desktest.College), opined(t, h, d, registry.Favourable))
	if d.State != registry.Approved {
		t.Errorf("with an opinion it is %s", d.State)
	}
}

func TestAnOpinionOnAnotherTextCoversNothing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.DRANE(), desktest.Reading()), registry.Favourable)
	d, err := h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "retention", What: "plus court"}}})
	if err != nil {
		t.Fatal(err)
	}
	text := d
	text.Retention.FR = "dix ans"
	if d, err = h.Edit(t.Context(), h.DRANE(), text, ""); err != nil {
		t.Fatal(err)
	}
	if d, err = h.Submit(t.Context(), h.DRANE(), on(d)); err != nil {
		t.Fatal(err)
	}
	if len(d.Opinions) != 1 {
		t.Fatalf("%d opinions are kept", len(d.Opinions))
	}
	_, err = h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "opinion")
}

func TestApprovingWantsSomebodyElseThanWhoeverWroteAnyPart(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.College)
	own := opined(t, h, submitted(t, h, head, desktest.ForSchools(desktest.College)), registry.Favourable)
	_, err := h.Approve(t.Context(), head, on(own))
	conflicts(t, err, "author")
	_, err = h.Refuse(t.Context(), head, because(own, "non"))
	conflicts(t, err, "author")

	other := begun(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	text := other
	text.Retention.FR = "l'année scolaire"
	if _, err := h.Edit(t.Context(), head, text, ""); err != nil {
		t.Fatal(err)
	}
	if other, err = h.Submit(t.Context(), h.Assistant(), on(other)); err != nil {
		t.Fatal(explain(err))
	}
	other = opined(t, h, other, registry.Favourable)
	_, err = h.Approve(t.Context(), head, on(other))
	conflicts(t, err, "author")
	deputy := h.Deputy(desktest.College, "arrêté 2026-7", desktest.Day("2026-12-31"))
	if d := approved(t, h, deputy, other); d.Decisions[len(d.Decisions)-1].Under != "arrêté 2026-7" {
		t.Errorf("the delegation is not cited: %+v", d.Decisions)
	}
}

func TestBlockingFindingsAndUnansweredOnesKeepAVersionBack(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Supplier.Reference = ""
	d := opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable)
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "findings")

	text = desktest.Reading()
	text.Erasure[0].Months, text.Erasure[0].After = 60, registry.AfterSchooling
	d = opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable)
	_, err = h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "justify")
	sheet, err := h.Sheet(t.Context(), h.DRANE(), ref(d))
	if err != nil || len(sheet.Missing) == 0 || sheet.Missing[0].Rule != "justify" {
		t.Fatalf("missing %v, %v", sheet.Missing, err)
	}
	rule := sheet.Findings[slices.IndexFunc(sheet.Findings, func(f registry.Finding) bool { return f.Severity == registry.ToJustify })].Rule
	text.Justified = []registry.Justified{{Rule: rule, Text: "archives du conservatoire, délibération du 3 juin"}}
	d = approved(t, h, h.Recteur(), opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable))
	if !slices.ContainsFunc(d.Judged.Findings, func(f registry.Finding) bool { return f.Rule == rule }) {
		t.Errorf("what was found is not recorded: %+v", d.Judged)
	}
}

func TestWhatIsOverAlreadyIsNotApproved(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.From, text.Until = desktest.Day("2025-09-01"), desktest.Day("2026-11-21")
	d := opined(t, h, submitted(t, h, h.DRANE(), text), registry.Favourable)
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "findings")
}

func TestReservationsWantAWrittenReason(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College)), registry.WithReservations)
	head := h.Head(desktest.College)
	for _, reason := range []string{"", "  "} {
		_, err := h.Approve(t.Context(), head, because(d, reason))
		conflicts(t, err, "reservations")
	}
	d, err := h.Approve(t.Context(), head, because(d, "le comité de lecture y tient"))
	if err != nil {
		t.Fatal(explain(err))
	}
	if by := d.Decisions[len(d.Decisions)-1]; by.Reason != "le comité de lecture y tient" || by.State != registry.Approved {
		t.Errorf("the decision is %+v", by)
	}
}

func TestAnUnfavourableOpinionSendsTheCaseUpALevel(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for _, level := range []struct {
		text  registry.Declaration
		below roles.Caller
		draft roles.Caller
	}{
		{desktest.ForSchools(desktest.College), h.Head(desktest.College), h.Assistant()},
		{desktest.ForDepartment(), h.DASEN(), h.DRANE()},
	} {
		if level.text.Scope.Level == registry.ByDepartment {
			level.draft = h.Recteur()
		}
		d, err := h.Begin(t.Context(), level.draft, "", level.text)
		if err != nil {
			t.Fatalf("%s: %v", level.text.Scope.Level, err)
		}
		if d, err = h.Submit(t.Context(), level.draft, on(d)); err != nil {
			t.Fatal(explain(err))
		}
		d = opined(t, h, d, registry.Unfavourable)
		_, err = h.Approve(t.Context(), level.below, because(d, "j'y tiens"))
		conflicts(t, err, "level")
	}
	d := opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College)), registry.Unfavourable)
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	isInvalid(t, err, "reason")
	d, err = h.Approve(t.Context(), h.Recteur(), because(d, "pour une classe à l'hôpital"))
	if err != nil || d.State != registry.Approved {
		t.Fatalf("%s, %v", d.State, explain(err))
	}
	if _, ok := h.Snapshot(t).Enabling("lire", desktest.College); ok {
		t.Error("the recteur enabled it where the head is controller")
	}
}

func TestAfterAnUnfavourableOpinionNobodyIsAboveTheRecteur(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.DRANE(), desktest.Reading()), registry.Unfavourable)
	_, err := h.Approve(t.Context(), h.Recteur(), because(d, "quand même"))
	conflicts(t, err, "level")
}

func TestTheRecteurDoesNotDecideInTheHeadsPlace(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College)), registry.Favourable)
	for name, c := range map[string]roles.Caller{
		"recteur": h.Recteur(), "dpo": h.DPO(), "drane": h.DRANE(), "another head": h.Head(desktest.Other), "dasen": h.DASEN(),
	} {
		if _, err := h.Approve(t.Context(), c, on(d)); err == nil {
			t.Errorf("%s approved it", name)
		}
	}
	_, err := h.Approve(t.Context(), h.DPO(), on(d))
	isDenied(t, err, "role")
	_, err = h.Approve(t.Context(), h.Head(desktest.Other), on(d))
	isMissing(t, err)
}

func TestApprovingForSchoolsEnablesItWhereTheApproverIsController(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College, desktest.Other)), registry.Favourable)
	d = approved(t, h, h.Head(desktest.College), d)
	s := h.Snapshot(t)
	own, _ := s.Enabling("lire", desktest.College)
	if own.State != registry.Enabled || own.Declaration != d.ID || own.Version != 1 || len(own.Decisions) != 1 || own.Decisions[0].By != h.Head(desktest.College).Handle {
		t.Errorf("the approver's school has %+v", own)
	}
	if other, ok := s.Enabling("lire", desktest.Other); ok {
		t.Errorf("the other school has %+v", other)
	}
	tasks, err := h.Waiting(t.Context(), h.Head(desktest.Other))
	if err != nil || len(tasks) != 1 || tasks[0].Kind != "enable" || tasks[0].UAI != string(desktest.Other) {
		t.Errorf("the other head is told %v, %v", tasks, err)
	}
}

func TestApprovingDoesNotLiftALocalNo(t *testing.T) {
	t.Parallel()
	for _, state := range []registry.EnablingState{registry.RefusedHere, registry.SuspendedHere} {
		h := desktest.New(t)
		head := h.Head(desktest.College)
		if _, err := h.Decide(t.Context(), head, desk.Stance{
			Service: "lire", Where: desk.Where{UAIs: []person.UAI{desktest.College}}, State: state, Reason: "incident",
		}); err != nil {
			t.Fatal(err)
		}
		approved(t, h, head, opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College)), registry.Favourable))
		if e, _ := h.Snapshot(t).Enabling("lire", desktest.College); e.State != state {
			t.Errorf("%s became %s", state, e.State)
		}
	}
}

func TestTheStateOfAVersionAllowsLegalMovesOnly(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := begun(t, h, h.DRANE(), desktest.Reading())
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "state")
	_, err = h.Take(t.Context(), h.DRANE(), on(d))
	conflicts(t, err, "state")
	_, err = h.Refuse(t.Context(), h.Recteur(), because(d, "non"))
	conflicts(t, err, "state")
	_, err = h.Opine(t.Context(), h.DPO(), on(d), registry.Favourable)
	conflicts(t, err, "state")
	_, err = h.Suspend(t.Context(), h.Recteur(), because(d, "stop"))
	conflicts(t, err, "state")
	d, err = h.Submit(t.Context(), h.DRANE(), on(d))
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.Submit(t.Context(), h.DRANE(), on(d))
	conflicts(t, err, "state")
	_, err = h.Edit(t.Context(), h.DRANE(), d, "")
	conflicts(t, err, "state")
	_, err = h.Refuse(t.Context(), h.Recteur(), on(d))
	isInvalid(t, err, "reason")
	if d, err = h.Refuse(t.Context(), h.Recteur(), because(d, "déjà couvert")); err != nil || d.State != registry.Refused {
		t.Fatalf("%s, %v", d.State, err)
	}
	_, err = h.Submit(t.Context(), h.DRANE(), on(d))
	conflicts(t, err, "state")
	_, err = h.Archive(t.Context(), h.Recteur(), because(d, "fini"))
	if err == nil {
		t.Error("what was refused moves on")
	}
}

func TestACorrectionSaysWhereAndWhat(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	_, err := h.Correct(t.Context(), h.DRANE(), because(d, "à revoir"))
	isInvalid(t, err, "notes")
	_, err = h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "items[0]"}, {What: "trop"}}})
	isInvalid(t, err, "notes[0].what", "notes[1].where")
	if d, err = h.Correct(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Notes: []registry.Remark{{Where: "items[0]", What: "pourquoi ?"}}}); err != nil {
		t.Fatal(err)
	}
	if by := d.Decisions[len(d.Decisions)-1]; len(by.Notes) != 1 || by.State != registry.ToCorrect {
		t.Errorf("the remarks are not kept: %+v", by)
	}
}

func TestAnOpinionWantsAReasonUnlessItIsFavourable(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	for _, value := range []registry.Verdict{registry.WithReservations, registry.Unfavourable} {
		_, err := h.Opine(t.Context(), h.DPO(), on(d), value)
		isInvalid(t, err, "reason")
	}
	_, err := h.Opine(t.Context(), h.DPO(), on(d), "oui")
	isInvalid(t, err, "value")
	_, err = h.Opine(t.Context(), h.Recteur(), on(d), registry.Favourable)
	isDenied(t, err, "role")
	if d, err = h.Opine(t.Context(), h.DPO(), on(d), registry.Favourable); err != nil || d.State != registry.Submitted || d.Opinions[0].Text != d.Fingerprint() || d.Opinions[0].Office != "DPD" {
		t.Errorf("an opinion is no approval: %s, %+v, %v", d.State, d.Opinions, err)
	}
}

func TestTheOpinionOfAnotherBodysOfficerStandsBesideAndOpensNothing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	body := roles.Caller{Handle: "handle-of-another-body"}
	h.Apply(t, registry.Change{Appointments: []registry.Appointment{{
		ID: "body", Role: registry.DPO, Over: registry.Over{Services: []string{"lire"}}, Reason: "DPD de la région", Holder: body.Handle,
		From: desktest.Day("2026-01-01"), Until: desktest.Day("2027-12-31"), State: registry.ConfirmedApp,
	}}})
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	d, err := h.Opine(t.Context(), body, on(d), registry.Favourable)
	if err != nil || len(d.Opinions) != 1 || !d.Opinions[0].Beside || d.Opinions[0].Text != d.Fingerprint() || d.Opinions[0].By != body.Handle {
		t.Fatalf("%+v, %v", d.Opinions, err)
	}
	_, err = h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "opinion")
	d = opined(t, h, d, registry.Favourable)
	if d.Opinions[1].Beside {
		t.Error("the academy's own opinion stands beside")
	}
	if d, err = h.Opine(t.Context(), body, because(d, "hébergeur inconnu"), registry.Unfavourable); err != nil || !d.Opinions[2].Beside {
		t.Fatalf("%+v, %v", d.Opinions, err)
	}
	if d = approved(t, h, h.Recteur(), d); d.State != registry.Approved || len(d.Opinions) != 3 {
		t.Errorf("held up by an opinion beside: %s, %d opinions", d.State, len(d.Opinions))
	}
	if d, err = h.Suspend(t.Context(), body, desk.Move{Ref: ref(d), Reason: "fuite signalée", Message: registry.Text{FR: "Arrêté", EN: "Stopped"}}); err != nil || d.State != registry.Suspended {
		t.Errorf("a danger in what it runs: %s, %v", d.State, err)
	}
	_, err = h.Lift(t.Context(), body, because(d, "contrôlé"))
	isDenied(t, err, "role")
}

func TestACollectiviteThatRunsAServiceDecidesJointly(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	region := roles.Caller{Handle: "handle-of-the-region"}
	h.Apply(t, registry.Change{Appointments: []registry.Appointment{{
		ID: "region", Role: registry.Collectivite, Over: registry.Over{Services: []string{"lire"}}, Reason: "gère l'ENT", Holder: region.Handle,
		From: desktest.Day("2026-01-01"), Until: desktest.Day("2027-12-31"), State: registry.ConfirmedApp,
	}}})
	d := opined(t, h, submitted(t, h, h.DRANE(), desktest.Reading()), registry.Favourable)
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "joint")
	d = approved(t, h, region, d)
	if d.State != registry.Submitted {
		t.Fatalf("a collectivité alone made it %s", d.State)
	}
	_, err = h.Approve(t.Context(), region, on(d))
	conflicts(t, err, "state")
	if d = approved(t, h, h.Recteur(), d); d.State != registry.Approved {
		t.Errorf("together they made it %s", d.State)
	}
}
