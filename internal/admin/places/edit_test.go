package places_test

import (
	"html"
	"regexp"
	"slices"
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

// form is what the form of the collège says, with changes by pairs.
func form(t *testing.T, b *frametest.Bench, who roles.Caller, path string, changes ...string) []string {
	t.Helper()
	page := b.Get(t, who, path)
	var out []string
	add := func(name, value string) {
		if i := slices.Index(changes, name); i >= 0 && i%2 == 0 {
			value = changes[i+1]
		}
		out = append(out, name, html.UnescapeString(value))
	}
	for _, m := range regexp.MustCompile(`<input [^>]*name="([^"]+)"[^>]*value="([^"]*)"`).FindAllStringSubmatch(page, -1) {
		add(m[1], m[2])
	}
	for _, m := range regexp.MustCompile(`<select [^>]*name="([^"]+)"[^>]*>(.*?)</select>`).FindAllStringSubmatch(page, -1) {
		value := ""
		if chosen := regexp.MustCompile(`value="([^"]*)" selected`).FindStringSubmatch(m[2]); chosen != nil {
			value = chosen[1]
		}
		add(m[1], value)
	}
	return out
}

func TestAnEstablishmentIsChangedByHandAndKeepsTheRest(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	old, _ := b.Snapshot(t).Establishment(desktest.College)
	old.Contract, old.Ways = "d'association", []registry.Way{{Label: "Mon ENT", URL: "https://ent.example/"}, {Label: "L'autre", URL: "https://autre.example/"}}
	b.Apply(t, registry.Change{Establishments: []registry.Establishment{old}})
	frametest.Has(t, b.Get(t, b.Admin(), college), "Modifier l'établissement")
	page := b.Sent(t, b.Admin(), college+"/modifier", form(t, b, b.Admin(), college+"/modifier",
		"nom", "Collège Jean-Moulin", "eleves", "612", "cite", "Cité du Nord", "appareils", "shared", "retour", "Le portail")...)
	frametest.Has(t, page, "C'est enregistré", "Collège Jean-Moulin", "Cité du Nord", "partagés")
	now, _ := b.Snapshot(t).Establishment(desktest.College)
	if now.Pupils != 612 || now.Contract != old.Contract || now.Town != old.Town || len(now.Ways) != 2 || now.Ways[0].Label != "Le portail" || now.Ways[1] != old.Ways[1] {
		t.Errorf("%+v", now)
	}
	b.Sent(t, b.Admin(), college+"/modifier", form(t, b, b.Admin(), college+"/modifier", "retour", "", "retour-adresse", "", "eleves", "")...)
	if now, _ = b.Snapshot(t).Establishment(desktest.College); len(now.Ways) != 1 || now.Pupils != 0 {
		t.Errorf("%+v", now)
	}
}

func TestAClosingNamesItsDayAndASuccessorThatIsOpen(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := college + "/modifier"
	a := b.Ask(b.Admin(), "POST", at, form(t, b, b.Admin(), at, "successeur", string(desktest.College), "ferme-le", "bientôt", "eleves", "beaucoup", "nom", "Ici")...)
	if a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#ferme-le"`, `href="#eleves"`, `value="bientôt"`, `value="beaucoup"`, `value="Ici"`, "Donnez un jour", "Donnez un nombre")
	a = b.Ask(b.Admin(), "POST", at, form(t, b, b.Admin(), at, "successeur", string(desktest.College), "nom", "", "eleves", "-3", "departement", "", "type", "palais")...)
	frametest.Has(t, a.Page, `href="#successeur"`, `href="#nom"`, `href="#eleves"`, `href="#departement"`, `href="#type"`, "Donnez l'UAI d'un autre établissement")
	if now, _ := b.Snapshot(t).Establishment(desktest.College); now.Name != string(desktest.College) {
		t.Errorf("written: %+v", now)
	}
	page := b.Sent(t, b.Admin(), at, form(t, b, b.Admin(), at, "successeur", string(desktest.Other), "ferme-le", "2026-11-01")...)
	frametest.Has(t, page, "fermé", "1er novembre 2026", "Successeur")
	frametest.Has(t, b.Sent(t, b.Admin(), at, form(t, b, b.Admin(), at, "successeur", "", "ferme-le", "")...), "C'est enregistré")
}

func TestTwoWhoChangeAnEstablishmentLoseNothing(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	at := college + "/modifier"
	mine := form(t, b, b.Admin(), at, "nom", "Le mien", "commune", "Chartres")
	b.Sent(t, b.Admin(), at, form(t, b, b.Admin(), at, "nom", "Le sien", "vacant", "oui")...)
	a := b.Ask(b.Admin(), "POST", at, mine...)
	if a.Status != 409 {
		t.Errorf("%d", a.Status)
	}
	frametest.Has(t, a.Page, `value="Le mien"`, "Enregistré à présent : Le sien", "Enregistré à présent : personne n'est en fonction")
	b.Ask(b.Admin(), "POST", at, append(mine, "etat", "")...)
	if a := b.Ask(b.Admin(), "POST", at, "nom", "Sans rien", "prive", "non", "vacant", "non", "ferme", "non", "type", "college"); a.Status != 409 {
		t.Errorf("a form that does not say what it was made from: %d", a.Status)
	}
	if now, _ := b.Snapshot(t).Establishment(desktest.College); now.Name != "Le sien" || !now.Vacant {
		t.Errorf("%+v", now)
	}
}

func TestANewEstablishmentHasALetterThatFits(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const at = "/bureau/etablissements/nouveau"
	frametest.Has(t, b.Get(t, b.Admin(), "/bureau/etablissements"), "Nouvel établissement")
	frametest.Has(t, b.Get(t, b.Admin(), at), `value="`+desktest.Academy+`"`)
	with := func(uai string) []string {
		return form(t, b, b.Admin(), at, "uai", uai, "nom", "École neuve", "type", "ecole", "commune", "Dreux", "departement", "028", "prive", "non", "vacant", "non", "ferme", "non")
	}
	a := b.Ask(b.Admin(), "POST", at, with("0280505a")...)
	frametest.Has(t, a.Page, "ce serait 0280505X", `value="0280505a"`, `value="École neuve"`)
	if a = b.Ask(b.Admin(), "POST", at, with("rien")...); a.Status != 422 {
		t.Errorf("%d", a.Status)
	}
	if a = b.Ask(b.Admin(), "POST", at, with(string(desktest.College))...); a.Status != 409 {
		t.Errorf("one that is there: %d", a.Status)
	}
	frametest.Has(t, a.Page, "déjà enregistré")
	frametest.Has(t, b.Sent(t, b.Admin(), at, with("0280505x")...), "École neuve (0280505X)", "C'est enregistré")
}

func TestOnlyTheTechnicalOfficeOfItsAcademyChangesAnEstablishment(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.DPO(), b.Recteur(), b.DASEN(), b.OnCall(), b.Provider(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", "/bureau/etablissements/nouveau")
		b.Refused(t, who, 403, "POST", "/bureau/etablissements/nouveau", "uai", "0280505X", "nom", "x")
		b.Refused(t, who, 403, "GET", college+"/modifier")
		b.Refused(t, who, 403, "POST", college+"/modifier", "nom", "x")
	}
	frametest.Lacks(t, b.Get(t, b.Head(desktest.College), college), "Modifier")
	frametest.Lacks(t, b.Get(t, b.DPO(), "/bureau/etablissements"), "Nouvel établissement")
	b.Refused(t, b.Admin(), 404, "GET", "/bureau/etablissements/0289999X/modifier")
	e, _ := b.Snapshot(t).Establishment(desktest.College)
	e.ManagedBy = "etablissements.yaml"
	b.Apply(t, registry.Change{Establishments: []registry.Establishment{e}})
	frametest.Lacks(t, b.Get(t, b.Admin(), college), "Modifier")
	b.Refused(t, b.Admin(), 409, "GET", college+"/modifier")
	b.Refused(t, b.Admin(), 409, "POST", college+"/modifier", "nom", "x")
	if err := b.Desk.Importable(t.Context(), b.Head(desktest.College), []registry.Establishment{{UAI: "0280505X", Academy: "ailleurs"}}); err == nil {
		t.Error("another academy's")
	}
}
