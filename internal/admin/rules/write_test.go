package rules_test

import (
	"regexp"
	"strings"
	"testing"

	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

const own = "/bureau/chartes/establishment/" + string(desktest.College)

// stateOf is what the form at path says that it was made from.
func stateOf(t *testing.T, b *frametest.Bench, who roles.Caller, path string) string {
	t.Helper()
	found := regexp.MustCompile(`name="etat" value="([^"]*)"`).FindStringSubmatch(b.Get(t, who, path))
	if found == nil {
		t.Fatal("the form does not say what it was made from")
	}
	return found[1]
}

func TestAHeadWritesTheCharterOfTheOwnSchoolAndInheritsTheRest(t *testing.T) {
	t.Parallel()
	b := written(t)
	head := b.Head(desktest.College)
	page := b.Get(t, head, own+"/ecrire")
	frametest.Has(t, page, "Au collège, je demande.", "S'il reste vide, c'est celui de : académie exemple", `value="le CPE"`)
	page = b.Sent(t, head, own+"/ecrire", "etat", stateOf(t, b, head, own+"/ecrire"),
		"ado.0.image", "key", "ado.0.fr", "Au collège, je demande.", "ado.2.image", "talk", "ado.2.fr", "Je signale ce qui me gêne.", "ado.2.en", "I tell.",
		"ado.texte", "# Au collège\r\n\r\nOn demande.", "mode", "require", "annee", "09-02", "contact", "le CPE")
	frametest.Has(t, page, "La charte est enregistrée", "Je signale ce qui me gêne", "Il faut l'avoir lue")
	c, _ := b.Snapshot(t).Charter(registry.ByEstablishment, string(desktest.College))
	if len(c.Teen.Rules) != 2 || c.Teen.Rules[1].Icon != "talk" || c.Teen.Full.FR != "# Au collège\n\nOn demande." || c.Begins != "09-02" || !c.Adult.IsZero() {
		t.Errorf("%+v", c)
	}
	page = b.Get(t, head, "/bureau/etablissements/0280202T/charte")
	frametest.Has(t, page, "Je signale ce qui me gêne", "Héritée : académie exemple", "Je ferme ma session", own+"/ecrire")
	version := regexp.MustCompile(`/bureau/chartes/textes/[0-9a-f]{64}`).FindString(b.Get(t, head, own))
	frametest.Has(t, b.Get(t, head, version), "Le texte d'une version", "Je signale ce qui me gêne")
	b.Sent(t, head, own+"/ecrire", "etat", stateOf(t, b, head, own+"/ecrire"), "contact", "la direction")
	frametest.Has(t, b.Get(t, b.Teacher(desktest.Other), version), "Je signale ce qui me gêne")
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/chartes/textes/"+strings.Repeat("0", 64))
	b.Refused(t, b.Stranger(), 403, "GET", version)
}

func TestWhatIsWrongWithACharterStandsBesideItsLinesAndNothingIsLost(t *testing.T) {
	t.Parallel()
	b := written(t)
	head := b.Head(desktest.College)
	a := b.Ask(head, "POST", own+"/ecrire", "etat", stateOf(t, b, head, own+"/ecrire"),
		"enfant.0.image", "key", "enfant.0.fr", "un deux trois quatre cinq six sept huit neuf dix onze douze treize",
		"enfant.1.image", "palais", "enfant.1.fr", "Je dis bonjour.", "adulte.texte", "Sans phrase courte.", "ado.0.image", "key", "ado.0.en", "English alone",
		"ado.texte-en", "<b>alone</b>", "mode", "always", "rappel", "31 juin", "contact-en", "head")
	if a.Status != 422 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#enfant.0.fr"`, `href="#enfant.1.image"`, `href="#adulte.0.fr"`, `href="#ado.0.fr"`, `href="#ado.texte"`, `href="#ado.texte-en"`,
		`href="#mode"`, `href="#rappel"`, `href="#contact"`, "en douze mots au plus", "Choisissez une image", `value="Je dis bonjour."`, `value="31 juin"`, "Sans phrase courte.")
	frametest.Lacks(t, a.Page, "the short sentences")
	if c, _ := b.Snapshot(t).Charter(registry.ByEstablishment, string(desktest.College)); c.Contact.FR != "le CPE" {
		t.Errorf("%+v", c)
	}
}

func TestTwoWhoWriteACharterLoseNothing(t *testing.T) {
	t.Parallel()
	b := written(t)
	head := b.Head(desktest.College)
	tag := stateOf(t, b, head, own+"/ecrire")
	b.Sent(t, head, own+"/ecrire", "etat", tag, "contact", "la vie scolaire")
	for _, old := range []string{tag, ""} {
		a := b.Ask(head, "POST", own+"/ecrire", "etat", old, "contact", "la direction", "ado.0.image", "key", "ado.0.fr", "Ma phrase.")
		if a.Status != 409 {
			t.Errorf("%d", a.Status)
		}
		frametest.Has(t, a.Page, "Enregistré à présent : la vie scolaire", "Ce qui est enregistré à présent", `value="Ma phrase."`, `value="la direction"`)
	}
	other := "/bureau/chartes/establishment/" + string(desktest.Other) + "/ecrire"
	frametest.Has(t, b.Get(t, b.Head(desktest.Other), "/bureau/chartes"), other)
	frametest.Has(t, b.Sent(t, b.Head(desktest.Other), other, "contact", "le CPE"), "La charte est enregistrée")
	frametest.Lacks(t, b.Get(t, b.Head(desktest.Other), "/bureau/chartes"), other)
}

func TestACharterIsWrittenByWhoAnswersWhereItHolds(t *testing.T) {
	t.Parallel()
	b := written(t)
	const academy, department = "/bureau/chartes/academy/" + desktest.Academy + "/ecrire", "/bureau/chartes/department/" + desktest.Department + "/ecrire"
	for _, who := range []roles.Caller{b.Head(desktest.Other), b.DPO(), b.Admin(), b.DRANE(), b.Teacher(desktest.College), b.Stranger()} {
		b.Refused(t, who, 403, "GET", own+"/ecrire")
		b.Refused(t, who, 403, "POST", own+"/ecrire", "contact", "moi")
		b.Refused(t, who, 403, "POST", department, "contact", "moi")
	}
	frametest.Lacks(t, b.Get(t, b.Head(desktest.Other), own), "Écrire la charte")
	frametest.Has(t, b.Sent(t, b.DASEN(), department, "contact", "la DSDEN"), "La charte est enregistrée")
	b.Refused(t, b.Recteur(), 409, "GET", academy)
	b.Refused(t, b.Recteur(), 409, "POST", academy, "contact", "le rectorat")
	frametest.Lacks(t, b.Get(t, b.Recteur(), "/bureau/chartes/academy/"+desktest.Academy), "Écrire la charte")
	b.Refused(t, b.Recteur(), 404, "GET", "/bureau/chartes/planet/earth/ecrire")
}
