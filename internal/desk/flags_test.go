package desk_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// ofKind lists somebody's tasks of a kind.
func ofKind(t *testing.T, d *desk.Desk, c roles.Caller, kind string) []desk.Task {
	t.Helper()
	all, err := d.Waiting(t.Context(), c)
	if err != nil {
		t.Fatal(explain(err))
	}
	return slices.DeleteFunc(all, func(task desk.Task) bool { return task.Kind != kind })
}

// withdrawn makes the withdrawal of Switzerland's adequacy hold.
func withdrawn(t *testing.T, p *place) {
	t.Helper()
	swiss(p)
	ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("drane"), fallen(), day("2026-11-24")))
	ok[registry.RuleSet](t)(p.SignRules(t.Context(), in("dpo"), 1, false, "vu"))
}

func TestHardCase41WhoeverMustAnswerIsToldOfAFallenInstrumentHoweverFarItsDeadline(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	withdrawn(t, p)
	if got := ofKind(t, p.Desk, in("dpo"), "flag"); len(got) != 0 {
		t.Errorf("told before the rules hold: %+v", got)
	}
	p.at("2026-11-24T09:00:00Z") // 68 days before the deadline: too early for anything that only ends
	for _, who := range []string{"dpo", "drane", "recteur"} {
		got := ofKind(t, p.Desk, in(who), "flag")
		if len(got) != 1 || got[0].About != "carte-aca v1" || got[0].Since != "2026-11-19T23:00:00Z" || got[0].Until != "2027-01-31" {
			t.Errorf("%s is told %+v", who, got)
		}
	}
	for name, c := range map[string]roles.Caller{"admin": in("admin"), "oncall": in("oncall"), "a head": headOfVeil(), "a teacher": teacher()} {
		if got := ofKind(t, p.Desk, c, "flag"); len(got) != 0 {
			t.Errorf("%s is told %+v", name, got)
		}
	}
	p.at("2027-01-20T09:00:00Z")
	if got := ofKind(t, p.Desk, in("drane"), "expiry"); len(got) != 0 {
		t.Errorf("the same is told twice: %+v", got)
	}
	p.at("2027-01-31T23:00:00Z")
	if got := ofKind(t, p.Desk, in("dpo"), "flag"); len(got) != 0 {
		t.Errorf("told after it stopped: %+v", got)
	}
}

func TestAFallenInstrumentIsFlaggedEvenWhereSomethingElseEndsSooner(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	withdrawn(t, p)
	p.at("2026-11-24T09:00:00Z")
	d, _ := p.snapshot().Declaration("carte-aca", 1)
	for name, end := range map[string]func(*registry.Declaration){
		"carte-contrat": func(d *registry.Declaration) { d.Supplier.Until = day("2026-12-31") },
		"carte-fin":     func(d *registry.Declaration) { d.Until = day("2026-12-30") },
	} {
		other := d
		other.ID = name
		end(&other)
		p.given(registry.Change{Declarations: []registry.Declaration{other}})
	}
	flags := ok[[]desk.Flag](t)(p.Flagged(t.Context(), in("dpo")))
	var names []string
	for _, f := range flags {
		if f.Why != policy.LapseWithdrawn {
			t.Errorf("%+v", f)
		}
		names = append(names, f.Declaration+" "+f.Until.Format("2006-01-02"))
	}
	if !slices.Equal(names, []string{"carte-fin 2026-12-31", "carte-contrat 2027-01-01", "carte-aca 2027-02-01"}) {
		t.Errorf("flags %q", names)
	}
}

func TestFlagsAreForThoseWhoMayRead(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	withdrawn(t, p)
	p.at("2026-11-24T09:00:00Z")
	_, err := p.Flagged(t.Context(), roles.Caller{Handle: "nobody"})
	wantDenied(t, err, "role")
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	d.ID, d.ServiceID, d.Supplier.Until = "calcul-1", "calcul", desktest.Day("2027-01-10")
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d}})
	for name, c := range map[string]struct {
		who  roles.Caller
		want int
	}{"the DPO": {h.DPO(), 1}, "a teacher": {h.Teacher(desktest.Other), 1}, "the provider of another service": {h.Provider(), 0}} {
		flags, err := h.Flagged(t.Context(), c.who)
		found := 0
		for _, f := range flags {
			if f.Declaration == d.ID && f.Why == policy.LapseContract {
				found++
			}
		}
		if err != nil || found != c.want {
			t.Errorf("%s: %+v, %v", name, flags, err)
		}
	}
}

func TestHardCase15WhoeverRunsAServiceIsToldWhatItIsNoLongerSent(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	first := inForce(t, h, desktest.Reading())
	h.Day("2026-11-25")
	approved(t, h, h.Recteur(), next(t, h, first.ID, renewed))
	told := func(c roles.Caller) []desk.Task { return ofKind(t, h.Desk, c, "narrowed") }
	if got := told(h.Provider()); len(got) != 0 {
		t.Errorf("a renewal takes nothing away: %+v", got)
	}
	d := approved(t, h, h.Recteur(), next(t, h, first.ID, narrowed))
	var gone []string
	for _, item := range first.Items[3:] {
		gone = append(gone, string(item.Attr))
	}
	for name, c := range map[string]roles.Caller{"the provider": h.Provider(), "the administrator": h.Admin()} {
		got := told(c)
		if len(got) != 1 || got[0].About != "2026-001 v3" || got[0].What != strings.Join(gone, ", ") || !strings.HasPrefix(got[0].Since, "2026-11-25T") {
			t.Errorf("%s is told %+v of %v", name, got, gone)
		}
		if text, err := json.Marshal(got); err != nil || !strings.Contains(string(text), `"what":"`+gone[0]) {
			t.Errorf("%s, %v", text, err)
		}
	}
	for name, c := range map[string]roles.Caller{
		"the DPO": h.DPO(), "the DRANE": h.DRANE(), "the recteur": h.Recteur(), "a head": h.Head(desktest.College), "a stranger": h.Stranger(),
	} {
		if got := told(c); len(got) != 0 {
			t.Errorf("%s is told %+v", name, got)
		}
	}
	h.Day("2026-12-10")
	approved(t, h, h.Recteur(), next(t, h, d.ID, func(v *registry.Declaration) { v.Until = desktest.Day("2026-12-20") }))
	if got := told(h.Provider()); len(got) != 1 {
		t.Errorf("a renewal hides what is no longer sent: %+v", got)
	}
	h.Day("2026-12-24")
	if got := told(h.Provider()); len(got) != 1 {
		t.Errorf("on the last day: %+v", got)
	}
	h.Day("2026-12-26")
	if got := told(h.Provider()); len(got) != 0 {
		t.Errorf("after thirty days: %+v", got)
	}
}

func TestWhatAWiderVersionSendsAgainIsNotSaidToBeGone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	first := inForce(t, h, desktest.Reading())
	d := approved(t, h, h.Recteur(), next(t, h, first.ID, narrowed))
	if got := ofKind(t, h.Desk, h.Provider(), "narrowed"); len(got) != 1 {
		t.Fatalf("told %+v", got)
	}
	again := next(t, h, d.ID, func(v *registry.Declaration) { v.Items = first.Items })
	approved(t, h, h.Recteur(), opined(t, h, again, registry.Favourable))
	if got := ofKind(t, h.Desk, h.Provider(), "narrowed"); len(got) != 0 {
		t.Errorf("told %+v", got)
	}
}
