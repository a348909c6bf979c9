package desk_test

import (
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

func readingModel() registry.Model {
	draft := examined(1, "")
	draft.Author, draft.ID, draft.Version, draft.ServiceID = "", "", 0, ""
	draft.Controller, draft.Scope, draft.From, draft.Until = registry.Controller{}, registry.Scope{}, registry.Date{}, registry.Date{}
	return registry.Model{
		ID: "lire-modele", Name: registry.Text{FR: "Lire"}, Vendor: "Éditions Lire", Category: "lecture", About: registry.Text{FR: "Lire en ligne"},
		Draft: draft, Sources: []registry.Reference{{What: "site de l'éditeur", URL: "https://lire.example/"}},
		Date: day("2026-09-01"), Review: day("2027-09-01"),
	}
}

func TestAModelsVersionGrowsWithItsTextAndItsOpinionsDoNotFollow(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	m := readingModel()
	m.Version, m.Opinions = 7, []registry.Opinion{{Value: registry.Favourable, By: "me"}}
	first := ok[registry.Model](t)(p.PutModel(t.Context(), in("drane"), m, ""))
	if first.Version != 1 || len(first.Opinions) != 0 {
		t.Errorf("version %d with %d opinions", first.Version, len(first.Opinions))
	}
	seen := ok[registry.Model](t)(p.OpineModel(t.Context(), in("dpo"), m.ID, registry.Favourable, ""))
	if len(seen.Opinions) != 1 || seen.Opinions[0].By != "dpo" || seen.Opinions[0].Text != m.Draft.Fingerprint() {
		t.Errorf("%+v", seen.Opinions)
	}
	same := ok[registry.Model](t)(p.PutModel(t.Context(), in("drane"), readingModel(), desk.Tag(seen)))
	if same.Version != 1 || len(same.Opinions) != 1 {
		t.Errorf("the same text became version %d with %d opinions", same.Version, len(same.Opinions))
	}
	m.Draft.Retention = registry.Text{FR: "deux ans"}
	next := ok[registry.Model](t)(p.PutModel(t.Context(), in("drane"), m, ""))
	if next.Version != 2 || len(next.Opinions) != 0 {
		t.Errorf("another text is version %d with %d opinions", next.Version, len(next.Opinions))
	}
	_, err := p.PutModel(t.Context(), in("drane"), m, desk.Tag(seen))
	wantConflict(t, err, "changed")
}

func TestTheCatalogueIsKeptByTheDRANEAndExaminedByTheDPO(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	for _, c := range []roles.Caller{in("recteur"), in("dpo"), in("admin"), headOfVeil(), teacher()} {
		_, err := p.PutModel(t.Context(), c, readingModel(), "")
		wantDenied(t, err, "role")
		_, err = p.PutAssessed(t.Context(), c, tool(), "")
		wantDenied(t, err, "role")
	}
	_, err := p.OpineModel(t.Context(), in("drane"), "lire-modele", registry.Favourable, "")
	wantDenied(t, err, "role")
	_, err = p.OpineModel(t.Context(), in("dpo"), "none", registry.Favourable, "")
	wantMissing(t, err, "model")
	ok[registry.Model](t)(p.PutModel(t.Context(), in("drane"), readingModel(), ""))
	_, err = p.OpineModel(t.Context(), in("dpo"), "lire-modele", registry.Unfavourable, "")
	wantInvalid(t, err, "reason")
	bare := readingModel()
	bare.Name.FR = ""
	if _, err = p.PutModel(t.Context(), in("drane"), bare, ""); err == nil {
		t.Error("a model without a name was registered")
	}
	managed := readingModel()
	managed.ID, managed.ManagedBy = "fichier", "modeles.yaml"
	p.given(registry.Change{Models: []registry.Model{managed}})
	managed.Vendor = "Autre"
	_, err = p.PutModel(t.Context(), in("drane"), managed, "")
	wantConflict(t, err, "managed")
	ok[registry.Model](t)(p.OpineModel(t.Context(), in("dpo"), "fichier", registry.WithReservations, "à revoir"))
}

func TestAnAssessedToolNamesAlternativesThatThereAre(t *testing.T) {
	t.Parallel()
	p := newPlace(t)
	a := tool()
	a.Alternatives[0].Model = "lire-modele"
	_, err := p.PutAssessed(t.Context(), in("drane"), a, "")
	wantInvalid(t, err, "alternatives[0].model")
	ok[registry.Model](t)(p.PutModel(t.Context(), in("drane"), readingModel(), ""))
	ok[registry.Assessed](t)(p.PutAssessed(t.Context(), in("drane"), a, ""))
	for name, change := range map[string]func(*registry.Assessed){
		"no reason": func(a *registry.Assessed) { a.Reasons = nil }, "no alternative": func(a *registry.Assessed) { a.Alternatives = nil },
	} {
		b := tool()
		change(&b)
		if _, err := p.PutAssessed(t.Context(), in("drane"), b, ""); err == nil {
			t.Errorf("%s: registered", name)
		}
	}
	revision := p.snapshot().Revision()
	ok[registry.Assessed](t)(p.PutAssessed(t.Context(), in("drane"), a, desk.Tag(a)))
	if p.snapshot().Revision() != revision {
		t.Error("the same tool was written twice")
	}
	a.Vendor = "autre"
	_, err = p.PutAssessed(t.Context(), in("drane"), a, "an old tag")
	wantConflict(t, err, "changed")
}
