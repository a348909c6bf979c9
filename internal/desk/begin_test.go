package desk_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"ecluse/internal/audit"
	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/person"
	"ecluse/internal/policy/conformity/conformitytest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// examinedModel is a product of the catalogue that the data-protection officer examined.
func examinedModel(t *testing.T, h *desktest.House, value registry.Verdict) registry.Model {
	t.Helper()
	m := registry.Model{
		ID: "site-de-lecture", Version: 3, Name: registry.Text{FR: "Site de lecture"}, Vendor: "Éditions du Canal",
		Draft: conformitytest.Conforming("lire", "modele"), Date: desktest.Day("2026-06-01"), Review: desktest.Day("2027-06-01"),
	}
	if value != "" {
		m.Opinions = []registry.Opinion{{At: h.Now(), Value: value, Office: "DPD", Text: m.Draft.Fingerprint()}}
	}
	h.Apply(t, registry.Change{Models: []registry.Model{m}})
	return m
}

func notOffered(t *testing.T, err error, tool string) {
	t.Helper()
	var refused *desk.NotOffered
	if !errors.As(err, &refused) || refused.Tool.ID != tool {
		t.Fatalf("got %v, want it refused as %s", explain(err), tool)
	}
	if len(refused.Tool.Reasons) == 0 || len(refused.Tool.Alternatives) == 0 {
		t.Error("neither reasons nor alternatives come with the refusal")
	}
}

func TestAskingForARefusedToolShowsTheReasonAndTheAlternativesBeforeAnything(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	teacher := h.Teacher(desktest.College)
	_, err := h.Begin(t.Context(), teacher, "zoom-gratuit", registry.Declaration{})
	notOffered(t, err, "zoom-gratuit")
	_, err = h.Begin(t.Context(), teacher, "", registry.Declaration{ServiceID: "WhatsApp"})
	notOffered(t, err, "whatsapp")
	text := desktest.Reading()
	text.Supplier.Name = "Discord.com"
	_, err = h.Begin(t.Context(), h.DRANE(), "", text)
	notOffered(t, err, "discord")
	if all, err := h.Find(t.Context(), h.Auditor(), desk.Query{Service: "lire"}); err != nil || len(all) != 0 {
		t.Errorf("something was begun: %v, %v", all, err)
	}

	h.Apply(t, registry.Change{Services: []registry.Service{{ID: "visio", Name: registry.Text{FR: "La visio"}, Start: "https://www.discord.com/app"}}})
	text = desktest.Reading()
	text.ServiceID = "visio"
	_, err = h.Begin(t.Context(), h.DRANE(), "via", text)
	notOffered(t, err, "discord")

	draft := begun(t, h, h.DRANE(), desktest.Reading())
	draft.Supplier.Name = "Facebook"
	_, err = h.Edit(t.Context(), h.DRANE(), draft, "")
	notOffered(t, err, "facebook")
}

func TestTheOfferThatAVendorMakesToSchoolsIsNotItsRefusedTool(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	h.Apply(t, registry.Change{Services: []registry.Service{{ID: "zoom", Name: registry.Text{FR: "Zoom"}, Start: "https://zoom.us/"}}})
	from := registry.Declaration{ServiceID: "zoom", Scope: desktest.Reading().Scope}
	if _, err := h.Begin(t.Context(), h.DRANE(), "zoom-education", from); err != nil {
		t.Errorf("the education licence: %v", explain(err))
	}
	_, err := h.Begin(t.Context(), h.DRANE(), "", from)
	notOffered(t, err, "zoom-gratuit")
	_, err = h.Begin(t.Context(), h.DRANE(), "pix", from)
	notOffered(t, err, "zoom-gratuit")
}

func TestHardCase18ATeacherAloneOpensNothing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	teacher := h.Teacher(desktest.College)
	_, err := h.Begin(t.Context(), teacher, "", desktest.ForSchools(desktest.College))
	isDenied(t, err, "role")
	if _, err := h.Wish(t.Context(), teacher, desktest.College, "lire", "pour mes sixièmes"); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]roles.Caller{"head": h.Head(desktest.College), "dpo": h.DPO()} {
		tasks, err := h.Waiting(t.Context(), c)
		if err != nil || !slices.ContainsFunc(tasks, func(task desk.Task) bool {
			return task.Kind == "wish" && task.About == "lire" && task.UAI == string(desktest.College)
		}) {
			t.Errorf("the %s is not told: %v, %v", name, tasks, err)
		}
	}
	if tasks, err := h.Waiting(t.Context(), h.Head(desktest.Other)); err != nil || len(tasks) != 0 {
		t.Errorf("another head is told %v, %v", tasks, err)
	}
	if all, _ := h.Find(t.Context(), h.Auditor(), desk.Query{Service: "lire"}); len(all) != 0 {
		t.Errorf("a wish made declarations: %v", all)
	}
}

func TestHardCase29AWrongLetterIsRefusedAtEntryAndTheRightOneProposed(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.ForSchools(desktest.College, "0280303X")
	_, err := h.Begin(t.Context(), h.Assistant(), "", text)
	isInvalid(t, err, "scope.uais[1]")
	var invalid *desk.Invalid
	if errors.As(err, &invalid); !strings.Contains(invalid.Findings[0].What, "0280303C") {
		t.Errorf("the right letter is not proposed: %v", invalid.Findings)
	}
	draft := begun(t, h, h.Assistant(), desktest.ForSchools(desktest.College))
	draft.Scope.UAIs = append(draft.Scope.UAIs, "0280303c")
	_, err = h.Edit(t.Context(), h.Assistant(), draft, "")
	isInvalid(t, err, "scope.uais[1]")

	tenant := registry.Establishment{UAI: "0289999X", Name: "Essai", Kind: registry.College, Academy: desktest.Academy, Department: "028", Test: true}
	h.Apply(t, registry.Change{Establishments: []registry.Establishment{tenant}})
	d, err := h.Begin(t.Context(), h.Head("0289999X"), "", desktest.ForSchools("0289999X"))
	if err != nil {
		t.Fatalf("a test tenant: %v", explain(err))
	}
	if _, err := h.Submit(t.Context(), h.Head("0289999X"), on(d)); err != nil {
		t.Errorf("a test tenant: %v", explain(err))
	}
}

func TestHardCase42NIRBiometricsAndINEAreRefusedBeforeAnyWorkflow(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	for _, attr := range []person.Attr{"nir", "biometrics", "ine", "NIR"} {
		text := desktest.Reading()
		text.Items = append(text.Items, registry.Item{Attr: attr, Justification: registry.Text{FR: "identifier"}})
		_, err := h.Begin(t.Context(), h.Provider(), "", text)
		isInvalid(t, err, "items[4].attribute")
	}
	draft := begun(t, h, h.Provider(), desktest.Reading())
	draft.Items = append(draft.Items, registry.Item{Attr: "nir"})
	_, err := h.Edit(t.Context(), h.Provider(), draft, "")
	isInvalid(t, err, "items[4].attribute")
}

func TestADeclarationBegunFromAModelTakesItsFieldsAndWhatIsSetWins(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, registry.Favourable)
	from := registry.Declaration{
		ServiceID: "calcul", Scope: registry.Scope{Level: registry.ByEstablishment, UAIs: []person.UAI{desktest.College}},
		Supplier: registry.Supplier{Reference: "CTR-COLLEGE-7"}, State: registry.Approved, Author: "somebody else",
		Opinions: []registry.Opinion{{Value: registry.Favourable}},
	}
	d, err := h.Begin(t.Context(), h.Head(desktest.College), m.ID, from)
	if err != nil {
		t.Fatal(explain(err))
	}
	if d.Model != m.ID || d.ServiceID != "calcul" || d.Supplier.Reference != "CTR-COLLEGE-7" || d.Supplier.Name != m.Draft.Supplier.Name {
		t.Errorf("merged as %+v", d.Supplier)
	}
	if len(d.Scope.Academies) != 0 || d.Retention != m.Draft.Retention || len(d.Items) != len(m.Draft.Items) {
		t.Errorf("scope %+v, retention %v", d.Scope, d.Retention)
	}
	if d.State != registry.Draft || d.Author != h.Head(desktest.College).Handle || len(d.Opinions) != 0 {
		t.Errorf("what became of it was taken from the writer: %s by %s", d.State, d.Author)
	}
	_, err = h.Begin(t.Context(), h.Head(desktest.College), "no-such-model", from)
	isMissing(t, err)
	from.ServiceID = "no-such-service"
	_, err = h.Begin(t.Context(), h.Head(desktest.College), m.ID, from)
	isMissing(t, err)
}

func TestIdsAreMadeOfTheYearAndNoneIsTakenTwice(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.ID = "2026-002"
	begun(t, h, h.DRANE(), text)
	for _, want := range []string{"2026-001", "2026-003"} {
		if d := begun(t, h, h.DRANE(), desktest.Reading()); d.ID != want {
			t.Errorf("%s, want %s", d.ID, want)
		}
	}
	_, err := h.Begin(t.Context(), h.DRANE(), "", text)
	conflicts(t, err, "taken")
}

func TestNobodyTakesADraftIntoAnotherSchoolsSight(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	head := h.Head(desktest.College)
	d := begun(t, h, head, desktest.ForSchools(desktest.College))
	_, err := h.Begin(t.Context(), head, "", desktest.ForSchools(desktest.Other))
	isDenied(t, err, "perimeter")
	d.Scope.UAIs = []person.UAI{desktest.Other}
	_, err = h.Edit(t.Context(), head, d, "")
	isDenied(t, err, "perimeter")
	d.Scope.UAIs, d.ServiceID = []person.UAI{desktest.College}, "calcul"
	_, err = h.Edit(t.Context(), head, d, "")
	isInvalid(t, err, "service")
	_, err = h.Edit(t.Context(), h.Head(desktest.Other), d, "")
	isMissing(t, err)
}

func TestTheSecondOfTwoWritersIsTold(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := begun(t, h, h.DRANE(), desktest.Reading())
	first, second := d, d
	first.Retention.FR, second.Retention.FR = "un an", "deux ans"
	if _, err := h.Edit(t.Context(), h.DRANE(), first, desk.Tag(d)); err != nil {
		t.Fatal(err)
	}
	_, err := h.Edit(t.Context(), h.DRANE(), second, desk.Tag(d))
	conflicts(t, err, "changed")
	_, err = h.Submit(t.Context(), h.DRANE(), desk.Move{Ref: ref(d), Match: desk.Tag(d)})
	conflicts(t, err, "changed")
	if now, _ := h.Snapshot(t).Declaration(d.ID, 1); now.Retention.FR != "un an" || now.State != registry.Draft {
		t.Errorf("it says %q, %s", now.Retention.FR, now.State)
	}
}

func TestManyDesksAtOnceLoseNothing(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	other := h.Replica(t, "other")
	const each = 12 // more than an act is begun again: the quicker of the two may win every race
	var wg sync.WaitGroup
	for i := range each {
		for _, d := range []*desk.Desk{h.Desk, other} {
			wg.Go(func() {
				if _, err := d.Begin(t.Context(), h.DRANE(), "", desktest.Reading()); err != nil {
					t.Errorf("%d: %v", i, explain(err))
				}
			})
		}
	}
	wg.Wait()
	if n := len(h.Snapshot(t).Declarations("lire")); n != 2*each {
		t.Errorf("%d declarations of %d", n, 2*each)
	}
}

func TestWhatAFileManagesIsReadOnlyHere(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := desktest.Reading()
	d.ID, d.State, d.ManagedBy = "fichier-1", registry.Draft, "declarations.yaml"
	done := d
	done.ID, done.State = "fichier-2", registry.Approved
	h.Apply(t, registry.Change{Declarations: []registry.Declaration{d, done}})
	_, err := h.Edit(t.Context(), h.DRANE(), d, "")
	conflicts(t, err, "managed")
	if !strings.Contains(err.Error(), "declarations.yaml") {
		t.Errorf("%v does not name the file", err)
	}
	_, err = h.NewVersion(t.Context(), h.DRANE(), "fichier-2")
	conflicts(t, err, "managed")
	if _, err := h.Submit(t.Context(), h.DRANE(), on(d)); err != nil {
		t.Errorf("a decision on it: %v", explain(err))
	}
}

func TestSubmittingNamesEveryMistakeOfTheForm(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	text := desktest.Reading()
	text.Audience.Profiles, text.Until, text.Controller.Name = nil, registry.Date{}, ""
	d := begun(t, h, h.DRANE(), text)
	_, err := h.Submit(t.Context(), h.DRANE(), on(d))
	isInvalid(t, err, "audience.profiles", "until", "controller.name")
}

func TestBeingDeniedIsJournaledOnceAMinute(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := submitted(t, h, h.DRANE(), desktest.Reading())
	revision := h.Snapshot(t).Revision()
	denials := func() (n int) {
		for _, e := range h.Entries(t) {
			if e.Outcome == audit.Refused && e.Action == "declaration_approve" && e.Reason == "role" && e.Declaration == d.ID && e.Actor == h.DRANE().Handle {
				n++
			}
		}
		return n
	}
	for range 5 {
		_, err := h.Approve(t.Context(), h.DRANE(), on(d))
		isDenied(t, err, "role")
	}
	if n := denials(); n != 1 {
		t.Errorf("%d lines for one thing tried five times", n)
	}
	h.Wait(2 * 60e9)
	_, _ = h.Approve(t.Context(), h.DRANE(), on(d))
	if n := denials(); n != 2 {
		t.Errorf("%d lines after two minutes", n)
	}
	if now := h.Snapshot(t).Revision(); now != revision {
		t.Error("being denied changed the registry's revision")
	}
}

func TestAnActThatNobodyAnswersForIsNone(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	_, err := h.Begin(t.Context(), roles.Caller{Held: h.Head(desktest.College).Held}, "", desktest.ForSchools(desktest.College))
	isDenied(t, err, "role")
}
