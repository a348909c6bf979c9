package desk_test

import (
	"slices"
	"testing"
	"time"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/registry"
)

// next is the next version of a declaration with a change, submitted.
func next(t *testing.T, h *desktest.House, id string, change func(*registry.Declaration)) registry.Declaration {
	t.Helper()
	d, err := h.NewVersion(t.Context(), h.DRANE(), id)
	if err != nil {
		t.Fatalf("new version: %v", explain(err))
	}
	change(&d)
	if d, err = h.Edit(t.Context(), h.DRANE(), d, ""); err != nil {
		t.Fatalf("edit: %v", explain(err))
	}
	if d, err = h.Submit(t.Context(), h.DRANE(), on(d)); err != nil {
		t.Fatalf("submit: %v", explain(err))
	}
	return d
}

func renewed(d *registry.Declaration) { d.Until = desktest.Day("2027-11-30") }

func widened(d *registry.Declaration) {
	d.Audience.Profiles = append(d.Audience.Profiles, person.Guardian)
	d.Persons = append(d.Persons, registry.Text{FR: "responsables légaux"})
}

func narrowed(d *registry.Declaration) { d.Items = d.Items[:3] }

func TestARenewalAndANarrowerVersionKeepTheOpinionAndAWiderOneDoesNot(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	first := inForce(t, h, desktest.Reading())
	for _, kept := range []struct {
		change func(*registry.Declaration)
		want   registry.ChangeKind
	}{{renewed, registry.Renewal}, {narrowed, registry.Narrower}} {
		d := approved(t, h, h.Recteur(), next(t, h, first.ID, kept.change))
		if d.Change != kept.want || len(d.Opinions) != 1 || d.Opinions[0].From == "" || d.Opinions[0].Text != d.Fingerprint() || d.Opinions[0].By != h.DPO().Handle {
			t.Errorf("%s: change %s, opinions %+v", kept.want, d.Change, d.Opinions)
		}
	}
	wider := next(t, h, first.ID, widened)
	_, err := h.Approve(t.Context(), h.Recteur(), on(wider))
	conflicts(t, err, "opinion")
	if d := approved(t, h, h.Recteur(), opined(t, h, wider, registry.Favourable)); d.Change != registry.Wider || d.Version != 4 {
		t.Errorf("v%d is %s", d.Version, d.Change)
	}
}

func TestReservationsAndARefusalAreNotShedByRenewing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := opined(t, h, submitted(t, h, h.DRANE(), desktest.Reading()), registry.WithReservations)
	d, err := h.Approve(t.Context(), h.Recteur(), because(d, "pour un an"))
	if err != nil {
		t.Fatal(explain(err))
	}
	again := next(t, h, d.ID, renewed)
	_, err = h.Approve(t.Context(), h.Recteur(), on(again))
	conflicts(t, err, "reservations")

	school := opined(t, h, submitted(t, h, h.Assistant(), desktest.ForSchools(desktest.College)), registry.Unfavourable)
	if school, err = h.Approve(t.Context(), h.Recteur(), because(school, "par exception")); err != nil {
		t.Fatal(explain(err))
	}
	draft, err := h.NewVersion(t.Context(), h.Assistant(), school.ID)
	if err != nil {
		t.Fatal(err)
	}
	if draft, err = h.Submit(t.Context(), h.Assistant(), on(draft)); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Approve(t.Context(), h.Head(desktest.College), because(draft, "encore"))
	conflicts(t, err, "level")
	if _, err = h.Approve(t.Context(), h.Recteur(), because(draft, "encore un an")); err != nil {
		t.Errorf("the recteur renews it: %v", explain(err))
	}
}

func TestThereIsOneNewVersionAtATimeAndNoneOfWhatWasNeverApproved(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	_, err := h.NewVersion(t.Context(), h.DRANE(), begun(t, h, h.DRANE(), desktest.Reading()).ID)
	isMissing(t, err)
	d := inForce(t, h, desktest.Reading())
	_, err = h.Edit(t.Context(), h.DRANE(), d, "")
	conflicts(t, err, "state")
	two, err := h.NewVersion(t.Context(), h.DRANE(), d.ID)
	if err != nil || two.Version != 2 || two.State != registry.Draft || len(two.Opinions) != 0 || two.Judged != nil || two.Author != h.DRANE().Handle {
		t.Fatalf("v%d %s, %v", two.Version, two.State, err)
	}
	_, err = h.NewVersion(t.Context(), h.DRANE(), d.ID)
	conflicts(t, err, "state")
	if _, err = h.Archive(t.Context(), h.DRANE(), because(two, "abandonné")); err != nil {
		t.Fatal(err)
	}
	if three, err := h.NewVersion(t.Context(), h.DRANE(), d.ID); err != nil || three.Version != 3 {
		t.Errorf("v%d, %v", three.Version, err)
	}
}

func TestHardCase34ANewControllerNeedsANewDeclarationAndTheFamilyKeepsItsSector(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	service, _ := h.Snapshot(t).Service("lire")
	family := service.Family()

	// Resold and renamed: the service keeps its sector, and the new supplier is examined.
	service.Name.FR, service.Provider, service.Sector = "Lire autrement", "Grand Groupe", family
	if _, err := h.PutService(t.Context(), h.Admin(), service, ""); err != nil {
		t.Fatal(explain(err))
	}
	resold := next(t, h, d.ID, func(v *registry.Declaration) { v.Supplier.Name = "Grand Groupe" })
	if now, _ := h.Snapshot(t).Service("lire"); now.Family() != family {
		t.Errorf("the family became %s", now.Family())
	}
	_, err := h.Approve(t.Context(), h.Recteur(), on(resold))
	conflicts(t, err, "opinion")
	if _, err := h.Refuse(t.Context(), h.Recteur(), because(resold, "à revoir")); err != nil {
		t.Fatal(err)
	}

	// Another controller: no version of this declaration.
	draft, err := h.NewVersion(t.Context(), h.DRANE(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Controller.Name, draft.Scope = "Collège d'Exemple", registry.Scope{Level: registry.ByAcademy, Academies: []string{desktest.Academy}}
	if draft, err = h.Edit(t.Context(), h.DRANE(), draft, ""); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Submit(t.Context(), h.DRANE(), on(draft))
	isInvalid(t, err, "controller.name")
	text := desktest.ForSchools(desktest.College)
	text.Supplier.Name = "Grand Groupe"
	own := approved(t, h, h.Head(desktest.College), opined(t, h, submitted(t, h, h.Assistant(), text), registry.Favourable))
	if own.ID == d.ID || own.ServiceID != "lire" {
		t.Errorf("the new controller's declaration is %s of %s", own.ID, own.ServiceID)
	}
}

func TestAnotherLevelIsAnotherDeclaration(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	draft, err := h.NewVersion(t.Context(), h.Recteur(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	draft.Scope = registry.Scope{Level: registry.ByDepartment, Departments: []string{desktest.Department}}
	if draft, err = h.Edit(t.Context(), h.Recteur(), draft, ""); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Submit(t.Context(), h.Recteur(), on(draft))
	isInvalid(t, err, "scope.level")
}

func TestAdoptingAnExaminedModelUnchangedNeedsNoNewOpinion(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, registry.Favourable)
	own := desktest.ForSchools(desktest.College)
	papers := append(slices.Clone(m.Draft.Documents), own.Documents[len(own.Documents)-1]) // the model's, and the school's council act
	from := registry.Declaration{
		ServiceID: "lire", Controller: own.Controller, Scope: own.Scope, Documents: papers, Informed: own.Informed,
		Supplier: registry.Supplier{Reference: "CTR-7", SignedBy: "chef d'établissement", CouncilAct: "CA-12"},
	}
	d, err := h.Begin(t.Context(), h.Assistant(), m.ID, from)
	if err != nil {
		t.Fatal(explain(err))
	}
	if d, err = h.Submit(t.Context(), h.Assistant(), on(d)); err != nil {
		t.Fatal(explain(err))
	}
	d = approved(t, h, h.Head(desktest.College), d)
	if len(d.Opinions) != 1 || d.Opinions[0].From != "model site-de-lecture v3" {
		t.Errorf("taken over as %+v", d.Opinions)
	}

	changed, err := h.Begin(t.Context(), h.Assistant(), m.ID, from)
	if err != nil {
		t.Fatal(err)
	}
	changed.Retention.FR = "dix ans"
	if changed, err = h.Edit(t.Context(), h.Assistant(), changed, ""); err != nil {
		t.Fatal(err)
	}
	if changed, err = h.Submit(t.Context(), h.Assistant(), on(changed)); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Approve(t.Context(), h.Head(desktest.College), on(changed))
	conflicts(t, err, "opinion")
}

func TestAModelThatChangedSinceItsOpinionIsNotExamined(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, registry.Favourable)
	m.Draft.Retention.FR, m.Version = "dix ans", 4
	h.Apply(t, registry.Change{Models: []registry.Model{m}})
	d, err := h.Begin(t.Context(), h.DRANE(), m.ID, registry.Declaration{})
	if err != nil {
		t.Fatal(explain(err))
	}
	if d, err = h.Submit(t.Context(), h.DRANE(), on(d)); err != nil {
		t.Fatal(explain(err))
	}
	_, err = h.Approve(t.Context(), h.Recteur(), on(d))
	conflicts(t, err, "opinion")
}

// enters asks the gate of a desk's own view whether a pupil of the collège gets in.
func enters(t *testing.T, d *desk.Desk, now time.Time) error {
	t.Helper()
	if err := d.Live.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	s, err := d.Live.Current()
	if err != nil {
		t.Fatal(err)
	}
	_, err = policy.Gate(s, now, policy.Ask{
		Service: "lire", Place: policy.Place{UAI: desktest.College, Profile: person.Pupil},
		Person: person.Person{
			Key: person.Key{Authority: "ac", ID: "1"}, Authn: person.Authn{Source: "ent"},
			Affiliations: []person.Affiliation{{UAI: desktest.College, Profile: person.Pupil}},
		},
	})
	return err
}

func TestHardCase43ASuspensionOnFridayNightActsAtTheNextIssuanceOnEveryReplica(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All = true
	d := inForce(t, h, text)
	other := h.Replica(t, "other")
	if err := enters(t, other, h.Now()); err != nil {
		t.Fatalf("before: %v", err)
	}
	h.Set(time.Date(2026, time.November, 27, 22, 30, 0, 0, time.UTC))
	later := approved(t, h, h.Recteur(), next(t, h, d.ID, func(v *registry.Declaration) {
		v.From, v.Until = desktest.Day("2027-03-01"), desktest.Day("2027-10-31")
	}))
	_, err := h.Suspend(t.Context(), h.DPO(), on(d))
	isInvalid(t, err, "reason")
	_, err = h.Suspend(t.Context(), h.DRANE(), because(d, "fuite"))
	isDenied(t, err, "role")
	message := registry.Text{FR: "Suspendu le temps d'un contrôle."}
	stopped, err := h.Suspend(t.Context(), h.DPO(), desk.Move{Ref: ref(d), Reason: "fuite signalée", Message: message})
	if err != nil || stopped.State != registry.Suspended || stopped.Message != message {
		t.Fatalf("%s, %v", stopped.State, explain(err))
	}
	refused := enters(t, other, h.Now())
	refusal, ok := refused.(*policy.Refusal) //nolint:errorlint // Gate documents the type
	if !ok || refusal.Reason != policy.DeclarationStopped || refusal.Message != message {
		t.Errorf("refused as %+v", refused)
	}
	if v, _ := h.Snapshot(t).Declaration(d.ID, later.Version); v.State != registry.Suspended {
		t.Errorf("the version to come is %s", v.State)
	}
	_, err = h.NewVersion(t.Context(), h.DRANE(), d.ID)
	if err != nil {
		t.Errorf("mending it while it is stopped: %v", explain(err))
	}
	_, err = h.Lift(t.Context(), h.DPO(), because(d, "contrôlé"))
	isDenied(t, err, "role")
	_, err = h.Lift(t.Context(), h.Recteur(), on(d))
	isInvalid(t, err, "reason")
	lifted, err := h.Lift(t.Context(), h.Recteur(), because(d, "contrôlé"))
	if err != nil || lifted.State != registry.Approved || lifted.Message != (registry.Text{}) {
		t.Fatalf("%s, %v", lifted.State, explain(err))
	}
	if err := enters(t, other, h.Now()); err != nil {
		t.Errorf("after: %v", err)
	}
	_, err = h.Lift(t.Context(), h.Recteur(), because(d, "encore"))
	conflicts(t, err, "state")
}

func TestNothingNewIsApprovedWhileADeclarationIsSuspended(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := inForce(t, h, desktest.Reading())
	again := next(t, h, d.ID, renewed)
	if _, err := h.Suspend(t.Context(), h.OnCall(), because(d, "faille")); err != nil {
		t.Fatal(err)
	}
	_, err := h.Approve(t.Context(), h.Recteur(), on(again))
	conflicts(t, err, "state")
}

func TestExpiryClosesToTheMinuteAndTheNextVersionTakesOver(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All, text.Until = true, desktest.Day("2026-11-30")
	d := inForce(t, h, text)
	midnight := time.Date(2026, time.November, 30, 23, 0, 0, 0, time.UTC) // in Paris
	if err := enters(t, h.Desk, midnight.Add(-time.Second)); err != nil {
		t.Errorf("on the last evening: %v", err)
	}
	if err := enters(t, h.Desk, midnight); err == nil {
		t.Error("it is open after its last day")
	}
	approved(t, h, h.Recteur(), next(t, h, d.ID, func(v *registry.Declaration) {
		v.From, v.Until = desktest.Day("2026-12-01"), desktest.Day("2027-08-31")
	}))
	if err := enters(t, h.Desk, midnight); err != nil {
		t.Errorf("after the renewal: %v", err)
	}
}

func TestArchivingEndsForGood(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Scope.All = true
	d := inForce(t, h, text)
	_, err := h.Archive(t.Context(), h.DRANE(), because(d, "fini"))
	isDenied(t, err, "role")
	_, err = h.Archive(t.Context(), h.Recteur(), on(d))
	isInvalid(t, err, "reason")
	d, err = h.Archive(t.Context(), h.Recteur(), because(d, "fini"))
	if err != nil || d.State != registry.Archived {
		t.Fatalf("%s, %v", d.State, explain(err))
	}
	if enters(t, h.Desk, h.Now()) == nil {
		t.Error("it is open")
	}
	for _, act := range []func() (registry.Declaration, error){
		func() (registry.Declaration, error) { return h.Lift(t.Context(), h.Recteur(), because(d, "si")) },
		func() (registry.Declaration, error) { return h.Approve(t.Context(), h.Recteur(), on(d)) },
	} {
		_, err := act()
		conflicts(t, err, "state")
	}
	if !slices.ContainsFunc(d.Decisions, func(by registry.Decision) bool { return by.State == registry.Approved }) {
		t.Error("its history is gone")
	}
}
