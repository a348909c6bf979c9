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

func enable(uais ...person.UAI) desk.Stance {
	return desk.Stance{Service: "lire", Declaration: "lire-aca", Where: desk.Where{UAIs: uais}, State: registry.Enabled}
}

func stop(state registry.EnablingState, uais ...person.UAI) desk.Stance {
	return desk.Stance{Service: "lire", Where: desk.Where{UAIs: uais}, State: state, Reason: "le conseil s'y oppose"}
}

func TestAHeadEnablesWhatTheAcademyExamined(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	r := ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	if r.Done != 1 || r.Unchanged != 0 || !slices.Equal(r.UAIs, []person.UAI{right(veil)}) {
		t.Errorf("report %+v", r)
	}
	e := p.enabling("lire", right(veil))
	if e.State != registry.Enabled || e.Declaration != "lire-aca" || e.Version != 1 || !e.Since.Equal(p.clock) {
		t.Errorf("enabling %+v", e)
	}
	by := e.Decisions[0]
	if by.By != "head-veil" || by.Office != "chef d'établissement" || by.State != "enabled" || by.Notes[0].What != "lire-aca v1" {
		t.Errorf("decision %+v", by)
	}
	kept := p.kept("enabling_enable")
	if len(kept) != 1 || kept[0].Actor != "head-veil" || kept[0].Service != "lire" || kept[0].Version != 1 || kept[0].UAI != string(right(veil)) {
		t.Errorf("journal %+v", kept)
	}
}

func TestEnablingAgainWritesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	before := p.snapshot().Revision()
	r := ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil), right(veil))))
	if r.Done != 0 || r.Unchanged != 1 || p.snapshot().Revision() != before || len(p.kept("enabling_enable")) != 1 {
		t.Errorf("report %+v, revision %d after %d", r, p.snapshot().Revision(), before)
	}
}

func TestABulkActIsAllOrNone(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.Decide(t.Context(), headOfVeil(), enable(right(veil), right(far), right(private), "0281111A"))
	wantInvalid(t, err, "where.uais[1]", "where.uais[2]", "where.uais[3]")
	if e := p.enabling("lire", right(veil)); e.State != "" {
		t.Errorf("an establishment was enabled by half an act: %+v", e)
	}
}

func TestNobodyEnablesWhereTheyAreNotController(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for name, c := range map[string]roles.Caller{
		"a head elsewhere":        headOfVeil(),
		"the recteur":             in("recteur"),
		"the DASEN":               in("dasen"),
		"data-protection officer": in("dpo"),
		"the administrator":       in("admin"),
		"the DRANE":               in("drane"),
		"a teacher":               at("t2", registry.Staff, right(private)),
	} {
		if _, err := p.Decide(t.Context(), c, enable(right(private))); err == nil {
			t.Errorf("%s enabled a private school", name)
		}
	}
	_, err := p.Decide(t.Context(), headOfVeil(), enable(right(private)))
	wantDenied(t, err, "perimeter")
	_, err = p.Decide(t.Context(), teacher(), enable(right(veil)))
	wantDenied(t, err, "role")
	_, err = p.Decide(t.Context(), teacher(), desk.Stance{State: "wild"})
	wantDenied(t, err, "role")
}

func TestWithNoHeadInOfficeNothingNewOpens(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	head := at("h", registry.HeadOfSchool, right(vacant))
	for _, c := range []roles.Caller{head, in("recteur"), in("dasen"), in("admin")} {
		_, err := p.Decide(t.Context(), c, enable(right(vacant)))
		wantDenied(t, err, map[bool]string{true: "perimeter", false: "role"}[c.Handle != "admin"])
	}
	r := ok[desk.Report](t)(p.Decide(t.Context(), in("recteur"), stop(registry.SuspendedHere, right(vacant))))
	if r.Done != 1 {
		t.Error("the level above could not stop a service where nobody is in office")
	}
}

func TestADasenEnablesEveryPublicEcoleOfADepartment(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := enable()
	s.Where = desk.Where{Department: "028"}
	r := ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), s))
	if !slices.Equal(r.UAIs, []person.UAI{right(jules)}) {
		t.Errorf("a choice by department took %v, want the public école alone", r.UAIs)
	}
	for where, s := range map[string]desk.Where{
		"another kind": {Department: "028", Kind: registry.Office}, "nothing fits": {District: "nowhere", Academy: aca},
	} {
		if _, err := p.Decide(t.Context(), in("dasen"), desk.Stance{Service: "lire", Declaration: "lire-aca", Where: s, State: registry.Enabled}); err == nil {
			t.Errorf("%s: somebody enabled nothing and was not told", where)
		}
	}
	_, err := p.Decide(t.Context(), in("dasen"), enable())
	wantInvalid(t, err, "where")
	both := enable(right(jules))
	both.Where.Kind = registry.Ecole
	_, err = p.Decide(t.Context(), in("dasen"), both)
	wantInvalid(t, err, "where")
}

func TestAChoiceByFieldsStaysInsideThePerimeter(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	s := enable()
	s.Where = desk.Where{Academy: aca}
	r := ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), s))
	if !slices.Equal(r.UAIs, []person.UAI{right(veil)}) {
		t.Errorf("took %v, want the caller's own school", r.UAIs)
	}
	s.Where = desk.Where{Kind: registry.Lycee}
	_, err := p.Decide(t.Context(), headOfVeil(), s)
	wantDenied(t, err, "perimeter")
}

func TestEnablingWantsAnApprovedVersionThatCovers(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(*registry.Declaration){
		"a draft":                    func(d *registry.Declaration) { d.State, d.Decisions = registry.Draft, nil },
		"one in review":              func(d *registry.Declaration) { d.State, d.Decisions = registry.InReview, nil },
		"a suspended one":            func(d *registry.Declaration) { d.State = registry.Suspended },
		"an archived one":            func(d *registry.Declaration) { d.State = registry.Archived },
		"one that is over":           func(d *registry.Declaration) { d.Until = day("2026-11-22") },
		"one whose contract is over": func(d *registry.Declaration) { d.Supplier.Until = day("2026-11-22") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlace(t)
			d := examined(1, registry.Approved)
			d.ID = "other"
			change(&d)
			p.given(registry.Change{Declarations: []registry.Declaration{d}})
			s := enable(right(veil))
			s.Declaration = "other"
			_, err := p.Decide(t.Context(), headOfVeil(), s)
			wantConflict(t, err, "state")
			s.Version = 1
			_, err = p.Decide(t.Context(), headOfVeil(), s)
			wantConflict(t, err, "state")
		})
	}
	p := newPlace(t)
	local := examined(1, registry.Approved)
	local.ID, local.Scope = "local", registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{right(private)}}
	foreign := examined(1, registry.Approved)
	foreign.ID, foreign.ServiceID = "foreign", "autre"
	other := reading()
	other.ID, other.Bindings[0].Handle = "autre", "urn:autre"
	p.given(registry.Change{Services: []registry.Service{other}, Declarations: []registry.Declaration{local, foreign}})
	s := enable(right(veil))
	s.Declaration = "local"
	_, err := p.Decide(t.Context(), headOfVeil(), s)
	wantInvalid(t, err, "where.uais[0]")
	s.Declaration = "foreign"
	_, err = p.Decide(t.Context(), headOfVeil(), s)
	wantMissing(t, err, "declaration")
	s.Declaration = ""
	_, err = p.Decide(t.Context(), headOfVeil(), s)
	wantInvalid(t, err, "declaration")
	s.Service = "nothing"
	s.Declaration = "lire-aca"
	_, err = p.Decide(t.Context(), headOfVeil(), s)
	wantMissing(t, err, "service")
}

func TestASuspendedServiceIsEnabledNowhere(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[registry.Service](t)(p.SuspendService(t.Context(), in("oncall"), "lire", true, "fuite signalée"))
	_, err := p.Decide(t.Context(), headOfVeil(), enable(right(veil)))
	wantConflict(t, err, "state")
}

func TestAClosedSchoolEnablesNothing(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.Decide(t.Context(), at("h", registry.HeadOfSchool, right(gone)), enable(right(gone)))
	wantDenied(t, err, "perimeter")
	_, err = p.Decide(t.Context(), in("oncall"), stop(registry.SuspendedHere, right(gone)))
	wantInvalid(t, err, "where.uais[0]")
}

func TestAcceptingAWiderVersionIsEnablingIt(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	wider := examined(2, registry.Approved)
	wider.From, wider.Change = day("2026-12-01"), registry.Wider
	p.given(registry.Change{Declarations: []registry.Declaration{wider}})

	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	if e := p.enabling("lire", right(veil)); e.Version != 1 {
		t.Errorf("enabling without a version accepted version %d, which is still to come", e.Version)
	}
	s := enable(right(veil))
	s.Version = 2
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), s))
	e := p.enabling("lire", right(veil))
	if e.Version != 2 || e.Before != 1 || len(e.Decisions) != 2 {
		t.Errorf("enabling %+v, want version 2 and version 1 until then", e)
	}

	p.at("2026-12-02T09:00:00Z")
	s.Version = 1
	_, err := p.Decide(t.Context(), headOfVeil(), s)
	wantInvalid(t, err, "where.uais[0]")
	_, err = p.Decide(t.Context(), at("h2", registry.HeadOfSchool, right(private)), desk.Stance{
		Service: "lire", Declaration: "lire-aca", Version: 1, Where: desk.Where{UAIs: []person.UAI{right(private)}}, State: registry.Enabled,
	})
	wantInvalid(t, err, "where.uais[0]")
	s.Version = 3
	_, err = p.Decide(t.Context(), headOfVeil(), s)
	wantConflict(t, err, "state")
}

func TestNoOlderVersionTakesThePlaceOfTheNewest(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	second := examined(2, registry.Approved)
	second.State, second.From = registry.Archived, day("2026-10-01")
	p.given(registry.Change{Declarations: []registry.Declaration{second}})
	_, err := p.Decide(t.Context(), headOfVeil(), enable(right(veil)))
	wantConflict(t, err, "state")
	s := enable(right(veil))
	s.Version = 1
	_, err = p.Decide(t.Context(), headOfVeil(), s)
	wantInvalid(t, err, "where.uais[0]")
}

func TestALocalSuspensionIsLiftedOnlyByTheController(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	directeur := at("directeur", registry.Directeur, right(jules))
	ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), enable(right(jules))))
	ok[desk.Report](t)(p.Decide(t.Context(), directeur, stop(registry.SuspendedHere, right(jules))))
	e := p.enabling("lire", right(jules))
	if e.State != registry.SuspendedHere || e.Declaration != "lire-aca" || e.Version != 1 {
		t.Errorf("suspended: %+v", e)
	}
	for _, c := range []roles.Caller{directeur, in("ien")} {
		for _, s := range []desk.Stance{enable(right(jules)), stop(registry.Withdrawn, right(jules)), stop(registry.RefusedHere, right(jules))} {
			_, err := p.Decide(t.Context(), c, s)
			wantDenied(t, err, "role")
		}
	}
	ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), enable(right(jules))))
	if e := p.enabling("lire", right(jules)); e.State != registry.Enabled || len(e.Decisions) != 3 {
		t.Errorf("lifted: %+v", e)
	}
	ok[desk.Report](t)(p.Decide(t.Context(), in("ien"), stop(registry.SuspendedHere, right(jules))))
	ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), stop(registry.Withdrawn, right(jules))))
	if e := p.enabling("lire", right(jules)); e.State != registry.Withdrawn || e.Declaration != "" || e.Version != 0 {
		t.Errorf("withdrawn: %+v", e)
	}
}

func TestLiftingASuspensionAcceptsNothingNew(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	wider := examined(2, registry.Approved)
	wider.Change, wider.From = registry.Wider, day("2026-11-01")
	p.given(registry.Change{Declarations: []registry.Declaration{wider}})
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.SuspendedHere, right(veil))))
	s := enable(right(veil))
	s.Version = 1
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), s))
	if e := p.enabling("lire", right(veil)); e.State != registry.Enabled || e.Version != 1 {
		t.Errorf("lifted: %+v, want the version that was accepted before", e)
	}
}

func TestASuspensionNeverTakesThePlaceOfARefusal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), stop(registry.RefusedHere, right(jules))))
	r := ok[desk.Report](t)(p.Decide(t.Context(), at("d", registry.Directeur, right(jules)), stop(registry.SuspendedHere, right(jules))))
	if e := p.enabling("lire", right(jules)); r.Unchanged != 1 || e.State != registry.RefusedHere {
		t.Errorf("%+v: %+v", r, e)
	}
}

func TestStoppingWantsAReasonAndKnownWords(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, state := range []registry.EnablingState{registry.RefusedHere, registry.SuspendedHere} {
		s := stop(state, right(veil))
		s.Reason = ""
		_, err := p.Decide(t.Context(), headOfVeil(), s)
		wantInvalid(t, err, "reason")
	}
	for _, state := range []registry.EnablingState{"", registry.ClaimedOnPaper, "open"} {
		_, err := p.Decide(t.Context(), headOfVeil(), stop(state, right(veil)))
		wantInvalid(t, err, "state")
	}
	r := ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.Withdrawn, right(veil))))
	if r.Done != 0 || r.Unchanged != 1 {
		t.Errorf("withdrawing what nobody said: %+v", r)
	}
}

func TestAControllerDecidesOnWhatAFileOnlyClaims(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	p.given(registry.Change{Enablings: []registry.Enabling{{
		Service: "lire", UAI: right(veil), State: registry.ClaimedOnPaper, Declaration: "lire-aca", Version: 1,
		Paper: &registry.Paper{Act: "acte 3"}, ManagedBy: "ecoles.yaml",
	}}})
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.RefusedHere, right(veil))))
	if e := p.enabling("lire", right(veil)); e.State != registry.RefusedHere || e.ManagedBy != "ecoles.yaml" || e.Paper == nil {
		t.Errorf("%+v", e)
	}
}

func TestEnablingsAreSeenByService(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), enable(right(veil))))
	ok[desk.Report](t)(p.Decide(t.Context(), in("dasen"), enable(right(jules))))
	if got := ok[[]registry.Enabling](t)(p.Enablings(t.Context(), in("recteur"), "lire", "")); len(got) != 2 {
		t.Errorf("%d enablings, want 2", len(got))
	}
	if got := ok[[]registry.Enabling](t)(p.Enablings(t.Context(), in("recteur"), "lire", right(veil))); len(got) != 1 || got[0].UAI != right(veil) {
		t.Errorf("%+v", got)
	}
	if got := ok[[]registry.Enabling](t)(p.Enablings(t.Context(), in("recteur"), "autre", "")); len(got) != 0 {
		t.Errorf("%+v", got)
	}
	_, err := p.Enablings(t.Context(), in("nobody"), "lire", right(veil))
	wantDenied(t, err, "role")
	if got := ok[[]registry.Enabling](t)(p.Enablings(t.Context(), in("nobody"), "", "")); len(got) != 0 {
		t.Errorf("somebody without a role sees %+v", got)
	}
}

func TestHardCase17OneHeadObjectsAndOnlyTheirSchoolIsClosed(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	everywhere := examined(2, registry.Approved)
	everywhere.Scope.All, everywhere.Change = true, registry.Wider
	p.given(registry.Change{Declarations: []registry.Declaration{everywhere}})
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.RefusedHere, right(veil))))
	if all := p.snapshot().Enablings(); len(all) != 1 || all[0].UAI != right(veil) || all[0].State != registry.RefusedHere {
		t.Errorf("%+v", all)
	}
	for _, c := range []roles.Caller{in("recteur"), in("dasen"), in("drane"), in("dpo")} {
		if _, err := p.Decide(t.Context(), c, stop(registry.Withdrawn, right(veil))); err == nil {
			t.Errorf("%s took a head's refusal back", c)
		}
	}
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.Withdrawn, right(veil))))
}

func TestHardCase21OneHeadOfTwoSchoolsDecidesForEach(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, uai := range []person.UAI{right(veil), right(private)} {
		e, _ := p.snapshot().Establishment(uai)
		e.Group = "Cité Veil"
		p.given(registry.Change{Establishments: []registry.Establishment{e}})
	}
	both := at("head", registry.HeadOfSchool, right(veil), right(private))
	ok[desk.Report](t)(p.Decide(t.Context(), both, enable(right(veil))))
	if e := p.enabling("lire", right(private)); e.State != "" {
		t.Errorf("the other school of the cité followed: %+v", e)
	}
	r := ok[desk.Report](t)(p.Decide(t.Context(), both, enable(right(veil), right(private))))
	if r.Done != 1 || r.Unchanged != 1 || len(p.snapshot().Enablings()) != 2 {
		t.Errorf("named together: %+v", r)
	}
}

func TestHardCase23TheHeadOfAPrivateSchoolSigns(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), at("head", registry.HeadOfSchool, right(private)), enable(right(private))))
	if e := p.enabling("lire", right(private)); e.State != registry.Enabled || e.Decisions[0].Office != "chef d'établissement" {
		t.Errorf("%+v", e)
	}
}

func TestTwoReplicasDecideOneAfterTheOther(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	done := make(chan error)
	schools := []person.UAI{right(veil), right(private), right(far)}
	for _, uai := range schools {
		other := &desk.Desk{Store: p.Store, Live: &registry.Live{Store: p.Store, Zone: p.Live.Zone, Now: p.Now, Shipped: p.Live.Shipped}, Words: p.Words, Now: p.Now, StepUps: p.StepUps}
		go func() {
			_, err := other.Decide(t.Context(), at("h-"+string(uai), registry.HeadOfSchool, uai), enable(uai))
			done <- err
		}()
	}
	for range schools {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if n := len(p.snapshot().Enablings()); n != len(schools) {
		t.Errorf("%d of %d acts were kept", n, len(schools))
	}
}

func TestWhyASchoolDecidedIsForThoseWhoKeepItsRegister(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.College)
	_, err := h.Decide(t.Context(), head, desk.Stance{
		Service: "lire", Where: desk.Where{UAIs: []person.UAI{desktest.College}}, State: registry.RefusedHere, Reason: "le conseil s'y oppose",
	})
	if err != nil {
		t.Fatal(explain(err))
	}
	for name, c := range map[string]struct {
		roles.Caller
		why bool
	}{
		"its head": {head, true}, "the DPO": {h.DPO(), true}, "another head": {h.Head(desktest.Other), false}, "a teacher": {h.Teacher(desktest.College), false},
	} {
		list, err := h.Enablings(t.Context(), c.Caller, "lire", desktest.College)
		if err != nil || len(list) != 1 || list[0].State != registry.RefusedHere {
			t.Fatalf("%s: %v, %v", name, list, err)
		}
		if told := len(list[0].Decisions) > 0; told != c.why {
			t.Errorf("%s is told why: %v", name, told)
		}
	}
}
