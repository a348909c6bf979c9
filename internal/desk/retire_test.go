package desk_test

import (
	"slices"
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func TestAModelOutOfUseBeginsNothingAndLendsNoOpinion(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, registry.Favourable)
	own := desktest.ForSchools(desktest.College)
	from := registry.Declaration{
		ServiceID: "lire", Controller: own.Controller, Scope: own.Scope, Informed: own.Informed,
		Documents: append(slices.Clone(m.Draft.Documents), own.Documents[len(own.Documents)-1]),
		Supplier:  registry.Supplier{Reference: "CTR-7", SignedBy: "chef d'établissement", CouncilAct: "CA-12"},
	}
	d, err := h.Begin(t.Context(), h.Assistant(), m.ID, from)
	if err != nil {
		t.Fatal(explain(err))
	}
	if d, err = h.Submit(t.Context(), h.Assistant(), on(d)); err != nil {
		t.Fatal(explain(err))
	}
	out, err := h.RetireModel(t.Context(), h.DRANE(), m.ID, true, "L'offre n'existe plus.")
	if err != nil {
		t.Fatal(explain(err))
	}
	if last := out.Decisions[len(out.Decisions)-1]; !out.Retired || last.Reason != "L'offre n'existe plus." || last.State != registry.Archived {
		t.Errorf("%+v", out)
	}
	if len(out.Opinions) != 1 || out.Version != m.Version {
		t.Errorf("version %d with %d opinions", out.Version, len(out.Opinions))
	}
	_, err = h.Begin(t.Context(), h.Assistant(), m.ID, from)
	conflicts(t, err, "retired")
	_, err = h.OpineModel(t.Context(), h.DPO(), m.ID, registry.Favourable, "")
	conflicts(t, err, "retired")
	_, err = h.Approve(t.Context(), h.Head(desktest.College), on(d))
	conflicts(t, err, "opinion")

	if out, err = h.RetireModel(t.Context(), h.DRANE(), m.ID, false, "Elle existe encore."); err != nil || out.Retired || len(out.Decisions) != 2 {
		t.Fatalf("%v, %+v", explain(err), out)
	}
	approved(t, h, h.Head(desktest.College), d)
}

func TestAModelIsPutOutOfUseByWhoKeepsTheCatalogueWithAReasonAndOnce(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	m := examinedModel(t, h, "")
	for _, who := range []roles.Caller{h.Recteur(), h.DPO(), h.Admin(), h.Head(desktest.College), h.Auditor(), h.Stranger()} {
		_, err := h.RetireModel(t.Context(), who, m.ID, true, "non")
		isDenied(t, err, "role")
	}
	_, err := h.RetireModel(t.Context(), h.DRANE(), m.ID, true, "  ")
	isInvalid(t, err, "reason")
	_, err = h.RetireModel(t.Context(), h.DRANE(), m.ID, true, strings.Repeat("x", 2001))
	isInvalid(t, err, "reason")
	_, err = h.RetireModel(t.Context(), h.DRANE(), "rien", true, "non")
	isMissing(t, err)
	_, err = h.RetireModel(t.Context(), h.DRANE(), m.ID, false, "elle sert encore")
	conflicts(t, err, "state")
	managed := m
	managed.ID, managed.ManagedBy = "fichier", "modeles.yaml"
	h.Apply(t, registry.Change{Models: []registry.Model{managed}})
	_, err = h.RetireModel(t.Context(), h.DRANE(), managed.ID, true, "non")
	conflicts(t, err, "managed")
	out, err := h.RetireModel(t.Context(), h.DRANE(), m.ID, true, "fini")
	if err != nil {
		t.Fatal(err)
	}
	_, err = h.RetireModel(t.Context(), h.DRANE(), m.ID, true, "fini")
	conflicts(t, err, "state")
	out.Retired, out.Decisions = false, nil // nobody puts it back by writing it
	out.Vendor, out.Category, out.About.FR, out.Sources = "Autre", "lecture", "Lire.", []registry.Reference{{What: "lu"}}
	out.Draft = registry.Draw(out.Draft)
	if out, err = h.PutModel(t.Context(), h.DRANE(), out, ""); err != nil || !out.Retired || len(out.Decisions) != 1 {
		t.Errorf("%v: %+v", explain(err), out)
	}
}

func TestAModelTakesNoPaperWithItThatItsAuthorMayNotRead(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	_, text := lent(t, h)
	elsewhere := roles.Caller{Handle: "drane-elsewhere"}
	h.Apply(t, registry.Change{Appointments: []registry.Appointment{{
		ID: "drane-elsewhere", Role: registry.DRANE, Over: registry.Over{Academies: []string{"ailleurs"}}, Reason: "essai", Holder: elsewhere.Handle,
		From: desktest.Day("2026-01-01"), Until: desktest.Day("2029-12-31"), State: registry.ConfirmedApp, Author: "command:test", Since: h.Now(),
	}}})
	m := examinedModel(t, h, "")
	m.ID, m.Category, m.About.FR, m.Sources = "prete", "lecture", "Lire.", []registry.Reference{{What: "lu"}}
	m.Draft = registry.Draw(m.Draft)
	if _, err := h.PutModel(t.Context(), elsewhere, m, ""); err != nil {
		t.Fatal(explain(err))
	}
	m.Draft.Documents = text.Documents
	_, err := h.PutModel(t.Context(), elsewhere, m, "")
	isInvalid(t, err, "declaration.documents[0].hash")
	if _, err := h.PutModel(t.Context(), h.DRANE(), m, ""); err != nil {
		t.Errorf("by who may read it: %v", explain(err))
	}
}

func TestWhatIsDrawnFromADeclarationIsAModelsText(t *testing.T) {
	t.Parallel()
	h := desktest.New(t)
	d := desktest.ForSchools(desktest.College)
	d.Transfers = []registry.Transfer{{Country: "US", Assessment: d.Documents[0].Hash}}
	drawn := registry.Draw(d)
	m := registry.Model{
		ID: "tire", Name: registry.Text{FR: "Tiré"}, Vendor: "Éditions", Category: "lecture", About: registry.Text{FR: "Lire."}, Draft: drawn,
		Sources: []registry.Reference{{What: "la déclaration"}}, Date: desktest.Day("2026-11-22"), Review: desktest.Day("2027-11-22"),
	}
	if _, err := h.PutModel(t.Context(), h.DRANE(), m, ""); err != nil {
		t.Fatal(explain(err))
	}
	if len(drawn.Papers()) != 0 {
		t.Errorf("papers of the declaration's: %v", drawn.Papers())
	}
	if d.Transfers[0].Assessment == "" || drawn.Retention != d.Retention || len(drawn.Items) != len(d.Items) {
		t.Error("the text is another one, or the declaration was changed")
	}
	if desk.Tag(registry.Draw(drawn)) != desk.Tag(drawn) {
		t.Error("drawn twice it is another text")
	}
}
