package desk_test

import (
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAModelBringsNoOpinionThatSomebodyWroteIntoIt(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, "")
	text := desktest.Reading()
	text.ID = "2026-900"
	honest, err := h.Begin(t.Context(), h.DRANE(), m.ID, text)
	if err != nil {
		t.Fatal(explain(err))
	}
	forged := []registry.Opinion{{At: h.Now(), Value: registry.Favourable, Office: "DPD", By: "dpo", Text: honest.Fingerprint()}}
	m.ID, m.Draft.Opinions, m.Draft.State = "contrefait", forged, registry.Approved
	m.Draft.Decisions = []registry.Decision{{State: registry.Approved, Office: "recteur"}}
	m.Draft.Judged, m.Draft.ManagedBy = &registry.Examination{}, "a.yaml"
	h.Apply(t, registry.Change{Models: []registry.Model{m}})
	text.ID = "2026-901"
	d, err := h.Begin(t.Context(), h.DRANE(), m.ID, text)
	if err != nil {
		t.Fatal(explain(err))
	}
	if d.State != registry.Draft || len(d.Opinions) > 0 || len(d.Decisions) != 1 || d.Judged != nil || d.ManagedBy != "" {
		t.Errorf("the draft begins as %s with %d opinions, decisions %+v, judged %v, managed by %q", d.State, len(d.Opinions), d.Decisions, d.Judged, d.ManagedBy)
	}
	own := readingModel()
	own.Draft.Opinions = forged
	kept, err := h.PutModel(t.Context(), h.DRANE(), own, "")
	if err != nil {
		t.Fatal(explain(err))
	}
	if len(kept.Draft.Opinions) > 0 || kept.Draft.State != "" {
		t.Errorf("the catalogue keeps a draft that is %s with %d opinions", kept.Draft.State, len(kept.Draft.Opinions))
	}
}

// region runs a service and a source.
func region(t *testing.T, h *desktest.House) roles.Caller {
	t.Helper()
	c := roles.Caller{Handle: "handle-of-the-region"}
	h.Apply(t, registry.Change{Appointments: []registry.Appointment{{
		ID: "region", Role: registry.Collectivite, Over: registry.Over{Services: []string{"lire"}, Sources: []string{"annuaire"}},
		Reason: "gère l'ENT", Holder: c.Handle, From: desktest.Day("2026-01-01"), Until: desktest.Day("2027-12-31"), State: registry.ConfirmedApp,
	}}})
	return c
}

func TestARemarkIsNoCollectivitesApproval(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	region(t, h)
	d := opined(t, h, submitted(t, h, h.DRANE(), desktest.Reading()), registry.Favourable)
	m := on(d)
	m.Notes = []registry.Remark{{Where: "joint_controllers", What: d.Fingerprint()}}
	if _, err := h.Correct(t.Context(), h.Recteur(), m); err != nil {
		t.Fatal(explain(err))
	}
	if _, err := h.Submit(t.Context(), h.DRANE(), on(d)); err != nil {
		t.Fatal(explain(err))
	}
	_, err := h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "joint")
}

func TestACollectiviteThatRunsASourceDecidesJointly(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	c := region(t, h)
	s := directory()
	s.Declaration.State = registry.Submitted
	h.Apply(t, registry.Change{Sources: []registry.Source{s}})
	decide := func(by roles.Caller) (registry.Source, error) {
		return h.ApproveSource(t.Context(), by, s.ID, registry.Approved, "")
	}
	_, err := decide(h.Recteur())
	conflicts(t, err, "joint")
	agreed, err := decide(c)
	if err != nil || agreed.Declaration.State != registry.Submitted {
		t.Fatalf("a collectivité alone made it %+v, %v", agreed.Declaration, err)
	}
	_, err = decide(c)
	conflicts(t, err, "state")
	agreed.Declaration.Covers = "tout autre chose"
	h.Apply(t, registry.Change{Sources: []registry.Source{agreed}})
	_, err = decide(h.Recteur())
	conflicts(t, err, "joint")
	if _, err = decide(c); err != nil {
		t.Fatal(explain(err))
	}
	if both, err := decide(h.Recteur()); err != nil || both.Declaration.State != registry.Approved {
		t.Errorf("together they made it %+v, %v", both.Declaration, err)
	}
}

func TestWhoeverProposedAnOfficeDoesNotTakeItUnderAnotherName(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	propose := func(role registry.Role, over registry.Over) string {
		t.Helper()
		a, word, err := p.Appoint(t.Context(), in("admin"), appointment(role, over))
		if err != nil {
			t.Fatal(err)
		}
		ok[registry.Appointment](t)(p.ConfirmAppointment(t.Context(), in("dpo"), a.ID, registry.ConfirmedApp, ""))
		return word
	}
	word := propose(registry.OnCall, all())
	_, err := p.ClaimUnsigned(t.Context(), "link-1", word)
	wantConflict(t, err, "state")
	ok[registry.Appointment](t)(p.Claim(t.Context(), in("newcomer"), word))
	provider := propose(registry.Provider, registry.Over{Services: []string{"lire"}})
	if a := ok[registry.Appointment](t)(p.ClaimUnsigned(t.Context(), "link-2", provider)); a.Holder != "link-2" {
		t.Errorf("a provider, whom no federation knows, is %+v", a)
	}
	_, byLink, err := p.AppointByLink(t.Context(), appointment(registry.OnCall, all()))
	if err != nil {
		t.Fatal(err)
	}
	ok[registry.Appointment](t)(p.ClaimUnsigned(t.Context(), "link-3", byLink))
}

// On the first day nobody can sign in, and nobody alone may make somebody approve.
func TestWithTwoWordsOnlyWhoeverHasBothTakesAnOffice(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	recteur := appointment(registry.Recteur, all())
	recteur.Act = "Arrêté 2026-1"
	a, first, err := p.Appoint(t.Context(), in("admin"), recteur)
	if err != nil {
		t.Fatal(err)
	}
	if _, word, err := p.ConfirmWithWord(t.Context(), in("admin"), a.ID, "seul"); err == nil || word != "" {
		t.Errorf("whoever proposed confirms: %v", err)
	}
	made, second, err := p.ConfirmWithWord(t.Context(), in("dpo"), a.ID, "premier jour")
	if err != nil || made.Claim != "" || made.State != registry.ConfirmedApp {
		t.Fatalf("%+v %v", made, err)
	}
	for name, word := range map[string]string{
		"the proposer's": first, "the confirmer's": second, "the wrong way round": second + first, "one of them twice": first + first, "nothing": "",
	} {
		_, err := p.ClaimUnsigned(t.Context(), "link-1", word)
		t.Log(name)
		wantConflict(t, err, "state")
		_, err = p.Claim(t.Context(), in("newcomer"), word)
		wantConflict(t, err, "state")
	}
	if got := ok[registry.Appointment](t)(p.ClaimUnsigned(t.Context(), "link-2", " "+first+" "+second)); got.Holder != "link-2" || got.Role != registry.Recteur {
		t.Errorf("%+v", got)
	}
	_, err = p.ClaimUnsigned(t.Context(), "link-3", first+second)
	wantConflict(t, err, "state")
}
