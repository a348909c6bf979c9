package login

import (
	"testing"
	"time"

	"ecluse/internal/consent"
	"ecluse/internal/registry"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func fullAgreements(a web.Audience) agreementsPage {
	at := time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC)
	return agreementsPage{
		Frame: web.Frame{Audience: a, Here: agreementsPath}, Known: true, Enter: agreementsEnter,
		Children: []agreementChild{
			{Name: "Lina", Asks: []agreementLine{
				{URL: "/accords/0/liretou", Service: "Liretou", Sentence: "Liretou propose des histoires.", Answer: consent.Missing},
				{URL: "/accords/0/dessin", Service: "DessinPlus", Answer: consent.Stands, At: at},
				{URL: "/accords/0/avis", Service: "Avis", Answer: consent.Declined, At: at},
				{URL: "/accords/0/suite", Service: "Suite", Answer: consent.Missing, At: at, Changed: true},
			}},
			{Asks: []agreementLine{{URL: "/accords/1/liretou", Service: "Liretou"}}},
		},
	}
}

func fullAgreement(a web.Audience) agreementPage {
	return agreementPage{
		Frame: web.Frame{Audience: a, Here: "/accords/0/liretou"}, Action: "/accords/0/liretou", Which: "which", List: agreementsPath,
		Child: "Lina", Service: "Liretou", Sentence: "Liretou propose des histoires.", Answer: consent.Missing, Act: consent.Agreed,
		At: time.Date(2026, time.November, 20, 12, 0, 0, 0, time.UTC), Changed: true, Changes: everyChange(a), All: true, Number: true,
		Sent:       []sentItem{{Attr: "classes", Label: "Classe", Why: "ranger les lectures"}, {Attr: "uai", Label: "Établissement"}},
		NotSent:    []keptItem{{Label: "Nom"}, {Label: "Prénom"}},
		Purposes:   []string{"Faire lire les élèves."},
		Controller: registry.Controller{Name: "Académie de Démo", Office: "le recteur", DPO: "dpo@academie.example"},
		Supplier:   "Liretou SAS", Basis: registry.Consent, Retention: "Un an", Recipients: []string{"L'équipe de Liretou"}, Hosting: []string{"FR"},
		Reference: "liretou v2",
	}
}

// TestThePagesOfAgreementsRenderToEverybody in every state that they have.
func TestThePagesOfAgreementsRenderToEverybody(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for name, of := range map[string]func(web.Audience) any{
		"list full":   func(a web.Audience) any { return fullAgreements(a) },
		"list nobody": func(a web.Audience) any { return agreementsPage{Frame: web.Frame{Audience: a}, Enter: agreementsEnter} },
		"list none":   func(a web.Audience) any { return agreementsPage{Frame: web.Frame{Audience: a}, Known: true} },
	} {
		t.Run(name, func(t *testing.T) { webtest.RenderAll(t, kit, "login/agreements", of) })
	}
	for name, change := range map[string]func(*agreementPage){
		"asks": func(*agreementPage) {}, "no child's name": func(p *agreementPage) { p.Child = "" },
		"yes": func(p *agreementPage) { p.Answer, p.Changed = consent.Stands, false }, "yes on paper": func(p *agreementPage) { p.Answer, p.OnPaper = consent.Stands, true },
		"no": func(p *agreementPage) { p.Answer = consent.Declined }, "no on paper": func(p *agreementPage) { p.Answer, p.OnPaper = consent.Declined, true },
		"withdraw": func(p *agreementPage) { p.Answer, p.Withdraw = consent.Stands, true },
		"nothing":  func(p *agreementPage) { p.Sent, p.NotSent, p.Changes, p.All, p.Number = nil, nil, nil, false, false },
	} {
		t.Run(name, func(t *testing.T) {
			page := fullAgreement(web.Adult) // a guardian reads the wording for adults, whoever's school it is
			change(&page)
			for _, lang := range []web.Lang{web.French, web.English} {
				webtest.CheckPage(t, webtest.Render(t, kit, lang, "login/agreement", page))
			}
		})
	}
}

func TestAgreeingAndRefusingForAChildAreButtonsOfOneKind(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	page := render(t, kit, web.French, "login/agreement", fullAgreement(web.Adult))
	for _, value := range []string{"agreed", "refused"} {
		wantAll(t, page, `class="button button-primary" name="act" value="`+value+`"`)
	}
	wantAll(t, page, "Liretou ne recevra pas", "Nom", "Chaque titulaire")
}
