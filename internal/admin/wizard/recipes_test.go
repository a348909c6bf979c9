package wizard_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"ecluse/internal/desk/desktest"
	"ecluse/internal/registry"
	"ecluse/internal/roles"
)

const (
	gar  = modeles + "/editeur-gar"
	saml = gar + "/recettes/1"
)

func TestARecipeIsChangedByHandAndKeepsWhatIsNotOnTheForm(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	old := b.kept(t, "editeur-gar")
	b.get(t, gar).holds(t, http.StatusOK, `href="`+saml+`"`, `href="`+gar+`/recettes/nouvelle"`)
	form := b.get(t, saml).want(t, http.StatusOK, "ont une forme particulière", "Prénom = PRE").fill(t, saml, nil)
	b.get(t, b.post(t, saml, form).leads(t)).want(t, http.StatusOK)
	if m := b.kept(t, "editeur-gar"); m.Version != old.Version {
		t.Errorf("a form sent as it was shown makes version %d", m.Version)
	}
	names := strings.Replace(form.Get("r-noms"), "Prénom = PRE", "prénom=PRENOM", 1) + "\nmail = COURRIEL"
	form = b.get(t, saml).fill(t, saml, url.Values{
		"r-noms": {names}, "r-nameid": {"persistent"}, "r-octets": {"4000"}, "r-exces": {"drop"}, "r-ascii": {"oui"}, "r-notes": {"Une chose\nUne autre"}, "r-notes-en": {"One thing"},
	})
	b.get(t, b.post(t, saml, form).leads(t)).want(t, http.StatusOK, "C'est enregistré", "Prénom, sous le nom PRENOM", "Une autre")
	m := b.kept(t, "editeur-gar")
	r, was := m.Recipes[0], old.Recipes[0]
	if m.Version != old.Version+1 || len(m.Recipes) != len(old.Recipes) || len(r.Outputs) != len(was.Outputs) || len(r.Outputs) == 0 || r.Outputs[0].Form.IsZero() {
		t.Errorf("%+v", m)
	}
	if r.Names["given_name"] != "PRENOM" || r.Names["mail"] != "COURRIEL" || r.Names["uai"] != was.Names["uai"] || r.NameID != "persistent" ||
		r.Limit != (registry.Limit{Bytes: 4000, Over: "drop", ASCII: true}) || len(r.Notes) != 2 || r.Notes[0].EN != "One thing" {
		t.Errorf("%+v", r)
	}
	if m.Recipes[1].Protocol != old.Recipes[1].Protocol || len(m.Recipes[1].Names) != len(old.Recipes[1].Names) {
		t.Errorf("another recipe changed: %+v", m.Recipes[1])
	}
}

func TestARecipeIsAddedAndTakenAway(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	before := len(b.kept(t, "pix").Recipes)
	const path = pix + "/recettes/nouvelle"
	page := b.get(t, path).want(t, http.StatusOK, "Ajouter une façon de le relier", "Un numéro opaque")
	if strings.Contains(page.Body.String(), "retirer") {
		t.Error("what is not there can be taken away")
	}
	form := page.fill(t, path, url.Values{"r-protocole": {"oidc"}, "r-sujet": {"source_anchor"}, "r-seul": {"oui"}, "r-notes": {"À demander à l'éditeur."}})
	b.get(t, b.post(t, path, form).leads(t)).want(t, http.StatusOK, "Par OpenID Connect.", "À demander à l'éditeur.")
	m := b.kept(t, "pix")
	if len(m.Recipes) != before+1 || m.Recipes[before].Protocol != "oidc" || m.Recipes[before].Subject != "source_anchor" || !m.Recipes[before].SubjectOnly || m.Recipes[before].Names != nil {
		t.Fatalf("%+v", m.Recipes)
	}
	first := b.get(t, pix+"/recettes/1").fill(t, pix+"/recettes/1", nil)
	b.post(t, pix+"/recettes/1", url.Values{"acte": {"retirer"}, "etat": first["etat"]}).leads(t)
	if m = b.kept(t, "pix"); len(m.Recipes) != before || m.Recipes[before-1].Protocol != "oidc" {
		t.Errorf("%+v", m.Recipes)
	}
}

func TestWhatIsWrongWithARecipeStandsAtItsField(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	version := b.kept(t, "editeur-gar").Version
	for name, c := range map[string]struct {
		typed url.Values
		at    string
		says  string
	}{
		"no protocol":             {url.Values{"r-protocole": {""}}, "r-protocole", "Choisissez comment le produit se relie"},
		"a protocol of nobody":    {url.Values{"r-protocole": {"telnet"}}, "r-protocole", "Choisissez comment le produit se relie"},
		"a NameID without SAML":   {url.Values{"r-protocole": {"oidc"}}, "r-nameid", "Seul SAML a un tel format"},
		"many values as subject":  {url.Values{"r-sujet": {"classes"}}, "r-sujet", "qui n'a qu'une valeur"},
		"an unknown subject":      {url.Values{"r-sujet": {"pointure"}}, "r-sujet", "ne peut pas servir"},
		"a shape of a value":      {url.Values{"r-sujet": {"source_anchor"}, "r-forme": {"uuid"}}, "r-forme", "que pour le numéro opaque"},
		"a line without a name":   {url.Values{"r-noms": {"Prénom"}}, "r-noms", "un signe égal"},
		"a line with no name":     {url.Values{"r-noms": {"Prénom ="}}, "r-noms", "« Prénom » ou le nom qui le suit"},
		"a data twice":            {url.Values{"r-noms": {"Prénom = A\ngiven_name = B"}}, "r-noms", "une seule fois"},
		"an unknown data":         {url.Values{"r-noms": {"Pointure = P"}}, "r-noms", "« Pointure » ou le nom"},
		"a name with a blank":     {url.Values{"r-noms": {"Prénom = P R E"}}, "r-noms", "« Prénom » ou le nom"},
		"a name of two":           {url.Values{"r-noms": {"Prénom = X\nmail = X"}}, "r-noms", "propre à elle seule"},
		"what may never leave":    {url.Values{"r-noms": {"Prénom = NIR"}}, "r-noms", "permis"},
		"a name of another data":  {url.Values{"r-noms": {"Prénom = urn:oid:2.5.4.4"}}, "r-noms", "propre à elle seule"},
		"no number":               {url.Values{"r-octets": {"beaucoup"}}, "r-octets", "un nombre d'octets"},
		"a limit beyond nothing":  {url.Values{"r-exces": {"drop"}}, "r-exces", "Dites d'abord"},
		"what is not on the form": {url.Values{"r-noms": {"Prénom = PRO"}}, "contenu", "forme particulière"},
	} {
		form := b.get(t, saml).fill(t, saml, c.typed)
		a := b.post(t, saml, form)
		if a.Code != http.StatusUnprocessableEntity {
			t.Fatalf("%s: %d", name, a.Code)
		}
		a.want(t, http.StatusUnprocessableEntity, c.says)
		a.holds(t, http.StatusUnprocessableEntity, `href="#`+c.at+`"`)
		if again := a.fill(t, saml, nil); again.Get("r-notes") == "" {
			t.Errorf("%s: what was typed is lost", name)
		}
		for _, raw := range []string{"dictionary", "is missing", "too\"", "recipes["} {
			if strings.Contains(a.Body.String(), raw) {
				t.Errorf("%s: the page says %q", name, raw)
			}
		}
	}
	if m := b.kept(t, "editeur-gar"); m.Version != version {
		t.Errorf("something was written: version %d", m.Version)
	}
}

func TestARecipeIsReadInTheLanguageOfWhoChangesIt(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller, b.lang = b.DRANE(), "en"
	form := b.get(t, saml).want(t, http.StatusOK, "The product knows each person by", "First name = PRE").fill(t, saml, url.Values{"r-noms": {"Prénom = PRENOM\nFamily name = NOM"}})
	b.get(t, b.post(t, saml, form).leads(t)).want(t, http.StatusOK, "First name, under the name PRENOM")
	if r := b.kept(t, "editeur-gar").Recipes[0]; len(r.Names) != 2 || r.Names["given_name"] != "PRENOM" || r.Names["family_name"] != "NOM" {
		t.Errorf("%+v", r.Names)
	}
	b.post(t, saml, b.get(t, saml).fill(t, saml, url.Values{"r-octets": {"-3"}})).want(t, http.StatusUnprocessableEntity, "Write a number of bytes")
}

func TestRecipesAreChangedByWhoKeepsTheCatalogueAlone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.caller = b.DRANE()
	const first, fresh = pix + "/recettes/1", pix + "/recettes/nouvelle"
	form := b.get(t, first).fill(t, first, url.Values{"r-notes": {"x"}})
	for name, who := range map[string]roles.Caller{
		"a head": b.Head(desktest.College), "the recteur": b.Recteur(), "the DPO": b.DPO(), "an administrator": b.Admin(), "an auditor": b.Auditor(),
		"a provider": b.Provider(), "on call": b.OnCall(), "a stranger": b.Stranger(),
	} {
		b.caller = who
		if page := b.get(t, pix); strings.Contains(page.Body.String(), "/recettes/") {
			t.Errorf("%s is offered to change one", name)
		}
		for _, path := range []string{first, fresh} {
			b.get(t, path).want(t, http.StatusForbidden)
			b.post(t, path, form).want(t, http.StatusForbidden)
		}
		b.post(t, first, url.Values{"acte": {"retirer"}, "etat": form["etat"]}).want(t, http.StatusForbidden)
	}
	if m := b.kept(t, "pix"); m.Recipes[0].Notes[0].FR == "x" || len(m.Recipes) == 0 {
		t.Errorf("%+v", m.Recipes)
	}
	b.caller = b.DRANE()
	for _, path := range []string{"/recettes/0", "/recettes/9", "/recettes/x"} {
		b.get(t, pix+path).want(t, http.StatusNotFound)
		b.post(t, pix+path, form).want(t, http.StatusNotFound)
	}
	b.post(t, first, form).leads(t)
	b.post(t, first, form).want(t, http.StatusConflict)
	b.post(t, first, url.Values{"acte": {"retirer"}}).want(t, http.StatusConflict)
	kept := b.kept(t, "pix")
	kept.ManagedBy = "modeles.yaml"
	b.Apply(t, registry.Change{Models: []registry.Model{kept}})
	b.get(t, first).want(t, http.StatusConflict, "tenu par un fichier")
	b.post(t, first, form).want(t, http.StatusConflict, "tenu par un fichier")
}
