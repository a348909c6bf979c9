package rules_test

import (
	"context"
	"testing"

	"ecluse/internal/admin/frame"
	"ecluse/internal/admin/frame/frametest"
	"ecluse/internal/admin/rules"
	"ecluse/internal/desk/desktest"
	"ecluse/internal/keys"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
	"ecluse/internal/web"
)

const sets = "/bureau/regles"

func newBench(t *testing.T) *frametest.Bench {
	t.Helper()
	at := desktest.Start()
	return frametest.New(t, rules.Pages(), func(_ *desktest.House, mux *web.Mux, f *frame.Frame) {
		rules.Mount(mux, f, rules.Config{
			Keys: func(context.Context) ([]keys.Key, error) {
				return []keys.Key{
					{ID: "k-next", Use: keys.UseSAML, Algorithm: "RS256", State: keys.Next, Since: at, Until: at.AddDate(3, 0, 0)},
					{ID: "k-now", Use: keys.UseSAML, Algorithm: "RS256", State: keys.Active, Since: at.AddDate(-3, 0, 0), Until: at.AddDate(0, 0, 20)},
					{ID: "k-lone", Use: keys.UseOIDCES256, Algorithm: "ES256", State: keys.Active, Since: at},
					{ID: "k-old", Use: keys.UseOIDCRS256, Algorithm: "RS256", State: keys.Previous, Since: at},
					{ID: "k-gone", Use: "other", Algorithm: "RS256", State: keys.Retired, Since: at},
				}, nil
			},
			Settings: func() []rules.Setting {
				return []rules.Setting{{Key: "log.level", Value: "info"}, {Key: "listen", Value: ":443", Custom: true}, {Key: "mail.from"}}
			},
		})
	})
}

// proposal is the form of rules that hold, with other words where they are named.
func proposal(t *testing.T, b *frametest.Bench, other ...string) []string {
	t.Helper()
	r := b.Snapshot(t).Rules(b.Now())
	form := map[string]string{
		"consent_age": "15", "majority": "18", "terms_months": "12", "terms_grace_days": "30", "keep_months": "12", "small_group": "5", "dpia_from": "2",
		"ine_text": r.INE, "note": "moins longtemps", "from": "2026-12-01",
	}
	for i := 0; i < len(other); i += 2 {
		form[other[i]] = other[i+1]
	}
	var out []string
	for k, v := range form {
		out = append(out, k, v)
	}
	return out
}

func TestRulesAreProposedByOneAndSignedByAnother(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	frametest.Has(t, b.Get(t, b.DRANE(), sets), "Version 0", "en vigueur", "Proposer une version")
	frametest.Lacks(t, b.Get(t, b.Head(desktest.College), sets), "Proposer une version")
	frametest.Has(t, b.Get(t, b.Head(desktest.College), sets+"/0"), "vient avec le programme")
	frametest.Has(t, b.Get(t, b.DRANE(), sets+"/proposer"), "Mois de conservation", `name="consent_age" type="text" value="15"`)
	page := b.Sent(t, b.DRANE(), sets+"/proposer", proposal(t, b, "keep_months", "6")...)
	frametest.Has(t, page, "La version est proposée", "à signer", "moins longtemps", "Mois de conservation", "<ins>6</ins>", "DRANE, le", "Vous avez signé", "Abandonner", "Ce qu'elle arrêterait")
	frametest.Lacks(t, page, ">Signer</span>", "handle-of")
	b.Refused(t, b.DRANE(), 403, "POST", sets+"/1/signature", "etat", "signed")
	for _, who := range []roles.Caller{b.Head(desktest.College), b.Admin(), b.Auditor()} {
		b.Refused(t, who, 403, "POST", sets+"/1/signature", "etat", "signed")
		b.Refused(t, who, 403, "POST", sets+"/1/signature", "etat", "dropped", "motif", "x")
		frametest.Lacks(t, b.Get(t, who, sets+"/1"), ">Signer</span>", "Ce qu'elle arrêterait")
	}
	b.Refused(t, b.Recteur(), 409, "POST", sets+"/proposer", proposal(t, b)...)
	page = b.Sent(t, b.DPO(), sets+"/1/signature", "etat", "signed", "motif", "conforme à la délibération")
	frametest.Has(t, page, "Votre signature est enregistrée", "à venir", "conforme à la délibération")
	frametest.Lacks(t, page, "Abandonner")
	b.Refused(t, b.Recteur(), 409, "POST", sets+"/1/signature", "etat", "signed")
	b.Day("2026-12-02")
	b.Snapshot(t)
	frametest.Has(t, b.Get(t, b.Auditor(), sets), "Version 1", "en vigueur", "remplacée", "mardi 1er décembre 2026")
	frametest.Has(t, b.Get(t, b.Auditor(), sets+"/1"), "Version 0", "<ins>6</ins>")
	b.Refused(t, b.DPO(), 404, "GET", sets+"/9")
	b.Refused(t, b.Stranger(), 403, "GET", sets)
}

func TestAProposalIsDroppedWithAReason(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.Sent(t, b.Recteur(), sets+"/proposer", proposal(t, b, "small_group", "7")...)
	a := b.Ask(b.DPO(), "POST", sets+"/1/signature", "etat", "dropped")
	if a.Status != 422 {
		t.Errorf("without a reason: %d", a.Status)
	}
	frametest.Has(t, a.Page, `href="#motif"`, "Écrivez pourquoi")
	frametest.Has(t, b.Sent(t, b.DPO(), sets+"/1/signature", "etat", "dropped", "motif", "trop tôt"), "La version est abandonnée", "Abandonnée par Délégué", "trop tôt")
}

func TestAFormOfRulesIsShownAgainWithItsMistakes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	a := b.Ask(b.DPO(), "POST", sets+"/proposer", proposal(t, b, "keep_months", "beaucoup", "note", "", "from", "2020-01-01", "instrument", "dpf")...)
	if a.Status != 422 {
		t.Fatalf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#keep_months"`, `href="#note"`, `href="#from"`, `href="#instrument"`, `value="beaucoup"`, `value="dpf" selected`)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.Admin(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", sets+"/proposer")
		b.Refused(t, who, 403, "POST", sets+"/proposer", proposal(t, b)...)
	}
}

func TestAnInstrumentThatFellIsAddedToThoseThatFell(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	page := b.Sent(t, b.DPO(), sets+"/proposer", proposal(t, b, "instrument", "dpf", "country", "US", "why", "arrêt de la Cour", "since", "2026-11-20", "deadline", "2027-02-01")...)
	frametest.Has(t, page, "Instruments tombés", "instrument dpf", "deadline 2027-02-01", "arrêt de la Cour")
	set := b.Snapshot(t).RuleSets()
	if w := set[len(set)-1].Rules.Withdrawn; len(w) == 0 || w[len(w)-1].Country != "US" || w[len(w)-1].Since != desktest.Day("2026-11-20") {
		t.Errorf("%+v", w)
	}
}

func TestKeysAndSettingsAreForThoseWhoLookAfterAnAcademy(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for name, who := range map[string]roles.Caller{"dpo": b.DPO(), "admin": b.Admin(), "recteur": b.Recteur(), "auditor": b.Auditor(), "drane": b.DRANE()} {
		page := b.Get(t, who, "/bureau/cles")
		frametest.Has(t, page, "signer en SAML", "k-now", "bientôt", "à employer à partir du", "à retirer à partir du", "en service jusqu'à ce que", "préparer la suivante", "aucune", "pas de certificat", "other")
		if frametest.Has(t, b.Get(t, who, "/bureau/reglages"), "log.level", "hérité du programme", "listen", "personnalisé", "rien"); t.Failed() {
			t.Fatal(name)
		}
	}
	for _, who := range []roles.Caller{b.Head(desktest.College), b.DASEN(), b.Provider(), b.Support(), b.OnCall(), b.Stranger()} {
		b.Refused(t, who, 403, "GET", "/bureau/cles")
		b.Refused(t, who, 403, "GET", "/bureau/reglages")
	}
}

// written is the house with charters of the academy and of the collège.
func written(t *testing.T) *frametest.Bench {
	t.Helper()
	b := newBench(t)
	text := func(words string) registry.CharterText {
		return registry.CharterText{Rules: []registry.CharterRule{{Icon: "key", Text: registry.Text{FR: words}}}, Full: registry.Text{FR: words + " En entier."}}
	}
	b.Apply(t, registry.Change{Charters: []registry.Charter{
		{Academy: desktest.Academy, Child: text("Je garde mon mot de passe."), Teen: text("Je ne prête pas mon compte."), Adult: text("Je ferme ma session."), Mode: registry.CharterRemind, ManagedBy: "chartes.yaml"},
		{UAI: desktest.College, Teen: text("Au collège, je demande."), Contact: registry.Text{FR: "le CPE"}},
	}})
	return b
}

func TestChartersAreReadWithTheirOrigin(t *testing.T) {
	t.Parallel()
	b := written(t)
	page := b.Get(t, b.Teacher(desktest.Other), "/bureau/chartes")
	frametest.Has(t, page, "académie exemple", "tenu par chartes.yaml", "On la rappelle", "Pour les adolescents", "0280202T")
	frametest.Has(t, b.Get(t, b.Teacher(desktest.Other), "/bureau/chartes/academy/exemple"), "tenu par chartes.yaml", "Je ferme ma session", "Version")
	frametest.Has(t, b.Get(t, b.Teacher(desktest.Other), "/bureau/chartes/establishment/0280202T"), "Questions : le CPE", "Au collège, je demande")
	frametest.Has(t, b.Get(t, b.Head(desktest.College), "/bureau/etablissements/0280202t/charte"), "Au collège, je demande", "Écrite par l'établissement", "Héritée : académie exemple", "Je ferme ma session")
	frametest.Lacks(t, b.Get(t, b.Head(desktest.College), "/bureau/etablissements/0280202T/charte"), "Attester une classe")
	if a := b.Ask(b.DPO(), "GET", "/bureau/chartes?uai=0280202t"); a.Location != "/bureau/etablissements/0280202T/charte" {
		t.Errorf("%d %s", a.Status, a.Location)
	}
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/chartes/academy/autre")
	b.Refused(t, b.DPO(), 404, "GET", "/bureau/etablissements/0289999X/charte")
	b.Refused(t, b.Stranger(), 403, "GET", "/bureau/chartes")
}

func TestAClassIsAttestedByItsOwnEcoleAlone(t *testing.T) {
	t.Parallel()
	b := written(t)
	path := "/bureau/etablissements/" + string(desktest.Ecole) + "/charte"
	form := []string{"classe", "CE2 A", "jour", "2026-10-02", "lus", "24", "signes", "22", "document", "classeur 3"}
	frametest.Has(t, b.Sent(t, b.Head(desktest.Ecole), path, form...), "La classe est attestée", "CE2 A", "24", "22", "classeur 3")
	frametest.Has(t, b.Get(t, b.Head(desktest.Ecole), path), "Attester une classe")
	a := b.Ask(b.Head(desktest.Ecole), "POST", path, "classe", "", "jour", "demain", "lus", "x", "signes", "x")
	if a.Status != 422 {
		t.Errorf("%d %s", a.Status, a.Page)
	}
	frametest.Has(t, a.Page, `href="#classe"`, `href="#jour"`, `href="#lus"`, `href="#signes"`, `href="#document"`)
	for _, who := range []roles.Caller{b.Head(desktest.College), b.Teacher(desktest.Ecole), b.DPO()} {
		b.Refused(t, who, 403, "POST", path, form...)
		frametest.Lacks(t, b.Get(t, who, path), "Attester une classe")
	}
	frametest.Lacks(t, b.Get(t, b.Head(desktest.College), path), "classeur 3")
	b.Refused(t, b.Head(desktest.College), 403, "POST", "/bureau/etablissements/0280303C/charte", form...)
}
