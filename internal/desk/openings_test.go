package desk_test

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func crisis(from, until string) registry.Opening {
	return registry.Opening{
		Service: "lire", Declaration: "lire-aca", Academy: aca, Act: "arrêté du 23 novembre", Reason: "fermeture des écoles",
		From: day(from), Until: day(until),
	}
}

func TestARecteurOpensAnExaminedServiceForThirtyDays(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	o := ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	stored := p.snapshot().Openings()
	if len(stored) != 1 || stored[0].ID != o.ID || o.Version != 1 || o.Decisions[0].By != "recteur" || o.Decisions[0].Office != "recteur" {
		t.Errorf("%+v", stored)
	}
	if !o.Holds(p.snapshot(), p.clock) {
		t.Error("the opening does not hold")
	}
	kept := p.kept("opening_begin")
	if len(kept) != 1 || kept[0].Detail["until"] != "2026-12-22" || kept[0].Service != "lire" {
		t.Errorf("journal %+v", kept)
	}
}

func TestNobodyElseOpensInACrisis(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []roles.Caller{in("dasen"), in("dpo"), in("admin"), in("oncall"), in("drane"), headOfVeil(), teacher()} {
		_, err := p.Open(t.Context(), c, crisis("2026-11-23", "2026-12-22"))
		wantDenied(t, err, "role")
	}
	_, err := p.Open(t.Context(), in("elsewhere"), crisis("2026-11-23", "2026-12-22"))
	wantDenied(t, err, "perimeter")
}

func TestAnOpeningHasAnActAReasonAndDates(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for name, c := range map[string]struct {
		change func(*registry.Opening)
		want   []string
	}{
		"thirty-one days": {func(o *registry.Opening) { o.Until = day("2026-12-23") }, []string{"until"}},
		"no end":          {func(o *registry.Opening) { o.Until = registry.Date{} }, []string{"until"}},
		"ends first":      {func(o *registry.Opening) { o.From, o.Until = day("2026-11-25"), day("2026-11-24") }, []string{"until"}},
		"begins before":   {func(o *registry.Opening) { o.From = day("2026-11-22") }, []string{"from", "until"}},
		"bare":            {func(o *registry.Opening) { o.Act, o.Reason = "", " " }, []string{"act", "reason"}},
	} {
		o := crisis("2026-11-23", "2026-12-22")
		c.change(&o)
		_, err := p.Open(t.Context(), in("recteur"), o)
		t.Log(name)
		wantInvalid(t, err, c.want...)
	}
	o := crisis("2026-11-23", "2026-12-10")
	o.From = registry.Date{}
	if o = ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), o)); o.From != day("2026-11-23") {
		t.Errorf("an opening without a first day begins on %s", o.From)
	}
}

func TestACrisisOpensNothingThatNobodyExamined(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change func(*registry.Declaration)
		code   string
	}{
		"still to come": {func(d *registry.Declaration) { d.From = day("2026-11-24") }, "state"},
		"suspended":     {func(d *registry.Declaration) { d.State = registry.Suspended }, "state"},
		"over":          {func(d *registry.Declaration) { d.Until = day("2026-11-22") }, "state"},
		"submitted":     {func(d *registry.Declaration) { d.State, d.Decisions = registry.Submitted, nil }, "state"},
		"of a school": {func(d *registry.Declaration) {
			d.Scope = registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{right(veil)}}
		}, "level"},
		"of another academy": {func(d *registry.Declaration) { d.Scope.Academies = []string{"ailleurs"} }, "level"},
	} {
		p := newPlace(t)
		d := examined(1, registry.Approved)
		d.ID = "other"
		c.change(&d)
		p.given(registry.Change{Declarations: []registry.Declaration{d}})
		o := crisis("2026-11-23", "2026-12-22")
		o.Declaration = "other"
		_, err := p.Open(t.Context(), in("recteur"), o)
		t.Log(name)
		wantConflict(t, err, c.code)
	}
	p := newPlace(t)
	o := crisis("2026-11-23", "2026-12-22")
	o.Declaration = "none"
	_, err := p.Open(t.Context(), in("recteur"), o)
	wantMissing(t, err, "declaration")
	o.Service = "none"
	_, err = p.Open(t.Context(), in("recteur"), o)
	wantMissing(t, err, "service")
}

func TestAnOpeningIsRenewedOnceAndOnlyWithAnOpinion(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	again := crisis("2026-12-23", "2027-01-21")
	again.Renews = first.ID
	_, err := p.Open(t.Context(), in("recteur"), again)
	wantConflict(t, err, "opinion")

	_, err = p.OpineOpening(t.Context(), in("recteur"), first.ID, registry.Favourable, "")
	wantDenied(t, err, "role")
	_, err = p.OpineOpening(t.Context(), in("dpo"), "none", registry.Favourable, "")
	wantMissing(t, err, "opening")
	_, err = p.OpineOpening(t.Context(), in("dpo"), first.ID, "perhaps", "")
	wantInvalid(t, err, "reason", "value")
	_, err = p.OpineOpening(t.Context(), in("dpo"), first.ID, registry.WithReservations, "")
	wantInvalid(t, err, "reason")
	ok[registry.Opening](t)(p.OpineOpening(t.Context(), in("dpo"), first.ID, registry.Favourable, ""))
	_, err = p.OpineOpening(t.Context(), in("dpo"), first.ID, registry.Unfavourable, "trop long")
	wantConflict(t, err, "opinion")

	gap := again
	gap.From = day("2026-12-24")
	_, err = p.Open(t.Context(), in("recteur"), gap)
	wantInvalid(t, err, "from")
	again.From = registry.Date{}
	second := ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), again))
	if second.From != day("2026-12-23") || second.Opinion == nil || second.Opinion.By != "dpo" {
		t.Errorf("%+v", second)
	}
	p.at("2026-12-24T09:00:00Z")
	if !second.Holds(p.snapshot(), p.clock) || first.Holds(p.snapshot(), p.clock) {
		t.Error("the renewal does not take over from the opening")
	}
	_, err = p.OpineOpening(t.Context(), in("dpo"), second.ID, registry.Favourable, "")
	wantConflict(t, err, "opinion")

	third := crisis("2027-01-22", "2027-02-10")
	third.Renews = second.ID
	_, err = p.Open(t.Context(), in("recteur"), third)
	wantConflict(t, err, "state")
	third.Renews = first.ID
	_, err = p.Open(t.Context(), in("recteur"), third)
	wantConflict(t, err, "state")
	third.Renews = "none"
	_, err = p.Open(t.Context(), in("recteur"), third)
	wantMissing(t, err, "opening")
}

func TestAnUnfavourableOpinionIsNoRenewal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	ok[registry.Opening](t)(p.OpineOpening(t.Context(), in("dpo"), first.ID, registry.Unfavourable, "rien ne le justifie"))
	again := crisis("2026-12-23", "2027-01-21")
	again.Renews = first.ID
	_, err := p.Open(t.Context(), in("recteur"), again)
	wantConflict(t, err, "opinion")
}

func TestOpeningsInARowAreNotAWayAroundARenewal(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	for _, o := range []registry.Opening{crisis("2026-11-23", "2026-11-30"), crisis("2026-12-23", "2027-01-10"), crisis("2027-01-21", "2027-02-10")} {
		_, err := p.Open(t.Context(), in("recteur"), o)
		wantConflict(t, err, "state")
	}
	ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2027-01-22", "2027-02-10")))
}

func TestARecteurEndsAnOpeningBeforeItsTime(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	first := ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	_, err := p.EndOpening(t.Context(), in("dpo"), first.ID, "fini")
	wantDenied(t, err, "role")
	_, err = p.EndOpening(t.Context(), in("elsewhere"), first.ID, "fini")
	wantDenied(t, err, "perimeter")
	_, err = p.EndOpening(t.Context(), in("recteur"), first.ID, "")
	wantInvalid(t, err, "reason")
	_, err = p.EndOpening(t.Context(), in("recteur"), "none", "fini")
	wantMissing(t, err, "opening")
	o := ok[registry.Opening](t)(p.EndOpening(t.Context(), in("recteur"), first.ID, "fini"))
	if !o.Ended || len(o.Decisions) != 2 || o.Holds(p.snapshot(), p.clock) {
		t.Errorf("%+v", o)
	}
	_, err = p.EndOpening(t.Context(), in("recteur"), first.ID, "fini")
	wantConflict(t, err, "state")
	again := crisis("2026-12-23", "2027-01-21")
	again.Renews = first.ID
	_, err = p.Open(t.Context(), in("recteur"), again)
	wantConflict(t, err, "state")
	_, err = p.Open(t.Context(), in("recteur"), crisis("2026-11-24", "2026-12-23"))
	wantConflict(t, err, "state")
	ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-24", "2026-12-22")))
}

func TestALocalRefusalStandsInACrisis(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[desk.Report](t)(p.Decide(t.Context(), headOfVeil(), stop(registry.RefusedHere, right(veil))))
	ok[registry.Opening](t)(p.Open(t.Context(), in("recteur"), crisis("2026-11-23", "2026-12-22")))
	if e := p.enabling("lire", right(veil)); e.State != registry.RefusedHere {
		t.Errorf("the opening changed the school's own word: %+v", e)
	}
}
