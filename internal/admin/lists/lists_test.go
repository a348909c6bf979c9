package lists_test

import (
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/lists"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const (
	home    = "/bureau/etablissements/importer"
	preview = home + "/apercu"
	confirm = home + "/confirmer"
)

const head = "Identifiant_de_l_etablissement;Nom_etablissement;Type_etablissement;Statut_public_prive;Nom_commune;Code_departement;Libelle_academie;etat\n"

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	return frametest.New(t, lists.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) { lists.Mount(mux, f) }, "/bureau/etablissements")
}

// hidden is the form with which a list that was shown is confirmed, with changes by pairs.
func hidden(t *testing.T, page string, changes ...string) []string {
	t.Helper()
	var out []string
	for _, m := range regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		value := m[2]
		for i := 0; i+1 < len(changes); i += 2 {
			if changes[i] == m[1] {
				value = changes[i+1]
			}
		}
		out = append(out, m[1], value)
	}
	if len(out) == 0 {
		t.Fatalf("nothing to confirm: %s", page)
	}
	return out
}

func TestAListIsShownBeforeItIsWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := head + "0280202T;Collège Jean-Moulin;Collège;Public;Chartres;28;Exemple;OUVERT\n" +
		"0280505X;École neuve;Ecole;Public;Dreux;28;Exemple;OUVERT\n"
	a := b.Upload(t, b.Admin(), preview, list, "genre", "etablissements", "academie", desktest.Academy)
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, "Rien n'est écrit encore", "<dt>Nouveaux</dt><dd>1</dd>", "<dt>Changés</dt><dd>1</dd>", "École neuve", "Absents de la liste")
	frametest.Lacks(t, a.Page, "town")
	if _, known := b.Snapshot(t).Establishment("0280505X"); known {
		t.Error("written by looking at it")
	}
	done := b.Ask(b.Admin(), "POST", confirm, hidden(t, a.Page)...)
	if done.Status != 303 {
		t.Fatalf("%d %s", done.Status, done.Page)
	}
	frametest.Has(t, b.Get(t, b.Admin(), done.Location), "La liste est écrite")
	e, known := b.Snapshot(t).Establishment("0280505X")
	college, _ := b.Snapshot(t).Establishment(desktest.College)
	if !known || e.Town != "Dreux" || college.Name != "Collège Jean-Moulin" {
		t.Errorf("%+v %+v", e, college)
	}
	if again := b.Ask(b.Admin(), "POST", confirm, hidden(t, a.Page)...); again.Status != 409 {
		t.Errorf("the same once more: %d", again.Status)
	}
}

// A list that changes all that a list says has a word for each of it: a page that lacks one breaks.
func TestWhatAListWouldChangeIsSaidInWords(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	whole := strings.TrimSuffix(head, "\n") + ";Nombre_d_eleves;Type_contrat_prive;Code_circonscription\n"
	list := whole + "0280202T;Autre nom;Lycée;Privé;Ailleurs;45;Exemple;OUVERT;321;CONTRAT D'ASSOCIATION TOUTES CLASSES;0280606G\n"
	a := b.Upload(t, b.Admin(), preview, list, "genre", "etablissements", "academie", desktest.Academy)
	if a.Status != 200 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, "nom, commune, type, statut public ou privé, département, contrat, circonscription, nombre d'élèves")
	b.Lang = "en"
	a = b.Upload(t, b.Admin(), preview, list, "genre", "etablissements", "academie", desktest.Academy)
	frametest.Has(t, a.Page, "name, town, type, public or private, department, contract, circonscription, number of pupils")
}

func TestEveryRowThatCannotBeReadIsToldAtOnceAndKeepsTheListBack(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := head + "0280202A;Une;Collège;Public;Chartres;28;Exemple;OUVERT\n" + "0280505X;Deux;Ecole;Peut-être;Dreux;28;Exemple;OUVERT\n" +
		"0280101H;Trois;Ecole;Public;Chartres;28;Exemple;OUVERT\n"
	a := b.Upload(t, b.Admin(), preview, list, "genre", "etablissements")
	frametest.Has(t, a.Page, "ne peut pas être écrite telle quelle", `<th scope="row">2</th>`, `<th scope="row">3</th>`, "« Peut-être » n'est ni Public ni Privé")
	frametest.Lacks(t, a.Page, "Écrire la liste")
	a = b.Upload(t, b.Admin(), preview, list, "genre", "etablissements", "ecarter", "oui")
	frametest.Has(t, a.Page, "Écrire la liste", `<th scope="row">2</th>`)
	if done := b.Ask(b.Admin(), "POST", confirm, hidden(t, a.Page, "ecarter", "")...); done.Status != 409 {
		t.Errorf("confirmed otherwise than it was shown: %d", done.Status)
	}
	if e, _ := b.Snapshot(t).Establishment("0280101H"); e.Name == "Trois" {
		t.Error("written")
	}
}

func TestWhatChangedMeanwhileIsShownInsteadOfWritten(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := head + "0280202T;Collège Jean-Moulin;Collège;Public;Chartres;28;Exemple;OUVERT\n"
	a := b.Upload(t, b.Admin(), preview, list, "genre", "etablissements")
	college, _ := b.Snapshot(t).Establishment(desktest.College)
	college.Group = "Cité du Nord"
	b.Apply(t, registry.Change{Establishments: []registry.Establishment{college}})
	again := b.Ask(b.Admin(), "POST", confirm, hidden(t, a.Page)...)
	if again.Status != 409 {
		t.Errorf("%d", again.Status)
	}
	frametest.Has(t, again.Page, "Le registre a changé depuis", "Écrire la liste")
	if done := b.Ask(b.Admin(), "POST", confirm, hidden(t, again.Page)...); done.Status != 303 {
		t.Errorf("%d", done.Status)
	}
	if now, _ := b.Snapshot(t).Establishment(desktest.College); now.Group != "Cité du Nord" || now.Name != "Collège Jean-Moulin" {
		t.Errorf("%+v", now)
	}
}

func TestHeadcountsAreImportedForTheDayOnWhichTheyWereCounted(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := "uai;type;libellé;effectif\n0280202T;classe;6E 1;25\n0280202T;groupe;LATIN;7\n"
	a := b.Upload(t, b.Admin(), preview, list, "genre", "effectifs", "le", "2026-10-01")
	frametest.Has(t, a.Page, "1 classes, 1 groupes", "Comptés pour la première fois")
	if done := b.Ask(b.Admin(), "POST", confirm, hidden(t, a.Page)...); done.Status != 303 {
		t.Fatalf("%d %s", done.Status, done.Page)
	}
	h, known := b.Snapshot(t).Headcount(desktest.College)
	if !known || h.On != desktest.Day("2026-10-01") || h.Classes["6E 1"] != 25 {
		t.Errorf("%+v", h)
	}
	a = b.Upload(t, b.Admin(), preview, list+"0289999A;classe;6E 1;25\n", "genre", "effectifs")
	frametest.Lacks(t, a.Page, "Écrire la liste")
}

func TestAFormThatIsNoListIsShownAgainWithWhatIsWrong(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Upload(t, b.Admin(), preview, "", "genre", "autre", "le", "hier", "academie", "ici")
	if a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#fichier"`, `href="#genre"`, `href="#le"`, `value="hier"`, `value="ici"`)
	a = b.Upload(t, b.Admin(), preview, "un;deux\ntrois;quatre\n", "genre", "etablissements")
	frametest.Has(t, a.Page, "ne peut pas être écrite telle quelle", "Rien ne changerait")
	frametest.Lacks(t, a.Page, "Écrire la liste")
	for _, list := range []string{"", "!", "bm9uIGd6aXA", strings.Repeat("A", 100)} {
		b.Refused(t, b.Admin(), 400, "POST", confirm, "genre", "etablissements", "liste", list)
	}
}

func TestOnlyTheTechnicalOfficeImportsAndOnlyInItsAcademy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	list := head + "0280202T;Collège Jean-Moulin;Collège;Public;Chartres;28;Ailleurs;OUVERT\n"
	for _, who := range []roles.Caller{b.Head(desktest.College), b.DPO(), b.Recteur(), b.DASEN(), b.DRANE(), b.Provider(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", home)
		b.Refused(t, who, 403, "POST", confirm, "genre", "etablissements", "liste", "x")
		if a := b.Upload(t, who, preview, list, "genre", "etablissements"); a.Status != 403 {
			t.Errorf("%d", a.Status)
		}
	}
	if a := b.Upload(t, b.Admin(), preview, list, "genre", "etablissements"); a.Status != 403 {
		t.Errorf("another academy's: %d %s", a.Status, a.Page)
	}
}

// Every way in which a row can be wrong has words in both languages: a page that lacks one breaks, and none says on a French
// page what the list's reader wrote in English.
func TestWhatIsWrongWithAListIsSaidInTheVisitorsLanguage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	full := strings.TrimSuffix(head, "\n") + ";Nombre_d_eleves\n"
	schools := full + "0280101H;Bonne;Ecole;Public;Chartres;28;Exemple;OUVERT;1\n" + "0280202A;Une;Collège;Public;Chartres;28;Exemple;OUVERT;1\n" + "028;Une;Collège;Public;Chartres;28;Exemple;OUVERT;1\n" +
		"0280505X;;;Peut-être;Dreux;999;;PERDU;beaucoup\n" + "0280505X;;Ecole;Peut-être;Dreux;999;;PERDU;beaucoup\n" + "0280101H;Trop;court\n" +
		"0280303C;Une;Collège;Public;Dreux;28;Exemple;OUVERT;1\n" + "0280303C;Autre;Collège;Public;Dreux;28;Exemple;OUVERT;1\n" + "\"0280404M;\"x;\n"
	counts := "uai;type;libellé;effectif\n" + "0280202T;classe;6E 1;25\n" + "0280202T;classe;6E 1;26\n" + "0280202T;bande;;-1\n" + "0289999S;classe;6E 1;3\n" + "028;classe;6E 1;3\n"
	for _, c := range []struct {
		list, kind, on string
		fr, en         []string
	}{
		{schools, "etablissements", "", []string{
			"La lettre de 0280202A ne va pas avec ses chiffres.", ">0280202T</td>", "« 028 » n'est pas un UAI.", "Le type manque.", "Le nom manque.", "L'académie manque.",
			"« Peut-être » n'est ni Public ni Privé.", "« 999 » n'est pas un département.", "« PERDU » n'est pas un état", "« beaucoup » n'est pas un nombre", "a 3 champs, et l'en-tête 9",
			"La ligne 8 dit autre chose", "Des guillemets ne vont pas", "ne se lit pas jusqu'à la fin",
		}, []string{"The letter of 0280202A", "“PERDU” is no state", "cannot be read to its end"}},
		{head + "0280202A;Une;Collège;Public;Chartres;28;Exemple;OUVERT\n0280202T;Une;Collège;Public;Chartres;28;Exemple;OUVERT\n", "etablissements", "", []string{"Des lignes ne se lisent pas : 1."}, []string{"Rows that cannot be read: 1."}},
		{"nom;nom\nx;y\n", "etablissements", "", []string{"La colonne nom est là deux fois.", "La colonne etat manque.", "aucun établissement qui se lise"}, []string{"stands there twice"}},
		{head + "0280202T;Coll\xe8ge;College;Public;Chartres;28;Exemple;OUVERT\n0280101H;École;Ecole;Public;Chartres;28;Exemple;OUVERT\n", "etablissements", "", []string{"n'est pas écrite en UTF-8"}, []string{"not written in UTF-8"}},
		{counts, "effectifs", "2026-10-01", []string{
			"Ce libellé est déjà là avec un autre nombre.", "Le type n'est pas connu.", "Le libellé manque.", "De 0 à 5000", "n'est pas enregistré", "« 028 » n'est pas un UAI.",
		}, []string{"From 0 to 5000"}},
		{"uai;type;libellé;effectif\n0280202T;classe;6E 1;25\n", "effectifs", "2020-10-01", []string{"Des effectifs valent un an"}, []string{"Headcounts hold for one year"}},
		{"uai;type\n", "effectifs", "", []string{"La colonne effectif manque.", "aucune classe qui se lise"}, []string{"no class that can be read"}},
	} {
		for lang, said := range map[string][]string{"fr": c.fr, "en": c.en} {
			b.Lang = lang
			a := b.Upload(t, b.Admin(), preview, c.list, "genre", c.kind, "le", c.on)
			frametest.Has(t, a.Page, said...)
			frametest.Lacks(t, a.Page, `lang="en"`)
		}
	}
}
