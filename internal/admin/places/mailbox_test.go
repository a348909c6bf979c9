package places_test

import (
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/places"
	"ecluse/internal/audit"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
)

func TestASchoolsMailboxIsWrittenByHandAndJournaled(t *testing.T) {
	t.Parallel()
	b := benchWith(t, places.Config{Mailbox: func(e registry.Establishment) (string, string) {
		if e.Mailbox != "" {
			return e.Mailbox, ""
		}
		return "ce.tous@ac-exemple.fr", ""
	}})
	frametest.Has(t, b.Get(t, b.Admin(), college), "ce.tous@ac-exemple.fr (comme pour tous")
	page := b.Sent(t, b.Admin(), college+"/modifier", form(t, b, b.Admin(), college+"/modifier", "boite", "accueil@college.example")...)
	frametest.Has(t, page, "accueil@college.example")
	if e, _ := b.Snapshot(t).Establishment(desktest.College); e.Mailbox != "accueil@college.example" {
		t.Errorf("%+v", e)
	}
	kept, err := b.DB.Audit().List(t.Context(), audit.Query{Class: audit.ClassAdmin, Action: "establishment_put", Limit: 10})
	if err != nil || len(kept.Entries) != 1 || kept.Entries[0].UAI != string(desktest.College) {
		t.Errorf("%v: %+v", err, kept.Entries)
	}
	for _, wrong := range []string{"accueil", "Le collège <accueil@college.example>", "a@b.example, c@d.example", "accueil@college", "ce.{uai}@ac-exemple.fr"} {
		a := b.Ask(b.Admin(), "POST", college+"/modifier", form(t, b, b.Admin(), college+"/modifier", "boite", wrong)...)
		if a.Status != 422 {
			t.Errorf("%q: %d", wrong, a.Status)
		}
		frametest.Has(t, a.Page, `href="#boite"`, "Donnez une seule adresse")
	}
	b.Sent(t, b.Admin(), college+"/modifier", form(t, b, b.Admin(), college+"/modifier", "boite", "")...)
	if e, _ := b.Snapshot(t).Establishment(desktest.College); e.Mailbox != "" {
		t.Errorf("%+v", e)
	}
	b.Refused(t, b.Head(desktest.College), 403, "POST", college+"/modifier", "boite", "moi@college.example")
}

func TestAMailboxThatAFileFixesIsShownWithTheFile(t *testing.T) {
	t.Parallel()
	b := benchWith(t, places.Config{Mailbox: func(registry.Establishment) (string, string) { return "direction@prive.example", "gateway.yaml" }})
	frametest.Has(t, b.Get(t, b.Admin(), college), "direction@prive.example", "gateway.yaml")
	page := b.Get(t, b.Admin(), college+"/modifier")
	frametest.Has(t, page, "direction@prive.example", "gateway.yaml")
	frametest.Lacks(t, page, `name="boite"`)
	b.Sent(t, b.Admin(), college+"/modifier", append(form(t, b, b.Admin(), college+"/modifier", "nom", "Collège Moulin"), "boite", "autre@prive.example")...)
	if e, _ := b.Snapshot(t).Establishment(desktest.College); e.Mailbox != "" || e.Name != "Collège Moulin" {
		t.Errorf("what the file fixes was written by hand: %+v", e)
	}
	b.Lang = "en"
	frametest.Has(t, b.Get(t, b.Admin(), college), "Functional mailbox", "direction@prive.example")
	for said, c := range map[string]places.Config{
		"Aucune. Les courriers n'arrivent pas.": {Mailbox: func(registry.Establishment) (string, string) { return "", "" }},
		"Boîte fonctionnelle":                   {},
	} {
		frametest.Has(t, benchWith(t, c).Get(t, b.Admin(), college), said)
	}
}

func TestAnEstablishmentThatAFileKeepsShowsItsMailboxAndIsChangedThere(t *testing.T) {
	t.Parallel()
	b := benchWith(t, places.Config{})
	e, _ := b.Snapshot(t).Establishment(desktest.College)
	e.ManagedBy, e.Mailbox = "etablissements.yaml", "accueil@college.example"
	b.Apply(t, registry.Change{Establishments: []registry.Establishment{e}})
	frametest.Has(t, b.Get(t, b.Admin(), college), "accueil@college.example", "etablissements.yaml")
	a := b.Ask(b.Admin(), "POST", college+"/modifier", "nom", "X", "boite", "autre@college.example", "etat", "none")
	if a.Status < 400 {
		t.Errorf("%d", a.Status)
	}
	if now, _ := b.Snapshot(t).Establishment(desktest.College); now.Mailbox != e.Mailbox {
		t.Errorf("%+v", now)
	}
}
