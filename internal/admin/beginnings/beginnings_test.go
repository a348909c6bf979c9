package beginnings_test

import (
	"testing"

	"ecluse/internal/admin/beginnings"
	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	list  = "/bureau/declarations"
	begin = "/bureau/services/nouveau"
)

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	b := frametest.New(t, beginnings.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { beginnings.Mount(mux, f) },
		"/bureau/declarations/{id}/{version}", "/bureau/declarations/nouvelle")
	var all []registry.Declaration
	for id, state := range map[string]registry.State{"d-draft": registry.Draft, "d-review": registry.InReview, "d-done": registry.Approved} {
		d := desktest.ForSchools(desktest.College)
		d.ID, d.Version, d.State, d.Since, d.Author = id, 1, state, desktest.Start(), "handle-of-the-head"
		if state == registry.Approved {
			d.Decisions = []registry.Decision{{At: desktest.Start(), State: registry.Submitted}, {At: desktest.Start(), State: registry.Approved}}
		}
		all = append(all, d)
	}
	b.Apply(t, registry.Change{Declarations: all})
	return b
}

func TestDraftsAreListedToThoseWhoMaySeeThem(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Get(t, b.Head(desktest.College), list)
	frametest.Has(t, page, "2 déclarations", "d-draft v1", "brouillon", "d-review v1", "en examen", `href="/bureau/declarations/d-draft/1"`, "Nouvelle déclaration")
	frametest.Lacks(t, page, "d-done")
	frametest.Has(t, b.Get(t, b.Head(desktest.College), list+"?q=d-rev"), "1 déclaration")
	for _, who := range []roles.Caller{b.Head(desktest.Other), b.Teacher(desktest.College), b.Admin(), b.DASEN()} {
		page := b.Get(t, who, list)
		frametest.Has(t, page, "0 déclaration")
		frametest.Lacks(t, page, "d-draft", "d-review")
	}
	b.Refused(t, b.Stranger(), 403, "GET", list)
}

func TestAnAdministratorRegistersAServiceThatStaysClosed(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Get(t, b.Admin(), begin), "Nouveau service", "Inscrire le service")
	form := []string{"nom", "Lectures du soir", "phrase", "Pour lire le soir.", "fournisseur", "Éditions du Canal", "categorie", "lecture", "id", "soir", "adresse", "https://soir.example/"}
	a := b.Ask(b.Admin(), "POST", begin, form...)
	s, known := b.Snapshot(t).Service("soir")
	if a.Status != 303 || a.Location != "/bureau/declarations" && a.Location != "/bureau/services" || !known || s.Start != "https://soir.example/" || s.Provider != "Éditions du Canal" || s.Name.FR != "Lectures du soir" {
		t.Errorf("%d %s %+v %s", a.Status, a.Location, s, a.Page)
	}
	a = b.Ask(b.Admin(), "POST", begin, form...)
	if a.Status != 409 {
		t.Errorf("the same once more: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#id"`, "Ce nom est déjà celui")
	a = b.Ask(b.Admin(), "POST", begin, "id", "É!", "adresse", "nulle part")
	if a.Status != 422 {
		t.Errorf("nothing that fits: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#nom"`, `href="#phrase"`, `href="#fournisseur"`, `href="#id"`, `href="#adresse"`, `value="nulle part"`)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.DPO(), b.Recteur(), b.Provider(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", begin)
		b.Refused(t, who, 403, "POST", begin, "nom", "x", "phrase", "x", "fournisseur", "x", "id", "autre", "adresse", "https://x.example/")
	}
}
