package desk_test

import (
	"slices"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// swiss is an establishment's declaration whose data goes to Switzerland under the adequacy decision, enabled there.
func swiss(p *place) {
	d := examined(1, registry.Approved)
	d.ID, d.ServiceID = "carte-aca", "carte"
	d.Transfers = []registry.Transfer{{Country: "CH", Recipient: "Karte AG", Instrument: registry.Adequacy}}
	d.Judged = &registry.Examination{At: d.Decisions[0].At, Rules: 0}
	p.given(registry.Change{
		Services: []registry.Service{another("carte", "Karte AG")}, Declarations: []registry.Declaration{d},
		Enablings: []registry.Enabling{{Service: "carte", UAI: right(veil), State: registry.Enabled, Declaration: "carte-aca", Version: 1}},
	})
}

// fallen are the rules without the adequacy of Switzerland, with a deadline for who relied on it.
func fallen() registry.Rules {
	r := someRules()
	r.Note = "la décision est annulée"
	r.Withdrawn = []registry.Withdrawal{{Instrument: registry.Adequacy, Country: "CH", Since: day("2026-11-20"), Deadline: day("2027-01-31"), Why: "arrêt"}}
	return r
}

func TestHardCase41AnAdequacyThatFallsFlagsThenStops(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	swiss(p)
	effect := ok[desk.Effect](t)(p.EffectOf(t.Context(), in("dpo"), fallen()))
	if !slices.Equal(effect.Stops, []string{"carte-aca v1"}) || effect.Schools != 1 || effect.Findings["carte-aca v1"][0].Rule != "instrument" {
		t.Errorf("effect %+v", effect)
	}
	if len(p.snapshot().RuleSets()) != 1 {
		t.Error("computing an effect wrote rules")
	}
	set := ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("drane"), fallen(), day("2026-11-24")))
	if set.Rules.Version != 1 || set.Author != "drane" || len(set.Signatures) != 1 || set.Signatures[0].Stops != 1 {
		t.Errorf("%+v", set)
	}
	set = ok[registry.RuleSet](t)(p.SignRules(t.Context(), in("dpo"), 1, false, "vu"))
	if !set.Signed() || set.Signatures[1].Role != registry.DPO || set.Signatures[1].Stops != 1 {
		t.Errorf("%+v", set)
	}
	if flags := ok[[]desk.Flag](t)(p.Flagged(t.Context(), in("dpo"))); len(flags) != 0 {
		t.Errorf("flagged before the rules hold: %+v", flags)
	}

	p.at("2026-11-24T09:00:00Z")
	flags := ok[[]desk.Flag](t)(p.Flagged(t.Context(), in("dpo")))
	if len(flags) != 1 || flags[0].Declaration != "carte-aca" || flags[0].Why != policy.LapseWithdrawn || flags[0].Until.Format("2006-01-02T15:04Z07") != "2027-02-01T00:00+01" {
		t.Errorf("flags %+v", flags)
	}
	ok[desk.Report](t)(p.Decide(t.Context(), at("h", registry.HeadOfSchool, right(private)), desk.Stance{
		Service: "carte", Declaration: "carte-aca", Where: desk.Where{UAIs: []person.UAI{right(private)}}, State: registry.Enabled,
	}))

	p.at("2027-01-31T23:00:00Z")
	d, _ := p.snapshot().Declaration("carte-aca", 1)
	if end, why := policy.Ends(d, p.snapshot().Rules(p.clock), p.snapshot().Zone()); p.clock.Before(end) || why != policy.LapseWithdrawn {
		t.Errorf("it ends at %s (%s)", end, why)
	}
	if flags := ok[[]desk.Flag](t)(p.Flagged(t.Context(), in("dpo"))); len(flags) != 0 {
		t.Errorf("flagged after it stopped: %+v", flags)
	}
	_, err := p.Decide(t.Context(), at("h", registry.HeadOfSchool, right(far)), desk.Stance{
		Service: "carte", Declaration: "carte-aca", Where: desk.Where{UAIs: []person.UAI{right(far)}}, State: registry.Enabled,
	})
	wantConflict(t, err, "state")
	if d.State != registry.Approved || d.Judged == nil || d.Judged.Rules != 0 {
		t.Errorf("later rules changed what the record says of its approval: %+v", d.Judged)
	}
}

func TestRulesWantTwoPersonsOneOfThemTheDPO(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []roles.Caller{in("admin"), in("dasen"), in("oncall"), headOfVeil(), teacher()} {
		_, err := p.ProposeRules(t.Context(), c, fallen(), day("2026-11-24"))
		wantDenied(t, err, "role")
		_, err = p.EffectOf(t.Context(), c, fallen())
		wantDenied(t, err, "role")
		_, err = p.SignRules(t.Context(), c, 1, false, "")
		wantDenied(t, err, "role")
	}
	ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("drane"), fallen(), day("2026-11-24")))
	_, err := p.SignRules(t.Context(), in("drane"), 1, false, "")
	wantDenied(t, err, "own_act")
	set := ok[registry.RuleSet](t)(p.SignRules(t.Context(), in("recteur"), 1, false, ""))
	if set.Signed() {
		t.Error("rules hold that no data-protection officer signed")
	}
	p.at("2026-11-24T09:00:00Z")
	if v := p.snapshot().Rules(p.clock).Version; v != 0 {
		t.Errorf("version %d holds unsigned", v)
	}
	set = ok[registry.RuleSet](t)(p.SignRules(t.Context(), in("dpo"), 1, false, ""))
	if v := p.snapshot().Rules(p.clock).Version; !set.Signed() || v != 1 {
		t.Errorf("version %d holds", v)
	}
	_, err = p.SignRules(t.Context(), in("recteur"), 1, false, "")
	wantConflict(t, err, "state")
	_, err = p.SignRules(t.Context(), in("dpo"), 1, true, "regret")
	wantConflict(t, err, "state")
	_, err = p.SignRules(t.Context(), in("dpo"), 0, false, "")
	wantConflict(t, err, "state")
	_, err = p.SignRules(t.Context(), in("dpo"), 9, false, "")
	wantMissing(t, err, "rules")
}

func TestRulesAreDatedAndWhole(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	_, err := p.ProposeRules(t.Context(), in("dpo"), fallen(), day("2026-11-22"))
	wantInvalid(t, err, "from")
	r := fallen()
	r.Note, r.ConsentAge = "", 12
	_, err = p.ProposeRules(t.Context(), in("dpo"), r, registry.Date{})
	wantInvalid(t, err, "consent_age", "from", "note")
	_, err = p.EffectOf(t.Context(), in("dpo"), r)
	wantInvalid(t, err, "consent_age")
	forbidden := fallen()
	forbidden.Uses = append(slices.Clone(forbidden.Uses), registry.Use{
		ID: "soin", Label: registry.Text{FR: "Soin"}, Items: []person.Attr{"uai", "nir", "pointure"},
	})
	words := []string{"uses[1].items[1]", "uses[1].items[2]"}
	_, err = p.ProposeRules(t.Context(), in("dpo"), forbidden, day("2026-11-23"))
	wantInvalid(t, err, words...)
	_, err = p.EffectOf(t.Context(), in("dpo"), forbidden)
	wantInvalid(t, err, words...)
	ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("dpo"), fallen(), day("2026-11-23")))
	_, err = p.ProposeRules(t.Context(), in("drane"), fallen(), day("2026-11-24"))
	wantConflict(t, err, "state")
	p.at("2026-11-24T09:00:00Z")
	_, err = p.SignRules(t.Context(), in("recteur"), 1, false, "")
	wantConflict(t, err, "state")
}

func TestAProposalThatIsDroppedIsNeverSigned(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("drane"), fallen(), day("2026-11-23")))
	_, err := p.SignRules(t.Context(), in("dpo"), 1, true, "")
	wantInvalid(t, err, "reason")
	set := ok[registry.RuleSet](t)(p.SignRules(t.Context(), in("dpo"), 1, true, "prématuré"))
	if !set.Dropped || set.Signed() || p.snapshot().Rules(p.clock).Version != 0 {
		t.Errorf("%+v", set)
	}
	_, err = p.SignRules(t.Context(), in("recteur"), 1, false, "")
	wantConflict(t, err, "state")
	if set = ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("dpo"), fallen(), day("2026-11-24"))); set.Rules.Version != 2 {
		t.Errorf("the next proposal is version %d, want 2", set.Rules.Version)
	}
	if len(p.kept("rules_drop")) != 1 || len(p.kept("rules_propose")) != 2 {
		t.Error("the journal does not say what became of the proposals")
	}
}

func TestTheEffectCountsWhatWouldChangeAndNothingElse(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	swiss(p)
	if e := ok[desk.Effect](t)(p.EffectOf(t.Context(), in("dpo"), someRules())); len(e.Stops)+len(e.Blocks)+len(e.Findings)+e.Schools != 0 {
		t.Errorf("the same rules have an effect: %+v", e)
	}
	everywhere := examined(1, registry.Approved)
	everywhere.ID, everywhere.ServiceID, everywhere.Scope.All = "carte-tous", "carte", true
	everywhere.Transfers = []registry.Transfer{{Country: "CH", Recipient: "Karte AG", Instrument: registry.Adequacy}}
	over := everywhere
	over.ID, over.Until = "carte-vieux", day("2026-10-01")
	p.given(registry.Change{Declarations: []registry.Declaration{everywhere, over}})
	ok[desk.Report](t)(p.Decide(t.Context(), at("h", registry.HeadOfSchool, right(private)), desk.Stance{
		Service: "carte", Where: desk.Where{UAIs: []person.UAI{right(private)}}, State: registry.RefusedHere, Reason: "non",
	}))
	e := ok[desk.Effect](t)(p.EffectOf(t.Context(), in("dpo"), fallen()))
	if !slices.Equal(slices.Sorted(slices.Values(e.Stops)), []string{"carte-aca v1", "carte-tous v1"}) {
		t.Errorf("stops %q", e.Stops)
	}
	if e.Schools != 4 { // of six, one is closed and one said no
		t.Errorf("it reaches %d schools, want 4", e.Schools)
	}
	set := ok[registry.RuleSet](t)(p.ProposeRules(t.Context(), in("dpo"), fallen(), day("2026-11-24")))
	if set.Signatures[0].Stops != 1 {
		t.Errorf("shown to stop %d services, want the one", set.Signatures[0].Stops)
	}
}

func TestTheEffectNamesWhatCouldNotBeApprovedAgain(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	d := conformitytest.Conforming("lire", "lire-suisse")
	d.Uses = []string{"lire"}
	d.Transfers = []registry.Transfer{{Country: "CH", Recipient: "Karte AG", Instrument: registry.Adequacy}}
	d.State, d.Decisions = registry.Approved, examined(1, registry.Approved).Decisions
	p.given(registry.Change{Declarations: []registry.Declaration{d}})
	r := someRules()
	r.Adequate = nil
	e := ok[desk.Effect](t)(p.EffectOf(t.Context(), in("dpo"), r))
	if !slices.Equal(e.Blocks, []string{"lire-suisse v1"}) || len(e.Stops) != 0 || !registry.Blocks(e.Findings["lire-suisse v1"]) {
		t.Errorf("%+v", e)
	}
	for _, f := range e.Findings["lire-suisse v1"] {
		if f.Severity != registry.Blocking {
			t.Errorf("%v does not block", f)
		}
	}
	if e = ok[desk.Effect](t)(p.EffectOf(t.Context(), in("dpo"), someRules())); len(e.Blocks) != 0 {
		t.Errorf("the same rules block %q", e.Blocks)
	}
}
