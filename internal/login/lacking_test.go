package login

import (
	"testing"

	"ecluse/internal/attrs"
	"ecluse/internal/attrs/dictionary"
	"ecluse/internal/idp"
	"ecluse/internal/person"
	"ecluse/internal/policy"
	"ecluse/internal/web"
	"ecluse/internal/web/webtest"
)

func TestWhatIsMissingIsNamedWithWhoCanCorrectIt(t *testing.T) {
	t.Parallel()
	entry := dictionary.Entry{Attr: "classes", Corrects: "school"}
	for why, want := range map[attrs.WhyNot]string{
		attrs.NotKnown: "school", attrs.Reveals: "operator", attrs.TooFew: "operator", attrs.NotNominative: "operator", attrs.NotDeclared: "operator",
	} {
		f := failed(&attrs.Missing{Entry: entry, Source: "ent", Why: why, Reason: attrs.NoClass})
		if f.Kind != idp.Denied || f.Code != "no_class" || f.Attr != "classes" || f.Source != "ent" || f.Corrects != want {
			t.Errorf("%s: %+v, want %s to be asked", why, f, want)
		}
	}
}

func TestARefusalForWantOfAnAttributeSaysWhoCorrectsIt(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for word, want := range map[string]string{
		"school": "Le secrétariat de l'établissement", "source": "vient de ce compte : ENT des collèges", "operator": "L'assistance informatique",
	} {
		page := fullRefusal(web.Adult, "attribute_missing")
		page.Office, page.Corrects, page.Source, page.Attribute = "", word, "ENT des collèges", "Classe"
		wantAll(t, plain(render(t, kit, web.French, "login/refusal", page)), want, "Classe", "ENT des collèges")
		page.Audience = web.Child
		wantAll(t, render(t, kit, web.French, "login/refusal", page), "ce numéro")
	}
}

// TestHardCase9ThePageSaysThatTheNewYearIsNotReady, and that services without a class are open.
func TestHardCase9ThePageSaysThatTheNewYearIsNotReady(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	page := fullRefusal(web.Adult, string(attrs.YearNotReady))
	wantAll(t, plain(render(t, kit, web.French, "login/refusal", page)), "La rentrée n'est pas encore prête", "n'ont pas besoin de la classe")
	wantAll(t, plain(render(t, kit, web.French, "login/refusal", fullRefusal(web.Adult, string(attrs.NoClass)))), "aucune classe et aucun groupe")
}

func TestThePageSaysForWhichChildAGuardianActsAndWhatFewShare(t *testing.T) {
	t.Parallel()
	kit := webtest.New(t, Pages())
	for _, a := range audiences() {
		data := fullInform(a)
		data.Child, data.NotSent = "Léo", []keptItem{{Label: "Classe", Few: true}}
		page := plain(render(t, kit, web.French, "login/inform", data))
		wantAll(t, page, "pour Léo", "Classe")
		wantAll(t, page, "peu d'élèves")
		data.Child = ""
		if alone := plain(render(t, kit, web.French, "login/inform", data)); len(alone) >= len(page) {
			t.Error("a page that is about no child names one")
		}
	}
	child := person.Key{Authority: "ac", ID: "7"}
	p := person.Person{Wards: []person.Ward{{Child: person.Key{Authority: "ac", ID: "8"}, Label: "Zoé"}, {Child: child, Label: "Léo"}, {Label: "personne"}}}
	if got := calledBy(p, policy.Place{Child: child}); got != "Léo" {
		t.Errorf("the child is called %q", got)
	}
	if got := calledBy(p, policy.Place{}); got != "" {
		t.Errorf("nobody acts for a child, and it is called %q", got)
	}
}
