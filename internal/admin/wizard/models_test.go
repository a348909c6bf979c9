package wizard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/desk"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

const (
	modeles = "/bureau/modeles"
	pix     = modeles + "/pix"
)

// holds wants parts of the document that no reader hears, as addresses.
func (a answer) holds(t *testing.T, status int, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if a.Code != status || !strings.Contains(a.Body.String(), part) {
			t.Errorf("%d, without %s", a.Code, part)
		}
	}
}

func (b *bench) kept(t *testing.T, id string) registry.Model {
	t.Helper()
	m, known := b.Snapshot(t).Model(id)
	if !known {
		t.Fatalf("no model %q", id)
	}
	return m
}

// made makes a model from nothing through the pages, and gives its page.
func (b *bench) made(t *testing.T) string {
	t.Helper()
	const path = modeles + "/nouveau"
	form := b.get(t, path).want(t, http.StatusOK, "Nouveau modèle", "À partir de rien").fill(t, path, url.Values{
		"m-nom": {"Écran partagé"}, "m-editeur": {"Éditions du Canal"}, "m-categorie": {"collaboration"}, "m-resume": {"Écrire à plusieurs."},
		"m-limites": {"Pas de son\nPas d'image"}, "m-limites-en": {"No sound"}, "m-lu": {"Conditions de l'éditeur https://canal.example/cgu\nUne démonstration"},
		"m-lien": {"processor"}, "m-noms": {"pseudonymous"},
	})
	return b.post(t, path, form).leads(t)
}

func TestAModelIsMadeFromNothingAndItsTextIsWrittenPartByPart(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	page := b.made(t)
	b.get(t, page).want(t, http.StatusOK, "C'est enregistré", "écrit par l'académie", "Aucune déclaration en vigueur", "Pas encore d'avis", "Pas d'image", "https://canal.example/cgu")
	m := b.kept(t, "ecran-partage")
	if m.Version != 1 || len(m.Limits) != 2 || m.Limits[0].EN != "No sound" || len(m.Sources) != 2 || m.Sources[0].What != "Conditions de l'éditeur" || m.Date != desktest.Day("2026-11-22") {
		t.Errorf("%+v", m)
	}
	const data = modeles + "/ecran-partage/texte/3"
	form := b.get(t, data).want(t, http.StatusOK, "Quelles données").fill(t, data, url.Values{
		"pseudonym": {"school_year"}, "items": {"pseudonym", "level"}, "items.pseudonym.why": {"retrouver ses pages"}, "items.level.why": {"adapter les pages"},
	})
	b.get(t, b.post(t, data, form).leads(t)).want(t, http.StatusOK, "C'est enregistré")
	if m = b.kept(t, "ecran-partage"); m.Version != 2 || len(m.Draft.Items) != 2 || m.Draft.Pseudonym != registry.PerSchoolYear {
		t.Errorf("%+v", m.Draft)
	}
	b.get(t, modeles+"/ecran-partage").want(t, http.StatusOK, "retrouver ses pages", "une année scolaire")
	b.made(t)
	b.kept(t, "ecran-partage-2")

	b.caller = b.Head(desktest.College)
	to := b.post(t, "/bureau/declarations/nouvelle", url.Values{"service": {"lire"}, "modele": {"ecran-partage"}}).leads(t)
	if d := b.text(t, strings.TrimSuffix(to, "/etape/1")); len(d.Items) != 2 || d.Model != "ecran-partage" || d.State != registry.Draft {
		t.Errorf("%+v", d)
	}
}

func TestAModelIsDrawnFromADeclarationInForceWithoutWhatIsItsControllersOwn(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := desktest.Reading()
	d.ID, d.Version, d.State = "2026-900", 1, registry.Approved
	waiting := desktest.Reading()
	waiting.ID, waiting.Version, waiting.State = "2026-901", 1, registry.Submitted
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d, waiting}})
	b.caller = b.DRANE()
	const path = modeles + "/nouveau"
	b.get(t, path+"?q=2026-90").holds(t, http.StatusOK, path+"?declaration=2026-900")
	if strings.Contains(b.get(t, path+"?q=2026-90").Body.String(), "2026-901") {
		t.Error("what is not approved is offered")
	}
	b.get(t, path+"?q=introuvable").want(t, http.StatusOK, "Aucune déclaration approuvée")
	b.get(t, path+"?declaration=2026-901").want(t, http.StatusNotFound)
	form := b.get(t, path+"?declaration=2026-900").want(t, http.StatusOK, "2026-900 est repris").fill(t, path, url.Values{"m-categorie": {"lecture"}, "m-resume": {"Lire."}})
	page := b.post(t, path, form).leads(t)
	b.get(t, page).want(t, http.StatusOK, d.Items[0].Justification.FR)
	m := b.kept(t, strings.TrimSuffix(strings.TrimPrefix(page, modeles+"/"), "?fait=enregistre"))
	if m.Draft.Controller != (registry.Controller{}) || m.Draft.Scope.Level != "" || len(m.Draft.Papers()) != 0 || m.Draft.State != "" || len(m.Draft.Items) != len(d.Items) {
		t.Errorf("%+v", m.Draft)
	}
	form.Set("declaration", "2026-901")
	b.post(t, path, form).want(t, http.StatusNotFound)
}

func TestTheCatalogueSaysWhereEachModelComesFromAndWhatStandsOnIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	d := desktest.Reading()
	d.ID, d.Version, d.State, d.Model = "2026-900", 1, registry.Approved, "pix"
	kept := b.kept(t, "pronote")
	kept.ManagedBy = "modeles.yaml"
	b.Apply(t, registry.Change{Declarations: []registry.Declaration{d}, Models: []registry.Model{kept}})
	b.caller = b.DRANE()
	b.get(t, modeles+"?q=pix").want(t, http.StatusOK, "fourni avec le produit", "en usage")
	b.get(t, pix).want(t, http.StatusOK, "1 déclaration en vigueur vient", "Mettre hors d'usage")
	b.get(t, modeles+"?q=rien-de-tel").want(t, http.StatusOK, "Aucun modèle")
	page := b.get(t, modeles+"/pronote").want(t, http.StatusOK, "modeles.yaml")
	for _, never := range []string{"/modifier", "/texte/", "/usage"} {
		if strings.Contains(page.Body.String(), modeles+"/pronote"+never) {
			t.Errorf("what a file keeps offers %s", never)
		}
	}
	for _, path := range []string{"/modifier", "/texte/1"} {
		b.get(t, modeles+"/pronote"+path).want(t, http.StatusConflict, "tenu par un fichier")
		b.post(t, modeles+"/pronote"+path, nil).want(t, http.StatusConflict, "tenu par un fichier")
	}
	b.post(t, modeles+"/pronote/usage", url.Values{"motif": {"non"}}).want(t, http.StatusConflict, "tenu par un fichier")
	form := b.get(t, pix+"/modifier").fill(t, pix+"/modifier", url.Values{"m-editeur": {"Le GIP"}})
	b.get(t, b.post(t, pix+"/modifier", form).leads(t)).want(t, http.StatusOK, "changé par l'académie", "Le GIP")
	b.get(t, modeles+"/rien").want(t, http.StatusNotFound)
	b.get(t, pix+"/texte/5").want(t, http.StatusNotFound)
	b.get(t, pix+"/texte/x").want(t, http.StatusNotFound)
}

func TestAModelOutOfUseSaysWhyAndIsOfferedToNobody(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	b.post(t, pix+"/usage", url.Values{"acte": {"retirer"}, "motif": {" "}}).holds(t, http.StatusUnprocessableEntity, "Écrivez pourquoi", `href="#motif"`)
	to := b.post(t, pix+"/usage", url.Values{"acte": {"retirer"}, "motif": {"L'offre a changé."}}).leads(t)
	b.get(t, to).want(t, http.StatusOK, "Le modèle est hors d'usage", "L'offre a changé.", "Remettre en usage")
	b.get(t, modeles+"?q=pix").want(t, http.StatusOK, "hors d'usage")
	b.caller = b.Head(desktest.College)
	const begin = "/bureau/declarations/nouvelle"
	if strings.Contains(b.get(t, begin).Body.String(), `value="pix"`) {
		t.Error("it is offered")
	}
	b.post(t, begin, url.Values{"service": {"lire"}, "modele": {"pix"}}).want(t, http.StatusConflict, "plus en usage")
	b.caller = b.DPO()
	b.post(t, pix+"/avis", url.Values{"avis": {"favourable"}}).want(t, http.StatusConflict, "plus en usage")
	b.caller = b.DRANE()
	b.get(t, b.post(t, pix+"/usage", url.Values{"acte": {"remettre"}, "motif": {"Elle est revenue."}}).leads(t)).want(t, http.StatusOK, "de nouveau en usage", "Elle est revenue.")
	b.caller = b.DPO()
	b.post(t, pix+"/avis", url.Values{"avis": {"reservations"}}).holds(t, http.StatusUnprocessableEntity, `href="#avis-motif"`)
	b.get(t, b.post(t, pix+"/avis", url.Values{"avis": {"reservations"}, "avis-motif": {"À revoir."}}).leads(t)).want(t, http.StatusOK, "favorable avec réserves", "À revoir.")
}

func TestModelsAreChangedByWhoKeepsTheCatalogueAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, who := range map[string]roles.Caller{
		"a head": b.Head(desktest.College), "the recteur": b.Recteur(), "the DPO": b.DPO(), "an administrator": b.Admin(), "an auditor": b.Auditor(),
	} {
		b.caller = who
		if page := b.get(t, pix).want(t, http.StatusOK, "Ce que le modèle déclare"); strings.Contains(page.Body.String(), pix+"/usage") {
			t.Errorf("%s is offered to change it", name)
		}
		for _, path := range []string{modeles + "/nouveau", pix + "/modifier", pix + "/texte/2"} {
			b.get(t, path).want(t, http.StatusForbidden)
			b.post(t, path, url.Values{"m-nom": {"x"}}).want(t, http.StatusForbidden)
		}
		b.post(t, pix+"/usage", url.Values{"acte": {"retirer"}, "motif": {"x"}}).want(t, http.StatusForbidden)
	}
	b.caller = b.DRANE()
	b.post(t, pix+"/avis", url.Values{"avis": {"favourable"}}).want(t, http.StatusForbidden)
	b.caller = b.Stranger()
	b.get(t, modeles).want(t, http.StatusForbidden)
	b.get(t, pix).want(t, http.StatusForbidden)
	if m := b.kept(t, "pix"); m.Retired || len(m.Opinions) != 0 || len(m.Decisions) != 0 {
		t.Errorf("%+v", m)
	}
}

func TestTwoWritersOfOneModelLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	const about, part = pix + "/modifier", pix + "/texte/4"
	first := b.get(t, about).fill(t, about, url.Values{"m-editeur": {"Un"}})
	second := b.get(t, part).fill(t, part, url.Values{"retention": {"deux ans"}})
	b.post(t, part, second).leads(t)
	page := b.post(t, about, first).want(t, http.StatusConflict, "Quelqu'un d'autre l'a changé")
	if again := page.fill(t, about, nil); again.Get("m-editeur") != "Un" {
		t.Errorf("what was typed is lost: %v", again)
	}
	b.post(t, about, page.fill(t, about, nil)).leads(t)
	third := b.post(t, part, second).want(t, http.StatusConflict, "Quelqu'un d'autre a enregistré cette étape")
	b.post(t, part, third.fill(t, part, url.Values{"retention": {"trois ans"}})).leads(t)
	if m := b.kept(t, "pix"); m.Vendor != "Un" || m.Draft.Retention.FR != "trois ans" {
		t.Errorf("%+v", m)
	}
	second.Del("etat")
	b.post(t, part, second).want(t, http.StatusConflict)
	b.post(t, part, b.get(t, part).fill(t, part, url.Values{"erasure.0.what": {"tout"}, "erasure.0.months": {"beaucoup"}, "erasure.rows": {"1"}})).
		holds(t, http.StatusUnprocessableEntity, "un nombre entier", "beaucoup")
	b.post(t, about, b.get(t, about).fill(t, about, url.Values{"m-nom": {""}, "m-lu": {""}, "m-revoir": {"hier"}})).
		holds(t, http.StatusUnprocessableEntity, `href="#m-revoir"`)
	b.post(t, about, b.get(t, about).fill(t, about, url.Values{"m-nom": {""}, "m-lu": {"lu http://clair.example/"}, "m-categorie": {"Vie scolaire"}})).
		holds(t, http.StatusUnprocessableEntity, `href="#m-nom"`, `href="#m-categorie"`)
}

// TestAModelNeverOpensAGate: nobody's way in depends on what the catalogue says.
func TestAModelNeverOpensAGate(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	before := b.Snapshot(t)
	page := b.made(t)
	b.post(t, strings.TrimSuffix(page, "?fait=enregistre")+"/usage", url.Values{"acte": {"retirer"}, "motif": {"x"}}).leads(t)
	after := b.Snapshot(t)
	if len(after.AllDeclarations()) != len(before.AllDeclarations()) || len(after.Enablings()) != len(before.Enablings()) || desk.Tag(after.Services()) != desk.Tag(before.Services()) {
		t.Error("more than the catalogue changed")
	}
}
