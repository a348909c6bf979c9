package desk_test

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
)

func paper() *registry.Paper {
	return &registry.Paper{Act: "décision 2026-41", Date: desktest.Day("2026-09-15"), Signatory: "chef d'établissement", Document: conformitytest.Hash("decision")}
}

// onPaper is a text that a file says was decided on paper.
func onPaper(id string, text registry.Declaration) registry.Declaration {
	text.ID, text.State, text.ManagedBy = id, registry.Submitted, "papier.yaml"
	text.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted, Office: "apply"}}
	return withPaper(text)
}

func withPaper(text registry.Declaration) registry.Declaration {
	text.Paper = paper()
	text.Documents = append(text.Documents, registry.Document{Kind: registry.DecisionPaper, Name: "decision.pdf", Hash: text.Paper.Document})
	return text
}

func claimed(uai person.UAI, d registry.Declaration) registry.Enabling {
	return registry.Enabling{
		Service: "lire", UAI: uai, State: registry.ClaimedOnPaper, Declaration: d.ID, Version: d.Version, Paper: paper(), ManagedBy: "papier.yaml",
	}
}

func TestADecisionOnPaperCountsOnceItsControllerHasConfirmedIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := onPaper("papier-1", desktest.ForSchools(desktest.College))
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	if enters(t, h.Desk, h.Now()) == nil {
		t.Fatal("a file opened a service")
	}
	_, err := h.ConfirmPaper(t.Context(), h.DRANE(), []desk.Ref{ref(d)}, nil)
	isDenied(t, err, "role")
	_, err = h.ConfirmPaper(t.Context(), h.Head(desktest.Other), []desk.Ref{ref(d)}, nil)
	isMissing(t, err)
	tasks, err := h.Waiting(t.Context(), h.Head(desktest.College))
	if err != nil || len(tasks) == 0 || tasks[0].Kind != "paper" {
		t.Errorf("the head is told %v, %v", tasks, err)
	}
	report, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
	if err != nil || report.Done != 1 {
		t.Fatalf("%+v, %v", report, explain(err))
	}
	d, _ = h.Snapshot(t).Declaration(d.ID, 1)
	by := d.Decisions[len(d.Decisions)-1]
	if d.State != registry.Approved || by.Paper == nil || *by.Paper != *paper() || by.Office != "chef d'établissement" || d.Judged == nil {
		t.Errorf("%s by %+v", d.State, by)
	}
	if err := enters(t, h.Desk, h.Now()); err != nil {
		t.Errorf("after: %v", err)
	}
	_, err = h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
	conflicts(t, err, "state")
}

func TestPapersAreConfirmedAllOrNone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	good, bad := onPaper("papier-1", desktest.ForSchools(desktest.College)), onPaper("papier-2", desktest.ForSchools(desktest.College))
	bad.Supplier.Reference = ""
	incomplete := onPaper("papier-3", desktest.ForSchools(desktest.College))
	incomplete.Paper.Act = ""
	future := onPaper("papier-4", desktest.ForSchools(desktest.College))
	future.Paper.Date = desktest.Day("2026-11-23")
	none := onPaper("papier-5", desktest.ForSchools(desktest.College))
	none.Paper = nil
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{good, bad, incomplete, future, none}})
	head := h.Head(desktest.College)
	_, err := h.ConfirmPaper(t.Context(), head, []desk.Ref{ref(good), ref(bad), ref(incomplete), ref(future), ref(none)}, nil)
	isInvalid(t, err, "declarations[1].supplier.reference", "declarations[2].paper.act", "declarations[3].paper.date", "declarations[4]")
	if now, _ := h.Snapshot(t).Declaration(good.ID, 1); now.State != registry.Submitted {
		t.Errorf("a part was confirmed: %s", now.State)
	}
	_, err = h.ConfirmPaper(t.Context(), head, []desk.Ref{ref(bad)}, nil)
	conflicts(t, err, "findings")
	_, err = h.ConfirmPaper(t.Context(), head, []desk.Ref{ref(incomplete)}, nil)
	isInvalid(t, err, "paper.act")
	_, err = h.ConfirmPaper(t.Context(), head, []desk.Ref{ref(future)}, nil)
	isInvalid(t, err, "paper.date")
	_, err = h.ConfirmPaper(t.Context(), head, []desk.Ref{ref(none)}, nil)
	conflicts(t, err, "state")
	_, err = h.ConfirmPaper(t.Context(), head, nil, nil)
	isInvalid(t, err, "declarations")
}

func TestEnablingsOnPaperAreConfirmedBySchoolByTheirOwnController(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	h.Apply(t, registry.Change{Enablings: []registry.Enabling{claimed(desktest.Ecole, d), claimed(desktest.College, d), claimed(desktest.Other, d)}})
	refs := []desk.EnablingRef{{Service: "lire", UAI: desktest.College}}
	if enters(t, h.Desk, h.Now()) == nil {
		t.Fatal("a claim opened a service")
	}
	_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), nil, append(refs, desk.EnablingRef{Service: "lire", UAI: desktest.Other}))
	isDenied(t, err, "perimeter")
	_, err = h.ConfirmPaper(t.Context(), h.Recteur(), nil, refs)
	isDenied(t, err, "perimeter")
	_, err = h.ConfirmPaper(t.Context(), h.Head(desktest.Ecole), nil, []desk.EnablingRef{{Service: "lire", UAI: desktest.Ecole}})
	isDenied(t, err, "role")
	if _, err = h.ConfirmPaper(t.Context(), h.Head(desktest.College), nil, refs); err != nil {
		t.Fatal(explain(err))
	}
	e, _ := h.Snapshot(t).Enabling("lire", desktest.College)
	if e.State != registry.Enabled || len(e.Decisions) != 1 || e.Decisions[0].Paper == nil {
		t.Errorf("%+v", e)
	}
	if err := enters(t, h.Desk, h.Now()); err != nil {
		t.Errorf("after: %v", err)
	}
	if _, err = h.ConfirmPaper(t.Context(), h.DASEN(), nil, []desk.EnablingRef{{Service: "lire", UAI: desktest.Ecole}}); err != nil {
		t.Errorf("the DASEN for an école: %v", explain(err))
	}
	_, err = h.ConfirmPaper(t.Context(), h.Head(desktest.College), nil, refs)
	conflicts(t, err, "state")
	_, err = h.ConfirmPaper(t.Context(), h.Head(desktest.College), nil, []desk.EnablingRef{{Service: "calcul", UAI: desktest.College}})
	isMissing(t, err)
}

func TestAPaperAboutWhatIsNotApprovedConfirmsNothing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := onPaper("papier-1", desktest.ForSchools(desktest.College))
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}, Enablings: []registry.Enabling{claimed(desktest.College, d)}})
	refs := []desk.EnablingRef{{Service: "lire", UAI: desktest.College}}
	_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), nil, refs)
	conflicts(t, err, "state")
	report, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, refs)
	if err != nil || report.Done != 2 || len(report.UAIs) != 1 {
		t.Errorf("both together: %+v, %v", report, explain(err))
	}
	if e, _ := h.Snapshot(t).Enabling("lire", desktest.College); e.State != registry.Enabled || e.Decisions[0].Paper == nil {
		t.Errorf("%+v", e)
	}
}

func TestWhoeverEnteredAPaperDoesNotConfirmIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := withPaper(desktest.ForSchools(desktest.College))
	d := submitted(t, h, h.Head(desktest.College), text)
	_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
	conflicts(t, err, "author")
	deputy := h.Deputy(desktest.College, "arrêté 7", desktest.Day("2026-12-31"))
	if _, err = h.ConfirmPaper(t.Context(), deputy, []desk.Ref{ref(d)}, nil); err != nil {
		t.Errorf("the deputy: %v", explain(err))
	}
	school := desktest.ForDepartment()
	school.Paper = paper()
	_, err = h.Begin(t.Context(), h.Provider(), "", school)
	isDenied(t, err, "role")
}

func TestAPaperDoesNotPassByAnUnfavourableOpinion(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := onPaper("papier-1", desktest.ForSchools(desktest.College))
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	opined(t, h, d, registry.Unfavourable)
	_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
	conflicts(t, err, "level")
}

func TestTermsAreConfirmedYearlyAndOtherTermsReopenTheReview(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All = true
	d := inForce(t, h, text)
	for name, version := range map[string]string{"nothing": "", "blank": " "} {
		_, err := h.ConfirmTerms(t.Context(), h.DRANE(), on(d), version)
		isInvalid(t, err, "version")
		_ = name
	}
	_, err := h.ConfirmTerms(t.Context(), h.Teacher(desktest.College), on(d), "2026-1")
	isDenied(t, err, "role")
	same, err := h.ConfirmTerms(t.Context(), h.DRANE(), on(d), "2026-1")
	if err != nil || len(same.Terms) != 1 || same.Terms[0].Version != "2026-1" || same.Terms[0].By != h.DRANE().Handle || same.Review != nil {
		t.Fatalf("%+v, %v", same.Terms, explain(err))
	}
	other, err := h.ConfirmTerms(t.Context(), h.DRANE(), on(d), "2027-1")
	if err != nil || other.Review == nil || other.Review.Deadline != desktest.Day("2026-12-22") || other.State != registry.Approved {
		t.Fatalf("%+v, %v", other.Review, explain(err))
	}
	if err := enters(t, h.Desk, h.Now()); err != nil {
		t.Errorf("during the review: %v", err)
	}
	h.Day("2026-12-20")
	_, err = h.ConfirmTerms(t.Context(), h.DRANE(), on(d), "2027-2")
	conflicts(t, err, "state")
	_, err = h.ConfirmTerms(t.Context(), h.DRANE(), on(d), "2026-1")
	conflicts(t, err, "state")
	renewal := next(t, h, d.ID, renewed)
	_, err = h.Approve(t.Context(), h.Recteur(), on(renewal))
	conflicts(t, err, "opinion")
	h.Day("2026-12-24")
	if end, lapse := policy.Ends(other, h.Snapshot(t).Rules(h.Now()), h.Live.Zone); lapse != policy.LapseReview || h.Now().Before(end) {
		t.Errorf("it ends %s for %s", end, lapse)
	}
	if enters(t, h.Desk, h.Now()) == nil {
		t.Error("it is open after the deadline")
	}
}

func TestTermsAreNotConfirmedOfWhatIsNotApprovedOrHasNone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	draft := begun(t, h, h.DRANE(), desktest.Reading())
	_, err := h.ConfirmTerms(t.Context(), h.DRANE(), on(draft), "2026-1")
	conflicts(t, err, "state")
	text := desktest.Reading()
	text.Supplier.Terms = registry.Terms{}
	none := begun(t, h, h.DRANE(), text)
	_, err = h.ConfirmTerms(t.Context(), h.DRANE(), on(none), "2026-1")
	isInvalid(t, err, "version")
}

func TestAPaperSignedAfterATextWasBegunHereTakesNoOpinionsPlace(t *testing.T) {
	t.Parallel()
	for date, want := range map[string]string{"2026-11-21": "", "2026-11-22": "opinion"} {
		h := desktest.New(t)
		d := onPaper("papier-1", desktest.ForSchools(desktest.College))
		d.Paper.Date = desktest.Day(date)
		h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
		_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
		if want == "" && err != nil {
			t.Errorf("signed on %s: %v", date, explain(err))
		}
		if want != "" {
			conflicts(t, err, want)
		}
	}
}

func TestReservationsAreAnsweredInWritingAndNotByAPaper(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := onPaper("papier-1", desktest.ForSchools(desktest.College))
	d.Opinions = []registry.Opinion{{At: h.Now(), Value: registry.WithReservations, Reason: "durée", Office: "DPD", Text: d.Fingerprint()}}
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	_, err := h.ConfirmPaper(t.Context(), h.Head(desktest.College), []desk.Ref{ref(d)}, nil)
	conflicts(t, err, "reservations")
}
